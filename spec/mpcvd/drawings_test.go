package mpcvd_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"tocsin/spec/ballot"
	"tocsin/spec/constituency"
	"tocsin/spec/membership"
	"tocsin/spec/mpcvd"
)

var update = flag.Bool("update", false, "write the drawings anew")

// TestDrawingsInTheDocs keeps the pictures in docs/machines what the tables
// of all packages say. Run it with -update after a change to one.
func TestDrawingsInTheDocs(t *testing.T) {
	kept(t, "report", mpcvd.Report)
	kept(t, "embargo", mpcvd.Embargo)
	kept(t, "consent", mpcvd.Consent)
	kept(t, "vendor", mpcvd.VendorProgress)
	kept(t, "exposure", mpcvd.Exposure)
	kept(t, "motion", ballot.Motion)
	kept(t, "claim", constituency.Claim)
	kept(t, "application", membership.MainWay())
	kept(t, "renewal", membership.Renewal)
	kept(t, "sanction", membership.Sanction)
	kept(t, "appeal", membership.Appeal)
}

func kept[S ~string, V ~string](t *testing.T, name string, m mpcvd.Machine[S, V]) {
	t.Helper()
	var b bytes.Buffer
	if err := mpcvd.Draw(&b, m, ""); err != nil {
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
