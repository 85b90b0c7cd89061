package archive_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/response/archive"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/certcc"
	"tocsin/spec/vex"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func importFile(t *testing.T, d *db.DB, b []byte) (archive.Report, error) {
	t.Helper()
	return archive.ImportCERTCC(context.Background(), d, bytes.NewReader(b), func(archive.Report) {})
}

func realFile(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(dbtest.SharedData(t, "certcc/cases.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestImportOfTheWholeArchive(t *testing.T) {
	file := realFile(t)
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		first, err := importFile(t, d, file)
		if err != nil {
			t.Fatal(err)
		}
		if first.Cases != 50 || first.Vendors != 3798 || first.Created != 3848 || first.Updated != 0 || first.Unchanged != 0 || len(first.Dirty) == 0 {
			t.Errorf("first run: %d cases, %d vendors, %d created, %d updated, %d unchanged", first.Cases, first.Vendors, first.Created, first.Updated, first.Unchanged)
		}
		second, err := importFile(t, d, file)
		if err != nil {
			t.Fatal(err)
		}
		if second.Created != 0 || second.Updated != 0 || second.Unchanged != 3848 {
			t.Errorf("second run: %d created, %d updated, %d unchanged", second.Created, second.Updated, second.Unchanged)
		}
		records, err := certcc.ReadAll(bytes.NewReader(file), certcc.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range records {
			compare(t, d, rec)
		}
	})
}

// compare holds a stranger's view of the imported matrix against the file,
// vendor by vendor.
func compare(t *testing.T, d *db.DB, rec *certcc.Record) {
	t.Helper()
	err := d.Read(context.Background(), func(tx *db.Tx) error {
		c, _, err := casework.Load(tx, audience.Actor{}, rec.Case.ID)
		if err != nil {
			return err
		}
		b, err := matrix.Load(tx, audience.Actor{}, c.ID)
		if err != nil {
			return err
		}
		if len(b.Rows) != len(rec.Vendors) || len(b.Vulnerabilities) != 1 {
			t.Errorf("%s has %d rows and %d columns, the file %d vendors", c.Number, len(b.Rows), len(b.Vulnerabilities), len(rec.Vendors))
		}
		rows := map[string]matrix.Row{}
		for _, r := range b.Rows {
			rows[r.Party.Origin] = r
		}
		for _, w := range rec.Vendors {
			r, ok := rows[w.Key]
			if !ok || r.Party.Name != strings.TrimSpace(w.Name) || !r.Party.InvitedAt.Equal(w.Notified) || !r.Party.RepliedAt.Equal(w.Responded) {
				t.Errorf("%s: vendor %s is %+v in the matrix", c.Number, w.Name, r.Party)
				continue
			}
			want := map[certcc.Status]vex.Status{certcc.Affected: vex.Affected, certcc.NotAffected: vex.NotAffected}[w.Status]
			got := r.Overall
			if want == "" && (got == vex.NoReply || got == vex.Seen) {
				continue
			}
			if got != want {
				t.Errorf("%s: vendor %s is %s, the file says %s", c.Number, w.Name, got, w.RawStatus)
			}
			if !w.Silent() && !strings.Contains(r.Cells[0].All.Statement, strings.TrimSpace(w.Statement)) {
				t.Errorf("%s: the statement of %s is lost", c.Number, w.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("%s: %v", rec.Case.ID, err)
	}
}

func TestCutArchiveKeepsWholeLines(t *testing.T) {
	in, err := gzip.NewReader(bytes.NewReader(realFile(t)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(plain, []byte("\n"))
	cut := append(append([]byte{}, lines[0]...), lines[1][:len(lines[1])/2]...)
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		rep, err := importFile(t, d, cut)
		if err == nil || rep.Cases != 1 {
			t.Fatalf("%d cases, error %v", rep.Cases, err)
		}
		rep, err = importFile(t, d, append(append([]byte{}, lines[0]...), lines[1]...))
		if err != nil || rep.Cases != 2 || rep.Unchanged == 0 || rep.Created == 0 {
			t.Errorf("the whole file afterwards: %+v, %v", rep, err)
		}
	})
}
