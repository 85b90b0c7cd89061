package ledger

import (
	"strconv"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// Erased is the kind of the event that an erasure leaves; its object is the
// event whose payload is gone.
const Erased = "event.erased"

const (
	eventObject   = "event"
	erasedPayload = "{}"
)

// Erase takes the payload of an event out for good, with the salt that bound
// it, so that nobody can try out what it said. The leaf and all proofs hold
// on: they bind the payload's hash alone. That it was erased, by whom and why,
// is an event of its own, which Verify asks for.
func Erase(tx *db.Tx, a audience.Actor, seq int64, reason string) error {
	list, err := All(tx, seq-1, 1)
	if err != nil {
		return err
	}
	if len(list) == 0 || list[0].Seq != seq {
		return errs.Missing("event")
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "The content of this event was erased before."),
		`UPDATE event SET payload = $1, salt = '', erased = 1 WHERE seq = $2 AND erased = 0`, erasedPayload, seq); err != nil {
		return err
	}
	r := list[0]
	Append(tx, Event{Kind: Erased, Actor: a, Audience: r.Audience, Level: r.Level, Scope: r.Scope, Object: Object{eventObject, strconv.FormatInt(seq, 10)},
		Data: struct {
			Reason string `json:"reason"`
		}{reason}})
	return nil
}

// erasures are the events without payload and those that an event says are.
type erasures struct{ done, said map[string]bool }

func (e erasures) see(rep *Report, r Record) {
	if r.Kind == Erased && r.Object.Kind == eventObject {
		e.said[r.Object.ID] = true
	}
	switch {
	case r.Erased && string(r.Payload) == erasedPayload:
		e.done[strconv.FormatInt(r.Seq, 10)] = true
	case r.Erased || payloadSum(r) != r.PayloadSum:
		rep.problem("the content of event %d was changed", r.Seq)
	}
}

func (e erasures) compare(rep *Report) {
	for seq := range e.done {
		if !e.said[seq] {
			rep.problem("the content of event %s was erased without an event", seq)
		}
	}
	for seq := range e.said {
		if !e.done[seq] {
			rep.problem("the content of event %s was put back after it was erased", seq)
		}
	}
}
