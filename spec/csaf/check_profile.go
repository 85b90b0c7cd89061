package csaf

import (
	"slices"
	"strings"
	"unicode"
)

// profiles are the categories with a profile beyond CSAF Base (section 4).
var profiles = []string{
	CategorySecurityIncidentResponse,
	CategoryInformationalAdvisory,
	CategorySecurityAdvisory,
	CategoryVEX,
}

func (c *check) category(any ...string) bool {
	return slices.Contains(any, c.doc.Document.Category)
}

// prohibitedCategory keeps documents from looking as if they followed a profile
// that they do not name exactly. The prefix csaf_ is reserved for profiles.
func prohibitedCategory(c *check) {
	if c.category(profiles...) || c.category(CategoryBase) {
		return
	}
	if strings.HasPrefix(c.doc.Document.Category, "csaf_") {
		c.fault("/document/category", "%s is no profile of CSAF 2.0, which keeps the prefix csaf_ for them", quoted(c.doc.Document.Category))
		return
	}
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == '_' || r == '-' || unicode.IsSpace(r) {
				return -1
			}
			return unicode.ToLower(r)
		}, s)
	}
	own := plain(c.doc.Document.Category)
	for _, p := range profiles {
		if own == plain(p) || own == plain(strings.TrimPrefix(p, "csaf_")) {
			c.fault("/document/category", "%s can be mistaken for the profile %s; name the profile exactly or choose another category", quoted(c.doc.Document.Category), p)
			return
		}
	}
}

func profileNotes(c *check) {
	if !c.category(CategoryInformationalAdvisory, CategorySecurityIncidentResponse) {
		return
	}
	for _, n := range c.doc.Document.Notes {
		switch n.Category {
		case "description", "details", "general", "summary":
			return
		}
	}
	c.fault("/document/notes", "the profile needs a note of category description, details, general or summary")
}

func profileReferences(c *check) {
	if !c.category(CategoryInformationalAdvisory, CategorySecurityIncidentResponse) {
		return
	}
	for _, r := range c.doc.Document.References {
		if r.Category == "external" || r.Category == "" { // external is the default
			return
		}
	}
	c.fault("/document/references", "the profile needs a reference of category external")
}

func profileNoVulnerabilities(c *check) {
	if c.category(CategoryInformationalAdvisory) && len(c.doc.Vulnerabilities) > 0 {
		c.fault("/vulnerabilities", "an informational advisory must not list vulnerabilities")
	}
}

func profileProductTree(c *check) {
	if c.category(CategorySecurityAdvisory, CategoryVEX) && c.doc.ProductTree == nil {
		c.fault("/product_tree", "the profile needs a product tree")
	}
}

func profileVulnerabilities(c *check) {
	if c.category(CategorySecurityAdvisory, CategoryVEX) && len(c.doc.Vulnerabilities) == 0 {
		c.fault("/vulnerabilities", "the profile needs at least one vulnerability")
	}
}

func profileVulnerabilityNotes(c *check) {
	if !c.category(CategorySecurityAdvisory, CategoryVEX) {
		return
	}
	c.eachVulnerability(func(path string, v *Vulnerability) {
		if len(v.Notes) == 0 {
			c.fault(at(path, "notes"), "the profile needs a note for each vulnerability")
		}
	})
}

func profileProductStatus(c *check) {
	if !c.category(CategorySecurityAdvisory) {
		return
	}
	c.eachVulnerability(func(path string, v *Vulnerability) {
		if v.ProductStatus == nil {
			c.fault(at(path, "product_status"), "the profile needs a product status for each vulnerability")
		}
	})
}

func vexProductStatus(c *check) {
	if !c.category(CategoryVEX) {
		return
	}
	c.eachVulnerability(func(path string, v *Vulnerability) {
		s := v.ProductStatus
		if s == nil || len(s.Fixed)+len(s.KnownAffected)+len(s.KnownNotAffected)+len(s.UnderInvestigation) == 0 {
			c.fault(at(path, "product_status"), "a VEX document needs fixed, known_affected, known_not_affected or under_investigation for each vulnerability")
		}
	})
}

func vexVulnerabilityID(c *check) {
	if !c.category(CategoryVEX) {
		return
	}
	c.eachVulnerability(func(path string, v *Vulnerability) {
		if v.CVE == "" && len(v.IDs) == 0 {
			c.fault(path, "a VEX document needs a CVE or another id for each vulnerability")
		}
	})
}

func vexImpactStatement(c *check) {
	if !c.category(CategoryVEX) {
		return
	}
	c.eachVulnerability(func(path string, v *Vulnerability) {
		if v.ProductStatus == nil {
			return
		}
		explained := map[string]bool{}
		for _, f := range v.Flags {
			for id := range c.members(f.ProductIDs, f.GroupIDs) {
				explained[id] = true
			}
		}
		for _, t := range v.Threats {
			if t.Category == "impact" {
				for id := range c.members(t.ProductIDs, t.GroupIDs) {
					explained[id] = true
				}
			}
		}
		for i, id := range v.ProductStatus.KnownNotAffected {
			if !explained[id] {
				c.fault(at(path, "product_status", "known_not_affected", i), "nothing says why the product %s is not affected; add a flag or a threat of category impact", quoted(id))
			}
		}
	})
}

func vexActionStatement(c *check) {
	if !c.category(CategoryVEX) {
		return
	}
	c.eachVulnerability(func(path string, v *Vulnerability) {
		if v.ProductStatus == nil {
			return
		}
		remedied := c.remedied(v)
		for i, id := range v.ProductStatus.KnownAffected {
			if !remedied[id] {
				c.fault(at(path, "product_status", "known_affected", i), "nothing says what to do about the affected product %s; add a remediation", quoted(id))
			}
		}
	})
}
