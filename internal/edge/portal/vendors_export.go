package portal

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
)

func (v *visit) loadBoard() (c casework.Case, b matrix.Board, err error) {
	err = v.read(func(tx *db.Tx) error {
		if c, _, err = casework.Load(tx, v.Actor, v.path("number")); err != nil {
			return err
		}
		b, err = matrix.Load(tx, v.Actor, c.ID)
		return err
	})
	return c, b, err
}

// download sets the headers of a file that the browser saves and never shows.
func download(w http.ResponseWriter, name string) {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", `attachment; filename="`+fileName(name)+`"`)
	h.Set("Cache-Control", "no-store")
}

// fileName keeps what every file system takes.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.+", r) {
			return r
		}
		return '_'
	}, s)
}

// exportedFile names an export after the case and leads with its marking, so
// that the file cannot be passed on without it.
func exportedFile(c casework.Case, rest string) string {
	return strings.ReplaceAll(c.Level.String(), ":", "-") + "_" + c.Number + "_" + rest
}

func (v *visit) vendorsJSON() error {
	c, b, err := v.loadBoard()
	if err != nil {
		return err
	}
	download(v.w, exportedFile(c, "vendors.json"))
	enc := json.NewEncoder(v.w)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Marking string       `json:"tlp"`
		Case    string       `json:"case"`
		At      time.Time    `json:"at"`
		Matrix  matrix.Board `json:"matrix"`
	}{c.Level.String(), c.Number, v.now, b})
}

func (v *visit) vendorsCSV() error {
	c, b, err := v.loadBoard()
	if err != nil {
		return err
	}
	download(v.w, exportedFile(c, "vendors.csv"))
	return matrix.WriteCSV(v.w, c.Level, b)
}
