package advisory

import "tocsin/spec/csaf"

// Described is what lists and pages say of a document of the alliance's own
// that is not stored, as a preview is not. It has neither hashes nor a
// signature.
func Described(doc *csaf.Document) (Document, error) {
	var d Document
	if err := d.describe(doc); err != nil {
		return d, err
	}
	d.Facts = factsOf(doc)
	d.Facts.Markdown = true
	return d, nil
}
