package advisory

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/csaf"
	"tocsin/spec/vex"

	"pgregory.net/rapid"
)

// TestAnyMatrixMakesAValidDocument: whatever vendors say of whatever products,
// with names and versions that repeat, contradict and look like ranges, the
// document breaks no rule, as long as somebody says something of every
// vulnerability.
func TestAnyMatrixMakesAValidDocument(t *testing.T) {
	names := []string{"Router", "Router ", "Switch", "All products", "Router 2", "ﷺ <b>", "a/b"}
	versions := []string{"2.4", "< 2.4", ">=1 <3", "before 2.4", "vers:generic/<2", "V2", "1.0 and earlier", "*", "2.4"}
	purls := []string{"", "pkg:generic/router@2.0", "pkg:npm/%40scope/name@1.0?x=y"}
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		c := casework.Case{Number: "TA-2026-0001", OpenedAt: start}
		m := &stand{products: map[string][]matrix.Product{}, said: map[string][]matrix.Status{}}
		for i := range rapid.IntRange(1, 3).Draw(t, "vulnerabilities") {
			m.vulns = append(m.vulns, matrix.Vulnerability{ID: fmt.Sprint("v", i), Label: fmt.Sprint("V", i), Title: "Flaw", CWE: rapid.SampledFrom([]string{"", "CWE-787", "CWE-99999"}).Draw(t, "cwe"),
				CVE:    []string{"", fmt.Sprintf("CVE-2026-1000%d", i)}[rapid.IntRange(0, 1).Draw(t, "cve")],
				CVSS31: rapid.SampledFrom([]string{"", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}).Draw(t, "score"),
				CVSS40: rapid.SampledFrom([]string{"", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}).Draw(t, "score 4")})
		}
		for i := range rapid.IntRange(1, 4).Draw(t, "parties") {
			p := casework.Participant{ID: fmt.Sprint("p", i), Name: rapid.SampledFrom([]string{"Vexel", "Wharf", "Vexel  Systems"}).Draw(t, "party"), Role: rapid.SampledFrom(casework.PartyRoles).Draw(t, "role")}
			m.parties = append(m.parties, p)
			for j := range rapid.IntRange(0, 3).Draw(t, "products") {
				m.products[p.ID] = append(m.products[p.ID], matrix.Product{ID: fmt.Sprint(p.ID, "r", j), Name: rapid.SampledFrom(names).Draw(t, "name"), PURL: rapid.SampledFrom(purls).Draw(t, "purl"),
					CPE: rapid.SampledFrom([]string{"", "cpe:2.3:a:vexel:router:2.0:*:*:*:*:*:*:*", "cpe:2.3:a:b:c:d:*:*:*:*:*:*:*!"}).Draw(t, "cpe")})
			}
			for _, v := range m.vulns {
				on := []string{""}
				for _, r := range m.products[p.ID] {
					if rapid.Bool().Draw(t, "said") {
						on = append(on, r.ID)
					}
				}
				for _, r := range on {
					s := matrix.Status{Product: r, ChangedAt: start.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "at")) * time.Hour),
						Status: rapid.SampledFrom([]vex.Status{vex.Investigating, vex.Affected, vex.NotAffected, vex.Fixed}).Draw(t, "status"), Statement: rapid.SampledFrom([]string{"", "A word."}).Draw(t, "statement")}
					if s.Status == vex.NotAffected {
						s.Justification = rapid.SampledFrom(append(vex.Justifications, "")).Draw(t, "justification")
						if s.Justification == "" {
							s.Statement = "It is not in there."
						}
					}
					s.Affected = rapid.SliceOfN(rapid.SampledFrom(versions), 0, 4).Draw(t, "affected")
					s.Fixed = rapid.SliceOfN(rapid.SampledFrom(versions), 0, 3).Draw(t, "fixed")
					m.said[p.ID+v.ID] = append(m.said[p.ID+v.ID], s)
				}
			}
		}
		d := csaf.Draft{Category: rapid.SampledFrom([]string{csaf.CategorySecurityAdvisory, csaf.CategoryVEX}).Draw(t, "category"), TrackingID: "TAA-2026-0001", Title: "Title", TLP: "TLP:CLEAR",
			Publisher: csaf.Publisher{Category: "coordinator", Name: "Test Alliance", Namespace: "https://alliance.example"}, Revisions: []csaf.DraftRevision{{Date: start, Summary: "Initial release."}}}
		for _, v := range m.vulns {
			d.Vulnerabilities = append(d.Vulnerabilities, m.vulnerability(v, c, "Test Alliance", ""))
		}
		d.Products = m.helpers
		doc, findings := compose(d, start)
		if csaf.HasErrors(findings) {
			t.Fatal(findings)
		}
		body, err := csaf.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		read, err := csaf.Parse(body)
		if err != nil || len(csaf.CheckMandatory(read)) > 0 {
			t.Fatal(err, csaf.CheckMandatory(read))
		}
		if f := factsOf(read); len(f.Vendors) == 0 || strings.TrimSpace(f.Vendors[0].Name) == "" {
			t.Fatalf("facts: %+v", f)
		}
	})
}

// TestProcessIsWhole: every state is reached, and only withdrawal is final.
func TestProcessIsWhole(t *testing.T) {
	reached := map[State]bool{Process.Start: true}
	for _, r := range Process.Rows {
		reached[r.To] = true
		if !Process.Has(r.From) || !Process.Has(r.To) {
			t.Errorf("%v names a state that is not described", r)
		}
	}
	for _, s := range Process.States() {
		if !reached[s] || Process.Final(s) != (s == StateWithdrawn) {
			t.Errorf("%s: reached %v, final %v", s, reached[s], Process.Final(s))
		}
	}
}
