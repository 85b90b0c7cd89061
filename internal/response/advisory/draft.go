package advisory

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/csaf"
	"tocsin/spec/prose"
)

// series is the series of advisory numbers.
const series = "TAA"

// maxAdvisories bounds one case.
const maxAdvisories = 50

// Draft makes an advisory of a case with everything filled in that the case
// knows, so that nothing is typed twice. A coordinator does.
func Draft(tx *db.Tx, a audience.Actor, caseRef string) (Advisory, error) {
	c, err := casework.LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return Advisory{}, err
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM advisory WHERE case_id = $1`, c.ID)
	if err != nil {
		return Advisory{}, err
	}
	if n >= maxAdvisories {
		return Advisory{}, errs.New(errs.TooLarge, "A case has at most %d advisories; publish revisions of those there are.", maxAdvisories)
	}
	content, err := prefill(tx, c)
	if err != nil {
		return Advisory{}, err
	}
	if content, err = content.cleaned(); err != nil {
		return Advisory{}, err
	}
	v := Advisory{ID: id.New("adv", tx.Now), Case: c.ID, Audience: c.Audience, Level: c.Level, State: Process.Start, Title: content.Title, Version: 1, CreatedBy: a.Person, CreatedAt: tx.Now, UpdatedAt: tx.Now}
	if v.Number, err = casework.NextNumber(tx, series, tx.Now.Year()); err != nil {
		return v, err
	}
	if _, err := tx.Exec(`INSERT INTO advisory (id, number, case_id, audience_id, tlp, state, title, version, created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)`,
		v.ID, v.Number, v.Case, v.Audience, int(v.Level), string(v.State), v.Title, v.Version, v.CreatedBy, db.Micros(tx.Now)); err != nil {
		return v, err
	}
	bound, err := v.keep(tx, a, content, "Drafted from the case.")
	if err != nil {
		return v, err
	}
	v.tell(tx, a, Drafted, map[string]any{"title": v.Title}, bound, c.Bound())
	return v, firstError(v.indexDraft(tx, content), casework.Touch(tx, c.ID))
}

// draftKind is the kind of a text in work in the search index.
const draftKind = "draft"

// indexDraft makes the present text findable for whoever works on the case.
func (v Advisory) indexDraft(tx *db.Tx, content Content) error {
	content.Exclusions = nil
	return search.Put(tx, search.Doc{Kind: draftKind, ObjectID: v.ID, Scope: v.Case, Audience: v.Audience, Level: v.Level,
		Title: v.Number + " " + v.Title, Body: prose.Plain(content.Text()), URL: "/advisories/" + v.Number + "/draft"})
}

// keep adds the text as the advisory's present version.
func (v Advisory) keep(tx *db.Tx, a audience.Actor, content Content, note string) (ledger.Bound, error) {
	versionID := id.New("ver", tx.Now)
	_, err := tx.Exec(`INSERT INTO advisory_version (id, advisory_id, n, audience_id, tlp, content, note, author, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		versionID, v.ID, v.Version, v.Audience, int(v.Level), db.JSON(content), note, a.Person, db.Micros(tx.Now))
	return versionTable.Of(versionID), err
}

// prefill writes the first text from what the case knows. It names no party:
// which ones appear is settled when the documents are made.
func prefill(tx *db.Tx, c casework.Case) (Content, error) {
	out := Content{Title: c.Title, Category: csaf.CategorySecurityAdvisory, Summary: c.Summary}
	vulns, err := matrix.Vulnerabilities(tx, insider(c), c.ID)
	if err != nil {
		return out, err
	}
	for _, v := range vulns {
		out.Vulnerabilities = append(out.Vulnerabilities, VulnerabilityText{v.ID, v.Label, v.Description})
		for _, name := range v.Credits {
			if credit := (Credit{Name: name}); !slices.Contains(out.Credits, credit) && len(out.Credits) < maxCredits {
				out.Credits = append(out.Credits, credit)
			}
		}
		for _, url := range v.References {
			if ref := (Reference{URL: url}); !slices.Contains(out.References, ref) && len(out.References) < maxReferences {
				out.References = append(out.References, ref)
			}
		}
	}
	dates, err := timeline(tx, c)
	if err != nil {
		return out, err
	}
	out.Sections = append(out.Sections,
		Section{"What to do", "general", "Find your vendor's products below. Install the version it names as fixed; where it names none, follow its statement."},
		Section{"Timeline", "details", dates})
	return out, nil
}

func timeline(tx *db.Tx, c casework.Case) (string, error) {
	lines := []string{"- " + day(c.OpenedAt) + ": coordination of case " + c.Number + " began."}
	type span struct{ first, last time.Time }
	s, _, err := db.One(tx, func(s *span) []any { return []any{db.At(&s.first), db.At(&s.last)} },
		`SELECT MIN(invited_at), MAX(invited_at) FROM participant WHERE case_id = $1 AND role = $2 AND hidden = 0`, c.ID, string(casework.Vendor))
	if !s.first.IsZero() {
		line := "- " + day(s.first) + ": vendors were informed"
		if day(s.first) != day(s.last) {
			line += ", further ones until " + day(s.last)
		}
		lines = append(lines, line+".")
	}
	return strings.Join(lines, "\n"), err
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// insider is an actor who sees all of a case, whoever asks: the coordination
// team and the coordinator in charge. What documents are made of must not
// depend on who makes them.
func insider(c casework.Case) audience.Actor {
	me := audience.Party{Kind: audience.Person, ID: c.Owner}
	return audience.Actor{Person: c.Owner, Seats: []audience.Seat{
		{Kind: audience.Person, ID: c.Owner, Party: me, Cap: audience.Coordinator},
		{Kind: audience.Office, ID: casework.CoordinatorOffice, Party: me, Cap: audience.Coordinator},
	}}
}
