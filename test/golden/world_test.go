package golden_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/app"
	"tocsin/internal/edge/gate"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/archive"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/report"
	"tocsin/internal/response/talk"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// world is an alliance in which every path value of every route exists.
//
// Tess is its first account and holds every seat. Cora coordinates and leads
// the case; Cleo coordinates elsewhere; Bob sits on the board and Oli operates
// the server, with no other seat. Vera (Vexel Systems) and Willem (Wharf
// Networks) speak for competing vendors in the case, Hana (Hidden Harbor) for
// one that is hidden from the others, Ivo (Invita Storage) was invited and
// has not answered, Otto (Outer Works) has nothing to do with it.
type world struct {
	testing.TB
	house *gate.House
	clock *clock.Fake
	cast  map[string]audience.Actor
	orgs  map[string]string
	// values of path parameters, by name; more specific ones with the route's
	// path before a space.
	values map[string]string
	// credentials: session cookies and tokens by actor's name
	sessions, tokens map[string]string
	finder           string // secret of the finder's link
}

var crew = []struct{ key, org, email, name string }{
	{"vera", "Vexel Systems", "vera@vexel.example", "Vera Vex"},
	{"ned", "Vexel Systems", "ned@vexel.example", "Ned Vex"},
	{"willem", "Wharf Networks", "willem@wharf.example", "Willem Wharf"},
	{"hana", "Hidden Harbor", "hana@harbor.example", "Hana Harbor"},
	{"ivo", "Invita Storage", "ivo@invita.example", "Ivo Invita"},
	{"otto", "Outer Works", "otto@outer.example", "Otto Outer"},
	{"cora", "", "cora@alliance.example", "Cora Lead"},
	{"cleo", "", "cleo@alliance.example", "Cleo Elsewhere"},
	{"bob", "", "bob@alliance.example", "Bob Board"},
	{"oli", "", "oli@alliance.example", "Oli Operator"},
}

// build furnishes an empty database.
func build(t testing.TB, conf db.Config, data string, c *clock.Fake) *world {
	t.Helper()
	h, err := app.Open(context.Background(), app.Config{Data: data, DB: conf.URL, URL: "http://tocsin.example", Clock: c,
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{TB: t, house: h, clock: c, cast: map[string]audience.Actor{}, orgs: map[string]string{}, values: map[string]string{}, sessions: map[string]string{}, tokens: map[string]string{}}
	for _, act := range []func(){w.found, w.openCase, w.speak, w.talk, w.report, w.publish, w.archive, w.board, w.agreements, w.applying, w.constituency, w.standing, w.accounts, w.reachable, w.credentials} {
		act()
		c.Advance(time.Minute)
	}
	w.constants()
	return w
}

func (w *world) do(f func(tx *db.Tx) error) {
	w.Helper()
	if err := w.house.Write(context.Background(), f); err != nil {
		w.Fatal(err)
	}
}

// made runs a verb and gives what it made.
func made[T any](w *world, f func(tx *db.Tx) (T, error)) (out T) {
	w.Helper()
	w.do(func(tx *db.Tx) (err error) {
		out, err = f(tx)
		return err
	})
	return out
}

func (w *world) found() {
	w.do(func(tx *db.Tx) error {
		_, err := charter.Found(tx, w.house.Sealer, charter.Charter{Name: "Golden Alliance", Namespace: "https://alliance.example", Email: "psirt@alliance.example", URL: w.house.URL})
		return err
	})
	first := made(w, func(tx *db.Tx) (people.Person, error) { return people.First(tx, "tess@alliance.example", "Tess All") })
	tess := made(w, func(tx *db.Tx) (audience.Actor, error) { return people.ActorOf(tx, first.ID) })
	persons := map[string]string{"tess": first.ID}
	w.do(func(tx *db.Tx) error {
		if err := people.GrantRole(tx, tess, first.ID, charter.Board); err != nil {
			return err
		}
		for _, p := range crew {
			who, err := people.Add(tx, tess, p.email, p.name)
			if err != nil {
				return err
			}
			persons[p.key] = who.ID
			if p.org == "" {
				continue
			}
			role := orgs.Responder
			if w.orgs[p.org] == "" {
				o, err := orgs.Create(tx, tess, orgs.Org{Name: p.org, Class: orgs.Vendor, Listed: true})
				if err != nil {
					return err
				}
				w.orgs[p.org], role = o.ID, orgs.Admin
			}
			m, err := orgs.Join(tx, tess, w.orgs[p.org], who.ID, role)
			if err != nil {
				return err
			}
			if p.key == "ned" {
				w.values["member"], w.values["membership"] = m.ID, m.ID
			}
		}
		for who, role := range map[string]string{"cora": charter.Coordinator, "cleo": charter.Coordinator, "bob": charter.Board, "oli": charter.Operator} {
			if err := people.GrantRole(tx, tess, persons[who], role); err != nil {
				return err
			}
		}
		p, err := programs.Create(tx, tess, programs.Program{Name: "Product Security", Purpose: "Vendors together.", TLP: tlp.Green})
		if err != nil {
			return err
		}
		w.values["program"], w.values["program name"], w.values["program slug"] = p.ID, p.Name, "product-security"
		if err := programs.Join(tx, tess, p.ID, w.orgs["Vexel Systems"]); err != nil {
			return err
		}
		if err := programs.AppointCoordinator(tx, tess, p.ID, persons["ned"]); err != nil {
			return err
		}
		// Its members do not see one another.
		other, err := programs.FromTemplate(tx, tess, "vendor-consortium", "Routers", "")
		if err != nil {
			return err
		}
		r, err := programs.RulesOf(tx, other[0].ID)
		if err != nil {
			return err
		}
		r.Directory = programs.SightCoordinators
		if _, err := programs.ChangeRules(tx, tess, r); err != nil {
			return err
		}
		w.values["other program"] = other[0].ID
		if err := programs.Join(tx, tess, other[0].ID, w.orgs["Outer Works"]); err != nil {
			return err
		}
		s, err := orgs.Ship(tx, tess, w.orgs["Vexel Systems"], "libexample", "")
		w.values["component"] = s.ID
		return err
	})
	for key, id := range persons {
		w.cast[key] = made(w, func(tx *db.Tx) (audience.Actor, error) { return people.ActorOf(tx, id) })
	}
	w.values["org"], w.values["person"] = w.orgs["Vexel Systems"], persons["ned"]
}

// case opens a case with vendors who all accept, except Invita.
func (w *world) caseOf(title string, names ...string) (casework.Case, map[string]casework.Participant) {
	w.Helper()
	c := made(w, func(tx *db.Tx) (casework.Case, error) {
		return casework.OpenCase(tx, w.cast["cora"], casework.NewCase{Title: title, Summary: "A length is not checked.", Level: tlp.AmberStrict})
	})
	parties := map[string]casework.Participant{}
	w.do(func(tx *db.Tx) error {
		in := casework.Inclusion{Reason: "Ships libexample."}
		for _, n := range names {
			in.Targets = append(in.Targets, casework.Target{Kind: audience.Org, ID: w.orgs[n], Name: n, Role: casework.Vendor})
		}
		list, err := casework.Invite(tx, w.cast["cora"], c.ID, in)
		for i, p := range list {
			parties[names[i]] = p
		}
		return err
	})
	for _, p := range crew {
		if parties[p.org].ID == "" || p.key == "ivo" || p.key == "ned" {
			continue
		}
		w.do(func(tx *db.Tx) error {
			inv, err := casework.InvitationOf(tx, parties[p.org].ID)
			if err != nil {
				return err
			}
			_, err = casework.Accept(tx, w.cast[p.key], inv.ID, inv.Terms)
			return err
		})
	}
	return c, parties
}

func (w *world) openCase() {
	c, parties := w.caseOf("Heap overflow in libexample", "Vexel Systems", "Wharf Networks", "Hidden Harbor", "Invita Storage")
	cora := w.cast["cora"]
	w.do(func(tx *db.Tx) error {
		if err := casework.AddCoordinator(tx, cora, c.ID, w.cast["tess"].Person, "A second pair of eyes."); err != nil {
			return err
		}
		if err := casework.Hide(tx, cora, c.ID, parties["Hidden Harbor"].ID, "Their product is not announced.", true); err != nil {
			return err
		}
		inv, err := casework.InvitationOf(tx, parties["Invita Storage"].ID)
		w.values["invitation"] = inv.ID
		return err
	})
	w.values["case"], w.values["number"] = c.ID, c.Number
	w.values["participant"], w.values["hidden participant"], w.values["invited participant"] = parties["Vexel Systems"].ID, parties["Hidden Harbor"].ID, parties["Invita Storage"].ID
	target := made(w, func(tx *db.Tx) (casework.Case, error) {
		return casework.OpenCase(tx, cora, casework.NewCase{Title: "Another matter", Level: tlp.AmberStrict})
	})
	w.values["other case"] = target.ID
}

// speak fills matrix and timetable.
func (w *world) speak() {
	cora, vera, c, p := w.cast["cora"], w.cast["vera"], w.values["case"], w.values["participant"]
	w.do(func(tx *db.Tx) error {
		v, err := matrix.AddVulnerability(tx, cora, c, matrix.Vulnerability{Title: "Heap overflow", Description: "A length is not checked.", CVE: "CVE-2026-10001"})
		if err != nil {
			return err
		}
		w.values["vulnerability"] = v.ID
		x, err := matrix.PutProduct(tx, vera, c, matrix.Product{Participant: p, Name: "Vexel Router"})
		if err != nil {
			return err
		}
		w.values["product"] = x.ID
		h, err := matrix.PutProduct(tx, w.cast["hana"], c, matrix.Product{Participant: w.values["hidden participant"], Name: "Unannounced Thing"})
		if err != nil {
			return err
		}
		w.values["hidden product"] = h.ID
		if _, err := matrix.SetStatus(tx, vera, c, matrix.Status{Participant: p, Vulnerability: v.ID, Status: vex.Affected, Statement: "Our word on it."}); err != nil {
			return err
		}
		if _, err := matrix.SetStatus(tx, w.cast["hana"], c, matrix.Status{Participant: w.values["hidden participant"], Vulnerability: v.ID, Status: vex.Affected}); err != nil {
			return err
		}
		if _, err := matrix.SetTracker(tx, vera, c, p, "VEX-1"); err != nil {
			return err
		}
		o, err := embargo.Propose(tx, cora, c, embargo.Offer{Ends: tx.Now.Add(20 * 24 * time.Hour), Reason: "Time for one release train."})
		w.values["proposal"] = o.ID
		return err
	})
}

// talk fills the threads: something general, something private to Vexel with
// a file, something private to the hidden party.
func (w *world) talk() {
	c := w.values["case"]
	say := func(who, thread string, in talk.Draft) talk.Message {
		return made(w, func(tx *db.Tx) (talk.Message, error) {
			if _, err := talk.Ensure(tx, w.cast[who], thread); err != nil {
				return talk.Message{}, err
			}
			return talk.Post(tx, w.cast[who], thread, in)
		})
	}
	file := func(name string) talk.Upload {
		f, err := talk.Stage(context.Background(), w.house.Blobs, strings.NewReader("a crash log of "+name), name, "text/plain")
		if err != nil {
			w.Fatal(err)
		}
		return f
	}
	general, private, hidden, team := talk.GeneralID(c), talk.PrivateID(w.values["participant"]), talk.PrivateID(w.values["hidden participant"]), talk.TeamID(c)
	w.values["thread"], w.values["private thread"], w.values["hidden thread"], w.values["team thread"] = general, private, hidden, team
	m := say("vera", general, talk.Draft{Body: "We reproduce it.", Files: []talk.Upload{file("crash.txt")}})
	w.values["message"] = m.ID
	w.values["private message"] = say("vera", private, talk.Draft{Body: "Between us.", Files: []talk.Upload{file("private.txt")}}).ID
	w.values["hidden message"] = say("hana", hidden, talk.Draft{Body: "Keep us out of it."}).ID
	w.values["team message"] = say("cora", team, talk.Draft{Body: "For coordinators."}).ID
	w.values["red message"] = say("vera", general, talk.Draft{Body: "For one pair of eyes.", Level: tlp.Red, Named: []string{w.cast["cora"].Person}}).ID
	w.values["question message"] = say("cora", private, talk.Draft{Body: "Is it in 1.x?", AskOf: w.values["participant"]}).ID
	w.do(func(tx *db.Tx) error {
		list, err := talk.Files(tx, w.cast["vera"], c, "")
		for _, f := range list {
			if f.Name == "private.txt" {
				w.values["private file"] = f.ID
			} else {
				w.values["file"] = f.ID
			}
		}
		return err
	})
}

// report leaves one report in the queue, with a finder's link, and hands
// another over to Vexel.
func (w *world) report() {
	desk := report.Desk{Sealer: w.house.Sealer, Box: w.house.Box}
	cora := w.cast["cora"]
	in := report.New{Title: "Hard-coded key", Component: "camupdate", HowFound: "Reading firmware.", Description: "Every device has one key.", Anonymous: true}
	open := made(w, func(tx *db.Tx) (report.Receipt, error) { return desk.Submit(tx, audience.Actor{}, in) })
	w.finder, w.values["finder secret"] = open.Secret, open.Secret
	w.values["report"], w.values["report number"] = open.ID, open.Number
	w.do(func(tx *db.Tx) error {
		q, err := desk.Ask(tx, cora, open.ID, "Which versions?")
		w.values["question"] = q.ID
		return err
	})
	up, err := talk.Stage(context.Background(), w.house.Blobs, strings.NewReader("a log"), "log.txt", "text/plain")
	if err != nil {
		w.Fatal(err)
	}
	w.do(func(tx *db.Tx) error {
		finder, err := report.FinderActor(tx, open.Secret)
		if err != nil {
			return err
		}
		if err := report.Attach(tx, finder, open.ID, []report.Upload{{Name: "log.txt", Head: []byte("a log"), Ref: up.Ref}}, true); err != nil {
			return err
		}
		list, err := report.Files(tx, cora, open.ID)
		if err == nil {
			w.values["report file"] = list[0].ID
		}
		return err
	})
	in.Title, in.Description = "Vexel's own flaw", "Only Vexel ships it."
	w.do(func(tx *db.Tx) error {
		r, err := desk.Submit(tx, audience.Actor{}, in)
		if err != nil {
			return err
		}
		w.values["handed report"] = r.ID
		w.values["handed report number"] = r.Number
		if err := w.accept(tx, desk, r.ID); err != nil {
			return err
		}
		now, _, err := report.Load(tx, cora, r.ID)
		if err != nil {
			return err
		}
		_, err = desk.HandOver(tx, cora, r.ID, report.Handover{Org: w.orgs["Vexel Systems"], Reason: "One vendor.", Version: now.Version})
		return err
	})
	own := made(w, func(tx *db.Tx) (report.Receipt, error) {
		in.Title, in.Anonymous, in.Credit = "What Willem found", false, "Willem Wharf"
		return desk.Submit(tx, w.cast["willem"], in)
	})
	w.values["own report"], w.values["own report number"] = own.ID, own.Number
}

// accept brings a report as far as it can be handed over.
func (w *world) accept(tx *db.Tx, desk report.Desk, id string) error {
	cora := w.cast["cora"]
	r, err := report.ScopeGate(tx, cora, id, true, "Members ship it.", 1)
	if err != nil {
		return err
	}
	_, err = desk.Move(tx, cora, id, report.Decision{Verb: mpcvd.RMValidate, Reason: "Reproduced.", Version: r.Version})
	return err
}

// publish drafts an advisory of the case, and releases two of other cases:
// one for everybody, one for its parties.
func (w *world) publish() {
	press := advisory.Press{Sealer: w.house.Sealer, URL: w.house.URL}
	cora, tess := w.cast["cora"], w.cast["tess"]
	w.do(func(tx *db.Tx) error {
		v, err := advisory.Draft(tx, cora, w.values["case"])
		if err != nil {
			return err
		}
		w.values["advisory"] = v.ID
		w.values["advisory number"] = v.Number
		k, err := advisory.AddComment(tx, tess, v.ID, "summary", "Shorter, please.")
		w.values["comment"], w.values["draft"] = k.ID, v.ID
		return err
	})
	for _, state := range []string{"draft in review", "approved draft"} {
		w.do(func(tx *db.Tx) error {
			v, err := advisory.Draft(tx, cora, w.values["case"])
			if err != nil {
				return err
			}
			w.values[state] = v.ID
			if v, err = advisory.Submit(tx, cora, v.ID, v.Version); err == nil && state == "approved draft" {
				_, err = advisory.Approve(tx, tess, v.ID, v.Version)
			}
			return err
		})
	}
	for name, level := range map[string]tlp.Level{"public": tlp.Clear, "restricted": tlp.AmberStrict} {
		c, parties := w.caseOf("A matter that ended, "+name, "Vexel Systems")
		var a advisory.Advisory
		w.do(func(tx *db.Tx) (err error) {
			v, err := matrix.AddVulnerability(tx, cora, c.ID, matrix.Vulnerability{Title: "Out-of-bounds read", Description: "An index is not checked.", CVE: "CVE-2026-1000" + map[string]string{"public": "2", "restricted": "3"}[name]})
			if err != nil {
				return err
			}
			if _, err := matrix.SetStatus(tx, w.cast["vera"], c.ID, matrix.Status{Participant: parties["Vexel Systems"].ID, Vulnerability: v.ID, Status: vex.Fixed, Statement: "Fixed.", Affected: []string{"1.0"}, Fixed: []string{"1.1"}}); err != nil {
				return err
			}
			if err := casework.AddCoordinator(tx, cora, c.ID, tess.Person, "Four eyes."); err != nil {
				return err
			}
			if a, err = advisory.Draft(tx, cora, c.ID); err != nil {
				return err
			}
			if a, err = advisory.Submit(tx, cora, a.ID, a.Version); err != nil {
				return err
			}
			if a, err = advisory.Approve(tx, tess, a.ID, a.Version); err != nil {
				return err
			}
			a, err = press.ReleaseNow(tx, cora, a.ID, advisory.Plan{Version: a.Version, Level: level})
			return err
		})
		docs := made(w, func(tx *db.Tx) ([]advisory.Document, error) { return advisory.Documents(tx, w.cast["vera"], "") })
		for _, d := range docs {
			if d.Advisory == a.ID {
				w.values[name+" document"], w.values[name+" slug"], w.values[name+" file"], w.values[name+" label"] = d.ID, d.Slug, d.File, strings.ToLower(d.Label)
				w.values["year"] = d.Initial[:4]
			}
		}
		w.values[name+" number"], w.values[name+" case"], w.values[name+" advisory"] = c.Number, c.ID, a.ID
	}
	w.values["slug"] = w.values["public slug"]
}

// archive imports a case that has been public for years.
func (w *world) archive() {
	line := `{"case":{"ID":"VU#999999","IDNumber":"999999","Title":"An old overflow","Overview":"A length was not checked.","CVEIDs":["CVE-2001-0001"],"DatePublic":"2001-02-03T00:00:00Z","DateCreated":"2001-01-03T00:00:00Z","DateFirstPublished":"2001-02-03T00:00:00Z","DateLastUpdated":"2001-02-04T00:00:00Z"},` +
		`"vendors":[{"Vendor":"Old Vendor","VendorRecordID":"OLD-1","Status":"Affected","Statement":"We mend it.","DateNotified":"2001-01-04T00:00:00Z","DateResponded":"2001-01-05T00:00:00Z"}]}` + "\n"
	rep, err := archive.ImportCERTCC(context.Background(), w.house.DB, strings.NewReader(line), func(archive.Report) {})
	if err != nil || rep.Cases != 1 {
		w.Fatalf("import: %+v, %v", rep, err)
	}
	w.do(func(tx *db.Tx) error {
		old, found, err := casework.ByOrigin(tx, "certcc:VU#999999")
		if err != nil || !found {
			return errors.Join(err, errors.New("the imported case is not there"))
		}
		w.values["old case"], w.values["old number"] = old.ID, old.Number
		parts, err := casework.Participants(tx, w.cast["otto"], w.values["old case"])
		if err != nil {
			return err
		}
		vulns, err := matrix.Vulnerabilities(tx, w.cast["otto"], w.values["old case"])
		if err == nil {
			w.values["old participant"], w.values["old vulnerability"] = parts[0].ID, vulns[0].ID
		}
		return err
	})
}

// accounts leaves an invitation to join, with its secret, and mail.
func (w *world) accounts() {
	inv := made(w, func(tx *db.Tx) (people.Invitation, error) {
		return people.Invite(tx, w.house.Box, w.cast["tess"], people.Inviting{Email: "new@vexel.example", Name: "New Vex", Org: w.orgs["Vexel Systems"], OrgRole: orgs.Responder})
	})
	w.values["account invitation"] = inv.ID
	mails := made(w, func(tx *db.Tx) ([]outbox.Item, error) { return w.house.Box.List(tx, outbox.Filter{}) })
	for _, m := range mails {
		w.values["item"] = m.ID
		if _, rest, ok := strings.Cut(string(m.Content), people.JoinPath("")); ok && m.Address == "new@vexel.example" {
			secret, _, _ := strings.Cut(rest, `\n`)
			w.values["join secret"] = strings.TrimSpace(secret)
		}
	}
	courier := &delivery.Courier{Box: w.house.Box, Sealer: w.house.Sealer}
	w.do(func(tx *db.Tx) error { return courier.Subscribe(tx, "reader@elsewhere.example") })
	w.values["sign-in secret"] = made(w, func(tx *db.Tx) (string, error) {
		return people.IssueLink(tx, audience.Actor{}, w.cast["otto"].Person, people.LinkPrinted)
	})
	w.do(func(tx *db.Tx) error {
		_, t, err := people.IssueToken(tx, audience.Actor{}, w.cast["vera"].Person, "Vera's", charter.Scopes, 24*time.Hour)
		w.values["token"] = t.ID
		return err
	})
}

// credentials opens a session for each person and makes a token of each scope.
func (w *world) credentials() {
	for key, a := range w.cast {
		e := made(w, func(tx *db.Tx) (people.Entry, error) {
			return people.Open(tx, a.Person, "demo", people.Where{Agent: "golden", Address: "192.0.2.1"})
		})
		w.sessions[key] = e.Secret
		if key == "vera" {
			second := made(w, func(tx *db.Tx) (people.Entry, error) {
				return people.Open(tx, a.Person, "demo", people.Where{Agent: "phone", Address: "192.0.2.2"})
			})
			w.values["session"] = second.Session.ID
		}
	}
	weak := made(w, func(tx *db.Tx) (people.Entry, error) {
		return people.Open(tx, w.cast["tess"].Person, "link", people.Where{Agent: "golden", Address: "192.0.2.1"})
	})
	w.sessions["enrolling"] = weak.Secret
	for _, scope := range charter.Scopes {
		w.do(func(tx *db.Tx) (err error) {
			w.tokens[scope], _, err = people.IssueToken(tx, audience.Actor{}, w.cast["tess"].Person, scope, []string{scope}, 365*24*time.Hour)
			return err
		})
	}
	own := made(w, func(tx *db.Tx) ([]ledger.Record, error) { return ledger.ByActor(tx, w.cast["vera"], 0, 1) })
	w.values["seq"] = strconv.FormatInt(own[0].Seq, 10)
}

// constants are the values that no record of its own makes, and names of
// records for bodies.
func (w *world) constants() {
	for name, org := range map[string]string{"vexel": "Vexel Systems", "harbor": "Hidden Harbor", "wharf": "Wharf Networks", "outer": "Outer Works"} {
		w.values[name] = w.orgs[org]
	}
	for key, a := range w.cast {
		w.values[key] = a.Person
	}
	w.do(func(tx *db.Tx) error {
		c, err := casework.ByID(tx, w.values["case"])
		if err != nil {
			return err
		}
		w.values["case version"] = strconv.FormatInt(c.Version, 10)
		r, _, err := report.Load(tx, w.cast["cora"], w.values["report"])
		if err != nil {
			return err
		}
		w.values["report version"] = strconv.FormatInt(r.Version, 10)
		inv, err := casework.LoadInvitation(tx, w.cast["ivo"], w.values["invitation"])
		w.values["case terms"] = inv.Agreement()
		return err
	})
	for k, v := range map[string]string{"role": charter.Board, "label": "white", "mail deed": "again", "draft version": "1", "key file": "none.asc", "list file": "index.txt", "restricted list": "index.txt", "folder": "none", "passkey": "pk_none", "secret": "wrong-secret", "deed": "suspend", "move": "grant"} {
		w.values[k] = v
	}
}
