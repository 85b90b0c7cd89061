package csaf_test

import (
	"encoding/json"
	"testing"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// TestImportedDocuments: the real server, with its own authority, serves every
// imported document so that checker and downloader find nothing to object to;
// a second import changes nothing, server running or not.
func TestImportedDocuments(t *testing.T) {
	cisa := dbtest.SharedData(t, "csaf/cisa")
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			s := harness.Prepare(t, harness.Options{Dialect: dialect, TLS: "self"})
			s.Tocsin(t, "admin", "init", "--name", "Test Alliance", "--namespace", "https://alliance.example", "--email", "psirt@alliance.example")
			if first := importFolder(t, s, cisa); first.Documents != 304 || first.Created != 304 || first.Updated != 0 || first.Unchanged != 0 || len(first.Dirty) != 0 {
				t.Errorf("first import: %+v", first)
			}
			s.Start(t)
			if again := importFolder(t, s, cisa); again.Documents != 304 || again.Unchanged != 304 || again.Created != 0 || again.Updated != 0 {
				t.Errorf("second import: %+v", again)
			}
			files := download(t, s.URL, s.CAFile())
			if len(files) != 304 {
				t.Errorf("%d documents were downloaded, want 304", len(files))
			}
			if dialect == db.SQLite {
				check(t, s.URL, s.CAFile())
			}
		})
	}
}

type importReport struct {
	Documents, Created, Updated, Unchanged int
	Dirty                                  []json.RawMessage
}

func importFolder(t *testing.T, s *harness.Server, dir string) importReport {
	t.Helper()
	var r importReport
	out := s.Tocsin(t, "import", "csaf", dir, "--json")
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("the report cannot be read: %v\n%s", err, out)
	}
	return r
}
