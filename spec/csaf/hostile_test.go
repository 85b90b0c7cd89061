package csaf

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// quickly fails a test whose work grows so much faster than the document that
// nobody would wait for it. It is a guard and no measure: a busy machine is
// many times slower than an idle one.
func quickly(t *testing.T, work func()) {
	t.Helper()
	start := time.Now()
	work()
	if took := time.Since(start); took > 3*time.Minute {
		t.Errorf("took %v", took)
	}
}

func TestLongNamesCostNoMoreThanTheirLength(t *testing.T) {
	deep := strings.Repeat(`{"`+strings.Repeat("k", 20_000)+`":`, MaxDepth-2)
	data := `{"document":` + deep + `[` + strings.Repeat("0,", 500_000) + `0]` + strings.Repeat("}", MaxDepth-2) + `}`
	quickly(t, func() {
		_, findings, err := Decode([]byte(data))
		if err != nil || len(findings) == 0 {
			t.Errorf("findings %v, error %v", findings, err)
		}
	})
}

// TestGroupsThatMultiply: every flag names one group with every product.
func TestGroupsThatMultiply(t *testing.T) {
	doc := &Document{ProductTree: &ProductTree{}}
	doc.Document.Category = CategoryVEX
	group := ProductGroup{GroupID: "G"}
	for i := range 20_000 {
		group.ProductIDs = append(group.ProductIDs, fmt.Sprint(i))
	}
	doc.ProductTree.ProductGroups = []ProductGroup{group}
	v := Vulnerability{ProductStatus: &ProductStatus{KnownAffected: []string{"1"}, KnownNotAffected: []string{"2"}}}
	for range 20_000 {
		v.Flags = append(v.Flags, Flag{Label: vexJustifications[0], GroupIDs: []string{"G"}})
		v.Remediations = append(v.Remediations, Remediation{Category: "vendor_fix", Details: "x", GroupIDs: []string{"G"}})
	}
	doc.Vulnerabilities = []Vulnerability{v}
	quickly(t, func() {
		for _, f := range CheckMandatory(doc) {
			if f.Rule == "6.1.27.9" && strings.Contains(f.Text, "given up") {
				return
			}
		}
		t.Error("no test was given up")
	})
}

// TestRingOfRelationships: a long chain resolves, a long ring does not.
func TestRingOfRelationships(t *testing.T) {
	const n = 50_000
	tree := &ProductTree{}
	for i := range n {
		tree.Relationships = append(tree.Relationships, Relationship{
			FullProductName:  FullProductName{ProductID: fmt.Sprint(i)},
			ProductReference: fmt.Sprint(i + 1), RelatesToProductReference: "base",
		})
	}
	circular := func() int {
		c := &check{doc: &Document{ProductTree: tree}}
		circularProductID(c)
		return len(c.findings)
	}
	quickly(t, func() {
		if got := circular(); got != 0 {
			t.Errorf("the chain: %d findings", got)
		}
		tree.Relationships[n-1].ProductReference = "0"
		if got := circular(); got != MaxFindings {
			t.Errorf("the ring: %d findings", got)
		}
	})
}

func TestLanguages(t *testing.T) {
	run := func(tag string) int {
		c := &check{doc: &Document{Document: Metadata{Lang: tag}}}
		languageExists(c)
		return len(c.findings)
	}
	for _, tag := range []string{"en", "de-CH", "de-CH-1996", "sr-Latn-RS", "zh-Hans-CN", "zh-cmn-Hans-CN", "es-419", "i-default", "x-own", "qaa", "en-x-own", "pt-BR", "EN-us"} {
		if run(tag) != 0 {
			t.Errorf("%s is refused", tag)
		}
	}
	for _, tag := range []string{"EZ", "en-QQQQ", "en-00", "jj"} {
		if run(tag) == 0 {
			t.Errorf("%s is accepted", tag)
		}
	}
}

func TestPackageURLs(t *testing.T) {
	run := func(purl string) int {
		c := &check{doc: &Document{ProductTree: &ProductTree{FullProductNames: []FullProductName{
			{ProductID: "p", ProductIdentificationHelper: &IdentificationHelper{PURL: purl}}}}}}
		packageURL(c)
		return len(c.findings)
	}
	for _, purl := range []string{
		"pkg:npm/%40angular/core@12.3.1", "pkg:rpm/redhat/kernel@4.18.0-553.el8?arch=src&epoch=1", "pkg:golang/k8s.io/api@v0.30.0#core/v1",
		"pkg:oci/ubi8@sha256:244fd47e07d1004f0aed9c?arch=amd64&repository_url=registry.example.com/ubi8", "pkg:deb/debian/curl@7.50.3-1?distro=jessie",
		"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "pkg:generic/openssl@1.1.1w", "pkg:github/example/project@1.0", "pkg:pypi/django@1.11.1",
	} {
		if run(purl) != 0 {
			t.Errorf("%s is refused", purl)
		}
	}
	for _, purl := range []string{"pkg:maven/@1.3.4", "pkg:npm", "npm/p@1"} {
		if run(purl) == 0 {
			t.Errorf("%s is accepted", purl)
		}
	}
}

func TestFixedOnlyScoreBecomesNote(t *testing.T) {
	doc, _ := Compose(Draft{Vulnerabilities: []DraftVulnerability{{
		Statuses: []DraftStatus{{Product: ProductKey{"V", "P", "2"}, Status: "fixed"}},
		Scores:   []DraftScore{{Vector: drawnVectors[0]}},
	}}})
	if v := doc.Vulnerabilities[0]; len(v.Scores) != 0 || len(v.Notes) != 1 || v.Notes[0].Text != drawnVectors[0] {
		t.Errorf("scores %+v, notes %+v", v.Scores, v.Notes)
	}
}
