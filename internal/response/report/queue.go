package report

import (
	"encoding/base64"
	"math"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// Filter narrows the queue.
type Filter struct {
	All          bool         // with those that have their outcome
	Duplicates   bool         // with those whose text came before, word for word
	State        mpcvd.RM     // or ""
	Owner        string       // person id, "none" for nobody, or "" for any
	Scope        Gate         // or ""
	Exploitation Exploitation // or ""
	Text         string       // words in number, title, product, component or package
	Sort         string       // "age" (default, oldest first), "planned", "updated", "number", "title", "state"
	Desc         bool
	Limit        int    // 1 to 200; 0 means 50
	Cursor       string // from Page.Next
}

// Row is one report of the queue.
type Row struct {
	Report
	Age        time.Duration `json:"-"`          // since it was received
	Duplicates int           `json:"duplicates"` // reports that name the same CVE or package, or say the same; counting stops after 200 matches
}

// Page is one page of the queue.
type Page struct {
	Rows  []Row  `json:"rows"`
	Total int    `json:"total"` // of all pages
	Next  string `json:"next,omitempty"`
}

type sorting struct {
	key string // SQL, never NULL
	of  func(Report) string
}

func number(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

var sorts = map[string]sorting{
	"age":     {"r.received_at", func(r Report) string { return number(r.ReceivedAt) }},
	"updated": {"r.updated_at", func(r Report) string { return number(r.UpdatedAt) }},
	"number":  {"r.number", func(r Report) string { return r.Number }},
	"title":   {"r.title", func(r Report) string { return r.Title }},
	"state":   {"r.state", func(r Report) string { return string(r.State) }},
	"planned": {"COALESCE(r.planned_at, 9223372036854775807)", func(r Report) string {
		if r.PlannedAt.IsZero() {
			return strconv.FormatInt(math.MaxInt64, 10)
		}
		return number(r.PlannedAt)
	}},
}

// Queue lists the reports that wait for the coordinators. For everybody else
// it is empty; see Yours.
func Queue(tx *db.Tx, a audience.Actor, f Filter) (Page, error) {
	var args db.Args
	from := ` FROM report r WHERE ` + audience.VisibleIn(a, "r.team_id", "r", &args)
	for _, c := range []struct{ column, value string }{{"r.state", string(f.State)}, {"r.scope", string(f.Scope)}, {"r.exploitation", string(f.Exploitation)}} {
		if c.value != "" {
			from += ` AND ` + c.column + ` = ` + args.Add(c.value)
		}
	}
	if !f.All {
		from += ` AND r.outcome = ''`
	}
	if !f.Duplicates {
		from += ` AND r.duplicate_of = ''`
	}
	switch f.Owner {
	case "":
	case "none":
		from += ` AND r.owner_id = ''`
	default:
		from += ` AND r.owner_id = ` + args.Add(f.Owner)
	}
	if len(f.Text) > 400 {
		return Page{}, errs.Bad("q", "A search has at most 400 characters.")
	}
	for _, word := range strings.Fields(f.Text) {
		like := args.Add("%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(word)) + "%")
		from += ` AND LOWER(r.number || ' ' || r.title || ' ' || r.product || ' ' || r.component || ' ' || r.purl) LIKE ` + like + ` ESCAPE '\'`
	}
	var p Page
	var err error
	if p.Total, err = db.Value[int](tx, `SELECT COUNT(*)`+from, args...); err != nil {
		return p, err
	}
	return p, p.read(tx, f, from, args)
}

func (p *Page) read(tx *db.Tx, f Filter, from string, args db.Args) error {
	if f.Sort == "" {
		f.Sort = "age"
	}
	s, ok := sorts[f.Sort]
	if !ok {
		return errs.Bad("sort", "Sort by age, planned, updated, number, title or state.")
	}
	dir, cmp := " ASC", " > "
	if f.Desc {
		dir, cmp = " DESC", " < "
	}
	if f.Cursor != "" {
		last, id, err := openCursor(f.Cursor, f.Sort)
		if err != nil {
			return err
		}
		l, i := args.Add(last), args.Add(id)
		from += ` AND (` + s.key + cmp + l + ` OR (` + s.key + ` = ` + l + ` AND r.id` + cmp + i + `))`
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	f.Limit = min(f.Limit, 200)
	const alike = `(SELECT COUNT(DISTINCT x.report_id) FROM (SELECT k.report_id FROM report_key m JOIN report_key k ON k.kind = m.kind AND k.value = m.value AND k.report_id <> m.report_id
		WHERE m.report_id = r.id AND m.kind IN ('text', 'cve', 'purl') LIMIT 200) x)`
	rows, err := db.All(tx, func(r *Row) []any { return append(scan(&r.Report), &r.Duplicates) }, `SELECT `+columns+`, `+alike+from+` ORDER BY `+s.key+dir+`, r.id`+dir+db.Limit(f.Limit+1), args...)
	if err != nil {
		return err
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1].Report
		p.Next = base64.RawURLEncoding.EncodeToString([]byte(f.Sort + "\n" + last.ID + "\n" + s.of(last)))
	}
	for i := range rows {
		rows[i].Age = tx.Now.Sub(rows[i].ReceivedAt)
	}
	p.Rows = rows
	return nil
}

func openCursor(cursor, sort string) (last any, id string, err error) {
	refused := errs.Bad("cursor", "The page mark is not one of this list; start from the first page.")
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, "", refused
	}
	parts := strings.SplitN(string(b), "\n", 3)
	if len(parts) != 3 || parts[0] != sort {
		return nil, "", refused
	}
	switch sort {
	case "age", "updated", "planned":
		n, err := strconv.ParseInt(parts[2], 10, 64)
		if err != nil {
			return nil, "", refused
		}
		return n, parts[1], nil
	}
	return parts[2], parts[1], nil
}

// Yours lists the reports that the actor sees without coordinating: those
// they sent under their account, and those handed to their organization. The
// latest come first.
func Yours(tx *db.Tx, a audience.Actor) ([]Report, error) {
	var args db.Args
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM report r WHERE (r.person_id = `+args.Add(orNobody(a.Person))+` OR r.org_id IN `+db.List(&args, a.Of(audience.Org))+`) AND `+audience.Visible(a, "r", &args)+` ORDER BY r.received_at DESC, r.id DESC LIMIT 500`, args...)
	out := make([]Report, 0, len(list))
	for _, r := range list {
		side := Vendor
		if r.Person != "" && r.Person == a.Person {
			side = Finder
		}
		out = append(out, r.trimmed(side))
	}
	return out, err
}

// orNobody keeps an actor without an account from matching reports of nobody.
func orNobody(person string) string {
	if person == "" {
		return "nobody"
	}
	return person
}

// maxOfCase bounds the reports of one case.
const maxOfCase = 10_000

// OfCase lists the reports that a case came from or that were merged into it,
// oldest first: all of them for the coordinators; for a finder who takes part
// in the case their own. Nobody else learns that there are any.
func OfCase(tx *db.Tx, a audience.Actor, caseRef string) ([]Report, error) {
	c, _, err := casework.Load(tx, a, caseRef)
	if err != nil {
		return nil, err
	}
	var args db.Args
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM report r WHERE r.case_id = `+args.Add(c.ID)+` AND `+audience.VisibleIn(a, "r.talk_id", "r", &args)+` ORDER BY r.received_at, r.id`+db.Limit(maxOfCase+1), args...)
	if err != nil {
		return nil, err
	}
	if len(list) > maxOfCase {
		return nil, errs.New(errs.TooLarge, "The case came from more than %d reports.", maxOfCase)
	}
	out := make([]Report, 0, len(list))
	for _, r := range list {
		full, side, err := load(tx, a, r.ID)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if side != Coordinators {
			// A finder who left the case is told no more of where the report went.
			p, err := casework.LoadParticipant(tx, a, full.Participant)
			if errs.Is(err, errs.NotFound) || err == nil && (side != Finder || !p.LeftAt.IsZero()) {
				continue
			}
			if err != nil {
				return nil, err
			}
		}
		out = append(out, full.trimmed(side))
	}
	return out, nil
}
