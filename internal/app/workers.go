package app

import (
	"context"
	"time"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/embargo"
)

// workers are what runs beside the doors. Every replica runs all of them;
// what must happen once is settled in the database.
func workers(_ Config, h *gate.House) []func(context.Context) {
	return []func(context.Context){
		func(ctx context.Context) { tick(ctx, h) },
		func(ctx context.Context) { sweep(ctx, h) },
		func(ctx context.Context) { sweep(ctx, h) },
	}
}

// tick lets time do its part: proposals pass, embargoes end, reminders fall
// due. What is visible never waits for it.
func tick(ctx context.Context, h *gate.House) {
	for {
		err := h.Write(ctx, func(tx *db.Tx) error {
			_, err := embargo.Tick(tx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			h.Log.Error("the clock's work stands still", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}
