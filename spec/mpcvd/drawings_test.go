package mpcvd

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the drawings anew")

// TestDrawingsInTheDocs keeps the pictures in docs/machines what the tables
// say. Run it with -update after a change to a table.
func TestDrawingsInTheDocs(t *testing.T) {
	kept(t, "report", Report)
	kept(t, "embargo", Embargo)
	kept(t, "consent", Consent)
	kept(t, "vendor", VendorProgress)
	kept(t, "exposure", Exposure)
}

func kept[S ~string, V ~string](t *testing.T, name string, m Machine[S, V]) {
	t.Helper()
	var b bytes.Buffer
	if err := Draw(&b, m, ""); err != nil {
		t.Fatal(err)
	}
	// Outside a page, a drawing names its language and brings its ground.
	text := bytes.Replace(b.Bytes(), []byte("<svg "), []byte(`<svg xmlns="http://www.w3.org/2000/svg" color="#111" style="background:#fff" `), 1)
	file := filepath.Join("..", "..", "docs", "machines", name+".svg")
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(have, text) {
		t.Errorf("%s is not what the table draws (%v); run go test ./spec/mpcvd -run Drawings -update", file, err)
	}
}
