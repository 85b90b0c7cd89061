package portal

import (
	"encoding/json"
	"fmt"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
)

// matterOf is what a motion is about and what is done when it is carried, in
// words, as far as the visitor may see what it names. Rules of a program are
// drawn apart.
func (v *visit) matterOf(tx *db.Tx, m board.Motion) ([]look.Fact, error) {
	var out []look.Fact
	if m.Object.Kind != "" {
		f, err := v.named(tx, "About", m.Object.Kind, m.Object.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	if len(m.Proposal) == 0 {
		return out, nil
	}
	if m.Kind == board.Exception {
		var in casework.Passage
		if json.Unmarshal(m.Proposal, &in) != nil {
			return out, nil
		}
		deed := "It can be invited to the case, although its class is shut out."
		if in.Revoke {
			deed = "It sees the case no longer, from its next request on."
		}
		f, err := v.named(tx, "For", "org", in.Org)
		return append(out, f, look.Fact{Term: "If carried", Text: deed}), err
	}
	in, ok := membership.Proposed(m)
	if !ok {
		return out, nil
	}
	where := look.Fact{Term: "In", Text: "the whole alliance"}
	if in.Program != "" {
		var err error
		if where, err = v.named(tx, "In", "program", in.Program); err != nil {
			return nil, err
		}
	}
	out = append(out, where)
	if in.Reason != "" {
		out = append(out, look.Fact{Term: "The member is told", Text: in.Reason})
	}
	if in.Sanction != "" {
		out = append(out, look.Fact{Term: "If carried", Text: "What the board imposed is taken back."})
	}
	return out, nil
}

// named is what a record is called and where it stands; what the visitor may
// not see has neither.
func (v *visit) named(tx *db.Tx, term, kind, id string) (look.Fact, error) {
	words := map[string]string{"org": "an organization", "program": "a program", "case": "a case", "application": "an application"}
	f, err := look.Fact{Term: term, Text: fmt.Sprintf("%s that you do not see", words[kind])}, error(nil)
	switch kind {
	case "org":
		var o orgs.Org
		if o, err = orgs.Get(tx, v.Actor, id); err == nil {
			f.Text, f.Href = o.Name+", "+string(o.Class), orgPath(o.ID)
		}
	case "program":
		var p programs.Program
		if p, err = programs.Get(tx, v.Actor, id); err == nil {
			f.Text, f.Href = p.Name, programPath(p.ID)
		}
	case "case":
		var c casework.Case
		if c, _, err = casework.Load(tx, v.Actor, id); err == nil {
			f.Text, f.Href = c.Number, casework.Path(c.Number)
		}
	case "application":
		var a membership.Application
		if a, err = membership.App(tx, v.Actor, id); err == nil {
			f.Text, f.Href = a.Number+", "+a.Name, applicationPath(a.Number)
		}
	default:
		f.Text = kind + " " + id
	}
	if errs.Is(err, errs.NotFound) {
		err = nil
	}
	return f, err
}
