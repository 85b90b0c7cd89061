package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/archive"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// What each party says only to the coordinators, in words and in a file.
const (
	verasSecret, willemsSecret = "Vexel will withdraw its zygote line", "Wharf sells its quince switch"
	verasFile, willemsFile     = "proof of Vexel's zygote", "proof of Wharf's quince"
)

// filled is a case with open and private talk, files, statuses and a draft.
func filled(t *testing.T, d *db.DB) (*casetest.Scene, archive.Exporter) {
	s := casetest.New(t, d).Accept(t)
	blobs, err := blob.OpenDir(t.TempDir(), s.Sealer)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		who             audience.Actor
		thread          string
		words, file     string
		party, tracking string
	}{
		{s.Vera, talk.PrivateID(s.V.ID), verasSecret, verasFile, s.V.ID, "VEX-77"},
		{s.Willem, talk.PrivateID(s.W.ID), willemsSecret, willemsFile, s.W.ID, "WHA-88"},
		{s.Vera, talk.GeneralID(s.Case.ID), "Good morning to all", "patch for all", s.V.ID, "VEX-77"},
	} {
		up, err := talk.Stage(context.Background(), blobs, strings.NewReader(x.file), "../../"+x.party+".txt", "text/plain")
		if err != nil {
			t.Fatal(err)
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			if _, err := talk.Post(tx, x.who, x.thread, talk.Draft{Body: x.words, Files: []talk.Upload{up}}); err != nil {
				return err
			}
			_, err := matrix.SetTracker(tx, x.who, s.Case.ID, x.party, x.tracking)
			return err
		})
	}
	casetest.Must(t, d, func(tx *db.Tx) error {
		for range 230 { // more than one page
			if _, err := talk.Post(tx, s.Willem, talk.GeneralID(s.Case.ID), talk.Draft{Body: "one of many"}); err != nil {
				return err
			}
		}
		v, err := matrix.AddVulnerability(tx, s.Ada, s.Case.ID, matrix.Vulnerability{Title: "Overflow", CVE: "CVE-2026-12345"})
		if err != nil {
			return err
		}
		if _, err := matrix.SetStatus(tx, s.Vera, s.Case.ID, matrix.Status{Participant: s.V.ID, Vulnerability: v.ID, Status: vex.Affected, Statement: "We are."}); err != nil {
			return err
		}
		_, err = advisory.Draft(tx, s.Ada, s.Case.ID)
		return err
	})
	return s, archive.Exporter{DB: d, Blobs: blobs, Sealer: s.Sealer}
}

// export is the ZIP as its parts by name.
func export(t *testing.T, x archive.Exporter, a audience.Actor, ref string) map[string]string {
	t.Helper()
	e, err := x.Prepare(context.Background(), a, ref)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if e.Name() != "TLP-AMBER+STRICT_"+e.Case.Number+".zip" {
		t.Errorf("the export is called %s", e.Name())
	}
	var b bytes.Buffer
	if err := e.WriteTo(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		if strings.Contains(f.Name, "..") || strings.HasPrefix(f.Name, "/") {
			t.Errorf("a part is called %q", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		out[f.Name] = string(text)
	}
	return out
}

func TestExportHoldsWhatOneSees(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s, x := filled(t, d)
		whole := export(t, x, s.Ada, s.Case.ID)
		for _, name := range []string{"README.txt", "case.json", "participants.json", "matrix.json", "matrix.csv", "threads.json", "files.json", "advisories/TAA-2026-0001.json", "ledger/events.jsonl", "ledger/checkpoint.txt", "ledger/key.txt"} {
			if whole[name] == "" {
				t.Errorf("%s is missing", name)
			}
			if strings.HasSuffix(name, ".json") && !json.Valid([]byte(whole[name])) {
				t.Errorf("%s is not JSON", name)
			}
		}
		if !strings.HasPrefix(whole["README.txt"], "TLP:AMBER+STRICT\n") {
			t.Errorf("the export begins without its marking: %.80s", whole["README.txt"])
		}
		if n := strings.Count(whole["threads/"+talk.GeneralID(s.Case.ID)+".jsonl"], "\n"); n != 231 {
			t.Errorf("the open thread holds %d messages, want 231", n)
		}
		mine := all(export(t, x, s.Vera, s.Case.Number))
		for text, want := range map[string][2]bool{ // in the coordinator's, in Vera's
			verasSecret: {true, true}, willemsSecret: {true, false}, verasFile: {true, true}, willemsFile: {true, false},
			"Good morning to all": {true, true}, "patch for all": {true, true}, "CVE-2026-12345": {true, true}, "We are.": {true, true},
			"VEX-77": {false, true}, "WHA-88": {false, false},
		} {
			if got := strings.Contains(all(whole), text); got != want[0] {
				t.Errorf("%q in the coordinator's export: %v", text, got)
			}
			if got := strings.Contains(mine, text); got != want[1] {
				t.Errorf("%q in a vendor's export: %v", text, got)
			}
		}
		for _, who := range []audience.Actor{s.Otto, {}} {
			if _, err := x.Prepare(context.Background(), who, s.Case.ID); !errs.Is(err, errs.NotFound) {
				t.Errorf("who may not see the case exports it: %v", err)
			}
		}
	})
}

func all(parts map[string]string) string {
	var b strings.Builder
	for name, text := range parts {
		b.WriteString(name + "\n" + text + "\n")
	}
	return b.String()
}

func TestExportedEventsAreProven(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s, x := filled(t, d)
		parts := export(t, x, s.Vera, s.Case.ID)
		key, n := strings.TrimSpace(parts["ledger/key.txt"]), 0
		for line := range strings.Lines(parts["ledger/events.jsonl"]) {
			var p ledger.Proof
			if err := json.Unmarshal([]byte(line), &p); err != nil {
				t.Fatal(err)
			}
			if err := ledger.CheckProof(p, key); err != nil {
				t.Fatalf("event %d: %v", p.Event.Seq, err)
			}
			if p.Event.Scope != s.Case.ID || p.Checkpoint != parts["ledger/checkpoint.txt"] {
				t.Errorf("event %d is of another case or checkpoint", p.Event.Seq)
			}
			if n++; n == 1 {
				p.Event.Kind = "other.kind"
				if ledger.CheckProof(p, key) == nil {
					t.Error("a changed event is proven")
				}
			}
		}
		if n < 200 {
			t.Errorf("%d events are proven, want all that she may see", n)
		}
		// That a copy was taken is known to the coordinators, and to no vendor.
		taken := func(who audience.Actor) (n int) {
			for line := range strings.Lines(export(t, x, who, s.Case.ID)["ledger/events.jsonl"]) {
				if strings.Contains(line, archive.CaseExported) {
					n++
				}
			}
			return n
		}
		if taken(s.Ada) == 0 || taken(s.Willem) != 0 {
			t.Error("the coordinators do not learn who took a copy, or a vendor does")
		}
	})
}

func TestExportLeavesOutWhoIsHidden(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s, x := filled(t, d)
		casetest.Must(t, d, func(tx *db.Tx) error {
			return casework.Hide(tx, s.Ada, s.Case.ID, s.W.ID, "unannounced product", true)
		})
		mine := all(export(t, x, s.Vera, s.Case.ID))
		for _, word := range []string{"Wharf", s.W.ID, willemsSecret, "unannounced", "one of many", "p_willem"} {
			if strings.Contains(mine, word) {
				t.Errorf("a hidden party is in another's export by %q", word)
			}
		}
		if s.Case.Level != tlp.AmberStrict {
			t.Fatal("the scene has another marking")
		}
	})
}
