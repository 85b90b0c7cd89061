package portal

import (
	"strconv"

	"tocsin/internal/alliance/constituency"
	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/constituency"
)

func overlapTable(list []constituency.Overlap) *look.Table {
	t := &look.Table{ID: "overlaps", Caption: "Overlaps", Hidden: true, Whole: true, Empty: &look.Empty{Text: "Nothing overlaps."},
		Columns: []look.Column{{Label: "Overlap"}, {Label: "First"}, {Label: "Second"}, {Label: "State"}, {Label: "Since"}}}
	for _, x := range list {
		chip := overlapChip(x)
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: overlapTitle(x), Href: overlapPath(x.ID)}, {Text: x.First.OrgName}, {Text: x.Second.OrgName}, {Chip: &chip}, {Time: x.MadeAt}}})
	}
	return t
}

func overlapTitle(x constituency.Overlap) string {
	if x.Relation == spec.Equal {
		return x.First.Spec().Words()
	}
	return x.First.Spec().Words() + " " + relationWords[x.Relation] + " " + x.Second.Spec().Words()
}

// overlapsPage lists all overlaps, settled ones too where that is asked for.
func (v *visit) overlapsPage() error {
	var page constituency.OverlapPage
	f := constituency.OverlapFilter{All: v.query("all") != "", After: v.query("cursor"), Limit: 100}
	err := v.read(func(tx *db.Tx) (err error) {
		page, err = constituency.Overlaps(tx, v.Actor, f)
		return err
	})
	if err != nil {
		return err
	}
	data := sheet{Frame: v.allianceFrame(constituencyTab)}
	data.Head = look.RecordHead{Title: "Overlaps", Crumbs: []look.Link{{Label: "Constituency", Href: constituencyTab}, {Label: "Overlaps"}}}
	t := overlapTable(page.Overlaps)
	if page.Next != "" {
		next := v.r.URL.Query()
		next.Set("cursor", page.Next)
		t.Whole, t.Pager = false, &look.Pager{Next: "/alliance/constituency/overlaps?" + next.Encode()}
	}
	chips := []look.Chip{{Label: "✓ to be settled", Href: "?", Tone: look.Info}, {Label: "all", Href: "?all=1"}}
	if f.All {
		chips = []look.Chip{{Label: "to be settled", Href: "?"}, {Label: "✓ all", Href: "?all=1", Tone: look.Info}}
	}
	data.Parts = []part{{Chips: chips, Table: t}}
	return v.show("sheet", data)
}

func (v *visit) overlapPage() error {
	data, _, err := v.overlapSheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

// overlapSheet draws an overlap; the forms can be refused.
func (v *visit) overlapSheet() (sheet, map[string]*look.Form, error) {
	var x constituency.Overlap
	judges, own := false, false
	err := v.read(func(tx *db.Tx) (err error) {
		if x, err = constituency.OverlapOf(tx, v.Actor, v.path("overlap")); err != nil {
			return err
		}
		if judges, err = constituency.Judges(tx, v.Actor, x.First.Org, x.Second.Org); err != nil {
			return err
		}
		for _, c := range []constituency.Claim{x.First, x.Second} {
			speaks, err := constituency.Speaks(tx, v.Actor, c.Org)
			if err != nil {
				return err
			}
			own = own || speaks && v.Actor.Holds(audience.Org, c.Org)
		}
		return nil
	})
	if err != nil {
		return sheet{}, nil, err
	}
	v.shows(delivery.Sight{URL: overlapPath(x.ID)})
	data := sheet{Frame: v.allianceFrame(constituencyTab)}
	data.Head = look.RecordHead{Kind: "overlap", Marking: max(x.First.TLP, x.Second.TLP).String(), Title: overlapTitle(x), State: []look.Chip{overlapChip(x)},
		Crumbs: []look.Link{{Label: "Constituency", Href: constituencyTab}, {Label: "Overlaps", Href: "/alliance/constituency/overlaps"}, {Label: "Overlap"}}}
	t := &look.Table{ID: "claims", Caption: "The two claims", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Claim"}, {Label: "Organization"}, {Label: "State"}, {Label: "Proven by"}, {Label: "Claimed"}}}
	for _, c := range []constituency.Claim{x.First, x.Second} {
		chip := claimChip(c.State)
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: c.Spec().Words(), Href: claimPath(c.ID)}, {Text: c.OrgName, Href: orgPath(c.Org)}, {Chip: &chip}, {Text: claimMethodWords[c.Method]}, {Time: c.CreatedAt}}})
	}
	facts := &look.Facts{Items: []look.Fact{{Term: "Found", Time: x.MadeAt}}}
	if x.Decision != "" {
		facts.Items = append(facts.Items, look.Fact{Term: "Decision", Text: decisionWords[x.Decision]})
	}
	if x.Reason != "" {
		facts.Items = append(facts.Items, look.Fact{Term: "Reason", Text: x.Reason})
	}
	if !x.DecidedAt.IsZero() {
		facts.Items = append(facts.Items, look.Fact{Term: "Decided", Time: x.DecidedAt})
	}
	data.Parts = []part{{Table: t}, {Facts: facts}}
	forms := map[string]*look.Form{}
	if judges {
		f := v.settleForm(x)
		forms["settle"] = f
		data.Parts = append(data.Parts, part{Form: f})
	}
	if (judges || own) && x.State != constituency.Contested {
		f := look.Form{Title: "Dispute it", Lede: "Proven claims of the two are marked as disputed until coordinators settle it. They go on saying who answers.", Action: overlapPath(x.ID) + "/dispute", Button: look.Button{Label: "Dispute the overlap", Kind: look.Danger},
			Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "What is in dispute", Value: v.form("reason"), Rows: 3, Max: 2000}}}.Keyed("dispute")
		forms["dispute"] = &f
		data.Parts = append(data.Parts, part{Form: &f})
	}
	return data, forms, nil
}

func (v *visit) settleForm(x constituency.Overlap) *look.Form {
	chosen := v.form("decision")
	how := look.Field{Kind: look.Radio, Name: "decision", Label: "Decision"}
	for _, d := range constituency.Decisions {
		if d == constituency.Split && x.Relation == spec.Equal {
			continue
		}
		how.Options = append(how.Options, look.Option{Value: string(d), Label: decisionWords[d], On: chosen == string(d)})
	}
	owner := look.Field{Kind: look.Select, Name: "owner", Label: "To whom it belongs", Hint: "Where it belongs to one of them; the other claim is refused.", Optional: true, Options: []look.Option{{Label: "–"}}}
	for _, c := range []constituency.Claim{x.First, x.Second} {
		owner.Options = append(owner.Options, look.Option{Value: c.ID, Label: c.OrgName + ": " + c.Spec().Words(), On: c.ID == v.form("owner")})
	}
	f := look.Form{Title: "Settle it", Action: overlapPath(x.ID) + "/settle", Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(x.Version, 10)}}, Button: look.Button{Label: "Settle the overlap", Kind: look.Primary},
		Fields: []look.Field{how, owner, {Kind: look.Area, Name: "reason", Label: "Why", Hint: "Both organizations read it.", Value: v.form("reason"), Rows: 3, Max: 2000}}}.Keyed("settle")
	return &f
}

func (v *visit) overlapDeed(form, done string, f func(tx *db.Tx) error) error {
	err := v.write(f)
	if err == nil {
		return v.next(overlapPath(v.path("overlap")), done)
	}
	data, forms, e := v.overlapSheet()
	if e != nil || forms[form] == nil {
		return err
	}
	fault(forms[form], err)
	return v.again(err, "sheet", data)
}

func (v *visit) settleOverlap() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	return v.overlapDeed("settle", "The overlap is settled.", func(tx *db.Tx) error {
		_, err := constituency.Settle(tx, v.Actor, v.path("overlap"), constituency.Settlement{Decision: constituency.Decision(v.form("decision")), Owner: v.form("owner"), Reason: v.form("reason"), Version: version})
		return err
	})
}

func (v *visit) disputeOverlap() error {
	if err := v.parse(); err != nil {
		return err
	}
	return v.overlapDeed("dispute", "The overlap is in dispute.", func(tx *db.Tx) error {
		_, err := constituency.Contest(tx, v.Actor, v.path("overlap"), v.form("reason"))
		return err
	})
}
