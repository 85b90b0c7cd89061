package csaf

// Branch categories that this package itself uses; the standard has more (3.1.2.2).
const (
	BranchVendor              = "vendor"
	BranchProductName         = "product_name"
	BranchProductVersion      = "product_version"
	BranchProductVersionRange = "product_version_range"
)

// ProductTree defines every product that the document speaks of (3.2.2).
type ProductTree struct {
	Branches         []Branch          `json:"branches,omitempty"`
	FullProductNames []FullProductName `json:"full_product_names,omitempty"`
	ProductGroups    []ProductGroup    `json:"product_groups,omitempty"`
	Relationships    []Relationship    `json:"relationships,omitempty"`
}

// Branch is one node of the tree (3.1.2): a name, its kind, and either further
// branches or a product.
type Branch struct {
	Branches []Branch         `json:"branches,omitempty"`
	Category string           `json:"category"`
	Name     string           `json:"name"`
	Product  *FullProductName `json:"product,omitempty"`
}

// FullProductName defines a product id (3.1.3).
type FullProductName struct {
	Name                        string                `json:"name"`
	ProductID                   string                `json:"product_id"`
	ProductIdentificationHelper *IdentificationHelper `json:"product_identification_helper,omitempty"`
}

// IdentificationHelper helps to find the product in an inventory (3.1.3.3).
type IdentificationHelper struct {
	CPE           string       `json:"cpe,omitempty"`
	Hashes        []Hashes     `json:"hashes,omitempty"`
	ModelNumbers  []string     `json:"model_numbers,omitempty"`
	PURL          string       `json:"purl,omitempty"`
	SBOMURLs      []string     `json:"sbom_urls,omitempty"`
	SerialNumbers []string     `json:"serial_numbers,omitempty"`
	SKUs          []string     `json:"skus,omitempty"`
	GenericURIs   []GenericURI `json:"x_generic_uris,omitempty"`
}

// Hashes are the hashes of one file.
type Hashes struct {
	FileHashes []FileHash `json:"file_hashes"`
	Filename   string     `json:"filename"`
}

// FileHash is one hash, in hexadecimal, with the name of its algorithm as
// OpenSSL spells it ("sha256").
type FileHash struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"`
}

// GenericURI is an identifier of a scheme the standard does not know.
type GenericURI struct {
	Namespace string `json:"namespace"`
	URI       string `json:"uri"`
}

// ProductGroup names a set of at least two products (3.2.2.3).
type ProductGroup struct {
	GroupID    string   `json:"group_id"`
	ProductIDs []string `json:"product_ids"`
	Summary    string   `json:"summary,omitempty"`
}

// Relationship defines a product by two others: "A installed on B" (3.2.2.4).
type Relationship struct {
	Category                  string          `json:"category"`
	FullProductName           FullProductName `json:"full_product_name"`
	ProductReference          string          `json:"product_reference"`
	RelatesToProductReference string          `json:"relates_to_product_reference"`
}

// Product is a product definition together with where it stands.
type Product struct {
	FullProductName
	Path     string   // JSON pointer to the full_product_name_t
	Branches []Branch // from the root to the branch that holds it; empty outside branches
}

// Branch gives the name of the innermost branch of a category above the
// product, or "".
func (p Product) Branch(category string) string {
	for i := len(p.Branches) - 1; i >= 0; i-- {
		if p.Branches[i].Category == category {
			return p.Branches[i].Name
		}
	}
	return ""
}

// Products lists every product definition of the document in document order:
// branches, full_product_names, relationships.
func (d *Document) Products() []Product {
	if d.ProductTree == nil {
		return nil
	}
	var out []Product
	d.eachBranch(func(path string, trail []Branch) {
		if p := trail[len(trail)-1].Product; p != nil {
			out = append(out, Product{*p, at(path, "product"), append([]Branch(nil), trail...)})
		}
	})
	for i, p := range d.ProductTree.FullProductNames {
		out = append(out, Product{FullProductName: p, Path: at("/product_tree/full_product_names", i)})
	}
	for i, r := range d.ProductTree.Relationships {
		out = append(out, Product{FullProductName: r.FullProductName, Path: at("/product_tree/relationships", i, "full_product_name")})
	}
	return out
}

// eachBranch calls visit for every branch, with the pointer to it and the
// branches from the root down to it. It goes no deeper than MaxBranchDepth,
// which reading enforces and Marshal refuses to exceed.
func (d *Document) eachBranch(visit func(path string, trail []Branch)) {
	if d.ProductTree == nil {
		return
	}
	var walk func(path string, branches []Branch, trail []Branch)
	walk = func(path string, branches []Branch, trail []Branch) {
		if len(trail) >= MaxBranchDepth {
			return
		}
		for i := range branches {
			here := append(trail, branches[i])
			p := at(path, "branches", i)
			visit(p, here)
			walk(p, branches[i].Branches, here)
		}
	}
	walk("/product_tree", d.ProductTree.Branches, make([]Branch, 0, MaxBranchDepth))
}
