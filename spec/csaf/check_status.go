package csaf

// statusGroups sorts the lists of a product status into groups that exclude one
// another (3.2.3.9); recommended is in none.
var statusGroups = map[string]string{
	"first_affected":      "affected",
	"known_affected":      "affected",
	"last_affected":       "affected",
	"known_not_affected":  "not affected",
	"first_fixed":         "fixed",
	"fixed":               "fixed",
	"under_investigation": "under investigation",
}

func contradictingStatus(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		groupOf := map[string]string{}
		for _, l := range v.ProductStatus.lists() {
			group, ok := statusGroups[l.name]
			if !ok {
				continue
			}
			for i, id := range l.ids {
				if other, known := groupOf[id]; known && other != group {
					c.fault(at(path, "product_status", l.name, i), "the product %s is both %s and %s", quoted(id), other, group)
					continue
				}
				groupOf[id] = group
			}
		}
	})
}

func multipleCVE(c *check) {
	seen := map[string]int{}
	c.eachVulnerability(func(path string, v *Vulnerability) {
		if v.CVE == "" {
			return
		}
		if first, twice := seen[v.CVE]; twice {
			c.fault(at(path, "cve"), "%s is already the CVE of vulnerability %d", v.CVE, first)
			return
		}
		seen[v.CVE] = len(seen)
	})
}

func multipleInvolvement(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		seen := map[string]bool{}
		for i, in := range v.Involvements {
			t, err := Time(in.Date)
			if err != nil {
				continue // without a date there is no date to share
			}
			key := in.Party + " " + t.String()
			if seen[key] {
				c.fault(at(path, "involvements", i), "the %s has two involvements of the same date", in.Party)
			}
			seen[key] = true
		}
	})
}

func remediationWithoutProduct(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		for i, r := range v.Remediations {
			if len(r.ProductIDs)+len(r.GroupIDs) == 0 {
				c.fault(at(path, "remediations", i), "the remediation names no product and no group")
			}
		}
	})
}

func flagWithoutProduct(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		for i, f := range v.Flags {
			if len(f.ProductIDs)+len(f.GroupIDs) == 0 {
				c.fault(at(path, "flags", i), "the flag names no product and no group")
			}
		}
	})
}

func multipleFlags(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		label := map[string]string{}
		for i, f := range v.Flags {
			for _, id := range sortedKeysOf(c.members(f.ProductIDs, f.GroupIDs)) {
				if first, twice := label[id]; twice {
					c.fault(at(path, "flags", i), "the product %s already has the justification %s", quoted(id), first)
					continue
				}
				label[id] = f.Label
			}
		}
	})
}

func sortedKeysOf(set map[string]bool) []string {
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	return sorted(keys)
}
