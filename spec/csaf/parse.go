package csaf

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Parse reads a document strictly: one JSON object in UTF-8, within the bounds,
// no name twice in an object, and true to the format in every property that
// the standard names, CVSS objects included. Properties that it does not name
// are legal. On any fault the error is a *[FormatError] and the document nil.
func Parse(data []byte) (*Document, error) {
	doc, findings, err := Decode(data)
	if err != nil {
		return nil, err
	}
	if len(findings) > 0 {
		return nil, &FormatError{findings}
	}
	return doc, nil
}

// Decode reads what can be read of a document: the findings tell what is wrong
// with its format, and the document holds everything of the right type. The
// error is a *[FormatError] for bytes that are no JSON object within the bounds.
func Decode(data []byte) (*Document, []Finding, error) {
	doc := &Document{}
	r, t, err := decodeInto(doc, documentShape, data)
	if err != nil {
		return nil, nil, err
	}
	doc.source = &source{unsorted: t.unsorted, additional: r.additional}
	for _, f := range r.findings {
		if f.Rule == ruleCVSS {
			doc.source.cvss = append(doc.source.cvss, f)
		}
	}
	return doc, r.findings, nil
}

// decodeInto reads data of a shape into target. A fault in the JSON itself is an
// error, a fault of shape a finding of the reading.
func decodeInto(target any, s shape, data []byte) (*reading, *treeReader, error) {
	tree, t, err := readTree(data)
	if err != nil {
		return nil, nil, refuse("%s", err)
	}
	if _, ok := tree.(*object); !ok {
		return nil, nil, refuse("the document must be a JSON object, not %s", kind(tree))
	}
	r := &reading{rule: RuleSchema}
	for _, path := range t.duplicates {
		r.fault(path, "occurs twice in its object")
	}
	reduced, _ := s(r, "", tree)
	clean, err := json.Marshal(reduced)
	if err == nil {
		err = json.Unmarshal(clean, target)
	}
	if err != nil {
		return nil, nil, refuse("cannot be read: %s", err)
	}
	return r, t, nil
}

func refuse(format string, args ...any) error {
	return &FormatError{[]Finding{{RuleSchema, Error, "", fmt.Sprintf(format, args...)}}}
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
