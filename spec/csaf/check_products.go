package csaf

import (
	"regexp"
	"strings"

	packageurl "github.com/package-url/packageurl-go"
)

// eachProductReference visits every use of a product id outside its definition.
func (d *Document) eachProductReference(visit func(path, id string)) {
	several := func(path string, ids []string) {
		for i, id := range ids {
			visit(at(path, i), id)
		}
	}
	if t := d.ProductTree; t != nil {
		for i, g := range t.ProductGroups {
			several(at("/product_tree/product_groups", i, "product_ids"), g.ProductIDs)
		}
		for i, r := range t.Relationships {
			visit(at("/product_tree/relationships", i, "product_reference"), r.ProductReference)
			visit(at("/product_tree/relationships", i, "relates_to_product_reference"), r.RelatesToProductReference)
		}
	}
	for i := range d.Vulnerabilities {
		v, path := &d.Vulnerabilities[i], at("/vulnerabilities", i)
		for j, f := range v.Flags {
			several(at(path, "flags", j, "product_ids"), f.ProductIDs)
		}
		for _, l := range v.ProductStatus.lists() {
			several(at(path, "product_status", l.name), l.ids)
		}
		for j, r := range v.Remediations {
			several(at(path, "remediations", j, "product_ids"), r.ProductIDs)
		}
		for j, s := range v.Scores {
			several(at(path, "scores", j, "products"), s.Products)
		}
		for j, t := range v.Threats {
			several(at(path, "threats", j, "product_ids"), t.ProductIDs)
		}
	}
}

// eachGroupReference visits every use of a product group id.
func (d *Document) eachGroupReference(visit func(path, id string)) {
	several := func(path string, ids []string) {
		for i, id := range ids {
			visit(at(path, i), id)
		}
	}
	for i := range d.Vulnerabilities {
		v, path := &d.Vulnerabilities[i], at("/vulnerabilities", i)
		for j, f := range v.Flags {
			several(at(path, "flags", j, "group_ids"), f.GroupIDs)
		}
		for j, r := range v.Remediations {
			several(at(path, "remediations", j, "group_ids"), r.GroupIDs)
		}
		for j, t := range v.Threats {
			several(at(path, "threats", j, "group_ids"), t.GroupIDs)
		}
	}
}

// groups maps group ids to their products.
func (d *Document) groups() map[string][]string {
	m := map[string][]string{}
	if d.ProductTree != nil {
		for _, g := range d.ProductTree.ProductGroups {
			m[g.GroupID] = append(m[g.GroupID], g.ProductIDs...)
		}
	}
	return m
}

func missingProductID(c *check) {
	defined := map[string]bool{}
	for _, p := range c.doc.Products() {
		defined[p.ProductID] = true
	}
	c.doc.eachProductReference(func(path, id string) {
		if !defined[id] {
			c.fault(path, "the product %s is not defined in the product tree", quoted(id))
		}
	})
}

func multipleProductID(c *check) {
	first := map[string]string{}
	for _, p := range c.doc.Products() {
		if other, twice := first[p.ProductID]; twice {
			c.fault(at(p.Path, "product_id"), "the product %s is already defined at %s", quoted(p.ProductID), other)
			continue
		}
		first[p.ProductID] = p.Path
	}
}

// circularProductID resolves relationships from the products that need none; what
// cannot be resolved so is made, in the end, of itself.
func circularProductID(c *check) {
	if c.doc.ProductTree == nil {
		return
	}
	made := map[string]int{}          // products not yet resolved: how many parts are missing
	neededBy := map[string][]string{} // part to the products made of it
	for _, r := range c.doc.ProductTree.Relationships {
		made[r.FullProductName.ProductID] = 0
	}
	for _, r := range c.doc.ProductTree.Relationships {
		for _, part := range []string{r.ProductReference, r.RelatesToProductReference} {
			if _, isMade := made[part]; isMade {
				made[r.FullProductName.ProductID]++
				neededBy[part] = append(neededBy[part], r.FullProductName.ProductID)
			}
		}
	}
	var resolved []string
	for id, missing := range made {
		if missing == 0 {
			resolved = append(resolved, id)
		}
	}
	for len(resolved) > 0 {
		id := resolved[len(resolved)-1]
		resolved = resolved[:len(resolved)-1]
		for _, product := range neededBy[id] {
			if made[product]--; made[product] == 0 {
				resolved = append(resolved, product)
			}
		}
	}
	for i, r := range c.doc.ProductTree.Relationships {
		if id := r.FullProductName.ProductID; made[id] > 0 {
			c.fault(at("/product_tree/relationships", i), "the definition of the product %s leads into a circle", quoted(id))
		}
	}
}

func missingGroupID(c *check) {
	groups := c.doc.groups()
	c.doc.eachGroupReference(func(path, id string) {
		if _, ok := groups[id]; !ok {
			c.fault(path, "the product group %s is not defined in the product tree", quoted(id))
		}
	})
}

func multipleGroupID(c *check) {
	if c.doc.ProductTree == nil {
		return
	}
	seen := map[string]int{}
	for i, g := range c.doc.ProductTree.ProductGroups {
		if first, twice := seen[g.GroupID]; twice {
			c.fault(at("/product_tree/product_groups", i, "group_id"), "the product group %s is already defined by group %d", quoted(g.GroupID), first)
			continue
		}
		seen[g.GroupID] = i
	}
}

func packageURL(c *check) {
	for _, p := range c.doc.Products() {
		h := p.ProductIdentificationHelper
		if h == nil || h.PURL == "" {
			continue
		}
		if _, err := packageurl.FromString(h.PURL); err != nil {
			c.fault(at(p.Path, "product_identification_helper", "purl"), "%s is not a package URL: %s", quoted(h.PURL), err)
		}
	}
}

// eachHashes visits the hashes of every file named by an identification helper.
func (c *check) eachHashes(visit func(path string, h Hashes)) {
	for _, p := range c.doc.Products() {
		if p.ProductIdentificationHelper == nil {
			continue
		}
		for i, h := range p.ProductIdentificationHelper.Hashes {
			visit(at(p.Path, "product_identification_helper", "hashes", i), h)
		}
	}
}

func multipleHash(c *check) {
	c.eachHashes(func(path string, h Hashes) {
		seen := map[string]bool{}
		for i, f := range h.FileHashes {
			if seen[f.Algorithm] {
				c.fault(at(path, "file_hashes", i), "the file has two hashes of the algorithm %s", quoted(f.Algorithm))
			}
			seen[f.Algorithm] = true
		}
	})
}

// rangeMarks are what betrays a range in a name (6.1.31): an operator, or a word
// that stands alone between white space.
var rangeMarks = regexp.MustCompile(`[<>]=?|(?:^|\s)(?i:after|all|before|earlier|later|prior|versions)(?:$|\s)`)

func rangeInVersion(c *check) {
	c.doc.eachBranch(func(path string, trail []Branch) {
		b := trail[len(trail)-1]
		if b.Category != BranchProductVersion {
			return
		}
		if mark := rangeMarks.FindString(b.Name); mark != "" {
			c.fault(at(path, "name"), "the product version %s holds a range (%s); use a branch of category product_version_range", quoted(b.Name), strings.TrimSpace(mark))
		}
	})
}
