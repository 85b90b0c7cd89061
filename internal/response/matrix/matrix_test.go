package matrix_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/matrix"
	"tocsin/spec/vex"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func addVuln(t *testing.T, s *casetest.Scene, cve string) matrix.Vulnerability {
	t.Helper()
	var v matrix.Vulnerability
	casetest.Must(t, s.DB, func(tx *db.Tx) (err error) {
		v, err = matrix.AddVulnerability(tx, s.Ada, s.Case.ID, matrix.Vulnerability{Title: "Overflow", CVE: cve, CWE: "cwe-787",
			CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", References: []string{"https://libexample.example/1"}})
		return err
	})
	return v
}

// board is the actor's matrix; its summary must be the one that is read
// without it.
func board(t *testing.T, s *casetest.Scene, a audience.Actor) matrix.Board {
	t.Helper()
	var b matrix.Board
	var sum matrix.Summary
	casetest.Must(t, s.DB, func(tx *db.Tx) (err error) {
		if b, err = matrix.Load(tx, a, s.Case.ID); err == nil {
			sum, err = matrix.Summarize(tx, a, s.Case.ID)
		}
		return err
	})
	if !reflect.DeepEqual(sum, b.Summary()) {
		t.Errorf("the summary is %+v, of the board %+v", sum, b.Summary())
	}
	return b
}

func TestEachVendorSpeaksForItself(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := casetest.New(t, d).Accept(t)
		v := addVuln(t, s, "cve-2026-12345")
		if v.CVE != "CVE-2026-12345" || v.CWE != "CWE-787" || v.Label != "V1" {
			t.Errorf("identifiers are spelled %q %q %q", v.CVE, v.CWE, v.Label)
		}
		c.Advance(time.Hour)
		set := func(a audience.Actor, in matrix.Status) error {
			return casetest.Try(d, func(tx *db.Tx) error {
				_, err := matrix.SetStatus(tx, a, s.Case.ID, in)
				return err
			})
		}
		mine := matrix.Status{Participant: s.V.ID, Vulnerability: v.ID, Status: vex.Affected, Statement: "Versions before 2.4 are affected.", Affected: []string{"< 2.4"}}
		if err := set(s.Willem, mine); !errs.Is(err, errs.Denied) {
			t.Errorf("another vendor sets it: %v", err)
		}
		if err := set(s.Otto, mine); !errs.Is(err, errs.NotFound) {
			t.Errorf("an outsider sets it: %v", err)
		}
		if err := set(s.Vera, mine); err != nil {
			t.Fatal(err)
		}
		if err := set(s.Vera, mine); !errs.Is(err, errs.Stale) {
			t.Errorf("an edit of an older version: %v", err)
		}
		if err := set(s.Vera, matrix.Status{Participant: s.V.ID, Vulnerability: v.ID, Status: vex.NotAffected, Version: 1}); !errs.Is(err, errs.Invalid) {
			t.Errorf("not affected without a reason: %v", err)
		}
		if err := set(s.Ada, matrix.Status{Participant: s.W.ID, Vulnerability: v.ID, Status: vex.Investigating}); err != nil {
			t.Fatal(err)
		}
		b := board(t, s, s.Willem)
		if len(b.Rows) != 2 || b.Rows[0].Overall != vex.Affected || b.Rows[0].Cells[0].All.OnBehalf {
			t.Errorf("the competitor sees %+v", b.Rows)
		}
		if !b.Rows[1].Cells[0].All.OnBehalf || !b.Rows[1].Mine || b.Rows[0].Mine {
			t.Errorf("on behalf and mine are marked: %+v", b.Rows[1])
		}
		if b.Rows[1].Silent != time.Hour || b.Rows[0].Silent != 0 {
			t.Errorf("silence is counted for who has not replied: %v %v", b.Rows[1].Silent, b.Rows[0].Silent)
		}
		if out := board(t, s, s.Otto); len(out.Rows) != 0 || len(out.Vulnerabilities) != 0 {
			t.Errorf("an outsider sees %+v", out)
		}
		verify(t, s)
	})
}

func TestProductsOutweighTheWholeAndHiddenPartiesStayHidden(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := casetest.New(t, d).Accept(t)
		v := addVuln(t, s, "")
		var router matrix.Product
		casetest.Must(t, d, func(tx *db.Tx) (err error) {
			if router, err = matrix.PutProduct(tx, s.Vera, s.Case.ID, matrix.Product{Participant: s.V.ID, Name: "Vexel Router", PURL: "pkg:generic/vexel-router@2.0"}); err != nil {
				return err
			}
			if _, err = matrix.PutProduct(tx, s.Vera, s.Case.ID, matrix.Product{Participant: s.V.ID, Name: "Vexel Switch"}); err != nil {
				return err
			}
			for _, in := range []matrix.Status{{Product: router.ID, Status: vex.Affected}, {Status: vex.NotAffected, Justification: vex.ComponentNotPresent}} {
				in.Participant, in.Vulnerability = s.V.ID, v.ID
				if _, err := matrix.SetStatus(tx, s.Vera, s.Case.ID, in); err != nil {
					return err
				}
			}
			return casework.Hide(tx, s.Ada, s.Case.ID, s.V.ID, "unannounced product", true)
		})
		if b := board(t, s, s.Vera); len(b.Rows) != 2 || b.Rows[0].Cells[0].Status != vex.Affected || len(b.Rows[0].Products) != 2 {
			t.Errorf("the vendor itself sees %+v", b.Rows)
		}
		if b := board(t, s, s.Willem); len(b.Rows) != 1 || b.Counts[vex.Affected] != 0 {
			t.Errorf("the competitor sees a hidden vendor: %+v", b)
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			page, err := search.Find(tx, s.Willem, search.Query{Text: "Vexel"})
			if err == nil && len(page.Hits) > 0 {
				t.Errorf("search tells the competitor of a hidden vendor: %+v", page.Hits)
			}
			return err
		})
		verify(t, s)
	})
}

func TestTrackerIsForItsOwnerAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := casetest.New(t, d).Accept(t)
		casetest.Must(t, d, func(tx *db.Tx) error {
			_, err := matrix.SetTracker(tx, s.Vera, s.Case.ID, s.V.ID, "VEX-4711")
			return err
		})
		err := casetest.Try(d, func(tx *db.Tx) error {
			_, err := matrix.SetTracker(tx, s.Ada, s.Case.ID, s.V.ID, "x")
			return err
		})
		if !errs.Is(err, errs.Denied) {
			t.Errorf("a coordinator sets a tracker: %v", err)
		}
		found := func(a audience.Actor) int {
			n := 0
			casetest.Must(t, d, func(tx *db.Tx) error {
				page, err := search.Find(tx, a, search.Query{Text: "VEX-4711"})
				n = len(page.Hits)
				return err
			})
			return n
		}
		if found(s.Vera) != 1 || found(s.Ada) != 0 || found(s.Willem) != 0 {
			t.Errorf("found by owner, coordinator, competitor: %d %d %d", found(s.Vera), found(s.Ada), found(s.Willem))
		}
		if board(t, s, s.Vera).Rows[0].Tracker != "VEX-4711" || board(t, s, s.Ada).Rows[0].Tracker != "" {
			t.Error("the matrix shows the tracker to its owner alone")
		}
	})
}

func verify(t *testing.T, s *casetest.Scene) {
	t.Helper()
	var k *ledger.Keeper
	casetest.Must(t, s.DB, func(tx *db.Tx) (err error) {
		k, err = charter.Keeper(tx, s.Sealer)
		return err
	})
	rep, err := k.Verify(context.Background(), s.DB, append(casework.Tables(), matrix.Tables()...))
	if err != nil || len(rep.Problems) > 0 {
		t.Fatalf("the ledger does not verify: %+v, %v", rep, err)
	}
}
