package membership_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
	spec "tocsin/spec/membership"
)

// After any sequence of sanctions, appeals, renewals, moves in the tree and
// comings and goings, the seats are what a plain recomputation gives.
func TestSeatsFollowEveryStanding(t *testing.T) {
	steps := 150
	if testing.Short() {
		steps = 40
	}
	standing(t, func(w *stand) {
		r := rand.New(rand.NewPCG(7, 11))
		var third programs.Program
		w.Do(func(tx *db.Tx) (err error) {
			third, err = programs.Create(tx, w.Actor(tx, w.op), programs.Program{Name: "Third"})
			return err
		})
		all := []programs.Program{w.umbrella, w.sub, third}
		done := map[string]int{}
		for range steps {
			what, err := w.somethingHappens(r, all)
			if err == nil {
				done[what]++
			}
			w.sameSeats(what)
			if w.Failed() {
				return
			}
		}
		for _, what := range []string{"warn", "reduce", "suspend", "remove", "lift", "overturn", "time", "move", "join", "leave"} {
			if done[what] == 0 {
				w.Errorf("%s never came about: %v", what, done)
			}
		}
	})
}

func (w *stand) somethingHappens(r *rand.Rand, all []programs.Program) (what string, err error) {
	o, p := w.orgs[r.IntN(len(w.orgs))], all[r.IntN(len(all))]
	program := p.ID
	if r.IntN(5) == 0 {
		program = ""
	}
	m := membership.Membership{Program: program, Org: o.ID}
	cora, op := w.As(w.cora), w.As(w.op)
	verbs := []func(tx *db.Tx) error{
		func(tx *db.Tx) error { what = "warn"; _, err := membership.Warn(tx, cora, m.Ref(), "x"); return err },
		func(tx *db.Tx) error {
			what = "reduce"
			_, err := membership.Reduce(tx, cora, m.Ref(), "x")
			return err
		},
		func(tx *db.Tx) error { what = "suspend"; return w.byBoard(tx, board.Suspend, m, "") },
		func(tx *db.Tx) error { what = "remove"; return w.byBoard(tx, board.Remove, m, "") },
		func(tx *db.Tx) error { return w.undo(tx, r, m, &what) },
		func(tx *db.Tx) error { return w.undo(tx, r, m, &what) },
		func(tx *db.Tx) error {
			what = "move"
			rules, err := programs.RulesOf(tx, p.ID)
			if err != nil {
				return err
			}
			parent := append([]string{""}, all[0].ID, all[1].ID, all[2].ID)[r.IntN(4)]
			_, err = programs.Move(tx, op, p.ID, parent, rules.Version)
			return err
		},
		func(tx *db.Tx) error { what = "join"; return programs.Add(tx, op, p.ID, o.ID) },
		func(tx *db.Tx) error { what = "leave"; return programs.Remove(tx, op, p.ID, o.ID) },
		func(tx *db.Tx) error {
			what = "renew"
			_, err := tx.Exec(`INSERT INTO contact (id, org_id, audience_id, tlp, kind, name, time_zone, confirmed_at, created_at, version) VALUES ($1, $2, '', 0, 'response', 'PSIRT', 'UTC', $3, $3, 1)`, id.New("con", tx.Now), o.ID, db.Micros(tx.Now))
			if err == nil {
				_, err = membership.NoteStep(tx, cora, m.Ref(), membership.StepFee, "x")
			}
			if err == nil {
				_, err = membership.Renew(tx, cora, m.Ref())
			}
			return err
		},
		nil, nil,
	}
	do := verbs[r.IntN(len(verbs))]
	if do == nil {
		w.Clock.Advance([...]time.Duration{1, 15, 60, 200}[r.IntN(4)] * days)
		w.tick()
		return "time", nil
	}
	err = w.DB.Write(w.Context(), do)
	return what, err
}

func (w *stand) byBoard(tx *db.Tx, kind board.Kind, m membership.Membership, sanction string) error {
	proposal := fmt.Sprintf(`{"program":%q,"sanction":%q}`, m.Program, sanction)
	return membership.Sanctioned(tx, board.Motion{ID: id.New("mot", tx.Now), Number: "B-1", Kind: kind, Title: "x", State: ballot.Carried, Object: ledger.Object{Kind: "org", ID: m.Org}, Proposal: []byte(proposal)})
}

func (w *stand) undo(tx *db.Tx, r *rand.Rand, m membership.Membership, what *string) error {
	*what = "lift"
	m, err := membership.StandingIn(tx, w.Actor(tx, w.cora), m.Ref())
	if err != nil {
		return err
	}
	list, err := membership.Penalties(tx, w.Actor(tx, w.cora), m.ID)
	list = slices.DeleteFunc(list, func(p membership.Penalty) bool { return !p.EndedAt.IsZero() })
	if err != nil || len(list) == 0 {
		return fmt.Errorf("nothing to lift: %w", err)
	}
	p := list[r.IntN(len(list))]
	if r.IntN(2) == 0 && p.Appeal == spec.AppealOpen {
		admin := w.admins[slices.IndexFunc(w.orgs, func(o orgs.Org) bool { return o.ID == m.Org })]
		if _, err := membership.Appeal(tx, w.Actor(tx, admin), p.ID, "x"); err == nil {
			*what = "overturn"
		}
	}
	if p.ByBoard() {
		return w.byBoard(tx, board.Other, m, p.ID)
	}
	if *what == "overturn" {
		_, err = membership.DecideAppeal(tx, w.Actor(tx, w.dora), p.ID, true, "x")
		return err
	}
	_, err = membership.Lift(tx, w.Actor(tx, w.cora), p.ID, "x")
	return err
}

// sameSeats compares the seats with what the standings, the tree and the
// memberships say, put together in the plainest way.
func (w *stand) sameSeats(after string) {
	w.Helper()
	type row struct {
		person, org, role, state, class string
	}
	type held struct {
		program, org string
		renewal      spec.RenewalState
		sanction     spec.SanctionState
	}
	w.Do(func(tx *db.Tx) error {
		people, err := db.All(tx, func(r *row) []any { return []any{&r.person, &r.org, &r.role, &r.state, &r.class} },
			`SELECT m.person_id, m.org_id, m.role, o.state, o.class FROM membership m JOIN org o ON o.id = m.org_id`)
		if err != nil {
			return err
		}
		standings, err := db.All(tx, func(h *held) []any { return []any{&h.program, &h.org, &h.renewal, &h.sanction} }, `SELECT program_id, org_id, renewal, sanction FROM standing`)
		if err != nil {
			return err
		}
		type pair struct{ program, org string }
		in, err := db.All(tx, func(p *pair) []any { return []any{&p.program, &p.org} }, `SELECT program_id, org_id FROM program_org`)
		if err != nil {
			return err
		}
		var want []string
		put := func(person, kind, subject string, cap audience.Role) {
			want = append(want, fmt.Sprint(person, " ", kind, " ", subject, " ", int(cap)))
		}
		suspended := map[string]bool{}
		for _, h := range standings {
			if h.program == "" && h.sanction != spec.SanctionEnded && spec.Of(h.renewal, h.sanction).Cap() == 0 {
				suspended[h.org] = true
			}
		}
		for _, p := range people {
			limit := audience.Contributor
			if p.role == "reader" {
				limit = audience.Reader
			}
			if suspended[p.org] && p.state != "suspended" {
				w.Errorf("after %s: %s takes part and was suspended", after, p.org)
			}
			if p.state != "active" {
				put(p.person, "class", p.class, audience.None)
				if p.role == "admin" {
					put(p.person, "role", "voice:"+p.org, audience.Contributor)
				}
				continue
			}
			put(p.person, "org", p.org, limit)
			for _, x := range in {
				if x.org != p.org {
					continue
				}
				above, err := programs.Above(tx, x.program)
				if err != nil {
					return err
				}
				best := limit
				for _, h := range standings {
					if h.org == p.org && h.sanction != spec.SanctionEnded && (h.program == "" || h.program == x.program || slices.Contains(above, h.program)) {
						best = min(best, audience.Role(spec.Of(h.renewal, h.sanction).Cap()))
					}
				}
				if best > audience.None {
					put(p.person, "program", x.program, best)
				}
			}
		}
		type seat struct {
			person, kind, subject string
			cap                   int
		}
		seats, err := db.All(tx, func(s *seat) []any { return []any{&s.person, &s.kind, &s.subject, &s.cap} }, `SELECT person_id, kind, subject_id, cap FROM seat WHERE party_kind = 'org'`)
		if err != nil {
			return err
		}
		var have []string
		for _, s := range seats {
			have = append(have, fmt.Sprint(s.person, " ", s.kind, " ", s.subject, " ", s.cap))
		}
		slices.Sort(want)
		slices.Sort(have)
		if !slices.Equal(want, have) {
			w.Errorf("after %s the seats are\n%v\nwant\n%v", after, have, want)
		}
		// Whose people are seated in a program stands there, and nobody else.
		stands, err := db.All(tx, func(p *pair) []any { return []any{&p.program, &p.org} }, `SELECT x.program_id, x.org_id FROM program_org x WHERE `+orgs.Stands("x"))
		if err != nil {
			return err
		}
		for _, x := range in {
			n, err := db.Value[int](tx, `SELECT COUNT(*) FROM seat WHERE kind = 'program' AND subject_id = $1 AND party_id = $2`, x.program, x.org)
			if err != nil {
				return err
			}
			if got := slices.Contains(stands, x); got != (n > 0) {
				w.Errorf("after %s: %s stands in %s: %v, with %d seats", after, x.org, x.program, got, n)
			}
		}
		return nil
	})
}
