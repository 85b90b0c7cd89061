package csaf

import "time"

// RuleDraft is the rule of what [Compose] has to say about the draft itself: an
// Error for what could not be taken over and is missed, a Warning for what was
// left out, an Info for what was filled in or merged.
const RuleDraft = "draft"

// Draft holds what a document says, in the shape in which a case knows it;
// [Compose] makes the document. Only Publisher, TrackingID, Title and, for the
// two main categories, vulnerabilities with statuses are needed.
type Draft struct {
	Category         string // "" means csaf_security_advisory
	TrackingID       string
	Aliases          []string
	Title            string
	Lang             string // "" means en
	Publisher        Publisher
	TLP              string // label of TLP 1.0 or 2.0; "" leaves the document without
	DistributionText string
	Severity         AggregateSeverity // left out where Text is empty
	Notes            []Note
	References       []Reference // without Category: external; without Summary: the URL is it
	CanonicalURL     string      // where the document will be; becomes the reference "self"
	Acknowledgments  []Acknowledgment
	Products         []DraftProduct // more on products that statuses name
	Vulnerabilities  []DraftVulnerability
	Status           string // draft, interim or final; "" means final
	Revisions        []DraftRevision
	Engine           Engine    // the program that composes; left out where Name is empty
	Composed         time.Time // when; zero leaves it out
}

// ProductKey names a product version as people do. The document's product id
// is made of it, see [ProductID]. An empty Version means all versions, one like
// "< 4.2" or "vers:generic/<4.2" a range.
type ProductKey struct {
	Vendor  string
	Name    string
	Version string
}

// DraftProduct adds to a product what identifies it in an inventory. A product
// listed here is defined even if no status names it.
type DraftProduct struct {
	ProductKey
	Helper *IdentificationHelper
}

// DraftRevision is one publication. Where no revision states a Number, the
// revisions count 1, 2, 3 in the order of their dates.
type DraftRevision struct {
	Date    time.Time
	Number  string
	Summary string
}

// DraftVulnerability is one flaw. Without Notes its Title becomes the note that
// the profiles ask for.
type DraftVulnerability struct {
	CVE             string
	CWE             CWE // an empty Name is filled in where it is known
	IDs             []ID
	Title           string
	Discovered      time.Time
	Released        time.Time
	Notes           []Note
	References      []Reference
	Acknowledgments []Acknowledgment
	Involvements    []DraftInvolvement
	Statuses        []DraftStatus
	Remediations    []DraftRemediation
	Threats         []DraftThreat
	Scores          []DraftScore
}

// DraftInvolvement is what a party has done; see [Involvement]. The format takes
// one per party and date, so several vendors' of one date are merged.
type DraftInvolvement struct {
	Party   string
	Status  string
	Date    time.Time
	Summary string
}

// DraftStatus says how a product stands. Status is the name of a list of
// [ProductStatus], or affected, not_affected. Justification (a label of [Flag])
// and Impact (free text) say why a product is not affected; VEX needs one.
type DraftStatus struct {
	Product       ProductKey
	Status        string
	Justification string
	Impact        string
}

// DraftRemediation is a [Remediation]; without Products it is for all affected
// ones. An affected product that no remediation names gets "none_available".
type DraftRemediation struct {
	Category     string
	Details      string
	Date         time.Time
	URL          string
	Entitlements []string
	Restart      *RestartRequired
	Products     []ProductKey
}

// DraftThreat is a [Threat]; without Products it is for all affected ones.
type DraftThreat struct {
	Category string
	Details  string
	Date     time.Time
	Products []ProductKey
}

// DraftScore is a CVSS vector of version 2.0, 3.0, 3.1 or 4.0; scores are
// computed. Without Products it is for all affected ones, or where there are none
// for those under investigation; fixed products have no score (6.2.19), so one
// for them alone becomes a note. So does CVSS 4.0, which the format does not know.
type DraftScore struct {
	Vector   string
	Products []ProductKey
}
