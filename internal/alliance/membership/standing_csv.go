package membership

import (
	"encoding/csv"
	"io"
	"strings"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/text"
)

// MaxStandingExport bounds an export of members.
const MaxStandingExport = 20_000

// AllMembers reads what Members does, all pages of it, at most
// MaxStandingExport.
func AllMembers(tx *db.Tx, a audience.Actor, f StandingFilter) ([]MemberLine, error) {
	return db.AllPages(MaxStandingExport, func(after string) ([]MemberLine, string, error) {
		f.After, f.Limit = after, 200
		p, err := Members(tx, a, f)
		return p.Members, p.Next, err
	})
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
		rows = append(rows, text.Cells(standLevel.String(), l.Org, l.OrgName, l.Program, l.ProgramName, string(l.Standing), l.Because, string(l.Renewal), string(l.Sanction), text.Instant(l.Since), text.Instant(l.Due), strings.Join(missing, " ")))
	}
	return out.WriteAll(rows)
}
