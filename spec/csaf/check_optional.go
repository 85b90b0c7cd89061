package csaf

import (
	"regexp"
	"strings"
)

// unusedProductID does not apply to informational advisories, which have no
// vulnerabilities to use products in.
func unusedProductID(c *check) {
	if c.category(CategoryInformationalAdvisory) {
		return
	}
	used := map[string]bool{}
	c.doc.eachProductReference(func(_, id string) { used[id] = true })
	for _, p := range c.doc.Products() {
		if !used[p.ProductID] {
			c.fault(at(p.Path, "product_id"), "the product %s is defined but never used", quoted(p.ProductID))
		}
	}
}

// eachStatus visits the products of the named status lists.
func (v *Vulnerability) eachStatus(path string, names []string, visit func(path, id string)) {
	for _, l := range v.ProductStatus.lists() {
		for _, n := range names {
			if l.name != n {
				continue
			}
			for i, id := range l.ids {
				visit(at(path, "product_status", l.name, i), id)
			}
		}
	}
}

var affectedLists = []string{"first_affected", "known_affected", "last_affected"}

func missingRemediation(c *check) {
	lists := append([]string{"under_investigation"}, affectedLists...)
	c.eachVulnerability(func(path string, v *Vulnerability) {
		remedied := c.remedied(v)
		v.eachStatus(path, lists, func(path, id string) {
			if !remedied[id] {
				c.fault(path, "no remediation speaks of the product %s", quoted(id))
			}
		})
	})
}

func missingScore(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		scored := map[string]bool{}
		for _, s := range v.Scores {
			for _, id := range s.Products {
				scored[id] = true
			}
		}
		v.eachStatus(path, affectedLists, func(path, id string) {
			if !scored[id] {
				c.fault(path, "no score is given for the affected product %s", quoted(id))
			}
		})
	})
}

func buildMetadata(c *check) {
	for _, h := range c.doc.history() {
		if h.version.build != "" {
			c.fault(at(trackingPath, "revision_history", h.index, "number"), "version %s has build metadata", quoted(h.Number))
		}
	}
}

func olderInitialRelease(c *check) {
	history := c.doc.history()
	if len(history) > 0 && timeOr0(c.doc.Document.Tracking.InitialReleaseDate).Before(timeOr0(history[0].Date)) {
		c.fault(at(trackingPath, "initial_release_date"), "is before the first entry of the revision history")
	}
}

func olderCurrentRelease(c *check) {
	history := c.doc.history()
	if len(history) > 0 && timeOr0(c.doc.Document.Tracking.CurrentReleaseDate).Before(timeOr0(history[len(history)-1].Date)) {
		c.fault(at(trackingPath, "current_release_date"), "is before the last entry of the revision history")
	}
}

func undatedInvolvement(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		for i, in := range v.Involvements {
			if in.Date == "" {
				c.fault(at(path, "involvements", i), "the involvement of the %s has no date", in.Party)
			}
		}
	})
}

func onlyMD5(c *check)  { c.onlyHash("md5") }
func onlySHA1(c *check) { c.onlyHash("sha1") }

func (c *check) onlyHash(algorithm string) {
	c.eachHashes(func(path string, h Hashes) {
		for _, f := range h.FileHashes {
			if !strings.EqualFold(f.Algorithm, algorithm) {
				return
			}
		}
		if len(h.FileHashes) > 0 {
			c.fault(path, "the file has no hash stronger than %s", algorithm)
		}
	})
}

func missingTLP(c *check) {
	if d := c.doc.Document.Distribution; d == nil || d.TLP == nil || d.TLP.Label == "" {
		c.fault("/document/distribution/tlp", "the document has no TLP label")
	}
}

func missingCanonicalURL(c *check) {
	file := FileName(c.doc.Document.Tracking.ID)
	for _, r := range c.doc.Document.References {
		if r.Category == "self" && strings.HasPrefix(r.URL, "https://") && strings.HasSuffix(r.URL, "/"+file) {
			return
		}
	}
	c.fault("/document/references", "no reference of category self has a https URL that ends in /%s", file)
}

func sortedKeys(c *check) {
	if c.doc.source == nil {
		return
	}
	for _, path := range c.doc.source.unsorted {
		c.fault(path, "the properties are not in alphabetical order")
	}
}

func additionalProperties(c *check) {
	if c.doc.source == nil {
		return
	}
	for _, path := range c.doc.source.additional {
		c.fault(path, "the property is not part of CSAF 2.0")
	}
}

func missingHelper(c *check) {
	for _, p := range c.doc.Products() {
		if p.ProductIdentificationHelper == nil {
			c.fault(p.Path, "the product %s has no identification helper", quoted(p.ProductID))
		}
	}
}

func cveInIDs(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		for i, id := range v.IDs {
			if patternCVE.MatchString(id.Text) {
				c.fault(at(path, "ids", i), "%s belongs into the property cve", id.Text)
			}
		}
	})
}

// patternRange is a version range in the vers notation (3.1.2.3.2).
var patternRange = regexp.MustCompile(`^vers:[a-z.\-+][a-z0-9.\-+]*/.+`)

func rangeWithoutVers(c *check) {
	c.doc.eachBranch(func(path string, trail []Branch) {
		b := trail[len(trail)-1]
		if b.Category == BranchProductVersionRange && !patternRange.MatchString(b.Name) {
			c.fault(at(path, "name"), "the range %s is not written as vers:…, so no program can read it", quoted(b.Name))
		}
	})
}

// cvssForFixed: a fixed product's environmental score is 0, otherwise the score
// tells of a danger that is no more.
func cvssForFixed(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		fixed := map[string]bool{}
		v.eachStatus(path, []string{"first_fixed", "fixed"}, func(_, id string) { fixed[id] = true })
		if len(fixed) == 0 {
			return
		}
		for i, s := range v.Scores {
			if harmless(s) {
				continue
			}
			for j, id := range s.Products {
				if fixed[id] {
					c.fault(at(path, "scores", i, "products", j), "the product %s is fixed, but the environmental score is not 0", quoted(id))
				}
			}
		}
	})
}

func harmless(s Score) bool {
	if s.CVSSv2 != nil && environmental2(s.CVSSv2) != 0 {
		return false
	}
	return s.CVSSv3 == nil || environmental3(s.CVSSv3) == 0
}

// environmental2 is the stated environmental score, else the one computed from
// the vector together with metrics that only the properties state.
func environmental2(s *CVSSv2) float64 {
	if s.EnvironmentalScore != nil {
		return *s.EnvironmentalScore
	}
	r, err := compute2(completed(s, s.VectorString, cvss2Metrics))
	if err != nil {
		return s.BaseScore
	}
	return r.environmental
}

func environmental3(s *CVSSv3) float64 {
	if s.EnvironmentalScore != nil {
		return *s.EnvironmentalScore
	}
	r, err := compute3(s.Version, completed(s, s.VectorString, cvss3Metrics))
	if err != nil {
		return s.BaseScore
	}
	return r.environmental
}

func completed(s any, text string, metrics []metricNames) vector {
	v, err := readVector(text)
	if err != nil {
		return vector{}
	}
	stated := properties(s)
	for _, m := range metrics {
		if _, known := v[m.metric]; known {
			continue
		}
		for value, word := range m.words {
			if stated[m.property] == word {
				v[m.metric] = value
			}
		}
	}
	return v
}
