package people

import (
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
)

func TestOutboxIsForOperatorsAndReadingItIsNoted(t *testing.T) {
	each(t, func(w *world) {
		bo := w.add("bo@vendor.example", "Bo")
		box := w.desk.Box
		var item string
		w.do(func(tx *db.Tx) error {
			if err := box.Put(tx, outbox.Item{Key: "k", Kind: "mail", Person: bo.ID, Address: bo.Email}, outbox.Mail{Subject: "Hello", Text: "words"}, time.Time{}); err != nil {
				return err
			}
			list, err := box.List(tx, outbox.Filter{Person: bo.ID})
			item = list[0].ID
			return err
		})
		operator := w.as(w.operator)
		for kind, a := range map[errs.Kind]audience.Actor{errs.Unauthenticated: {}, errs.Denied: w.as(bo)} {
			w.refused("reading", kind, func(tx *db.Tx) error { _, err := OpenMail(tx, box, a, item); return err })
			w.refused("sending again", kind, func(tx *db.Tx) error { return ResendMail(tx, box, a, item) })
			w.refused("settling", kind, func(tx *db.Tx) error { return SettleMail(tx, box, a, item) })
		}
		w.refused("reading nothing", errs.NotFound, func(tx *db.Tx) error { _, err := OpenMail(tx, box, operator, "out_none"); return err })
		w.refused("sending a waiting one again", errs.Conflict, func(tx *db.Tx) error { return ResendMail(tx, box, operator, item) })
		w.do(func(tx *db.Tx) error {
			it, err := OpenMail(tx, box, operator, item)
			if err == nil && len(it.Content) == 0 {
				t.Error("the content is not opened")
			}
			return err
		})
		if n := w.seen(w.as(bo), EventMailOpened); n != 1 {
			t.Errorf("the person whom it is for sees %d readings", n)
		}
		if n := w.seen(w.as(w.add("eve@else.example", "Eve")), EventMailOpened); n != 0 {
			t.Errorf("somebody else sees %d readings", n)
		}
		dead := func() {
			w.do(func(tx *db.Tx) error { _, err := tx.Exec(`UPDATE outbox SET state = 'dead'`); return err })
		}
		dead()
		w.do(func(tx *db.Tx) error { return ResendMail(tx, box, operator, item) })
		w.refused("settling a waiting one", errs.Conflict, func(tx *db.Tx) error { return SettleMail(tx, box, operator, item) })
		dead()
		w.do(func(tx *db.Tx) error { return SettleMail(tx, box, operator, item) })
		w.refused("settling twice", errs.Conflict, func(tx *db.Tx) error { return SettleMail(tx, box, operator, item) })
		if n := w.seen(operator, EventMailResent) + w.seen(operator, EventMailSettled); n != 2 {
			t.Errorf("%d of two deeds are in the ledger", n)
		}
	})
}

// seen counts the events of a kind that an actor may see.
func (w *world) seen(a audience.Actor, kind string) (n int) {
	w.Helper()
	w.do(func(tx *db.Tx) error {
		n = 0
		list, err := ledger.List(tx, a, ledger.Query{After: -1, Limit: 1000})
		for _, r := range list {
			if r.Kind == kind {
				n++
			}
		}
		return err
	})
	return n
}
