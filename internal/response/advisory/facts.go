package advisory

import (
	"cmp"
	"slices"
	"strings"

	"tocsin/spec/csaf"
	"tocsin/spec/vex"
)

// Facts are what a document says about vendors, for lists and pages.
type Facts struct {
	CaseNumber string         `json:"case,omitempty"` // of the own case it comes from
	CVEs       []string       `json:"cves,omitempty"`
	Vendors    []VendorFacts  `json:"vendors,omitempty"`
	Severity   string         `json:"severity,omitempty"` // of the highest CVSS 3 score, such as "CRITICAL"
	Score      float64        `json:"score,omitempty"`
	Markdown   bool           `json:"markdown,omitempty"` // notes are Markdown; else plain text
	Counts     map[string]int `json:"counts,omitempty"`   // vendors by status
}

// VendorFacts is where one vendor stands according to a document.
type VendorFacts struct {
	Name     string         `json:"name"`
	Overall  vex.Status     `json:"overall"` // the worst of its statuses
	Statuses []VendorStatus `json:"statuses"`
}

// VendorStatus is where one vendor's products stand on one vulnerability.
type VendorStatus struct {
	Vulnerability int        `json:"vulnerability"` // index in the document
	Status        vex.Status `json:"status"`
	Products      []string   `json:"products"`
}

// gravity orders statuses, worst first.
var gravity = []vex.Status{vex.Affected, vex.Investigating, vex.Fixed, vex.NotAffected}

// factsOf reads the facts out of a document, own or another's.
func factsOf(doc *csaf.Document) Facts {
	f := Facts{Counts: map[string]int{}}
	vendors, names := map[string]string{}, map[string]string{}
	for _, p := range doc.Products() {
		vendors[p.ProductID], names[p.ProductID] = p.Branch(csaf.BranchVendor), p.Name
	}
	if doc.ProductTree != nil {
		for _, r := range doc.ProductTree.Relationships {
			vendors[r.FullProductName.ProductID] = cmp.Or(vendors[r.FullProductName.ProductID], vendors[r.ProductReference], vendors[r.RelatesToProductReference])
		}
	}
	at := map[string]int{}
	for i, v := range doc.Vulnerabilities {
		if v.CVE != "" && !slices.Contains(f.CVEs, v.CVE) {
			f.CVEs = append(f.CVEs, v.CVE)
		}
		for _, s := range v.Scores {
			if s.CVSSv3 != nil && s.CVSSv3.BaseScore >= f.Score {
				f.Score, f.Severity = s.CVSSv3.BaseScore, s.CVSSv3.BaseSeverity
			}
		}
		for _, l := range statusLists(v.ProductStatus) {
			for _, id := range l.ids {
				vendor := cmp.Or(vendors[id], doc.Document.Publisher.Name)
				n, known := at[vendor]
				if !known {
					n = len(f.Vendors)
					at[vendor] = n
					f.Vendors = append(f.Vendors, VendorFacts{Name: vendor})
				}
				f.Vendors[n].add(i, l.status, cmp.Or(names[id], id))
			}
		}
	}
	for i := range f.Vendors {
		f.Vendors[i].Overall = worst(f.Vendors[i].Statuses)
		f.Counts[string(f.Vendors[i].Overall)]++
	}
	slices.SortFunc(f.Vendors, func(a, b VendorFacts) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return f
}

func (v *VendorFacts) add(vulnerability int, status vex.Status, product string) {
	for i := range v.Statuses {
		if v.Statuses[i].Vulnerability == vulnerability && v.Statuses[i].Status == status {
			if !slices.Contains(v.Statuses[i].Products, product) {
				v.Statuses[i].Products = append(v.Statuses[i].Products, product)
			}
			return
		}
	}
	v.Statuses = append(v.Statuses, VendorStatus{vulnerability, status, []string{product}})
}

func worst(list []VendorStatus) vex.Status {
	for _, s := range gravity {
		if slices.ContainsFunc(list, func(v VendorStatus) bool { return v.Status == s }) {
			return s
		}
	}
	return ""
}

type statusIDs struct {
	status vex.Status
	ids    []string
}

// statusLists sums the eight lists of a document up into the four statuses
// that people ask for; a recommended version alone says nothing of the kind.
func statusLists(s *csaf.ProductStatus) []statusIDs {
	if s == nil {
		return nil
	}
	return []statusIDs{
		{vex.Affected, slices.Concat(s.KnownAffected, s.FirstAffected, s.LastAffected)},
		{vex.Fixed, slices.Concat(s.Fixed, s.FirstFixed)},
		{vex.Investigating, s.UnderInvestigation},
		{vex.NotAffected, s.KnownNotAffected},
	}
}
