package board

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

const (
	maxTitle  = 200
	maxBody   = 20000
	maxReason = 1000
	maxOpen   = 366 * 24 * time.Hour // the longest that a ballot is open
	usualTime = 7 * 24 * time.Hour
	leastTime = 24 * time.Hour // that a ballot is open whose decision is carried out
)

// Motion is one question put to the board, with its ballot.
type Motion struct {
	ID     string        `json:"id"`
	Number string        `json:"number"` // "B-12"
	Kind   Kind          `json:"kind"`
	Title  string        `json:"title"`
	Text   string        `json:"text"`   // Markdown
	Object ledger.Object `json:"object"` // what it is about, or zero; kind "org" recuses that organization's seat
	// Proposal is what the motion's effect needs to know beyond its object: a
	// JSON object of the kind's own making, or nil.
	Proposal  json.RawMessage `json:"proposal,omitempty"`
	Proposer  string          `json:"proposer"`
	Sealed    bool            `json:"sealed"` // else the board sees choices at once
	Rules     ballot.Rules    `json:"rules"`
	Early     bool            `json:"early"` // closes once everybody who may has voted
	Level     tlp.Level       `json:"tlp"`
	State     ballot.State    `json:"state"`
	CreatedAt time.Time       `json:"created_at"`
	Deadline  time.Time       `json:"deadline"` // the first instant at which no vote is taken
	OpenedAt  time.Time       `json:"opened_at,omitzero"`
	ClosedAt  time.Time       `json:"closed_at,omitzero"`
	DecidedAt time.Time       `json:"decided_at,omitzero"`
	Decision  string          `json:"decision,omitempty"` // why it was withdrawn, or cannot be counted
	Result    *ballot.Result  `json:"result,omitempty"`   // once it has been counted
	Effect    Effected        `json:"effect,omitempty"`   // what came of the decision
	Obstacle  string          `json:"obstacle,omitempty"` // why it could not be done
	Version   int64           `json:"version"`
	Audience  string          `json:"-"`
}

const motionColumns = `m.id, m.number, m.kind, m.title, m.body, m.object_kind, m.object_id, m.proposal, m.proposer_id, m.sealed, m.quorum, m.majority, m.early, m.tlp, m.state, m.created_at, m.deadline, m.opened_at, m.closed_at, m.decided_at, m.decision, m.result, m.effect, m.obstacle, m.version, m.audience_id`

func scanMotion(m *Motion) []any {
	return []any{&m.ID, &m.Number, &m.Kind, &m.Title, &m.Text, &m.Object.Kind, &m.Object.ID, document{&m.Proposal}, &m.Proposer, &m.Sealed, part{&m.Rules.Quorum}, part{&m.Rules.Majority}, &m.Early, &m.Level, &m.State,
		db.At(&m.CreatedAt), db.At(&m.Deadline), db.At(&m.OpenedAt), db.At(&m.ClosedAt), db.At(&m.DecidedAt), &m.Decision, outcome{&m.Result}, &m.Effect, &m.Obstacle, &m.Version, &m.Audience}
}

func (in Motion) cleaned(now time.Time) (Motion, error) {
	var bad []errs.Field
	refuse := func(name, format string, args ...any) {
		bad = append(bad, errs.Field{Name: name, Reason: fmt.Sprintf(format, args...)})
	}
	line := func(name string, s *string, limit int, needed bool) {
		clean, _, err := text.CleanLine(*s, limit)
		switch {
		case err != nil:
			refuse(name, "Please correct this: %s.", err)
		case needed && clean == "":
			refuse(name, "This must not be empty.")
		}
		*s = clean
	}
	line("title", &in.Title, maxTitle, true)
	line("object.kind", &in.Object.Kind, 40, in.Object.ID != "")
	line("object.id", &in.Object.ID, 200, in.Object.Kind != "")
	body, _, err := text.CleanText(in.Text, maxBody)
	if err != nil {
		refuse("text", "Please correct this: %s.", err)
	}
	in.Text = body
	if !slices.Contains(Kinds, in.Kind) {
		refuse("kind", "Choose what the motion asks for: %s.", kindNames())
	}
	if in.Proposal, err = cleanProposal(in.Proposal); err != nil {
		refuse("proposal", "Please correct this: it %s.", err)
	}
	if in.Level == tlp.Clear {
		in.Level = level
	}
	if !in.Level.Valid() || in.Level == tlp.Red {
		refuse("tlp", "Choose a marking up to TLP:AMBER+STRICT; TLP:RED is for named persons.")
	}
	if in.Rules.Quorum == (ballot.Fraction{}) {
		in.Rules.Quorum = ballot.DefaultQuorum
	}
	if in.Rules.Majority == (ballot.Fraction{}) {
		in.Rules.Majority = ballot.DefaultMajority
	}
	if err := in.Rules.Valid(); err != nil {
		refuse("rules", "Please correct the rules: %s.", err)
	}
	if in.Deadline.IsZero() {
		in.Deadline = now.Add(usualTime)
	}
	in.Deadline = in.Deadline.UTC().Truncate(time.Microsecond)
	if err := timely(in.Deadline, now); err != nil {
		bad = append(bad, err.Fields...)
	}
	return in, errs.Join(bad)
}

func timely(deadline, now time.Time) *errs.Error {
	if !deadline.After(now) || deadline.After(now.Add(maxOpen)) {
		return errs.Bad("deadline", "The deadline must be in the future, and at most a year away.")
	}
	return nil
}

// fair refuses a ballot by which a few could have something carried out while
// the others do not look: it takes half the electorate and a day, or, where
// it cannot wait, everybody.
func (m Motion) fair(now time.Time) error {
	q := m.Rules.Quorum
	if !m.Binding() || q.Num == q.Den {
		return nil
	}
	if 2*q.Num < q.Den {
		return errs.New(errs.Conflict, "What this motion asks for is carried out as soon as it is decided: at least half of the electorate must vote. Set the quorum to 1/2 or more.")
	}
	if m.Deadline.Before(now.Add(leastTime)) {
		return errs.New(errs.Conflict, "What this motion asks for is carried out as soon as it is decided: the ballot must be open for at least 24 hours. Set a later deadline, or, where it cannot wait, the quorum 1/1: then everybody must vote.")
	}
	return nil
}

// Propose writes a motion as a draft. Whoever sits on the board now, their
// substitutes and the coordinators may. Of in, Kind, Title, Text, Object,
// Proposal, Sealed, Rules, Early, Level and Deadline are read; empty rules are a quorum
// of half and a majority of two thirds, no deadline is in seven days, and no
// level is TLP:AMBER+STRICT.
func Propose(tx *db.Tx, a audience.Actor, in Motion) (Motion, error) {
	aid, err := chamber(tx)
	if err != nil {
		return Motion{}, err
	}
	if err := speaks(tx, a, aid); err != nil {
		return Motion{}, err
	}
	if in, err = in.cleaned(tx.Now); err != nil {
		return Motion{}, err
	}
	n, err := db.Value[int64](tx, `UPDATE board_room SET motions = motions + 1 WHERE id = $1 RETURNING motions`, roomID)
	if err != nil {
		return Motion{}, err
	}
	in.ID, in.Number, in.State, in.Proposer, in.Audience = id.New("mot", tx.Now), fmt.Sprintf("B-%d", n), ballot.Motion.Start, a.Person, aid
	if _, err = tx.Exec(`INSERT INTO motion (id, number, audience_id, tlp, kind, title, body, object_kind, object_id, proposal, proposer_id, sealed, quorum, majority, early, state, created_at, deadline, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, 1)`,
		in.ID, in.Number, aid, int(in.Level), string(in.Kind), in.Title, in.Text, in.Object.Kind, in.Object.ID, string(in.Proposal), in.Proposer, db.Bit(in.Sealed), in.Rules.Quorum.String(), in.Rules.Majority.String(), db.Bit(in.Early),
		string(in.State), db.Micros(tx.Now), db.Micros(in.Deadline)); err != nil {
		return Motion{}, err
	}
	if in, err = byID(tx, in.ID); err == nil {
		record(tx, a, EventDrafted, in, in, motionTable.Of(in.ID))
	}
	return in, err
}

// speaks refuses who may not put motions: anybody without a seat who is no
// coordinator.
func speaks(tx *db.Tx, a audience.Actor, aid string) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	role, err := audience.RoleAt(tx, a, aid, level)
	if err == nil && (role < audience.Contributor || !charter.Allows(a, charter.ScopeWrite)) {
		err = errs.New(errs.Denied, "Only who sits on the board, and the coordinators, may put motions.")
	}
	return err
}

// Get reads a motion, by id or number, that the actor may see.
func Get(tx *db.Tx, a audience.Actor, ref string) (Motion, error) {
	if err := charter.SignedIn(a); err != nil {
		return Motion{}, err
	}
	args := db.Args{ref}
	m, ok, err := db.One(tx, scanMotion, `SELECT `+motionColumns+` FROM motion m WHERE (m.id = $1 OR m.number = $1) AND `+audience.Visible(a, "m", &args), args...)
	if err != nil || !ok {
		return Motion{}, missing(err, "motion")
	}
	return m, nil
}

func byID(tx *db.Tx, motionID string) (Motion, error) {
	m, ok, err := db.One(tx, scanMotion, `SELECT `+motionColumns+` FROM motion m WHERE m.id = $1`, motionID)
	if err != nil || !ok {
		return Motion{}, missing(err, "motion")
	}
	return m, nil
}

// hold loads a motion that the actor may see, and takes its row for the rest
// of the transaction: verbs on one motion happen one after the other.
func hold(tx *db.Tx, a audience.Actor, ref string) (Motion, error) {
	m, err := Get(tx, a, ref)
	if err != nil {
		return m, err
	}
	return held(tx, m.ID)
}

func held(tx *db.Tx, motionID string) (Motion, error) {
	// The version stays: that a vote was cast must not show.
	if _, err := tx.Exec(`UPDATE motion SET version = version WHERE id = $1`, motionID); err != nil {
		return Motion{}, err
	}
	return byID(tx, motionID)
}

// led is hold for who may lead the motion: its proposer while they may speak,
// and the coordinators.
func led(tx *db.Tx, a audience.Actor, ref string) (Motion, error) {
	m, err := hold(tx, a, ref)
	if err != nil {
		return m, err
	}
	leads, err := Leads(tx, a, m)
	if err != nil || leads {
		return m, err
	}
	return m, errs.New(errs.Denied, "Only who proposed the motion, and the coordinators, may do this.")
}

// Revise changes a draft; in.Version is the version seen.
func Revise(tx *db.Tx, a audience.Actor, in Motion) (Motion, error) {
	m, err := led(tx, a, in.ID)
	if err != nil {
		return m, err
	}
	if _, err := ballot.Motion.Move(m.State, ballot.Edit); err != nil {
		return m, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if in, err = in.cleaned(tx.Now); err != nil {
		return m, err
	}
	if in.Version != m.Version {
		return m, stale(m, in)
	}
	if err := move(tx, &m, ballot.Edit, `tlp = $4, kind = $5, title = $6, body = $7, object_kind = $8, object_id = $9, sealed = $10, quorum = $11, majority = $12, early = $13, deadline = $14, proposal = $15`,
		int(in.Level), string(in.Kind), in.Title, in.Text, in.Object.Kind, in.Object.ID, db.Bit(in.Sealed), in.Rules.Quorum.String(), in.Rules.Majority.String(), db.Bit(in.Early), db.Micros(in.Deadline), string(in.Proposal)); err != nil {
		return m, err
	}
	record(tx, a, EventEdited, m, m, motionTable.Of(m.ID))
	return m, nil
}

// Open puts a draft to the vote: the seats of this instant are its
// electorate. The seat of the organization that the motion is about, or makes
// an exception for, is recused. A motion that binds (Motion.Binding) needs a quorum of half and 24
// hours, or a quorum of all. version is the version seen.
func Open(tx *db.Tx, a audience.Actor, ref string, version int64) (Motion, error) {
	m, err := led(tx, a, ref)
	if err != nil {
		return m, err
	}
	if _, err := ballot.Motion.Move(m.State, ballot.Put); err != nil {
		return m, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if version != m.Version {
		return m, stale(m, version)
	}
	if err := timely(m.Deadline, tx.Now); err != nil {
		return m, err
	}
	if err := m.fair(tx.Now); err != nil {
		return m, err
	}
	list, err := seats(tx, `s.ended_at IS NULL`)
	if err != nil {
		return m, err
	}
	list = slices.DeleteFunc(list, func(s Seat) bool { return s.standing(tx.Now).Standing != ballot.Sits })
	if len(list) == 0 {
		return m, errs.New(errs.Conflict, "Nobody has a seat on the board now. Appoint executives before a motion is put to the vote.")
	}
	if err := move(tx, &m, ballot.Put, `opened_at = $4`, db.Micros(tx.Now)); err != nil {
		return m, err
	}
	binds := []ledger.Bound{motionTable.Of(m.ID)}
	var electorate []string
	for _, s := range list {
		row := id.New("mse", tx.Now)
		if _, err := tx.Exec(`INSERT INTO motion_seat (id, motion_id, seat_id) VALUES ($1, $2, $3)`, row, m.ID, s.ID); err != nil {
			return m, err
		}
		binds, electorate = append(binds, electionTable.Of(row)), append(electorate, s.ID)
	}
	record(tx, a, EventOpened, m, map[string]any{"deadline": m.Deadline, "electorate": electorate, "rules": m.Rules, "sealed": m.Sealed}, binds...)
	for _, s := range list {
		if m.concerns(s.Org) {
			if err := recuse(tx, audience.Actor{}, m, s.ID, "The motion is about this organization."); err != nil {
				return m, err
			}
		}
	}
	return m, nil
}

// concerns reports whether the motion is about an organization: it is its
// object, or the party that an exception is made for.
func (m Motion) concerns(org string) bool {
	var in struct {
		Party string `json:"party"`
	}
	if m.Kind == Exception && json.Unmarshal(m.Proposal, &in) == nil && in.Party == org {
		return true
	}
	return m.Object.Kind == "org" && m.Object.ID == org
}

// Withdraw ends a motion without a decision, with a reason. What was voted is
// not counted; the effect of the motion's kind learns of it.
func (r Room) Withdraw(tx *db.Tx, a audience.Actor, ref, reason string) (Motion, error) {
	m, err := led(tx, a, ref)
	if err != nil {
		return m, err
	}
	if reason, err = cleanText("reason", reason, maxReason, "Say why the motion is withdrawn."); err != nil {
		return m, err
	}
	if err := move(tx, &m, ballot.Annul, `decided_at = $4, decision = $5`, db.Micros(tx.Now), reason); err != nil {
		return m, err
	}
	record(tx, a, EventVoid, m, map[string]any{"reason": reason}, motionTable.Of(m.ID))
	return r.effect(tx, a, m)
}

// move is the one place where a motion's state changes: along a row of the
// table, guarded. set holds more columns, with parameters from $4 on; m is
// read anew.
func move(tx *db.Tx, m *Motion, verb ballot.Verb, set string, args ...any) error {
	to, err := ballot.Motion.Move(m.State, verb)
	if err != nil {
		return errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if set != "" {
		set = ", " + set
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "The motion %s changed meanwhile. Look at it again.", m.Number),
		`UPDATE motion SET state = $1, version = version + 1`+set+` WHERE id = $2 AND state = $3`, append([]any{string(to), m.ID, string(m.State)}, args...)...); err != nil {
		return err
	}
	*m, err = byID(tx, m.ID)
	return err
}

func stale(theirs Motion, yours any) *errs.Error {
	e := errs.New(errs.Stale, "Somebody changed this motion while you had it open. Compare both versions and save again.")
	e.Theirs, e.Yours = theirs, yours
	return e
}
