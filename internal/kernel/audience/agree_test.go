package audience_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/spec/tlp"

	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is a small alliance drawn at random: every table of the rule filled
// with few enough names that seats, grants, terms and bars meet often.
type world struct {
	seats     map[string][]audience.Seat
	audiences []string
	records   []record
}

type record struct {
	id, audience string
	marking      audience.Marking
}

var (
	persons  = []string{"p1", "p2", "p3"}
	orgNames = []string{"o1", "o2"}
	programs = []string{"g1", "g2"}
	offices  = []string{"coordinator", "board"}
	links    = []string{"l1", "l2"}
	termIDs  = []string{"t1", "t2"}
	classes  = []string{"vendor", "government"}
)

func drawSeat(t *rapid.T, person string) audience.Seat {
	own := audience.Party{Kind: audience.Person, ID: person}
	cap := audience.Role(rapid.IntRange(0, 3).Draw(t, "cap"))
	org := audience.Party{Kind: audience.Org, ID: rapid.SampledFrom(orgNames).Draw(t, "org")}
	class := rapid.SampledFrom(append([]string{""}, classes...)).Draw(t, "class")
	switch rapid.IntRange(0, 2).Draw(t, "seat") {
	case 0:
		return audience.Seat{Kind: audience.Org, ID: org.ID, Party: org, Cap: cap, Class: class}
	case 1:
		return audience.Seat{Kind: audience.Program, ID: rapid.SampledFrom(programs).Draw(t, "program"), Party: org, Cap: cap, Class: class}
	}
	return audience.Seat{Kind: audience.Office, ID: rapid.SampledFrom(offices).Draw(t, "office"), Party: own, Cap: cap}
}

func drawGrant(t *rapid.T) audience.Grant {
	kind := rapid.SampledFrom([]audience.SubjectKind{audience.Person, audience.Org, audience.Program, audience.Office, audience.Link}).Draw(t, "kind")
	names := map[audience.SubjectKind][]string{audience.Person: persons, audience.Org: orgNames, audience.Program: programs, audience.Office: offices, audience.Link: links}[kind]
	return audience.Grant{Kind: kind, ID: rapid.SampledFrom(names).Draw(t, "subject"), Role: audience.Role(rapid.IntRange(1, 3).Draw(t, "role"))}
}

func drawSome(t *rapid.T, from []string, name string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, len(from), rapid.ID[string]).Draw(t, name)
}

// build writes one random world into the database.
func build(tx *db.Tx, t *rapid.T) (world, error) {
	w := world{seats: map[string][]audience.Seat{}}
	for _, table := range []string{"record", "audience_grant", "audience_terms", "audience_bar", "audience_program", "audience_parent", "audience_exempt", "audience_through", "program_bar", "terms_acceptance", "seat", "audience"} {
		if _, err := tx.Exec("DELETE FROM " + table); err != nil {
			return w, err
		}
	}
	for _, p := range persons {
		own := audience.Party{Kind: audience.Person, ID: p}
		if err := audience.Sit(tx, p, audience.Seat{Kind: audience.Person, ID: p, Party: own, Cap: audience.Coordinator}); err != nil {
			return w, err
		}
		for range rapid.IntRange(0, 3).Draw(t, "seats") {
			if err := audience.Sit(tx, p, drawSeat(t, p)); err != nil {
				return w, err
			}
		}
		var err error
		if w.seats[p], err = audience.Seats(tx, p); err != nil {
			return w, err
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "acceptances") {
		party := rapid.SampledFrom([]audience.Party{{Kind: audience.Org, ID: "o1"}, {Kind: audience.Org, ID: "o2"}, {Kind: audience.Person, ID: "p1"}, {Kind: audience.Person, ID: "p2"}, {Kind: audience.Link, ID: "l1"}}).Draw(t, "party")
		if err := audience.Accept(tx, rapid.SampledFrom(termIDs).Draw(t, "terms"), party, "p1"); err != nil {
			return w, err
		}
	}
	for _, p := range programs {
		if _, err := audience.Shut(tx, p, drawSome(t, classes, "shut out")); err != nil {
			return w, err
		}
	}
	for range rapid.IntRange(1, 2).Draw(t, "audiences") {
		var grants []audience.Grant
		for range rapid.IntRange(0, 3).Draw(t, "grants") {
			grants = append(grants, drawGrant(t))
		}
		aid, err := audience.Create(tx, "test", grants, drawSome(t, termIDs, "required"), drawSome(t, classes, "barred"))
		if err != nil {
			return w, err
		}
		w.audiences = append(w.audiences, aid)
		if err := w.put(tx, t, aid, grants); err != nil {
			return w, err
		}
	}
	return w, w.mark(tx, t)
}

// put lays an audience under programs, exempts parties from its bars, and lets
// some of its grants rest on memberships: an organization's on its own, a
// person's on an organization's, as a part of a case has it.
func (w *world) put(tx *db.Tx, t *rapid.T, aid string, grants []audience.Grant) error {
	for _, p := range drawSome(t, programs, "under") {
		if err := audience.Place(tx, aid, p); err != nil {
			return err
		}
	}
	for _, o := range drawSome(t, orgNames, "exempt") {
		if err := audience.Exempt(tx, aid, audience.Party{Kind: audience.Org, ID: o}, "the board said so"); err != nil {
			return err
		}
	}
	for _, g := range grants {
		if g.Kind != audience.Org && g.Kind != audience.Person || !rapid.Bool().Draw(t, "rests") {
			continue
		}
		if _, err := tx.Exec(`UPDATE audience_grant SET through = 1 WHERE audience_id = $1 AND kind = $2 AND subject_id = $3`, aid, string(g.Kind), g.ID); err != nil {
			return err
		}
		for _, p := range drawSome(t, programs, "through") {
			org := g.ID
			if g.Kind == audience.Person {
				org = rapid.SampledFrom(orgNames).Draw(t, "through org")
			}
			if _, err := tx.Exec(`INSERT INTO audience_through (audience_id, kind, subject_id, program_id, party_kind, party_id) VALUES ($1, $2, $3, $4, 'org', $5) ON CONFLICT DO NOTHING`, aid, string(g.Kind), g.ID, p, org); err != nil {
				return err
			}
		}
	}
	if !rapid.Bool().Draw(t, "part") {
		return nil
	}
	var some []audience.Grant
	for range rapid.IntRange(0, 3).Draw(t, "grants of the part") {
		some = append(some, drawGrant(t))
	}
	part, err := audience.Within(tx, aid, "part", some, drawSome(t, termIDs, "required of the part"))
	w.audiences = append(w.audiences, part)
	return err
}

// mark makes a record at every level, unpublished and published before, at
// and after now.
func (w *world) mark(tx *db.Tx, t *rapid.T) error {
	for _, aid := range w.audiences {
		for level := tlp.Clear; level <= tlp.Red; level++ {
			release := time.Time{}
			if d := rapid.SampledFrom([]int{-2, -1, 0, 1}).Draw(t, "release"); d > -2 {
				release = tx.Now.Add(time.Duration(d) * time.Microsecond)
			}
			r := record{fmt.Sprintf("%s/%d", aid, level), aid, audience.Marking{Level: level, Release: release}}
			if _, err := tx.Exec(`INSERT INTO record (id, audience_id, tlp, release_at) VALUES ($1, $2, $3, $4)`, r.id, aid, int(level), db.Micros(release)); err != nil {
				return err
			}
			w.records = append(w.records, r)
		}
	}
	return nil
}

func (w world) actors() []audience.Actor {
	out := []audience.Actor{{}, audience.ForLink("l1"), audience.ForLink("l2")}
	for _, p := range persons {
		out = append(out, audience.Actor{Person: p, Seats: w.seats[p]})
	}
	return out
}

// TestRuleAndConditionAgree draws random worlds and asks the rule in every
// form it exists in: Decide, RoleOn, the SQL conditions, the list join,
// Reach.
func TestRuleAndConditionAgree(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		if _, err := d.Handle().Exec(`CREATE TABLE record (id TEXT PRIMARY KEY, audience_id TEXT NOT NULL, tlp INTEGER NOT NULL, release_at BIGINT)`); err != nil {
			t.Fatal(err)
		}
		if err := flag.Set("rapid.checks", worldsOf[d.Dialect]); err != nil {
			t.Fatal(err)
		}
		worlds := 0
		// One transaction for all of them spares a commit for each.
		err := d.Write(context.Background(), func(tx *db.Tx) error {
			rapid.Check(t, func(rt *rapid.T) {
				worlds++
				w, err := build(tx, rt)
				if err == nil {
					err = w.compare(tx, rt)
				}
				if err != nil {
					rt.Fatal(err)
				}
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d worlds", worlds)
	})
}

func (w world) compare(tx *db.Tx, t *rapid.T) error {
	reached := map[string][]string{}
	views := map[string]audience.View{}
	for _, aid := range w.audiences {
		v, err := audience.Load(tx, aid)
		if err != nil {
			return err
		}
		views[aid] = v
	}
	for _, r := range w.records {
		list, err := audience.Reach(tx, r.audience, r.marking.Level)
		if err != nil {
			return err
		}
		for _, k := range list {
			reached[r.id] = append(reached[r.id], k.Person)
		}
		if err := sameAbove(tx, t, r, list); err != nil {
			return err
		}
	}
	for _, a := range w.actors() {
		got, err := ask(tx, a)
		if err != nil {
			return err
		}
		for _, r := range w.records {
			v := views[r.audience]
			private := audience.Decide(a, v, audience.Marking{Level: r.marking.Level}, tx.Now) > audience.None
			role := audience.Decide(a, v, r.marking, tx.Now)
			all := role > audience.None
			if on, err := audience.RoleOn(tx, a, r.audience, r.marking); err != nil || on != role {
				t.Fatalf("actor %+v record %+v view %+v: RoleOn says %v (%v), Decide %v", a, r, v, on, err, role)
			}
			want := [5]bool{private, all, private, private, private}
			_, me := a.Ref()
			have := [5]bool{got[0][r.id], got[1][r.id], got[2][r.id], got[3][r.id], slices.Contains(reached[r.id], me)}
			if have != want {
				t.Fatalf("actor %+v record %+v view %+v: visible, published, mine, among, reach are %v, Decide says %v", a, r, v, have, want)
			}
		}
	}
	return nil
}

// sameAbove holds whom a record reaches against those of its audience's lowest
// level whose ways count for the record's.
func sameAbove(tx *db.Tx, t *rapid.T, r record, list []audience.Knower) error {
	wide, err := audience.Reach(tx, r.audience, tlp.Clear)
	if err != nil {
		return err
	}
	var kept []audience.Knower
	for _, k := range wide {
		if k, ok := k.At(r.marking.Level); ok {
			kept = append(kept, k)
		}
	}
	same := func(x, y audience.Knower) bool {
		return x.Person == y.Person && x.Link == y.Link && slices.Equal(x.Paths, y.Paths) && len(x.Orgs) == len(y.Orgs)
	}
	if !slices.EqualFunc(kept, list, same) {
		t.Fatalf("record %+v reaches %+v, and by its level %+v", r, list, kept)
	}
	return nil
}

// ask runs the SQL forms for one actor.
func ask(tx *db.Tx, a audience.Actor) (out [4]map[string]bool, err error) {
	forms := []func(*db.Args) string{
		func(args *db.Args) string { return `SELECT r.id FROM record r WHERE ` + audience.Visible(a, "r", args) },
		func(args *db.Args) string {
			return `SELECT r.id FROM record r WHERE ` + audience.VisibleOrPublished(a, "r", tx.Now, args)
		},
		func(args *db.Args) string {
			return `SELECT r.id FROM ` + audience.Mine(a, args) + ` mine JOIN record r ON r.audience_id = mine.audience_id AND r.tlp <= mine.reach`
		},
		func(args *db.Args) string {
			return `SELECT r.id FROM record r WHERE ` + audience.VisibleAmong(a, "record", "r", "id <> ''", args)
		},
	}
	for i, form := range forms {
		var args db.Args
		q := form(&args)
		ids, err := db.Column[string](tx, q, args...)
		if err != nil {
			return out, fmt.Errorf("%s: %w", q, err)
		}
		out[i] = map[string]bool{}
		for _, id := range ids {
			if out[i][id] {
				return out, fmt.Errorf("record %s is listed twice", id)
			}
			out[i][id] = true
		}
	}
	return out, nil
}
