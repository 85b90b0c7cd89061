package api

import (
	"strconv"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
)

// LedgerQuery pages through events, newest first.
type LedgerQuery struct {
	Listing
}

func (q LedgerQuery) before() (int64, error) {
	if q.Cursor == "" {
		return 1 << 62, nil
	}
	n, err := strconv.ParseInt(q.Cursor, 10, 64)
	if err != nil || n < 0 {
		return 0, errs.New(errs.Invalid, "This cursor was not given by this list.")
	}
	return n, nil
}

func events(list []ledger.Record, limit int) page[ledger.Record] {
	next := ""
	if len(list) > limit {
		list = list[:limit]
		next = strconv.FormatInt(list[limit-1].Seq, 10)
	}
	return unfinished(list, next)
}

type timelineQuery struct {
	OfCase
	LedgerQuery
}

func caseTimeline(c *call, tx *db.Tx, in *timelineQuery) (page[ledger.Record], error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return page[ledger.Record]{}, err
	}
	before, err := in.before()
	if err != nil {
		return page[ledger.Record]{}, err
	}
	list, err := ledger.List(tx, c.Actor, ledger.Query{Scope: k.ID, Before: before, Limit: in.Limit + 1})
	return events(list, in.Limit), err
}

func listEvents(c *call, tx *db.Tx, in *LedgerQuery) (page[ledger.Record], error) {
	before, err := in.before()
	if err != nil {
		return page[ledger.Record]{}, err
	}
	list, err := ledger.List(tx, c.Actor, ledger.Query{Before: before, Limit: in.Limit + 1})
	return events(list, in.Limit), err
}

func ownEvents(c *call, tx *db.Tx, in *LedgerQuery) (page[ledger.Record], error) {
	before, err := in.before()
	if err != nil {
		return page[ledger.Record]{}, err
	}
	list, err := ledger.ByActor(tx, c.Actor, before, in.Limit+1)
	return events(list, in.Limit), err
}

type ofEvent struct {
	Seq int64 `path:"seq" minimum:"0"`
}

func proveEvent(c *call, tx *db.Tx, in *ofEvent) (ledger.Proof, error) {
	k, err := charter.Keeper(tx, c.Sealer)
	if err != nil {
		return ledger.Proof{}, err
	}
	return k.Prove(tx, c.Actor, in.Seq)
}

// checkpoint is the signed head of the ledger (a signed note).
type checkpoint struct {
	Checkpoint string `json:"checkpoint"`
	PublicKey  string `json:"public_key"`
}

func showCheckpoint(c *call, tx *db.Tx, _ *none) (checkpoint, error) {
	k, err := charter.Keeper(tx, c.Sealer)
	if err != nil {
		return checkpoint{}, err
	}
	signed, err := k.Checkpoint(tx)
	return checkpoint{signed, k.PublicKey()}, err
}
