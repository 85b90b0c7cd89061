package replay_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/app"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
)

// TestReplay lives through the whole case on each database.
func TestReplay(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			s := &story{world: newWorld(t, dialect)}
			last := dbStart.Truncate(24 * time.Hour).Add(14*time.Hour + 35*day - time.Microsecond)
			// What the doors show at that microsecond while nothing has
			// happened: the clock goes there and comes back.
			s.Round()
			s.Clock.Set(last)
			blank := s.look(s.outsiders())
			s.Clock.Set(dbStart)
			s.subscribed()
			for _, step := range []struct {
				name string
				do   func()
			}{
				{"reported", s.reported}, {"triaged", s.triaged}, {"invited", s.invited}, {"answered", s.answered}, {"agreed", s.agreed},
				{"said", s.said}, {"talked", s.talked}, {"drafted", s.drafted}, {"nudged", s.nudged}, {"ready", s.ready},
			} {
				began := time.Now()
				step.do()
				t.Logf("%s: %s, in %.1f s", s.Clock.Now().Format("2 Jan 15:04"), step.name, time.Since(began).Seconds())
			}
			s.Until(s.ends.Add(-time.Minute))
			s.Until(last)
			s.hiddenYet(blank)
			s.Clock.Set(s.ends)
			s.released("1") // before anything has run
			s.told()
			s.updated()
			s.proven()
			s.copied()
		})
	}
}

// hiddenYet: one microsecond before the instant nobody outside finds a thing,
// on any door.
func (s *story) hiddenYet(blank map[string]string) {
	list := s.outsiders()
	for where, now := range s.look(list[:3]) {
		if before, ok := blank[where]; ok && before != now {
			s.Errorf("%s is not as it was while nothing had happened\nthen: %.900s\nnow: %.900s", where, before, now)
		}
	}
	s.alike(list)
	s.timed(list)
	s.overhears()
	s.mailedNothing()
}

// mailedNothing: no mail that left or waits holds a detail of the case.
func (s *story) mailedNothing() {
	check := func(to string, m outbox.Mail) {
		text := strings.ToLower(m.Subject + "\n" + m.Text + "\n" + m.MessageID)
		for _, word := range append(secrets[:len(secrets):len(secrets)], s.advisoryNumber, s.joined[0].name, s.hidden.name) {
			if strings.Contains(text, strings.ToLower(word)) {
				s.Errorf("a mail to %s holds %q: %s\n%s", to, word, m.Subject, m.Text)
			}
		}
	}
	mails := s.Mails()
	for _, m := range mails {
		check(m.To, m.Mail)
	}
	s.Logf("%d mails left until now", len(mails))
	if len(mails) < 1000 {
		s.Errorf("only %d mails left in a case of 200 vendors", len(mails))
	}
	s.Read(func(tx *db.Tx) error {
		waiting, err := s.House.Box.List(tx, outbox.Filter{State: outbox.Pending, Limit: 200})
		for _, it := range waiting {
			var m outbox.Mail
			if err := json.Unmarshal(it.Content, &m); err != nil {
				return err
			}
			check(it.Address, m)
		}
		return err
	})
}

// overhears: the live stream of an outsider is silent about the case, while a
// party's is not; in the browser, which takes up a line that was cut, as in
// the REST interface.
func (s *story) overhears() {
	last := s.Must(200, s.otto, "GET", "/me/inbox/signals", nil).Body["last"]
	from := int(last.(float64)) - 150
	after := "/me/inbox/signals?after=" + jsonOf(from)
	if got := s.Must(200, s.joined[0].person, "GET", after, nil); !strings.Contains(string(got.Raw), s.number) {
		s.Errorf("a party hears nothing of its case: %.300s", got.Raw)
	}
	for _, p := range []person{s.otto, s.declined[0].person, s.silent[1].person} {
		if got := s.Must(200, p, "GET", after, nil); strings.Contains(string(got.Raw), s.number) || strings.Contains(string(got.Raw), s.caseID) {
			s.Errorf("an outsider hears of the case: %.300s", got.Raw)
		}
	}
	hear := func(p person) string {
		got := s.Ask("", "GET", "/live", nil, "Cookie", s.signIn(p), "Last-Event-ID", strconv.Itoa(from))
		if got.Status != 200 {
			s.Fatalf("the stream answers %d", got.Status)
		}
		return string(got.Raw)
	}
	if got := hear(s.joined[0].person); !strings.Contains(got, s.number) {
		s.Errorf("a party's browser hears nothing of its case: %.300s", got)
	}
	if got := hear(s.otto); strings.Contains(got, s.number) || strings.Contains(got, s.caseID) {
		s.Errorf("an outsider's browser hears of the case: %.300s", got)
	}
}

func jsonOf(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// proven: the ledger holds against the data, and each person can prove that
// an event of theirs is in it.
func (s *story) proven() {
	var keeper *ledger.Keeper
	s.Read(func(tx *db.Tx) (err error) {
		keeper, err = charter.Keeper(tx, s.House.Sealer)
		return err
	})
	rep, err := keeper.Verify(s.Context(), s.House.DB, app.Tables())
	if err != nil {
		s.Fatal(err)
	}
	s.Logf("the ledger holds %d events over %d rows, with %d checkpoints", rep.Events, rep.Rows, rep.Checkpoints)
	for _, p := range rep.Problems {
		s.Errorf("the ledger does not hold: %s", p)
	}
	public := s.Insist(200, "", "GET", "/api/v1/ledger/checkpoint", nil).Text("public_key")
	var everybody []person
	for _, v := range s.joined {
		everybody = append(everybody, v.person)
	}
	for _, p := range append(everybody, s.cora, s.colin, s.declined[0].person) {
		events := s.Must(200, p, "GET", "/me/events?limit=1", nil).Items()
		if len(events) == 0 {
			s.Fatalf("%s did nothing", p.Email)
		}
		raw := s.Must(200, p, "GET", "/ledger/events/"+jsonOf(int64(events[0]["seq"].(float64)))+"/proof", nil).Raw
		var proof ledger.Proof
		if err := json.Unmarshal(raw, &proof); err != nil {
			s.Fatal(err)
		}
		if err := ledger.CheckProof(proof, public); err != nil {
			s.Errorf("the proof of %s does not hold: %v", p.Email, err)
		}
		proof.Event.Kind += "x"
		if ledger.CheckProof(proof, public) == nil {
			s.Errorf("a changed event is proven to %s", p.Email)
		}
	}
}

// copied: each takes a copy of the case as they see it, and of no more.
func (s *story) copied() {
	read := func(p person) string {
		raw := s.Must(200, p, "GET", "/cases/"+s.caseID+"/export", nil).Raw
		z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			s.Fatal(err)
		}
		var all strings.Builder
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				s.Fatal(err)
			}
			if _, err := io.Copy(&all, r); err != nil {
				s.Fatalf("%s: %v", f.Name, err)
			}
		}
		s.Logf("the copy holds %d files in %d bytes, %d unpacked", len(z.File), len(raw), all.Len())
		return all.String()
	}
	for _, x := range []struct {
		who             person
		private, hidden bool
	}{{s.cora, true, true}, {s.joined[0].person, true, false}, {s.joined[1].person, false, false}, {s.hidden.person, false, true}} {
		got := read(x.who)
		if strings.Contains(got, "gallimaufry") != x.private {
			s.Errorf("%s has a private thread of the first vendor in the copy: %v", x.who.Email, !x.private)
		}
		if strings.Contains(got, s.hidden.name) != x.hidden {
			s.Errorf("%s has the hidden vendor in the copy: %v", x.who.Email, !x.hidden)
		}
	}
	s.Must(404, s.otto, "GET", "/cases/"+s.caseID+"/export", nil)
	s.Must(404, s.declined[0].person, "GET", "/cases/"+s.caseID+"/export", nil)
}
