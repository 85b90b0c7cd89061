package portal

import (
	"net/url"
	"strings"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/membership"
)

const standingPath = "/alliance/standing"

var standingTones = map[spec.Standing]look.Tone{spec.Good: look.Good, spec.Warned: look.Waiting, spec.Reduced: look.Waiting, spec.Lapsed: look.Waiting, spec.Suspended: look.Bad, spec.Removed: look.Bad}

func standingChip(s spec.Standing) *look.Chip {
	return &look.Chip{Label: s.Label(), Tone: standingTones[s]}
}

func (v *visit) standingFilter() membership.StandingFilter {
	q := v.r.URL.Query()
	f := membership.StandingFilter{Program: q.Get("program"), Org: q.Get("organization"), Standing: spec.Standing(q.Get("standing")), Renewing: q.Get("renewing") != "", Appealed: q.Get("appealed") != "", Prefix: q.Get("q"),
		Desc: q.Get("desc") != "", After: q.Get("cursor"), Limit: 100}
	if s := q.Get("sort"); s != "name" {
		f.Sort = membership.StandingSort(s)
	}
	return f
}

// standingPage lists how members stand, as far as the visitor may know: staff
// all, everybody else their own organizations.
func (v *visit) standingPage() error {
	var page membership.StandingPage
	var all []programs.Program
	err := v.read(func(tx *db.Tx) (err error) {
		if page, err = membership.Members(tx, v.Actor, v.standingFilter()); err != nil {
			return err
		}
		all, err = programs.List(tx, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	data := sheet{Frame: v.allianceFrame(standingPath)}
	t := &look.Table{ID: "members", Caption: "Standing of members", Hidden: true, Pager: &look.Pager{}, Empty: &look.Empty{Text: "No membership fits."},
		Columns: []look.Column{sortBy(q, "name", "Organization"), {Label: "Program"}, {Label: "Standing"}, sortBy(q, "due", "Term ends"), {Label: "Still missing"}},
		Exports: []look.Link{{Label: "CSV", Href: standingPath + ".csv?" + q.Encode()}}}
	t.Columns[1].Wide = true
	for _, l := range page.Members {
		standing := look.Cell{Chip: standingChip(l.Standing)}
		if l.Because != "" {
			standing.Sub = "because of " + l.Because
		}
		due := look.Cell{Time: l.Due}
		if l.Due.IsZero() {
			due = look.Cell{Text: "without end"}
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: l.OrgName, Href: gate.StandingPath(l.Ref())}, {Text: l.ProgramName}, standing, due, {Text: missingWords(l)}}})
	}
	if page.Next != "" {
		next := v.r.URL.Query()
		next.Set("cursor", page.Next)
		t.Pager.Next = standingPath + "?" + next.Encode()
	}
	data.Parts = []part{{Chips: standingChips(q), Search: standingSearch(q, all), Table: t}}
	return v.show("sheet", data)
}

var renewalSteps = map[membership.StepKind]string{membership.StepFee: "fee", membership.StepAgreements: "agreements", membership.StepEvidence: "evidence", membership.StepContacts: "contacts"}

func missingWords(l membership.MemberLine) string {
	if !l.Renewing() {
		return "–"
	}
	var out []string
	for _, s := range l.Missing {
		out = append(out, renewalSteps[s.Kind])
	}
	if len(out) == 0 {
		return "nothing: renew it"
	}
	return strings.Join(out, ", ")
}

func standingSearch(q url.Values, all []programs.Program) *look.Form {
	f := &look.Form{Get: true, Action: standingPath, Button: look.Button{Label: "Find"}}
	program := look.Field{Kind: look.Select, Name: "program", Label: "Program", Optional: true, Options: []look.Option{{Value: "", Label: "all", On: q.Get("program") == ""}, {Value: membership.Whole, Label: "the whole alliance", On: q.Get("program") == membership.Whole}}}
	for _, p := range all {
		program.Options = append(program.Options, look.Option{Value: p.ID, Label: p.Name, On: q.Get("program") == p.ID})
	}
	f.Fields = []look.Field{{Kind: "search", Name: "q", Label: "Name begins with", Value: q.Get("q"), Optional: true, Short: true, Max: 200}, program}
	for _, key := range []string{"standing", "renewing", "appealed"} {
		if q.Get(key) != "" {
			f.Hidden = append(f.Hidden, look.Hidden{Name: key, Value: q.Get(key)})
		}
	}
	return f
}

// standingChips narrow the list to one standing, to running renewals or to
// appeals, or lift that.
func standingChips(q url.Values) []look.Chip {
	chip := func(label, key, value string) look.Chip {
		next := url.Values{}
		for _, k := range []string{"q", "program", "sort", "desc"} {
			if q.Get(k) != "" {
				next.Set(k, q.Get(k))
			}
		}
		on := key != "" && q.Get(key) == value || key == "" && q.Get("standing") == "" && q.Get("renewing") == "" && q.Get("appealed") == ""
		if key != "" {
			next.Set(key, value)
		}
		c := look.Chip{Label: label, Href: standingPath + "?" + next.Encode()}
		if on {
			c.Label, c.Tone = "✓ "+label, look.Info
		}
		return c
	}
	out := []look.Chip{chip("all", "", ""), chip("renewal asked for", "renewing", "1"), chip("appealed", "appealed", "1")}
	for _, s := range spec.Standings {
		out = append(out, chip(strings.ToLower(s.Label()), "standing", string(s)))
	}
	return out
}

// standingCSV exports the same.
func (v *visit) standingCSV() error {
	var list []membership.MemberLine
	err := v.read(func(tx *db.Tx) (err error) {
		list, err = membership.AllMembers(tx, v.Actor, v.standingFilter())
		return err
	})
	if err != nil {
		return err
	}
	download(v.w, "memberships.csv")
	return membership.WriteStandingCSV(v.w, list)
}
