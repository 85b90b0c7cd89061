package casework_test

import (
	"context"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/spec/mpcvd"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func sees(t *testing.T, s *casetest.Scene, a audience.Actor) bool {
	t.Helper()
	err := casetest.Try(s.DB, func(tx *db.Tx) error {
		_, _, err := casework.Load(tx, a, s.Case.Number)
		return err
	})
	if err != nil && !errs.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestInviteeSeesTheInvitationAndNothingElse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := casetest.New(t, d)
		if sees(t, s, s.Vera) || sees(t, s, s.Otto) || !sees(t, s, s.Ada) {
			t.Fatal("before the terms are accepted only the coordinator may see the case")
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			for _, who := range []audience.Actor{s.Vera, s.Otto} {
				list, err := casework.Participants(tx, who, s.Case.ID)
				if err != nil || len(list) != 0 {
					t.Errorf("participants before acceptance: %v, %v", list, err)
				}
				events, err := ledger.List(tx, who, ledger.Query{Scope: s.Case.ID, After: -1})
				if err != nil || len(events) != 0 {
					t.Errorf("events before acceptance: %v, %v", events, err)
				}
			}
			open, err := casework.OpenInvitations(tx, s.Vera)
			if err != nil || len(open) != 1 {
				t.Fatalf("invitations: %v, %v", open, err)
			}
			if none, err := casework.OpenInvitations(tx, s.Otto); err != nil || len(none) != 0 {
				t.Errorf("an outsider's invitations: %v, %v", none, err)
			}
			if _, err := casework.Accept(tx, s.Otto, open[0].ID, open[0].Terms); !errs.Is(err, errs.NotFound) {
				t.Errorf("an outsider accepts: %v", err)
			}
			if _, err := casework.Accept(tx, s.Vera, open[0].ID, "other terms"); !errs.Is(err, errs.Stale) {
				t.Errorf("other terms: %v", err)
			}
			return nil
		})
		s.Accept(t)
		if !sees(t, s, s.Vera) || !sees(t, s, s.Willem) || sees(t, s, s.Otto) {
			t.Fatal("who accepted sees the case, the outsider does not")
		}
		if s.V.Consent != mpcvd.PECSignatory || s.V.Report != mpcvd.RMReceived || s.V.Progress != mpcvd.VendorAware {
			t.Errorf("states after acceptance: %+v", s.V)
		}
	})
}

func TestLeavingAndHiding(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := casetest.New(t, d).Accept(t)
		names := func(a audience.Actor) int {
			n := 0
			casetest.Must(t, d, func(tx *db.Tx) error {
				list, err := casework.Participants(tx, a, s.Case.ID)
				n = len(list)
				return err
			})
			return n
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			return casework.Hide(tx, s.Ada, s.Case.ID, s.W.ID, "its product is not announced", true)
		})
		if names(s.Vera) != 1 || names(s.Willem) != 2 || names(s.Ada) != 2 {
			t.Errorf("a hidden vendor is seen by itself and the coordinators only: %d %d %d", names(s.Vera), names(s.Willem), names(s.Ada))
		}
		err := casetest.Try(d, func(tx *db.Tx) error { return casework.Leave(tx, s.Willem, s.Case.ID, s.V.ID, "no") })
		if !errs.Is(err, errs.Denied) {
			t.Errorf("a vendor removes another: %v", err)
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			return casework.Leave(tx, s.Vera, s.Case.ID, s.V.ID, "not our code")
		})
		if sees(t, s, s.Vera) {
			t.Error("who left still sees the case")
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			_, err := casework.Invite(tx, s.Ada, s.Case.ID, casework.Inclusion{Reason: "again", Targets: []casework.Target{{Kind: audience.Org, ID: "org_v", Name: "Vexel Systems"}}})
			return err
		})
		if sees(t, s, s.Vera) {
			t.Error("who is invited again must accept again")
		}
		s.Accept(t)
		if !sees(t, s, s.Vera) {
			t.Error("who accepted again sees the case")
		}
		verify(t, s)
	})
}

func verify(t *testing.T, s *casetest.Scene) {
	t.Helper()
	var k *ledger.Keeper
	casetest.Must(t, s.DB, func(tx *db.Tx) (err error) {
		k, err = charter.Keeper(tx, s.Sealer)
		return err
	})
	rep, err := k.Verify(context.Background(), s.DB, casework.Tables())
	if err != nil || len(rep.Problems) > 0 || rep.Rows == 0 {
		t.Fatalf("the ledger does not verify: %+v, %v", rep, err)
	}
}
