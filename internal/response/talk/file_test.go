package talk_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
)

func store(t *testing.T, s *casetest.Scene) (blob.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	b, err := blob.OpenDir(dir, s.Sealer)
	if err != nil {
		t.Fatal(err)
	}
	return b, dir
}

func stage(t *testing.T, b blob.Store, name, declared, content string) talk.Upload {
	t.Helper()
	u, err := talk.Stage(context.Background(), b, strings.NewReader(content), name, declared)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func stored(t *testing.T, b blob.Store) int {
	t.Helper()
	n := 0
	if err := b.Walk(context.Background(), func(blob.Info) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStageLooksAtWhatIsSent(t *testing.T) {
	d, _ := dbtest.Open(t, db.SQLite)
	s := casetest.New(t, d)
	b, _ := store(t, s)
	const png, elf = "\x89PNG\r\n\x1a\n....", "\x7fELF\x02\x01\x01"
	for _, c := range []struct {
		name, declared, content, want string
		lies                          bool
	}{
		{"map.png", "image/png", png, "map.png", false},
		{"map.png", "image/png", elf, "map.png", true},
		{"notes", "image/png", elf, "notes", true},
		{"notes", "text/plain; charset=utf-8", "hello", "notes", false},
		{"notes", "text/plain", "MZ\x90\x00", "notes", true},
		{"notes", "application/pdf", "hello", "notes", true},
		{"poc.c", "application/octet-stream", "int main;", "poc.c", false},
		{"report.pdf.exe", "", "MZ\x90", "report.pdf.exe", true},
		{"ev\u202ecod.exe", "", "MZ\x90", "evcod.exe", false},
		{"../../etc/passwd", "", "root", "passwd", false},
		{"", "x\x00/y", "", "file", false},
	} {
		u := stage(t, b, c.name, c.declared, c.content)
		if u.Name != c.want || u.Lies != c.lies || u.Ref.Size != int64(len(c.content)) {
			t.Errorf("%q declared %q: %+v", c.name, c.declared, u)
		}
	}
	before := stored(t, b)
	for _, n := range []int{0, 10, 512, 5000} {
		_, err := talk.Stage(context.Background(), b, io.MultiReader(bytes.NewReader(make([]byte, n)), iotest.ErrReader(io.ErrUnexpectedEOF)), "x", "")
		refused(t, "a cut upload", err, errs.Malformed)
	}
	_, err := talk.Stage(context.Background(), b, io.LimitReader(zeros{}, talk.MaxFileSize+1), "x", "")
	refused(t, "a file too large", err, errs.TooLarge)
	if stored(t, b) != before {
		t.Error("a refused upload left something")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestFilesFollowTheirMessage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		b, _ := store(t, s)
		g, pv := talk.GeneralID(s.Case.ID), talk.PrivateID(s.V.ID)
		up := stage(t, b, "trace-orchid.log", "text/plain", "same content")
		again := stage(t, b, "trace2.log", "", "same content")
		open := post(t, s, s.Vera, g, talk.Draft{Files: []talk.Upload{up, again}})
		hidden := post(t, s, s.Vera, pv, talk.Draft{Body: "for you", Files: []talk.Upload{stage(t, b, "private-orchid.txt", "", "other")}})
		red := post(t, s, s.Vera, g, talk.Draft{Body: "named", Level: tlp.Red, Named: []string{"p_ada"}, Files: []talk.Upload{stage(t, b, "red-orchid.txt", "", "red")}})
		if stored(t, b) != 3 || len(open.Files) != 2 || open.Files[0].SHA256 != open.Files[1].SHA256 {
			t.Errorf("%d contents stored, message has %+v", stored(t, b), open.Files)
		}
		list := func(a audience.Actor) (names []string) {
			casetest.Must(t, d, func(tx *db.Tx) error {
				files, err := talk.Files(tx, a, s.Case.ID, "")
				if errs.Is(err, errs.NotFound) {
					return nil
				}
				for _, f := range files {
					names = append(names, f.Name)
				}
				return err
			})
			return names
		}
		if x := list(s.Ada); len(x) != 4 {
			t.Errorf("the coordinator sees %v", x)
		}
		if x := list(s.Willem); len(x) != 2 {
			t.Errorf("the other vendor sees %v", x)
		}
		if x := list(s.Otto); len(x) != 0 {
			t.Errorf("an outsider sees %v", x)
		}
		if found(t, s, s.Willem, "orchid") != 1 || found(t, s, s.Ada, "orchid") != 2 || found(t, s, s.Otto, "orchid") != 0 {
			t.Error("search obeys the marking of files")
		}
		get := func(a audience.Actor, id string) error {
			return casetest.Try(d, func(tx *db.Tx) error {
				_, err := talk.OpenFile(tx, a, id)
				return err
			})
		}
		if err := get(s.Willem, open.Files[0].ID); err != nil {
			t.Error(err)
		}
		for _, id := range []string{hidden.Files[0].ID, red.Files[0].ID, "fil_0"} {
			refused(t, "the other vendor opens "+id, get(s.Willem, id), errs.NotFound)
		}
		refused(t, "an outsider opens", get(s.Otto, open.Files[0].ID), errs.NotFound)
		opened := func(a audience.Actor) (n int) {
			for _, e := range told(t, s, a) {
				if e.Kind == talk.EventFileOpened {
					n++
				}
			}
			return n
		}
		if opened(s.Ada) != 1 || opened(s.Vera) != 0 {
			t.Error("the coordinators are told who opened what, nobody else")
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			mine, err := ledger.ByActor(tx, s.Willem, 0, 10)
			if err != nil || len(mine) == 0 || mine[0].Kind != talk.EventFileOpened {
				t.Errorf("each finds their own trail: %+v, %v", mine, err)
			}
			// A stricter message takes its files along.
			if _, err := talk.Edit(tx, s.Vera, open.ID, talk.Edition{Body: "", Level: tlp.Red, Named: []string{"p_ada"}, Version: 1}); err != nil {
				return err
			}
			return nil
		})
		if x := list(s.Willem); len(x) != 0 {
			t.Errorf("after it was raised, the other vendor sees %v", x)
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			_, err := talk.Retract(tx, s.Vera, hidden.ID, "")
			return err
		})
		refused(t, "a file of a retracted message", get(s.Ada, hidden.Files[0].ID), errs.NotFound)
		if x := list(s.Ada); len(x) != 3 {
			t.Errorf("after it was retracted, the coordinator sees %v", x)
		}
		verify(t, s)
	})
}

func TestFilesHaveLimits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		g := talk.GeneralID(s.Case.ID)
		one := talk.Upload{Ref: blob.Ref{SHA256: strings.Repeat("a", 64), Size: talk.MaxFileSize}, Name: "x", Media: "text/plain"}
		many := make([]talk.Upload, talk.MaxFiles+1)
		for i := range many {
			many[i] = one
		}
		_, err := try(s, s.Vera, g, talk.Draft{Files: many})
		refused(t, "too many files", err, errs.TooLarge)
		big := one
		big.Ref.Size++
		_, err = try(s, s.Vera, g, talk.Draft{Files: []talk.Upload{big}})
		refused(t, "a file too large", err, errs.TooLarge)
		_, err = try(s, s.Vera, g, talk.Draft{Files: []talk.Upload{{Name: "x"}}})
		refused(t, "a file that was not stored", err, errs.Invalid)
		full := false
		for i := 0; i < 10 && !full; i++ {
			_, err = try(s, s.Vera, g, talk.Draft{Files: many[:talk.MaxFiles]})
			full = err != nil
		}
		refused(t, "a full case", err, errs.TooLarge)
		casetest.Must(t, d, func(tx *db.Tx) error {
			sum, err := db.Value[int64](tx, `SELECT SUM(size) FROM file`)
			if sum > talk.MaxCaseFiles || sum < talk.MaxCaseFiles/2 {
				t.Errorf("the case holds %d bytes", sum)
			}
			_, err2 := talk.Attach(tx, s.Otto, g, tlp.Clear, nil, many[:1])
			refused(t, "an outsider attaches", err2, errs.NotFound)
			return err
		})
		verify(t, s)
	})
}

func TestSweepSparesWhatIsNamedOrYoung(t *testing.T) {
	d, _ := dbtest.Open(t, db.SQLite)
	s := scene(t, d)
	b, dir := store(t, s)
	named, alone := stage(t, b, "a", "", "named"), stage(t, b, "b", "", "forgotten")
	other := stage(t, b, "c", "", "another package's")
	casetest.Must(t, d, func(tx *db.Tx) error {
		files, err := talk.Attach(tx, s.Vera, talk.GeneralID(s.Case.ID), tlp.Clear, nil, []talk.Upload{named})
		if len(files) != 1 || files[0].Level != s.Case.Level {
			t.Errorf("attached %+v", files)
		}
		return err
	})
	old := dbtest.Start.Add(-48 * time.Hour)
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return os.Chtimes(path, old, old)
	})
	if err != nil {
		t.Fatal(err)
	}
	young := stage(t, b, "d", "", "young")
	theirs := func(_ *db.Tx, shas []string) ([]string, error) { return []string{other.Ref.SHA256}, nil }
	if _, err := talk.Sweep(context.Background(), d, b, time.Hour, theirs); !errs.Is(err, errs.Invalid) {
		t.Errorf("too eager a sweep: %v", err)
	}
	n, err := talk.Sweep(context.Background(), d, b, 25*time.Hour, theirs)
	if err != nil || n != 1 {
		t.Errorf("swept %d, %v", n, err)
	}
	for _, x := range []struct {
		u    talk.Upload
		kept bool
	}{{named, true}, {alone, false}, {other, true}, {young, true}} {
		if _, err := b.Stat(context.Background(), x.u.Ref.SHA256); (err == nil) != x.kept {
			t.Errorf("%s: %v, want kept %v", x.u.Name, err, x.kept)
		}
	}
}
