package contacts_test

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/alliancetest"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/oncall"
	"tocsin/spec/tlp"

	"github.com/ProtonMail/gopenpgp/v3/crypto"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is an alliance of two vendors in one program, and a third outside.
type world struct {
	*alliancetest.Scene
	actors  map[string]audience.Actor // admin, responder, reader of one; other (same program), far, coordinator
	one     orgs.Org
	two     orgs.Org
	both    people.Person
	program programs.Program
	board   contacts.Switchboard
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	alliancetest.Each(t, contacts.Tables(), func(s *alliancetest.Scene) {
		w := &world{Scene: s, actors: map[string]audience.Actor{}, board: contacts.Switchboard{Box: s.Box}}
		w.Do(w.found)
		f(w)
	})
}

func (w *world) found(tx *db.Tx) error {
	w.program, w.one = w.Program(tx, "Lights"), w.Org(tx, "One", orgs.Vendor)
	two, three := w.Org(tx, "Two", orgs.Vendor), w.Org(tx, "Three", orgs.Vendor)
	w.two = two
	w.Member(tx, w.program, w.one)
	w.Member(tx, w.program, two)
	for _, x := range []struct {
		name string
		org  orgs.Org
		role orgs.Role
	}{{"admin", w.one, orgs.Admin}, {"responder", w.one, orgs.Responder}, {"reader", w.one, orgs.Reader}, {"other", two, orgs.Admin}, {"far", three, orgs.Admin}} {
		p := w.Person(tx, x.name)
		w.Join(tx, x.org, p, x.role)
		w.actors[x.name] = w.Actor(tx, p)
	}
	w.actors["coordinator"] = w.Actor(tx, w.Person(tx, "coordinator", charter.Coordinator))
	return nil
}

func (w *world) add(c contacts.Contact) contacts.Contact {
	w.Helper()
	c.Org = w.one.ID
	w.Do(func(tx *db.Tx) (err error) { c, err = contacts.Add(tx, w.actors["responder"], c); return err })
	return c
}

func (w *world) looks(id string) int {
	w.Helper()
	var n int
	w.Do(func(tx *db.Tx) (err error) {
		n, err = db.Value[int](tx, `SELECT COUNT(*) FROM event WHERE kind = $1 AND object_id = $2`, contacts.EventLooked, id)
		return err
	})
	return n
}

func TestWhoKeepsAndSeesContacts(t *testing.T) {
	each(t, func(w *world) {
		own := w.add(contacts.Contact{Kind: contacts.Desk, Name: " Duty\u200b desk ", Mail: "duty@one.example", Phone: "+43 (1) 234-567", TimeZone: "Europe/Vienna", Languages: []string{"EN", "de-at", "en"}})
		open := w.add(contacts.Contact{Kind: contacts.Security, Name: "Security", Mail: "security@one.example", Shared: []string{w.program.ID}})
		if own.Name != "Duty desk" || own.Phone != "+431234567" || strings.Join(own.Languages, " ") != "en de-AT" || own.TLP != tlp.AmberStrict || open.TLP != tlp.Green {
			t.Errorf("kept %+v and %+v", own, open)
		}
		for name, sees := range map[string]int{"admin": 2, "responder": 2, "reader": 2, "coordinator": 2, "other": 1, "far": 0} {
			a := w.actors[name]
			w.Do(func(tx *db.Tx) error {
				list, err := contacts.List(tx, a, w.one.ID)
				if len(list) != sees {
					t.Errorf("%s sees %+v", name, list)
				}
				return err
			})
		}
		if w.looks(own.ID)+w.looks(open.ID) != 0 {
			t.Error("a list counts as a look")
		}
		w.Do(func(tx *db.Tx) error {
			c, err := contacts.Look(tx, w.actors["other"], open.ID)
			if c.Mail != "security@one.example" {
				t.Errorf("looked at %+v", c)
			}
			return err
		})
		w.Refused("a look from outside the program", errs.NotFound, func(tx *db.Tx) error { _, err := contacts.Look(tx, w.actors["far"], open.ID); return err })
		w.Refused("a look at what is not shared", errs.NotFound, func(tx *db.Tx) error { _, err := contacts.Look(tx, w.actors["other"], own.ID); return err })
		if w.looks(open.ID) != 1 || w.looks(own.ID) != 0 {
			t.Error("looks are not counted as they happen")
		}
		for _, name := range []string{"reader", "other"} {
			w.Refused(name+" edits", errs.Denied, func(tx *db.Tx) error { _, err := contacts.Edit(tx, w.actors[name], open); return err })
			w.Refused(name+" adds", errs.Denied, func(tx *db.Tx) error { _, err := contacts.Add(tx, w.actors[name], open); return err })
			w.Refused(name+" removes", errs.Denied, func(tx *db.Tx) error { return contacts.Remove(tx, w.actors[name], open.ID, open.Version) })
		}
		// One click confirms; another address has to be confirmed anew.
		w.Do(func(tx *db.Tx) (err error) {
			own, err = contacts.Confirm(tx, w.actors["admin"], own.ID, own.Version)
			return err
		})
		w.Refused("a stale confirmation", errs.Stale, func(tx *db.Tx) error { _, err := contacts.Confirm(tx, w.actors["admin"], own.ID, 1); return err })
		edit := own
		edit.Mail, edit.Shared = "desk@one.example", []string{w.program.ID}
		w.Do(func(tx *db.Tx) (err error) { edit, err = contacts.Edit(tx, w.actors["coordinator"], edit); return err })
		if !edit.Confirmed.IsZero() || edit.TLP != tlp.Green {
			t.Errorf("edited %+v", edit)
		}
		w.Refused("a stale edit", errs.Stale, func(tx *db.Tx) error { _, err := contacts.Edit(tx, w.actors["admin"], own); return err })
		w.Do(func(tx *db.Tx) error { _, err := contacts.Look(tx, w.actors["other"], own.ID); return err })
		edit.Shared = nil
		w.Do(func(tx *db.Tx) (err error) { edit, err = contacts.Edit(tx, w.actors["admin"], edit); return err })
		w.Refused("no longer shared", errs.NotFound, func(tx *db.Tx) error { _, err := contacts.Look(tx, w.actors["other"], own.ID); return err })
		w.Refused("a stale removal", errs.Stale, func(tx *db.Tx) error { return contacts.Remove(tx, w.actors["admin"], own.ID, 1) })
		w.Do(func(tx *db.Tx) error { return contacts.Remove(tx, w.actors["admin"], own.ID, edit.Version) })
	})
}

func TestWhatIsRefused(t *testing.T) {
	each(t, func(w *world) {
		key, err := crypto.PGP().KeyGeneration().AddUserId("Desk", "desk@one.example").GenerationTime(w.Clock.Now().Add(-2 * time.Hour).Unix()).Lifetime(3600).New().GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		expired, err := key.GetArmoredPublicKey()
		if err != nil {
			t.Fatal(err)
		}
		for field, c := range map[string]contacts.Contact{
			"name":      {Kind: contacts.Desk, Mail: "a@one.example"},
			"kind":      {Kind: "pirate", Name: "x", Mail: "a@one.example"},
			"mail":      {Kind: contacts.Desk, Name: "no way to reach"},
			"phone":     {Kind: contacts.Desk, Name: "x", Phone: "01 234567"},
			"pgp_key":   {Kind: contacts.Desk, Name: "x", Mail: "a@one.example", PGPKey: expired},
			"time_zone": {Kind: contacts.Desk, Name: "x", Mail: "a@one.example", TimeZone: "Mars/Olympus"},
			"hours":     {Kind: contacts.Desk, Name: "x", Mail: "a@one.example", Hours: &oncall.Hours{From: 5, To: 5}},
			"languages": {Kind: contacts.Desk, Name: "x", Mail: "a@one.example", Languages: []string{"not a tag"}},
			"shared":    {Kind: contacts.Desk, Name: "x", Mail: "a@one.example", Shared: []string{"prg_none"}},
			"person":    {Kind: contacts.Desk, Name: "x", Mail: "a@one.example", Person: w.actors["far"].Person},
		} {
			c.Org = w.one.ID
			err := w.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := contacts.Add(tx, w.actors["admin"], c); return err })
			if e, ok := err.(*errs.Error); !ok || e.Kind != errs.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		for in, want := range map[string]string{"+1 555 010 0000": "+15550100000", "+49-30/123.456": "+4930123456", "0043123456": "", "+0123456789": "", "+12": "", "+1234567890123456": "", "+43 call me": ""} {
			if got, _ := contacts.Phone(in); got != want {
				t.Errorf("%q is %q", in, got)
			}
		}
	})
}

func TestWhoNow(t *testing.T) {
	each(t, func(w *world) {
		shared := []string{w.program.ID}
		night := &oncall.Hours{From: 22 * 60, To: 7 * 60}
		ann := w.add(contacts.Contact{Kind: contacts.Response, Name: "Ann", Phone: "+43123456701", TimeZone: "Europe/Vienna", Quiet: night, Shared: shared})
		bob := w.add(contacts.Contact{Kind: contacts.Response, Name: "Bob", Phone: "+43123456702", TimeZone: "Europe/Vienna"})
		law := w.add(contacts.Contact{Kind: contacts.Legal, Name: "Law", Mail: "legal@one.example", TimeZone: "Europe/Vienna", Hours: &oncall.Hours{From: 9 * 60, To: 17 * 60}, Topics: []string{"Licences"}, Shared: shared})
		begin, err := oncall.ParseWall("2026-01-05T09:00")
		if err != nil {
			t.Fatal(err)
		}
		r := contacts.Rotation{Org: w.one.ID, Name: "PSIRT", Shared: shared, Layers: []oncall.Rotation{{Name: "main", Zone: "Europe/Vienna", Start: begin, Every: oncall.Every{Weeks: 1}, Members: []string{ann.ID, bob.ID}}}}
		w.Refused("a reader's rotation", errs.Denied, func(tx *db.Tx) error { _, err := contacts.AddRotation(tx, w.actors["reader"], r); return err })
		w.Do(func(tx *db.Tx) (err error) { r, err = contacts.AddRotation(tx, w.actors["admin"], r); return err })
		strange := r
		strange.Layers = []oncall.Rotation{{Name: "main", Zone: "UTC", Start: begin, Every: oncall.Every{Weeks: 1}, Members: []string{"con_x"}}}
		w.Refused("a strange member", errs.Invalid, func(tx *db.Tx) error { _, err := contacts.EditRotation(tx, w.actors["admin"], strange); return err })

		monday, next := time.Date(2026, 1, 7, 22, 0, 0, 0, time.UTC), time.Date(2026, 1, 14, 11, 0, 0, 0, time.UTC)
		ask := func(who, about string, at time.Time) []contacts.Callee {
			var out []contacts.Callee
			w.Do(func(tx *db.Tx) (err error) {
				out, err = contacts.WhoNow(tx, w.actors[who], w.one.ID, about, at)
				return err
			})
			return out
		}
		first := func(what string, list []contacts.Callee, name string, onCall bool) {
			t.Helper()
			if len(list) == 0 || list[0].Contact.Name != name || list[0].OnCall != onCall {
				t.Errorf("%s: %+v", what, list)
			}
		}
		got := ask("other", "", monday)
		first("the first week", got, "Ann", true)
		if !got[0].Quiet || got[0].LocalTime != "2026-01-07T23:00" || w.looks(ann.ID) != 1 {
			t.Errorf("answered %+v", got[0])
		}
		first("the second week", ask("admin", "", next), "Bob", true)
		first("Bob is not shared", ask("other", "", next), "Ann", false)
		first("a kind by day", ask("other", "LEGAL", next), "Law", false)
		first("a topic by day", ask("other", "licences", next), "Law", false)
		first("a kind at night", ask("other", "legal", monday), "Ann", true)
		w.Refused("nobody signed in", errs.Unauthenticated, func(tx *db.Tx) error {
			_, err := contacts.WhoNow(tx, audience.Actor{}, w.one.ID, "", monday)
			return err
		})
		if list := ask("far", "", next); len(list) != 0 {
			t.Errorf("an outsider is told %+v", list)
		}

		// Somebody takes over, then nobody.
		w.Clock.Set(next)
		var o contacts.Override
		w.Refused("other's override", errs.Denied, func(tx *db.Tx) error {
			_, err := contacts.HandOver(tx, w.actors["other"], contacts.Override{Rotation: r.ID, Contact: ann.ID, To: next.Add(time.Hour)})
			return err
		})
		w.Refused("an override of the past", errs.Invalid, func(tx *db.Tx) error {
			_, err := contacts.HandOver(tx, w.actors["admin"], contacts.Override{Rotation: r.ID, From: next.Add(-2 * time.Hour), To: next.Add(-time.Hour)})
			return err
		})
		w.Do(func(tx *db.Tx) (err error) {
			o, err = contacts.HandOver(tx, w.actors["responder"], contacts.Override{Rotation: r.ID, Contact: ann.ID, To: next.Add(time.Hour)})
			return err
		})
		first("taken over", ask("admin", "", next), "Ann", true)
		w.Do(func(tx *db.Tx) (err error) {
			_, err = contacts.HandOver(tx, w.actors["responder"], contacts.Override{Rotation: r.ID, From: next.Add(30 * time.Minute), To: next.Add(40 * time.Minute), Reason: "moving"})
			return err
		})
		w.Do(func(tx *db.Tx) error {
			c, err := contacts.Ahead(tx, w.actors["other"], r.ID, next, next.Add(24*time.Hour))
			if len(c.Gaps) != 1 || c.Gaps[0].To.Sub(c.Gaps[0].From) != 10*time.Minute || len(c.HandOvers) != 3 {
				t.Errorf("calendar %+v", c)
			}
			return err
		})
		w.Do(func(tx *db.Tx) error { return contacts.TakeBack(tx, w.actors["admin"], r.ID, o.ID) })
		first("taken back", ask("admin", "", next), "Bob", true)
		w.ladder(r, ann, bob, law, monday)
	})
}

// ladder climbs a ladder over the rotation, and takes it all down again.
func (w *world) ladder(r contacts.Rotation, ann, bob, law contacts.Contact, at time.Time) {
	admin := w.actors["admin"]
	l := contacts.Ladder{Org: w.one.ID, Name: "Wake us", Ladder: oncall.Ladder{Steps: []oncall.Step{
		{Whom: oncall.Whom{Kind: oncall.ByRotation, ID: r.ID}, Channel: oncall.Phone, Wait: 15},
		{Whom: oncall.Whom{Kind: oncall.ByRole, ID: string(contacts.Legal)}, Channel: oncall.Phone, Wait: 15},
		{Whom: oncall.Whom{Kind: oncall.ByPerson, ID: bob.ID}},
	}}}
	w.Do(func(tx *db.Tx) (err error) { l, err = contacts.AddLadder(tx, admin, l); return err })
	w.Refused("a ladder is not shared", errs.NotFound, func(tx *db.Tx) error { _, err := contacts.GetLadder(tx, w.actors["other"], l.ID); return err })
	for urgency, order := range map[oncall.Urgency][]string{oncall.Emergency: {ann.ID, law.ID, bob.ID}, oncall.Routine: {law.ID, bob.ID, ann.ID}} {
		w.Do(func(tx *db.Tx) error {
			got, err := contacts.Climb(tx, w.actors["coordinator"], l.ID, at, urgency)
			if len(got.Calls) != 3 || got.Calls[0].Whom != order[0] || got.Calls[1].Whom != order[1] || got.Calls[2].Whom != order[2] {
				w.Errorf("%s: %+v", urgency, got)
			}
			return err
		})
	}
	bad := l
	bad.Ladder.Steps = []oncall.Step{{Whom: oncall.Whom{Kind: oncall.ByPerson, ID: "con_x"}}}
	w.Refused("a stranger in a ladder", errs.Invalid, func(tx *db.Tx) error { _, err := contacts.EditLadder(tx, admin, bad); return err })
	old := l
	w.Do(func(tx *db.Tx) (err error) { l, err = contacts.EditLadder(tx, admin, l); return err })
	w.Refused("a stale ladder", errs.Stale, func(tx *db.Tx) error { _, err := contacts.EditLadder(tx, admin, old); return err })
	w.Refused("a contact on call", errs.Conflict, func(tx *db.Tx) error { return contacts.Remove(tx, admin, bob.ID, bob.Version) })
	w.Refused("a rotation in a ladder", errs.Conflict, func(tx *db.Tx) error { return contacts.RemoveRotation(tx, admin, r.ID, r.Version) })
	w.Do(func(tx *db.Tx) error { return contacts.RemoveLadder(tx, admin, l.ID, l.Version) })
	r.Shared = nil
	w.Do(func(tx *db.Tx) (err error) { r, err = contacts.EditRotation(tx, admin, r); return err })
	w.Refused("a rotation no longer shared", errs.NotFound, func(tx *db.Tx) error { _, err := contacts.GetRotation(tx, w.actors["other"], r.ID); return err })
	w.Do(func(tx *db.Tx) error { return contacts.RemoveRotation(tx, admin, r.ID, r.Version) })
	w.Do(func(tx *db.Tx) error { return contacts.Remove(tx, admin, bob.ID, bob.Version) })
}
