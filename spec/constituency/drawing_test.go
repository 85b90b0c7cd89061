package constituency

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
	if err := mpcvd.Draw(&b, Claim, ""); err != nil {
		t.Fatal(err)
	}
	// Outside a page, a drawing names its language and brings its ground.
	text := bytes.Replace(b.Bytes(), []byte("<svg "), []byte(`<svg xmlns="http://www.w3.org/2000/svg" color="#111" style="background:#fff" `), 1)
	file := filepath.Join("..", "..", "docs", "machines", "claim.svg")
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, text) {
		t.Errorf("%s is not what the table draws (%v); run go test ./spec/constituency -run Drawing -update", file, err)
	}
}

// TestMachineIsSound holds the table against what every machine keeps: one
// row for a state and verb, every state reached, and those ends final.
func TestMachineIsSound(t *testing.T) {
	seen, reached := map[string]bool{}, map[State]bool{Claim.Start: true}
	for _, r := range Claim.Rows {
		key := string(r.From) + " " + string(r.Verb)
		if seen[key] {
			t.Errorf("two rows for %s", key)
		}
		seen[key], reached[r.To] = true, true
	}
	for _, s := range Claim.States() {
		if !reached[s] {
			t.Errorf("%s is never reached", s)
		}
		if Claim.Final(s) == s.Lives() {
			t.Errorf("%s: final is %v, and it lives: %v", s, Claim.Final(s), s.Lives())
		}
	}
}
