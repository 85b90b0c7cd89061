package constituency

import (
	"errors"
	"strings"

	"tocsin/spec/text"

	"github.com/package-url/packageurl-go"
)

const maxProduct = 200 // characters of a name

// parseProduct reads a package URL, kept without version, qualifiers and
// subpath, or a name.
func parseProduct(s string) (Value, error) {
	if strings.HasPrefix(strings.ToLower(s), "pkg:") {
		p, err := packageurl.FromString(s)
		if err != nil || p.Name == "" {
			return Value{}, errors.New("this is not a package URL; one looks like pkg:npm/name")
		}
		p.Version, p.Qualifiers, p.Subpath = "", nil, ""
		// Written out and read again: the form must be one that reads as itself.
		again, err := packageurl.FromString(p.ToString())
		if err != nil || again.ToString() != p.ToString() || len(p.ToString()) > MaxText {
			return Value{}, errors.New("this package URL cannot be written in one form; name the product instead")
		}
		return Value{Kind: Product, Text: p.ToString()}, nil
	}
	name, _, err := text.CleanLine(s, maxProduct)
	if err != nil {
		return Value{}, err
	}
	if name == "" {
		return Value{}, errors.New("name the product, or give its package URL")
	}
	return Value{Kind: Product, Text: name}, nil
}
