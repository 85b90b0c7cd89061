package csafprovider

import (
	"strconv"
	"strings"

	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/advisory"
)

// document is a document, a hash file or a signature at its place below the
// folder of its label.
func (d *Door) document(a ask) (page, error) {
	year, err := strconv.Atoi(a.PathValue("year"))
	if err != nil || len(a.PathValue("year")) != 4 {
		return page{}, errs.Missing("file")
	}
	label := strings.ToUpper(a.PathValue("label"))
	if a.PathValue("label") != strings.ToLower(label) {
		return page{}, errs.Missing("file")
	}
	file, kind := split(a.PathValue("file"))
	doc, err := advisory.File(a.tx, a.actor, label, a.PathValue("folder"), year, file)
	if err != nil {
		return page{}, err
	}
	return companion(a, doc, kind)
}

// revision is an earlier or the present revision of a document, by its id.
func (d *Door) revision(a ask) (page, error) {
	file, kind := split(a.PathValue("file"))
	doc, err := advisory.Revision(a.tx, a.actor, a.PathValue("document"))
	if err == nil && doc.File != file {
		err = errs.Missing("file")
	}
	if err != nil {
		return page{}, err
	}
	return companion(a, doc, kind)
}

// split takes the ending of a hash or signature off a file's name.
func split(name string) (file, kind string) {
	for _, kind := range []string{".sha256", ".sha512", ".asc"} {
		if file, ok := strings.CutSuffix(name, kind); ok {
			return file, kind
		}
	}
	return name, ""
}

// companion is one of the four files of a document (7.1.18, 7.1.19). All four of
// one revision change together.
func companion(a ask, doc advisory.Document, kind string) (page, error) {
	p := page{contentType: textType, tag: doc.SHA256[:32] + kind, modified: doc.Release}
	switch kind {
	case ".sha256":
		p.body = []byte(doc.SHA256 + "  " + doc.File + "\n")
	case ".sha512":
		p.body = []byte(doc.SHA512 + "  " + doc.File + "\n")
	case ".asc":
		p.contentType, p.body = "application/pgp-signature", []byte(doc.Signature)
	default:
		var err error
		p.contentType = jsonType
		if p.body, err = advisory.Bytes(a.tx, doc); err != nil {
			return page{}, err
		}
	}
	return p, nil
}
