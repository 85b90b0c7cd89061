package agreements

import (
	"encoding/csv"
	"io"
	"strconv"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/text"
)

// MaxExport bounds an export of acceptances.
const MaxExport = 20_000

// All reads what Acceptances does, all pages of it, at most MaxExport.
func All(tx *db.Tx, a audience.Actor, in Sought) ([]Acceptance, error) {
	return db.AllPages(MaxExport, func(after string) ([]Acceptance, string, error) {
		in.After, in.Limit = after, 500
		p, err := Acceptances(tx, a, in)
		return p.List, p.Next, err
	})
}

// WriteCSV writes acceptances as RFC 4180 text, the marking on every line. No
// cell begins as a spreadsheet's formula does.
func WriteCSV(w io.Writer, list []Acceptance) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"tlp", "id", "agreement_id", "agreement", "version", "party_kind", "party_id", "party", "valid", "accepted_at", "by", "address", "signer", "paper", "ended_at", "end_reason"}}
	for _, x := range list {
		rows = append(rows, text.Cells(level.String(), x.ID, x.Agreement, x.Title, strconv.Itoa(x.Number), string(x.Party.Kind), x.Party.ID, x.Name, strconv.FormatBool(x.Valid), text.Instant(x.At), x.By, x.Address, x.Signer, x.Paper, text.Instant(x.EndedAt), x.EndReason))
	}
	return out.WriteAll(rows)
}
