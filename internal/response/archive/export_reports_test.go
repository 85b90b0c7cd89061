package archive_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/archive"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/report"
	"tocsin/spec/mpcvd"
)

// reported is the scene of filled with two reports merged into its case, of a
// stranger and of Willem under his account, and one that belongs to no case.
func reported(t *testing.T, d *db.DB, c *clock.Fake) (s *casetest.Scene, x archive.Exporter, strangers, willems, other string) {
	s, x = filled(t, d)
	desk := report.Desk{Sealer: s.Sealer}
	sent := func(who audience.Actor, word string) string {
		ref, err := x.Blobs.Put(context.Background(), strings.NewReader("the trace of "+word), 1000)
		if err != nil {
			t.Fatal(err)
		}
		up := report.Upload{Name: "../" + word + ".txt", Head: []byte("the trace"), Ref: ref}
		var got report.Receipt
		c.Advance(time.Second)
		casetest.Must(t, d, func(tx *db.Tx) error {
			if got, err = desk.Submit(tx, who, report.New{Title: "Title " + word, Component: "libframe", Description: "The frame of " + word + " is trusted.", Contact: word + "@finder.example"}); err != nil {
				return err
			}
			finder := who
			if who.Person == "" {
				finder = audience.ForLink(got.ID)
			}
			if err := report.Attach(tx, finder, got.ID, []report.Upload{up}, true); err != nil {
				return err
			}
			if _, err := desk.Add(tx, finder, got.ID, "Between us: "+word, false); err != nil {
				return err
			}
			r, err := report.ScopeGate(tx, s.Ada, got.ID, true, "ours", version(tx, s.Ada, got.ID))
			if err != nil {
				return err
			}
			_, err = desk.Move(tx, s.Ada, got.ID, report.Decision{Verb: mpcvd.RMValidate, Version: r.Version})
			return err
		})
		return got.ID
	}
	strangers, willems, other = sent(audience.Actor{}, "mallow"), sent(s.Willem, "orchid"), sent(audience.Actor{}, "fennel")
	casetest.Must(t, d, func(tx *db.Tx) error {
		for _, id := range []string{strangers, willems} {
			if _, err := desk.MergeInto(tx, s.Ada, id, report.Merge{Case: s.Case.ID, Reason: "the same flaw, said juniper", Version: version(tx, s.Ada, id)}); err != nil {
				return err
			}
		}
		return nil
	})
	return s, x, strangers, willems, other
}

func version(tx *db.Tx, a audience.Actor, ref string) int64 {
	r, _, _ := report.Load(tx, a, ref)
	return r.Version
}

func TestExportHoldsTheReportsOneReads(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s, x, strangers, willems, _ := reported(t, d, c)
		parts := export(t, x, s.Ada, s.Case.ID)
		var index []struct{ ID, Number, Path string }
		if err := json.Unmarshal([]byte(parts["reports.json"]), &index); err != nil || len(index) != 2 || index[0].ID != strangers || index[1].ID != willems {
			t.Fatalf("the reports are listed as %s: %v", parts["reports.json"], err)
		}
		if !strings.Contains(parts["README.txt"], "reports.json") {
			t.Error("the README does not speak of the reports")
		}
		var r struct {
			Number   string
			Side     report.Side `json:"your_side"`
			Text     report.Text
			Messages []report.Message
			Files    []struct{ Path, SHA256 string }
		}
		if err := json.Unmarshal([]byte(parts[index[0].Path]), &r); err != nil {
			t.Fatal(err)
		}
		if r.Side != report.Coordinators || r.Text.Contact != "mallow@finder.example" || !strings.Contains(r.Text.Description, "mallow") || len(r.Messages) == 0 || r.Messages[0].Text != "Between us: mallow" {
			t.Errorf("a coordinator's copy of the report: %+v", r)
		}
		if len(r.Files) != 1 || parts[r.Files[0].Path] != "the trace of mallow" || !strings.HasPrefix(r.Files[0].Path, "reports/"+r.Number+"/") {
			t.Errorf("the report's files: %+v", r.Files)
		}
		if strings.Contains(all(parts), "fennel") {
			t.Error("a report that belongs to no case is in the export")
		}
		// Reading the texts is recorded, once.
		export(t, x, s.Ada, s.Case.ID)
		casetest.Must(t, d, func(tx *db.Tx) error {
			list, err := ledger.List(tx, s.Ada, ledger.Query{Scope: strangers, After: -1, Limit: 100})
			n := 0
			for _, e := range list {
				if e.Kind == report.EventOpened {
					n++
				}
			}
			if n != 1 {
				t.Errorf("that the text was opened is recorded %d times", n)
			}
			return err
		})
	})
}

func TestExportKeepsReportsFromVendors(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s, x, _, willems, handed := reported(t, d, c)
		var own orgs.Org
		casetest.Must(t, d, func(tx *db.Tx) (err error) {
			if own, _, err = orgs.Ensure(tx, "Vexel Hardware"); err != nil {
				return err
			}
			if _, err = (report.Desk{Sealer: s.Sealer}).HandOver(tx, s.Ada, handed, report.Handover{Org: own.ID, Reason: "theirs", Version: version(tx, s.Ada, handed)}); err != nil {
				return err
			}
			_, err = tx.Exec(`UPDATE report SET case_id = $1 WHERE id = $2`, s.Case.ID, handed)
			return err
		})
		vera := s.Vera // sits for the vendor that the third report went to, too
		vera.Seats = append(slices.Clone(vera.Seats), casetest.Actor(t, d, "p_vera", own.ID).Seats...)
		casetest.Must(t, d, func(tx *db.Tx) error {
			// She reads that report where it is shown, and is not told of a case.
			r, side, err := report.Load(tx, vera, handed)
			if side != report.Vendor || r.Case != "" {
				t.Errorf("a vendor reads the report it was handed as %s: %+v", side, r)
			}
			return err
		})
		hers := export(t, x, vera, s.Case.ID)
		if got := strings.TrimSpace(hers["reports.json"]); got != "[]" {
			t.Errorf("a vendor's list of reports: %s", got)
		}
		for _, word := range []string{"mallow", "orchid", "fennel", "juniper", "Between us"} {
			if strings.Contains(all(hers), word) {
				t.Errorf("a vendor's export speaks of %q", word)
			}
		}
		// A finder who is in the case finds their own report, and nothing that
		// the coordinators decided about it.
		his := all(export(t, x, s.Willem, s.Case.ID))
		for word, want := range map[string]bool{"Between us: orchid": true, "the trace of orchid": true, "orchid@finder.example": true, "mallow": false, "fennel": false, "juniper": false} {
			if strings.Contains(his, word) != want {
				t.Errorf("%q in the finder's export: %v, want %v", word, !want, want)
			}
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			list, err := report.OfCase(tx, s.Willem, s.Case.ID)
			if len(list) != 1 || list[0].ID != willems || list[0].Case != "" || list[0].Reason != "" {
				t.Errorf("the finder's own reports are %+v", list)
			}
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE participant SET left_at = $1 WHERE subject_id = 'p_willem'`, db.Micros(tx.Now)); err != nil {
				return err
			}
			if list, err = report.OfCase(tx, s.Willem, s.Case.ID); len(list) != 0 {
				t.Errorf("a finder who left is told of %+v", list)
			}
			return err
		})
	})
}
