package client

import (
	"encoding/json"
	"time"

	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// Page is a part of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`  // cursor of the next page; "" on the last
	Total int    `json:"total,omitempty"` // of all pages, where it is counted
}

// Paging asks for a part of a list.
type Paging struct {
	Limit  int // 0: the server's default
	Cursor string
}

// Self is who the token stands for.
type Self struct {
	ID            string       `json:"id"`
	Email         string       `json:"email"`
	Name          string       `json:"name"`
	Roles         []string     `json:"roles"`
	Organizations []Membership `json:"organizations"`
	Scopes        []string     `json:"token_scopes"`
}

// Membership is a person's place in an organization.
type Membership struct {
	ID      string `json:"id"`
	Org     string `json:"org"`
	OrgName string `json:"org_name"`
	Person  string `json:"person"`
	Name    string `json:"name"`
	Email   string `json:"email"`
	Role    string `json:"role"` // admin, responder, reader
	Backup  bool   `json:"backup"`
	Version int64  `json:"version"`
}

// Org is an organization.
type Org struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Class   string `json:"class"`
	Listed  bool   `json:"listed"`
	Email   string `json:"email,omitempty"`
	Website string `json:"website,omitempty"`
	State   string `json:"state"`
	Version int64  `json:"version"`
}

// Owed is one thing that somebody owes.
type Owed struct {
	Case   string    `json:"case_id,omitempty"`
	Number string    `json:"number,omitempty"`
	What   string    `json:"what"`
	Due    time.Time `json:"due_at,omitzero"`
	URL    string    `json:"url"`
	Kind   string    `json:"kind"`
}

// Case is one matter that touches several parties.
type Case struct {
	ID          string            `json:"id"`
	Number      string            `json:"number"`
	Title       string            `json:"title"`
	Summary     string            `json:"summary"`
	TLP         tlp.Level         `json:"tlp"`
	State       string            `json:"state"` // open, closed, merged
	Public      mpcvd.PublicState `json:"public_state"`
	Embargo     mpcvd.EM          `json:"embargo_state"`
	EmbargoEnds time.Time         `json:"embargo_ends_at,omitzero"`
	DecisionDue time.Time         `json:"decision_due_at,omitzero"`
	Owner       string            `json:"owner_id"`
	Role        string            `json:"your_role,omitempty"`
	Version     int64             `json:"version"`
	OpenedAt    time.Time         `json:"opened_at"`
	UpdatedAt   time.Time         `json:"updated_at"`
	CloseReason string            `json:"close_reason,omitempty"`
}

// Participant is one party of a case.
type Participant struct {
	ID         string            `json:"id"`
	Case       string            `json:"case_id"`
	Role       string            `json:"role"`
	Kind       string            `json:"kind"`
	Subject    string            `json:"subject_id"`
	Name       string            `json:"name"`
	Report     mpcvd.RM          `json:"report_state"`
	Consent    mpcvd.PEC         `json:"consent"`
	Progress   mpcvd.VendorState `json:"vendor_state"`
	Hidden     bool              `json:"hidden"`
	Reason     string            `json:"reason,omitempty"`
	InvitedAt  time.Time         `json:"invited_at,omitzero"`
	DueAt      time.Time         `json:"due_at,omitzero"`
	AcceptedAt time.Time         `json:"accepted_at,omitzero"`
	SeenAt     time.Time         `json:"seen_at,omitzero"`
	RepliedAt  time.Time         `json:"replied_at,omitzero"`
	LeftAt     time.Time         `json:"left_at,omitzero"`
	Version    int64             `json:"version"`
}

// Invitation is all that an invitee sees of a case before its terms are
// accepted.
type Invitation struct {
	ID        string    `json:"id"`
	TLP       tlp.Level `json:"tlp"`
	Terms     string    `json:"terms_text"` // Markdown
	Agreement string    `json:"agreement"`  // names exactly this text
	State     string    `json:"state"`
	SentAt    time.Time `json:"sent_at"`
	DueAt     time.Time `json:"due_at"`
	Reason    string    `json:"reason,omitempty"`
}

// Proposal is an embargo end that somebody proposed.
type Proposal struct {
	ID          string    `json:"id"`
	Case        string    `json:"case_id"`
	Kind        string    `json:"kind"`
	State       string    `json:"state"`
	Ends        time.Time `json:"ends_at"`
	Reason      string    `json:"reason"`
	Participant string    `json:"participant_id,omitempty"`
	By          string    `json:"by,omitempty"`
	OpenedAt    time.Time `json:"opened_at"`
	PassesAt    time.Time `json:"passes_at"`
	Consents    int       `json:"consents,omitempty"`
	Objections  int       `json:"objections,omitempty"`
	Asked       int       `json:"asked,omitempty"`
	Decision    string    `json:"decision,omitempty"`
}

// Readiness is a party's go or no-go.
type Readiness struct {
	Participant string    `json:"participant_id"`
	Name        string    `json:"name"`
	Answer      string    `json:"answer,omitempty"` // go, no-go
	Reason      string    `json:"reason,omitempty"`
	At          time.Time `json:"at,omitzero"`
}

// Timetable is a case's embargo.
type Timetable struct {
	Case        string            `json:"case_id"`
	Number      string            `json:"number"`
	Now         time.Time         `json:"now"`
	State       mpcvd.EM          `json:"embargo_state"`
	Public      mpcvd.PublicState `json:"public_state"`
	Holds       bool              `json:"holds"`
	Ends        time.Time         `json:"ends_at,omitzero"`
	Default     time.Time         `json:"default_end_at"`
	Latest      time.Time         `json:"latest_end_at"`
	DecisionDue time.Time         `json:"decision_due_at,omitzero"`
	Possible    []mpcvd.EMVerb    `json:"possible"`
	Proposals   []Proposal        `json:"proposals"`
	Readiness   []Readiness       `json:"readiness"`
}

// Vulnerability is one flaw of a case.
type Vulnerability struct {
	ID          string   `json:"id"`
	Case        string   `json:"case_id"`
	Label       string   `json:"label"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	CVE         string   `json:"cve"`
	CWE         string   `json:"cwe"`
	CVSS31      string   `json:"cvss31"`
	CVSS40      string   `json:"cvss40"`
	References  []string `json:"references"`
	Credits     []string `json:"credits"`
	Version     int64    `json:"version"`
}

// Product is a product that a party speaks for.
type Product struct {
	ID          string `json:"id"`
	Participant string `json:"participant_id"`
	Name        string `json:"name"`
	PURL        string `json:"purl"`
	CPE         string `json:"cpe"`
	Version     int64  `json:"version"`
}

// Status is where a party stands with a vulnerability.
type Status struct {
	ID            string            `json:"id,omitempty"`
	Participant   string            `json:"participant_id"`
	Vulnerability string            `json:"vulnerability_id"`
	Product       string            `json:"product_id"`
	Status        vex.Status        `json:"status"`
	Justification vex.Justification `json:"justification,omitempty"`
	Statement     string            `json:"statement"`
	Affected      []string          `json:"affected_versions"`
	Fixed         []string          `json:"fixed_versions"`
	OnBehalf      bool              `json:"on_behalf"`
	Version       int64             `json:"version"`
	ChangedAt     time.Time         `json:"changed_at"`
}

// Board is the vendor matrix.
type Board struct {
	Vulnerabilities []Vulnerability    `json:"vulnerabilities"`
	Rows            []Row              `json:"rows"`
	Counts          map[vex.Status]int `json:"counts"`
}

// Row is one party of the matrix.
type Row struct {
	Party    Participant `json:"party"`
	Cells    []Cell      `json:"cells"` // one for each vulnerability, in order
	Products []Product   `json:"products"`
	Tracker  string      `json:"tracker,omitempty"`
	Overall  vex.Status  `json:"overall"`
	Changed  time.Time   `json:"changed_at,omitzero"`
	Mine     bool        `json:"mine"`
}

// Cell is where a party stands with one vulnerability.
type Cell struct {
	Status   vex.Status `json:"status"`
	All      *Status    `json:"all,omitempty"`
	Products []Status   `json:"products,omitempty"`
}

// Author is who wrote something.
type Author struct {
	Kind      string `json:"kind"`
	ID        string `json:"id"`
	Name      string `json:"name"`
	PartyName string `json:"party,omitempty"`
}

// Thread is a place to talk.
type Thread struct {
	ID     string    `json:"id"`
	Case   string    `json:"case_id"`
	Kind   string    `json:"kind"`
	TLP    tlp.Level `json:"tlp"`
	Title  string    `json:"title"`
	Closed bool      `json:"closed"`
	Unread int       `json:"unread"`
}

// Message is something that was said.
type Message struct {
	ID       string    `json:"id"`
	Thread   string    `json:"thread_id"`
	TLP      tlp.Level `json:"tlp"`
	Author   Author    `json:"author"`
	Body     string    `json:"body"`
	Files    []File    `json:"files,omitempty"`
	Version  int64     `json:"version"`
	PostedAt time.Time `json:"posted_at"`
	EditedAt time.Time `json:"edited_at,omitzero"`
	Unread   bool      `json:"unread"`
}

// Messages is a part of a thread.
type Messages struct {
	Messages []Message `json:"messages"`
	FirstNew string    `json:"first_unread,omitempty"`
	Older    string    `json:"older,omitempty"`
	Newer    string    `json:"newer,omitempty"`
}

// File is an uploaded file.
type File struct {
	ID      string    `json:"id"`
	Case    string    `json:"case_id,omitempty"`
	Thread  string    `json:"thread_id,omitempty"`
	TLP     tlp.Level `json:"tlp"`
	Name    string    `json:"name"`
	Media   string    `json:"media_type"`
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256"`
	AddedAt time.Time `json:"added_at,omitzero"`
}

// Report is what somebody reported.
type Report struct {
	ID         string    `json:"id"`
	Number     string    `json:"number"`
	TLP        tlp.Level `json:"tlp"`
	Title      string    `json:"title"`
	Product    string    `json:"product,omitempty"`
	Component  string    `json:"component,omitempty"`
	State      mpcvd.RM  `json:"state"`
	Outcome    string    `json:"outcome,omitempty"`
	Scope      string    `json:"scope,omitempty"`
	Owner      string    `json:"owner_id,omitempty"`
	Case       string    `json:"case_id,omitempty"`
	Duplicates int       `json:"duplicates,omitempty"`
	PlannedAt  time.Time `json:"planned_at,omitzero"`
	ReceivedAt time.Time `json:"received_at"`
	Version    int64     `json:"version"`
}

// ReportText is the confidential part of a report.
type ReportText struct {
	Description  string `json:"description"`
	HowFound     string `json:"how_found,omitempty"`
	Exploitation string `json:"exploitation_details,omitempty"`
	Contact      string `json:"contact,omitempty"`
}

// OpenedReport is a report with its text.
type OpenedReport struct {
	Report
	Text  ReportText `json:"text"`
	Side  string     `json:"your_side"`
	Files []File     `json:"files"`
}

// NewReport is what a finder says.
type NewReport struct {
	Title        string    `json:"title,omitempty"`
	Description  string    `json:"description"` // Markdown or an armored OpenPGP message
	Product      string    `json:"product,omitempty"`
	Component    string    `json:"component,omitempty"`
	PURL         string    `json:"purl,omitempty"`
	Versions     string    `json:"versions,omitempty"`
	HowFound     string    `json:"how_found,omitempty"`
	Exploitation string    `json:"exploitation,omitempty"`
	References   []string  `json:"references,omitempty"`
	Credit       string    `json:"credit,omitempty"`
	Anonymous    bool      `json:"anonymous,omitempty"`
	Contact      string    `json:"contact,omitempty"`
	PlannedAt    time.Time `json:"planned_at,omitzero"`
}

// Receipt is what a finder keeps.
type Receipt struct {
	ID      string    `json:"id"`
	Number  string    `json:"number"`
	Secret  string    `json:"secret"`
	Link    string    `json:"link"`
	Expires time.Time `json:"expires_at"`
}

// FinderStatus is what a finder follows.
type FinderStatus struct {
	Report   Report `json:"report"`
	Standing struct {
		Code string `json:"code"`
		Text string `json:"text"`
	} `json:"standing"`
	AgreedAt  time.Time       `json:"agreed_at,omitzero"`
	Public    bool            `json:"public"`
	Messages  []ReportMessage `json:"messages"`
	Questions []ReportMessage `json:"questions"`
	Files     []File          `json:"files"`
}

// ReportMessage is something said about a report.
type ReportMessage struct {
	ID   string    `json:"id"`
	Kind string    `json:"kind"`
	Side string    `json:"side"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// Hit is one record that a search found.
type Hit struct {
	Kind    string    `json:"kind"`
	ID      string    `json:"id"`
	Case    string    `json:"case_id,omitempty"`
	Title   string    `json:"title"`
	Snippet string    `json:"snippet,omitempty"`
	URL     string    `json:"url"`
	TLP     tlp.Level `json:"tlp"`
	Updated time.Time `json:"updated_at"`
}

// Event is one entry of the ledger.
type Event struct {
	Seq       int64           `json:"seq"`
	At        time.Time       `json:"at"`
	Kind      string          `json:"kind"`
	ActorKind string          `json:"actor_kind"`
	ActorID   string          `json:"actor_id"`
	TLP       tlp.Level       `json:"tlp"`
	Scope     string          `json:"scope,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
}
