package portal

import (
	"strconv"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
)

// security is what the visitor can prove themselves with, and where they are
// signed in.
type security struct {
	people.Factors
	sessions []people.Session
}

func (v *visit) loadSecurity() (s security, err error) {
	err = v.read(func(tx *db.Tx) error {
		if s.Factors, err = people.FactorsOf(tx, v.Actor); err != nil {
			return err
		}
		s.sessions, err = people.Sessions(tx, v.Actor)
		return err
	})
	return s, err
}

func (v *visit) securityPage() error {
	s, err := v.loadSecurity()
	if err != nil {
		return err
	}
	return v.show("sheet", v.securitySheet(s))
}

func (v *visit) securitySheet(s security) sheet {
	f := v.accountFrame("/me/security")
	data := sheet{Frame: f, Secrets: v.takeOnce()}
	if v.Enrolling() {
		data.Notices = []look.Notice{{Tone: look.Waiting, Title: "One step before you come in", Text: v.enrollWords()}}
	}
	works := v.people.PasskeysWork()
	if works {
		data.Parts = append(data.Parts, v.passkeyPart(s))
	}
	data.Parts = append(data.Parts, totpPart(s, v.Enrolling() && !works), v.passwordForm(s))
	if !v.Enrolling() {
		data.Parts = append(data.Parts, recoveryPart(s), v.sessionPart(s))
		if !works {
			data.Parts = append(data.Parts, v.passkeyPart(s))
		}
	}
	if works {
		data.Scripts = []string{"passkey.js"}
	}
	return data
}

func (v *visit) enrollWords() string {
	if v.people.PasskeysWork() {
		return "What you will read here is worth stealing, so a password or a mailed link alone opens nothing. Add a passkey, or an authenticator app; everything else opens at once."
	}
	return "What you will read here is worth stealing, so a password or a mailed link alone opens nothing. Set up an authenticator app; everything else opens at once."
}

func (v *visit) passkeyPart(s security) part {
	p := part{Title: "Passkeys", Lede: "A passkey lives on your phone, computer or security key and cannot be phished. It is all you need to sign in."}
	if len(s.Passkeys) > 0 {
		p.Table = &look.Table{ID: "passkeys", Caption: "Your passkeys", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Passkey"}, {Label: "Added"}, {Label: "Last used"}, {Label: "Remove"}}}
		for _, k := range s.Passkeys {
			p.Table.Rows = append(p.Table.Rows, look.Row{Cells: []look.Cell{{Text: k.Label}, {Time: k.CreatedAt}, {Time: k.UsedAt}, {Button: &look.Button{Label: "Remove…", Href: "/me/security/passkeys/" + k.ID + "/remove"}}}})
		}
	}
	if !v.people.PasskeysWork() {
		p.Lede += " At this server's address passkeys do not work: they need a host name over HTTPS."
		return p
	}
	p.Passkey = &look.Passkey{Do: "register", Options: "/me/security/passkey", Finish: "/me/security/passkey/finish", Label: "Add a passkey",
		Fields: []look.Field{{Name: "label", Label: "Its name", Hint: "So that you know it again, such as “work phone”.", Optional: true, Max: 100}}}
	return p
}

func (v *visit) passwordForm(s security) part {
	form := &look.Form{Title: "Password", Action: "/me/security/password", Button: look.Button{Label: "Set the password"}}
	form.Lede = "You have none. With a password you can sign in where your passkey is not at hand; an authenticator app is asked for as well."
	if s.Password {
		form.Lede, form.Button.Label = "Changing it ends all other sessions.", "Change the password"
		old := look.Field{Kind: "password", Name: "old", Label: "Present password", Auto: "current-password"}
		if v.Session.Means == "link" || v.Session.Means == "recovery" {
			old.Optional, old.Hint = true, "Not needed in the first hour after signing in by link or recovery code."
		}
		form.Fields = append(form.Fields, old)
	}
	form.Fields = append(form.Fields, look.Field{Kind: "password", Name: "password", Label: "New password", Hint: "12 to 200 characters; a few words in a row do well.", Auto: "new-password", Max: 200})
	p := part{ID: "password", Form: form}
	if s.Password && len(s.Passkeys) > 0 {
		p.Buttons = []look.Button{{Label: "Remove the password…", Href: "/me/security/password/remove"}}
	}
	return p
}

func totpPart(s security, first bool) part {
	p := part{ID: "totp", Title: "Authenticator app", Lede: "An app that shows a new six-digit code every 30 seconds (TOTP). Its code is asked for after the password or a mailed link.",
		Buttons: []look.Button{{Label: "Set up an app", Action: "/me/security/totp/start"}}}
	if first {
		p.Buttons[0].Kind = look.Primary
	}
	if s.TOTP {
		p.Chips = []look.Chip{{Label: "set up", Tone: look.Good}}
		p.Buttons[0].Label = "Set up another app in its place"
		if len(s.Passkeys) > 0 {
			p.Buttons = append(p.Buttons, look.Button{Label: "Remove the app…", Href: "/me/security/totp/remove"})
		}
	}
	return p
}

func recoveryPart(s security) part {
	p := part{ID: "recovery", Title: "Recovery codes", Lede: "Each gets you in once when the passkey or the app is lost. Print them, and keep the paper where you keep keys."}
	if !s.TOTP && len(s.Passkeys) == 0 {
		p.Lede += " They are made with the first passkey or app."
		return p
	}
	tone := look.Good
	if s.Recovery < 4 {
		tone = look.Waiting
	}
	p.Chips = []look.Chip{{Label: strconv.Itoa(s.Recovery) + " left", Tone: tone}}
	p.Popups = []look.Popup{{ID: "new-codes", Open: look.Button{Label: "Make new codes…"}, Confirm: look.Confirm{ID: "codes", Title: "Make ten new recovery codes", What: "The new ones are shown once. Those you have now end.", Undo: "Make new ones again.",
		Action: "/me/security/recovery", Button: look.Button{Label: "Make new codes"}, Cancel: "/me/security"}}}
	return p
}

func (v *visit) sessionPart(s security) part {
	t := &look.Table{ID: "session-list", Caption: "Where you are signed in", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Browser", Wide: true}, {Label: "Network"}, {Label: "Signed in by"}, {Label: "Since"}, {Label: "Last used"}, {Label: "End"}}}
	others := false
	for _, one := range s.sessions {
		agent := look.Cell{Text: short(one.Agent, 80)}
		end := look.Cell{Button: &look.Button{Label: "End", Action: "/me/security/sessions/" + one.ID + "/end"}}
		if agent.Text == "" {
			agent.Text = "unknown browser"
		}
		if one.ID == v.Session.ID {
			agent.Sub, end = "this one", look.Cell{}
		} else {
			others = true
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{agent, {Text: one.Address}, {Text: one.Means}, {Time: one.CreatedAt}, {Time: one.SeenAt}, end}})
	}
	p := part{ID: "sessions", Title: "Where you are signed in", Lede: "A session ends after " + hours(people.SessionIdle) + " without use. If you do not know one, end it and change the password.", Table: t}
	if others {
		p.Popups = []look.Popup{{ID: "end-others", Open: look.Button{Label: "End all others…"}, Confirm: look.Confirm{ID: "others", Title: "End all other sessions", What: "Every browser but this one is signed out.", Whom: "You alone.", Undo: "Sign in there again.",
			Action: "/me/security/sessions/end-others", Button: look.Button{Label: "End all others", Kind: look.Danger}, Cancel: "/me/security"}}}
	}
	return p
}

func hours(d time.Duration) string { return look.Plural(int(d.Hours()), "hour", "hours") }

func recoverySecret(codes []string) look.Secret {
	return look.Secret{Label: "Your recovery codes", Values: codes, Warning: "Shown once. Each gets you in once when the passkey or the app is lost. Print them now."}
}
