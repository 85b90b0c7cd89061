package programs

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
)

// The kinds of events about a program's own coordinators.
const (
	EventAppointed = "program.coordinator_appointed"
	EventDismissed = "program.coordinator_dismissed"
)

var coordinatorTable = ledger.Table{Kind: "program_coordinator", Name: "program_coordinator", Cols: "id, program_id, person_id, since, granted_by"}

// Coordinator is a person who coordinates one program and what lies under it.
type Coordinator struct {
	Person string    `json:"person"`
	Name   string    `json:"name"`
	Email  string    `json:"email"`
	Since  time.Time `json:"since"`
}

// MaxCoordinators bounds a program's own coordinators.
const MaxCoordinators = 100

// AppointCoordinator makes a person coordinator of the program; operators and
// coordinators of the alliance may. Once is enough.
func AppointCoordinator(tx *db.Tx, a audience.Actor, programID, personID string) error {
	p, err := Get(tx, a, programID)
	if err != nil {
		return err
	}
	if err := mayRun(a); err != nil {
		return err
	}
	state, err := db.Value[string](tx, `SELECT state FROM person WHERE id = $1`, personID)
	if err != nil || state != "active" {
		return firstOf(err, errs.Bad("person", "Name a person who has an active account."))
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM program_coordinator WHERE program_id = $1`, programID)
	if err != nil || n >= MaxCoordinators {
		return firstOf(err, errs.Bad("person", "A program has at most %d coordinators of its own.", MaxCoordinators))
	}
	row := id.New("pgc", tx.Now)
	fresh, err := tx.Exec(`INSERT INTO program_coordinator (id, program_id, person_id, since, granted_by) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (program_id, person_id) DO NOTHING`, row, programID, personID, db.Micros(tx.Now), a.Person)
	if err != nil || fresh == 0 {
		return err
	}
	record(tx, a, EventAppointed, p, map[string]string{"person": personID}, coordinatorTable.Of(row))
	me := audience.Party{Kind: audience.Person, ID: personID}
	return audience.Sit(tx, personID, audience.Seat{Kind: audience.Office, ID: audience.CoordinatorsOf(programID), Party: me, Cap: audience.Coordinator})
}

// DismissCoordinator takes that away, from the next request on, and with it
// what the person was named for as coordinator under the program, unless they
// coordinate there by another office. Doors call casework.Dismiss, which also
// puts somebody else in charge of their cases.
func DismissCoordinator(tx *db.Tx, a audience.Actor, programID, personID string) error {
	p, err := Get(tx, a, programID)
	if err != nil {
		return err
	}
	if err := mayRun(a); err != nil {
		return err
	}
	row, err := db.Value[string](tx, `SELECT id FROM program_coordinator WHERE program_id = $1 AND person_id = $2`, programID, personID)
	if err != nil {
		return err
	}
	if err := tx.Guarded(errs.Missing("coordinator of this program"), `DELETE FROM program_coordinator WHERE id = $1`, row); err != nil {
		return err
	}
	record(tx, a, EventDismissed, p, map[string]string{"person": personID}, coordinatorTable.Of(row))
	if err := audience.Rise(tx, personID, audience.Office, audience.CoordinatorsOf(programID), audience.Party{Kind: audience.Person, ID: personID}); err != nil {
		return err
	}
	return unname(tx, programID, personID)
}

// unname takes a person's own grants as coordinator back, in all that lies
// under a program and under no other one that they coordinate.
func unname(tx *db.Tx, programID, personID string) error {
	whole, err := db.Value[int](tx, `SELECT COUNT(*) FROM seat WHERE person_id = $1 AND kind = 'role' AND subject_id = $2`, personID, charter.Coordinator)
	if err != nil || whole > 0 {
		return err
	}
	list, err := db.Column[string](tx, `SELECT g.audience_id FROM audience_program l JOIN audience_grant g ON g.audience_id = l.audience_id WHERE l.program_id = $1 AND g.kind = 'person' AND g.subject_id = $2 AND g.role = $3
		AND NOT EXISTS (SELECT 1 FROM audience_program o JOIN program_coordinator x ON x.program_id = o.program_id WHERE o.audience_id = l.audience_id AND x.person_id = $2) ORDER BY g.audience_id`, programID, personID, int(audience.Coordinator))
	if err != nil {
		return err
	}
	for _, aid := range list {
		if err := audience.Expel(tx, aid, audience.Person, personID); err != nil {
			return err
		}
	}
	return nil
}

// Coordinators lists a program's own coordinators, by name, to whoever may see
// the program.
func Coordinators(tx *db.Tx, a audience.Actor, programID string) ([]Coordinator, error) {
	if _, err := Get(tx, a, programID); err != nil {
		return nil, err
	}
	return CoordinatorsOf(tx, programID)
}

// CoordinatorsOf is Coordinators without the question who asks; notices use
// it.
func CoordinatorsOf(tx *db.Tx, programID string) ([]Coordinator, error) {
	return db.All(tx, func(c *Coordinator) []any { return []any{&c.Person, &c.Name, &c.Email, db.At(&c.Since)} },
		`SELECT x.person_id, p.name, p.email, x.since FROM program_coordinator x JOIN person p ON p.id = x.person_id WHERE x.program_id = $1 AND p.state = 'active' ORDER BY p.name, p.id`+db.Limit(MaxCoordinators), programID)
}
