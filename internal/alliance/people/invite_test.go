package people

import (
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

func (w *world) invite(a audience.Actor, in Inviting) Invitation {
	w.Helper()
	var i Invitation
	w.do(func(tx *db.Tx) (err error) { i, err = Invite(tx, w.desk.Box, a, in); return err })
	return i
}

func (w *world) accept(secret, name string) (e Entry, err error) {
	err = w.d.Write(w.Context(), func(tx *db.Tx) (err error) {
		e, err = Accept(tx, secret, name, "Europe/Vienna", Password{}, home)
		return err
	})
	return e, err
}

func TestInvitationMakesAnAccount(t *testing.T) {
	each(t, func(w *world) {
		op, o := w.as(w.operator), w.org("Vendor One")
		i := w.invite(op, Inviting{Email: "Ada@One.example", Org: o.ID, OrgRole: orgs.Admin, Roles: []string{charter.Board}})
		secret := w.mailed("ada@one.example", JoinPath(""))
		w.refused("an invited person acts", errs.Unauthenticated, func(tx *db.Tx) error { _, err := ActorOf(tx, i.Person); return err })
		w.do(func(tx *db.Tx) error {
			seen, err := Look(tx, secret)
			if seen.ID != i.ID || seen.Known || seen.OrgRole != orgs.Admin {
				t.Errorf("looked at: %+v", seen)
			}
			return err
		})
		_, err := w.accept(secret, "\u200b")
		w.is("accepting without a name", err, errs.Invalid)
		e, err := w.accept(secret, "Ada \u202eecilA")
		if err != nil || !e.Session.Enroll {
			t.Fatalf("accepting: %+v %v", e, err)
		}
		ada := w.as(Person{ID: i.Person})
		if ada.Name != "Ada ecilA" || ada.Cap(audience.Org, o.ID) != audience.Contributor || !ada.Holds(audience.Office, charter.Board) {
			t.Errorf("the new account: %+v", ada)
		}
		_, err = w.accept(secret, "Ada")
		w.is("a used link", err, errs.Gone)
		_, err = w.accept(strings.Repeat("A", 43), "Ada")
		w.is("a wrong link", err, errs.NotFound)
	})
}

func TestWhoMayInviteWhom(t *testing.T) {
	each(t, func(w *world) {
		op, one, two := w.as(w.operator), w.org("Vendor One"), w.org("Vendor Two")
		join := func(email, name string, role orgs.Role) audience.Actor {
			p := w.add(email, name)
			w.do(func(tx *db.Tx) error { _, err := orgs.Join(tx, op, one.ID, p.ID, role); return err })
			return w.as(p)
		}
		admin, reader := join("ada@one.example", "Ada", orgs.Admin), join("ben@one.example", "Ben", orgs.Reader)
		coordinator := op
		coordinator.Seats = nil
		for _, s := range op.Seats {
			if s.ID != charter.Operator {
				coordinator.Seats = append(coordinator.Seats, s)
			}
		}
		into := func(o orgs.Org) Inviting {
			return Inviting{Email: "new@one.example", Org: o.ID, OrgRole: orgs.Reader}
		}
		for _, row := range []struct {
			who  string
			a    audience.Actor
			in   Inviting
			want errs.Kind
		}{
			{"a visitor", audience.Actor{}, into(one), errs.Unauthenticated},
			{"a reader", reader, into(one), errs.Denied},
			{"an admin elsewhere", admin, into(two), errs.Denied},
			{"an admin, alone", admin, Inviting{Email: "x@one.example"}, errs.Denied},
			{"an admin with roles", admin, Inviting{Email: "x@one.example", Org: one.ID, OrgRole: orgs.Reader, Roles: []string{charter.Operator}}, errs.Denied},
			{"a coordinator with roles", coordinator, Inviting{Email: "x@one.example", Roles: []string{charter.Board}}, errs.Denied},
			{"an operator with an unknown role", op, Inviting{Email: "x@one.example", Roles: []string{"king"}}, errs.Invalid},
			{"an operator to a bad address", op, Inviting{Email: "x"}, errs.Invalid},
			{"an operator into nothing", op, Inviting{Email: "x@one.example", Org: "org_none", OrgRole: orgs.Reader}, errs.NotFound},
			{"an operator with no role", op, Inviting{Email: "x@one.example", Org: one.ID}, errs.Invalid},
			{"an operator with a role in nothing", op, Inviting{Email: "x@one.example", OrgRole: orgs.Reader}, errs.Invalid},
		} {
			w.refused(row.who, row.want, func(tx *db.Tx) error { _, err := Invite(tx, w.desk.Box, row.a, row.in); return err })
		}
		i := w.invite(admin, into(one))
		alone := w.invite(coordinator, Inviting{Email: "maintainer@free.example", Name: "Mia"})
		w.refused("a reader withdraws", errs.NotFound, func(tx *db.Tx) error { return Withdraw(tx, reader, i.ID) })
		w.refused("an admin withdraws another's", errs.NotFound, func(tx *db.Tx) error { return Withdraw(tx, admin, alone.ID) })
		w.refused("a reader lists", errs.Denied, func(tx *db.Tx) error { _, err := Invitations(tx, reader, one.ID); return err })
		w.do(func(tx *db.Tx) error {
			list, err := Invitations(tx, admin, one.ID)
			if len(list) != 1 || list[0].ID != i.ID {
				t.Errorf("an admin sees %+v", list)
			}
			return err
		})
		w.do(func(tx *db.Tx) error {
			list, err := Invitations(tx, op, "")
			if len(list) != 2 {
				t.Errorf("an operator sees %+v", list)
			}
			return err
		})
	})
}

func TestInvitationEndsAndIsSentAgain(t *testing.T) {
	each(t, func(w *world) {
		op, o := w.as(w.operator), w.org("Vendor One")
		in := Inviting{Email: "ada@one.example", Org: o.ID, OrgRole: orgs.Responder}
		first := w.invite(op, in)
		old := w.mailed("ada@one.example", JoinPath(""))
		w.c.Advance(InvitationLife)
		_, err := w.accept(old, "Ada")
		w.is("an expired link", err, errs.Gone)
		w.do(func(tx *db.Tx) error {
			i, err := Resend(tx, w.desk.Box, op, first.ID)
			if i.Sent != 2 || !i.ExpiresAt.Equal(tx.Now.Add(InvitationLife)) {
				t.Errorf("sent again: %+v", i)
			}
			return err
		})
		w.c.Advance(time.Second)
		if again := w.invite(op, in); again.ID != first.ID || again.Sent != 3 {
			t.Errorf("inviting twice makes a second invitation: %+v", again)
		}
		_, err = w.accept(old, "Ada")
		w.is("the link before", err, errs.NotFound)
		secret := w.mailed("ada@one.example", JoinPath(""))
		w.do(func(tx *db.Tx) error { return Withdraw(tx, op, first.ID) })
		_, err = w.accept(secret, "Ada")
		w.is("a withdrawn link", err, errs.Gone)
		w.refused("sending a withdrawn one", errs.Conflict, func(tx *db.Tx) error { _, err := Resend(tx, w.desk.Box, op, first.ID); return err })
		w.c.Advance(time.Second)
		w.invite(op, in)
		secret = w.mailed("ada@one.example", JoinPath(""))
		w.do(func(tx *db.Tx) error { return Decline(tx, secret) })
		w.refused("declining twice", errs.Gone, func(tx *db.Tx) error { return Decline(tx, secret) })
	})
}

func TestInvitingAKnownPersonNeedsTheirSession(t *testing.T) {
	each(t, func(w *world) {
		op, o := w.as(w.operator), w.org("Vendor One")
		ada, eve := w.add("ada@one.example", "Ada"), w.add("eve@two.example", "Eve")
		w.invite(op, Inviting{Email: ada.Email, Org: o.ID, OrgRole: orgs.Reader})
		secret := w.mailed(ada.Email, JoinPath(""))
		_, err := w.accept(secret, "Mallory")
		w.is("taking an account over by a link", err, errs.Conflict)
		w.refused("accepting as another", errs.Denied, func(tx *db.Tx) error { return AcceptAs(tx, w.as2(tx, eve), secret) })
		w.refused("accepting as nobody", errs.Unauthenticated, func(tx *db.Tx) error { return AcceptAs(tx, audience.Actor{}, secret) })
		w.do(func(tx *db.Tx) error { return AcceptAs(tx, w.as2(tx, ada), secret) })
		if a := w.as(ada); a.Cap(audience.Org, o.ID) != audience.Reader || a.Name != "Ada" {
			t.Errorf("after accepting: %+v", a)
		}
		w.do(func(tx *db.Tx) error { _, err := Leave(tx, w.as2(tx, ada), ada.ID); return err })
		w.c.Advance(time.Second)
		w.invite(op, Inviting{Email: ada.Email})
		if _, err := w.accept(w.mailed(ada.Email, JoinPath("")), "Ada again"); err != nil {
			t.Errorf("coming back: %v", err)
		}
		if a := w.as(ada); a.Holds(audience.Org, o.ID) {
			t.Errorf("the old seats came back: %+v", a.Seats)
		}
	})
}

func TestCoordinatorTokenInvitesAndSuspendedGetNoMail(t *testing.T) {
	each(t, func(w *world) {
		op, o := w.as(w.operator), w.org("Vendor One")
		p := w.add("ada@one.example", "Ada")
		token := op
		token.Token, token.Scopes = "tok_x", []string{charter.ScopeCoordinate}
		w.invite(token, Inviting{Email: "new@one.example", Org: o.ID, OrgRole: orgs.Responder})
		token.Scopes = []string{charter.ScopeWrite}
		w.refused("a token that may not coordinate", errs.Denied, func(tx *db.Tx) error {
			_, err := Invite(tx, w.desk.Box, token, Inviting{Email: "other@one.example"})
			return err
		})
		w.do(func(tx *db.Tx) error { _, err := Suspend(tx, op, p.ID); return err })
		i := w.invite(op, Inviting{Email: p.Email, Org: o.ID, OrgRole: orgs.Reader})
		if i.Sent != 1 || i.Known {
			t.Errorf("the answer tells that the account is suspended: %+v", i)
		}
		w.do(func(tx *db.Tx) error {
			n, err := db.Value[int](tx, `SELECT COUNT(*) FROM outbox WHERE address = $1`, p.Email)
			if n != 0 {
				t.Errorf("%d mails to one who is suspended", n)
			}
			return err
		})
	})
}
