package csaf

import (
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strings"
)

// ProductID is the product id of a product version. It depends on the names
// alone, so it stays the same from revision to revision and from document to
// document.
func ProductID(k ProductKey) string {
	k = k.clean()
	sum := sha256.Sum256([]byte(k.Vendor + "\x00" + k.Name + "\x00" + k.Version))
	return "CSAFPID-" + hex.EncodeToString(sum[:8])
}

func (k ProductKey) clean() ProductKey {
	return ProductKey{oneLine(k.Vendor), oneLine(k.Name), oneLine(k.Version)}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// product notes that the document speaks of a product and gives its id.
func (c *composer) product(path string, k ProductKey) (string, bool) {
	k = k.clean()
	if k.Vendor == "" || k.Name == "" {
		c.remark(Error, path, "a product needs a vendor and a name")
		return "", false
	}
	p, ok := c.products[k]
	if !ok {
		version := orElse(k.Version, "all versions")
		p = &FullProductName{Name: k.Vendor + " " + k.Name + " " + version, ProductID: ProductID(k)}
		c.products[k] = p
	}
	return p.ProductID, true
}

// ids are the ids of several products, each once, in the order given.
func (c *composer) ids(path string, keys []ProductKey) []string {
	var ids []string
	for _, k := range keys {
		if id, ok := c.product(path, k); ok {
			ids = appendNew(ids, id)
		}
	}
	return ids
}

// tree is the product tree: vendor, product_name, product_version or
// product_version_range, in the order of their names; nil without products.
func (c *composer) tree() *ProductTree {
	if len(c.products) == 0 {
		return nil
	}
	keys := make([]ProductKey, 0, len(c.products))
	for k := range c.products {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := keys[i], keys[j]
		if a.Vendor != b.Vendor {
			return a.Vendor < b.Vendor
		}
		if a.Name != b.Name {
			return a.Name < b.Name
		}
		return a.Version < b.Version
	})
	tree := &ProductTree{}
	for _, k := range keys {
		vendor := lastBranch(&tree.Branches, BranchVendor, k.Vendor)
		name := lastBranch(&vendor.Branches, BranchProductName, k.Name)
		category, label := versionBranch(k.Version)
		name.Branches = append(name.Branches, Branch{Category: category, Name: label, Product: c.products[k]})
	}
	return tree
}

// lastBranch is the last branch if it has the name, else a new one.
func lastBranch(branches *[]Branch, category, name string) *Branch {
	if n := len(*branches); n == 0 || (*branches)[n-1].Name != name {
		*branches = append(*branches, Branch{Category: category, Name: name})
	}
	return &(*branches)[len(*branches)-1]
}

// versionBranch tells a version from a range (6.1.31).
func versionBranch(version string) (category, name string) {
	switch {
	case version == "":
		return BranchProductVersionRange, "vers:all/*"
	case strings.HasPrefix(version, "vers:"), rangeMarks.MatchString(version):
		return BranchProductVersionRange, version
	}
	return BranchProductVersion, version
}
