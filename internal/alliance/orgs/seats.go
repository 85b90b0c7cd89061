package orgs

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Reseat gives all people of an organization the seats it stands for now: in
// itself, and in every active program it belongs to. Membership, class or
// state of the organization, a program or a person changed: call it in the
// same transaction, and access follows in the next request.
//
// It reads the tables of people and programs, which import this package.
func Reseat(tx *db.Tx, orgID string) error {
	if err := holdOrg(tx, orgID); err != nil {
		return err
	}
	return reseat(tx, `m.org_id = $1`, `s.org_id = $1`, `DELETE FROM seat WHERE party_kind = 'org' AND party_id = $1`, orgID)
}

// ReseatPerson is Reseat for one person in all their organizations.
func ReseatPerson(tx *db.Tx, personID string) error {
	if err := HoldPerson(tx, personID); err != nil {
		return err
	}
	if err := reseat(tx, `m.person_id = $1`, `s.org_id IN (SELECT y.org_id FROM membership y WHERE y.person_id = $1)`, `DELETE FROM seat WHERE party_kind = 'org' AND person_id = $1`, personID); err != nil {
		return err
	}
	// A program's own coordinators sit in an office of its name.
	if _, err := tx.Exec(into+`SELECT x.person_id, 'role', 'coordinator:' || x.program_id, 'person', x.person_id, 3, '' FROM program_coordinator x JOIN person p ON p.id = x.person_id AND p.state = 'active' WHERE x.person_id = $1 ON CONFLICT DO NOTHING`, personID); err != nil {
		return err
	}
	// Those whom a seat lets into the board's audience sit in its office.
	_, err := tx.Exec(into+`SELECT p.id, 'role', $2, 'person', p.id, 1, '' FROM board_room b JOIN audience_grant g ON g.audience_id = b.audience_id AND g.kind = 'person' JOIN person p ON p.id = g.subject_id AND p.state = 'active' WHERE p.id = $1 ON CONFLICT DO NOTHING`, personID, charter.Bench)
	return err
}

// ReseatPrograms is Reseat of all organizations of some programs for those
// programs alone: their state, the classes they shut out or what stands above
// them changed.
func ReseatPrograms(tx *db.Tx, programs ...string) error {
	if err := holdMembers(tx, programs); err != nil {
		return err
	}
	for _, p := range programs {
		if _, err := tx.Exec(`DELETE FROM seat WHERE kind = 'program' AND subject_id = $1`, p); err != nil {
			return err
		}
		if err := seatPrograms(tx, `x.program_id = $1`, `s.org_id IN (SELECT y.org_id FROM program_org y WHERE y.program_id = $1)`, p); err != nil {
			return err
		}
	}
	return nil
}

func reseat(tx *db.Tx, where, held, clear, key string) error {
	if _, err := tx.Exec(clear, key); err != nil {
		return err
	}
	if _, err := tx.Exec(into+`SELECT m.person_id, 'org', m.org_id, 'org', m.org_id, `+limit+`, o.class`+live+` WHERE `+where, key); err != nil {
		return err
	}
	// Who works for an organization that is suspended stands for nothing
	// through it, and still is of its class.
	if _, err := tx.Exec(into+`SELECT m.person_id, 'class', o.class, 'org', m.org_id, 0, o.class FROM membership m JOIN org o ON o.id = m.org_id AND o.state <> 'active' JOIN person p ON p.id = m.person_id AND p.state = 'active' WHERE `+where, key); err != nil {
		return err
	}
	// Its admins still answer for it to the alliance: they may appeal.
	if _, err := tx.Exec(into+`SELECT m.person_id, 'role', 'voice:' || m.org_id, 'org', m.org_id, 2, '' FROM membership m JOIN org o ON o.id = m.org_id AND o.state <> 'active' JOIN person p ON p.id = m.person_id AND p.state = 'active' WHERE m.role = 'admin' AND `+where, key); err != nil {
		return err
	}
	return seatPrograms(tx, where, held, key)
}

const (
	into  = `INSERT INTO seat (person_id, kind, subject_id, party_kind, party_id, cap, class) `
	live  = ` FROM membership m JOIN org o ON o.id = m.org_id AND o.state = 'active' JOIN person p ON p.id = m.person_id AND p.state = 'active'`
	limit = `CASE m.role WHEN 'reader' THEN 1 ELSE 2 END` // audience.Reader, audience.Contributor
)

// seatPrograms gives the seats in programs: in active ones that do not shut
// the organization's class out, and no more than its standing there, in a
// program above and in the alliance leaves it. held says of standings s whose
// they are. A standing holds for all programs below its own; one with no
// program for all there are.
func seatPrograms(tx *db.Tx, where, held, key string) error {
	_, err := tx.Exec(into+`WITH RECURSIVE held (program_id, org_id, cap) AS (
			SELECT s.program_id, s.org_id, s.cap FROM standing s WHERE s.cap < 2 AND `+held+`
			UNION SELECT r.id, h.org_id, h.cap FROM held h JOIN program_rules r ON r.parent_id = h.program_id AND r.parent_id <> '')
		SELECT m.person_id, 'program', x.program_id, 'org', m.org_id,
			CASE WHEN EXISTS (SELECT 1 FROM held h WHERE h.org_id = m.org_id AND h.program_id IN (x.program_id, '')) THEN 1 ELSE `+limit+` END, o.class`+live+`
		JOIN program_org x ON x.org_id = m.org_id JOIN program g ON g.id = x.program_id AND g.state = 'active'
		WHERE NOT EXISTS (SELECT 1 FROM program_bar b WHERE b.program_id = x.program_id AND b.class = o.class)
		AND NOT EXISTS (SELECT 1 FROM held h WHERE h.org_id = m.org_id AND h.program_id IN (x.program_id, '') AND h.cap = 0) AND `+where, key)
	return err
}

// Stands is the condition that the membership x (a row of program_org) counts,
// by the same rule by which seatPrograms gives seats: the organization takes
// part, its class is not shut out, and it is neither suspended nor removed in
// the program, in one above or in the alliance. What members see of one
// another by belonging to a program asks for it.
func Stands(x string) string {
	return `(EXISTS (SELECT 1 FROM org so WHERE so.id = ` + x + `.org_id AND so.state = 'active' AND NOT EXISTS (SELECT 1 FROM program_bar sb WHERE sb.program_id = ` + x + `.program_id AND sb.class = so.class))
		AND NOT EXISTS (SELECT 1 FROM standing ss WHERE ss.org_id = ` + x + `.org_id AND ss.program_id = '' AND ss.cap = 0)
		AND (` + x + `.program_id, ` + x + `.org_id) NOT IN (WITH RECURSIVE gone (program_id, org_id) AS (
			SELECT ss.program_id, ss.org_id FROM standing ss WHERE ss.cap = 0
			UNION SELECT sr.id, sg.org_id FROM gone sg JOIN program_rules sr ON sr.parent_id = sg.program_id AND sr.parent_id <> '') SELECT program_id, org_id FROM gone))`
}

// VoiceOf is the office in which the admins of a suspended organization sit:
// they stand for nothing through it any more, and still answer for it.
func VoiceOf(orgID string) string { return "voice:" + orgID }

// SetState suspends an organization or lets it take part again, without the
// question who asks: a decision about its standing was made.
func SetState(tx *db.Tx, a audience.Actor, orgID string, state State) error {
	o, err := Load(tx, orgID)
	if err != nil || o.State == state {
		return err
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "Somebody changed this organization at the same moment. Try again."),
		`UPDATE org SET state = $1, version = version + 1 WHERE id = $2 AND version = $3`, string(state), o.ID, o.Version); err != nil {
		return err
	}
	o.State, o.Version = state, o.Version+1
	ledger.Append(tx, ledger.Event{Kind: EventEdited, Actor: a, Audience: o.Audience, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "org", ID: o.ID}, Data: o, Binds: []ledger.Bound{orgTable.Of(o.ID)}})
	return Reseat(tx, o.ID)
}

// sanctioned refuses to lift by editing what was decided about a standing.
func sanctioned(tx *db.Tx, orgID string) error {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM standing WHERE program_id = '' AND org_id = $1 AND cap = 0`, orgID)
	if err == nil && n > 0 {
		err = errs.New(errs.Conflict, "This organization was suspended or removed by a decision. Lift that under Standing, and it takes part again.")
	}
	return err
}

// Delist takes an organization from the list of members, without the question
// who asks: its membership in the alliance has ended.
func Delist(tx *db.Tx, a audience.Actor, orgID string) error {
	o, err := Load(tx, orgID)
	if err != nil || !o.Listed {
		return err
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "Somebody changed this organization at the same moment. Try again."),
		`UPDATE org SET listed = 0, version = version + 1 WHERE id = $1 AND version = $2`, o.ID, o.Version); err != nil {
		return err
	}
	o.Listed, o.Version = false, o.Version+1
	ledger.Append(tx, ledger.Event{Kind: EventEdited, Actor: a, Audience: o.Audience, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "org", ID: o.ID}, Data: o, Binds: []ledger.Bound{orgTable.Of(o.ID)}})
	return nil
}
