package board

import (
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
)

// Filter narrows a list of motions.
type Filter struct {
	States []ballot.State // none: all
	Kind   Kind           // "": all
	Text   string         // in the title, or the number; "": all
	After  string         // id of the last motion of the page before, or ""
	Limit  int            // at most this many; 0 means 50, 200 is the most
}

// List reads motions, newest first.
func List(tx *db.Tx, a audience.Actor, f Filter) ([]Motion, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	var args db.Args
	where := audience.Visible(a, "m", &args)
	if len(f.States) > 0 {
		where += ` AND m.state IN ` + db.List(&args, texts(f.States))
	}
	if f.Kind != "" {
		where += ` AND m.kind = ` + args.Add(string(f.Kind))
	}
	if words := strings.ToLower(strings.TrimSpace(f.Text)); words != "" {
		like := args.Add("%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(words) + "%")
		where += ` AND (LOWER(m.title) LIKE ` + like + ` ESCAPE '\' OR LOWER(m.number) = ` + args.Add(words) + `)`
	}
	if f.After != "" {
		last, err := Get(tx, a, f.After)
		if err != nil {
			return nil, err
		}
		at, key := args.Add(db.Micros(last.CreatedAt)), args.Add(last.ID)
		where += ` AND (m.created_at < ` + at + ` OR m.created_at = ` + at + ` AND m.id < ` + key + `)`
	}
	return db.All(tx, scanMotion, `SELECT `+motionColumns+` FROM motion m WHERE `+where+` ORDER BY m.created_at DESC, m.id DESC`+db.Limit(db.PageRows(f.Limit, 200)), args...)
}

func texts(list []ballot.State) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.TrimSpace(string(s))
	}
	return out
}
