// Package agreements keeps what the members of the alliance have to agree to:
// nondisclosure agreements, memoranda for those who cannot sign one, program
// terms, antitrust notices. Each has versions whose text never changes, and a
// record of who accepted which version when and from where.
//
// What an audience requires (audience_terms) is the id of a version: the last
// one that demanded acceptance anew, here called the generation. Accepting any
// later version of the same generation satisfies it. A new version that
// demands acceptance anew takes the place of the old generation in every
// audience at once, and so shuts out, from the next request on, whoever has
// not accepted it. An agreement may name others that satisfy it too: who
// accepted one of those need not accept this one.
//
// terms_acceptance, which the audience rule reads, is computed from the
// acceptances kept here (settle); nothing else writes a generation there.
package agreements

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Kind is what sort of agreement it is.
type Kind string

// The kinds. CaseTerms is one agreement that everybody knows by CaseTermsID:
// the text is kept in the alliance's settings, and each case keeps the one it
// was opened with.
const (
	NDA       Kind = "nda"
	Memo      Kind = "memorandum" // for those who cannot sign an NDA
	Program   Kind = "program"
	Antitrust Kind = "antitrust"
	CaseTerms Kind = "case"
)

// Kinds lists the kinds.
var Kinds = []Kind{NDA, Memo, Program, Antitrust, CaseTerms}

// CaseTermsID is the id of the case terms among the agreements.
const CaseTermsID = "case-terms"

// Sight is who may read an agreement's text.
type Sight string

// Who may read. The alliance roles always may.
const (
	Public    Sight = "public"    // everybody, without an account too
	Members   Sight = "members"   // everybody with an account
	Concerned Sight = "concerned" // whom it is asked of, and who accepted it once
)

// Sights lists them, widest first.
var Sights = []Sight{Public, Members, Concerned}

// State is whether an agreement is in use.
type State string

// The states. Nobody accepts a withdrawn agreement, and nothing requires it.
const (
	Active    State = "active"
	Withdrawn State = "withdrawn"
)

// Agreement is one agreement with the facts of its present version.
type Agreement struct {
	ID        string    `json:"id"`
	Kind      Kind      `json:"kind"`
	Title     string    `json:"title"` // cleaned; unique without regard to case
	Sight     Sight     `json:"sight"`
	Program   string    `json:"program_id"` // whose own coordinators may edit it too, or ""
	Also      []string  `json:"also"`       // ids of agreements that satisfy this one too
	State     State     `json:"state"`
	CreatedAt time.Time `json:"created_at"`
	Version   int64     `json:"version"` // optimistic lock
	Current   Text      `json:"current"`
	Audience  string    `json:"-"`
	Level     tlp.Level `json:"-"`
}

// Text is one version of an agreement.
type Text struct {
	ID         string    `json:"id"`
	Agreement  string    `json:"agreement_id"`
	Number     int       `json:"number"` // from 1
	Body       string    `json:"body"`   // Markdown
	Note       string    `json:"note"`   // what changed, in a sentence
	Demands    bool      `json:"demands"`
	Generation string    `json:"generation_id"` // the last version that demanded acceptance anew
	Author     string    `json:"author"`        // person id
	At         time.Time `json:"at"`
	Title      string    `json:"title"` // of the agreement
	Kind       Kind      `json:"kind"`  // of the agreement
}

// Acceptance is that a party agreed to a version.
type Acceptance struct {
	ID        string         `json:"id"`
	Agreement string         `json:"agreement_id"`
	Title     string         `json:"title"` // of the agreement
	Text      string         `json:"version_id"`
	Number    int            `json:"number"` // of the version
	Party     audience.Party `json:"party"`
	Name      string         `json:"party_name"`
	Person    string         `json:"person"` // who accepted, or who recorded the paper
	By        string         `json:"person_name"`
	Signer    string         `json:"signer"`  // of the paper
	Paper     string         `json:"paper"`   // where the paper is kept; empty when it was accepted here
	Address   string         `json:"address"` // of the request; empty for who may not know
	At        time.Time      `json:"at"`
	EndedAt   time.Time      `json:"ended_at,omitzero"`
	EndReason string         `json:"end_reason,omitempty"`
	Valid     bool           `json:"valid"` // not ended, and of the present generation
	audience  string
}

// The kinds of events.
const (
	EventMade      = "agreement.made"
	EventEdited    = "agreement.edited"
	EventRevised   = "agreement.revised"
	EventWithdrawn = "agreement.withdrawn"
	EventRestored  = "agreement.restored"
	EventAsked     = "agreement.asked"
	EventAccepted  = "agreement.accepted"
	EventEnded     = "agreement.ended"
)

var (
	table           = ledger.Table{Kind: "agreement", Name: "agreement", Cols: "id, audience_id, tlp, release_at, kind, title, sight, program_id, also, state, current_id, created_at, version"}
	textTable       = ledger.Table{Kind: "agreement_version", Name: "agreement_version", Cols: "id, agreement_id, number, body, note, demands, generation_id, author_id, at"}
	askingTable     = ledger.Table{Kind: "agreement_asking", Name: "agreement_asking", Cols: "id, agreement_id, generation_id, party_kind, party_id, audience_id, at"}
	acceptanceTable = ledger.Table{Kind: "agreement_acceptance", Name: "agreement_acceptance", Cols: "id, audience_id, tlp, agreement_id, version_id, party_kind, party_id, person_id, signer, paper, address, salt, at, ended_at, end_reason, ended_by"}
)

// Tables names the rows that this package's events vouch for.
func Tables() []ledger.Table {
	return []ledger.Table{table, textTable, askingTable, acceptanceTable}
}

const (
	textColumns = `v.id, v.agreement_id, v.number, v.body, v.note, v.demands, v.generation_id, v.author_id, v.at`
	columns     = `g.id, g.kind, g.title, g.sight, g.program_id, g.also, g.state, g.created_at, g.version, g.audience_id, g.tlp, ` + textColumns
	from        = ` FROM agreement g JOIN agreement_version v ON v.id = g.current_id`
)

func scanText(t *Text) []any {
	return []any{&t.ID, &t.Agreement, &t.Number, &t.Body, &t.Note, &t.Demands, &t.Generation, &t.Author, db.At(&t.At)}
}

func scan(g *Agreement) []any {
	return append([]any{&g.ID, &g.Kind, &g.Title, &g.Sight, &g.Program, db.JSON(&g.Also), &g.State, db.At(&g.CreatedAt), &g.Version, &g.Audience, &g.Level}, scanText(&g.Current)...)
}

// named gives the present text its agreement's name, which a Text carries for
// lists.
func (g Agreement) named() Agreement {
	g.Current.Title, g.Current.Kind = g.Title, g.Kind
	if g.Also == nil {
		g.Also = []string{}
	}
	return g
}
