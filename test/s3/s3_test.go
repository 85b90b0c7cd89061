package s3_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/blob/blobtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/seal"
	"tocsin/test/harness"
)

func TestStore(t *testing.T) {
	spec := gateway(t)
	sealer, err := seal.Open(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	host, query, _ := strings.Cut(spec, "?")
	for name, at := range map[string]string{"bucket": spec, "prefix": host + "/a/prefix?" + query} {
		t.Run(name, func(t *testing.T) {
			s, err := blob.Open(t.Context(), at, "", sealer)
			if err != nil {
				t.Fatal(err)
			}
			blobtest.Run(t, s)
		})
	}
	for what, at := range map[string]string{"no bucket": host + "-absent?" + query, "let this server in": strings.Replace(spec, "@", "x@", 1)} {
		if _, err := blob.Open(t.Context(), at, "", sealer); !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestServer hands a file over to a server that keeps its files in a bucket,
// starts it anew, and gets it back.
func TestServer(t *testing.T) {
	s := harness.Prepare(t, harness.Options{Env: []string{"TOCSIN_BLOBS=" + gateway(t)}})
	s.Tocsin(t, "admin", "init", "--name", "Test Alliance", "--namespace", "https://alliance.example", "--email", "cora@alliance.example", "--person", "Cora")
	s.Start(t)
	c := s.Client(t)
	c.Token = strings.TrimSpace(s.Tocsin(t, "admin", "token", "--person", "cora@alliance.example"))
	var made struct {
		ID string `json:"id"`
	}
	c.JSON(t, http.MethodPost, "/api/v1/cases", map[string]any{"title": "Overflow", "summary": "A length is not checked.", "tlp": "TLP:AMBER"}, &made)
	var threads struct {
		Items []struct{ ID, Kind string }
	}
	c.JSON(t, http.MethodGet, "/api/v1/cases/"+made.ID+"/threads", nil, &threads)
	proof := bytes.Repeat([]byte("proof of concept "), 100_000)
	if a := c.Do(t, http.MethodPost, "/api/v1/threads/"+threads.Items[0].ID+"/files?name=proof.bin", "application/octet-stream", bytes.NewReader(proof)); a.Status != http.StatusCreated {
		t.Fatalf("the upload answers %d: %s", a.Status, a.Body)
	}
	var files struct {
		Items []struct{ ID string }
	}
	c.JSON(t, http.MethodGet, "/api/v1/cases/"+made.ID+"/files", nil, &files)
	s.Stop(t)
	s.Start(t)
	if len(files.Items) != 1 {
		t.Fatalf("%d files stand after one upload", len(files.Items))
	}
	if a := c.Get(t, "/api/v1/files/"+files.Items[0].ID); !bytes.Equal(a.Body, proof) {
		t.Errorf("the file comes back as %d bytes, status %d", len(a.Body), a.Status)
	}
	if _, err := os.Stat(filepath.Join(s.Data, "blobs")); err == nil {
		t.Error("files are kept in the data directory too")
	}
}
