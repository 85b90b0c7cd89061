package portal

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
)

// visit is one request on its way through a handler.
type visit struct {
	*Portal
	gate.Who
	w   http.ResponseWriter
	r   *http.Request
	now time.Time

	debts []casework.Owed // what owed has found; nil until it is asked
	sight *delivery.Sight // what the page shows of what notices are about
}

// arrive finds out who comes: by session, or else by a finder's link.
func (v *visit) arrive(to gate.Access) (err error) {
	if v.Who, err = v.BySession(v.r.Context(), v.r); err != nil {
		return err
	}
	if own := to == gate.Finders; own || v.Actor.Person == "" {
		return v.byLink(own)
	}
	return nil
}

func (v *visit) read(f func(*db.Tx) error) error { return v.Read(v.r.Context(), f) }

func (v *visit) write(f func(*db.Tx) error) error {
	v.debts = nil // a deed may settle some
	return v.Write(v.r.Context(), f)
}

// path is a path value of the route's pattern.
func (v *visit) path(name string) string { return v.r.PathValue(name) }

// query is a query parameter.
func (v *visit) query(name string) string { return v.r.URL.Query().Get(name) }

// form is a field of the posted form, with line ends as they are stored.
func (v *visit) form(name string) string {
	return strings.ReplaceAll(v.r.PostFormValue(name), "\r\n", "\n")
}

// parse reads the posted form; call it first in every handler of a POST, so
// that a body that is too large or broken is refused before anything happens.
func (v *visit) parse() error {
	if err := v.r.ParseForm(); err != nil {
		if strings.Contains(err.Error(), "too large") {
			return errs.New(errs.TooLarge, "That is more than this form takes; nothing was changed.")
		}
		return errs.Wrap(errs.Malformed, err, "The form could not be read; nothing was changed.")
	}
	return nil
}

// show renders a page with status 200.
func (v *visit) show(name string, data look.Framed) error {
	v.look.Page(v.w, v.r, http.StatusOK, name, data)
	return nil
}

// again renders the page of a refused form with the error's status; what was
// typed stands in data.
func (v *visit) again(err error, name string, data look.Framed) error {
	if errs.KindOf(err) == errs.Internal {
		return err
	}
	v.look.Page(v.w, v.r, gate.Status(err), name, data)
	return nil
}

// next redirects after a change, so that a reload repeats nothing. done stands on the next page as its good news.
func (v *visit) next(path, done string) error {
	if done != "" {
		http.SetCookie(v.w, v.Cookie(flashCookie, url.QueryEscape(done), 60))
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

const flashCookie = "tocsin-done"

// flash takes the good news of the last change and forgets it.
func (v *visit) flash() *look.Flash {
	c, err := v.r.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	http.SetCookie(v.w, v.Cookie(flashCookie, "", -1))
	text, err := url.QueryUnescape(c.Value)
	if err != nil || len(text) > 500 {
		return nil
	}
	return &look.Flash{Tone: look.Good, Text: text}
}

// refuse answers somebody whom a route does not let in: to sign in, and back.
func (v *visit) refuse(to gate.Access, err error) {
	switch {
	case to == gate.Finders && errs.Is(err, errs.Unauthenticated):
		v.failAs(err, "Open your link first")
	case v.Enrolling():
		http.Redirect(v.w, v.r, "/me/security", http.StatusSeeOther)
	case errs.Is(err, errs.Unauthenticated) && v.r.Method == http.MethodGet:
		http.Redirect(v.w, v.r, "/sign-in?next="+url.QueryEscape(v.r.URL.RequestURI()), http.StatusSeeOther)
	default:
		v.fail(err)
	}
}

// nowhere answers what no route takes: somebody comes back to the address of
// a form, or tries a method.
func (v *visit) nowhere() error {
	if allow := gate.Methods(v.taken, v.r); allow != "" {
		v.w.Header().Set("Allow", allow)
		v.drawError(http.StatusMethodNotAllowed, "Nothing to see here", "This address takes what a form sends, and has no page of its own. Go back to the page with the form.")
		return nil
	}
	return errs.New(errs.NotFound, "There is no such page. Look the address over, or begin at the start.")
}

// fail draws the error page.
func (v *visit) fail(err error) { v.failAs(err, errorTitle(gate.Public(err).Kind)) }

func (v *visit) failAs(err error, title string) {
	status, public := gate.Status(err), gate.Public(err)
	if status >= 500 {
		v.Log.Error("request failed", "pattern", v.r.Pattern, "err", err)
	}
	v.drawError(status, title, public.Text)
}

func (v *visit) drawError(status int, title, what string) {
	f := v.frame("")
	f.Title, f.Head = http.StatusText(status), look.RecordHead{Title: title}
	data := look.ErrorPage{Frame: f, What: what, Link: &look.Link{Label: "Back to the start", Href: "/"}}
	v.look.Page(v.w, v.r, status, "error", data)
}

func errorTitle(k errs.Kind) string {
	switch k {
	case errs.NotFound:
		return "Not found"
	case errs.Invalid, errs.Malformed, errs.TooLarge:
		return "This could not be taken"
	case errs.Unauthenticated:
		return "Sign in first"
	case errs.Denied:
		return "Not yours to do"
	case errs.Conflict, errs.Stale:
		return "Not possible now"
	case errs.Gone:
		return "This has ended"
	case errs.RateLimited:
		return "Too many at once"
	case errs.Unavailable:
		return "Not available just now"
	}
	return "Something went wrong"
}

// shows says what the page shows of what notices are about: the frame marks
// those as read. Call it once the page is loaded, and before its frame.
func (v *visit) shows(s delivery.Sight) {
	if v.r.Method != http.MethodGet {
		return
	}
	if s.Until.IsZero() {
		s.Until = v.now // what came later is not on the page
	}
	v.sight = &s
}

// frame is the frame of a page behind one of the rail's doors (by its href).
// What it shows must not keep a page from being drawn, so a fault leaves it
// bare.
func (v *visit) frame(door string) look.Frame {
	bare := look.Frame{Alliance: "Tocsin", Now: v.now, Public: v.Actor.Person == "", Flash: v.flash()}
	f := bare
	waits, err := v.fill(&f, door)
	if err == nil && waits {
		seen := *v.sight
		v.sight = nil
		err = v.Write(v.r.Context(), func(tx *db.Tx) error {
			_, err := delivery.MarkSeen(tx, v.Actor, seen)
			return err
		})
		if err == nil { // counted again
			f = bare
			_, err = v.fill(&f, door)
		}
	}
	if err != nil && !errs.Is(err, errs.Conflict) {
		v.Log.Error("frame left bare", "err", err)
	}
	return f
}

// fill reads what the frame says, and whether notices wait to be marked as
// read.
func (v *visit) fill(f *look.Frame, door string) (waits bool, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		c, err := charter.Load(tx)
		if err != nil {
			return err
		}
		f.Alliance = c.Name
		if v.Actor.Person == "" {
			f.SignIn, f.Doors = "/sign-in", publicDoors(door)
			return nil
		}
		waits, err = v.furnish(tx, f, door)
		return err
	})
	return waits, err
}

// keeper is the ledger's signer, for proofs.
func (v *visit) keeper() (k *ledger.Keeper, err error) {
	err = v.read(func(tx *db.Tx) error {
		k, err = charter.Keeper(tx, v.Sealer)
		return err
	})
	return k, err
}

// coordinates reports whether the visitor is on the coordination team.
func (v *visit) coordinates() bool {
	return v.Actor.Holds(audience.Office, charter.Coordinator)
}

// operates reports whether the visitor runs the server.
func (v *visit) operates() bool { return v.Actor.Holds(audience.Office, charter.Operator) }

// frameZone is the visitor's own time zone, or "".
func (v *visit) frameZone() (zone string) {
	err := v.read(func(tx *db.Tx) error {
		p, err := people.Load(tx, v.Actor.Person)
		zone = p.TimeZone
		return err
	})
	if err != nil {
		return ""
	}
	return zone
}
