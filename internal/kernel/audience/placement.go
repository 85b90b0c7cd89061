package audience

import (
	"slices"

	"tocsin/internal/kernel/db"
)

// CoordinatorsOf is the office of those who coordinate one program and what
// lies under it.
func CoordinatorsOf(programID string) string { return "coordinator:" + programID }

// Place puts an audience, and every audience made for it, under a program:
// the classes shut out there are shut out here, and the program's own
// coordinators coordinate wherever an office does. Once is enough.
func Place(tx *db.Tx, audienceID, programID string) error {
	_, err := tx.Exec(`INSERT INTO audience_program (audience_id, program_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, audienceID, programID, db.Micros(tx.Now))
	return err
}

// Shut replaces the classes that a program shuts out, those of the programs
// above it included, and reports whether that changed anything. Package
// programs keeps them.
func Shut(tx *db.Tx, programID string, classes []string) (bool, error) {
	was, err := db.Column[string](tx, `SELECT class FROM program_bar WHERE program_id = $1 ORDER BY class`, programID)
	if err != nil {
		return false, err
	}
	classes = slices.Sorted(slices.Values(classes))
	if slices.Equal(was, classes) {
		return false, nil
	}
	if _, err := tx.Exec(`DELETE FROM program_bar WHERE program_id = $1`, programID); err != nil {
		return false, err
	}
	for _, c := range classes {
		if _, err := tx.Exec(`INSERT INTO program_bar (program_id, class) VALUES ($1, $2)`, programID, c); err != nil {
			return false, err
		}
	}
	return true, nil
}
