package delivery_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/tlp"

	"pgregory.net/rapid"
)

func decode(raw []byte, v any) error { return json.Unmarshal(raw, v) }

func TestEveryKindIsKnownOnce(t *testing.T) {
	kinds := delivery.Kinds()
	sorted := slices.Sorted(slices.Values(kinds))
	if once := slices.Compact(slices.Clone(sorted)); len(once) != len(kinds) {
		t.Errorf("a kind stands twice in %v", sorted)
	}
	for _, k := range delivery.Silent() {
		if !slices.Contains(kinds, k) {
			t.Errorf("%s is silent and not known", k)
		}
	}
}

func TestWhoIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		status := ledger.Object{Kind: "message", ID: "msg_1"}
		var named string
		must(t, d, func(tx *db.Tx) (err error) {
			named, err = audience.Create(tx, "named persons", []audience.Grant{{Kind: audience.Person, ID: x.ids["vera"], Role: audience.Reader}, {Kind: audience.Org, ID: x.orgs["wharf"], Role: audience.Reader}}, nil, nil)
			return err
		})
		for _, e := range []struct {
			what string
			list []ledger.Event
			want string
		}{
			{"the whole case, but for the actor", []ledger.Event{{Kind: "message.posted", Audience: x.matter, Actor: x.actor("vera")}}, "ada willem"},
			{"a private thread", []ledger.Event{{Kind: "message.posted", Audience: x.private["vexel"], Actor: x.actor("ada")}}, "vera"},
			{"a hidden vendor speaks", []ledger.Event{
				{Kind: "embargo.answered", Audience: x.private["wharf"], Actor: x.actor("willem"), Object: status},
				{Kind: "embargo.answered", Audience: x.matter, Object: status}}, "ada"},
			{"a hidden vendor proposes", []ledger.Event{
				{Kind: "embargo.proposed", Audience: x.private["wharf"], Actor: x.actor("willem"), Object: status},
				{Kind: "embargo.proposed", Audience: x.matter, Object: status}}, "ada vera"},
			{"TLP:RED reaches named persons only", []ledger.Event{{Kind: "message.posted", Audience: named, Level: tlp.Red}}, "vera"},
			{"TLP:RED of the case's audience", []ledger.Event{{Kind: "message.posted", Audience: x.matter, Level: tlp.Red}}, ""},
			{"a release, in the case and to whom it is for", []ledger.Event{
				{Kind: "advisory.released", Audience: x.private["vexel"], Data: map[string]string{"number": "TSA-2026-0001"}},
				{Kind: "document.released", Audience: x.matter, Object: status, Data: map[string]string{"number": "TSA-2026-0001"}}}, "ada vera willem"},
			{"two releases at one instant", []ledger.Event{
				{Kind: "advisory.released", Audience: x.private["vexel"], Data: map[string]string{"number": "TSA-2026-0001"}},
				{Kind: "document.released", Audience: x.matter, Object: status, Data: map[string]string{"number": "TSA-2026-0002"}}}, "ada ada vera vera willem"},
			{"no audience", []ledger.Event{{Kind: "message.posted"}}, ""},
			{"the coordinators", []ledger.Event{{Kind: "status.set", Audience: x.matter, Actor: x.actor("vera")}}, "ada"},
			{"the party alone", []ledger.Event{{Kind: "participant.overdue", Audience: x.private["vexel"]}}, "vera"},
			{"an alarm, and again beside the case", []ledger.Event{{Kind: "exposure.reported", Audience: x.matter}, {Kind: "exposure.reported", Audience: x.private["vexel"]}}, "ada vera willem"},
			{"a kind nobody knows", []ledger.Event{{Kind: "case.teleported", Audience: x.matter}}, ""},
			{"an import", []ledger.Event{{Kind: "case.imported", Audience: x.matter}}, ""},
			{"the one in charge", []ledger.Event{{Kind: "case.assigned", Audience: x.matter, Data: map[string]string{"person": x.ids["ada"]}}}, "ada"},
			{"two acts are two notices", []ledger.Event{{Kind: "consent.lapsed", Audience: x.private["vexel"]}, {Kind: "consent.lapsed", Audience: x.private["vexel"], Object: status}}, "vera vera"},
		} {
			c.Advance(time.Second)
			x.emit(e.list...)
			if got := x.told(); got != e.want {
				t.Errorf("%s: told %q, want %q", e.what, got, e.want)
			}
		}
	})
}

func TestInvitationNamesNoCase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		x.join("xaver", "xylo", orgs.Responder) // a backup contact
		x.join("xian", "xylo", orgs.Reader)
		must(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(`UPDATE membership SET backup = 1 WHERE person_id = $1`, x.ids["xaver"])
			return err
		})
		var aud string
		must(t, d, func(tx *db.Tx) (err error) {
			aud, err = audience.Create(tx, "invitation", []audience.Grant{{Kind: audience.Org, ID: x.orgs["xylo"], Role: audience.Contributor}}, nil, nil)
			return err
		})
		x.drain()
		x.clean()
		sent := ledger.Event{Kind: "invitation.sent", Actor: x.actor("ada"), Audience: aud, Object: ledger.Object{Kind: "invitation", ID: "inv_1"},
			Data: map[string]any{"due_at": dbtest.Start.Add(72 * time.Hour), "number": number, "title": "Heap overflow"}}
		x.emit(sent)
		list := x.mails()
		if len(list) != 1 || list[0].to != "xena@xylo.example" {
			t.Fatalf("mails %+v", list)
		}
		m := list[0]
		if strings.Contains(m.Subject+m.Text, "TA-") || strings.Contains(m.Text, "Heap") || !strings.Contains(m.Text, "https://tocsin.lantern.example/invitations/inv_1\n") || !strings.Contains(m.Text, "2026-03-05 09:00 UTC") {
			t.Errorf("%s\n%s", m.Subject, m.Text)
		}
		if got := x.told(); got != "xaver xena" {
			t.Errorf("told %q", got)
		}
		sent.Kind, sent.Data = "invitation.reminded", map[string]any{"backup": true}
		x.emit(sent)
		if got := x.mailedTo(); got != "xaver xena" {
			t.Errorf("the backup is asked: %q", got)
		}
	})
}

func TestMentionsAndQuestions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		data := map[string]any{"thread_id": "thr_g1", "thread": "General", "mentions": []map[string]string{{"kind": "person", "id": x.ids["willem"]}, {"kind": "person", "id": x.ids["otto"]}}}
		x.emit(ledger.Event{Kind: "message.posted", Audience: x.matter, Actor: x.actor("vera"), Data: data})
		list := x.mails()
		if len(list) != 1 || list[0].to != "willem@wharf.example" || list[0].Subject != "You are mentioned in "+number || !strings.Contains(list[0].Text, "/cases/"+number+"/talk/thr_g1\n") {
			t.Errorf("%+v", list)
		}
		x.clean()
		x.emit(ledger.Event{Kind: "message.posted", Audience: x.matter, Actor: x.actor("vera"), Data: map[string]any{"ask_of": "par_\x00", "mentions": []map[string]any{{"kind": "party", "id": "\x00"}, {"kind": "person"}}}})
		if got := x.told(); got != "ada willem" {
			t.Errorf("mentions of nobody: %q", got)
		}
		x.emit(ledger.Event{Kind: "message.posted", Audience: x.matter, Actor: x.actor("vera"), Data: map[string]any{"ask_of": "team"}})
		if got := x.mailedTo(); got != "ada" {
			t.Errorf("the team is asked: %q", got)
		}
	})
}

// TestNothingOfTheCaseLeaves writes events of every kind with a payload full
// of what must not leave, and looks for it in everything that was made.
func TestNothingOfTheCaseLeaves(t *testing.T) {
	d, c := dbtest.Open(t, db.SQLite)
	x := newScene(t, d, c)
	kinds := delivery.Kinds()
	rapid.Check(t, func(rt *rapid.T) {
		secret := "sekret" + rapid.StringMatching(`[a-z]{8}`).Draw(rt, "secret")
		text := secret + rapid.String().Draw(rt, "text")
		data := map[string]any{}
		for _, field := range []string{"number", "title", "name", "by", "reason", "thread", "thread_id", "person", "status", "url", "what", "message", "due_at", "mentions", "ask_of"} {
			switch rapid.IntRange(0, 2).Draw(rt, field) {
			case 0:
				data[field] = text
			case 1:
				data[field] = []any{map[string]any{"kind": text, "id": text}, text, 7}
			}
		}
		kind := rapid.SampledFrom(kinds).Draw(rt, "kind")
		c.Advance(time.Second)
		x.emit(ledger.Event{Kind: kind, Audience: rapid.SampledFrom([]string{x.matter, x.private["vexel"]}).Draw(rt, "audience"), Data: data, Object: ledger.Object{Kind: "thing", ID: text}})
		for range 2 {
			c.Advance(13 * time.Hour)
			x.tick()
		}
		for _, m := range x.mails() {
			if strings.Contains(m.Subject+m.Text+m.Unsubscribe, secret) {
				rt.Fatalf("%s leaves with\n%s\n%s", kind, m.Subject, m.Text)
			}
			if !strings.HasPrefix(m.key, "digest:") && !strings.Contains(m.Text, "https://tocsin.lantern.example/") {
				rt.Fatalf("%s has no link:\n%s", kind, m.Text)
			}
			for _, l := range strings.Split(m.Text, "\n") {
				if len(l) > 72 && !strings.Contains(l, "https://") {
					rt.Fatalf("a line of %d characters: %s", len(l), l)
				}
			}
		}
		must(t, d, func(tx *db.Tx) error {
			n, err := db.Value[int](tx, `SELECT COUNT(*) FROM notice WHERE title LIKE $1 OR url LIKE $1 OR number LIKE $1`, "%"+secret+"%")
			if n > 0 {
				rt.Fatalf("a notice of %s shows it", kind)
			}
			return err
		})
		x.clean()
	})
}

func TestEachEventOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		x.emit(ledger.Event{Kind: "exposure.reported", Audience: x.matter})
		x.drain()
		must(t, d, func(tx *db.Tx) error { _, err := tx.Exec(`UPDATE subscriber SET seq = seq - 1`); return err })
		x.drain() // as after a restored mark
		must(t, d, func(tx *db.Tx) error {
			n, err := db.Value[int](tx, `SELECT COUNT(*) FROM notice`)
			if n != 3 {
				t.Errorf("%d notices", n)
			}
			return err
		})
		if got := x.mailedTo(); got != "ada vera willem" {
			t.Errorf("mailed %q", got)
		}
		for _, m := range x.mails() {
			if m.Unsubscribe != "" || m.Subject != "Alarm in "+number+": an exposure was reported" || !strings.Contains(m.Text, "https://tocsin.lantern.example/cases/"+number+"/timetable\n") {
				t.Errorf("%+v", m)
			}
		}
	})
}

func TestInboxFollowsTheRule(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		x.emit(ledger.Event{Kind: "exposure.reported", Audience: x.matter})
		x.emit(ledger.Event{Kind: "consent.lapsed", Audience: x.private["vexel"]})
		x.emit(ledger.Event{Kind: "message.posted", Audience: x.matter, Actor: x.actor("ada"), Data: map[string]string{"thread_id": "thr_1"}})
		read := func(name string) (delivery.Page, delivery.Unread) {
			var p delivery.Page
			var u delivery.Unread
			a := x.actor(name)
			must(t, d, func(tx *db.Tx) (err error) {
				if p, err = delivery.Inbox(tx, a, delivery.Filter{}); err != nil {
					return err
				}
				u, err = delivery.UnreadOf(tx, a)
				return err
			})
			return p, u
		}
		p, u := read("vera")
		if len(p.Notices) != 3 || u.Count != 3 || len(u.Alarms) != 1 || p.Notices[0].URL != "/cases/"+number+"/talk/thr_1" || p.Notices[1].Title != "Your consent is owed in "+number {
			t.Fatalf("%+v %+v", p, u)
		}
		vera, willem := x.actor("vera"), x.actor("willem")
		must(t, d, func(tx *db.Tx) error {
			all := []int64{p.Notices[0].Seq, p.Notices[1].Seq}
			if n, err := delivery.MarkRead(tx, willem, all); n != 1 || err != nil { // only the message is his too
				t.Errorf("willem marks %d, %v", n, err)
			}
			if n, err := delivery.MarkRead(tx, vera, all); n != 2 || err != nil {
				t.Errorf("vera marks %d, %v", n, err)
			}
			if n, err := delivery.MarkSeen(tx, vera, delivery.Sight{URL: p.Notices[2].URL}); n != 1 || err != nil {
				t.Errorf("visited %d, %v", n, err)
			}
			one, err := delivery.Inbox(tx, vera, delivery.Filter{Limit: 1, Class: delivery.Owed})
			if err != nil || len(one.Notices) != 1 || one.Next != 0 || one.Notices[0].ReadAt.IsZero() {
				t.Errorf("%+v, %v", one, err)
			}
			for range 2 {
				_, err = delivery.Inbox(tx, audience.Actor{}, delivery.Filter{})
				if !errs.Is(err, errs.Unauthenticated) {
					t.Errorf("a visitor: %v", err)
				}
			}
			// Wharf leaves: its lines go, as everything of the case does.
			return audience.Withdraw(tx, terms, audience.Party{Kind: audience.Org, ID: x.orgs["wharf"]})
		})
		if p, u := read("willem"); len(p.Notices) != 0 || u.Count != 0 || len(u.Alarms) != 0 {
			t.Errorf("who left still reads %+v %+v", p, u)
		}
		if p, _ := read("otto"); len(p.Notices) != 0 {
			t.Errorf("the outsider reads %+v", p)
		}
		c.Advance(48 * time.Hour)
		x.tick()
		for _, m := range x.mails() {
			if strings.HasPrefix(m.key, "digest:") && strings.HasPrefix(m.to, "willem") {
				t.Errorf("who left gets a digest: %s", m.Text)
			}
		}
	})
}

func TestSuspendedGetNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		x.emit(ledger.Event{Kind: "exposure.reported", Audience: x.matter}, ledger.Event{Kind: "message.posted", Audience: x.matter})
		ada := x.actor("ada")
		must(t, d, func(tx *db.Tx) error { _, err := people.Suspend(tx, ada, x.ids["vera"]); return err })
		x.drain()
		x.emit(ledger.Event{Kind: "decision.asked", Audience: x.matter})
		must(t, d, func(tx *db.Tx) error { _, err := people.Restore(tx, ada, x.ids["vera"]); return err })
		x.drain()
		c.Advance(48 * time.Hour)
		x.tick()
		for _, m := range x.mails() {
			if strings.HasPrefix(m.to, "vera") && m.state != outbox.Canceled {
				t.Errorf("%s %s: %s", m.key, m.state, m.Subject)
			}
		}
	})
}

func TestPreferences(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		vera := x.actor("vera")
		must(t, d, func(tx *db.Tx) error {
			list, err := delivery.Preferences(tx, vera)
			if want := "[{alarm once true} {owed once false} {talk daily false} {change daily false} {admin daily false}]"; fmt.Sprint(list) != want {
				t.Errorf("defaults %v", list)
			}
			return err
		})
		for _, bad := range [][]delivery.Preference{{{Class: delivery.Alarm, Mode: delivery.Off}}, {{Class: delivery.Alarm, Mode: delivery.Daily}}, {{Class: "digest", Mode: delivery.Off}}, {{Class: delivery.Talk, Mode: delivery.Quiet}}, {{Class: delivery.Talk}}} {
			if err := x.prefer("vera", bad...); !errs.Is(err, errs.Invalid) {
				t.Errorf("%v: %v", bad, err)
			}
		}
		if err := x.prefer("vera", delivery.Preference{Class: delivery.Talk, Mode: delivery.AtOnce}, delivery.Preference{Class: delivery.Owed, Mode: delivery.Daily}, delivery.Preference{Class: delivery.Change, Mode: delivery.Off}); err != nil {
			t.Fatal(err)
		}
		posted := ledger.Event{Kind: "message.posted", Audience: x.matter}
		x.emit(posted)
		if got := x.mailedTo(); got != "vera" {
			t.Errorf("talk at once: %q", got)
		}
		x.clean()
		x.emit(ledger.Event{Kind: "vulnerability.added", Audience: x.private["vexel"]})
		if got := x.mailedTo(); got != "" {
			t.Errorf("owed daily: %q", got)
		}
		x.clean()
		x.emit(ledger.Event{Kind: "case.closed", Audience: x.matter})
		if got := x.mailedTo(); got != "ada willem" {
			t.Errorf("changes off: %q", got)
		}
		if got := x.told(); got != "ada willem" {
			t.Errorf("changes off: told %q", got)
		}
		x.emit(ledger.Event{Kind: "exposure.reported", Audience: x.matter})
		if got := x.mailedTo(); got != "ada vera willem" {
			t.Errorf("alarms: %q", got)
		}
		must(t, d, func(tx *db.Tx) error { // others do not see it in the ledger
			list, err := ledger.List(tx, x.ada(tx), ledger.Query{After: -1, Limit: 1000})
			for _, r := range list {
				if r.Kind == delivery.EventPreferred {
					t.Errorf("the operator reads a preference")
				}
			}
			return err
		})
	})
}

func (x *scene) ada(tx *db.Tx) audience.Actor {
	a, err := people.ActorOf(tx, x.ids["ada"])
	if err != nil {
		x.t.Fatal(err)
	}
	return a
}

func TestUnsubscribe(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		x.emit(ledger.Event{Kind: "case.closed", Audience: x.private["vexel"]})
		list := x.mails()
		if len(list) != 2 {
			t.Fatalf("%+v", list)
		}
		link := list[1].Unsubscribe
		token, ok := strings.CutPrefix(link, "https://tocsin.lantern.example"+delivery.UnsubscribePath(""))
		if !ok || !strings.Contains(list[1].Text, link) {
			t.Fatalf("%q", link)
		}
		end := func(token string) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { _, err := x.courier.Unsubscribe(tx, token); return err })
		}
		for _, forged := range []string{"", token + "A", "A" + token, strings.Split(token, ".")[0] + ".AAAA", x.courier.Sealer.Sign("subscribe", x.ids["vera"]+"\x00change"),
			x.courier.Sealer.Sign("unsubscribe", x.ids["vera"]+"\x00alarm"), x.courier.Sealer.Sign("unsubscribe", x.ids["vera"]+"\x00"), x.courier.Sealer.Sign("unsubscribe", "per_nobody\x00talk")} {
			if err := end(forged); !errs.Is(err, errs.NotFound) {
				t.Errorf("%q: %v", forged, err)
			}
		}
		for range 2 {
			if err := end(token); err != nil {
				t.Fatal(err)
			}
		}
		x.clean()
		x.emit(ledger.Event{Kind: "case.reopened", Audience: x.matter}, ledger.Event{Kind: "message.posted", Audience: x.matter})
		if got := x.mailedTo(); got != "ada willem" {
			t.Errorf("after the link: %q", got)
		}
		c.Advance(24 * time.Hour)
		x.tick()
		for _, m := range x.mails() {
			if strings.HasPrefix(m.key, "digest:") && strings.HasPrefix(m.to, "vera") {
				if err := end(strings.TrimPrefix(m.Unsubscribe, "https://tocsin.lantern.example"+delivery.UnsubscribePath(""))); err != nil {
					t.Fatal(err)
				}
			}
		}
		vera := x.actor("vera")
		must(t, d, func(tx *db.Tx) error {
			list, err := delivery.Preferences(tx, vera)
			got := map[delivery.Class]delivery.Mode{}
			for _, p := range list {
				got[p.Class] = p.Mode
			}
			if !maps.Equal(got, map[delivery.Class]delivery.Mode{delivery.Alarm: "once", delivery.Owed: "once", delivery.Talk: "off", delivery.Change: "off", delivery.Admin: "off"}) {
				t.Errorf("%v", got)
			}
			return err
		})
	})
}

func TestAPartyIsAsked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		must(t, d, func(tx *db.Tx) error {
			if _, err := tx.Exec(`INSERT INTO cases (id, number, title, audience_id, team_id, tlp, terms_id, terms_text, state, opened_at, updated_at) VALUES ('case_1', $1, 'x', $2, $2, 3, '', '', 'open', 1, 1)`, number, x.matter); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO participant (id, case_id, role, kind, subject_id, name, audience_id, private_id, own_id, tlp, updated_at) VALUES ('par_w', 'case_1', 'vendor', 'org', $1, 'Wharf', $2, $2, $2, 3, 1)`, x.orgs["wharf"], x.matter)
			return err
		})
		x.emit(ledger.Event{Kind: "message.posted", Audience: x.matter, Actor: x.actor("ada"), Data: map[string]string{"ask_of": "par_w"}})
		if got := x.mailedTo(); got != "willem" {
			t.Errorf("asked %q", got)
		}
		if got := x.told(); got != "vera willem" {
			t.Errorf("told %q", got)
		}
		x.emit(ledger.Event{Kind: "message.posted", Audience: x.private["vexel"], Actor: x.actor("ada"), Data: map[string]string{"ask_of": "par_w"}})
		if got := x.told(); got != "vera" {
			t.Errorf("a party that cannot read it is asked: told %q", got)
		}
	})
}
