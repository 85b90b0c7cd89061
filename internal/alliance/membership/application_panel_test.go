package membership

import (
	"testing"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/ballot"
	"tocsin/spec/membership"
)

// reads is the side from which a person reads the dossier, "" for not at all.
func (w *applyWorld) reads(p Application, who people.Person) (side Side) {
	w.Helper()
	w.Do(func(tx *db.Tx) error {
		d, err := Look(tx, w.Actor(tx, who), p.ID)
		if side = d.Side; errs.Is(err, errs.NotFound) {
			err = nil
		}
		return err
	})
	return side
}

// The office of the board reads a dossier while the board votes on it, not
// before and not after, whatever ends the ballot.
func TestTheBoardReadsWhileItVotes(t *testing.T) {
	for what, end := range map[string]func(w *applyWorld, p Application, me audience.Actor){
		"carried":   func(w *applyWorld, p Application, _ audience.Actor) { w.vote(p, board3(3, 0)...); w.close() },
		"failed":    func(w *applyWorld, p Application, _ audience.Actor) { w.vote(p, board3(0, 3)...); w.close() },
		"no quorum": func(w *applyWorld, _ Application, _ audience.Actor) { w.close() },
		"withdrawn": func(w *applyWorld, p Application, me audience.Actor) {
			w.Do(func(tx *db.Tx) error { _, err := w.desk.Withdraw(tx, me, p.ID); return err })
		},
	} {
		t.Run(what, func(t *testing.T) {
			eachWorld(t, func(w *applyWorld) {
				var director people.Person
				w.Do(func(tx *db.Tx) error { director = w.Person(tx, "Director", charter.Board); return nil })
				p, me := w.reach(membership.AppReady)
				if got := w.reads(p, director); got != "" {
					t.Errorf("before the ballot the office reads as %q", got)
				}
				w.step(membership.AppReady, p, me)
				if got := w.reads(p, director); got != Panel {
					t.Errorf("at the ballot the office reads as %q", got)
				}
				end(w, p, me)
				if got := w.reads(p, director); got != "" {
					t.Errorf("after the ballot the office reads as %q", got)
				}
				w.verify()
			})
		})
	}
}

// Who may not vote any more reads no more, in the next request; and the
// dossier's audience follows with the clock's next turn.
func TestWhoMayNotVoteReadsNoDossier(t *testing.T) {
	for what, c := range map[string]struct {
		lose func(w *applyWorld, tx *db.Tx) error
		left Side
	}{
		"suspended with the organization": {func(w *applyWorld, tx *db.Tx) error {
			return orgs.SetState(tx, w.op, w.m[1].ID, orgs.Suspended)
		}, ""},
		"left the organization": {func(w *applyWorld, tx *db.Tx) error {
			return orgs.RemoveEverywhere(tx, w.op, w.admins[1].ID)
		}, ""},
		"shut out": {func(w *applyWorld, tx *db.Tx) error {
			_, err := people.Suspend(tx, w.op, w.admins[1].ID)
			return err
		}, ""},
		"resigned": {func(w *applyWorld, tx *db.Tx) error {
			list, err := board.Seats(tx, w.op, false)
			for _, s := range list {
				if s.Person == w.admins[1].ID {
					_, err = board.End(tx, w.op, s.ID, "Gone.", s.Version)
				}
			}
			return err
		}, Member},
	} {
		t.Run(what, func(t *testing.T) {
			eachWorld(t, func(w *applyWorld) {
				p, _ := w.reach(membership.AppBallot)
				if got := w.reads(p, w.admins[1]); got != Panel {
					t.Fatalf("an elector reads as %q", got)
				}
				w.Do(func(tx *db.Tx) error { return c.lose(w, tx) })
				if what != "shut out" { // who cannot sign in at all
					if got := w.reads(p, w.admins[1]); got != c.left {
						t.Errorf("reads as %q, want %q", got, c.left)
					}
					w.Do(func(tx *db.Tx) error {
						list, err := Apps(tx, w.Actor(tx, w.admins[1]), AppFilter{})
						for _, x := range list.Applications {
							if x.Side != c.left {
								t.Errorf("lists it as %q, want %q", x.Side, c.left)
							}
						}
						return err
					})
				}
				w.tick()
				w.Do(func(tx *db.Tx) error {
					v, err := audience.Load(tx, p.Team)
					for _, g := range v.Grants {
						if g.ID == w.admins[1].ID {
							t.Errorf("the dossier's audience holds %+v", g)
						}
					}
					return err
				})
				w.vote(p, ballot.Yes, "", ballot.Yes, ballot.Yes)
				if got := w.reads(p, w.admins[2]); got != Panel {
					t.Errorf("another elector reads as %q", got)
				}
				w.verify()
			})
		})
	}
}

// Who works for a member, or coordinates, or is of the board, and works for a
// body of a class that the program shuts out too, reads neither announcement
// nor dossier; and once the program lets the class in, does.
func TestWhoIsShutOutOfTheProgramReadsNoApplication(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		var member, coordinator, director people.Person
		w.Do(func(tx *db.Tx) error {
			body, err := orgs.Create(tx, w.op, orgs.Org{Name: "Ministry", Class: orgs.Government, Listed: true})
			if err != nil {
				return err
			}
			member, coordinator, director = w.Person(tx, "Mia"), w.Person(tx, "Conrad", charter.Coordinator), w.Person(tx, "Dirk", charter.Board)
			for _, p := range []people.Person{member, coordinator, director} {
				w.Join(tx, body, p, orgs.Responder)
			}
			w.Join(tx, w.m[0], member, orgs.Responder)
			return nil
		})
		p, _ := w.reach(membership.AppBallot)
		if got := w.reads(p, w.reader); got != Member {
			t.Errorf("another of the same member reads as %q", got)
		}
		for who, x := range map[string]people.Person{"of a member": member, "coordinates": coordinator, "of the board": director} {
			if got := w.reads(p, x); got != "" {
				t.Errorf("shut out and %s: reads as %q", who, got)
			}
		}
		w.Do(func(tx *db.Tx) error {
			w.rules(tx, w.program.ID, func(r *programs.Rules) { r.ShutOut = nil })
			return nil
		})
		for want, x := range map[Side]people.Person{Member: member, Secretariat: coordinator, Panel: director} {
			if got := w.reads(p, x); got != want {
				t.Errorf("let in: reads as %q, want %q", got, want)
			}
		}
		w.verify()
	})
}
