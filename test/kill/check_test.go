package kill

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"testing"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/test/harness"
)

// reader reads as a member.
type reader struct {
	t *testing.T
	c *harness.Client
}

func (w *world) as(t *testing.T, m member) reader {
	c := w.Client(t)
	c.Token = m.token
	return reader{t, c}
}

// all is every page of a list.
func (r reader) all(path string) []named {
	r.t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		r.t.Fatal(err)
	}
	var out []named
	for range 1000 {
		var p list[named]
		if a := r.c.JSON(r.t, "GET", u.String(), nil, &p); a.Status != 200 {
			r.t.Fatalf("GET %s answers %d: %.300s", u, a.Status, a.Body)
		}
		out = append(out, p.Items...)
		if p.Next == "" {
			return out
		}
		q := u.Query()
		q.Set("cursor", p.Next)
		u.RawQuery = q.Encode()
	}
	r.t.Fatalf("%s does not end", path)
	return nil
}

// once holds what stands against what was acknowledged: all of it under the
// id it was given, and every marker once, acknowledged or not.
func once(t *testing.T, what string, deeds []deed, stands []named, marker func(named) string) {
	t.Helper()
	ids, count := map[string]string{}, map[string]int{}
	for _, s := range stands {
		ids[marker(s)] = s.ID
		count[marker(s)]++
	}
	for _, d := range deeds {
		switch {
		case count[d.marker] == 0:
			t.Errorf("%s %s was acknowledged and is gone", what, d.marker)
		case d.id != "" && ids[d.marker] != d.id:
			t.Errorf("%s %s was acknowledged as %s and stands as %s", what, d.marker, d.id, ids[d.marker])
		}
	}
	for m, n := range count {
		if n > 1 {
			t.Errorf("%s %s exists %d times", what, m, n)
		}
	}
}

// checkRecords reads everything back through the API.
func checkRecords(t *testing.T, w *world, b *book) {
	t.Helper()
	cora := w.as(t, w.cora)
	title := func(n named) string { return n.Title }
	cases := cora.all("/api/v1/cases?limit=200")
	once(t, "case", b.of("case"), cases, title)
	once(t, "report", b.of("report"), cora.all("/api/v1/reports?limit=200&all=true&duplicates=true"), title)
	once(t, "account invitation", b.of("guest"), cora.all("/api/v1/accounts/invitations"), func(n named) string { return n.Email })

	in := func(kind, place string) (out []deed) {
		for _, d := range b.of(kind) {
			if d.within == place {
				out = append(out, d)
			}
		}
		return out
	}
	for _, c := range cases {
		at := "/api/v1/cases/" + c.ID
		once(t, "vulnerability", in("flaw", c.ID), cora.all(at+"/vulnerabilities"), title)
		once(t, "party", in("party", c.ID), cora.all(at+"/participants"), func(n named) string { return n.Subject })
		var table struct {
			Proposals []named `json:"proposals"`
		}
		cora.c.JSON(t, "GET", at+"/embargo", nil, &table)
		once(t, "proposal", in("proposal", c.ID), table.Proposals, func(n named) string { return n.Reason })
		for _, th := range cora.all(at + "/threads") {
			once(t, "message", in("message", th.ID), cora.messages(th.ID), func(n named) string { return n.Text })
		}
	}
	checkSaid(t, w, b)
}

// messages is a whole thread.
func (r reader) messages(thread string) []named {
	r.t.Helper()
	var out []named
	before := ""
	for range 1000 {
		var p struct {
			Messages []named `json:"messages"`
			Older    string  `json:"older"`
		}
		if a := r.c.JSON(r.t, "GET", "/api/v1/threads/"+thread+"/messages?limit=200&before="+before, nil, &p); a.Status != 200 {
			r.t.Fatalf("messages of %s answer %d: %.300s", thread, a.Status, a.Body)
		}
		out = append(out, p.Messages...)
		if before = p.Older; before == "" {
			return out
		}
	}
	r.t.Fatal("a thread does not end")
	return nil
}

// checkSaid holds the last words in each cell and each consent.
func checkSaid(t *testing.T, w *world, b *book) {
	t.Helper()
	last := map[string]deed{}
	for _, d := range b.of("status") {
		last[d.within] = d // each cell has one writer, so the last is the newest
	}
	for cell, d := range last {
		m := w.vendors[slices.IndexFunc(w.vendors, func(v member) bool { return v.person == d.person })]
		var s struct {
			Statement string `json:"statement"`
		}
		if w.as(t, m).c.JSON(t, "GET", cell, nil, &s); s.Statement != d.marker {
			t.Errorf("the cell %s says %q; %q was acknowledged last", cell, s.Statement, d.marker)
		}
	}
	for _, d := range b.of("consent") {
		m := w.vendors[slices.IndexFunc(w.vendors, func(v member) bool { return v.person == d.person })]
		if a := w.as(t, m).c.Get(t, "/api/v1/cases/"+d.within); a.Status != 200 {
			t.Errorf("%s accepted the terms of %s and gets %d", m.email, d.within, a.Status)
		}
	}
}

// checkMail holds the outbox against what was acknowledged and against what
// the mail server took.
func checkMail(t *testing.T, w *world, b *book, post *sink) {
	t.Helper()
	type item struct{ key, state, address string }
	state, took := map[string]string{}, post.times()
	var items []item
	owing := map[string]string{} // outbox key → what must notify by it
	w.open(t, func(h *gate.House) {
		err := h.Read(context.Background(), func(tx *db.Tx) (err error) {
			if items, err = db.All(tx, func(i *item) []any { return []any{&i.key, &i.state, &i.address} }, `SELECT key, state, address FROM outbox WHERE kind = 'mail'`); err != nil {
				return err
			}
			return owed(tx, w, b, owing)
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	mails := map[string]int{}
	for _, i := range items {
		state[i.key] = i.state
		mails[i.address]++
	}
	for key, what := range owing {
		if state[key] == "" {
			t.Errorf("%s has no mail in the outbox (%s)", what, key)
		}
	}
	for _, d := range b.of("guest") {
		if mails[d.marker] != 1 {
			t.Errorf("the invitation to %s has %d mails in the outbox", d.marker, mails[d.marker])
		}
	}
	known := map[string]bool{}
	sent, uncertain := 0, 0
	for _, i := range items {
		mid := messageID(i.key)
		known[mid] = true
		switch i.state {
		case "sent":
			sent++
			if took[mid] != 1 {
				t.Errorf("the mail %s is marked as sent and was taken %d times", i.key, took[mid])
			}
		case "uncertain":
			uncertain++ // a person decides; it may have been taken, once
		default:
			t.Errorf("the mail %s to %s ends as %s", i.key, i.address, i.state)
		}
	}
	for mid, n := range took {
		if n > 1 {
			t.Errorf("%s was taken %d times", mid, n)
		}
		if !known[mid] {
			t.Errorf("%s was taken and is in no outbox", mid)
		}
	}
	t.Logf("%d mails owed by what was acknowledged; %d sent, %d uncertain, %d distinct taken", len(owing)+len(b.of("guest")), sent, uncertain, len(slices.Collect(maps.Keys(took))))
}

// owed says which outbox keys the acknowledged changes must have.
func owed(tx *db.Tx, w *world, b *book, into map[string]string) error {
	add := func(query, object, person, what string) error {
		seq, found, err := db.One(tx, func(v *int64) []any { return []any{v} }, query, object)
		if err == nil && !found {
			into["no event for "+what] = what
			return nil
		}
		into[fmt.Sprintf("notice:%d:%s", seq, person)] = what
		return err
	}
	for _, d := range b.of("party") {
		i := slices.IndexFunc(w.vendors, func(v member) bool { return v.org == d.marker })
		if err := add(`SELECT e.seq FROM event e JOIN case_invitation i ON i.id = e.object_id WHERE e.kind = 'invitation.sent' AND i.participant_id = $1`, d.id, w.vendors[i].person, "the invitation of "+d.marker+" to "+d.within); err != nil {
			return err
		}
	}
	for _, d := range b.of("report") {
		if err := add(`SELECT seq FROM event WHERE kind = 'report.received' AND object_id = $1`, d.id, w.cora.person, "the report "+d.marker); err != nil {
			return err
		}
	}
	for _, d := range b.of("message") {
		if d.person == w.cora.person {
			continue // nobody is mailed of their own words
		}
		if err := add(`SELECT seq FROM event WHERE kind = 'message.posted' AND object_id = $1`, d.id, w.cora.person, "the message "+d.marker); err != nil {
			return err
		}
	}
	return nil
}

// messageID is the Message-ID that an item's key gives; the server's host is
// the address it listens on.
func messageID(key string) string {
	sum := sha256.Sum256([]byte("message-id\x00" + key))
	return "<" + hex.EncodeToString(sum[:16]) + "@127.0.0.1>"
}
