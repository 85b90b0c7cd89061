package matrix

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"tocsin/spec/tlp"
)

// WriteCSV writes a board as RFC 4180 text, one line for each vendor,
// vulnerability and product spoken of, the marking on every line.
func WriteCSV(w io.Writer, level tlp.Level, b Board) error {
	out := csv.NewWriter(w)
	if err := out.Write([]string{"tlp", "vendor", "vulnerability", "cve", "product", "status", "justification", "affected_versions", "fixed_versions", "statement", "on_behalf", "invited_at", "replied_at", "changed_at", "tracker"}); err != nil {
		return err
	}
	for _, r := range b.Rows {
		for i, c := range r.Cells {
			v := b.Vulnerabilities[i]
			said := c.Products
			if c.All != nil {
				said = append([]Status{*c.All}, said...)
			}
			if len(said) == 0 {
				said = []Status{{Status: c.Status}}
			}
			for _, s := range said {
				line := []string{level.String(), r.Party.Name, v.Label, v.CVE, productOf(r.Products, s.Product), string(s.Status), string(s.Justification), strings.Join(s.Affected, "; "), strings.Join(s.Fixed, "; "),
					s.Statement, strconv.FormatBool(s.OnBehalf), stamp(r.Party.InvitedAt), stamp(r.Party.RepliedAt), stamp(s.ChangedAt), r.Tracker}
				for i := range line {
					line[i] = inert(line[i])
				}
				if err := out.Write(line); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

// inert keeps a spreadsheet from taking a cell for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func productOf(list []Product, id string) string {
	for _, p := range list {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}
