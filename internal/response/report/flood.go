package report

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/limit"
)

// Limits of what strangers may do.
const (
	perHour    = 6   // reports from one address
	perDay     = 20  // reports from one address
	everywhere = 120 // reports an hour from all addresses together
	linkUses   = 120 // writes and wrong links from one address in an hour
)

// Allow counts a submission from an address (the door's word for where it
// comes from; a network rather than a single IPv6 address) and answers
// RateLimited when there were too many. The door runs it in a transaction of
// its own before Submit. What is stored is a keyed hash of the address.
func (d Desk) Allow(tx *db.Tx, address string) error {
	key := d.addressKey(address)
	if err := limit.Allow(tx, "report hour "+key, perHour, time.Hour); err != nil {
		return err
	}
	if err := limit.Allow(tx, "report day "+key, perDay, 24*time.Hour); err != nil {
		return err
	}
	return limit.Allow(tx, "report everywhere", everywhere, time.Hour)
}

// AllowFinder is Allow for what is done through a finder's link, and for
// links that turned out wrong.
func (d Desk) AllowFinder(tx *db.Tx, address string) error {
	return limit.Allow(tx, "finder "+d.addressKey(address), linkUses, time.Hour)
}

func (d Desk) addressKey(address string) string {
	return hex.EncodeToString(d.Sealer.Mac("report address", []byte(address))[:16])
}

const (
	leastTime = 3 * time.Second    // nobody fills the form faster
	mostTime  = 7 * 24 * time.Hour // a form older than this was kept by a machine
)

// Form is what the public form carries besides the report, to tell people
// from machines without asking them anything.
type Form struct {
	Trap  string // a field that people do not see; machines fill it
	Stamp string // Desk.Stamp, made when the form was shown
}

// Stamp is the value of a form's hidden field: when it was shown.
func (d Desk) Stamp(now time.Time) string {
	return d.Sealer.Sign("report form", strconv.FormatInt(now.UnixMicro(), 10))
}

// Spam says why a filled form looks like a machine's, in words for who may be
// a person after all; empty when it does not. Doors ask it for the form only:
// the API has its own limits.
func (d Desk) Spam(f Form, now time.Time) string {
	if strings.TrimSpace(f.Trap) != "" {
		return "A field that has to stay empty was filled, perhaps by your browser. Empty it and send the report again; nothing was stored."
	}
	shown, ok := d.Sealer.Check("report form", f.Stamp)
	at, err := strconv.ParseInt(shown, 10, 64)
	if !ok || err != nil {
		return "The form was not complete. Open the report page anew and send the report from there; nothing was stored."
	}
	switch age := now.Sub(time.UnixMicro(at)); {
	case age < leastTime:
		return "That was faster than a person writes. Wait a few seconds and send the report again; nothing was stored."
	case age > mostTime:
		return "The form was open for more than a week. Open the report page anew and send the report from there; nothing was stored."
	}
	return ""
}
