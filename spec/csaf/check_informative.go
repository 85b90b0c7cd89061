package csaf

import "regexp"

func onlyCVSS2(c *check) {
	c.eachScore(func(path string, s *Score) {
		if s.CVSSv2 != nil && s.CVSSv3 == nil {
			c.fault(path, "only CVSS 2.0 is given; add a score of CVSS 3.1")
		}
	})
}

func usesCVSS30(c *check) {
	c.eachScore(func(path string, s *Score) {
		if s.CVSSv3 != nil && s.CVSSv3.Version == "3.0" {
			c.fault(at(path, "cvss_v3", "version"), "CVSS 3.0 is used; 3.1 is more exact")
		}
	})
}

func missingCVE(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		if v.CVE == "" {
			c.fault(path, "the vulnerability has no CVE id")
		}
	})
}

func missingCWE(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		if v.CWE == nil {
			c.fault(path, "the vulnerability has no CWE id")
		}
	})
}

func shortHash(c *check) {
	c.eachHashes(func(path string, h Hashes) {
		for i, f := range h.FileHashes {
			if len(f.Value) < 64 {
				c.fault(at(path, "file_hashes", i, "value"), "the hash has fewer than 64 digits")
			}
		}
	})
}

// branchCategories wants vendor, product_name and product_version, in this
// order, above every product in a branch.
func branchCategories(c *check) {
	want := []string{BranchVendor, BranchProductName, BranchProductVersion}
	c.doc.eachBranch(func(path string, trail []Branch) {
		if trail[len(trail)-1].Product == nil {
			return
		}
		found := 0
		for _, b := range trail {
			if found < len(want) && b.Category == want[found] {
				found++
			}
		}
		if found < len(want) {
			c.fault(at(path, "product"), "the way to the product does not go by vendor, product_name and product_version")
		}
	})
}

func usesVersionRange(c *check) {
	c.doc.eachBranch(func(path string, trail []Branch) {
		if trail[len(trail)-1].Category == BranchProductVersionRange {
			c.fault(at(path, "category"), "a version range is used; listing the versions lets programs match them")
		}
	})
}

var leadingV = regexp.MustCompile(`^[vV][0-9]`)

func versionIndicator(c *check) {
	c.doc.eachBranch(func(path string, trail []Branch) {
		b := trail[len(trail)-1]
		if b.Category == BranchProductVersion && leadingV.MatchString(b.Name) {
			c.fault(at(path, "name"), "the version %s begins with a v; give the bare number", quoted(b.Name))
		}
	})
}
