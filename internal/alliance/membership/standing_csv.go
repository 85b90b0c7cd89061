package membership

import (
	"encoding/csv"
	"io"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

// MaxStandingExport bounds an export of members.
const MaxStandingExport = 20_000

// AllMembers reads what Members does, all pages of it, at most
// MaxStandingExport.
func AllMembers(tx *db.Tx, a audience.Actor, f StandingFilter) ([]MemberLine, error) {
	var out []MemberLine
	f.After, f.Limit = "", 200
	for len(out) < MaxStandingExport {
		p, err := Members(tx, a, f)
		if err != nil {
			return nil, err
		}
		out = append(out, p.Members...)
		if f.After = p.Next; p.Next == "" {
			break
		}
	}
	return out, nil
}

// WriteStandingCSV writes members as RFC 4180 text, the marking on every line.
// No cell begins as a spreadsheet's formula does.
func WriteStandingCSV(w io.Writer, list []MemberLine) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"tlp", "organization_id", "organization", "program_id", "program", "standing", "because_of", "renewal", "sanction", "since", "due", "missing"}}
	for _, l := range list {
		var missing []string
		for _, s := range l.Missing {
			missing = append(missing, string(s.Kind))
		}
		rows = append(rows, []string{standLevel.String(), l.Org, l.OrgName, l.Program, l.ProgramName, string(l.Standing), l.Because, string(l.Renewal), string(l.Sanction), standDay(l.Since), standDay(l.Due), strings.Join(missing, " ")})
	}
	for _, row := range rows {
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				row[i] = "'" + cell
			}
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func standDay(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
