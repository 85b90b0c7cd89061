package talk_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func scene(t *testing.T, d *db.DB) *casetest.Scene {
	t.Helper()
	s := casetest.New(t, d).Accept(t)
	for id, name := range map[string]string{"p_ada": "Ada Coord", "p_vera": "Vera Vex", "p_willem": "Willem Wharf", "p_otto": "Otto Out"} {
		casetest.Must(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO person (id, audience_id, email, name, time_zone, locale, state, created_at, version) VALUES ($1, $2, $3, $4, 'UTC', 'en', 'active', 1, 1)`, id, s.Case.Audience, id+"@x.example", name)
			return err
		})
	}
	return s
}

func try(s *casetest.Scene, a audience.Actor, thread string, in talk.Draft) (m talk.Message, err error) {
	err = casetest.Try(s.DB, func(tx *db.Tx) (err error) {
		m, err = talk.Post(tx, a, thread, in)
		return err
	})
	return m, err
}

func post(t *testing.T, s *casetest.Scene, a audience.Actor, thread string, in talk.Draft) talk.Message {
	t.Helper()
	m, err := try(s, a, thread, in)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func bodies(t *testing.T, s *casetest.Scene, a audience.Actor, thread string) []string {
	t.Helper()
	var out []string
	casetest.Must(t, s.DB, func(tx *db.Tx) error {
		p, err := talk.List(tx, a, thread, talk.Paging{})
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		for _, m := range p.Messages {
			out = append(out, m.Body)
		}
		return err
	})
	return out
}

func threads(t *testing.T, s *casetest.Scene, a audience.Actor) map[string]talk.Thread {
	t.Helper()
	out := map[string]talk.Thread{}
	casetest.Must(t, s.DB, func(tx *db.Tx) error {
		list, err := talk.Threads(tx, a, s.Case.ID)
		if errs.Is(err, errs.NotFound) {
			return nil
		}
		for _, x := range list {
			out[x.ID] = x
		}
		return err
	})
	return out
}

func found(t *testing.T, s *casetest.Scene, a audience.Actor, words string) int {
	t.Helper()
	n := 0
	casetest.Must(t, s.DB, func(tx *db.Tx) error {
		p, err := search.Find(tx, a, search.Query{Text: words})
		n = len(p.Hits)
		return err
	})
	return n
}

func told(t *testing.T, s *casetest.Scene, a audience.Actor) []ledger.Record {
	t.Helper()
	var out []ledger.Record
	casetest.Must(t, s.DB, func(tx *db.Tx) error {
		list, err := ledger.List(tx, a, ledger.Query{Scope: s.Case.ID, After: -1})
		for _, r := range list {
			if strings.HasPrefix(r.Kind, "message.") || strings.HasPrefix(r.Kind, "thread.") || strings.HasPrefix(r.Kind, "file.") {
				out = append(out, r)
			}
		}
		return err
	})
	return out
}

func verify(t *testing.T, s *casetest.Scene) {
	t.Helper()
	var k *ledger.Keeper
	casetest.Must(t, s.DB, func(tx *db.Tx) (err error) {
		k, err = charter.Keeper(tx, s.Sealer)
		return err
	})
	rep, err := k.Verify(context.Background(), s.DB, slices.Concat(casework.Tables(), matrix.Tables(), talk.Tables()))
	if err != nil || len(rep.Problems) > 0 {
		t.Fatalf("the ledger does not verify: %+v, %v", rep, err)
	}
}

func want[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func refused(t *testing.T, what string, err error, kind errs.Kind) {
	t.Helper()
	if !errs.Is(err, kind) {
		t.Errorf("%s: %v, want %v", what, err, kind)
	}
}

func TestEachThreadIsForItsReadersAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		// Nils is invited and has not accepted.
		nils := casetest.Actor(t, d, "p_nils", "org_n")
		casetest.Must(t, d, func(tx *db.Tx) error {
			_, err := casework.Invite(tx, s.Ada, s.Case.ID, casework.Inclusion{Reason: "ships it", Targets: []casework.Target{{Kind: audience.Org, ID: "org_n", Name: "Nordlicht"}}})
			return err
		})
		g, pv, pw, tm := talk.GeneralID(s.Case.ID), talk.PrivateID(s.V.ID), talk.PrivateID(s.W.ID), talk.TeamID(s.Case.ID)
		post(t, s, s.Ada, g, talk.Draft{Body: "welcome gladiolus"})
		post(t, s, s.Ada, pv, talk.Draft{Body: "only vexel hyacinth"})
		post(t, s, s.Vera, pv, talk.Draft{Body: "we answer hyacinth"})
		post(t, s, s.Willem, pw, talk.Draft{Body: "wharf here tulip"})
		post(t, s, s.Ada, tm, talk.Draft{Body: "between us crocus"})
		for _, c := range []struct {
			name    string
			a       audience.Actor
			threads []string
			words   map[string]int
			events  int
		}{
			{"coordinator", s.Ada, []string{g, pv, pw, tm}, map[string]int{"gladiolus": 1, "hyacinth": 2, "tulip": 1, "crocus": 1}, 9},
			{"vendor", s.Vera, []string{g, pv}, map[string]int{"gladiolus": 1, "hyacinth": 2, "tulip": 0, "crocus": 0}, 5},
			{"other vendor", s.Willem, []string{g, pw}, map[string]int{"gladiolus": 1, "hyacinth": 0, "tulip": 1, "crocus": 0}, 4},
			{"invited, not accepted", nils, nil, map[string]int{"gladiolus": 0, "hyacinth": 0, "tulip": 0, "crocus": 0}, 0},
			{"outsider", s.Otto, nil, map[string]int{"gladiolus": 0, "hyacinth": 0, "tulip": 0, "crocus": 0}, 0},
			{"anonymous", audience.Actor{}, nil, map[string]int{"gladiolus": 0, "hyacinth": 0}, 0},
		} {
			have := threads(t, s, c.a)
			if len(have) != len(c.threads) {
				t.Errorf("%s: %d threads, want %d: %v", c.name, len(have), len(c.threads), have)
			}
			for _, id := range []string{g, pv, pw, tm} {
				in := slices.Contains(c.threads, id)
				if x, ok := have[id]; ok != in || ok && x.Closed != (id != g) {
					t.Errorf("%s: thread %s listed %v, closed %v", c.name, id, ok, x.Closed)
				}
				if got := len(bodies(t, s, c.a, id)) > 0; got != in {
					t.Errorf("%s reads %s: %v", c.name, id, got)
				}
				if !in {
					_, err := try(s, c.a, id, talk.Draft{Body: "let me in"})
					refused(t, c.name+" writes in "+id, err, errs.NotFound)
				}
			}
			for w, n := range c.words {
				if got := found(t, s, c.a, w); got != n {
					t.Errorf("%s finds %q %d times, want %d", c.name, w, got, n)
				}
			}
			events := told(t, s, c.a)
			if len(events) != c.events {
				t.Errorf("%s is told of %d events, want %d", c.name, len(events), c.events)
			}
			for _, e := range events {
				if strings.Contains(string(e.Payload), "hyacinth") || strings.Contains(string(e.Payload), "gladiolus") {
					t.Errorf("an event tells what was said: %s", e.Payload)
				}
			}
		}
		verify(t, s)
	})
}

func TestUnreadMarksAndPages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := scene(t, d)
		g := talk.GeneralID(s.Case.ID)
		var ids []string
		for i := range 60 {
			c.Advance(time.Second)
			ids = append(ids, post(t, s, s.Ada, g, talk.Draft{Body: "n" + string(rune('A'+i%26))}).ID)
		}
		post(t, s, s.Vera, g, talk.Draft{Body: "mine **is** not unread"})
		if n := threads(t, s, s.Vera)[g].Unread; n != 60 {
			t.Errorf("Vera has %d unread, want 60", n)
		}
		if l := threads(t, s, s.Willem)[g]; l.Unread != 61 || l.Last == nil || l.Last.Snippet != "mine is not unread" || l.Last.Author.Name != "Vera Vex" || l.Last.Author.PartyName != "Vexel Systems" {
			t.Errorf("Willem sees %+v, %+v", l, l.Last)
		}
		read := func(a audience.Actor, upto string) error {
			return casetest.Try(d, func(tx *db.Tx) error { return talk.Read(tx, a, g, upto) })
		}
		if err := read(s.Vera, ids[29]); err != nil {
			t.Fatal(err)
		}
		if err := read(s.Vera, ids[3]); err != nil {
			t.Fatal(err)
		}
		if n := threads(t, s, s.Vera)[g].Unread; n != 30 {
			t.Errorf("after reading half, and a look back, Vera has %d unread, want 30", n)
		}
		refused(t, "an outsider marks", read(s.Otto, ids[3]), errs.NotFound)
		casetest.Must(t, d, func(tx *db.Tx) error {
			p, err := talk.List(tx, s.Vera, g, talk.Paging{Limit: 20})
			if err != nil {
				return err
			}
			if p.FirstNew != ids[30] || p.Messages[0].ID != ids[20] || len(p.Messages) != 20 || p.Older == "" || p.Newer == "" {
				t.Errorf("around the mark: first new %s, %d messages from %s, older %q newer %q", p.FirstNew, len(p.Messages), p.Messages[0].ID, p.Older, p.Newer)
			}
			older, err := talk.List(tx, s.Vera, g, talk.Paging{Before: p.Older, Limit: 50})
			if err != nil || len(older.Messages) != 20 || older.Older != "" || older.Messages[19].ID != ids[19] {
				t.Errorf("older: %d messages, %q, %v", len(older.Messages), older.Older, err)
			}
			newer, err := talk.List(tx, s.Vera, g, talk.Paging{After: p.Newer, Limit: 50})
			if err != nil || len(newer.Messages) != 21 || newer.Newer != "" || newer.Messages[0].ID != ids[40] || newer.Messages[20].Unread {
				t.Errorf("newer: %d messages, %q, %v", len(newer.Messages), newer.Newer, err)
			}
			_, err = talk.List(tx, s.Vera, g, talk.Paging{Before: "msg_none"})
			refused(t, "a page mark that is none", err, errs.NotFound)
			return nil
		})
		if n := threads(t, s, s.Ada)[g].Unread; n != 1 {
			t.Errorf("Ada has %d unread, want 1", n)
		}
	})
}

func TestWhatMayBeSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		g := talk.GeneralID(s.Case.ID)
		for _, c := range []struct {
			name string
			a    audience.Actor
			in   talk.Draft
			kind errs.Kind
		}{
			{"ten megabytes", s.Vera, talk.Draft{Body: strings.Repeat("*a* ", 10<<18)}, errs.TooLarge},
			{"nothing", s.Vera, talk.Draft{Body: " \n\u200b\n"}, errs.Invalid},
			{"no UTF-8", s.Vera, talk.Draft{Body: "a\xff"}, errs.Invalid},
			{"a downgrade by a vendor", s.Vera, talk.Draft{Body: "x", Level: tlp.Green}, errs.Denied},
			{"no level", s.Vera, talk.Draft{Body: "x", Level: 9}, errs.Invalid},
			{"RED that its author would not see", s.Vera, talk.Draft{Body: "x", Level: tlp.Red}, errs.Invalid},
			{"names without RED", s.Vera, talk.Draft{Body: "x", Named: []string{"p_ada"}}, errs.Invalid},
			{"a reply to nothing", s.Vera, talk.Draft{Body: "x", ReplyTo: "msg_0"}, errs.NotFound},
			{"a mention of an outsider", s.Vera, talk.Draft{Body: "x", Mentions: []string{"p_otto"}}, errs.Invalid},
			{"a mention of another's person", s.Vera, talk.Draft{Body: "x", Mentions: []string{"p_willem"}}, errs.Invalid},
			{"a mention of nobody", s.Vera, talk.Draft{Body: "x", Mentions: []string{"p_nobody"}}, errs.Invalid},
			{"a question to oneself", s.Vera, talk.Draft{Body: "x", AskOf: s.V.ID}, errs.Invalid},
			{"a question to nobody", s.Vera, talk.Draft{Body: "x", AskOf: "par_0"}, errs.Invalid},
			{"a question due in the past", s.Vera, talk.Draft{Body: "x", AskOf: talk.TeamAddress, AskBy: dbtest.Start.Add(-time.Hour)}, errs.Invalid},
		} {
			_, err := try(s, c.a, g, c.in)
			refused(t, c.name, err, c.kind)
		}
		outside, _ := try(s, s.Vera, g, talk.Draft{Body: "x", Mentions: []string{"p_willem"}})
		if outside.ID != "" {
			t.Error("something was posted")
		}
		_, a := try(s, s.Vera, g, talk.Draft{Body: "x", Mentions: []string{"p_willem"}})
		_, b := try(s, s.Vera, g, talk.Draft{Body: "x", Mentions: []string{"p_nobody"}})
		if a.Error() != b.Error() {
			t.Errorf("a mention tells who is in: %q, %q", a, b)
		}
		if len(bodies(t, s, s.Ada, g)) != 0 || len(told(t, s, s.Ada)) != 0 {
			t.Error("a refusal changed something")
		}
		m := post(t, s, s.Ada, g, talk.Draft{Body: "ad\u202emin\u200b\r\n\tx", Level: tlp.Green})
		if m.Body != "admin\n\tx" || m.Level != tlp.Green || !m.Author.Coordinator {
			t.Errorf("posted %+v", m)
		}
		reader := s.Vera
		reader.Seats = slices.Clone(reader.Seats)
		for i := range reader.Seats {
			reader.Seats[i].Cap = audience.Reader
		}
		_, err := try(s, reader, g, talk.Draft{Body: "x"})
		refused(t, "a reader writes", err, errs.Denied)
		verify(t, s)
	})
}

func TestMentions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		casetest.Actor(t, d, "p_vito", "org_v")
		casetest.Must(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`INSERT INTO person (id, audience_id, email, name, time_zone, locale, state, created_at, version) VALUES ('p_vito', $1, 'vito@x.example', 'Vito', 'UTC', 'en', 'active', 1, 1)`, s.Case.Audience)
			return err
		})
		g := talk.GeneralID(s.Case.ID)
		names := func(m talk.Message) []string {
			var out []string
			for _, x := range m.Mentions {
				out = append(out, string(x.Kind)+" "+x.ID)
			}
			return out
		}
		body := "@vito, @Wharf Networks and @Coordinators: see mail@vito.example, @Vitorio, @Willem Wharf, @Otto Out"
		want(t, "a vendor calls", names(post(t, s, s.Vera, g, talk.Draft{Body: body})), []string{"person p_vito", "party " + s.W.ID, "team team"})
		want(t, "a coordinator calls", names(post(t, s, s.Ada, g, talk.Draft{Body: "@Willem Wharf @Otto Out"})), []string{"person p_willem"})
		post(t, s, s.Willem, g, talk.Draft{Body: "here"})
		want(t, "who wrote is known", names(post(t, s, s.Vera, g, talk.Draft{Body: "thanks @Willem Wharf!"})), []string{"person p_willem"})
		pv := talk.PrivateID(s.V.ID)
		want(t, "in private, the others are out", names(post(t, s, s.Vera, pv, talk.Draft{Body: "@Wharf Networks @Willem Wharf @Ada Coord"})), []string{"person p_ada"})
		asked := post(t, s, s.Ada, g, talk.Draft{Body: "please answer", AskOf: s.W.ID, Mentions: []string{s.W.ID, s.V.ID}})
		casetest.Must(t, d, func(tx *db.Tx) error {
			return casework.Hide(tx, s.Ada, s.Case.ID, s.W.ID, "unannounced", true)
		})
		casetest.Must(t, d, func(tx *db.Tx) error {
			m, _, _, err := talk.Load(tx, s.Vera, asked.ID)
			if err != nil || m.AskOf != "" || len(m.Mentions) != 1 || m.Mentions[0].ID != s.V.ID {
				t.Errorf("an earlier message tells of who is hidden now: %+v, %v", m, err)
			}
			if m, _, _, err = talk.Load(tx, s.Willem, asked.ID); err != nil || m.AskOf != s.W.ID || len(m.Mentions) != 2 {
				t.Errorf("the party itself is still asked: %+v, %v", m, err)
			}
			return nil
		})
		for _, who := range []audience.Actor{s.Vera, s.Ada} {
			if m := post(t, s, who, g, talk.Draft{Body: "@Wharf Networks @Willem Wharf"}); len(m.Mentions) != 0 {
				t.Errorf("%s calls a hidden party where others read: %v", who.Person, m.Mentions)
			}
		}
		want(t, "in its own thread it is called", names(post(t, s, s.Ada, talk.PrivateID(s.W.ID), talk.Draft{Body: "@Wharf Networks"})), []string{"party " + s.W.ID})
	})
}

func TestRedIsForNamedPersons(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		vito := casetest.Actor(t, d, "p_vito", "org_v")
		g := talk.GeneralID(s.Case.ID)
		post(t, s, s.Ada, g, talk.Draft{Body: "open"})
		red := post(t, s, s.Vera, g, talk.Draft{Body: "secret @Ada Coord @Wharf Networks", Level: tlp.Red, Named: []string{"p_ada"}})
		if len(red.Mentions) != 1 {
			t.Errorf("a RED message calls those it names only: %v", red.Mentions)
		}
		want(t, "author", bodies(t, s, s.Vera, g), []string{"open", red.Body})
		want(t, "named", bodies(t, s, s.Ada, g), []string{"open", red.Body})
		want(t, "colleague", bodies(t, s, vito, g), []string{"open"})
		want(t, "other vendor", bodies(t, s, s.Willem, g), []string{"open"})
		if found(t, s, vito, "secret") != 0 || found(t, s, s.Willem, "secret") != 0 {
			t.Error("search finds what is for others")
		}
		if n := threads(t, s, s.Willem)[g].Unread; n != 1 {
			t.Errorf("a RED message is counted for who may not see it: %d", n)
		}
		reply := post(t, s, s.Ada, g, talk.Draft{Body: "noted", ReplyTo: red.ID})
		casetest.Must(t, d, func(tx *db.Tx) error {
			m, _, _, err := talk.Load(tx, s.Willem, reply.ID)
			if err != nil || m.ReplyTo != "" {
				t.Errorf("a reply tells of what it replies to: %q, %v", m.ReplyTo, err)
			}
			if m, _, _, err = talk.Load(tx, s.Vera, reply.ID); err != nil || m.ReplyTo != red.ID {
				t.Errorf("who may see both sees the reply: %q, %v", m.ReplyTo, err)
			}
			n, err := talk.CountReach(tx, s.Vera, g, tlp.Red, []string{"p_ada"})
			if err != nil || n.People != 2 {
				t.Errorf("reach: %+v, %v", n, err)
			}
			return nil
		})
		_, err := try(s, s.Willem, g, talk.Draft{Body: "x", ReplyTo: red.ID})
		refused(t, "a reply by who may not see it", err, errs.NotFound)
		_, err = try(s, s.Vera, g, talk.Draft{Body: "x", Level: tlp.Red, Named: []string{"p_otto"}})
		refused(t, "an outsider is named", err, errs.Invalid)
		// Who leaves the case loses what named them, too.
		named := post(t, s, s.Ada, g, talk.Draft{Body: "for vera", Level: tlp.Red, Named: []string{"p_vera"}})
		casetest.Must(t, d, func(tx *db.Tx) error {
			return casework.Leave(tx, s.Vera, s.Case.ID, s.V.ID, "not our code")
		})
		casetest.Must(t, d, func(tx *db.Tx) error {
			_, _, _, err := talk.Load(tx, s.Vera, named.ID)
			refused(t, "who left reads what named them", err, errs.NotFound)
			_, err = talk.Edit(tx, s.Ada, named.ID, talk.Edition{Body: "for vera no more", Version: 1})
			return err
		})
		for _, e := range told(t, s, s.Vera) {
			if e.Kind == talk.EventEdited {
				t.Error("who left is told of a change")
			}
		}
		verify(t, s)
	})
}

func TestHiddenPartiesStayHidden(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		g := talk.GeneralID(s.Case.ID)
		var prod matrix.Product
		casetest.Must(t, d, func(tx *db.Tx) (err error) {
			if prod, err = matrix.PutProduct(tx, s.Vera, s.Case.ID, matrix.Product{Participant: s.V.ID, Name: "Router"}); err != nil {
				return err
			}
			_, err = talk.OpenProduct(tx, s.Willem, s.Case.ID, prod.ID)
			refused(t, "a competitor opens the thread", err, errs.Denied)
			_, err = talk.OpenProduct(tx, s.Otto, s.Case.ID, prod.ID)
			refused(t, "an outsider opens the thread", err, errs.NotFound)
			if _, err = talk.OpenProduct(tx, s.Vera, s.Case.ID, prod.ID); err != nil {
				return err
			}
			again, err := talk.OpenProduct(tx, s.Ada, s.Case.ID, prod.ID)
			if again.ID != talk.ProductID(prod.ID) {
				t.Errorf("opened twice: %+v", again)
			}
			return err
		})
		r := talk.ProductID(prod.ID)
		post(t, s, s.Vera, g, talk.Draft{Body: "vexel speaks azalea"})
		post(t, s, s.Willem, g, talk.Draft{Body: "wharf speaks"})
		post(t, s, s.Vera, r, talk.Draft{Body: "router azalea"})
		post(t, s, s.Willem, r, talk.Draft{Body: "your router, azalea?"})
		if n := found(t, s, s.Willem, "azalea"); n != 3 {
			t.Fatalf("before, Willem finds %d", n)
		}
		hide := func(p casework.Participant, yes bool) {
			casetest.Must(t, d, func(tx *db.Tx) error {
				return casework.Hide(tx, s.Ada, s.Case.ID, p.ID, "as asked", yes)
			})
		}
		hide(s.V, true)
		want(t, "the others in general", bodies(t, s, s.Willem, g), []string{"wharf speaks"})
		want(t, "the party in general", bodies(t, s, s.Vera, g), []string{"vexel speaks azalea", "wharf speaks"})
		if x := bodies(t, s, s.Willem, r); len(x) != 0 || threads(t, s, s.Willem)[r].ID != "" {
			t.Errorf("the others see the product's thread: %v", x)
		}
		want(t, "the party in its product's thread", bodies(t, s, s.Vera, r), []string{"router azalea", "your router, azalea?"})
		if n := found(t, s, s.Willem, "azalea"); n != 0 {
			t.Errorf("hidden, Willem finds %d", n)
		}
		for _, e := range told(t, s, s.Willem) {
			if e.ActorID == "p_vera" {
				t.Errorf("Willem is told what a hidden party did: %+v", e)
			}
		}
		_, err := try(s, s.Vera, g, talk.Draft{Body: "me again"})
		refused(t, "a hidden party shows itself", err, errs.Denied)
		post(t, s, s.Vera, r, talk.Draft{Body: "in our own thread we may"})
		count := func(a audience.Actor) (n audience.Count) {
			casetest.Must(t, d, func(tx *db.Tx) (err error) {
				n, err = talk.CountReach(tx, a, g, tlp.Clear, nil)
				return err
			})
			return n
		}
		if w, a := count(s.Willem), count(s.Ada); w.Orgs != 1 || a.Orgs != 2 || w.People != 2 || a.People != 3 {
			t.Errorf("reach for a vendor %+v, for a coordinator %+v", w, a)
		}
		hide(s.W, true)
		for _, e := range told(t, s, s.Vera) {
			if e.ActorID == "p_willem" {
				t.Errorf("Vera is told what a hidden party did: %+v", e)
			}
		}
		hide(s.V, false)
		want(t, "shown again", bodies(t, s, s.Vera, r), []string{"router azalea", "in our own thread we may"})
		hide(s.W, false)
		want(t, "both shown", bodies(t, s, s.Willem, r), []string{"router azalea", "your router, azalea?", "in our own thread we may"})
		if n := found(t, s, s.Willem, "azalea"); n != 3 {
			t.Errorf("shown again, Willem finds %d", n)
		}
		verify(t, s)
	})
}

func TestEditingKeepsEveryWording(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := scene(t, d)
		g := talk.GeneralID(s.Case.ID)
		m := post(t, s, s.Vera, g, talk.Draft{Body: "first ranunculus"})
		edit := func(a audience.Actor, in talk.Edition) (out talk.Message, err error) {
			err = casetest.Try(d, func(tx *db.Tx) (err error) {
				out, err = talk.Edit(tx, a, m.ID, in)
				return err
			})
			return out, err
		}
		c.Advance(time.Minute)
		if out, err := edit(s.Vera, talk.Edition{Body: "second anemone", Version: 1}); err != nil || out.Version != 2 {
			t.Fatalf("%+v, %v", out, err)
		}
		_, err := edit(s.Vera, talk.Edition{Body: "third", Version: 1})
		refused(t, "an edit of an older version", err, errs.Stale)
		if e, ok := err.(*errs.Error); !ok || e.Theirs.(talk.Message).Body != "second anemone" || e.Yours.(talk.Message).Body != "third" {
			t.Errorf("both versions come back: %+v", err)
		}
		_, err = edit(s.Vera, talk.Edition{Body: "third"})
		refused(t, "an edit that saw nothing", err, errs.Stale)
		_, err = edit(s.Willem, talk.Edition{Body: "x", Version: 2, Reason: "r"})
		refused(t, "an edit by another vendor", err, errs.Denied)
		_, err = edit(s.Otto, talk.Edition{Body: "x", Version: 2})
		refused(t, "an edit by an outsider", err, errs.NotFound)
		_, err = edit(s.Ada, talk.Edition{Body: "x", Version: 2})
		refused(t, "a coordinator without a reason", err, errs.Invalid)
		_, err = edit(s.Vera, talk.Edition{Body: "x", Version: 2, Level: tlp.Green})
		refused(t, "a downgrade by the author", err, errs.Denied)
		if found(t, s, s.Willem, "ranunculus") != 0 || found(t, s, s.Willem, "anemone") != 1 {
			t.Error("search knows the wording now, and no earlier one")
		}
		c.Advance(time.Minute)
		if _, err = edit(s.Ada, talk.Edition{Body: "mild anemone", Version: 2, Reason: "a name was in it", Level: tlp.Amber}); err != nil {
			t.Fatal(err)
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			list, err := talk.History(tx, s.Willem, m.ID)
			if err != nil || len(list) != 3 {
				t.Fatalf("history: %+v, %v", list, err)
			}
			var got []string
			for _, w := range list {
				got = append(got, w.Body+"|"+w.Editor.Name+"|"+w.Reason+"|"+w.At.Format("15:04"))
			}
			want(t, "wordings", got, []string{"first ranunculus|Vera Vex||09:00", "second anemone|Vera Vex||09:01", "mild anemone|Ada Coord|a name was in it|09:02"})
			_, err = talk.History(tx, s.Otto, m.ID)
			refused(t, "an outsider reads the history", err, errs.NotFound)
			return nil
		})
		verify(t, s)
	})
}

func TestTwoEditAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		m := post(t, s, s.Vera, talk.GeneralID(s.Case.ID), talk.Draft{Body: "one"})
		var wg sync.WaitGroup
		var mu sync.Mutex
		var won, lost int
		for i := range 6 {
			wg.Go(func() {
				err := casetest.Try(d, func(tx *db.Tx) error {
					_, err := talk.Edit(tx, s.Vera, m.ID, talk.Edition{Body: strings.Repeat("x", i+1), Version: 1})
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case errs.Is(err, errs.Stale):
					lost++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won != 1 || lost != 5 {
			t.Errorf("%d won, %d lost", won, lost)
		}
		verify(t, s)
	})
}

func TestRetractLeavesTheFrame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		g := talk.GeneralID(s.Case.ID)
		m := post(t, s, s.Vera, g, talk.Draft{Body: "slip begonia"})
		retract := func(a audience.Actor, why string) error {
			return casetest.Try(d, func(tx *db.Tx) error {
				_, err := talk.Retract(tx, a, m.ID, why)
				return err
			})
		}
		refused(t, "by another vendor", retract(s.Willem, "x"), errs.Denied)
		refused(t, "by a coordinator without a reason", retract(s.Ada, ""), errs.Invalid)
		if err := retract(s.Vera, ""); err != nil {
			t.Fatal(err)
		}
		refused(t, "twice", retract(s.Vera, ""), errs.Conflict)
		casetest.Must(t, d, func(tx *db.Tx) error {
			for _, a := range []audience.Actor{s.Willem, s.Ada} {
				p, err := talk.List(tx, a, g, talk.Paging{})
				if err != nil || len(p.Messages) != 1 || p.Messages[0].Body != "" || p.Messages[0].Retracted == nil || p.Messages[0].Retracted.By != "author" || p.FirstNew != "" {
					t.Errorf("%s sees %+v, %v", a.Person, p, err)
				}
				if h, err := talk.History(tx, a, m.ID); err != nil || len(h) != 0 {
					t.Errorf("the history shows what was retracted: %v, %v", h, err)
				}
			}
			_, err := talk.Edit(tx, s.Vera, m.ID, talk.Edition{Body: "x", Version: 2})
			refused(t, "an edit of it", err, errs.Conflict)
			return nil
		})
		if found(t, s, s.Ada, "begonia") != 0 || threads(t, s, s.Willem)[g].Unread != 0 {
			t.Error("it is still found or counted")
		}
		verify(t, s)
	})
}

func TestTheSameKeyIsTheSameMessage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		g := talk.GeneralID(s.Case.ID)
		var wg sync.WaitGroup
		ids := make([]string, 6)
		for i := range ids {
			wg.Go(func() {
				m, err := try(s, s.Vera, g, talk.Draft{Body: "once", Key: "k1"})
				if err != nil {
					t.Error(err)
				}
				ids[i] = m.ID
			})
		}
		wg.Wait()
		if slices.Sort(ids); ids[0] != ids[5] || ids[0] == "" {
			t.Errorf("six messages: %v", ids)
		}
		if got := bodies(t, s, s.Ada, g); len(got) != 1 {
			t.Errorf("posted %v", got)
		}
		_, err := try(s, s.Vera, g, talk.Draft{Body: "other", Key: "k1"})
		refused(t, "another text under the key", err, errs.Conflict)
		_, err = try(s, s.Vera, talk.PrivateID(s.V.ID), talk.Draft{Body: "once", Key: "k1"})
		refused(t, "another thread under the key", err, errs.Conflict)
		if m := post(t, s, s.Willem, g, talk.Draft{Body: "once", Key: "k1"}); m.ID == ids[0] {
			t.Error("a key is its author's own")
		}
		if n := len(told(t, s, s.Ada)); n != 3 {
			t.Errorf("%d events, want one for the thread and two for messages", n)
		}
	})
}

func TestQuestionsAreOwed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := scene(t, d)
		pv := talk.PrivateID(s.V.ID)
		owed := func(a audience.Actor) (out []talk.Question) {
			casetest.Must(t, d, func(tx *db.Tx) (err error) {
				out, err = talk.Questions(tx, a, "")
				return err
			})
			return out
		}
		q := post(t, s, s.Ada, pv, talk.Draft{Body: "When is the fix ready?", AskOf: s.V.ID, AskBy: dbtest.Start.Add(time.Hour)})
		q2 := post(t, s, s.Vera, pv, talk.Draft{Body: "May we tell our supplier?", AskOf: talk.TeamAddress})
		if v := owed(s.Vera); len(v) != 1 || v[0].Message != q.ID || v[0].Overdue || v[0].Number != s.Case.Number || !strings.HasSuffix(v[0].URL, pv+"#"+q.ID) {
			t.Errorf("Vera owes %+v", v)
		}
		if a := owed(s.Ada); len(a) != 1 || a[0].Message != q2.ID {
			t.Errorf("Ada owes %+v", a)
		}
		if len(owed(s.Willem)) != 0 || len(owed(s.Otto)) != 0 {
			t.Error("others owe something")
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			list, err := talk.Owed(tx, s.Vera)
			if len(list) != 1 || list[0].What != "Answer a question of the coordinators" || list[0].Kind != talk.OwedAnswer || list[0].Due.IsZero() {
				t.Errorf("on Vera's desk: %+v", list)
			}
			return err
		})
		c.Advance(2 * time.Hour)
		if v := owed(s.Vera); len(v) != 1 || !v[0].Overdue {
			t.Errorf("Vera owes %+v", v)
		}
		post(t, s, s.Ada, pv, talk.Draft{Body: "I mean version 2.", ReplyTo: q.ID})
		if len(owed(s.Vera)) != 1 {
			t.Error("the asking side answered its own question")
		}
		reply := post(t, s, s.Vera, pv, talk.Draft{Body: "On Friday.", ReplyTo: q.ID})
		if len(owed(s.Vera)) != 0 {
			t.Error("an answer settles the question")
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			m, _, _, err := talk.Load(tx, s.Ada, q.ID)
			if err != nil || m.AnswerID != reply.ID || m.AnsweredAt.IsZero() {
				t.Errorf("%+v, %v", m, err)
			}
			return talk.MarkAnswered(tx, s.Ada, q2.ID)
		})
		if len(owed(s.Ada)) != 0 {
			t.Error("a marked question is settled")
		}
		refused(t, "marked twice", casetest.Try(d, func(tx *db.Tx) error { return talk.MarkAnswered(tx, s.Ada, q2.ID) }), errs.Conflict)
		verify(t, s)
	})
}

func TestHidingWhileSpeaking(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		g := talk.GeneralID(s.Case.ID)
		for range 8 {
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if _, err := try(s, s.Vera, g, talk.Draft{Body: "vexel speaks"}); err != nil && !errs.Is(err, errs.Denied) {
						t.Error(err)
					}
				})
			}
			wg.Go(func() {
				if err := casetest.Try(d, func(tx *db.Tx) error { return casework.Hide(tx, s.Ada, s.Case.ID, s.V.ID, "at once", true) }); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
			if x := bodies(t, s, s.Willem, g); len(x) != 0 {
				t.Fatalf("what a party said while it was hidden is seen: %v", x)
			}
			casetest.Must(t, d, func(tx *db.Tx) error { return casework.Hide(tx, s.Ada, s.Case.ID, s.V.ID, "back", false) })
		}
		verify(t, s)
	})
}
