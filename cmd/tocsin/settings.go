package main

import (
	"log/slog"
	"os"

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

// AfterApply hands the settings to the command that runs.
func (s *settings) AfterApply(k *kong.Context) error {
	k.Bind(s)
	return nil
}

func (s settings) config() app.Config {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	return app.Config{Listen: s.Listen, URL: s.URL, Data: s.Data, DB: s.DB, Blobs: s.Blobs, TLS: s.TLS, SMTP: s.SMTP, SMTPListen: s.SMTPListen, Metrics: s.Metrics, Log: log}
}
