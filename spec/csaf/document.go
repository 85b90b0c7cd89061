package csaf

// Version is the csaf_version that this package reads and writes.
const Version = "2.0"

// The document categories with a profile of their own (section 4). Every other
// category is of the profile "CSAF Base".
const (
	CategorySecurityAdvisory         = "csaf_security_advisory"
	CategoryVEX                      = "csaf_vex"
	CategoryInformationalAdvisory    = "csaf_informational_advisory"
	CategorySecurityIncidentResponse = "csaf_security_incident_response"
	CategoryBase                     = "csaf_base"
)

// Document is a whole CSAF document (3.2).
//
// Fields of all types of this package are declared in the alphabetical order
// of their JSON names, so that what is written passes test 6.2.13.
type Document struct {
	Document        Metadata        `json:"document"`
	ProductTree     *ProductTree    `json:"product_tree,omitempty"`
	Vulnerabilities []Vulnerability `json:"vulnerabilities,omitempty"`

	// source is what reading saw and the types cannot hold; nil for a
	// document made by this program.
	source *source
}

// source keeps the facts about a read document's text that tests ask for.
type source struct {
	unsorted   []string // pointers to objects whose keys are out of order
	additional []string // pointers to properties the standard does not name
	cvss       []Finding
}

// Metadata is the document level (3.2.1).
type Metadata struct {
	Acknowledgments   []Acknowledgment   `json:"acknowledgments,omitempty"`
	AggregateSeverity *AggregateSeverity `json:"aggregate_severity,omitempty"`
	Category          string             `json:"category"`
	CSAFVersion       string             `json:"csaf_version"`
	Distribution      *Distribution      `json:"distribution,omitempty"`
	Lang              string             `json:"lang,omitempty"`
	Notes             []Note             `json:"notes,omitempty"`
	Publisher         Publisher          `json:"publisher"`
	References        []Reference        `json:"references,omitempty"`
	SourceLang        string             `json:"source_lang,omitempty"`
	Title             string             `json:"title"`
	Tracking          Tracking           `json:"tracking"`
}

// Acknowledgment thanks people and organizations (3.1.1).
type Acknowledgment struct {
	Names        []string `json:"names,omitempty"`
	Organization string   `json:"organization,omitempty"`
	Summary      string   `json:"summary,omitempty"`
	URLs         []string `json:"urls,omitempty"`
}

// AggregateSeverity is the publisher's own rating of the whole document (3.2.1.2).
type AggregateSeverity struct {
	Namespace string `json:"namespace,omitempty"`
	Text      string `json:"text"`
}

// Distribution limits who may receive the document (3.2.1.5).
type Distribution struct {
	Text string `json:"text,omitempty"`
	TLP  *TLP   `json:"tlp,omitempty"`
}

// TLP is the marking in the labels of TLP 1.0, the only ones 2.0 knows (3.2.1.5.2).
type TLP struct {
	Label string `json:"label"` // AMBER, GREEN, RED or WHITE
	URL   string `json:"url,omitempty"`
}

// Note is a piece of text with a purpose (3.1.5). Category is description,
// details, faq, general, legal_disclaimer, other or summary.
type Note struct {
	Audience string `json:"audience,omitempty"`
	Category string `json:"category"`
	Text     string `json:"text"`
	Title    string `json:"title,omitempty"`
}

// Publisher says whose document it is (3.2.1.8). Category is coordinator,
// discoverer, other, translator, user or vendor; Namespace is a URL under the
// party's control, which makes the tracking id unique in the world.
type Publisher struct {
	Category         string `json:"category"`
	ContactDetails   string `json:"contact_details,omitempty"`
	IssuingAuthority string `json:"issuing_authority,omitempty"`
	Name             string `json:"name"`
	Namespace        string `json:"namespace"`
}

// Reference points to more (3.1.10). Category is external (which absence
// means) or self.
type Reference struct {
	Category string `json:"category,omitempty"`
	Summary  string `json:"summary"`
	URL      string `json:"url"`
}

// Tracking identifies the document and its history (3.2.1.12). Dates are kept
// as written; [Time] reads them.
type Tracking struct {
	Aliases            []string   `json:"aliases,omitempty"`
	CurrentReleaseDate string     `json:"current_release_date"`
	Generator          *Generator `json:"generator,omitempty"`
	ID                 string     `json:"id"`
	InitialReleaseDate string     `json:"initial_release_date"`
	RevisionHistory    []Revision `json:"revision_history"`
	Status             string     `json:"status"` // draft, final or interim
	Version            string     `json:"version"`
}

// Generator names the program that made the document (3.2.1.12.3).
type Generator struct {
	Date   string `json:"date,omitempty"`
	Engine Engine `json:"engine"`
}

// Engine is the program and its version.
type Engine struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// Revision is one entry of the history (3.2.1.12.6).
type Revision struct {
	Date          string `json:"date"`
	LegacyVersion string `json:"legacy_version,omitempty"`
	Number        string `json:"number"`
	Summary       string `json:"summary"`
}
