package csaf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Marshal writes a document as UTF-8 JSON: properties in alphabetical order
// (6.2.13), two spaces of indentation, no HTML escapes, nothing empty, one line
// feed at the end. It refuses, with a *[FormatError], to write what [Parse]
// would not read.
func Marshal(doc *Document) ([]byte, error) {
	if doc == nil {
		return nil, errors.New("csaf: no document to write")
	}
	if depth := branchDepth(doc); depth > MaxBranchDepth {
		return nil, refuse("branches are nested deeper than %d levels", MaxBranchDepth)
	}
	data, err := encode(doc)
	if err != nil {
		return nil, err
	}
	if _, err := Parse(data); err != nil {
		return nil, err
	}
	return data, nil
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("csaf: cannot be written: %w", err)
	}
	return b.Bytes(), nil
}

// branchDepth measures the product tree, one level beyond the bound at most.
func branchDepth(doc *Document) int {
	if doc.ProductTree == nil {
		return 0
	}
	var deepest func(branches []Branch, depth int) int
	deepest = func(branches []Branch, depth int) int {
		if len(branches) == 0 || depth > MaxBranchDepth {
			return depth
		}
		most := depth
		for _, b := range branches {
			most = max(most, deepest(b.Branches, depth+1))
		}
		return most
	}
	return deepest(doc.ProductTree.Branches, 0)
}
