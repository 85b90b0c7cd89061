package portal

import (
	"errors"
	"strings"

	"tocsin/internal/alliance/constituency"
	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/constituency"
)

// linesOf are the refused fields that a form does not show, such as the lines
// of a sheet, else what was said.
func linesOf(err error, said string) string {
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || said == "" {
		return said
	}
	var out []string
	for _, f := range e.Fields {
		if strings.HasPrefix(f.Name, "line ") && len(out) < 10 {
			out = append(out, "In "+f.Name+": "+f.Reason)
		}
	}
	if len(out) == 0 {
		return said
	}
	return strings.Join(out, " ")
}

// claimView is a claim with what the visitor may do about it.
type claimView struct {
	constituency.Claim
	speaks, judges bool
	laps           []constituency.Overlap
}

func (v *visit) loadClaim() (c claimView, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		if c.Claim, err = constituency.Get(tx, v.Actor, v.path("claim")); err != nil {
			return err
		}
		if c.speaks, err = constituency.Speaks(tx, v.Actor, c.Org); err != nil {
			return err
		}
		if c.judges, err = constituency.Judges(tx, v.Actor, c.Org); err != nil {
			return err
		}
		p, err := constituency.Overlaps(tx, v.Actor, constituency.OverlapFilter{Claim: c.ID, All: true, Limit: 100})
		c.laps = p.Overlaps
		return err
	})
	return c, err
}

func (v *visit) claimPage() error {
	c, err := v.loadClaim()
	if err != nil {
		return err
	}
	v.shows(delivery.Sight{URL: claimPath(c.ID)})
	data, _ := v.claimSheet(c)
	return v.show("sheet", data)
}

func (v *visit) claimFrame(c constituency.Claim, below string) look.Frame {
	f := v.allianceFrame(constituencyTab)
	f.Head = look.RecordHead{Kind: "claim", Marking: c.TLP.String(), Title: c.Spec().Words(), State: []look.Chip{claimChip(c.State)},
		Crumbs: []look.Link{{Label: "Constituency", Href: constituencyTab}, {Label: c.OrgName, Href: orgClaims(c.Org)}, {Label: c.Spec().Words()}}}
	if below != "" {
		f.Head.Crumbs[2].Href = claimPath(c.ID)
		f.Head.Crumbs = append(f.Head.Crumbs, look.Link{Label: below})
	}
	return f
}

// claimSheet draws a claim; the forms can be refused, by the last part of
// their address.
func (v *visit) claimSheet(c claimView) (sheet, map[string]*look.Form) {
	data := sheet{Frame: v.claimFrame(c.Claim, "")}
	forms := map[string]*look.Form{}
	facts := &look.Facts{Items: []look.Fact{{Term: "Organization", Text: c.OrgName, Href: orgPath(c.Org)}, {Term: "Kind", Text: claimKindWords[c.Kind]}}}
	add := func(term, text string) {
		if text != "" {
			facts.Items = append(facts.Items, look.Fact{Term: term, Text: text})
		}
	}
	if s, ok := spec.Claim.Describe(c.State); ok {
		add("Stands", s.Meaning)
	}
	add("Reason", c.Reason)
	add("Note", c.Note)
	add("Proven by", claimMethodWords[c.Method])
	add("Evidence", c.Evidence)
	if !c.Until.IsZero() {
		facts.Items = append(facts.Items, look.Fact{Term: "Proof holds until", Time: c.Until})
	}
	facts.Items = append(facts.Items, look.Fact{Term: "Claimed", Time: c.CreatedAt})
	if c.Inside != nil && c.Inside.Registry != "" {
		add("Registry's contact", c.Inside.Registry+", read at "+c.Inside.RegistrySource)
	}
	data.Parts = []part{{Facts: facts}}
	if len(c.laps) > 0 {
		data.Parts = append(data.Parts, part{Title: "Overlaps", Table: overlapTable(c.laps)})
	}
	if c.Inside != nil && c.State.Lives() {
		v.proofParts(&data, c, forms)
	}
	if c.judges && c.State.Lives() {
		judgeParts(&data, c, forms)
	}
	if c.speaks && c.State.Lives() {
		data.Head.Actions = []look.Button{{Label: "Withdraw…", Href: claimPath(c.ID) + "/withdraw"}}
	}
	return data, forms
}

// proofParts say what proves the claim, and ask for it.
func (v *visit) proofParts(data *sheet, c claimView, forms map[string]*look.Form) {
	p := part{Title: "Proof"}
	if c.State.Answers() {
		p.Title = "Renew the proof"
	}
	ch := c.Inside.Challenge
	switch {
	case ch != nil && ch.Method == constituency.DNS:
		p.Lede = "Set this TXT record, then check it. It may go once the claim is proven."
		p.Facts = &look.Facts{Items: []look.Fact{{Term: "Name", Text: ch.Record, Code: true}, {Term: "TXT", Text: ch.Text, Code: true}, {Term: "Until", Time: ch.Until}}}
	case ch != nil:
		p.Lede = "A link is on its way; whoever reads it says yes or no."
		p.Facts = &look.Facts{Items: []look.Fact{{Term: "Sent to", Text: ch.To}, {Term: "Until", Time: ch.Until}}}
	case c.Kind.Network():
		p.Lede = "Choose how to prove it. Where the network is closed, a coordinator confirms it with a note."
	default:
		p.Lede = "A coordinator who does not belong to the organization confirms it with a note."
	}
	if c.Inside.CheckNote != "" {
		data.Notices = append(data.Notices, look.Notice{Tone: look.Waiting, Title: "Last check", Text: c.Inside.CheckNote})
	}
	if c.speaks {
		path := claimPath(c.ID)
		if ch != nil && ch.Method == constituency.DNS {
			p.Buttons = append(p.Buttons, look.Button{Label: "Check the record now", Kind: look.Primary, Action: path + "/check"})
		}
		if c.Kind == spec.Domain {
			label := "Prove it by a record"
			if ch != nil && ch.Method == constituency.DNS {
				label = "Ask for another record"
			}
			p.Buttons = append(p.Buttons, look.Button{Label: label, Action: path + "/record"})
		}
		if known := c.Addresses(); len(known) > 0 {
			to := look.Field{Kind: look.Select, Name: "address", Label: "Mail address"}
			for _, a := range known {
				to.Options = append(to.Options, look.Option{Value: a, Label: a, On: a == v.form("address")})
			}
			f := look.Form{Title: "Prove it by mail", Lede: "Whoever reads the mail says yes or no on a page that the link opens.", Action: path + "/mail", Button: look.Button{Label: "Send the link"}, Fields: []look.Field{to}}.Keyed("mail")
			p.Form, forms["mail"] = &f, &f
		}
	}
	data.Parts = append(data.Parts, p)
}

// judgeParts are what a coordinator decides.
func judgeParts(data *sheet, c claimView, forms map[string]*look.Form) {
	path := claimPath(c.ID)
	keep := func(name string, f look.Form) {
		f.Action = path + "/" + name
		keyed := f.Keyed(name)
		forms[name] = &keyed
		data.Parts = append(data.Parts, part{Form: &keyed})
	}
	if _, ok := spec.Claim.Next(c.State, spec.Confirm); ok {
		keep("confirm", look.Form{Title: "Confirm it", Lede: "Your word proves the claim for a year. Nobody confirms what they entered or what their own organization claims.", Button: look.Button{Label: "Confirm the claim"},
			Fields: []look.Field{{Kind: look.Area, Name: "note", Label: "What it rests on", Hint: "The organization reads it.", Rows: 3, Max: 2000}}})
	}
	if c.Kind.Network() {
		keep("registry", look.Form{Title: "Note the registry's contact", Button: look.Button{Label: "Keep the contact"}, Fields: []look.Field{
			{Kind: "email", Name: "address", Label: "Mail address", Value: c.Inside.Registry, Max: 254}, {Name: "source", Label: "Where the registry names it", Value: c.Inside.RegistrySource, Max: 500}}})
	}
	if _, ok := spec.Claim.Next(c.State, spec.Refuse); ok {
		keep("refuse", look.Form{Title: "Refuse it", Button: look.Button{Label: "Refuse the claim", Kind: look.Danger},
			Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "Why", Hint: "The organization reads it.", Rows: 3, Max: 2000}}})
	}
}
