package api

import (
	"slices"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/report"
)

// debts are the lists of what somebody owes, by package.
var debts = []func(*db.Tx, audience.Actor) ([]casework.Owed, error){casework.OwedBy, embargo.Owed, report.Owed, advisory.Owed, askedFor}

func listOwed(c *call, tx *db.Tx, _ *none) (page[casework.Owed], error) {
	var out []casework.Owed
	for _, f := range debts {
		list, err := f(tx, c.Actor)
		if err != nil {
			return page[casework.Owed]{}, err
		}
		out = append(out, list...)
	}
	slices.SortStableFunc(out, func(a, b casework.Owed) int { return urgency(a).Compare(urgency(b)) })
	return whole(out), nil
}

// urgency orders what is owed: by due time, and without one last.
func urgency(o casework.Owed) time.Time {
	if o.Due.IsZero() {
		return time.Unix(1<<40, 0)
	}
	return o.Due
}

type outboxQuery struct {
	Listing
	State string `query:"state" maxLength:"40"`
}

func listOutbox(c *call, tx *db.Tx, in *outboxQuery) (page[outbox.Item], error) {
	list, err := c.Box.List(tx, outbox.Filter{State: outbox.State(in.State), Before: in.Cursor, Limit: in.Limit})
	if err != nil {
		return page[outbox.Item]{}, err
	}
	next := ""
	if len(list) == in.Limit {
		next = list[len(list)-1].ID
	}
	return unfinished(list, next), nil
}

func countOutbox(_ *call, tx *db.Tx, _ *none) (map[string]int, error) {
	counts, err := outbox.Counts(tx)
	out := map[string]int{}
	for state, n := range counts {
		out[string(state)] = n
	}
	return out, err
}

type ofItem struct {
	Item string `path:"item" maxLength:"64"`
}

func sendAgain(_ *call, tx *db.Tx, in *ofItem) (nothing, error) {
	return nothing{}, outbox.Again(tx, in.Item)
}

func settleItem(_ *call, tx *db.Tx, in *ofItem) (nothing, error) {
	return nothing{}, outbox.Settle(tx, in.Item)
}
