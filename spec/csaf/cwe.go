package csaf

import (
	_ "embed"
	"strings"
)

// weaknessExists compares names only for the weaknesses of weaknessNames; of
// others it takes the name on trust, since a wrong objection would keep a valid
// document out.
func weaknessExists(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		if v.CWE == nil {
			return
		}
		if !patternCWE.MatchString(v.CWE.ID) {
			c.fault(at(path, "cwe", "id"), "%s is not a CWE id like CWE-79", quoted(v.CWE.ID))
			return
		}
		name, known := WeaknessName(v.CWE.ID)
		given := strings.TrimSpace(v.CWE.Name)
		if known && given != name && formerNames[v.CWE.ID] != given {
			c.fault(at(path, "cwe", "name"), "%s is called %q, not %s", v.CWE.ID, name, quoted(v.CWE.Name))
		}
	})
}

// WeaknessName is the name that the Common Weakness Enumeration gives to an id
// like "CWE-79"; known is false for one that this package has no name for, which
// does not mean that it does not exist.
func WeaknessName(id string) (name string, known bool) {
	name, known = weaknessNames[id]
	return name, known
}

// weaknessTable holds the weaknesses that advisories commonly name, one a line:
// number and name.
//
//go:embed cwe_names.txt
var weaknessTable string

var weaknessNames = readWeaknesses(weaknessTable)

func readWeaknesses(table string) map[string]string {
	names := map[string]string{}
	for line := range strings.Lines(table) {
		if number, name, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			names["CWE-"+number] = name
		}
	}
	return names
}

// formerNames are names of earlier CWE versions, right when they were written.
var formerNames = map[string]string{
	"CWE-119": "Failure to Constrain Operations within the Bounds of a Memory Buffer",
	"CWE-184": "Incomplete Blacklist",
	"CWE-200": "Information Exposure",
	"CWE-203": "Information Exposure Through Discrepancy",
	"CWE-208": "Information Exposure Through Timing Discrepancy",
	"CWE-209": "Information Exposure Through an Error Message",
	"CWE-256": "Unprotected Storage of Credentials",
	"CWE-300": "Channel Accessible by Non-Endpoint ('Man-in-the-Middle')",
	"CWE-328": "Reversible One-Way Hash",
	"CWE-400": "Uncontrolled Resource Consumption ('Resource Exhaustion')",
	"CWE-489": "Leftover Debug Code",
	"CWE-532": "Inclusion of Sensitive Information in Log Files",
	"CWE-538": "File and Directory Information Exposure",
	"CWE-548": "Information Exposure Through Directory Listing",
	"CWE-598": "Information Exposure Through Query Strings in GET Request",
	"CWE-611": "Improper Restriction of XML External Entity Reference ('XXE')",
}
