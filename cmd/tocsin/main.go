// Command tocsin is the whole of Tocsin: server, administration and client.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"tocsin/internal/app"

	"github.com/alecthomas/kong"
)

// settings are the flags that every command on the data takes; each has an
// environment variable of the same name.
type settings struct {
	Listen     string `help:"Address to listen on." env:"TOCSIN_LISTEN" default:"127.0.0.1:8420"`
	URL        string `name:"url" help:"Address at which the server is reached." env:"TOCSIN_URL"`
	Data       string `help:"Data directory." env:"TOCSIN_DATA" default:"./tocsin-data"`
	DB         string `name:"db" help:"Database: empty for SQLite in the data directory, or postgres://…" env:"TOCSIN_DB"`
	Blobs      string `help:"Files: empty for the data directory, or s3://…" env:"TOCSIN_BLOBS"`
	TLS        string `name:"tls" help:"off, self, or cert.pem,key.pem" env:"TOCSIN_TLS" default:"off"`
	SMTP       string `name:"smtp" help:"Mail server, smtp://…; without one, mail is held in the outbox." env:"TOCSIN_SMTP"`
	SMTPListen string `name:"smtp-listen" help:"Address on which bounces are received." env:"TOCSIN_SMTP_LISTEN"`
	Metrics    string `help:"Address of a listener of its own for /metrics." env:"TOCSIN_METRICS"`
	LogLevel   string `help:"debug, info, warn or error." env:"TOCSIN_LOG_LEVEL" default:"info" enum:"debug,info,warn,error"`
}

func (s settings) config() app.Config {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	return app.Config{Listen: s.Listen, URL: s.URL, Data: s.Data, DB: s.DB, Blobs: s.Blobs, TLS: s.TLS, SMTP: s.SMTP, SMTPListen: s.SMTPListen, Metrics: s.Metrics, Log: log}
}

type commands struct {
	settings
	Serve  serveCommand   `cmd:"" help:"Serve the portal, the API and the feeds."`
	Admin  adminCommands  `cmd:"" help:"Look after a server: found, token, backup, restore, verify."`
	Import importCommands `cmd:"" help:"Bring in cases and advisories from elsewhere."`
}

type serveCommand struct {
	Demo bool `help:"Serve a demo alliance with one-click sign-in links."`
}

// Run serves until the process is told to stop.
func (c serveCommand) Run(ctx context.Context, s *settings) error {
	cfg := s.config()
	cfg.Demo = c.Demo
	return app.Serve(ctx, cfg, os.Stdout)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	k := kong.Parse(&c, kong.Name("tocsin"), kong.Description("Coordinated response of competing vendors, CERTs, providers and researchers."), kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(&c.settings))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "tocsin:", err)
		os.Exit(1)
	}
}
