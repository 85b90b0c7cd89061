package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/text"
)

// Finding is one thing that Examine looked at.
type Finding struct {
	What string `json:"what"`
	Good bool   `json:"good"`
	Text string `json:"text"` // what is so, and what to do if it is not good
}

// littleSpace is where a full disk is near.
const littleSpace = 1 << 30

// clockSlack is by how much the clocks of replicas may differ.
const clockSlack = 5 * time.Second

// checkClock holds the machine's clock against the ledger's newest instant.
// Visibility is computed from the clock: behind the ledger, what was released
// hides again and what ended is open again.
func checkClock(now, newest time.Time) error {
	ahead := newest.Sub(now)
	if ahead <= clockSlack {
		return nil
	}
	const zoned = "2006-01-02 15:04:05 UTC"
	return fmt.Errorf("it shows %s, and the ledger holds an event of %s, %s later: either this clock went back, or it ran ahead when the event was written. "+
		"Compare it with a second clock. If it is wrong, stop the server, set it (timedatectl set-ntp true) and start the server again. "+
		"If it is right, that event keeps its wrong time; look at what was released or ended early, and release nothing before %s",
		now.UTC().Format(zoned), newest.UTC().Format(zoned), ahead.Round(time.Second), newest.UTC().Format(zoned))
}

// Examine looks at settings, disk, keys, database, clock, alliance and outbox,
// in the order in which one thing needs the other, and stops where nothing
// further can be looked at.
func Examine(ctx context.Context, cfg Config) (out []Finding) {
	say := func(what string, err error, good string, args ...any) bool {
		f := Finding{What: what, Good: err == nil, Text: fmt.Sprintf(good, args...)}
		if err != nil {
			f.Text = err.Error()
		}
		out = append(out, f)
		return err == nil
	}
	if !say("settings", cfg.Check(), "they can be used; the server is reached at %s", cfg.BaseURL()) {
		return out
	}
	info, err := os.Stat(cfg.Data)
	if err != nil {
		say("data", fmt.Errorf("%s is not there yet; tocsin serve makes it", cfg.Data), "")
		return out
	}
	if info.Mode().Perm()&0o077 != 0 {
		say("data", fmt.Errorf("%s can be read by others; run: chmod 700 %s", cfg.Data, cfg.Data), "")
	} else {
		say("data", nil, "%s", cfg.Data)
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(cfg.Data, &fs); err == nil {
		free := int64(fs.Bavail) * fs.Bsize
		if free < littleSpace {
			err = fmt.Errorf("%d MB are free; make room before the database has to stop", free>>20)
		}
		say("disk", err, "%d GB are free", free>>30)
	}
	if _, err := os.Stat(filepath.Join(cfg.Data, "keys", "seal.age")); err != nil {
		say("keys", fmt.Errorf("there is no sealing key in %s; if this is not a new server, restore it from a backup", filepath.Join(cfg.Data, "keys")), "")
		return out
	}
	h, err := Open(ctx, cfg)
	if !say("stores", err, "database and files open") {
		return out
	}
	defer h.DB.Close()
	have, want, err := h.DB.SchemaVersion(ctx)
	say("schema", err, "version %d of %d, %s", have, want, h.DB.Dialect)
	err = h.Read(ctx, func(tx *db.Tx) error {
		newest, err := ledger.Newest(tx)
		if err == nil {
			err = checkClock(tx.Now, newest)
		}
		say("clock", err, "%s, not behind the ledger", tx.Now.Format("2006-01-02 15:04:05 UTC"))
		c, err := charter.Load(tx)
		if !say("alliance", err, "%s", c.Name) {
			return nil
		}
		counts, err := outbox.Counts(tx)
		if err == nil && counts[outbox.Dead]+counts[outbox.Uncertain] > 0 {
			err = errs.New(errs.Conflict, "Of the items, %d are dead and %d uncertain; they wait for a decision on the administration page.", counts[outbox.Dead], counts[outbox.Uncertain])
		}
		held := ""
		if cfg.SMTP == "" && counts[outbox.Pending] > 0 {
			held = "; without TOCSIN_SMTP they are held"
		}
		say("outbox", err, "%s to be sent%s", text.Plural(counts[outbox.Pending], "item waits", "items wait"), held)
		return nil
	})
	if err != nil {
		say("database", err, "")
	}
	return out
}
