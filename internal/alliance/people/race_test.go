package people

import (
	"sync"
	"sync/atomic"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// atOnce runs fn n times side by side and counts those that got through; the
// others must have been refused with one of the kinds.
func (w *world) atOnce(what string, n int, fn func(i int) error, kinds ...errs.Kind) int {
	w.Helper()
	var wg sync.WaitGroup
	var through atomic.Int32
	for i := range n {
		wg.Go(func() {
			err := fn(i)
			if err == nil {
				through.Add(1)
				return
			}
			for _, k := range kinds {
				if errs.Is(err, k) {
					return
				}
			}
			w.Errorf("%s: %v", what, err)
		})
	}
	wg.Wait()
	return int(through.Load())
}

func TestOnceMeansOnceWhenTriedAtOnce(t *testing.T) {
	each(t, func(w *world) {
		seed, recovery := w.withPassword(w.operator, true)
		var link string
		w.do(func(tx *db.Tx) (err error) {
			link, err = IssueLink(tx, audience.Actor{}, w.operator.ID, LinkPrinted)
			return err
		})
		code := w.code(seed)
		for what, fn := range map[string]func(int) error{
			"a TOTP code":     func(int) error { _, err := w.signIn(w.operator.Email, phrase, code); return err },
			"a recovery code": func(int) error { _, err := w.signIn(w.operator.Email, phrase, recovery[0]); return err },
			"a link": func(int) error {
				return w.d.Write(w.Context(), func(tx *db.Tx) error { _, err := w.desk.UseLink(tx, link, home); return err })
			},
		} {
			if n := w.atOnce(what, 4, fn, errs.Unauthenticated, errs.Gone, errs.RateLimited); n != 1 {
				t.Errorf("%s worked %d times", what, n)
			}
		}
	})
}

func TestOneOperatorStays(t *testing.T) {
	each(t, func(w *world) {
		people := []Person{w.operator, w.add("ben@one.example", "Ben"), w.add("cal@one.example", "Cal")}
		op := w.as(w.operator)
		for _, p := range people[1:] {
			w.do(func(tx *db.Tx) error { return GrantRole(tx, op, p.ID, charter.Operator) })
		}
		var actors []audience.Actor
		for _, p := range people {
			actors = append(actors, w.as(p))
		}
		n := w.atOnce("giving the role up", 3, func(i int) error {
			return w.d.Write(w.Context(), func(tx *db.Tx) error {
				return RevokeRole(tx, actors[i], people[i].ID, charter.Operator)
			})
		}, errs.Conflict)
		if n != 2 {
			t.Errorf("%d of 3 operators gave their role up", n)
		}
	})
}

func TestGuessesAtOnceAreAllCounted(t *testing.T) {
	each(t, func(w *world) {
		w.withPassword(w.operator, false)
		var limited atomic.Int32
		w.atOnce("guessing", 12, func(int) error {
			_, err := w.signIn(w.operator.Email, "wrong horse battery", "")
			if errs.Is(err, errs.RateLimited) {
				limited.Add(1)
			}
			return err
		}, errs.Unauthenticated, errs.RateLimited)
		if limited.Load() != 7 {
			t.Errorf("%d of 12 guesses were refused, want 7", limited.Load())
		}
	})
}
