package delivery

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
)

// SubscriberName is the ledger's mark for notices.
const SubscriberName = "delivery"

// Subscriber turns events into notices and mails. Run one in each replica;
// the ledger sees to it that each event is handled once.
func (c *Courier) Subscriber() ledger.Subscriber {
	return ledger.Subscriber{Name: SubscriberName, Handle: c.handle}
}

func (c *Courier) handle(tx *db.Tx, r ledger.Record) error {
	if err := learn(tx, r); err != nil {
		return err
	}
	if r.Kind == "person.suspended" || r.Kind == "person.left" {
		if err := hush(tx, r.Object.ID); err != nil {
			return err
		}
	}
	if rulesOf[r.Kind] == nil {
		return nil
	}
	f, err := factsOf(tx, r)
	if err != nil {
		return err
	}
	if err := queueRelease(tx, r, f); err != nil {
		return err
	}
	told, err := recipients(tx, r, f)
	if err != nil || len(told) == 0 {
		return err
	}
	fresh, err := keep(tx, r, f, told)
	if err != nil {
		return err
	}
	return c.mail(tx, r, f, told, fresh)
}

// hush takes back what still waits for somebody who is shut out; what is in
// the outbox, people takes back itself.
func hush(tx *db.Tx, personID string) error {
	_, err := tx.Exec(`UPDATE notice SET waiting = 0 WHERE person_id = $1 AND waiting = 1`, personID)
	return err
}

// keep writes the notices and returns whose are new: one act that tells
// several audiences reaches a person once.
func keep(tx *db.Tx, r ledger.Record, f facts, told []recipient) (map[string]bool, error) {
	fresh := map[string]bool{}
	for len(told) > 0 {
		n := min(len(told), 50)
		var args db.Args
		var rows []string
		for _, t := range told[:n] {
			waiting := t.mode == Daily
			rows = append(rows, db.List(&args, []any{t.person, r.Seq, db.Micros(r.At), r.Kind, string(t.rule.Class), r.Scope, r.Object.Kind, r.Object.ID, f.act(r),
				f.numberFor(t.rule), f.words(t.rule.Title), f.path(t.rule, r.Object.ID), db.Bit(waiting)}))
		}
		ids, err := db.Column[string](tx, `INSERT INTO notice (person_id, seq, at, kind, class, scope, object_kind, object_id, act, number, title, url, waiting) VALUES `+
			strings.Join(rows, ", ")+` ON CONFLICT DO NOTHING RETURNING person_id`, args...)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			fresh[id] = true
		}
		told = told[n:]
	}
	return fresh, nil
}

// mail puts out the mails that leave at once.
func (c *Courier) mail(tx *db.Tx, r ledger.Record, f facts, told []recipient, fresh map[string]bool) error {
	var ch charter.Charter
	for _, t := range told { // the charter is read only if somebody is mailed
		if t.mode != AtOnce || !fresh[t.person] {
			continue
		}
		if ch.URL == "" {
			var err error
			if ch, err = charter.Load(tx); err != nil {
				return err
			}
		}
		item := outbox.Item{Key: fmt.Sprintf("notice:%d:%s", r.Seq, t.person), Kind: "mail", Person: t.person, Address: t.address, Events: []int64{r.Seq}}
		if err := c.Box.Put(tx, item, c.noticeMail(ch, r, f, t), time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

func (c *Courier) noticeMail(ch charter.Charter, r ledger.Record, f facts, t recipient) outbox.Mail {
	var b strings.Builder
	b.WriteString(wrap(f.words(t.rule.What)) + "\n")
	if t.rule.Class == Owed && !f.due.IsZero() {
		b.WriteString("\nAn answer is asked for by " + spoken(f.due, t.zone) + ".\n")
	}
	b.WriteString("\n" + ch.URL + f.path(t.rule, r.Object.ID) + "\n")
	m := outbox.Mail{Subject: f.words(t.rule.Title)}
	if t.rule.Class == Alarm {
		b.WriteString(footer(ch, "Alarms always reach everybody in a case."))
	} else {
		m.Unsubscribe = c.unsubscribeLink(ch, t.person, t.rule.Class)
		b.WriteString(footer(ch, "No more mails of this kind: "+m.Unsubscribe))
	}
	m.Text = b.String()
	return m
}

func footer(ch charter.Charter, more string) string {
	return "\n-- \n" + oneLine(ch.Name) + "\nWhat reaches you, and when: " + ch.URL + PreferencesPath + "\n" + more + "\n"
}

// PreferencesPath is the page of a person's preferences.
const PreferencesPath = "/me/notices"

// spoken is an instant in UTC and in the reader's zone.
func spoken(at time.Time, zone *time.Location) string {
	out := at.UTC().Format("2006-01-02 15:04 UTC")
	if local := at.In(zone); zone != time.UTC {
		out += local.Format(" (15:04 MST, 2006-01-02)")
	}
	return out
}

// wrap breaks a sentence into lines of at most 72 characters.
func wrap(s string) string {
	var b strings.Builder
	width := 0
	for _, word := range strings.Fields(s) {
		n := len([]rune(word))
		switch {
		case width == 0:
		case width+1+n > 72:
			b.WriteByte('\n')
			width = 0
		default:
			b.WriteByte(' ')
			width++
		}
		b.WriteString(word)
		width += n
	}
	return b.String()
}
