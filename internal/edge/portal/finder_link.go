package portal

import (
	"net/http"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/report"
)

// setFinder lets the browser follow a report until it is told to forget it.
func (v *visit) setFinder(secret string) {
	http.SetCookie(v.w, v.Cookie(v.FinderCookie(), secret, 0))
}

func (v *visit) forgetFinder() { http.SetCookie(v.w, v.Cookie(v.FinderCookie(), "", -1)) }

// byLink makes the visitor the finder whose link this browser opened. On the
// finder's own pages it counts before a session, so that what is done there
// is done by the link; and a link that does not hold is said there, while
// elsewhere its bearer is nobody.
func (v *visit) byLink(own bool) error {
	if own {
		v.Who = gate.Who{}
	}
	c, err := v.r.Cookie(v.FinderCookie())
	if err != nil || c.Value == "" {
		return nil
	}
	err = v.read(func(tx *db.Tx) error {
		a, err := report.FinderActor(tx, c.Value)
		if err == nil {
			v.Who = gate.Who{Actor: a}
		}
		return err
	})
	if !errs.Is(err, errs.NotFound) && !errs.Is(err, errs.Gone) {
		return err
	}
	if !own {
		return nil
	}
	v.forgetFinder()
	return v.wrongLink(err)
}

// wrongLink counts a link that turned out wrong against whoever tried it.
func (v *visit) wrongLink(err error) error {
	if over := v.countFinder(); over != nil {
		return over
	}
	return err
}

func (v *visit) countFinder() error {
	return v.write(func(tx *db.Tx) error { return v.reports().AllowFinder(tx, v.origin()) })
}

// openLink takes a finder's link out of the address bar: a cookie holds it
// from here on.
func (v *visit) openLink() error {
	secret := v.path("secret")
	err := v.read(func(tx *db.Tx) error {
		_, err := report.FinderActor(tx, secret)
		return err
	})
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Gone) {
		return v.wrongLink(err)
	}
	if err != nil {
		return err
	}
	v.setFinder(secret)
	return v.next("/finder", "")
}

// leaveFinder forgets the link in this browser; the link itself still holds.
func (v *visit) leaveFinder() error {
	if err := v.parse(); err != nil {
		return err
	}
	v.forgetFinder()
	return v.next("/", "This browser has forgotten your report. Your link still opens it.")
}
