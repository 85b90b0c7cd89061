package portal

import (
	"fmt"
	"strconv"
	"strings"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/prose"
)

// acceptQuestion asks before an acceptance, naming for whom, and shows the
// text that is accepted.
func (v *visit) acceptQuestion(textID, orgID string) (sheet, agreements.Agreement, error) {
	var g agreements.Agreement
	var voices []agreements.Voice
	err := v.read(func(tx *db.Tx) (err error) {
		if g, err = agreements.Get(tx, v.Actor, v.path("agreement")); err == nil {
			voices, err = agreements.Voices(tx, v.Actor, g.ID)
		}
		return err
	})
	if err != nil {
		return sheet{}, g, err
	}
	name := ""
	for _, x := range voices {
		if voiceOrg(x) == orgID {
			name = voiceName(x)
		}
	}
	if name == "" {
		return sheet{}, g, errs.New(errs.Denied, "Only an organization's admins accept agreements for it.")
	}
	data := sheet{Frame: v.agreementFrame(g, "Accept")}
	if textID != "" && textID != g.Current.ID {
		data.Notices = []look.Notice{{Tone: look.Waiting, Title: "This is a newer version", Text: fmt.Sprintf("The version that you had open is no longer current. Version %d, which stands now, is shown below.", g.Current.Number)}}
	}
	address := gate.Address(v.r)
	data.Confirm = &look.Confirm{Title: fmt.Sprintf("Accept version %d of %s for %s", g.Current.Number, g.Title, name),
		What: "It is recorded that you accepted this version for " + name + ", now and from the address " + address + ". What requires the agreement opens in the next request.",
		Whom: "Coordinators and operators see the record with the address; of " + name + ", only its admins do.", Undo: "End the acceptance on the agreement's page: what requires it closes again.",
		Action: gate.AgreementPath(g.ID) + "/accept", Hidden: []look.Hidden{{Name: "version", Value: g.Current.ID}, {Name: "org", Value: orgID}},
		Fields: []look.Field{{Kind: look.CheckBox, Name: "read", Label: fmt.Sprintf("I have read version %d and may agree to it for %s", g.Current.Number, name), Value: "yes"}},
		Button: look.Button{Label: "Accept for " + name, Kind: look.Primary}, Cancel: gate.AgreementPath(g.ID)}
	if name == "yourself" {
		data.Confirm.Whom = "Coordinators and operators see the record with the address, and you do."
	}
	data.Parts = []part{{Title: fmt.Sprintf("Version %d", g.Current.Number), Prose: prose.HTML(g.Current.Body)}}
	return data, g, nil
}

func (v *visit) askAcceptAgreement() error {
	data, _, err := v.acceptQuestion(v.query("version"), v.query("org"))
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) acceptAgreement() error {
	if err := v.parse(); err != nil {
		return err
	}
	textID, orgID := v.form("version"), v.form("org")
	var err error
	if v.form("read") == "" {
		err = errs.Bad("read", "Tick the box once you have read it.")
	} else {
		err = v.write(func(tx *db.Tx) error {
			_, err := agreements.Accept(tx, v.Actor, agreements.Signature{Agreement: v.path("agreement"), Text: textID, Org: orgID, Address: gate.Address(v.r)})
			return err
		})
	}
	if err == nil {
		return v.next(gate.AgreementPath(v.path("agreement")), "The acceptance is recorded.")
	}
	data, _, e := v.acceptQuestion(textID, orgID)
	if e != nil {
		return err
	}
	e2 := gate.Public(err)
	for i := range data.Confirm.Fields {
		if len(e2.Fields) > 0 && e2.Fields[0].Name == data.Confirm.Fields[i].Name {
			data.Confirm.Fields[i].Error = e2.Text
		}
	}
	if len(e2.Fields) == 0 || e2.Fields[0].Name != "read" {
		data.Confirm.Error = e2.Text
	}
	return v.again(err, "sheet", data)
}

// loadAcceptance finds one acceptance among those that the visitor sees.
func (v *visit) loadAcceptance() (x agreements.Acceptance, g agreements.Agreement, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		if x, err = agreements.AcceptanceOf(tx, v.Actor, v.path("acceptance")); err == nil {
			g, err = agreements.Get(tx, v.Actor, x.Agreement)
		}
		return err
	})
	return x, g, err
}

func (v *visit) endQuestion(x agreements.Acceptance, g agreements.Agreement) sheet {
	return sheet{Frame: v.agreementFrame(g, "End an acceptance"), Confirm: &look.Confirm{Title: fmt.Sprintf("End the acceptance of %s by %s", g.Title, x.Name), What: "What requires the agreement is closed to " + x.Name + " in the next request. The record stays, with the reason.",
		Whom: "Everybody of " + x.Name + ".", Undo: "Accept it again.", Action: "/alliance/acceptances/" + x.ID + "/end", Fields: []look.Field{{Name: "reason", Label: "Reason", Value: v.form("reason"), Max: agreements.MaxNote}},
		Button: look.Button{Label: "End the acceptance", Kind: look.Danger}, Cancel: gate.AgreementPath(g.ID)}}
}

func (v *visit) askEndAcceptance() error {
	x, g, err := v.loadAcceptance()
	if err != nil {
		return err
	}
	return v.show("sheet", v.endQuestion(x, g))
}

func (v *visit) endAcceptance() error {
	if err := v.parse(); err != nil {
		return err
	}
	x, g, err := v.loadAcceptance()
	if err != nil {
		return err
	}
	err = v.write(func(tx *db.Tx) error {
		_, err := agreements.End(tx, v.Actor, x.ID, v.form("reason"))
		return err
	})
	if err == nil {
		return v.next(gate.AgreementPath(g.ID), "The acceptance by "+x.Name+" has ended.")
	}
	data := v.endQuestion(x, g)
	if e := gate.Public(err); len(e.Fields) > 0 {
		data.Confirm.Fields[0].Error = e.Text
	} else {
		data.Confirm.Error = e.Text
	}
	return v.again(err, "sheet", data)
}

func (v *visit) paperForm(g agreements.Agreement, list []orgs.Org) *look.Form {
	choice := look.Field{Kind: look.Select, Name: "org", Label: "Organization"}
	for _, o := range list {
		choice.Options = append(choice.Options, look.Option{Value: o.ID, Label: o.Name, On: o.ID == v.form("org")})
	}
	return &look.Form{Action: gate.AgreementPath(g.ID) + "/papers", Lede: "For an organization that signed version " + strconv.Itoa(g.Current.Number) + " on paper. It counts as an acceptance from now on.",
		Hidden: []look.Hidden{{Name: "version", Value: g.Current.ID}}, Cancel: &look.Link{Label: "Record nothing", Href: gate.AgreementPath(g.ID)}, Button: look.Button{Label: "Record the paper", Kind: look.Primary},
		Fields: []look.Field{choice, {Name: "signer", Label: "Who signed", Value: v.form("signer"), Max: agreements.MaxNote}, {Name: "paper", Label: "Where the paper is kept", Value: v.form("paper"), Max: agreements.MaxNote},
			{Kind: look.DateTime, Name: "signed_at", Label: "Signed at", Hint: "Left empty: now.", Value: v.form("signed_at"), Zone: v.form("signed_at_zone"), Optional: true}}}
}

func (v *visit) loadPaper() (g agreements.Agreement, list []orgs.Org, err error) {
	err = v.read(func(tx *db.Tx) error {
		if g, err = v.editableAgreement(tx); err != nil {
			return err
		}
		p, err := orgs.List(tx, v.Actor, orgs.Filter{Listed: true, State: orgs.Active, Limit: 500})
		list = p.Orgs
		return err
	})
	return g, list, err
}

func (v *visit) newPaper() error {
	g, list, err := v.loadPaper()
	if err != nil {
		return err
	}
	return v.show("sheet", formSheet(v.agreementFrame(g, "Record a paper"), *v.paperForm(g, list)))
}

func (v *visit) recordPaper() error {
	if err := v.parse(); err != nil {
		return err
	}
	g, list, err := v.loadPaper()
	if err != nil {
		return err
	}
	in := agreements.Paper{Agreement: g.ID, Text: v.form("version"), Org: v.form("org"), Signer: v.form("signer"), Where: v.form("paper"), Address: gate.Address(v.r)}
	if strings.TrimSpace(v.form("signed_at")) != "" {
		if in.Signed, err = look.ParseDateTime(v.form("signed_at"), v.form("signed_at_zone")); err != nil {
			err = errs.Bad("signed_at", "%s", err.Error())
		}
	}
	if err == nil {
		err = v.write(func(tx *db.Tx) error {
			_, err := agreements.Record(tx, v.Actor, in)
			return err
		})
	}
	if err == nil {
		return v.next(gate.AgreementPath(g.ID), "The paper is recorded.")
	}
	f := v.paperForm(g, list)
	fault(f, err)
	return v.again(err, "sheet", formSheet(v.agreementFrame(g, "Record a paper"), *f))
}
