// Package gate is the wall that every door stands in: it turns a request
// into an actor, bounds and hardens what comes in, and maps an error to an
// answer. The doors (portal, api, csafprovider) add nothing to who may see
// what; they only ask.
package gate

import (
	"context"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
)

// House is what the doors share.
type House struct {
	DB     *db.DB
	Sealer *seal.Sealer
	Box    *outbox.Box
	Blobs  blob.Store
	Log    *slog.Logger
	URL    string // where the server is reached, without a slash at the end
	Demo   bool   // the demo alliance: sign-in links on the front page
	Guests []Guest
	Tables []ledger.Table // every row that the ledger's events vouch for
	// Effects are what follows from the board's decisions, by kind of motion.
	Effects map[board.Kind]board.Effect
	// Names looks up the records that prove a domain; nil for the machine's
	// own resolver.
	Names constituency.Resolver
	// Observe is told of each request that was answered: its route's
	// pattern, never its path. Nil where nobody counts.
	Observe func(method, pattern string, status int, took time.Duration)
}

// Guest is one of the people as whom a demo's front page signs in.
type Guest struct {
	Name, Role string
	Path       string // the sign-in link's; kept in memory only
}

// Read runs f against one snapshot.
func (h *House) Read(ctx context.Context, f func(*db.Tx) error) error { return h.DB.Read(ctx, f) }

// Write runs f in one transaction.
func (h *House) Write(ctx context.Context, f func(*db.Tx) error) error { return h.DB.Write(ctx, f) }

// Board is the board room as every door and the clock use it.
func (h *House) Board() board.Room { return board.Room{Sealer: h.Sealer, Effects: h.Effects} }

// Registrar takes and proves what organizations say they answer for.
func (h *House) Registrar() constituency.Registrar {
	return constituency.Registrar{Box: h.Box, URL: h.URL, Names: h.Names, Demo: h.Demo}
}

// Applications is the desk at which applications to programs are worked on, as
// every door and the clock use it.
func (h *House) Applications() membership.Desk {
	return membership.Desk{Sealer: h.Sealer, Box: h.Box, Board: h.Board(), URL: h.URL}
}

// Secure reports whether the server is reached by TLS, which cookies follow.
func (h *House) Secure() bool { return strings.HasPrefix(h.URL, "https://") }

// Host is the host name of URL, for passkeys.
func (h *House) Host() string {
	u, err := url.Parse(h.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
