// Package certcc reads the CERT/CC Vulnerability Data Archive in its JSON
// Lines form: one case with all its vendor records a line, plain or gzipped.
//
// The archive is dirty: two status vocabularies, dates without a zone, fields
// that are a string here and a list there. The reader keeps every record and
// decides nothing silently: each value that it had to change, drop or doubt is
// named as a Dirty with what was made of it.
package certcc

import "time"

// Status is what a vendor record says of its vendor.
type Status string

// The statuses, into which both vocabularies of the archive are translated.
const (
	Affected    Status = "affected"
	NotAffected Status = "not-affected"
	Unknown     Status = "unknown"
)

// Record is one line of the archive.
type Record struct {
	Line    int   // from 1
	Offset  int64 // of the line's first byte in the decompressed file
	Case    Case
	Vendors []Vendor // in the file's order; none is merged or left out
	Dirty   []Dirty
}

// Case is one coordinated vulnerability. Instants are UTC and zero where the
// archive gives none.
type Case struct {
	ID     string // such as VU#720951
	Number string // its digits
	Title  string

	Overview, Description, Impact, Resolution, Workarounds string

	SystemsAffected string
	Thanks          string // credit
	Author          string
	Advisories      []string // CERT advisory and US-CERT alert numbers

	References []Reference
	CVEs       []string // canonical, in the file's order, each once
	Keywords   []string

	Created        time.Time
	FirstPublished time.Time // when CERT/CC published
	Public         time.Time // when it became public anywhere
	Updated        time.Time

	CVSS               *CVSS2 // nil where it was not scored
	Revision           int
	VulnerabilityCount int
}

// Published is when the case became public as far as the archive knows: its
// first publication, else the day it was public anywhere, else zero.
func (c Case) Published() time.Time {
	if !c.FirstPublished.IsZero() {
		return c.FirstPublished
	}
	return c.Public
}

// CVSS2 is a CVSS 2.0 score as archived. Scores are those stated, nil where
// none is.
type CVSS2 struct {
	Vector                        string // base, temporal and environmental metrics; canonical
	Base, Temporal, Environmental *float64
}

// Reference is a link, or a text where the archive holds no usable link.
type Reference struct {
	URL  string // http, https or ftp; empty for a text
	Note string // what stood beside the link, or the text itself
}

// Vendor is one vendor's record in a case.
type Vendor struct {
	// Key is unique in the case and the same on every reading: the record
	// id, with the position added where it is missing or taken.
	Key      string
	Position int // in the line's list, from 1
	RecordID string
	Name     string

	Status    Status
	RawStatus string // as archived

	Statement   string // what the vendor said
	Information string // what CERT/CC knew of the vendor
	Addendum    string // CERT/CC's comment
	References  []Reference

	Notified, Responded, Updated time.Time

	Revision int
}

// Silent reports whether no statement of the vendor is recorded: the field is
// empty or holds the archive's sentence that says so.
func (v Vendor) Silent() bool {
	return v.Statement == "" || len(v.Statement) < 200 && hasPrefixFold(v.Statement, "No statement is currently available from the vendor")
}

// Kind sorts dirty values.
type Kind string

// The kinds of dirt.
const (
	OldVocabulary    Kind = "status_vocabulary"   // Vulnerable, Not Vulnerable
	MixedVocabulary  Kind = "mixed_vocabularies"  // both in one case
	StrangeStatus    Kind = "strange_status"      // in neither vocabulary
	Shape            Kind = "shape"               // a string where a list belongs, or the reverse
	WrongType        Kind = "wrong_type"          // a number, object… where a text belongs
	NoZone           Kind = "date_without_zone"   // UTC is assumed
	BadDate          Kind = "bad_date"            // not a date, or with error text
	AfterPublication Kind = "after_publication"   // vendor notified when it was public already
	OutOfOrder       Kind = "dates_out_of_order"  // answered before notified, updated before created
	DuplicateVendor  Kind = "duplicate_vendor"    // one name more than once in a case
	DuplicateRecord  Kind = "duplicate_record_id" // one record id more than once, or none
	DuplicateCase    Kind = "duplicate_case"      // one case on more than one line
	DuplicateKey     Kind = "duplicate_key"       // a JSON name twice in one object
	Invisible        Kind = "invisible_characters"
	Spaces           Kind = "stray_space"
	BadUTF8          Kind = "invalid_utf8"
	BadID            Kind = "identifier" // of a case or CVE
	BadLink          Kind = "reference"  // several in one, none, or with text
	BadCVSS          Kind = "cvss"
	Missing          Kind = "missing"
	TooLong          Kind = "too_long"
)

// Dirty names one dirty value and what was made of it.
type Dirty struct {
	Line  int    `json:"line"`
	At    string `json:"at"` // case, and vendor record by position, id and name
	Kind  Kind   `json:"kind"`
	Field string `json:"field"` // the archive's name
	Value string `json:"value"` // as it stands in the file; long ones cut with …
	Made  string `json:"made"`  // what was made of it
}
