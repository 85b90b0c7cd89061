package advisory_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// alliance is a founded one without cases, and its press.
func alliance(t testing.TB, d *db.DB) advisory.Press {
	t.Helper()
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	casetest.Must(t, d, func(tx *db.Tx) error {
		_, err := charter.Found(tx, s, charter.Charter{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "psirt@alliance.example", URL: "https://alliance.example"})
		return err
	})
	return advisory.Press{Sealer: s, URL: "https://alliance.example"}
}

// document is a small valid document; edits are pairs of text to replace.
func document(edits ...string) []byte {
	text := `{
  "document": {
    "category": "csaf_base",
    "csaf_version": "2.0",
    "distribution": {"tlp": {"label": "WHITE"}},
    "notes": [{"category": "summary", "text": "A length is not checked."}],
    "publisher": {"category": "vendor", "name": "Vexel Systems", "namespace": "https://vexel.example"},
    "title": "Overflow in Vexel Router",
    "tracking": {
      "current_release_date": "2026-01-02T10:00:00Z",
      "id": "VX-1",
      "initial_release_date": "2026-01-02T10:00:00Z",
      "revision_history": [{"date": "2026-01-02T10:00:00Z", "number": "1", "summary": "First."}],
      "status": "final",
      "version": "1"
    }
  }
}
`
	b := []byte(text)
	for i := 0; i+1 < len(edits); i += 2 {
		b = bytes.ReplaceAll(b, []byte(edits[i]), []byte(edits[i+1]))
	}
	return b
}

func put(t testing.TB, d *db.DB, p advisory.Press, body []byte) (advisory.Outcome, []advisory.Dirty) {
	t.Helper()
	var o advisory.Outcome
	var dirty []advisory.Dirty
	casetest.Must(t, d, func(tx *db.Tx) (err error) {
		o, dirty, err = p.ImportCSAF(tx, audience.Actor{}, body)
		return err
	})
	return o, dirty
}

func list(t testing.TB, d *db.DB, a audience.Actor) []advisory.Document {
	t.Helper()
	var out []advisory.Document
	if err := d.Read(context.Background(), func(tx *db.Tx) (err error) {
		out, err = advisory.Documents(tx, a, "")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestImportCreatesUpdatesAndLeavesAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		p := alliance(t, d)
		if o, dirty := put(t, d, p, document()); o != advisory.Created || len(dirty) != 0 {
			t.Fatalf("first import: %s %v", o, dirty)
		}
		if o, _ := put(t, d, p, document()); o != advisory.Unchanged {
			t.Errorf("the same bytes again: %s", o)
		}
		if o, dirty := put(t, d, p, document("First.", "Else.")); o != advisory.Unchanged || len(dirty) != 1 {
			t.Errorf("other bytes of the same date: %s %v", o, dirty)
		}
		if o, dirty := put(t, d, p, document("2026-01-02T10", "2026-01-01T10")); o != advisory.Unchanged || len(dirty) != 1 {
			t.Errorf("an older revision: %s %v", o, dirty)
		}
		newer := document(`"current_release_date": "2026-01-02`, `"current_release_date": "2026-01-05`, `"version": "1"`, `"version": "2"`,
			`"summary": "First."}`, `"summary": "First."}, {"date": "2026-01-05T10:00:00Z", "number": "2", "summary": "Fix."}`)
		c.Advance(time.Hour)
		if o, dirty := put(t, d, p, newer); o != advisory.Updated || len(dirty) != 0 {
			t.Errorf("a newer revision: %s %v", o, dirty)
		}
		docs := list(t, d, audience.Actor{})
		if len(docs) != 1 || docs[0].Revision != "2" || docs[0].Path() != "white/2026/vx-1.json" {
			t.Fatalf("what stands: %+v", docs)
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			whole, err := advisory.BySlug(tx, audience.Actor{}, "vx-1")
			if err != nil {
				return err
			}
			docs[0] = whole
			body, err := advisory.Bytes(tx, whole)
			sum := sha256.Sum256(body)
			if err != nil || !bytes.Equal(body, newer) || hex.EncodeToString(sum[:]) != docs[0].SHA256 {
				t.Errorf("the bytes differ from those imported: %v", err)
			}
			ring, err := charter.Ring(tx, p.Sealer)
			if err != nil {
				return err
			}
			if _, err := ring.VerifyDetached(body, []byte(docs[0].Signature), tx.Now); err != nil {
				t.Errorf("the signature: %v", err)
			}
			past, err := advisory.History(tx, audience.Actor{}, "VX-1")
			if err != nil || len(past) != 2 || past[1].Revision != "1" {
				t.Errorf("history: %d, %v", len(past), err)
			}
			hits, err := search.Find(tx, audience.Actor{}, search.Query{Text: "overflow router"})
			if err != nil || len(hits.Hits) != 1 || hits.Hits[0].URL != "/advisories/vx-1" {
				t.Errorf("search: %+v, %v", hits, err)
			}
			return nil
		})
		verify(t, d, p.Sealer)
	})
}

func verify(t *testing.T, d *db.DB, s *seal.Sealer) {
	t.Helper()
	k := must(t, d, func(tx *db.Tx) (*ledger.Keeper, error) { return charter.Keeper(tx, s) })
	rep, err := k.Verify(context.Background(), d, append(casework.Tables(), advisory.Tables()...))
	if err != nil || len(rep.Problems) > 0 || rep.Rows == 0 {
		t.Fatalf("the ledger does not verify: %+v, %v", rep, err)
	}
}

func must[T any](t testing.TB, d *db.DB, f func(*db.Tx) (T, error)) T {
	t.Helper()
	var v T
	casetest.Must(t, d, func(tx *db.Tx) (err error) {
		v, err = f(tx)
		return err
	})
	return v
}

func TestPublishersDoNotCollide(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		p := alliance(t, d)
		put(t, d, p, document())
		put(t, d, p, document("vexel.example", "wharf.example", "Vexel Systems", "Wharf"))
		put(t, d, p, document("vexel.example", "wharf.example", "VX-1", "VX.1"))
		put(t, d, p, document("vexel.example", "wharf.example", "VX-1", "VX 1"))
		paths := map[string]bool{}
		slugs := map[string]bool{}
		for _, doc := range list(t, d, audience.Actor{}) {
			paths[doc.Path()], slugs[doc.Slug] = true, true
			casetest.Must(t, d, func(tx *db.Tx) error {
				got, err := advisory.File(tx, audience.Actor{}, doc.Label, doc.Folder, doc.Year, doc.File)
				if err != nil || got.ID != doc.ID {
					t.Errorf("%s leads to %s: %v", doc.Path(), got.ID, err)
				}
				return nil
			})
		}
		if len(paths) != 4 || len(slugs) != 4 || !paths["white/2026/vx-1.json"] || !paths["white/by-wharf-example/2026/vx-1.json"] || !paths["white/2026/vx_1.json"] {
			t.Errorf("paths: %v, slugs: %v", paths, slugs)
		}
	})
}

func TestLabelsBoundWhoSeesAnImport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		p := alliance(t, d)
		ada := casetest.Actor(t, d, "p_ada", "", casework.CoordinatorOffice)
		otto := casetest.Actor(t, d, "p_otto", "org_x")
		label := `"distribution": {"tlp": {"label": "WHITE"}},`
		for id, dist := range map[string]string{
			"white": label, "none": "", "green": `"distribution": {"tlp": {"label": "GREEN"}},`, "amber": `"distribution": {"tlp": {"label": "AMBER"}},`,
			"red": `"distribution": {"tlp": {"label": "RED"}},`, "words": `"distribution": {"text": "For customers only."},`} {
			if _, dirty := put(t, d, p, document(label, dist, "VX-1", id)); (len(dirty) == 0) != (id == "white") {
				t.Errorf("%s: %v", id, dirty)
			}
		}
		for _, a := range []audience.Actor{{}, otto} {
			seen := map[string]string{}
			for _, doc := range list(t, d, a) {
				seen[doc.TrackingID] = doc.Label
			}
			if len(seen) != 2 || seen["white"] != "WHITE" || seen["none"] != advisory.Unlabeled {
				t.Errorf("an outsider sees %v", seen)
			}
		}
		if n := len(list(t, d, ada)); n != 6 {
			t.Errorf("the coordinator sees %d of 6", n)
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			if page, err := search.Find(tx, otto, search.Query{Text: "vexel"}); err != nil || len(page.Hits) != 2 {
				t.Errorf("an outsider finds %d, %v", len(page.Hits), err)
			}
			if _, err := advisory.BySlug(tx, otto, "amber"); !errs.Is(err, errs.NotFound) {
				t.Errorf("amber by its page: %v", err)
			}
			if _, err := advisory.File(tx, otto, "AMBER", "", 2026, "amber.json"); !errs.Is(err, errs.NotFound) {
				t.Errorf("amber by its file: %v", err)
			}
			return nil
		})
	})
}

func TestFolderImport(t *testing.T) {
	cisa := dbtest.SharedData(t, "csaf/cisa")
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		p := alliance(t, d)
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(cisa)); err != nil {
			t.Fatal(err)
		}
		whole := document()
		for name, body := range map[string][]byte{
			"cut.json": whole[:len(whole)/2], "no-title.json": document(`"title": "Overflow in Vexel Router",`, ""), "provider-metadata.json": []byte("{}"), "x.json.sha256": []byte("0")} {
			if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		// An interruption leaves whole documents, and the next run goes on.
		ctx, stop := context.WithCancel(context.Background())
		_, err := p.ImportDir(ctx, d, dir, func(done, total int) {
			if done == 20 {
				stop()
			}
		})
		if err == nil {
			t.Error("an interrupted import says nothing")
		}
		first, err := p.ImportDir(context.Background(), d, dir, nil)
		if !errs.Is(err, errs.Malformed) {
			t.Errorf("refused files are not told: %v", err)
		}
		if first.Documents != 306 || first.Created+first.Unchanged != 304 || first.Updated != 0 || len(first.Dirty) != 2 {
			t.Errorf("first run: %d documents, %d created, %d updated, %d unchanged, %d dirty", first.Documents, first.Created, first.Updated, first.Unchanged, len(first.Dirty))
		}
		for _, x := range first.Dirty {
			if x.File == "" || x.Made == "" || x.Value == "" {
				t.Errorf("dirty: %+v", x)
			}
		}
		again, _ := p.ImportDir(context.Background(), d, dir, nil)
		if again.Created != 0 || again.Updated != 0 || again.Unchanged != 304 {
			t.Errorf("second run: %+v", again)
		}
		if n := len(list(t, d, audience.Actor{})); n != 304 {
			t.Errorf("%d documents stand", n)
		}
		verify(t, d, p.Sealer)
	})
}
