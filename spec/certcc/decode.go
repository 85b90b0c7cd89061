package certcc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"time"

	"tocsin/spec/text"
)

// decode turns a line into a record. offset is where the line begins.
func (r *Reader) decode(line []byte, offset int64) (*Record, *LineError) {
	bad := func(format string, args ...any) *LineError {
		return &LineError{Line: r.line, Offset: offset, Reason: fmt.Sprintf(format, args...)}
	}
	log := &dirtLog{line: r.line, limit: r.limits.Items}
	fields, twice, err := readObject(line)
	if err != nil {
		return nil, bad("%v", err)
	}
	if isNull(fields["case"]) {
		return nil, bad("the line holds no case")
	}
	caseFields, caseTwice, err := readObject(fields["case"])
	if err != nil {
		return nil, bad("the line's case is %v", err)
	}
	items, shape, lerr := vendorItems(fields["vendors"], r.limits.Vendors)
	if lerr != nil {
		return nil, bad("%v", lerr)
	}

	rec := &Record{Line: r.line, Offset: offset}
	o := object{fields: caseFields, log: log}
	rec.Case.ID, rec.Case.Number = o.identify(r.line)
	o.at = rec.Case.ID
	if o.at == "" {
		o.at = fmt.Sprintf("line %d", r.line)
	}
	for _, name := range append(twice, caseTwice...) {
		o.dirty(DuplicateKey, name, name, "the last value of the name")
	}
	if shape != "" {
		o.dirty(Shape, "vendors", short(string(fields["vendors"])), shape)
	}
	o.readCase(&rec.Case)
	if first, again := r.seen[rec.Case.ID]; again && rec.Case.ID != "" {
		o.dirty(DuplicateCase, "ID", rec.Case.ID, fmt.Sprintf("kept; the case stands on line %d too", first))
	} else if len(r.seen) < 1_000_000 {
		r.seen[rec.Case.ID] = r.line
	}
	for i, item := range items {
		if v, ok := o.readVendor(item, i+1, rec.Case); ok {
			rec.Vendors = append(rec.Vendors, v)
		}
	}
	o.compareVendors(rec.Vendors)
	rec.Dirty = log.items
	return rec, nil
}

// vendorItems splits the list of vendor records. shape says what was unusual.
func vendorItems(raw json.RawMessage, limit int) (items []json.RawMessage, shape string, err error) {
	switch {
	case isNull(raw):
		return nil, "no vendor records: the line has no list of them", nil
	case raw[0] == '{':
		return []json.RawMessage{raw}, "an object where a list belongs: read as a list of one", nil
	case raw[0] != '[':
		return nil, "no vendor records: it is not a list", nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, "", fmt.Errorf("the list of vendors is not whole: %w", err)
	}
	for d.More() {
		if len(items) >= limit {
			return nil, "", fmt.Errorf("the case has more than %d vendor records", limit)
		}
		var item json.RawMessage
		if err := d.Decode(&item); err != nil {
			return nil, "", fmt.Errorf("the list of vendors is not whole: %w", err)
		}
		items = append(items, item)
	}
	return items, "", nil
}

var caseID = regexp.MustCompile(`^VU#([0-9]{1,12})$`)

// identify reads the case's id from ID, else from IDNumber.
func (o object) identify(line int) (id, number string) {
	o.at = fmt.Sprintf("line %d", line)
	var digits string
	if raw := o.fields["IDNumber"]; len(raw) > 0 && raw[0] >= '0' && raw[0] <= '9' {
		digits = string(raw) // a number and its text say the same here
	} else {
		digits = o.phrase("IDNumber")
	}
	id = o.phrase("ID")
	canonical := strings.ToUpper(strings.ReplaceAll(id, " ", ""))
	if canonical != "" && !strings.HasPrefix(canonical, "VU#") {
		canonical = "VU#" + canonical
	}
	m := caseID.FindStringSubmatch(canonical)
	fromNumber := caseID.FindStringSubmatch("VU#" + digits)
	switch {
	case m != nil && canonical != id:
		o.dirty(BadID, "ID", id, canonical)
	case m != nil:
	case fromNumber != nil:
		o.dirty(BadID, "ID", id, fromNumber[0]+": made of IDNumber")
		return fromNumber[0], digits
	case id != "":
		o.dirty(BadID, "ID", id, "kept as it is: it is not of the form VU#123456")
		return id, digits
	default:
		o.dirty(Missing, "ID", "", "a case without an id")
		return "", ""
	}
	if digits != "" && digits != m[1] {
		o.dirty(BadID, "IDNumber", digits, m[1]+": ID counts")
	}
	return canonical, m[1]
}

func (o object) readCase(c *Case) {
	if c.Title = o.phrase("Title"); c.Title == "" {
		c.Title = strings.TrimSpace("Untitled case " + c.ID)
		o.dirty(Missing, "Title", "", c.Title)
	}
	c.Overview, c.Description, c.Impact = o.words("Overview"), o.words("Description"), o.words("Impact")
	c.Resolution, c.Workarounds = o.words("Resolution"), o.words("Workarounds")
	c.SystemsAffected, c.Thanks, c.Author = o.words("SystemsAffectedPreamble"), o.words("ThanksAndCredit"), o.phrase("Author")
	for _, field := range []string{"CERTAdvisory", "US-CERTTechnicalAlert"} {
		if s := o.phrase(field); s != "" {
			c.Advisories = append(c.Advisories, s)
		}
	}
	c.References = o.references("References", false)
	c.CVEs = o.cves("CVEIDs")
	for _, item := range o.list("Keywords", true) {
		if k := o.clean("Keywords", item, maxLine, text.CleanLine); k != "" {
			c.Keywords = append(c.Keywords, k)
		}
	}
	c.Created, c.Updated = o.date("DateCreated"), o.date("DateLastUpdated")
	c.FirstPublished, c.Public = o.date("DateFirstPublished"), o.date("DatePublic")
	if !c.Updated.IsZero() && c.Updated.Before(c.Created) {
		o.dirty(OutOfOrder, "DateLastUpdated", stamp(c.Updated), "kept; the case was created later, "+stamp(c.Created))
	}
	c.CVSS = o.cvss2()
	c.Revision, c.VulnerabilityCount = o.integer("Revision"), o.integer("VulnerabilityCount")
}

// readVendor reads one vendor record. What is not an object and names nobody
// is no record, and is said to be left out.
func (o object) readVendor(raw json.RawMessage, position int, c Case) (Vendor, bool) {
	at := fmt.Sprintf("%s vendor %d", o.at, position)
	v := object{at: at, log: o.log}
	fields, twice, err := readObject(raw)
	if err != nil {
		v.fields = map[string]json.RawMessage{"Vendor": raw}
		if len(raw) == 0 || raw[0] != '"' {
			v.dirty(WrongType, "vendors", string(raw), "left out: it is not a vendor record")
			return Vendor{}, false
		}
		v.dirty(WrongType, "vendors", string(raw), "a vendor record that holds a name only")
	} else {
		v.fields = fields
	}
	out := Vendor{Position: position, RecordID: v.phrase("VendorRecordID")}
	if out.RecordID != "" {
		v.at = at + " (" + out.RecordID + ")"
	}
	if out.Name = v.phrase("Vendor"); out.Name == "" {
		out.Name = strings.TrimSpace(fmt.Sprintf("Unnamed vendor %d %s", position, out.RecordID))
		v.dirty(Missing, "Vendor", "", out.Name)
	}
	v.at = strings.TrimSuffix(v.at, ")")
	if out.RecordID != "" {
		v.at += ", " + short(out.Name) + ")"
	} else {
		v.at += " (" + short(out.Name) + ")"
	}
	for _, name := range twice {
		v.dirty(DuplicateKey, name, name, "the last value of the name")
	}
	if id := v.phrase("ID"); id != "" && id != c.ID && "VU#"+id != c.ID {
		v.dirty(BadID, "ID", id, "kept with "+o.at+", on whose line the record stands")
	}
	out.Status, out.RawStatus = v.status("Status")
	out.Statement, out.Information, out.Addendum = v.words("VendorStatement"), v.words("VendorInformation"), v.words("Addendum")
	out.References = v.references("VendorReferences", true)
	out.Notified, out.Responded, out.Updated = v.date("DateNotified"), v.date("DateResponded"), v.date("DateLastUpdated")
	out.Revision = v.integer("Revision")
	v.compareDates(out, c)
	return out, true
}

func (o object) compareDates(v Vendor, c Case) {
	published := c.Published()
	if c.FirstPublished.IsZero() && !published.IsZero() {
		published = published.Add(24*time.Hour - time.Microsecond) // a day, not an hour, is known
	}
	if !v.Notified.IsZero() && !published.IsZero() && v.Notified.After(published) {
		o.dirty(AfterPublication, "DateNotified", stamp(v.Notified), "kept; the case was published before, "+stamp(c.Published()))
	}
	if !v.Notified.IsZero() && !v.Responded.IsZero() && v.Responded.Before(v.Notified) {
		o.dirty(OutOfOrder, "DateResponded", stamp(v.Responded), "kept; the vendor was notified later, "+stamp(v.Notified))
	}
}

// compareVendors gives every record its key and names what only shows when
// the records of a case stand side by side.
func (o object) compareVendors(vendors []Vendor) {
	names, ids, keys := map[string]int{}, map[string]int{}, map[string]bool{}
	words := map[string]int{}
	old, current := false, false
	for i := range vendors {
		v := &vendors[i]
		at := object{at: fmt.Sprintf("%s vendor %d", o.at, v.Position), log: o.log}
		v.Key = v.RecordID
		switch first := ids[v.RecordID]; {
		case v.RecordID == "":
			v.Key = fmt.Sprintf("@%d", v.Position)
			at.dirty(DuplicateRecord, "VendorRecordID", "", v.Key+": made of the position")
		case first != 0:
			v.Key = fmt.Sprintf("%s@%d", v.RecordID, v.Position)
			at.dirty(DuplicateRecord, "VendorRecordID", v.RecordID, fmt.Sprintf("%s: record %d has the same id; both are kept", v.Key, first))
		default:
			ids[v.RecordID] = v.Position
		}
		// An id may happen to look like a made key.
		for keys[v.Key] {
			v.Key += fmt.Sprintf("@%d", v.Position)
		}
		keys[v.Key] = true
		folded := strings.ToLower(v.Name)
		if first := names[folded]; first != 0 {
			at.dirty(DuplicateVendor, "Vendor", v.Name, fmt.Sprintf("both records kept; record %d has the same name", first))
		} else {
			names[folded] = v.Position
		}
		word := strings.ToLower(strings.TrimSpace(v.RawStatus))
		words[strings.TrimSpace(v.RawStatus)]++
		if s, ok := statuses[word]; ok && word != "unknown" {
			old, current = old || s.old, current || !s.old
		}
	}
	if !old || !current {
		return
	}
	var counts []string
	for w, n := range words {
		counts = append(counts, fmt.Sprintf("%s ×%d", w, n))
	}
	sort.Strings(counts)
	o.dirty(MixedVocabulary, "Status", strings.Join(counts, ", "), "one vocabulary: affected, not-affected, unknown")
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
