package constituency

import (
	"encoding/csv"
	"io"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// maxExport bounds an export.
const maxExport = 20_000

// Every is List of all pages, at most 20,000 claims.
func Every(tx *db.Tx, a audience.Actor, f Filter) ([]Claim, error) {
	var out []Claim
	for f.After, f.Limit = "", 500; len(out) < maxExport; {
		p, err := List(tx, a, f)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Claims...)
		if f.After = p.Next; p.Next == "" {
			break
		}
	}
	return out, nil
}

// WriteCSV writes claims with the marking at which the reader has them on
// every line. Its columns kind, value and note are what Import reads.
func WriteCSV(w io.Writer, claims []Claim) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"tlp", "organization", "kind", "value", "state", "method", "until", "note", "id"}}
	for _, c := range claims {
		until := ""
		if !c.Until.IsZero() {
			until = c.Until.UTC().Format(time.RFC3339)
		}
		rows = append(rows, []string{c.TLP.String(), inert(c.OrgName), string(c.Kind), inert(c.Value), string(c.State), string(c.Method), until, inert(c.Note), c.ID})
	}
	return out.WriteAll(rows)
}

// inert keeps a spreadsheet from taking a cell for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
