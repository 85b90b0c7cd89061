package portal

import (
	"net/http"
	"strings"

	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// enter sets the session cookie and goes where the visitor wanted to go.
func (v *visit) enter(e people.Entry, next string) error {
	c := v.Cookie(v.SessionCookie(), e.Secret, int(people.SessionLife.Seconds()))
	http.SetCookie(v.w, c)
	if e.Session.Enroll {
		return v.next("/me/security", "")
	}
	return v.next(local(next), "")
}

// local keeps a wanted address on this server; anything else is the desk.
func local(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n") {
		return "/"
	}
	return path
}

type linkPage struct {
	look.Frame
	Form look.Form
}

// signInLinkPage opens a link at once on a demo server. Elsewhere it waits for
// a click, because mail scanners follow links.
func (v *visit) signInLinkPage() error {
	if v.Demo {
		e, err := v.useLink()
		if err != nil {
			return err
		}
		return v.enter(e, "/")
	}
	data := linkPage{Frame: v.frame("")}
	data.Head = look.RecordHead{Title: "Sign in"}
	data.Narrow = true
	data.Form = look.Form{Action: v.r.URL.Path, Button: look.Button{Label: "Sign in"}}
	return v.show("sign-in-link", data)
}

func (v *visit) signInByLink() error {
	if err := v.parse(); err != nil {
		return err
	}
	e, err := v.useLink()
	if err != nil {
		return err
	}
	return v.enter(e, "/")
}

func (v *visit) useLink() (e people.Entry, err error) {
	err = v.write(func(tx *db.Tx) error {
		e, err = v.people.UseLink(tx, v.path("secret"), gate.Where(v.r))
		return err
	})
	return e, err
}

// front is the page of a visitor without an account.
func (v *visit) front() error {
	if v.Enrolling() {
		return v.next("/me/security", "")
	}
	f := v.frame("/")
	f.Head = look.RecordHead{Title: f.Alliance}
	return v.show("front", f)
}

type signInPage struct {
	look.Frame
	Form look.Form
}

// signInPage asks who comes.
func (v *visit) signInPage() error {
	data := signInPage{Frame: v.frame("")}
	data.Head, data.Narrow = look.RecordHead{Title: "Sign in"}, true
	return v.show("sign-in", data)
}

func (v *visit) signOut() error {
	err := v.write(func(tx *db.Tx) error { return people.End(tx, v.Actor, v.Session.ID) })
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	http.SetCookie(v.w, v.Cookie(v.SessionCookie(), "", -1))
	return v.next("/", "You are signed out.")
}
