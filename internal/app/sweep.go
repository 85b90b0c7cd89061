package app

import (
	"context"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/api"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/limit"
)

// sweep forgets, every hour, what served its time: answers kept for repeated
// requests, counted attempts, expired links.
func sweep(ctx context.Context, h *gate.House) {
	steps := []func(*db.Tx) error{
		func(tx *db.Tx) error { _, err := api.Sweep(tx); return err },
		func(tx *db.Tx) error { _, err := limit.Sweep(tx, tx.Now.Add(-7*24*time.Hour)); return err },
		people.Sweep,
	}
	for {
		for _, step := range steps {
			if err := h.Write(ctx, step); err != nil && ctx.Err() == nil {
				h.Log.Error("something old was not swept", "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Hour):
		}
	}
}
