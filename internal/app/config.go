// Package app puts the house together: it opens the stores, mounts the doors
// and runs the workers. It is the only package that knows all others.
package app

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
)

// Config is what the environment or the flags of the same names say.
type Config struct {
	Listen     string // TOCSIN_LISTEN
	URL        string // TOCSIN_URL; empty: made from Listen and TLS
	Data       string // TOCSIN_DATA
	DB         string // TOCSIN_DB; empty: SQLite in Data
	Blobs      string // TOCSIN_BLOBS; empty: files in Data
	TLS        string // TOCSIN_TLS: off, self, or cert.pem,key.pem
	SMTP       string // TOCSIN_SMTP; empty: mail is held in the outbox
	SMTPListen string // TOCSIN_SMTP_LISTEN
	Metrics    string // TOCSIN_METRICS: address of a listener of its own for /metrics
	Demo       bool
	Clock      clock.Clock // the system's when nil
	Log        *slog.Logger
}

// Open opens the stores that cfg names and brings the schema up to date.
// Close the result.
func Open(ctx context.Context, cfg Config) (*gate.House, error) {
	if cfg.Data == "" {
		return nil, errs.New(errs.Invalid, "Say where the data is: TOCSIN_DATA.")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System()
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, errs.Wrap(errs.Unavailable, err, "The data directory %s cannot be made.", cfg.Data)
	}
	sealer, err := seal.Open(filepath.Join(cfg.Data, "keys"))
	if err != nil {
		return nil, err
	}
	blobs, err := blob.Open(ctx, cfg.Blobs, filepath.Join(cfg.Data, "blobs"), sealer)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, db.Config{URL: cfg.DB, Dir: cfg.Data, Clock: cfg.Clock, Log: cfg.Log})
	if err != nil {
		return nil, err
	}
	h := &gate.House{DB: d, Sealer: sealer, Box: outbox.New(sealer), Blobs: blobs, Log: cfg.Log, URL: cfg.BaseURL(), Demo: cfg.Demo, Tables: Tables()}
	h.Effects = effects(h)
	return h, nil
}

// BaseURL is where the server is reached, without a slash at the end.
func (c Config) BaseURL() string {
	if c.URL != "" {
		if u, err := url.Parse(c.URL); err == nil {
			return u.Scheme + "://" + u.Host
		}
	}
	if c.TLS == "" || c.TLS == "off" {
		return "http://" + c.Listen
	}
	return "https://" + c.Listen
}

// Check refuses settings that cannot work, before anything is opened.
func (c Config) Check() error {
	var fields []errs.Field
	if c.Listen == "" {
		fields = append(fields, errs.Field{Name: "TOCSIN_LISTEN", Reason: "Say where to listen, as 127.0.0.1:8420."})
	}
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err = errors.Join(err); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			fields = append(fields, errs.Field{Name: "TOCSIN_URL", Reason: "TOCSIN_URL is an address such as https://tocsin.example."})
		}
	}
	return errs.Join(fields)
}
