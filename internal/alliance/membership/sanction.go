package membership

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	spec "tocsin/spec/membership"
	"tocsin/spec/text"
)

// AppealDays is how long a member may appeal against a sanction.
const AppealDays = 14

const maxGround = 5000 // runes of a reason, a plea or a decision

// Penalty is one sanction against a member, with its appeal.
type Penalty struct {
	ID          string            `json:"id"`
	Member      string            `json:"member"` // id of the standing
	Kind        spec.SanctionVerb `json:"kind"`   // warn, reduce, suspend or remove
	Reason      string            `json:"reason"` // Markdown
	Motion      string            `json:"motion,omitempty"`
	By          string            `json:"by,omitempty"` // person; empty for the board
	At          time.Time         `json:"at"`
	FollowedBy  string            `json:"followed_by,omitempty"` // the heavier one that took its place
	EndedAt     time.Time         `json:"ended_at,omitzero"`
	EndReason   string            `json:"end_reason,omitempty"`
	Appeal      spec.AppealState  `json:"appeal"`
	AppealUntil time.Time         `json:"appeal_until"` // the first instant at which none is taken
	Plea        string            `json:"plea,omitempty"`
	AppealedBy  string            `json:"appealed_by,omitempty"`
	AppealedAt  time.Time         `json:"appealed_at,omitzero"`
	Decision    string            `json:"decision,omitempty"`
	DecidedBy   string            `json:"decided_by,omitempty"`
	DecidedAt   time.Time         `json:"decided_at,omitzero"`
	Version     int64             `json:"version"`
}

const penaltyColumns = `k.id, k.standing_id, k.kind, k.reason, k.motion_id, k.person_id, k.at, k.followed_by, k.ended_at, k.end_reason, k.appeal, k.appeal_until, k.plea, k.appealed_by, k.appealed_at, k.decision, k.decided_by, k.decided_at, k.version`

func scanPenalty(p *Penalty) []any {
	return []any{&p.ID, &p.Member, &p.Kind, &p.Reason, &p.Motion, &p.By, db.At(&p.At), &p.FollowedBy, db.At(&p.EndedAt), &p.EndReason, &p.Appeal, db.At(&p.AppealUntil), &p.Plea, &p.AppealedBy, db.At(&p.AppealedAt), &p.Decision, &p.DecidedBy, db.At(&p.DecidedAt), &p.Version}
}

// Current reports whether the sanction is the one in force.
func (p Penalty) Current() bool { return p.FollowedBy == "" && p.EndedAt.IsZero() }

// ByBoard reports whether the board imposed it, and so decides what becomes
// of it.
func (p Penalty) ByBoard() bool { return p.Kind == spec.Suspend || p.Kind == spec.Remove }

var penaltyEvents = map[spec.SanctionVerb]string{spec.Warn: EventWarned, spec.Reduce: EventReduced, spec.Suspend: EventSuspended, spec.Remove: EventRemoved}

// Warn warns a member, with a reason; coordinators may, a program's own in
// their program. ref is a Membership's Ref or id.
func Warn(tx *db.Tx, a audience.Actor, ref, reason string) (Membership, error) {
	return sanctionedBy(tx, a, ref, spec.Warn, reason)
}

// Reduce takes from a member, with a reason, all but reading; coordinators
// may.
func Reduce(tx *db.Tx, a audience.Actor, ref, reason string) (Membership, error) {
	return sanctionedBy(tx, a, ref, spec.Reduce, reason)
}

func sanctionedBy(tx *db.Tx, a audience.Actor, ref string, verb spec.SanctionVerb, reason string) (Membership, error) {
	m, err := StandingIn(tx, a, ref)
	if err != nil {
		return m, err
	}
	if err := keepsStanding(a, m); err != nil {
		return m, err
	}
	if err := impartialTo(a, m); err != nil {
		return m, err
	}
	if reason, err = ground("reason", reason, "Say what the member did, and what is expected of it."); err != nil {
		return m, err
	}
	return impose(tx, a, m, verb, reason, "")
}

// impartialTo refuses who works for the member.
func impartialTo(a audience.Actor, m Membership) error {
	if a.Holds(audience.Org, m.Org) || a.Holds(audience.Office, orgs.VoiceOf(m.Org)) {
		return errs.New(errs.Denied, "You work for %s; somebody else has to decide this.", m.OrgName)
	}
	return nil
}

func ground(field, s, needed string) (string, error) {
	clean, _, err := text.CleanText(s, maxGround)
	if err != nil {
		return "", errs.Bad(field, "Please correct this: %s.", err)
	}
	if clean == "" {
		return "", errs.Bad(field, "%s", needed)
	}
	return clean, nil
}

// impose is the one place where a sanction begins.
func impose(tx *db.Tx, a audience.Actor, m Membership, verb spec.SanctionVerb, reason, motion string) (Membership, error) {
	if m.Program != "" {
		if in, err := programs.Member(tx, m.Program, m.Org); err != nil || !in {
			return m, standMissing(err)
		}
	}
	to, err := spec.Sanction.Move(m.Sanction, verb)
	if err != nil {
		return m, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if m, err = kept(tx, a, m); err != nil {
		return m, err
	}
	p := Penalty{ID: id.New("san", tx.Now), Kind: verb, Reason: reason, Motion: motion, By: a.Person, At: tx.Now, Appeal: spec.Appeal.Start, AppealUntil: tx.Now.Add(AppealDays * 24 * time.Hour)}
	milder, err := db.Column[string](tx, `SELECT id FROM sanction WHERE standing_id = $1 AND followed_by = '' AND ended_at IS NULL`, m.ID)
	if err != nil {
		return m, err
	}
	binds := []ledger.Bound{sanctionTable.Of(p.ID)}
	for _, old := range milder {
		if _, err := tx.Exec(`UPDATE sanction SET followed_by = $1, version = version + 1 WHERE id = $2`, p.ID, old); err != nil {
			return m, err
		}
		binds = append(binds, sanctionTable.Of(old))
	}
	if _, err := tx.Exec(`INSERT INTO sanction (id, standing_id, audience_id, tlp, kind, reason, motion_id, person_id, at, appeal, appeal_until, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)`,
		p.ID, m.ID, m.Audience, int(m.Level), string(p.Kind), p.Reason, p.Motion, p.By, db.Micros(p.At), string(p.Appeal), db.Micros(p.AppealUntil)); err != nil {
		return m, err
	}
	m.Sanction = to
	if err := m.save(tx, a, penaltyEvents[verb], map[string]any{"sanction": p.ID, "reason": reason, "motion": motion, "appeal_until": p.AppealUntil}, binds...); err != nil {
		return m, err
	}
	return again(tx, m)
}

// again reads a member anew, with its standing as it counts now.
func again(tx *db.Tx, m Membership) (Membership, error) {
	out, ok, err := db.One(tx, scanMember, `SELECT `+standColumns+standBase+` WHERE s.id = $1`, m.ID)
	if err != nil || !ok {
		return m, standMissing(err)
	}
	list := []Membership{out}
	err = judge(tx, list)
	return list[0], err
}

// Penalties lists what was done about a member, newest first, to whoever may
// see its standing.
func Penalties(tx *db.Tx, a audience.Actor, memberID string) ([]Penalty, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	var args db.Args
	return db.All(tx, scanPenalty, `SELECT `+penaltyColumns+` FROM sanction k WHERE k.standing_id = `+args.Add(memberID)+` AND `+audience.Visible(a, "k", &args)+` ORDER BY k.at DESC, k.id DESC LIMIT 500`, args...)
}

// penalty loads a sanction that the actor may see, with its member.
func penalty(tx *db.Tx, a audience.Actor, penaltyID string) (Penalty, Membership, error) {
	if err := charter.SignedIn(a); err != nil {
		return Penalty{}, Membership{}, err
	}
	args := db.Args{penaltyID}
	return loadPenalty(tx, `k.id = $1 AND `+audience.Visible(a, "k", &args), args...)
}

// PenaltyOf is one sanction that the actor may see, with its member.
func PenaltyOf(tx *db.Tx, a audience.Actor, penaltyID string) (Penalty, Membership, error) {
	return penalty(tx, a, penaltyID)
}

func loadPenalty(tx *db.Tx, where string, args ...any) (Penalty, Membership, error) {
	p, ok, err := db.One(tx, scanPenalty, `SELECT `+penaltyColumns+` FROM sanction k WHERE `+where, args...)
	if err != nil || !ok {
		return p, Membership{}, missingPenalty(err)
	}
	m, err := again(tx, Membership{ID: p.Member})
	return p, m, err
}

func missingPenalty(err error) error {
	if err != nil {
		return err
	}
	return errs.Missing("sanction")
}

// coordinatorsPenalty is a sanction that coordinators may end: they imposed it,
// and this one does not work for the member. instead says who acts on one that
// the board decided.
func coordinatorsPenalty(tx *db.Tx, a audience.Actor, penaltyID, instead string) (Penalty, Membership, error) {
	p, m, err := penalty(tx, a, penaltyID)
	if err == nil {
		err = keepsStanding(a, m)
	}
	if err == nil {
		err = impartialTo(a, m)
	}
	if err == nil && p.ByBoard() {
		err = errs.New(errs.Denied, "The board decided this, and %s: put it to the vote.", instead)
	}
	return p, m, err
}

// Lift ends a warning or a reduction, with a reason; coordinators may. What
// the board decided, the board lifts.
func Lift(tx *db.Tx, a audience.Actor, penaltyID, reason string) (Membership, error) {
	p, m, err := coordinatorsPenalty(tx, a, penaltyID, "the board lifts it")
	if err != nil {
		return m, err
	}
	if reason, err = ground("reason", reason, "Say why it is lifted."); err != nil {
		return m, err
	}
	if err := p.lift(tx, a, &m, reason, spec.Forgo, nil); err != nil {
		return m, err
	}
	return again(tx, m)
}

// lift is the one place where a sanction is taken back. end is what becomes of
// its appeal, where that is still open. A milder one that it had taken the
// place of, and that was not lifted itself, stands again.
func (p *Penalty) lift(tx *db.Tx, a audience.Actor, m *Membership, reason string, end spec.AppealVerb, data map[string]any) error {
	if !p.EndedAt.IsZero() {
		return errs.New(errs.Conflict, "This sanction is over already.")
	}
	if m.Sanction == spec.SanctionEnded {
		return errs.New(errs.Conflict, "The membership is over; only a new application leads back.")
	}
	appeal := p.Appeal
	if to, ok := spec.Appeal.Next(p.Appeal, end); ok {
		appeal = to
	} else if to, ok := spec.Appeal.Next(p.Appeal, spec.Overturn); ok {
		appeal = to // lifted while it is appealed: the member got what it asked for
	}
	binds := []ledger.Bound{sanctionTable.Of(p.ID)}
	if err := p.step(tx, `ended_at = $3, end_reason = $4, appeal = $5`, db.Micros(tx.Now), reason, string(appeal)); err != nil {
		return err
	}
	if p.FollowedBy == "" {
		to, err := spec.Sanction.Move(m.Sanction, spec.Restore)
		if err != nil {
			return errs.Wrap(errs.Conflict, err, "%s", err.Error())
		}
		m.Sanction = to
		milder, err := p.before(tx)
		if err != nil {
			return err
		}
		if milder.ID != "" {
			if _, err := tx.Exec(`UPDATE sanction SET followed_by = '', version = version + 1 WHERE id = $1`, milder.ID); err != nil {
				return err
			}
			binds = append(binds, sanctionTable.Of(milder.ID))
			if m.Sanction, err = spec.Sanction.Move(m.Sanction, milder.Kind); err != nil {
				return errs.Wrap(errs.Internal, err, "What stood before cannot stand again.")
			}
		}
	}
	if data == nil {
		data = map[string]any{}
	}
	data["sanction"], data["reason"] = p.ID, reason
	return m.save(tx, a, EventRestored, data, binds...)
}

// before is the nearest sanction that this one took the place of and that was
// not lifted since.
func (p Penalty) before(tx *db.Tx) (Penalty, error) {
	at := p.ID
	for range 4 { // there are four kinds, each heavier than the one before
		b, ok, err := db.One(tx, scanPenalty, `SELECT `+penaltyColumns+` FROM sanction k WHERE k.followed_by = $1 ORDER BY k.at DESC, k.id DESC`, at)
		if err != nil || !ok {
			return Penalty{}, err
		}
		if b.EndedAt.IsZero() {
			return b, nil
		}
		at = b.ID
	}
	return Penalty{}, nil
}
