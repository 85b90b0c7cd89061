package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"time"
	_ "time/tzdata" // a person's zone must not depend on the machine

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/mailgate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"

	"golang.org/x/sync/errgroup"
)

// Serve opens the house and serves it until ctx ends. What the operator must
// read (addresses, one-time links) goes to out.
func Serve(ctx context.Context, cfg Config, out io.Writer) error {
	if err := cfg.Check(); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return errs.Wrap(errs.Unavailable, err, "Nothing can listen on %s: %v. Choose another address with TOCSIN_LISTEN.", cfg.Listen, err)
	}
	defer ln.Close()
	if cfg.URL == "" {
		cfg.Listen = ln.Addr().String()
	}
	h, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer h.DB.Close()
	if err := greet(ctx, cfg, h, out); err != nil {
		return err
	}
	conf, err := tlsConfig(cfg.TLS, cfg.Data, h.Host(), h.DB.Clock.Now())
	if err != nil {
		return err
	}
	metrics := countWork(h)
	handler, err := Handler(h, metrics)
	if err != nil {
		return err
	}
	if conf != nil {
		ln = tls.NewListener(ln, conf)
	}
	g, ctx := errgroup.WithContext(ctx)
	work, err := workers(cfg, h)
	if err != nil {
		return err
	}
	for _, w := range work {
		g.Go(func() error { w(ctx); return nil })
	}
	if cfg.SMTPListen != "" {
		g.Go(func() error { return mailgate.Serve(ctx, cfg.SMTPListen, h) })
	}
	if cfg.Metrics != "" {
		g.Go(func() error { return serveMetrics(ctx, cfg.Metrics, metrics) })
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(h.Log.Handler(), slog.LevelDebug), BaseContext: func(net.Listener) context.Context { return ctx }}
	g.Go(func() error {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := srv.Shutdown(stop); err != nil {
			return srv.Close()
		}
		return nil
	})
	fmt.Fprintf(out, "Tocsin is at %s\n", h.URL)
	debug.FreeOSMemory() // the start takes more memory than the service does for long
	return g.Wait()
}

// greet prints what the operator needs at this start: in demo mode the
// sign-in links, before the founding the setup link.
func greet(ctx context.Context, cfg Config, h *gate.House, out io.Writer) error {
	if cfg.Demo {
		return greetDemo(ctx, cfg, h, out)
	}
	var secret string
	err := h.Write(ctx, func(tx *db.Tx) error {
		founded, err := charter.Founded(tx)
		if err != nil || founded {
			return err
		}
		secret, err = charter.SetupLink(tx)
		return err
	})
	if err == nil && secret != "" {
		fmt.Fprintf(out, "Set the alliance up, once, within a day: %s/setup/%s\n", h.URL, secret)
	}
	return err
}

// workerName tells this process's leases from those of its replicas.
func workerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return host + "/" + strconv.Itoa(os.Getpid())
}
