package matrix

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"tocsin/spec/text"
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
				line := text.Cells(level.String(), r.Party.Name, v.Label, v.CVE, productOf(r.Products, s.Product), string(s.Status), string(s.Justification), strings.Join(s.Affected, "; "), strings.Join(s.Fixed, "; "),
					s.Statement, strconv.FormatBool(s.OnBehalf), text.Instant(r.Party.InvitedAt), text.Instant(r.Party.RepliedAt), text.Instant(s.ChangedAt), r.Tracker)
				if err := out.Write(line); err != nil {
					return err
				}
			}
		}
	}
	out.Flush()
	return out.Error()
}

func productOf(list []Product, id string) string {
	for _, p := range list {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}
