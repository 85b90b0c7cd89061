package portal

import (
	"net/http"
	"net/url"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// pendingCookie holds a sign-in that waits for its second factor.
const (
	pendingCookie = "tocsin-second"
	pendingLife   = 600 // seconds
)

// enter sets the session cookie and goes where the visitor wanted to go, or
// asks for the second factor.
func (v *visit) enter(e people.Entry, next string) error {
	if e.Pending != "" {
		http.SetCookie(v.w, v.Cookie(pendingCookie, e.Pending, pendingLife))
		return v.next("/sign-in/second?next="+url.QueryEscape(local(next)), "")
	}
	v.openSession(e)
	return v.next(entered(e, next), "")
}

func (v *visit) openSession(e people.Entry) {
	http.SetCookie(v.w, v.Cookie(v.SessionCookie(), e.Secret, int(people.SessionLife.Seconds())))
	if _, err := v.r.Cookie(pendingCookie); err == nil {
		http.SetCookie(v.w, v.Cookie(pendingCookie, "", -1))
	}
}

// entered is where a session begins: at the security page where it must
// still become a full one.
func entered(e people.Entry, next string) string {
	if e.Session.Enroll {
		return "/me/security"
	}
	return local(next)
}

// local keeps a wanted address on this server; anything else is the desk.
func local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

type signInPage struct {
	look.Frame
	Passkey *look.Passkey
	Form    look.Form
	Mail    look.Form
	Guests  []gate.Guest
}

func (v *visit) signInPage() error {
	if v.Actor.Person != "" {
		return v.next(local(v.query("next")), "")
	}
	return v.show("sign-in", v.signInSheet(v.query("next"), ""))
}

func (v *visit) signInSheet(next, email string) signInPage {
	data := signInPage{Frame: v.frame(""), Guests: v.Guests}
	data.Head, data.Narrow = look.RecordHead{Title: "Sign in"}, true
	hidden := []look.Hidden{{Name: "next", Value: local(next)}}
	data.Form = look.Form{Action: "/sign-in", Button: look.Button{Label: "Sign in", Kind: look.Primary}, Hidden: hidden, Fields: []look.Field{
		{Kind: "email", Name: "email", Label: "Mail address", Value: email, Auto: "username"},
		{Kind: "password", Name: "password", Label: "Password", Auto: "current-password"}}}
	data.Mail = look.Form{Title: "Without a password", Lede: "A link that works once, within 30 minutes. If you have set up an authenticator app, its code is asked for as well.",
		Action: "/sign-in/mail", Button: look.Button{Label: "Mail me a sign-in link"}, Hidden: hidden,
		Fields: []look.Field{{Kind: "email", Name: "mail_to", Label: "Mail address of the account", Value: email, Auto: "email"}}}
	if v.people.PasskeysWork() {
		data.Scripts = []string{"passkey.js"}
		data.Passkey = &look.Passkey{Do: "signin", Options: "/sign-in/passkey", Finish: "/sign-in/passkey/finish", Label: "Sign in with a passkey", Hidden: hidden}
	}
	return data
}

func (v *visit) signIn() error {
	if err := v.parse(); err != nil {
		return err
	}
	e, err := v.people.SignIn(v.r.Context(), people.SignIn{Email: v.form("email"), Password: v.r.PostFormValue("password")}, gate.Where(v.r))
	if err == nil {
		return v.enter(e, v.form("next"))
	}
	data := v.signInSheet(v.form("next"), v.form("email"))
	fault(&data.Form, err)
	return v.again(err, "sign-in", data)
}

func (v *visit) mailLink() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.people.MailLink(v.r.Context(), v.form("mail_to"), gate.Where(v.r))
	if err == nil {
		return v.next("/sign-in", "If an account has this address, a sign-in link is on its way to it. It works once, within 30 minutes.")
	}
	data := v.signInSheet(v.form("next"), v.form("mail_to"))
	fault(&data.Mail, renamed(err, map[string]string{"email": "mail_to"}))
	return v.again(err, "sign-in", data)
}

// secondForm asks for the code of somebody whose password or mailed link was
// right.
func (v *visit) secondForm(next string) sheet {
	f := v.frame("")
	f.Head = look.RecordHead{Title: "Second factor"}
	return formSheet(f, look.Form{Action: "/sign-in/second", Lede: "The first step was right. Now the code that the authenticator app shows, or one of the recovery codes.",
		Button: look.Button{Label: "Sign in", Kind: look.Primary}, Cancel: &look.Link{Label: "Start again", Href: "/sign-in"}, Hidden: []look.Hidden{{Name: "next", Value: local(next)}},
		Fields: []look.Field{{Name: "code", Label: "Code", Auto: "one-time-code", Short: true, Code: true, Max: 64}}})
}

func (v *visit) secondPage() error {
	if _, err := v.r.Cookie(pendingCookie); err != nil {
		return v.next("/sign-in", "")
	}
	return v.show("sheet", v.secondForm(v.query("next")))
}

func (v *visit) second() error {
	if err := v.parse(); err != nil {
		return err
	}
	c, err := v.r.Cookie(pendingCookie)
	if err != nil {
		return errs.New(errs.Gone, "This took too long or was done already. Start again.")
	}
	e, err := v.people.Second(v.r.Context(), c.Value, v.form("code"), gate.Where(v.r))
	if err == nil {
		return v.enter(e, v.form("next"))
	}
	data := v.secondForm(v.form("next"))
	fault(data.Parts[0].Form, err)
	return v.again(err, "sheet", data)
}

// signInLinkPage opens a link at once on a demo server. Elsewhere it waits for
// a click, because mail scanners follow links.
func (v *visit) signInLinkPage() error {
	if v.Demo {
		return v.signInByLink()
	}
	f := v.frame("")
	f.Head = look.RecordHead{Title: "Sign in"}
	return v.show("sheet", formSheet(f, look.Form{Action: v.r.URL.Path, Lede: "The link is good for one time. Use it now to sign in on this device.", Button: look.Button{Label: "Sign in", Kind: look.Primary}}))
}

func (v *visit) signInByLink() error {
	var e people.Entry
	err := v.write(func(tx *db.Tx) (err error) {
		e, err = v.people.UseLink(tx, v.path("secret"), gate.Where(v.r))
		return err
	})
	if err != nil {
		return err
	}
	return v.enter(e, "/")
}

type frontPage struct {
	look.Frame
	Founded bool
	Guests  []gate.Guest
}

// front is the page of a visitor without an account.
func (v *visit) front() error {
	if v.Enrolling() {
		return v.next("/me/security", "")
	}
	data := frontPage{Frame: v.frame("/"), Guests: v.Guests}
	err := v.read(func(tx *db.Tx) (err error) {
		data.Founded, err = charter.Founded(tx)
		return err
	})
	data.Head = look.RecordHead{Title: data.Alliance}
	if err != nil {
		return err
	}
	return v.show("front", data)
}

func (v *visit) signOut() error {
	err := v.write(func(tx *db.Tx) error { return people.End(tx, v.Actor, v.Session.ID) })
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	http.SetCookie(v.w, v.Cookie(v.SessionCookie(), "", -1))
	return v.next("/", "You are signed out.")
}

// renamed gives the fields of a refusal the names they have in this form.
func renamed(err error, names map[string]string) error {
	e := gate.Public(err)
	if len(e.Fields) == 0 {
		return err
	}
	out := *e
	out.Fields = nil
	for _, f := range e.Fields {
		if name, ok := names[f.Name]; ok {
			f.Name = name
		}
		out.Fields = append(out.Fields, f)
	}
	return &out
}
