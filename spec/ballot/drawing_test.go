package ballot

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"tocsin/spec/mpcvd"
)

var update = flag.Bool("update", false, "write the drawing anew")

// TestDrawingInTheDocs keeps the picture in docs/machines what the table
// says. Run it with -update after a change to the table.
func TestDrawingInTheDocs(t *testing.T) {
	var b bytes.Buffer
	if err := mpcvd.Draw(&b, Motion, ""); err != nil {
		t.Fatal(err)
	}
	// Outside a page, a drawing names its language and brings its ground.
	text := bytes.Replace(b.Bytes(), []byte("<svg "), []byte(`<svg xmlns="http://www.w3.org/2000/svg" color="#111" style="background:#fff" `), 1)
	file := filepath.Join("..", "..", "docs", "machines", "motion.svg")
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, text) {
		t.Errorf("%s is not what the table draws (%v); run go test ./spec/ballot -run Drawing -update", file, err)
	}
}
