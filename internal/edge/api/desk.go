package api

import (
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/response/casework"
)

func listOwed(c *call, tx *db.Tx, _ *none) (page[casework.Owed], error) {
	list, err := gate.Owed(tx, c.Actor)
	return whole(list), err
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
