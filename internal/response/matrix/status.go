package matrix

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/spec/prose"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// Status is where one party stands on one vulnerability: for all its
// products, or for the one that Product names.
type Status struct {
	ID            string            `json:"id"`
	Case          string            `json:"case_id"`
	Participant   string            `json:"participant_id"`
	Vulnerability string            `json:"vulnerability_id"`
	Product       string            `json:"product_id"` // or "" for all products
	Audience      string            `json:"-"`
	Level         tlp.Level         `json:"tlp"`
	Release       time.Time         `json:"release_at,omitzero"`
	Status        vex.Status        `json:"status"`
	Justification vex.Justification `json:"justification,omitempty"`
	Statement     string            `json:"statement"` // Markdown
	Affected      []string          `json:"affected_versions"`
	Fixed         []string          `json:"fixed_versions"`
	OnBehalf      bool              `json:"on_behalf"` // a coordinator said it for them
	Person        string            `json:"-"`
	Version       int64             `json:"version"`
	ChangedAt     time.Time         `json:"changed_at"`
}

const statusColumns = `s.id, s.case_id, s.participant_id, s.vuln_id, s.product_id, s.audience_id, s.tlp, s.release_at, s.status, s.justification, s.statement, s.affected, s.fixed, s.on_behalf, s.person_id, s.version, s.changed_at`

func scanStatus(s *Status) []any {
	return []any{&s.ID, &s.Case, &s.Participant, &s.Vulnerability, &s.Product, &s.Audience, &s.Level, db.At(&s.Release), &s.Status, &s.Justification, &s.Statement,
		db.JSON(&s.Affected), db.JSON(&s.Fixed), &s.OnBehalf, &s.Person, &s.Version, db.At(&s.ChangedAt)}
}

var statusTable = ledger.Table{Kind: "status", Name: "status", Cols: "case_id, participant_id, vuln_id, product_id, status, justification, statement, affected, fixed, on_behalf, changed_at"}

const (
	maxStatement = 20_000
	maxVersions  = 100
)

// Statuses lists what the parties of a case have said, as far as the actor
// may see it.
func Statuses(tx *db.Tx, a audience.Actor, caseID string) ([]Status, error) {
	return statuses(tx, a, caseID, statusColumns, scanStatus)
}

func statuses(tx *db.Tx, a audience.Actor, caseID, columns string, scan func(*Status) []any) ([]Status, error) {
	var args db.Args
	of := args.Add(caseID)
	return db.All(tx, scan, `SELECT `+columns+` FROM status s WHERE s.case_id = `+of+` AND (`+audience.Published("s", tx.Now, &args)+
		` OR `+audience.VisibleAmong(a, "status", "s", "case_id = "+of, &args)+`) ORDER BY s.participant_id, s.vuln_id, s.product_id`, args...)
}

// SetStatus says where a party stands. The party says it itself, or a
// coordinator on its behalf, which the record shows. in.Version is the
// version seen, 0 for a cell that was empty; Stale with both versions when
// somebody was faster.
func SetStatus(tx *db.Tx, a audience.Actor, caseRef string, in Status) (Status, error) {
	c, err := casework.LoadAs(tx, a, caseRef, audience.Contributor)
	if err != nil {
		return in, err
	}
	p, onBehalf, err := casework.ActingFor(tx, a, c, in.Participant)
	if err != nil {
		return in, err
	}
	if p.Role == casework.Finder {
		return in, errs.New(errs.Conflict, "A finder has no products to speak for.")
	}
	v, err := LoadVulnerability(tx, a, in.Vulnerability)
	if err != nil || v.Case != c.ID {
		return in, firstError(err, errs.Missing("vulnerability"))
	}
	if in.Product != "" {
		r, err := loadProduct(tx, a, in.Product)
		if err != nil || r.Participant != p.ID {
			return in, firstError(err, errs.Missing("product"))
		}
	}
	if in, err = in.cleaned(); err != nil {
		return in, err
	}
	in.Case, in.Audience, in.Level, in.OnBehalf, in.Person, in.ChangedAt = c.ID, p.Audience, p.Level, onBehalf, a.Person, tx.Now
	if err := in.write(tx, a); err != nil {
		return in, err
	}
	return in, in.tell(tx, a, c, p, v)
}

// write inserts the first word on a cell or replaces the version seen.
func (s *Status) write(tx *db.Tx, a audience.Actor) error {
	var args db.Args
	old, found, err := db.One(tx, scanStatus, `SELECT `+statusColumns+` FROM status s WHERE s.participant_id = `+args.Add(s.Participant)+` AND s.vuln_id = `+args.Add(s.Vulnerability)+
		` AND s.product_id = `+args.Add(s.Product)+` AND `+audience.Visible(a, "s", &args), args...)
	if err != nil {
		return err
	}
	if !found {
		if s.Version != 0 {
			return errs.Missing("status")
		}
		s.ID, s.Version = id.New("sta", tx.Now), 1
		return InsertStatus(tx, *s)
	}
	s.ID = old.ID
	if err := tx.Guarded(stale(old, *s), `UPDATE status SET status = $1, justification = $2, statement = $3, affected = $4, fixed = $5, on_behalf = $6, person_id = $7, version = version + 1, changed_at = $8
		WHERE id = $9 AND version = $10`,
		string(s.Status), string(s.Justification), s.Statement, db.JSON(s.Affected), db.JSON(s.Fixed), db.Bit(s.OnBehalf), s.Person, db.Micros(s.ChangedAt), s.ID, s.Version); err != nil {
		return err
	}
	s.Version++
	return nil
}

// InsertStatus writes a status row as it is, for imports; the caller records
// the event.
func InsertStatus(tx *db.Tx, s Status) error {
	_, err := tx.Exec(`INSERT INTO status (id, case_id, participant_id, vuln_id, product_id, audience_id, tlp, release_at, status, justification, statement, affected, fixed, on_behalf, person_id, version, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
		s.ID, s.Case, s.Participant, s.Vulnerability, s.Product, s.Audience, int(s.Level), db.Micros(s.Release), string(s.Status), string(s.Justification), s.Statement,
		db.JSON(s.Affected), db.JSON(s.Fixed), db.Bit(s.OnBehalf), s.Person, s.Version, db.Micros(s.ChangedAt))
	return err
}

// tell records the word, and that the party has replied.
func (s Status) tell(tx *db.Tx, a audience.Actor, c casework.Case, p casework.Participant, v Vulnerability) error {
	if !s.OnBehalf {
		if _, err := tx.Exec(`UPDATE participant SET replied_at = COALESCE(replied_at, $1), seen_at = COALESCE(seen_at, $1) WHERE id = $2`, db.Micros(tx.Now), p.ID); err != nil {
			return err
		}
	}
	ledger.Append(tx, ledger.Event{Kind: StatusSet, Actor: a, Audience: s.Audience, Level: s.Level, Scope: c.ID, Party: p.ID, Object: ledger.Object{Kind: "status", ID: s.ID},
		Data: said{p.Name, v.Label, string(s.Status), s.OnBehalf}, Binds: []ledger.Bound{statusTable.Of(s.ID)}})
	return firstError(search.Put(tx, search.Doc{Kind: "status", ObjectID: s.ID, Scope: c.ID, Party: p.ID, Audience: s.Audience, Level: s.Level, Release: s.Release,
		Title: p.Name + ": " + s.Status.Label(), Body: prose.Plain(s.Statement), URL: "/cases/" + c.Number + "/vendors"}), casework.Touch(tx, c.ID))
}

func (s Status) cleaned() (Status, error) {
	var fields []errs.Field
	var err error
	if s.Statement, _, err = text.CleanText(s.Statement, maxStatement); err != nil {
		fields = append(fields, errs.Field{Name: "statement", Reason: err.Error()})
	}
	if err := vex.Check(s.Status, s.Justification, s.Statement); err != nil {
		fields = append(fields, errs.Field{Name: "status", Reason: err.Error()})
	} else if s.Status == vex.NoReply || s.Status == vex.Seen {
		fields = append(fields, errs.Field{Name: "status", Reason: "Silence cannot be said; choose investigating, affected, not affected or fixed."})
	}
	if s.Affected, err = cleanList(s.Affected, maxVersions, 200); err != nil {
		fields = append(fields, errs.Field{Name: "affected_versions", Reason: err.Error()})
	}
	if s.Fixed, err = cleanList(s.Fixed, maxVersions, 200); err != nil {
		fields = append(fields, errs.Field{Name: "fixed_versions", Reason: err.Error()})
	}
	return s, errs.Join(fields)
}
