package casework

import (
	"fmt"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/spec/prose"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// NewCase is what a coordinator opens a case with.
type NewCase struct {
	Title   string    `json:"title"`
	Summary string    `json:"summary"` // Markdown
	Level   tlp.Level `json:"tlp"`     // GREEN or stricter; doors offer AMBER+STRICT first
	Bars    []string  `json:"bars"`    // organization classes shut out
	Program string    `json:"program"` // id of the program it is opened in, or ""
}

// Limits of what a case's text may hold, in runes.
const (
	MaxTitle   = 200
	MaxSummary = 20_000
)

// OpenCase opens a case with the actor in charge. In a program its own
// coordinators may too; no class that the program shuts out is reached by the
// case, and what members are invited to they see while they are members.
func OpenCase(tx *db.Tx, a audience.Actor, in NewCase) (Case, error) {
	if err := mayOpen(tx, a, in.Program); err != nil {
		return Case{}, err
	}
	title, summary, err := cleanTexts(in.Title, in.Summary)
	if err != nil {
		return Case{}, err
	}
	if in.Level == tlp.Clear {
		return Case{}, errs.Bad("tlp", "A case starts restricted: choose GREEN or stricter.")
	}
	ch, err := charter.Load(tx)
	if err != nil {
		return Case{}, err
	}
	c := Case{ID: id.New("case", tx.Now), Title: title, Summary: summary, Level: in.Level, Terms: id.New("trm", tx.Now), TermsText: ch.CaseTerms, State: Open, Owner: a.Person}
	if c.Number, err = nextNumber(tx, "TA", tx.Now.Year()); err != nil {
		return Case{}, err
	}
	// The person in charge is named, so that TLP:RED reaches them.
	team := []audience.Grant{
		{Kind: audience.Office, ID: CoordinatorOffice, Role: audience.Coordinator, Reason: "coordination team"},
		{Kind: audience.Person, ID: a.Person, Role: audience.Coordinator, Reason: "opened the case"},
	}
	if c.Audience, err = audience.Create(tx, "case", team, []string{c.Terms}, in.Bars); err != nil {
		return Case{}, err
	}
	if in.Program != "" {
		if err := place(tx, a, c, in.Program); err != nil {
			return Case{}, err
		}
	}
	if c.Team, err = audience.Within(tx, c.Audience, "case team", team, nil); err != nil {
		return Case{}, err
	}
	return c, insertCase(tx, a, &c)
}

func mayOpen(tx *db.Tx, a audience.Actor, program string) error {
	if program == "" {
		if !charter.IsCoordinator(a) {
			return errs.New(errs.Denied, "Only a coordinator opens a case; a program's own coordinators open cases in their program.")
		}
		return nil
	}
	p, err := programs.Get(tx, a, program)
	if errs.Is(err, errs.NotFound) {
		return errs.Bad("program", "There is no such program.")
	}
	if err != nil {
		return err
	}
	if !programs.Coordinates(a, p.ID) {
		return errs.New(errs.Denied, "Only a coordinator opens a case in this program.")
	}
	if err := programs.Hold(tx, p.ID); err != nil {
		return err
	}
	if p, err = programs.ByID(tx, p.ID); err != nil {
		return err
	}
	if p.State != programs.Active {
		return errs.Bad("program", "The program %s is closed.", p.Name)
	}
	r, err := programs.RulesOf(tx, p.ID)
	if err == nil && !r.Has(programs.Cases) {
		err = errs.Bad("program", "The program %s has no cases among its features.", p.Name)
	}
	return err
}

func place(tx *db.Tx, a audience.Actor, c Case, program string) error {
	if err := programs.Place(tx, c.Audience, program); err != nil {
		return err
	}
	role, err := audience.RoleAt(tx, a, c.Audience, c.Level)
	if err == nil && role < audience.Coordinator {
		err = errs.New(errs.Conflict, "You work for an organization of a class that this program shuts out, and would not see the case. Let somebody else open it.")
	}
	return err
}

func cleanTexts(title, summary string) (string, string, error) {
	var fields []errs.Field
	t, _, err := text.CleanLine(title, MaxTitle)
	if err != nil {
		fields = append(fields, errs.Field{Name: "title", Reason: err.Error()})
	} else if t == "" {
		fields = append(fields, errs.Field{Name: "title", Reason: "Give the case a title."})
	}
	s, _, err := text.CleanText(summary, MaxSummary)
	if err != nil {
		fields = append(fields, errs.Field{Name: "summary", Reason: err.Error()})
	}
	return t, s, errs.Join(fields)
}

func insertCase(tx *db.Tx, a audience.Actor, c *Case) error {
	c.OpenedAt, c.UpdatedAt, c.Version = tx.Now, tx.Now, 1
	c.Public, c.Embargo = "pxa", "none"
	_, err := tx.Exec(`INSERT INTO cases (id, number, title, summary, audience_id, team_id, tlp, terms_id, terms_text, state, owner_id, split_from, opened_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)`,
		c.ID, c.Number, c.Title, c.Summary, c.Audience, c.Team, int(c.Level), c.Terms, c.TermsText, string(c.State), c.Owner, c.SplitFrom, db.Micros(tx.Now))
	if err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: CaseOpened, Actor: a, Audience: c.Audience, Level: c.Level, Scope: c.ID, Object: c.Ref(),
		Data: struct {
			Number string `json:"number"`
			Title  string `json:"title"`
		}{c.Number, c.Title}, Binds: []ledger.Bound{c.Bound()}})
	return index(tx, *c)
}

// index makes the case findable for whoever may see it.
func index(tx *db.Tx, c Case) error {
	return search.Put(tx, search.Doc{Kind: "case", ObjectID: c.ID, Scope: c.ID, Audience: c.Audience, Level: c.Level, Release: c.Release,
		Title: c.Number + " " + c.Title, Body: prose.Plain(c.Summary), URL: "/cases/" + c.Number})
}

// nextNumber counts up per series and year: "TA-2026-0117".
func nextNumber(tx *db.Tx, series string, year int) (string, error) {
	name := fmt.Sprintf("%s-%d", series, year)
	n, err := db.Value[int64](tx, `INSERT INTO counter (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value`, name)
	return fmt.Sprintf("%s-%04d", name, n), err
}

// NextNumber gives other packages (reports, advisories) a series of theirs.
func NextNumber(tx *db.Tx, series string, year int) (string, error) {
	return nextNumber(tx, series, year)
}
