package app

import (
	"context"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/gate"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
)

// maxRound bounds how often one piece of work is repeated in a round.
const maxRound = 2_000

// Round does once, in order and to the end, what the workers of a server do
// as time goes by: the clock's work on embargoes and releases, notices, mails,
// a checkpoint. It is for whoever moves the house's clock by hand. mail sends
// what is due; nil leaves it in the outbox.
func Round(ctx context.Context, h *gate.House, mail outbox.Sender) error {
	courier := &delivery.Courier{Box: h.Box, Sealer: h.Sealer}
	for _, w := range clocks(h) {
		if err := catchUp(ctx, h, w.next, w.tick); err != nil {
			return err
		}
	}
	if _, err := courier.Subscriber().Drain(ctx, h.DB); err != nil {
		return err
	}
	if err := catchUp(ctx, h, delivery.Next, courier.Tick); err != nil {
		return err
	}
	if err := h.Write(ctx, func(tx *db.Tx) error {
		k, err := charter.Keeper(tx, h.Sealer)
		if err == nil {
			_, err = k.Checkpoint(tx)
		}
		return err
	}); err != nil || mail == nil {
		return err
	}
	out := &outbox.Worker{DB: h.DB, Box: h.Box, Log: h.Log, Name: workerName(), Senders: map[string]outbox.Sender{"mail": mail}}
	for range maxRound {
		if n, err := out.Step(ctx); err != nil || n == 0 {
			return err
		}
	}
	return errs.New(errs.Internal, "The outbox does not come to an end.")
}

// catchUp ticks until nothing is due.
func catchUp(ctx context.Context, h *gate.House, next, tick timed) error {
	at, err := ask(ctx, h.Read, next)
	for range maxRound {
		if err != nil || at.IsZero() || at.After(h.DB.Clock.Now()) {
			return err
		}
		at, err = ask(ctx, h.Write, tick)
	}
	return errs.New(errs.Internal, "The clock's work does not come to an end.")
}
