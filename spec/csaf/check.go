package csaf

import "fmt"

// Test is one numbered test of section 6.
type Test struct {
	ID       string   // "6.1.14"
	Title    string   // as the standard names it
	Severity Severity // of its findings: Error for 6.1, Warning for 6.2, Info for 6.3
	run      func(*check)
}

// Run applies the test to a document.
func (t Test) Run(doc *Document) []Finding {
	c := &check{doc: doc, test: t}
	t.run(c)
	if c.steps > MaxSteps {
		c.findings = nil
		c.fault("", "the document names so many products by way of groups that the test was given up")
	}
	return c.findings
}

// Check runs every test of [Tests] and returns what they find, in their order.
// It expects a document that [Parse] accepted or [Compose] made; on others the
// findings are right as far as the document can be read.
func Check(doc *Document) []Finding {
	var all []Finding
	for _, t := range Tests {
		all = append(all, t.Run(doc)...)
	}
	return all
}

// CheckMandatory runs the tests of section 6.1 only. A document without a
// finding here and none from [Parse] is valid CSAF.
func CheckMandatory(doc *Document) []Finding {
	var all []Finding
	for _, t := range Tests {
		if t.Severity == Error {
			all = append(all, t.Run(doc)...)
		}
	}
	return all
}

// check is one test under way.
type check struct {
	doc      *Document
	test     Test
	findings []Finding
	groups   map[string][]string // products by group id; see members
	steps    int                 // group members looked at
}

// MaxSteps bounds how many members of product groups one test looks at. Groups
// let a document say more than its size: many flags, each for many products.
const MaxSteps = 2_000_000

// members is the set of products that ids and groups name together.
func (c *check) members(ids, groupIDs []string) map[string]bool {
	if c.groups == nil {
		c.groups = c.doc.groups()
	}
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	for _, g := range groupIDs {
		if c.steps += len(c.groups[g]); c.steps > MaxSteps {
			break
		}
		for _, id := range c.groups[g] {
			set[id] = true
		}
	}
	return set
}

// remedied is the set of products that some remediation speaks of.
func (c *check) remedied(v *Vulnerability) map[string]bool {
	set := map[string]bool{}
	for _, r := range v.Remediations {
		for id := range c.members(r.ProductIDs, r.GroupIDs) {
			set[id] = true
		}
	}
	return set
}

func (c *check) fault(path, format string, args ...any) {
	if len(c.findings) < MaxFindings {
		c.findings = append(c.findings, Finding{c.test.ID, c.test.Severity, path, fmt.Sprintf(format, args...)})
	}
}

// eachVulnerability calls visit with the pointer to each vulnerability.
func (c *check) eachVulnerability(visit func(path string, v *Vulnerability)) {
	for i := range c.doc.Vulnerabilities {
		visit(at("/vulnerabilities", i), &c.doc.Vulnerabilities[i])
	}
}

// Tests are the tests that this package knows, in the order of the standard.
// Left out are 6.3.6 and 6.3.7, which call on the network, and 6.3.8, which
// needs a dictionary.
var Tests = []Test{
	{"6.1.1", "Missing Definition of Product ID", Error, missingProductID},
	{"6.1.2", "Multiple Definition of Product ID", Error, multipleProductID},
	{"6.1.3", "Circular Definition of Product ID", Error, circularProductID},
	{"6.1.4", "Missing Definition of Product Group ID", Error, missingGroupID},
	{"6.1.5", "Multiple Definition of Product Group ID", Error, multipleGroupID},
	{"6.1.6", "Contradicting Product Status", Error, contradictingStatus},
	{"6.1.7", "Multiple Scores with same Version per Product", Error, multipleScores},
	{ruleCVSS, "Invalid CVSS", Error, invalidCVSS},
	{"6.1.9", "Invalid CVSS computation", Error, cvssComputation},
	{"6.1.10", "Inconsistent CVSS", Error, inconsistentCVSS},
	{"6.1.11", "CWE", Error, weaknessExists},
	{"6.1.12", "Language", Error, languageExists},
	{"6.1.13", "PURL", Error, packageURL},
	{"6.1.14", "Sorted Revision History", Error, sortedHistory},
	{"6.1.15", "Translator", Error, translator},
	{"6.1.16", "Latest Document Version", Error, latestVersion},
	{"6.1.17", "Document Status Draft", Error, draftStatus},
	{"6.1.18", "Released Revision History", Error, releasedHistory},
	{"6.1.19", "Revision History Entries for Pre-release Versions", Error, preReleaseHistory},
	{"6.1.20", "Non-draft Document Version", Error, nonDraftVersion},
	{"6.1.21", "Missing Item in Revision History", Error, missingRevision},
	{"6.1.22", "Multiple Definition in Revision History", Error, multipleRevision},
	{"6.1.23", "Multiple Use of Same CVE", Error, multipleCVE},
	{"6.1.24", "Multiple Definition in Involvements", Error, multipleInvolvement},
	{"6.1.25", "Multiple Use of Same Hash Algorithm", Error, multipleHash},
	{"6.1.26", "Prohibited Document Category Name", Error, prohibitedCategory},
	{"6.1.27.1", "Document Notes", Error, profileNotes},
	{"6.1.27.2", "Document References", Error, profileReferences},
	{"6.1.27.3", "Vulnerabilities", Error, profileNoVulnerabilities},
	{"6.1.27.4", "Product Tree", Error, profileProductTree},
	{"6.1.27.5", "Vulnerability Notes", Error, profileVulnerabilityNotes},
	{"6.1.27.6", "Product Status", Error, profileProductStatus},
	{"6.1.27.7", "VEX Product Status", Error, vexProductStatus},
	{"6.1.27.8", "Vulnerability ID", Error, vexVulnerabilityID},
	{"6.1.27.9", "Impact Statement", Error, vexImpactStatement},
	{"6.1.27.10", "Action Statement", Error, vexActionStatement},
	{"6.1.27.11", "Vulnerabilities", Error, profileVulnerabilities},
	{"6.1.28", "Translation", Error, translation},
	{"6.1.29", "Remediation without Product Reference", Error, remediationWithoutProduct},
	{"6.1.30", "Mixed Integer and Semantic Versioning", Error, mixedVersioning},
	{"6.1.31", "Version Range in Product Version", Error, rangeInVersion},
	{"6.1.32", "Flag without Product Reference", Error, flagWithoutProduct},
	{"6.1.33", "Multiple Flags with VEX Justification Codes per Product", Error, multipleFlags},

	{"6.2.1", "Unused Definition of Product ID", Warning, unusedProductID},
	{"6.2.2", "Missing Remediation", Warning, missingRemediation},
	{"6.2.3", "Missing Score", Warning, missingScore},
	{"6.2.4", "Build Metadata in Revision History", Warning, buildMetadata},
	{"6.2.5", "Older Initial Release Date than Revision History", Warning, olderInitialRelease},
	{"6.2.6", "Older Current Release Date than Revision History", Warning, olderCurrentRelease},
	{"6.2.7", "Missing Date in Involvements", Warning, undatedInvolvement},
	{"6.2.8", "Use of MD5 as the only Hash Algorithm", Warning, onlyMD5},
	{"6.2.9", "Use of SHA-1 as the only Hash Algorithm", Warning, onlySHA1},
	{"6.2.10", "Missing TLP label", Warning, missingTLP},
	{"6.2.11", "Missing Canonical URL", Warning, missingCanonicalURL},
	{"6.2.12", "Missing Document Language", Warning, missingLanguage},
	{"6.2.13", "Sorting", Warning, sortedKeys},
	{"6.2.14", "Use of Private Language", Warning, privateLanguage},
	{"6.2.15", "Use of Default Language", Warning, defaultLanguage},
	{"6.2.16", "Missing Product Identification Helper", Warning, missingHelper},
	{"6.2.17", "CVE in field IDs", Warning, cveInIDs},
	{"6.2.18", "Product Version Range without vers", Warning, rangeWithoutVers},
	{"6.2.19", "CVSS for Fixed Products", Warning, cvssForFixed},
	{"6.2.20", "Additional Properties", Warning, additionalProperties},

	{"6.3.1", "Use of CVSS v2 as the only Scoring System", Info, onlyCVSS2},
	{"6.3.2", "Use of CVSS v3.0", Info, usesCVSS30},
	{"6.3.3", "Missing CVE", Info, missingCVE},
	{"6.3.4", "Missing CWE", Info, missingCWE},
	{"6.3.5", "Use of Short Hash", Info, shortHash},
	{"6.3.9", "Branch Categories", Info, branchCategories},
	{"6.3.10", "Usage of Product Version Range", Info, usesVersionRange},
	{"6.3.11", "Usage of V as Version Indicator", Info, versionIndicator},
}
