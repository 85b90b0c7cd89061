package portal

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/advisory"
	"tocsin/spec/csaf"
	"tocsin/spec/prose"
	"tocsin/spec/vex"
)

// Bounds of what an advisory's page shows; the CSAF file holds all.
const (
	mostProse        = 40_000 // bytes of notes
	mostFixes        = 80     // remediations
	mostVendorRows   = 80     // rows of vendors on one page
	mostProductNames = 6      // of one vendor's status
	mostShownVulns   = 40
)

type advisoryPage struct {
	look.Frame
	Notices []look.Notice
	Notes   []textPart
	Vulns   []vulnPart
	Fixes   *look.Table
	Vendors *look.Table
	Stats   []look.Stat
	Credits []string
	Refs    []look.Link
	History look.Table
	Facts   look.Facts
	Files   look.Facts
	Cut     bool // some of it stands in the file only
}

// vulnPart is one vulnerability of an advisory.
type vulnPart struct {
	Title string
	Facts look.Facts
	Notes []textPart
}

// advisoryPublic is the page of a published document: an own advisory or
// another publisher's.
func (v *visit) advisoryPublic() error {
	var p advisory.PageData
	err := v.read(func(tx *db.Tx) (err error) {
		p, err = advisory.Page(tx, v.Actor, v.path("number"))
		return err
	})
	if err != nil {
		return err
	}
	v.shows(delivery.Sight{URL: p.PageURL()})
	return v.show("advisory", v.drawAdvisory(p, p.PageURL()))
}

// drawAdvisory draws a document; path is that of the page it stands on.
func (v *visit) drawAdvisory(p advisory.PageData, path string) advisoryPage {
	doc := p.CSAF
	w := &proseWriter{markdown: p.Facts.Markdown, room: mostProse}
	data := advisoryPage{Frame: v.frame("/advisories")}
	data.Head = look.RecordHead{Marking: markingOf(p.Document), Kind: "advisory", Number: p.TrackingID, Title: p.Title, Crumbs: []look.Link{{Label: "Advisories", Href: "/advisories"}, {Label: p.TrackingID}}}
	if p.Facts.Severity != "" {
		data.Head.State = append(data.Head.State, look.Chip{Label: strings.ToLower(p.Facts.Severity) + ", CVSS " + strconv.FormatFloat(p.Facts.Score, 'f', 1, 64)})
	}
	for _, c := range p.Facts.CVEs[:min(len(p.Facts.CVEs), 8)] {
		data.Head.State = append(data.Head.State, look.Chip{Label: c})
	}
	data.Notes = w.notes(doc.Document.Notes)
	for i, x := range doc.Vulnerabilities {
		if i == mostShownVulns {
			data.Cut = true
			break
		}
		data.Vulns = append(data.Vulns, w.vulnerability(x))
	}
	data.Fixes = w.fixes(doc)
	data.Vendors, data.Stats = v.vendorTable(p, path)
	data.Credits = creditLines(doc)
	data.Refs = referenceLinks(doc)
	data.History = historyTable(p)
	data.Facts, data.Files = publishedFacts(p), fileFacts(p)
	data.Cut = data.Cut || w.cut
	return data
}

// proseWriter draws texts until the page is full.
type proseWriter struct {
	markdown bool
	room     int
	cut      bool
}

func (w *proseWriter) html(s string) template.HTML {
	if len(s) > w.room {
		s, w.cut = short(s, max(w.room/4, 200)), true
	}
	w.room -= min(len(s), w.room)
	if w.markdown {
		return prose.HTML(s)
	}
	return plainText(s)
}

// plainText sets a text without markup as paragraphs: other publishers' notes
// are not Markdown.
func plainText(s string) template.HTML {
	var b strings.Builder
	for _, block := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if block = strings.TrimSpace(block); block != "" {
			b.WriteString("<p>" + strings.ReplaceAll(template.HTMLEscapeString(block), "\n", "<br>") + "</p>")
		}
	}
	return template.HTML(b.String())
}

func (w *proseWriter) notes(list []csaf.Note) []textPart {
	var out []textPart
	for _, n := range list {
		if w.room == 0 {
			w.cut = true
			break
		}
		title := n.Title
		if title == "" {
			title = capital(strings.ReplaceAll(n.Category, "_", " "))
		}
		body := w.html(n.Text)
		if last := len(out) - 1; last >= 0 && out[last].Title == title {
			out[last].Body += body
			continue
		}
		out = append(out, textPart{title, body})
	}
	return out
}

func productNames(doc *csaf.Document) map[string]string {
	names := map[string]string{}
	for _, p := range doc.Products() {
		names[p.ProductID] = p.Name
	}
	return names
}

func (w *proseWriter) vulnerability(x csaf.Vulnerability) vulnPart {
	p := vulnPart{Title: strings.Join(nonEmptyOf(x.CVE, x.Title), ": ")}
	if p.Title == "" {
		p.Title = "Vulnerability"
	}
	if x.CWE != nil {
		p.Facts.Items = append(p.Facts.Items, look.Fact{Term: "Weakness", Text: x.CWE.ID + " " + x.CWE.Name})
	}
	seen := map[string]bool{}
	for _, s := range x.Scores {
		if s.CVSSv3 != nil && !seen[s.CVSSv3.VectorString] {
			seen[s.CVSSv3.VectorString] = true
			p.Facts.Items = append(p.Facts.Items, look.Fact{Term: "CVSS " + s.CVSSv3.Version, Text: strconv.FormatFloat(s.CVSSv3.BaseScore, 'f', 1, 64) + " " + strings.ToLower(s.CVSSv3.BaseSeverity) + ", " + s.CVSSv3.VectorString})
		}
	}
	for _, i := range x.IDs {
		p.Facts.Items = append(p.Facts.Items, look.Fact{Term: i.SystemName, Text: i.Text})
	}
	p.Notes = w.notes(x.Notes)
	return p
}

// fix is one remediation with all that it is for.
type fix struct {
	csaf.Remediation
	products, flaws []string
}

// fixes gathers the remediations of all vulnerabilities; publishers repeat
// them for each.
func (w *proseWriter) fixes(doc *csaf.Document) *look.Table {
	names := productNames(doc)
	var list []*fix
	at := map[string]*fix{}
	for _, x := range doc.Vulnerabilities {
		label := x.CVE
		if label == "" {
			label = short(x.Title, 60)
		}
		for _, r := range x.Remediations {
			key := r.Category + "\x00" + r.Details + "\x00" + r.URL
			f := at[key]
			if f == nil {
				f = &fix{Remediation: r}
				at[key], list = f, append(list, f)
			}
			for _, id := range r.ProductIDs {
				if n := names[id]; n != "" && len(f.products) < 50 && !slices.Contains(f.products, n) {
					f.products = append(f.products, n)
				}
			}
			if label != "" && !slices.Contains(f.flaws, label) {
				f.flaws = append(f.flaws, label)
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	t := &look.Table{ID: "fixes", Caption: "Remedies", Hidden: true, Whole: true, Filter: len(list) > 10, Columns: []look.Column{{Label: "Kind"}, {Label: "What to do"}, {Label: "For", Wide: true}}}
	for i, f := range list {
		if i == mostFixes || w.room == 0 {
			w.cut = true
			break
		}
		details := look.Cell{Text: short(prose.Plain(f.Details), 500)}
		w.room -= min(len(details.Text), w.room)
		if strings.HasPrefix(f.URL, "https://") || strings.HasPrefix(f.URL, "http://") {
			details.Href = f.URL
		}
		whom := look.Cell{Text: short(someOf(f.products, mostProductNames), 300)}
		if len(doc.Vulnerabilities) > 1 && len(f.flaws) < len(doc.Vulnerabilities) {
			whom.Sub = someOf(f.flaws, mostProductNames)
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: unbroken(strings.ReplaceAll(f.Category, "_", " "))}, details, whom}})
	}
	return t
}

// vendorTable is where each vendor stands, a row for each status it has.
func (v *visit) vendorTable(p advisory.PageData, path string) (*look.Table, []look.Stat) {
	if len(p.Facts.Vendors) == 0 {
		return nil, nil
	}
	var stats []look.Stat
	t := &look.Table{ID: "vendors", Caption: "Vendors", Hidden: true, Filter: len(p.Facts.Vendors) > 10, Columns: []look.Column{{Label: "Vendor"}, {Label: "Status"}, {Label: "Vulnerability"}, {Label: "Products", Wide: true}}}
	var rows []look.Row
	for _, x := range p.Facts.Vendors {
		for _, s := range x.Statuses {
			label := ""
			if s.Vulnerability < len(p.CSAF.Vulnerabilities) {
				vuln := p.CSAF.Vulnerabilities[s.Vulnerability]
				if label = vuln.CVE; label == "" {
					label = short(vuln.Title, 60)
				}
			}
			rows = append(rows, look.Row{Cells: []look.Cell{{Text: x.Name}, {Text: statusShape(s.Status)}, {Text: label}, {Text: short(someOf(s.Products, mostProductNames), 400)}}})
		}
	}
	from, _ := strconv.Atoi(v.query("from"))
	from = max(0, min(from, len(rows)))
	to := min(from+mostVendorRows, len(rows))
	t.Rows, t.Whole = rows[from:to], len(rows) <= mostVendorRows
	if !t.Whole {
		t.Pager = &look.Pager{Shown: strconv.Itoa(from+1) + "–" + strconv.Itoa(to), Total: len(rows)}
		if from > 0 {
			t.Pager.Prev = path + "?from=" + strconv.Itoa(max(0, from-mostVendorRows)) + "#vendors"
		}
		if to < len(rows) {
			t.Pager.Next = path + "?from=" + strconv.Itoa(to) + "#vendors"
		}
	}
	for _, s := range []vex.Status{vex.Affected, vex.Investigating, vex.Fixed, vex.NotAffected} {
		if n := p.Facts.Counts[string(s)]; n > 0 {
			stats = append(stats, look.Stat{N: n, Label: s.Label()})
		}
	}
	return t, stats
}

func creditLines(doc *csaf.Document) []string {
	var out []string
	all := slices.Clone(doc.Document.Acknowledgments)
	for _, x := range doc.Vulnerabilities {
		all = append(all, x.Acknowledgments...)
	}
	for _, a := range all {
		line := strings.Join(nonEmptyOf(strings.Join(a.Names, ", "), a.Organization, a.Summary), ", ")
		if line != "" && !slices.Contains(out, line) && len(out) < 100 {
			out = append(out, short(line, 300))
		}
	}
	return out
}

func referenceLinks(doc *csaf.Document) []look.Link {
	var out []look.Link
	all := slices.Clone(doc.Document.References)
	for _, x := range doc.Vulnerabilities {
		all = append(all, x.References...)
	}
	seen := map[string]bool{}
	for _, r := range all {
		if seen[r.URL] || r.Category == "self" || len(out) == 100 || !strings.HasPrefix(r.URL, "https://") && !strings.HasPrefix(r.URL, "http://") {
			continue
		}
		seen[r.URL] = true
		label := short(r.Summary, 120)
		if label == "" {
			label = short(r.URL, 120)
		}
		out = append(out, look.Link{Label: label, Href: r.URL})
	}
	return out
}

func historyTable(p advisory.PageData) look.Table {
	t := look.Table{ID: "history", Caption: "Revision history", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Revision"}, {Label: "Date"}, {Label: "What changed", Wide: true}, {Label: "File"}}}
	files := map[string]advisory.Document{}
	for _, d := range p.Revisions {
		files[d.Revision] = d
	}
	history := slices.Clone(p.CSAF.Document.Tracking.RevisionHistory)
	slices.Reverse(history)
	for _, r := range history[:min(len(history), 50)] {
		row := look.Row{Cells: []look.Cell{{Text: r.Number}, {Text: r.Date}, {Text: short(r.Summary, 300)}, {}}}
		if at, err := csaf.Time(r.Date); err == nil {
			row.Cells[1] = look.Cell{Time: at}
		}
		if d, ok := files[r.Number]; ok {
			row.Cells[3] = look.Cell{Text: "CSAF", Href: advisory.Root + "history/" + d.ID + "/" + d.File}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func publishedFacts(p advisory.PageData) look.Facts {
	f := look.Facts{Title: "Facts", Items: []look.Fact{{Term: "Publisher", Text: p.Publisher}}}
	if at, err := csaf.Time(p.Initial); err == nil {
		f.Items = append(f.Items, look.Fact{Term: "First released", Time: at})
	}
	f.Items = append(f.Items, look.Fact{Term: "Updated", Time: p.CurrentAt}, look.Fact{Term: "Revision", Text: p.Revision}, look.Fact{Term: "Status", Text: p.CSAF.Document.Tracking.Status})
	if p.Facts.CaseNumber != "" {
		f.Items = append(f.Items, look.Fact{Term: "Case", Text: p.Facts.CaseNumber, Href: "/case-facts/" + p.Facts.CaseNumber})
	}
	return f
}

func fileFacts(p advisory.PageData) look.Facts {
	base := advisory.Root + p.Path()
	return look.Facts{Title: "Files", Items: []look.Fact{
		{Term: "CSAF 2.0", Text: p.File, Href: base}, {Term: "Size", Text: look.Bytes(p.Size)},
		{Term: "SHA-256", Text: p.SHA256[:min(16, len(p.SHA256))] + "…", Href: base + ".sha256"}, {Term: "SHA-512", Text: p.SHA512[:min(16, len(p.SHA512))] + "…", Href: base + ".sha512"},
		{Term: "Signature", Text: "OpenPGP", Href: base + ".asc"}, {Term: "Signed by", Links: []look.Link{{Label: "key " + p.SignedBy[max(0, len(p.SignedBy)-16):], Href: advisory.Root + "openpgp/" + p.SignedBy + ".asc"}}}}}
}
