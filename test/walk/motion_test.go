package walk_test

import (
	"testing"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
	"tocsin/test/stage"
)

// chamber walks motions.
type chamber struct {
	*house
	papers map[string][]byte // of closed motions: what was torn
}

// TestMotion walks the motion's machine. That a ballot stays closed is no move
// of anybody: it comes of a stored vote that cannot be opened, which is why one
// is torn here behind the interface's back, and put back where it is counted.
func TestMotion(t *testing.T) {
	each(t, func(h *house) {
		c := &chamber{h, map[string][]byte{}}
		count := func(id string) stage.Answer {
			c.mend(id)
			return h.ask(h.cora, "POST", "/board/motions/"+id+"/count", nil)
		}
		walk[ballot.State, ballot.Verb, string]{
			Stage: h.Stage, machine: ballot.Motion, reach: c.reach,
			look: func(id string) (ballot.State, string) {
				m := h.Must(200, *h.cora, "GET", "/board/motions/"+id, nil)
				all := string(m.Raw)
				for _, part := range []string{"/recusals", "/electorate", "/papers"} {
					all += string(h.Must(200, *h.founders[0].Person, "GET", "/board/motions/"+id+part, nil).Raw)
				}
				return ballot.State(m.Text("state")), all
			},
			try: map[ballot.Verb]func(string) stage.Answer{
				ballot.Edit: func(id string) stage.Answer {
					at := "/board/motions/" + id
					return h.ask(h.cora, "PATCH", at, object{"title": "Another"}, "If-Match", h.Must(200, *h.cora, "GET", at, nil).Version())
				},
				ballot.Put:    func(id string) stage.Answer { return h.opens(id) },
				ballot.Cast:   func(id string) stage.Answer { return h.votes(0, id, ballot.No) },
				ballot.Recuse: func(id string) stage.Answer { return h.recuses(2, id) },
				ballot.Close:  func(id string) stage.Answer { return h.votes(2, id, ballot.Yes) },
				ballot.Carry:  count,
				ballot.Fail:   count,
				ballot.Annul: func(id string) stage.Answer {
					return h.ask(h.cora, "POST", "/board/motions/"+id+"/withdraw", object{"reason": "Not needed."})
				},
			},
			pass: []passage[ballot.State, ballot.Verb, string]{{ballot.Close, func(map[ballot.State]string) { h.later(8 * day) }}},
		}.run()
	})
}

// A ballot that nobody can open any more is void when it is counted without
// enough votes: annulling is the count's verb too.
func TestAClosedMotionWithoutQuorumIsVoid(t *testing.T) {
	each(t, func(h *house) {
		c := &chamber{h, map[string][]byte{}}
		id := h.motion(object{"quorum": "1/1", "early": false})
		h.well(h.opens(id))
		h.well(h.votes(0, id, ballot.Yes))
		c.tear(id)
		h.later(8 * day)
		state := func() string { return h.Must(200, *h.cora, "GET", "/board/motions/"+id, nil).Text("state") }
		if state() != "closed" {
			t.Fatalf("with a torn paper the motion is %s", state())
		}
		h.Must(200, *h.cora, "POST", "/board/motions/"+id+"/count", nil)
		if state() != "closed" {
			t.Fatalf("counted with a torn paper the motion is %s", state())
		}
		c.mend(id)
		h.Must(200, *h.cora, "POST", "/board/motions/"+id+"/count", nil)
		if state() != "void" {
			t.Errorf("without a quorum the motion is %s", state())
		}
	})
}

// reach brings a motion into a state. All are sealed, and close with the last
// vote where the deadline is not to be waited for.
func (c *chamber) reach(s ballot.State, v ballot.Verb) string {
	c.Helper()
	id := c.motion(object{})
	if s == ballot.Draft {
		return id
	}
	c.well(c.opens(id))
	choice := ballot.Yes
	if v == ballot.Fail || s == ballot.Failed {
		choice = ballot.No
	}
	switch s {
	case ballot.Open:
		if v == ballot.Close { // the last vote, or the deadline, closes it
			c.well(c.votes(0, id, choice))
			c.well(c.votes(1, id, choice))
			c.tear(id)
		}
	case ballot.Void:
		c.Must(200, *c.cora, "POST", "/board/motions/"+id+"/withdraw", object{"reason": "Not needed."})
	default:
		for i := range c.founders {
			if s == ballot.Closed && i == 1 {
				c.tear(id)
			}
			c.well(c.votes(i, id, choice))
		}
	}
	return id
}

// tear makes the one vote of a motion unreadable.
func (c *chamber) tear(id string) {
	c.Helper()
	c.Write(func(tx *db.Tx) error {
		type row struct {
			id    string
			paper []byte
		}
		r, _, err := db.One(tx, func(r *row) []any { return []any{&r.id, &r.paper} }, `SELECT id, paper FROM motion_vote WHERE motion_id = $1 ORDER BY id LIMIT 1`, id)
		if err != nil {
			return err
		}
		c.papers[id] = append([]byte(r.id+"\n"), r.paper...)
		_, err = tx.Exec(`UPDATE motion_vote SET paper = $1 WHERE id = $2`, []byte("torn"), r.id)
		return err
	})
}

// mend puts the paper back.
func (c *chamber) mend(id string) {
	c.Helper()
	kept := c.papers[id]
	if kept == nil {
		return
	}
	delete(c.papers, id)
	for i, b := range kept {
		if b == '\n' {
			c.Write(func(tx *db.Tx) error {
				_, err := tx.Exec(`UPDATE motion_vote SET paper = $1 WHERE id = $2`, kept[i+1:], string(kept[:i]))
				return err
			})
			return
		}
	}
}

// motion drafts a sealed one that closes with the last vote; change says what
// is otherwise.
func (h *house) motion(change object) string {
	h.Helper()
	in := object{"kind": "spend", "title": "Buy a bell", "sealed": true, "early": true, "deadline": h.Clock.Now().Add(7 * day).Format(time.RFC3339)}
	for k, v := range change {
		in[k] = v
	}
	return h.Must(201, *h.cora, "POST", "/board/motions", in).Text("id")
}

func (h *house) opens(id string) stage.Answer {
	h.Helper()
	at := "/board/motions/" + id
	return h.ask(h.cora, "POST", at+"/open", object{"version": h.Must(200, *h.cora, "GET", at, nil).Body["version"]})
}

// votes casts a founder's vote.
func (h *house) votes(founder int, id string, c ballot.Choice) stage.Answer {
	h.Helper()
	return h.ask(h.founders[founder].Person, "POST", "/board/motions/"+id+"/vote", object{"choice": c})
}

func (h *house) recuses(founder int, id string) stage.Answer {
	h.Helper()
	m := h.founders[founder]
	return h.ask(m.Person, "POST", "/board/motions/"+id+"/recuse", object{"seat_id": m.seat, "reason": "We sell bells."})
}

// well insists that an answer is one of success.
func (h *house) well(a stage.Answer) {
	h.Helper()
	if a.Status >= 300 {
		h.Fatalf("refused: %d %.1000s", a.Status, a.Raw)
	}
}
