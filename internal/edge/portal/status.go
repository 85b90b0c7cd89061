package portal

import (
	"strconv"
	"strings"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/vex"
)

type statusPage struct {
	look.Frame
	Form   look.Form
	Theirs *matrix.Status // what somebody else wrote meanwhile
}

// statusForm asks where a party stands on one vulnerability.
func (v *visit) statusForm() error {
	var p partyView
	err := v.read(func(tx *db.Tx) (err error) {
		p, err = v.loadParty(tx)
		return err
	})
	if err != nil {
		return err
	}
	if !p.Says || p.Row == nil {
		return errs.New(errs.Denied, "Only %s itself or a coordinator may set its status.", p.Party.Name)
	}
	if len(p.Board.Vulnerabilities) == 0 {
		return errs.New(errs.Conflict, "The case lists no vulnerability yet; a coordinator adds the first.")
	}
	in := matrix.Status{Vulnerability: v.query("vulnerability"), Product: v.query("product")}
	if in.Vulnerability == "" {
		in.Vulnerability = p.Board.Vulnerabilities[0].ID
	}
	if s := spoken(p, in); s != nil {
		in = *s
	}
	return v.show("status", v.statusPage(p, in))
}

// spoken is what stands in the cell that in names, nil for an empty one.
func spoken(p partyView, in matrix.Status) *matrix.Status {
	for i, vuln := range p.Board.Vulnerabilities {
		if vuln.ID != in.Vulnerability {
			continue
		}
		if in.Product == "" {
			return p.Row.Cells[i].All
		}
		return statusOf(p.Row.Cells[i], in.Product)
	}
	return nil
}

func (v *visit) statusPage(p partyView, in matrix.Status) statusPage {
	data := statusPage{Frame: v.caseFrame(p.caseView, "/vendors")}
	data.Head.Crumbs = []look.Link{{Label: "Vendors", Href: casework.Path(p.Number) + "/vendors"}, {Label: p.Party.Name, Href: p.path()}, {Label: "Status"}}
	data.Narrow = true
	title := "Where " + p.Party.Name + " stands"
	if !p.IsOwn {
		title += " (you set it on its behalf, and it is marked so)"
	}
	data.Form = look.Form{Title: title, Action: p.path() + "/status", Button: look.Button{Label: "Set status"}, Cancel: &look.Link{Label: "Back", Href: p.path()}, Draft: "status-" + p.Party.ID + in.Vulnerability + in.Product,
		Marking: p.Level.String(), Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(in.Version, 10)}}, Fields: statusFields(p, in)}
	return data
}

func statusFields(p partyView, in matrix.Status) []look.Field {
	vuln := look.Field{Kind: look.Select, Name: "vulnerability", Label: "Vulnerability"}
	for _, x := range p.Board.Vulnerabilities {
		vuln.Options = append(vuln.Options, look.Option{Value: x.ID, Label: strings.TrimSpace(x.Label + " " + x.CVE + " " + x.Title), On: x.ID == in.Vulnerability})
	}
	product := look.Field{Kind: look.Select, Name: "product", Label: "For", Options: []look.Option{{Value: "", Label: "all products", On: in.Product == ""}}}
	for _, x := range p.Row.Products {
		product.Options = append(product.Options, look.Option{Value: x.ID, Label: x.Name, On: x.ID == in.Product})
	}
	status := look.Field{Kind: look.Radio, Name: "status", Label: "Status"}
	for _, s := range []vex.Status{vex.Investigating, vex.Affected, vex.NotAffected, vex.Fixed} {
		status.Options = append(status.Options, look.Option{Value: string(s), Label: s.Glyph() + " " + s.Label(), On: s == in.Status})
	}
	why := look.Field{Kind: look.Select, Name: "justification", Label: "Why not affected", Hint: "For not affected only; or say it in the statement.", Optional: true, Options: []look.Option{{Value: "", Label: "–", On: in.Justification == ""}}}
	for _, j := range vex.Justifications {
		why.Options = append(why.Options, look.Option{Value: string(j), Label: j.Label(), On: j == in.Justification})
	}
	return []look.Field{vuln, product, status, why,
		{Kind: look.Area, Name: "affected_versions", Label: "Affected versions", Hint: "One a line, as they stand in your release notes.", Value: strings.Join(in.Affected, "\n"), Optional: true, Rows: 3},
		{Kind: look.Area, Name: "fixed_versions", Label: "Fixed versions", Hint: "One a line.", Value: strings.Join(in.Fixed, "\n"), Optional: true, Rows: 3},
		{Kind: look.Area, Name: "statement", Label: "Statement", Hint: "Markdown. It may stand in the advisory.", Value: in.Statement, Optional: true, Rows: 8, Max: 20000}}
}

func (v *visit) setStatus() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := strconv.ParseInt(v.form("version"), 10, 64)
	if err != nil {
		return errs.New(errs.Malformed, "The form lost its version; open it again.")
	}
	in := matrix.Status{Participant: v.path("participant"), Vulnerability: v.form("vulnerability"), Product: v.form("product"), Status: vex.Status(v.form("status")), Justification: vex.Justification(v.form("justification")),
		Affected: lines(v.form("affected_versions")), Fixed: lines(v.form("fixed_versions")), Statement: v.form("statement"), Version: version}
	err = v.write(func(tx *db.Tx) error {
		_, err := matrix.SetStatus(tx, v.Actor, v.path("number"), in)
		return err
	})
	if err == nil {
		return v.next(casework.Path(v.path("number"))+"/vendors/"+v.path("participant"), "The status is set.")
	}
	var p partyView
	if e := v.read(func(tx *db.Tx) (err error) { p, err = v.loadParty(tx); return err }); e != nil || p.Row == nil || !p.Says {
		return err
	}
	data := v.statusPage(p, in)
	if theirs, ok := stale[matrix.Status](err); ok {
		// Saving again now is a decision against theirs, made knowingly.
		data.Theirs = &theirs
		data.Form.Hidden[0].Value = strconv.FormatInt(theirs.Version, 10)
	}
	fault(&data.Form, err)
	return v.again(err, "status", data)
}
