package csaf

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var drawnVectors = []string{
	"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
	"CVSS:3.0/AV:L/AC:H/PR:L/UI:R/S:C/C:L/I:N/A:L/E:P/RL:O/RC:C",
	"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:L/CR:H",
	"AV:N/AC:L/Au:N/C:C/I:C/A:C",
	"AV:L/AC:M/Au:S/C:P/I:N/A:C/E:POC/TD:L",
	"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
}

// drawText is a line as people write them: any script, signs that JSON and HTML
// escape, zero-width characters, never blank.
func drawText(t *rapid.T, label string) string {
	return "x" + rapid.StringOfN(rapid.RuneFrom([]rune("aZ09 -_.<>&\"'\\/äßΩ中א\u200b\u202e\u2028😀")), 0, 20, -1).Draw(t, label) + "x"
}

func drawTime(t *rapid.T, label string) time.Time {
	base := time.Date(2024, 2, 28, 23, 59, 59, 0, time.UTC)
	return base.Add(time.Duration(rapid.Int64Range(0, 1e9).Draw(t, label)) * time.Millisecond)
}

func drawProducts(t *rapid.T) []ProductKey {
	versions := []string{"", "1.0", "v2", "< 4.2", "4.2 and earlier", "vers:npm/>=2.2.0|<2.3.0", "all versions", "2024 Update 1"}
	var keys []ProductKey
	for range rapid.IntRange(1, 6).Draw(t, "products") {
		keys = append(keys, ProductKey{
			Vendor:  rapid.SampledFrom([]string{"Alpenglühen AG", "Beta\tSystems", drawText(t, "vendor")}).Draw(t, "pick vendor"),
			Name:    rapid.SampledFrom([]string{"Router", "Kernel <core>", drawText(t, "name")}).Draw(t, "pick name"),
			Version: rapid.SampledFrom(versions).Draw(t, "version"),
		})
	}
	return keys
}

// drawStatuses gives each product (by id, as two spellings may be one) a status.
func drawStatuses(t *rapid.T, keys []ProductKey) []DraftStatus {
	names := []string{"affected", "not_affected", "fixed", "under_investigation", "known_affected", "first_affected", "first_fixed"}
	var out []DraftStatus
	seen := map[string]bool{}
	for i, k := range keys {
		if seen[ProductID(k)] {
			continue
		}
		seen[ProductID(k)] = true
		s := DraftStatus{Product: k, Status: rapid.SampledFrom(names).Draw(t, "status")}
		if i == 0 { // VEX wants at least one of four lists
			s.Status = rapid.SampledFrom(names[:4]).Draw(t, "first status")
		}
		if s.Status == "not_affected" {
			if rapid.Bool().Draw(t, "justified") {
				s.Justification = rapid.SampledFrom(vexJustifications).Draw(t, "justification")
			} else {
				s.Impact = drawText(t, "impact")
			}
		}
		out = append(out, s)
	}
	return out
}

func drawVulnerability(t *rapid.T, i int, keys []ProductKey) DraftVulnerability {
	v := DraftVulnerability{
		CVE:      fmt.Sprintf("cve-2024-%04d", i+1),
		CWE:      CWE{ID: rapid.SampledFrom([]string{"", "CWE-79", "787", "CWE-999999"}).Draw(t, "cwe")},
		Title:    drawText(t, "vulnerability title"),
		Statuses: drawStatuses(t, keys),
		IDs:      []ID{{"Tracker", "T-1"}, {"Tracker", "T-1"}},
	}
	if rapid.Bool().Draw(t, "note") {
		v.Notes = []Note{{Category: "summary", Text: drawText(t, "note text")}, {Text: " "}}
	}
	for range rapid.IntRange(0, 4).Draw(t, "involvements") {
		v.Involvements = append(v.Involvements, DraftInvolvement{
			Party:   rapid.SampledFrom([]string{"vendor", "coordinator", "discoverer"}).Draw(t, "party"),
			Status:  rapid.SampledFrom([]string{"completed", "in_progress", "disputed", "not_contacted"}).Draw(t, "involved"),
			Date:    time.Date(2024, 1, rapid.IntRange(1, 2).Draw(t, "day"), 0, 0, 0, 0, time.UTC),
			Summary: drawText(t, "involvement"),
		})
	}
	for _, category := range []string{"vendor_fix", "workaround"} {
		if rapid.Bool().Draw(t, category) {
			v.Remediations = append(v.Remediations, DraftRemediation{
				Category: category, Details: drawText(t, "details"), URL: "https://example.com/a b/ü?q=x y",
				Products: rapid.SampledFrom([][]ProductKey{nil, keys[:1]}).Draw(t, "for"),
				Restart:  &RestartRequired{Category: "service"},
			})
		}
	}
	if rapid.Bool().Draw(t, "exploited") {
		v.Threats = []DraftThreat{{Category: "exploit_status", Details: drawText(t, "exploit"), Date: drawTime(t, "exploit date")}}
	}
	vectors := map[string]bool{}
	for range rapid.IntRange(0, 3).Draw(t, "scores") {
		vector := rapid.SampledFrom(drawnVectors).Draw(t, "vector")
		version, _, _ := strings.Cut(vector, "/")
		if strings.HasPrefix(version, "AV") {
			version = "2"
		}
		if !vectors[version] {
			vectors[version] = true
			v.Scores = append(v.Scores, DraftScore{Vector: vector})
		}
	}
	return v
}

func drawDraft(t *rapid.T) Draft {
	keys := drawProducts(t)
	d := Draft{
		Category:   rapid.SampledFrom([]string{"", CategorySecurityAdvisory, CategoryVEX, CategoryBase, "Sector bulletin"}).Draw(t, "category"),
		TrackingID: " " + drawText(t, "id")[:1] + "-2024-001 ",
		Aliases:    []string{"A", "A", " "},
		Title:      drawText(t, "title"),
		Publisher:  Publisher{Category: "coordinator", Name: drawText(t, "publisher"), Namespace: "https://cert.example"},
		TLP:        rapid.SampledFrom([]string{"", "CLEAR", "TLP:GREEN", "amber", "AMBER+STRICT", "RED"}).Draw(t, "tlp"),
		Notes:      []Note{{Category: "summary", Text: drawText(t, "summary")}},
		References: []Reference{{URL: "https://example.com/ä"}, {URL: "no url"}, {URL: "https://example.com/ä", Summary: "again"}},
		Acknowledgments: []Acknowledgment{
			{}, {Names: []string{drawText(t, "finder"), " "}, Organization: "University of Example"},
		},
		CanonicalURL: "https://cert.example/csaf/white/2024/x-2024-001.json",
		Status:       rapid.SampledFrom([]string{"", "final", "interim", "draft"}).Draw(t, "status"),
		Engine:       Engine{Name: "Composer", Version: "1.0"},
		Composed:     drawTime(t, "composed"),
		Products: []DraftProduct{{ProductKey: keys[0], Helper: &IdentificationHelper{
			PURL: "pkg:golang/example.com/mod@v1.2.3", Hashes: []Hashes{{Filename: "f", FileHashes: []FileHash{{"sha256", strings.Repeat("a0", 32)}}}},
		}}},
	}
	for range rapid.IntRange(1, 4).Draw(t, "revisions") {
		d.Revisions = append(d.Revisions, DraftRevision{Date: drawTime(t, "revision"), Summary: rapid.SampledFrom([]string{"", "Fix."}).Draw(t, "why")})
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "vulnerabilities") {
		d.Vulnerabilities = append(d.Vulnerabilities, drawVulnerability(t, i, keys))
	}
	return d
}

// TestComposeIsValid: whatever a sane draft says, the document is true to the
// format, to the official schema and to every mandatory test.
func TestComposeIsValid(t *testing.T) {
	sharedData(t, "csaf/oasis-2.0/json_schema")
	rapid.Check(t, func(r *rapid.T) {
		doc, findings := Compose(drawDraft(r))
		for _, f := range findings {
			if f.Severity == Error {
				r.Fatal(f)
			}
		}
		data, err := Marshal(doc)
		if err != nil {
			r.Fatal(err)
		}
		read, err := Parse(data)
		if err != nil {
			r.Fatal(err)
		}
		for _, f := range CheckMandatory(read) {
			r.Fatalf("read back: %v", f)
		}
		for _, f := range CheckMandatory(doc) {
			r.Fatalf("as made: %v", f)
		}
		for _, test := range Tests {
			if test.ID == "6.2.2" || test.ID == "6.2.13" || test.ID == "6.2.20" {
				for _, f := range test.Run(read) {
					if !strings.Contains(f.Path, "under_investigation") {
						r.Fatal(f)
					}
				}
			}
		}
		if err := accepts(t, "csaf_json_schema.json", data); err != nil {
			r.Fatalf("the official schema refuses it: %v", err)
		}
		roundTrip(t, doc)
	})
}

func TestComposeKeepsProductIDs(t *testing.T) {
	a, b := ProductKey{"Vendor", "Product", "1.0"}, ProductKey{" Vendor ", "Product", "1.0"}
	if ProductID(a) != ProductID(b) {
		t.Error("white space changes the product id")
	}
	if ProductID(a) == ProductID(ProductKey{"Vendor", "Product 1.0", ""}) {
		t.Error("two products share an id")
	}
	if got, want := ProductID(a), "CSAFPID-"; !strings.HasPrefix(got, want) || len(got) != len(want)+16 {
		t.Errorf("product id %q", got)
	}
}

// insane drafts get an Error that names the matter.
func TestComposeRefuses(t *testing.T) {
	key := ProductKey{"Vendor", "Product", "1"}
	sane := func() Draft {
		return Draft{
			Category: CategoryVEX, TrackingID: "X-1", Title: "T",
			Publisher: Publisher{Category: "vendor", Name: "V", Namespace: "https://v.example"},
			Revisions: []DraftRevision{{Date: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}},
			Vulnerabilities: []DraftVulnerability{{
				CVE: "CVE-2024-0001", Title: "Flaw",
				Statuses: []DraftStatus{{Product: key, Status: "affected"}},
			}},
		}
	}
	if _, findings := Compose(sane()); HasErrors(findings) {
		t.Fatalf("the sane draft: %v", findings)
	}
	for name, c := range map[string]struct {
		spoil func(*Draft)
		rule  string
	}{
		"no justification":  {func(d *Draft) { d.Vulnerabilities[0].Statuses[0].Status = "not_affected" }, "6.1.27.9"},
		"contradiction":     {func(d *Draft) { add(d, DraftStatus{Product: key, Status: "fixed"}) }, "6.1.6"},
		"two flags":         {func(d *Draft) { twoFlags(d, key) }, "6.1.33"},
		"unknown status":    {func(d *Draft) { add(d, DraftStatus{Product: key, Status: "mended"}) }, RuleDraft},
		"nameless product":  {func(d *Draft) { add(d, DraftStatus{Status: "fixed"}) }, RuleDraft},
		"no revision":       {func(d *Draft) { d.Revisions = nil }, RuleSchema},
		"unknown TLP":       {func(d *Draft) { d.TLP = "PURPLE" }, RuleDraft},
		"bad vector":        {func(d *Draft) { d.Vulnerabilities[0].Scores = []DraftScore{{Vector: "CVSS:3.1/AV:N"}} }, RuleDraft},
		"bad 4.0 vector":    {func(d *Draft) { d.Vulnerabilities[0].Scores = []DraftScore{{Vector: "CVSS:4.0/AV:N"}} }, RuleDraft},
		"no vulnerability":  {func(d *Draft) { d.Vulnerabilities = nil }, "6.1.27.11"},
		"same CVE twice":    {func(d *Draft) { d.Vulnerabilities = append(d.Vulnerabilities, d.Vulnerabilities[0]) }, "6.1.23"},
		"bad CVE":           {func(d *Draft) { d.Vulnerabilities[0].CVE = "CVE-24-1" }, RuleSchema},
		"reserved category": {func(d *Draft) { d.Category = "csaf_withdrawn" }, "6.1.26"},
		"pre-release final": {func(d *Draft) { d.Revisions[0].Number = "1.0.0-rc.1" }, "6.1.20"},
	} {
		t.Run(name, func(t *testing.T) {
			d := sane()
			c.spoil(&d)
			_, findings := Compose(d)
			for _, f := range findings {
				if f.Severity == Error && f.Rule == c.rule {
					return
				}
			}
			t.Errorf("no error of rule %s in %v", c.rule, findings)
		})
	}
}

func add(d *Draft, s DraftStatus) {
	d.Vulnerabilities[0].Statuses = append(d.Vulnerabilities[0].Statuses, s)
}

func twoFlags(d *Draft, key ProductKey) {
	d.Vulnerabilities[0].Statuses = nil
	for _, label := range vexJustifications[:2] {
		add(d, DraftStatus{Product: key, Status: "not_affected", Justification: label})
	}
}

func TestLabel10(t *testing.T) {
	for label, want := range map[string]string{
		"CLEAR": "WHITE", "tlp:white": "WHITE", "TLP:GREEN": "GREEN", " amber ": "AMBER", "TLP:AMBER+STRICT": "AMBER", "RED": "RED",
	} {
		got, text, ok := Label10(label)
		if !ok || got != want || (text != "") != strings.Contains(label, "STRICT") {
			t.Errorf("Label10(%q) = %q, %q, %v", label, got, text, ok)
		}
	}
	if _, _, ok := Label10("PURPLE"); ok {
		t.Error("PURPLE is taken for a label")
	}
}
