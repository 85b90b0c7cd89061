package portal

import (
	"net/netip"
	"net/url"
	"strings"

	"tocsin/internal/alliance/constituency"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/constituency"
)

const constituencyTab = "/alliance/constituency"

func (v *visit) claimFilter() constituency.Filter {
	q := v.r.URL.Query()
	return constituency.Filter{Org: q.Get("org"), Kind: spec.Kind(q.Get("kind")), State: spec.State(q.Get("state")), Text: q.Get("text"),
		Sort: constituency.Sort(strings.TrimPrefix(q.Get("sort"), "value")), Desc: q.Get("desc") != "", After: q.Get("cursor"), Limit: 100}
}

// constituencyPage asks who answers, and lists the claims.
func (v *visit) constituencyPage() error {
	var page constituency.Page
	var answer constituency.Answer
	var open []constituency.Overlap
	question := v.query("q")
	var refused error
	err := v.read(func(tx *db.Tx) (err error) {
		if page, err = constituency.List(tx, v.Actor, v.claimFilter()); err != nil {
			return err
		}
		if p, err := constituency.Overlaps(tx, v.Actor, constituency.OverlapFilter{Limit: 100}); err != nil {
			return err
		} else {
			open = p.Overlaps
		}
		if question != "" {
			answer, refused = constituency.WhoAnswersFor(tx, v.Actor, question)
		}
		return nil
	})
	if err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame(constituencyTab)}
	ask := &look.Form{Get: true, Action: constituencyTab, Button: look.Button{Label: "Who answers?"}, Fields: []look.Field{{Kind: "search", Name: "q", Label: "Address, block, AS number, domain or country", Value: question, Max: 2000, Short: true}}}
	fault(ask, refused)
	if refused != nil {
		ask.Fields[0].Error = refused.Error()
	}
	first := part{Search: ask}
	if question != "" && refused == nil {
		first.Table = answerTable(answer)
		if answer.Note != "" {
			data.Notices = []look.Notice{{Text: answer.Note}}
		}
	}
	data.Parts = []part{first}
	if len(open) > 0 {
		data.Parts = append(data.Parts, part{Title: "Overlaps to be settled", Table: overlapTable(open)})
	}
	data.Parts = append(data.Parts, part{Title: "What organizations answer for", Chips: v.claimChips(), Table: v.claimTable(page, constituencyTab, true)})
	if refused != nil {
		return v.again(refused, "sheet", data)
	}
	return v.show("sheet", data)
}

func answerTable(a constituency.Answer) *look.Table {
	t := &look.Table{ID: "answer", Caption: "Who answers for " + asked(a), Whole: true, Empty: &look.Empty{Text: "Nobody that you may know of."},
		Columns: []look.Column{{Label: "Organization"}, {Label: "By its claim to"}, {Label: "State"}, {Label: "Call"}}}
	for i, c := range a.Claims {
		name := look.Cell{Text: c.OrgName, Href: orgPath(c.Org)}
		if i < a.First {
			name.Sub = "answers first"
		}
		chip := claimChip(c.State)
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{name, {Text: c.Spec().Words(), Href: claimPath(c.ID)}, {Chip: &chip}, {Text: "Contacts", Href: orgContactsPath(c.Org)}}})
	}
	return t
}

// asked is what was asked for, as people write it: a block of one is an
// address.
func asked(a constituency.Answer) string {
	if p, err := netip.ParsePrefix(a.Value); a.Kind == spec.Prefix && err == nil && p.IsSingleIP() {
		return p.Addr().String()
	}
	return spec.Value{Kind: a.Kind, Text: a.Value}.Words()
}

func (v *visit) claimTable(page constituency.Page, path string, named bool) *look.Table {
	q := v.r.URL.Query()
	t := &look.Table{ID: "claims", Caption: "Claims", Hidden: true, Pager: &look.Pager{}, Empty: &look.Empty{Text: "No claim fits."}}
	t.Columns = []look.Column{sortBy(q, "value", "What"), {Label: "Kind"}, {Label: "State"}, sortBy(q, "until", "Proven until"), {Label: "Marking"}}
	if named {
		t.Columns = append(t.Columns, sortBy(q, "org", "Organization"))
	}
	for _, c := range page.Claims {
		chip := claimChip(c.State)
		cells := []look.Cell{{Text: c.Spec().Words(), Href: claimPath(c.ID)}, {Text: claimKindWords[c.Kind]}, {Chip: &chip}, {Time: c.Until}, {Marking: c.TLP.String()}}
		if named {
			cells = append(cells, look.Cell{Text: c.OrgName, Href: orgClaims(c.Org)})
		}
		t.Rows = append(t.Rows, look.Row{Cells: cells})
	}
	if page.Next != "" {
		next := v.r.URL.Query()
		next.Set("cursor", page.Next)
		t.Pager.Next = path + "?" + next.Encode()
	}
	export := v.r.URL.Query()
	export.Del("q")
	export.Del("cursor")
	if !named {
		export.Set("org", v.path("org"))
	}
	t.Exports = []look.Link{{Label: "CSV", Href: "/alliance/constituency.csv?" + export.Encode()}}
	return t
}

// claimChips narrow the list to a kind or a state, or lift that.
func (v *visit) claimChips() []look.Chip {
	q := v.r.URL.Query()
	chip := func(label, key, value string) look.Chip {
		next := url.Values{}
		for _, k := range []string{"kind", "state", "org", "text"} {
			if q.Get(k) != "" {
				next.Set(k, q.Get(k))
			}
		}
		next.Set(key, value)
		if value == "" {
			next.Del(key)
		}
		c := look.Chip{Label: label, Href: "?" + next.Encode()}
		if q.Get(key) == value {
			c.Label, c.Tone = "✓ "+label, look.Info
		}
		return c
	}
	chips := []look.Chip{chip("all kinds", "kind", "")}
	for _, k := range spec.Kinds {
		chips = append(chips, chip(claimKindWords[k], "kind", string(k)))
	}
	chips = append(chips, chip("all that stand", "state", ""))
	for _, s := range spec.Claim.States() {
		chips = append(chips, chip(string(s), "state", string(s)))
	}
	return chips
}

func (v *visit) constituencyCSV() error {
	f := v.claimFilter()
	var list []constituency.Claim
	err := v.read(func(tx *db.Tx) (err error) {
		list, err = constituency.Every(tx, v.Actor, f)
		return err
	})
	if err != nil {
		return err
	}
	download(v.w, "constituency.csv")
	return constituency.WriteCSV(v.w, list)
}
