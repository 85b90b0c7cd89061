package agreements

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// MaxExport bounds an export of acceptances.
const MaxExport = 20_000

// All reads what Acceptances does, all pages of it, at most MaxExport.
func All(tx *db.Tx, a audience.Actor, in Sought) ([]Acceptance, error) {
	var list []Acceptance
	in.After, in.Limit = "", 500
	for len(list) < MaxExport {
		p, err := Acceptances(tx, a, in)
		if err != nil {
			return nil, err
		}
		list = append(list, p.List...)
		if in.After = p.Next; p.Next == "" {
			break
		}
	}
	return list, nil
}

// WriteCSV writes acceptances as RFC 4180 text, the marking on every line. No
// cell begins as a spreadsheet's formula does.
func WriteCSV(w io.Writer, list []Acceptance) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"tlp", "id", "agreement_id", "agreement", "version", "party_kind", "party_id", "party", "valid", "accepted_at", "by", "address", "signer", "paper", "ended_at", "end_reason"}}
	for _, x := range list {
		rows = append(rows, []string{level.String(), x.ID, x.Agreement, x.Title, strconv.Itoa(x.Number), string(x.Party.Kind), x.Party.ID, x.Name, strconv.FormatBool(x.Valid), stamp(x.At), x.By, x.Address, x.Signer, x.Paper, stamp(x.EndedAt), x.EndReason})
	}
	for _, row := range rows {
		for i, s := range row {
			if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
				row[i] = "'" + s
			}
		}
	}
	return out.WriteAll(rows)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
