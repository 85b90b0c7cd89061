package portal

import (
	"net/http"
	"strconv"

	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

func (v *visit) profileSheet(p people.Person, roles []string) sheet {
	facts := &look.Facts{Items: []look.Fact{{Term: "Mail address", Text: p.Email}, {Term: "Here since", Time: p.CreatedAt}}}
	for _, r := range roles {
		facts.Items = append(facts.Items, look.Fact{Term: "Alliance role", Text: r})
	}
	f := v.accountFrame("/me")
	f.Narrow = true
	return sheet{Frame: f, Parts: []part{
		{Facts: facts},
		{Form: &look.Form{Title: "Profile", Action: "/me", Button: look.Button{Label: "Save the profile", Kind: look.Primary}, Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(p.Version, 10)}}, Fields: []look.Field{
			{Name: "name", Label: "Name", Hint: "As others read it.", Value: p.Name, Max: 120, Auto: "name"},
			zoneField(p.TimeZone),
			{Name: "locale", Label: "Language", Hint: "A language tag such as en or de-CH.", Value: p.Locale, Short: true, Code: true, Max: 35}}}},
		{Title: "Leave the alliance", Lede: "Ends the account, all memberships and every way to sign in.", Buttons: []look.Button{{Label: "Leave the alliance…", Href: "/me/leave", Kind: look.Danger}}},
	}}
}

func (v *visit) profile() error {
	var p people.Person
	var roles []string
	err := v.read(func(tx *db.Tx) (err error) {
		if p, err = people.Get(tx, v.Actor, v.Actor.Person); err != nil {
			return err
		}
		roles, err = people.RolesOf(tx, p.ID)
		return err
	})
	if err != nil {
		return err
	}
	return v.show("sheet", v.profileSheet(p, roles))
}

// version is the hidden field that says which version the form was drawn of.
func (v *visit) version() (int64, error) {
	n, err := strconv.ParseInt(v.form("version"), 10, 64)
	if err != nil {
		return 0, errs.New(errs.Malformed, "The form lost its version; open it again.")
	}
	return n, nil
}

func (v *visit) saveProfile() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	in := people.Person{ID: v.Actor.Person, Name: v.form("name"), TimeZone: v.form("time_zone"), Locale: v.form("locale"), Version: version}
	err = v.write(func(tx *db.Tx) error {
		_, err := people.Edit(tx, v.Actor, in)
		return err
	})
	if err == nil {
		return v.next("/me", "Your profile is saved.")
	}
	var p people.Person
	var roles []string
	if e := v.read(func(tx *db.Tx) (e error) {
		if p, e = people.Get(tx, v.Actor, in.ID); e == nil {
			roles, e = people.RolesOf(tx, in.ID)
		}
		return e
	}); e != nil {
		return e
	}
	current := p
	p.Name, p.TimeZone, p.Locale, p.Version = in.Name, in.TimeZone, in.Locale, version
	data := v.profileSheet(p, roles)
	form := data.Parts[1].Form
	if theirs, ok := stale[people.Person](err); ok {
		form.Hidden[0].Value = strconv.FormatInt(current.Version, 10)
		data.Notices = append(data.Notices, faster("Theirs: "+theirs.Name+", "+theirs.TimeZone+", "+theirs.Locale+"."))
	}
	fault(form, err)
	return v.again(err, "sheet", data)
}

// faster says that somebody else saved first, and what.
func faster(theirs string) look.Notice {
	return look.Notice{Tone: look.Waiting, Title: "Somebody was faster", Text: "While you were writing, this was changed. " + theirs + " What you wrote is still in the form; saving it now replaces theirs."}
}

func (v *visit) leaveForm() look.Confirm {
	return look.Confirm{Title: "Leave the alliance", What: "Your account ends: all memberships, roles, sessions, tokens and ways to sign in. What you wrote stays where it is.",
		Whom: "Your organizations lose you as a member; cases you alone stand for lose that party's only reader.", Undo: "Somebody must invite you again.", Type: "leave",
		Action: "/me/leave", Button: look.Button{Label: "Leave the alliance", Kind: look.Danger}, Cancel: "/me"}
}

func (v *visit) leavePage() error { return v.ask(v.accountFrame("/me"), v.leaveForm()) }

func (v *visit) leaveAlliance() error {
	if err := v.parse(); err != nil {
		return err
	}
	if v.form("confirm") != "leave" {
		c := v.leaveForm()
		c.Error = "Type the word to go on."
		return v.again(errs.Bad("confirm", "%s", c.Error), "sheet", sheet{Frame: v.accountFrame("/me"), Confirm: &c})
	}
	err := v.write(func(tx *db.Tx) error {
		_, err := people.Leave(tx, v.Actor, v.Actor.Person)
		return err
	})
	if err != nil {
		return err
	}
	http.SetCookie(v.w, v.Cookie(v.SessionCookie(), "", -1))
	return v.next("/", "Your account has ended.")
}
