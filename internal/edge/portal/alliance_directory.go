package portal

import (
	"encoding/csv"
	"net/url"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/text"
)

// allianceTabs lead through the alliance's pages.
var allianceTabs = []look.Tab{
	{Label: "Organizations", Href: "/alliance"},
	{Label: "Programs", Href: "/alliance/programs"},
	{Label: "Contacts", Href: contactsTab},
	{Label: "Agreements", Href: agreementsPath},
	{Label: "Constituency", Href: constituencyTab},
	{Label: "Applications", Href: applicationsPath},
	{Label: "Standing", Href: standingPath},
	{Label: "Board", Href: boardPath},
	{Label: "Roadmap", Href: roadmapPath},
	{Label: "Invitations", Href: "/alliance/invitations"},
}

// allianceFrame is the frame of one of the alliance's pages.
func (v *visit) allianceFrame(tab string) look.Frame {
	f := v.frame("/alliance")
	f.Head = look.RecordHead{Title: "Alliance"}
	for _, t := range allianceTabs {
		if t.Href == "/alliance/invitations" && !charter.Administers(v.Actor) {
			continue
		}
		if t.Href == boardPath && !v.seesBoard() {
			continue
		}
		t.Current = t.Href == tab
		if t.Href == roadmapPath && !v.seesBoard() {
			t.Href = "/roadmap"
		}
		f.Head.Tabs = append(f.Head.Tabs, t)
	}
	return f
}

// staff reports whether the visitor sees organizations that are no members:
// those who hold an alliance role do.
func (v *visit) staff() bool {
	for _, r := range charter.Roles {
		if v.Actor.Holds(audience.Office, r) {
			return true
		}
	}
	return false
}

// directoryFilter reads what the address asks for. Organizations that are
// merely known stand apart from the members.
func (v *visit) directoryFilter() orgs.Filter {
	q := v.r.URL.Query()
	f := orgs.Filter{Listed: !v.staff() || q.Get("known") == "", Class: orgs.Class(q.Get("class")), Prefix: q.Get("q"), Desc: q.Get("desc") != "", After: q.Get("cursor"), Limit: 100}
	if s := q.Get("sort"); s != "name" {
		f.Sort = orgs.Sort(s)
	}
	return f
}

// directory lists the organizations of the alliance.
func (v *visit) directory() error {
	filter := v.directoryFilter()
	var page orgs.Page
	err := v.read(func(tx *db.Tx) (err error) {
		page, err = orgs.List(tx, v.Actor, filter)
		return err
	})
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	data := sheet{Frame: v.allianceFrame("/alliance")}
	if charter.Administers(v.Actor) {
		data.Head.Actions = []look.Button{{Label: "Add an organization", Href: "/alliance/organizations/new"}}
	}
	t := &look.Table{ID: "organizations", Caption: "Organizations", Hidden: true, Pager: &look.Pager{}, Empty: &look.Empty{Text: "No organization fits."},
		Columns: []look.Column{sortBy(q, "name", "Organization"), sortBy(q, "class", "Class"), {Label: "Website"}, {Label: "Contact"}, sortBy(q, "since", "Since")},
		Exports: []look.Link{{Label: "CSV", Href: "/alliance/organizations.csv?" + q.Encode()}}}
	t.Columns[0].Wide = true
	for _, o := range page.Orgs {
		name := look.Cell{Text: o.Name, Href: orgPath(o.ID)}
		if o.State != orgs.Active {
			name.Sub = string(o.State)
		} else if !o.Listed {
			name.Sub = "known, not a member"
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{name, {Chip: &look.Chip{Label: classWords[o.Class]}}, {Text: o.Website}, {Text: o.Email}, {Time: o.CreatedAt}}})
	}
	if page.Next != "" {
		next := v.r.URL.Query()
		next.Set("cursor", page.Next)
		t.Pager.Next = "/alliance?" + next.Encode()
	}
	data.Parts = []part{{Chips: v.classChips(q), Search: directorySearch(q), Table: t}}
	return v.show("sheet", data)
}

func directorySearch(q url.Values) *look.Form {
	f := &look.Form{Get: true, Action: "/alliance", Button: look.Button{Label: "Find"}, Fields: []look.Field{{Kind: "search", Name: "q", Label: "Name begins with", Value: q.Get("q"), Optional: true, Short: true, Max: 200}}}
	for _, key := range []string{"class", "known"} {
		if q.Get(key) != "" {
			f.Hidden = append(f.Hidden, look.Hidden{Name: key, Value: q.Get(key)})
		}
	}
	return f
}

// classChips narrow the directory to one class, or lift that.
func (v *visit) classChips(q url.Values) []look.Chip {
	chip := func(label, key, value string) look.Chip {
		next := url.Values{}
		for _, k := range []string{"q", "class", "known", "sort", "desc"} {
			if q.Get(k) != "" {
				next.Set(k, q.Get(k))
			}
		}
		next.Set(key, value)
		if value == "" {
			next.Del(key)
		}
		c := look.Chip{Label: label, Href: "/alliance?" + next.Encode()}
		if q.Get(key) == value {
			c.Label, c.Tone = "✓ "+label, look.Info
		}
		return c
	}
	chips := []look.Chip{chip("all classes", "class", "")}
	for _, c := range orgs.Classes {
		chips = append(chips, chip(classWords[c], "class", string(c)))
	}
	if v.staff() {
		chips = append(chips, chip("members only", "known", ""), chip("also known ones", "known", "1"))
	}
	return chips
}

// maxExport bounds an export of the directory.
const maxExport = 20000

// directoryCSV exports what the directory's filter shows, all pages of it.
func (v *visit) directoryCSV() error {
	filter := v.directoryFilter()
	var list []orgs.Org
	err := v.read(func(tx *db.Tx) (err error) {
		list, err = db.AllPages(maxExport, func(after string) ([]orgs.Org, string, error) {
			filter.After, filter.Limit = after, 500
			page, err := orgs.List(tx, v.Actor, filter)
			return page.Orgs, page.Next, err
		})
		return err
	})
	if err != nil {
		return err
	}
	download(v.w, "organizations.csv")
	out := csv.NewWriter(v.w)
	rows := [][]string{{"id", "name", "class", "listed", "state", "website", "email", "domains", "since"}}
	for _, o := range list {
		listed := "no"
		if o.Listed {
			listed = "yes"
		}
		rows = append(rows, []string{o.ID, text.Cell(o.Name), string(o.Class), listed, string(o.State), text.Cell(o.Website), text.Cell(o.Email), text.Cell(strings.Join(o.Domains, " ")), text.Instant(o.CreatedAt)})
	}
	return out.WriteAll(rows)
}

func orgPath(orgID string) string { return "/alliance/organizations/" + orgID }
