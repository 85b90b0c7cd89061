package mpcvd

import (
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
)

func drawn[S ~string, V ~string](t *testing.T, m Machine[S, V]) {
	t.Helper()
	for _, current := range append(m.States(), "") {
		var b strings.Builder
		if err := Draw(&b, m, current); err != nil {
			t.Fatal(err)
		}
		out := b.String()
		width := 0
		for d := xml.NewDecoder(strings.NewReader(out)); ; {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s is not well formed: %v", m.Name, err)
			}
			if el, ok := tok.(xml.StartElement); ok && el.Name.Local == "svg" {
				for _, a := range el.Attr {
					if a.Name.Local == "width" {
						width, _ = strconv.Atoi(a.Value)
					}
				}
			}
		}
		if width < 100 || width > 360 {
			t.Errorf("%s is %d wide; it must fit a phone", m.Name, width)
		}
		for _, must := range []string{`role="img"`, "<title>", "<desc>", "currentColor"} {
			if !strings.Contains(out, must) {
				t.Errorf("%s has no %s", m.Name, must)
			}
		}
		for _, never := range []string{"style=", "<script", " id="} {
			if strings.Contains(out, never) {
				t.Errorf("%s has %s, which a strict page refuses", m.Name, never)
			}
		}
		if got := strings.Count(out, "mpcvd-now"); (got == 1) != (current != "") {
			t.Errorf("%s marks %d states as current, asked for %q", m.Name, got, current)
		}
		for _, s := range m.Info {
			if !strings.Contains(out, ">"+s.Label+"<") {
				t.Errorf("%s does not show %q", m.Name, s.Label)
			}
		}
		if got := strings.Count(out, "mpcvd-verb"); got != len(m.Rows) {
			t.Errorf("%s shows %d moves of %d", m.Name, got, len(m.Rows))
		}
	}
	var b strings.Builder
	if err := WriteTable(&b, m); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(b.String(), "\n"), "\n")
	if len(lines) != len(m.Info)+1 {
		t.Errorf("%s: the table has %d lines for %d states", m.Name, len(lines), len(m.Info))
	}
	if cells := len(m.Info) * len(m.AllVerbs()); strings.Count(b.String(), "·") != cells-len(m.Rows) {
		t.Errorf("%s: the table does not show every refused move:\n%s", m.Name, b.String())
	}
}

func TestDrawings(t *testing.T) {
	drawn(t, Report)
	drawn(t, Embargo)
	drawn(t, Consent)
	drawn(t, VendorProgress)
	drawn(t, Exposure)
}
