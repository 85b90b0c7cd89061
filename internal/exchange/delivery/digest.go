package delivery

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/text"
)

// digestHour is the hour of the morning, in the person's zone, of the digest.
const digestHour = 7

const maxLines = 100

// reader is somebody for whom notices wait.
type reader struct {
	person, zone, last string
	first              time.Time // the oldest notice that waits
}

func readers(tx *db.Tx) ([]reader, error) {
	return db.All(tx, func(r *reader) []any { return []any{&r.person, &r.zone, &r.last, db.At(&r.first)} },
		`SELECT n.person_id, p.time_zone, COALESCE(d.day, ''), MIN(n.at) FROM notice n JOIN person p ON p.id = n.person_id AND p.state = 'active'
		 LEFT JOIN digest_day d ON d.person_id = n.person_id WHERE n.waiting = 1 GROUP BY n.person_id, p.time_zone, d.day ORDER BY n.person_id`)
}

// due is the instant of the digest that shall name the reader's notices, and
// the day in their zone that it is for: the first morning after the oldest
// notice, on a day that had none, and never earlier than today's.
func (r reader) due(now time.Time) (time.Time, string) {
	zone := zoneOf(r.zone)
	from := r.first
	if now.After(from) {
		from = now
	}
	y, m, d := from.In(zone).Date()
	for offset := range 4 {
		at := time.Date(y, m, d+offset, digestHour, 0, 0, 0, zone)
		// The calendar's day, also where a zone has skipped one.
		if day := at.In(zone).Format(time.DateOnly); day > r.last && !at.Before(r.first) {
			return at, day
		}
	}
	at := time.Date(y, m, d+4, digestHour, 0, 0, 0, zone)
	return at, at.Format(time.DateOnly)
}

// digest makes one person's mail of what waited until at. Nobody gets an
// empty one, and no day has two.
func (c *Courier) digest(tx *db.Tx, ch charter.Charter, r reader, at time.Time, day string) error {
	n, err := tx.Exec(`INSERT INTO digest_day (person_id, day) VALUES ($1, $2) ON CONFLICT (person_id) DO UPDATE SET day = excluded.day WHERE digest_day.day < excluded.day`, r.person, day)
	if err != nil || n == 0 {
		return err // another replica was faster
	}
	p, err := people.Load(tx, r.person)
	if err != nil {
		return err
	}
	lines, more, seqs, err := linesFor(tx, r.person, at)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE notice SET waiting = 0 WHERE person_id = $1 AND waiting = 1 AND at <= $2`, r.person, db.Micros(at)); err != nil || len(lines) == 0 {
		return err
	}
	return c.Box.Put(tx, outbox.Item{Key: "digest:" + day + ":" + r.person, Kind: "mail", Person: r.person, Address: p.Email, Events: seqs}, c.digestMail(ch, r.person, day, lines, more), time.Time{})
}

// line is what happened, and how often.
type line struct {
	Title string
	Count int
}

// linesFor lists what waits and may still be seen, alike notices as one line,
// with the numbers of the events that they tell of.
func linesFor(tx *db.Tx, personID string, until time.Time) (lines []line, more int, seqs []int64, err error) {
	a, err := people.ActorOf(tx, personID)
	if errs.Is(err, errs.Unauthenticated) {
		return nil, 0, nil, nil
	}
	if err != nil {
		return nil, 0, nil, err
	}
	var args db.Args
	from := mine(a, &args) + ` AND n.waiting = 1 AND n.at <= ` + args.Add(db.Micros(until))
	lines, err = db.All(tx, func(l *line) []any { return []any{&l.Title, &l.Count} }, `SELECT n.title, COUNT(*)`+from+` GROUP BY n.number, n.title ORDER BY n.number, n.title`, args...)
	if err != nil {
		return nil, 0, nil, err
	}
	if len(lines) > maxLines {
		lines, more = lines[:maxLines], len(lines)-maxLines
	}
	seqs, err = db.Column[int64](tx, `SELECT n.seq`+from+` ORDER BY n.seq`, args...)
	return lines, more, seqs, err
}

const stoppedDigests = ` FROM outbox o WHERE o.state = 'stopped' AND o.key >= 'digest:' AND o.key < 'digest;' AND EXISTS (SELECT 1 FROM outbox_event x WHERE x.item_id = o.id)`

// takeUp lets the notices of a digest that was stopped on its way wait for the
// next one, which leaves out what its reader may not see any more.
func takeUp(tx *db.Tx) error {
	type item struct{ id, person string }
	list, err := db.All(tx, func(i *item) []any { return []any{&i.id, &i.person} }, `SELECT o.id, o.person_id`+stoppedDigests+` ORDER BY o.id`+db.Limit(batch))
	if err != nil {
		return err
	}
	for _, i := range list {
		if _, err := tx.Exec(`UPDATE notice SET waiting = 1 WHERE person_id = $1 AND read_at IS NULL AND seq IN (SELECT seq FROM outbox_event WHERE item_id = $2)`, i.person, i.id); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM outbox_event WHERE item_id = $1`, i.id); err != nil {
			return err
		}
	}
	return nil
}

func (c *Courier) digestMail(ch charter.Charter, personID, day string, lines []line, more int) outbox.Mail {
	var b strings.Builder
	b.WriteString("What happened since your last digest:\n\n")
	for _, l := range lines {
		b.WriteString("- " + l.Title)
		if l.Count > 1 {
			fmt.Fprintf(&b, " (%s)", text.Plural(l.Count, "time", "times"))
		}
		b.WriteByte('\n')
	}
	if more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	m := outbox.Mail{Subject: oneLine(ch.Name) + ": digest of " + day, Unsubscribe: c.unsubscribeLink(ch, personID, digestClass)}
	b.WriteString("\n" + ch.URL + "/inbox\n" + footer(ch, "No more digests: "+m.Unsubscribe))
	m.Text = b.String()
	return m
}
