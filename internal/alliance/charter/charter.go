// Package charter is the alliance's own facts and settings: its name and
// address, its limits and texts, its keys. It also names the alliance roles
// and the scopes of API tokens, on which the other packages of this storey
// build.
package charter

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/tlp"
)

// Charter is what the operator may change about the alliance.
type Charter struct {
	Name      string `json:"name"`      // of the alliance
	Namespace string `json:"namespace"` // URL; CSAF publisher namespace (CSAF 2.0, 3.2.1.8.4)
	Email     string `json:"email"`     // contact, in security.txt and the OpenPGP user id
	URL       string `json:"url"`       // where this server is reached, without a slash at the end
	Country   string `json:"country"`   // ISO 3166-1 alpha-2, or ""
	TimeZone  string `json:"time_zone"` // IANA name; instants are shown in it to visitors

	EmbargoDefaultDays int `json:"embargo_default_days"` // length proposed when nobody says another
	EmbargoMaxDays     int `json:"embargo_max_days"`     // longest that can be proposed
	ProposalDays       int `json:"proposal_days"`        // an unopposed proposal passes after these
	InvitationDays     int `json:"invitation_days"`      // an invited party is asked again, then its backup, after these

	DefaultPolicy string `json:"default_policy"` // Markdown; once published it counts as a proposal
	CaseTerms     string `json:"case_terms"`     // Markdown; what a party accepts before it sees a case
	ReportScope   string `json:"report_scope"`   // Markdown; what the report page says it takes

	// TermsID names the present text of CaseTerms; a new text gets a new one.
	TermsID   string    `json:"terms_id"`
	FoundedAt time.Time `json:"founded_at"`
	Version   int64     `json:"version"` // optimistic lock
	// Audience is operators and coordinators: who learns of administrative
	// events that belong to no single organization.
	Audience string `json:"-"`
}

// PolicyProposes reports whether a default policy is published, which counts
// as the proposal of an embargo of EmbargoDefaultDays.
func (c Charter) PolicyProposes() bool { return c.DefaultPolicy != "" }

// The kinds of events.
const (
	EventFounded  = "charter.founded"
	EventEdited   = "charter.edited"
	EventRotated  = "key.rotated"
	EventImported = "key.imported"
)

const theID = "alliance"

var table = ledger.Table{Kind: "charter", Name: "charter", Cols: "id, audience_id, terms_id, settings, founded_at, version"}
var termsTable = ledger.Table{Kind: "case_terms", Name: "case_terms", Cols: "id, text, since"}

// Tables names the rows that this package's events vouch for.
func Tables() []ledger.Table { return []ledger.Table{table, termsTable} }

// Founded reports whether the alliance has been set up.
func Founded(tx *db.Tx) (bool, error) {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM charter`)
	return n > 0, err
}

// Load reads the charter; Conflict before the alliance is founded.
func Load(tx *db.Tx) (Charter, error) {
	c, ok, err := db.One(tx, func(c *Charter) []any {
		return []any{db.JSON(c), &c.Audience, &c.TermsID, db.At(&c.FoundedAt), &c.Version}
	}, `SELECT settings, audience_id, terms_id, founded_at, version FROM charter WHERE id = $1`, theID)
	if err == nil && !ok {
		err = errs.New(errs.Conflict, "The alliance has not been set up yet. Open the setup link that the server printed, or run: tocsin admin init")
	}
	return c, err
}

// Found creates the alliance once, with its ledger key and its OpenPGP key.
// Empty fields of in take their defaults. Conflict when it exists.
func Found(tx *db.Tx, s *seal.Sealer, in Charter) (Charter, error) {
	if done, err := Founded(tx); err != nil || done {
		return Charter{}, firstOf(err, errs.New(errs.Conflict, "This alliance has been set up already. Sign in, or ask its operator for an invitation."))
	}
	in = in.withDefaults()
	in, err := in.cleaned()
	if err != nil {
		return Charter{}, err
	}
	offices := []audience.Grant{
		{Kind: audience.Office, ID: Operator, Role: audience.Reader, Reason: "runs the server"},
		{Kind: audience.Office, ID: Coordinator, Role: audience.Reader, Reason: "coordinates"},
	}
	if in.Audience, err = audience.Create(tx, "administration", offices, nil, nil); err != nil {
		return Charter{}, err
	}
	in.FoundedAt, in.Version, in.TermsID = tx.Now, 1, id.New("terms", tx.Now)
	if err := makeKeys(tx, s, in); err != nil {
		return Charter{}, err
	}
	if err := keepTerms(tx, in); err != nil {
		return Charter{}, err
	}
	_, err = tx.Exec(`INSERT INTO charter (id, audience_id, terms_id, settings, founded_at, version) VALUES ($1, $2, $3, $4, $5, $6)`,
		theID, in.Audience, in.TermsID, db.JSON(in.settings()), db.Micros(in.FoundedAt), in.Version)
	if db.Taken(err) {
		return Charter{}, errs.Wrap(errs.Conflict, err, "Somebody else has just set up this alliance.")
	}
	if err != nil {
		return Charter{}, err
	}
	if _, err := tx.Exec(`DELETE FROM setting WHERE name = $1`, setupSetting); err != nil {
		return Charter{}, err
	}
	ledger.Append(tx, ledger.Event{Kind: EventFounded, Audience: in.Audience, Level: tlp.Green, Object: ledger.Object{Kind: "charter", ID: theID},
		Data: in.settings(), Binds: []ledger.Bound{table.Of(theID), termsTable.Of(in.TermsID)}})
	return in, nil
}

// Update replaces the settings; in.Version is the version the operator saw.
// Stale when somebody else was faster, with both versions.
func Update(tx *db.Tx, a audience.Actor, in Charter) (Charter, error) {
	if err := SignedIn(a); err != nil {
		return Charter{}, err
	}
	if !IsOperator(a) {
		return Charter{}, errs.New(errs.Denied, "Only an operator may change the alliance's settings.")
	}
	old, err := Load(tx)
	if err != nil {
		return Charter{}, err
	}
	in.TermsID, in.FoundedAt, in.Audience = old.TermsID, old.FoundedAt, old.Audience
	if in, err = in.cleaned(); err != nil {
		return Charter{}, err
	}
	binds := []ledger.Bound{table.Of(theID)}
	if in.CaseTerms != old.CaseTerms {
		in.TermsID = id.New("terms", tx.Now)
		if err := keepTerms(tx, in); err != nil {
			return Charter{}, err
		}
		binds = append(binds, termsTable.Of(in.TermsID))
	}
	stale := errs.New(errs.Stale, "Somebody changed the settings while you had them open. Compare both versions and save again.")
	stale.Theirs, stale.Yours = old, in
	err = tx.Guarded(stale, `UPDATE charter SET settings = $1, terms_id = $2, version = version + 1 WHERE id = $3 AND version = $4`, db.JSON(in.settings()), in.TermsID, theID, in.Version)
	if err != nil {
		return Charter{}, err
	}
	in.Version++
	ledger.Append(tx, ledger.Event{Kind: EventEdited, Actor: a, Audience: in.Audience, Level: tlp.Green, Object: ledger.Object{Kind: "charter", ID: theID}, Data: in.settings(), Binds: binds})
	return in, nil
}

// Terms is the text of case terms by their id, also of past ones; NotFound
// when there are none.
func Terms(tx *db.Tx, termsID string) (string, error) {
	text, ok, err := db.One(tx, func(s *string) []any { return []any{s} }, `SELECT text FROM case_terms WHERE id = $1`, termsID)
	if err == nil && !ok {
		err = errs.Missing("terms")
	}
	return text, err
}

func keepTerms(tx *db.Tx, c Charter) error {
	_, err := tx.Exec(`INSERT INTO case_terms (id, text, since) VALUES ($1, $2, $3)`, c.TermsID, c.CaseTerms, db.Micros(tx.Now))
	return err
}

// settings is what stands in the JSON column; the rest has columns.
func (c Charter) settings() Charter {
	c.Version, c.TermsID, c.FoundedAt = 0, "", time.Time{}
	return c
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// Administration is the audience of administrative events that belong to no
// single organization; "" (operators by the ledger's own rule) before the
// alliance is founded.
func Administration(tx *db.Tx) (string, error) {
	return db.Value[string](tx, `SELECT audience_id FROM charter WHERE id = $1`, theID)
}
