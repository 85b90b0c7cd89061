package app

import (
	"context"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/mailgate"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/report"
	"tocsin/internal/response/talk"
)

// workers are what runs beside the doors until ctx ends. Every replica runs
// all of them; what must happen once is settled in the database.
func workers(cfg Config, h *gate.House) ([]func(context.Context), error) {
	courier := &delivery.Courier{Box: h.Box, Sealer: h.Sealer}
	out := []func(context.Context){
		func(ctx context.Context) { courier.Subscriber().Run(ctx, h.DB, h.Log) },
		func(ctx context.Context) { courier.Run(ctx, h.DB, h.Log) },
		func(ctx context.Context) { sign(ctx, h) },
		func(ctx context.Context) { forgetFiles(ctx, h) },
		func(ctx context.Context) { sweep(ctx, h) },
	}
	for _, c := range clocks(h) {
		out = append(out, func(ctx context.Context) { keepTime(ctx, h, c.next, c.tick) })
	}
	if cfg.SMTP == "" {
		return out, nil // mail waits in the outbox, where the operator reads it
	}
	server, err := delivery.ParseServer(cfg.SMTP)
	if err != nil {
		return nil, err
	}
	mailer := &delivery.Mailer{DB: h.DB, Server: server, Sealer: h.Sealer}
	if cfg.SMTPListen != "" {
		mailer.BounceTo = mailgate.BounceAddress(h.URL)
	}
	mail := &outbox.Worker{DB: h.DB, Box: h.Box, Log: h.Log, Name: workerName(), Senders: map[string]outbox.Sender{"mail": mailer}}
	return append(out, mail.Run), nil
}

// clockwork is what a package has to do as time goes by: when, and what.
type clockwork struct{ next, tick timed }

// clocks are the packages' work in time, in the order in which a round does it.
func clocks(h *gate.House) []clockwork {
	press := advisory.Press{Sealer: h.Sealer, URL: h.URL}
	phone := contacts.Switchboard{Box: h.Box}
	return []clockwork{
		{board.Next, h.Board().Tick},
		{contacts.Next, phone.Tick},
		{constituency.Next, constituency.Tick},
		{h.Applications().Next, h.Applications().Tick},
		{membership.StandingNext, membership.StandingTick},
		{embargo.Next, embargo.Tick},
		{advisory.Next, press.Tick},
	}
}

// timed asks when there is work to do; the zero time: never, as things stand.
type timed func(*db.Tx) (time.Time, error)

// keepTime does what time has made due. It looks before it writes, so that an
// idle server stays idle, and looks again at every bell, because a verb may
// have brought the next instant forward. What is visible never waits for it.
func keepTime(ctx context.Context, h *gate.House, next, tick timed) {
	for {
		bell := h.DB.Bell.Next()
		at, err := ask(ctx, h.Read, next)
		if err == nil && !at.IsZero() && !at.After(h.DB.Clock.Now()) {
			at, err = ask(ctx, h.Write, tick)
		}
		wait := time.Minute // other replicas' bells are not heard here
		switch {
		case err != nil && ctx.Err() == nil:
			h.Log.Error("the clock's work stands still", "err", err)
			wait = 5 * time.Second
		case !at.IsZero():
			wait = max(min(wait, at.Sub(h.DB.Clock.Now())), 10*time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return
		case <-bell:
		case <-time.After(wait):
		}
	}
}

func ask(ctx context.Context, in func(context.Context, func(*db.Tx) error) error, f timed) (at time.Time, err error) {
	err = in(ctx, func(tx *db.Tx) error {
		at, err = f(tx)
		return err
	})
	return at, err
}

// sign keeps a signed checkpoint of the ledger, at most once a minute.
func sign(ctx context.Context, h *gate.House) {
	for {
		bell := h.DB.Bell.Next()
		err := h.Write(ctx, func(tx *db.Tx) error {
			founded, err := charter.Founded(tx)
			if err != nil || !founded {
				return err
			}
			k, err := charter.Keeper(tx, h.Sealer)
			if err != nil {
				return err
			}
			_, err = k.Checkpoint(tx)
			return err
		})
		if err != nil && ctx.Err() == nil {
			h.Log.Error("no checkpoint was signed", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Minute):
		}
		select {
		case <-ctx.Done():
			return
		case <-bell:
		}
	}
}

// forgetFiles removes uploads that no record names, once a day.
func forgetFiles(ctx context.Context, h *gate.House) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(24 * time.Hour):
		}
		if _, err := talk.Sweep(ctx, h.DB, h.Blobs, 2*talk.MinSweepAge, report.NamedFiles); err != nil && ctx.Err() == nil {
			h.Log.Error("forgotten uploads were not removed", "err", err)
		}
	}
}
