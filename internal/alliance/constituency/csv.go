package constituency

import (
	"encoding/csv"
	"io"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/text"
)

// maxExport bounds an export.
const maxExport = 20_000

// Every is List of all pages, at most 20,000 claims.
func Every(tx *db.Tx, a audience.Actor, f Filter) ([]Claim, error) {
	return db.AllPages(maxExport, func(after string) ([]Claim, string, error) {
		f.After, f.Limit = after, 500
		p, err := List(tx, a, f)
		return p.Claims, p.Next, err
	})
}

// WriteCSV writes claims with the marking at which the reader has them on
// every line. Its columns kind, value and note are what Import reads.
func WriteCSV(w io.Writer, claims []Claim) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"tlp", "organization", "kind", "value", "state", "method", "until", "note", "id"}}
	for _, c := range claims {
		rows = append(rows, []string{c.TLP.String(), text.Cell(c.OrgName), string(c.Kind), text.Cell(c.Value), string(c.State), string(c.Method), text.Instant(c.Until), text.Cell(c.Note), c.ID})
	}
	return out.WriteAll(rows)
}
