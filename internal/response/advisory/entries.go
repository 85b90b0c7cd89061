package advisory

import (
	"regexp"
	"slices"
	"strings"

	"tocsin/spec/csaf"
	"tocsin/spec/vex"

	"github.com/package-url/packageurl-go"
)

// entries are the product versions that a vulnerability's statuses name, each
// with the one status it has. Where two words contradict each other on the
// same version, the worse holds: a document must not say both (6.1.6).
type entries struct {
	order []csaf.ProductKey
	by    map[csaf.ProductKey]entry
}

type entry struct {
	word
	status vex.Status
}

func newEntries() *entries { return &entries{by: map[csaf.ProductKey]entry{}} }

func (e *entries) add(w word) {
	switch w.Status.Status {
	case vex.Affected, vex.Fixed:
		for _, version := range w.Affected {
			e.put(w, version, vex.Affected)
		}
		for _, version := range w.Fixed {
			e.put(w, version, vex.Fixed)
		}
		// Without a version the word is about all of them.
		if named := len(w.Affected); w.Status.Status == vex.Affected && named == 0 {
			e.put(w, "", vex.Affected)
		} else if w.Status.Status == vex.Fixed && len(w.Fixed) == 0 {
			e.put(w, "", vex.Fixed)
		}
	default:
		e.put(w, "", w.Status.Status)
	}
}

func (e *entries) put(w word, version string, status vex.Status) {
	name := allProducts
	if w.product != nil {
		name = w.product.Name
	}
	k := csaf.ProductKey{Vendor: oneLine(w.party.Name), Name: oneLine(name), Version: oneLine(version)}
	old, known := e.by[k]
	if !known {
		e.order = append(e.order, k)
	}
	if !known || slices.Index(gravity, status) < slices.Index(gravity, old.status) {
		e.by[k] = entry{w, status}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func (e *entries) statuses() []csaf.DraftStatus {
	var out []csaf.DraftStatus
	for _, k := range e.order {
		x := e.by[k]
		d := csaf.DraftStatus{Product: k, Status: x.status.CSAF()}
		if x.status == vex.NotAffected {
			d.Justification, d.Impact = string(x.Justification), x.Statement
			if d.Justification != "" && strings.TrimSpace(d.Impact) == "" {
				d.Impact = x.Justification.Label()
			}
		}
		out = append(out, d)
	}
	return out
}

// remediations say of every affected version what its vendor says: the
// versions that fix it, or that there is none.
func (e *entries) remediations() []csaf.DraftRemediation {
	var out []csaf.DraftRemediation
	place := map[string]int{}
	for _, k := range e.order {
		x := e.by[k]
		if x.status != vex.Affected {
			continue
		}
		r := csaf.DraftRemediation{Category: "none_available", Details: x.party.Name + " names no fixed version."}
		if len(x.Fixed) > 0 {
			r.Category, r.Details = "vendor_fix", "Update to "+list(x.Fixed)+"."
		} else if strings.TrimSpace(x.Statement) != "" {
			r.Details += " Its statement says what to do meanwhile."
		}
		key := k.Vendor + "\x00" + k.Name + "\x00" + r.Category + r.Details
		i, known := place[key]
		if !known {
			i = len(out)
			place[key] = i
			out = append(out, r)
		}
		out[i].Products = append(out[i].Products, k)
	}
	return out
}

func list(versions []string) string {
	if n := len(versions); n > 1 {
		return strings.Join(versions[:n-1], ", ") + " or " + versions[n-1]
	}
	return strings.Join(versions, "")
}

// cpe22or23 is roughly what the format takes (3.1.3.3.1); it is the composed
// document that is held against the exact pattern.
var cpe22or23 = regexp.MustCompile(`^(cpe:2\.3:[aho*-](:[^:\s]+){10}|[cC][pP][eE]:/[AHOaho](:[A-Za-z0-9._%~-]*){0,6})$`)

// helpers identify the products in inventories. A package URL or CPE that
// names a version fits the entry for all versions only; for one version the
// package URL goes without it.
func (e *entries) helpers() []csaf.DraftProduct {
	var out []csaf.DraftProduct
	for _, k := range e.order {
		r := e.by[k].product
		if r == nil {
			continue
		}
		h := csaf.IdentificationHelper{PURL: r.PURL}
		if k.Version == "" && cpe22or23.MatchString(r.CPE) {
			h.CPE = r.CPE
		}
		if p, err := packageurl.FromString(r.PURL); err == nil && k.Version != "" {
			p.Version = ""
			h.PURL = p.ToString()
		}
		if h.PURL != "" || h.CPE != "" {
			out = append(out, csaf.DraftProduct{ProductKey: k, Helper: &h})
		}
	}
	return out
}
