package portal

import (
	"strconv"
	"strings"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/membership"
)

// applicantOf is who shows the link of the path; one that does not hold is
// counted against whoever tried it.
func (v *visit) applicantOf() (a audience.Actor, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		a, err = membership.ApplicantActor(tx, v.path("secret"))
		return err
	})
	return a, v.triedSecret(err)
}

func (v *visit) triedSecret(err error) error {
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Gone) {
		if over := v.write(func(tx *db.Tx) error { return v.Applications().AllowLink(tx, v.origin()) }); over != nil {
			return over
		}
	}
	return err
}

// applicantPage shows an applicant where the application stands and what it
// owes, by its secret link.
func (v *visit) applicantPage() error {
	me, err := v.applicantOf()
	if err != nil {
		return err
	}
	data, _, err := v.applicantSheet(me, me.Link, membership.AppLinkPath(v.path("secret")))
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

// applicantSheet is the applicant's page; base is the address under which its
// deeds are done.
func (v *visit) applicantSheet(me audience.Actor, ref, base string) (sheet, *look.Form, error) {
	var d membership.Dossier
	prove := false
	err := v.read(func(tx *db.Tx) (err error) {
		if d, err = membership.Look(tx, me, ref); err != nil || me.Link == "" {
			return err
		}
		prove, err = membership.Mailed(tx, v.path("secret"))
		return err
	})
	if err != nil {
		return sheet{}, nil, err
	}
	may := map[string]bool{}
	for _, m := range d.May {
		may[m] = true
	}
	f := v.frame("")
	if me.Link == "" {
		f = v.allianceFrame(applicationsPath)
	}
	f.Narrow = true
	f.Head = look.RecordHead{Kind: "application", Number: d.Number, Title: d.Name + " applies to " + d.ProgramName, State: []look.Chip{applicationChip(d.State)}, Tabs: f.Head.Tabs, Lede: applicantWords[d.State]}
	if d.State == spec.AppObjection {
		f.Head.Clock = &look.Countdown{Label: "objection period", Start: d.Dates[spec.AppObjection], End: d.ObjectionsEnd, Now: v.now, Zone: f.Zone}
	}
	data := sheet{Frame: f}
	if d.Frozen {
		data.Notices = append(data.Notices, resting())
	}
	if d.Note != "" && d.State == spec.AppDraft {
		data.Notices = append(data.Notices, look.Notice{Tone: look.Waiting, Title: "Sent back to be completed", Text: d.Note})
	}
	if d.State == spec.AppRefused {
		text := d.Reason
		if !d.ReapplyAt.IsZero() {
			text += " You may apply again from " + look.UTC(d.ReapplyAt) + " on."
		}
		data.Notices = append(data.Notices, look.Notice{Tone: look.Bad, Title: "Refused", Text: text})
	}
	if d.Newcomer && d.ConfirmedAt.IsZero() && !d.State.Ended() {
		p := part{Title: "Confirm your address", Lede: "A link was mailed to " + d.Contact + ". Open it to show that the address is yours."}
		if prove {
			p.Lede = "You opened the link that was mailed to " + d.Contact + "."
			p.Buttons = []look.Button{{Label: "Confirm this address", Kind: look.Primary, Action: base + "/confirm"}}
		} else {
			p.Buttons = []look.Button{{Label: "Mail it again", Action: base + "/mail"}}
		}
		data.Parts = append(data.Parts, p)
	}
	if len(d.Unsigned) > 0 {
		data.Parts = append(data.Parts, part{Title: "Agreements to accept", Lede: "An admin of your organization accepts them, signed in: " + strings.Join(d.Unsigned, ", ") + "."})
	}
	if may["sign"] {
		data.Parts = append(data.Parts, part{Buttons: []look.Button{{Label: "All agreements are accepted", Kind: look.Primary, Action: base + "/sign"}}})
	}
	progress := part{Title: "Where it stands", Drawing: stepLine(d.Application, false)}
	if d.State == spec.AppComplete {
		progress.Lede = strconv.Itoa(d.Statements) + " of " + look.Plural(d.Needed, "statement", "statements") + " of sponsors have come."
	}
	if !d.State.Ended() {
		progress.Facts = &look.Facts{Items: []look.Fact{{Term: "Lapses", Time: d.LapsesAt}}}
	}
	data.Parts = append(data.Parts, progress)
	var form *look.Form
	if may["edit"] {
		form = applicationForm(membership.Form{Name: d.Name, Class: d.Class, Website: d.Website, Statement: d.Statement, Evidence: d.Evidence, Sponsors: d.Application.Sponsors, Affiliates: d.Affiliates, Contact: d.Contact, ContactName: d.ContactName}, d.Rules, d.Newcomer)
		form.Action, form.Title = base+"/save", "The application"
		form.Hidden = []look.Hidden{{Name: "version", Value: strconv.FormatInt(d.Version, 10)}}
		data.Parts = append(data.Parts, part{Form: form})
	}
	if may["submit"] {
		data.Parts = append(data.Parts, part{Title: "Submit", Lede: "Save first. Once submitted, it can be changed only if the secretariat sends it back.", Buttons: []look.Button{{Label: "Submit the application", Action: base + "/submit", Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(d.Version, 10)}}}}})
	}
	if may["withdraw"] {
		data.Parts = append(data.Parts, part{Popups: []look.Popup{{ID: "withdraw", Open: look.Button{Label: "Withdraw the application"}, Confirm: look.Confirm{Title: "Withdraw " + d.Number, What: "The application ends.", Whom: "The secretariat is told.", Undo: "Begin a new application.", Action: base + "/withdraw", Button: look.Button{Label: "Withdraw it", Kind: look.Danger}}}}})
	}
	if may["relink"] {
		data.Parts = append(data.Parts, part{Popups: []look.Popup{{ID: "relink", Open: look.Button{Label: "Replace the link"}, Confirm: look.Confirm{Title: "Replace the link", What: "Every link to this application ends; you get a new one here, and one by mail.", Whom: "Whoever had the old link reads nothing any more.", Undo: "It cannot be undone.", Action: base + "/relink", Button: look.Button{Label: "Replace the link", Kind: look.Danger}}}}})
	}
	return data, form, nil
}

// applicantDeed does what the applicant asks for, by link.
func (v *visit) applicantDeed() error {
	if err := v.parse(); err != nil {
		return err
	}
	me, err := v.applicantOf()
	if err != nil {
		return err
	}
	if err := v.write(func(tx *db.Tx) error { return v.Applications().AllowLink(tx, v.origin()) }); err != nil {
		return err
	}
	return v.applicantActs(me, me.Link, membership.AppLinkPath(v.path("secret")))
}

func (v *visit) applicantActs(me audience.Actor, ref, base string) error {
	d := v.Applications()
	done, secret := "", ""
	err := v.write(func(tx *db.Tx) (err error) {
		switch deed := v.path("deed"); deed {
		case "save", "submit":
			var version int64
			if version, err = v.seenVersion(); err != nil {
				return err
			}
			if deed == "submit" {
				done = "Submitted. The secretariat checks whether all is there."
				_, err = d.Submit(tx, me, ref, version)
				return err
			}
			in := v.applicationInput()
			in.Version, done = version, "The draft is saved."
			_, err = d.Save(tx, me, ref, in)
		case "confirm":
			done = "The address is confirmed."
			_, err = d.Confirm(tx, v.path("secret"))
		case "mail":
			done = "A new link was mailed. The one mailed before has ended."
			err = d.Remind(tx, me, ref)
		case "withdraw":
			done = "The application is withdrawn."
			_, err = d.Withdraw(tx, me, ref)
		case "sign":
			done = "The agreements are signed."
			_, err = d.Sign(tx, me, ref)
		case "relink":
			secret, err = d.Relink(tx, me, ref)
		default:
			err = errs.Missing("page")
		}
		return err
	})
	if err != nil {
		return v.applicantAgain(me, ref, base, err)
	}
	if secret != "" {
		return v.next(membership.AppLinkPath(secret), "This is your new link: keep the address of this page. The old one has ended.")
	}
	return v.next(base, done)
}

// applicantAgain shows the page with what was typed and why it was refused.
func (v *visit) applicantAgain(me audience.Actor, ref, base string, err error) error {
	data, form, e := v.applicantSheet(me, ref, base)
	if e != nil {
		return err
	}
	switch {
	case form != nil && v.path("deed") == "save":
		v.refill(form.Fields)
		for i := range form.Groups {
			v.refill(form.Groups[i].Fields)
		}
		if _, ok := stale[membership.Application](err); ok {
			data.Notices = append(data.Notices, faster(""))
		}
		fault(form, err)
	case form != nil && v.path("deed") == "submit":
		fault(form, err)
	default:
		data.Notices = append(data.Notices, look.Notice{Tone: look.Bad, Title: "Not done", Text: errText(err)})
	}
	return v.again(err, "sheet", data)
}

// testPage is the page of a test mail: one button answers it.
func (v *visit) applicationTest() error {
	var number string
	err := v.read(func(tx *db.Tx) (err error) { number, err = membership.TestOf(tx, v.path("secret")); return err })
	if err := v.triedSecret(err); err != nil {
		return err
	}
	f := v.frame("")
	f.Narrow = true
	f.Head = look.RecordHead{Kind: "application", Number: number, Title: "Test page", Lede: "The alliance makes sure that it can reach your team."}
	return v.show("sheet", sheet{Frame: f, Parts: []part{{Buttons: []look.Button{{Label: "We are here", Kind: look.Primary, Action: v.r.URL.Path}}}}})
}

func (v *visit) answerApplicationTest() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.write(func(tx *db.Tx) error { return v.Applications().AllowLink(tx, v.origin()) })
	if err == nil {
		err = v.write(func(tx *db.Tx) error { return v.Applications().AnswerTest(tx, v.path("secret")) })
	}
	if err != nil {
		return err
	}
	return v.next("/programs", "Thank you. The test is answered.")
}
