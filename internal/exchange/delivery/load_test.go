package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/ledger"
)

// TestCaseOfTwoHundredVendors tells 400 people of what happens in a large
// case; the time is logged, and every one of them is told.
func TestCaseOfTwoHundredVendors(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		x := newScene(t, d, c)
		must(t, d, func(tx *db.Tx) error {
			for i := range 200 {
				org := fmt.Sprintf("org_%03d", i)
				party := audience.Party{Kind: audience.Org, ID: org}
				if err := audience.Admit(tx, x.matter, audience.Grant{Kind: audience.Org, ID: org, Role: audience.Contributor}); err != nil {
					return err
				}
				if err := audience.Accept(tx, terms, party, "p"); err != nil {
					return err
				}
				for n := range 2 {
					p := fmt.Sprintf("per_%03d_%d", i, n)
					if _, err := tx.Exec(`INSERT INTO person (id, audience_id, email, name, state, created_at, version) VALUES ($1, '', $2, $3, 'active', 1, 1)`, p, p+"@x.example", p); err != nil {
						return err
					}
					if err := audience.Sit(tx, p, audience.Seat{Kind: audience.Org, ID: org, Party: party, Cap: audience.Contributor}); err != nil {
						return err
					}
				}
			}
			return nil
		})
		began := time.Now()
		var list []ledger.Event
		for i := range 20 {
			list = append(list, ledger.Event{Kind: "message.posted", Audience: x.matter, Object: ledger.Object{Kind: "message", ID: fmt.Sprintf("msg_%d", i)}})
		}
		x.emit(list...)
		t.Logf("20 messages to 403 people in %v", time.Since(began))
		began = time.Now()
		x.emit(ledger.Event{Kind: "exposure.reported", Audience: x.matter})
		t.Logf("an alarm to 403 people in %v", time.Since(began))
		must(t, d, func(tx *db.Tx) error {
			n, err := db.Value[int](tx, `SELECT COUNT(*) FROM notice`)
			m, _ := db.Value[int](tx, `SELECT COUNT(*) FROM outbox`)
			if n != 21*403 || m != 403 {
				t.Errorf("%d notices, %d mails", n, m)
			}
			return err
		})
	})
}
