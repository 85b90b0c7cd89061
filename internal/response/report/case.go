package report

import (
	"strings"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
)

// NewCase is what a coordinator makes a case of a report with.
type NewCase struct {
	Title   string    `json:"title"`   // empty: the report's
	Summary string    `json:"summary"` // Markdown, for everybody in the case
	Level   tlp.Level `json:"tlp"`
	Bars    []string  `json:"bars"`
	Program string    `json:"program"` // id of the program it is opened in, or ""
	// Description is the first vulnerability's, as the vendors shall read it.
	// Empty takes the report's text, without the finder's address.
	Description string `json:"description"`
	Reason      string `json:"reason"`
	Note        string `json:"note"` // for the finder, or ""
	Version     int64  `json:"version"`
}

// Proposal is what a coordinator may begin a case with: the report's title, and
// its text without the finder's address. It changes nothing.
func (d Desk) Proposal(tx *db.Tx, a audience.Actor, ref string) (NewCase, error) {
	r, side, err := load(tx, a, ref)
	if err != nil {
		return NewCase{}, err
	}
	if side != Coordinators {
		return NewCase{}, errs.New(errs.Denied, "Only a coordinator may do this.")
	}
	t, err := d.open(tx, r.ID)
	in := NewCase{Title: r.Title, Level: tlp.AmberStrict, Description: withoutAddress(t.Description, t.Contact), Version: r.Version}
	if in.Title == untitled {
		in.Title = ""
	}
	return in, err
}

// MakeCase opens a case out of a report that concerns two vendors or more.
// The finder takes part on a side of their own, the first vulnerability comes
// from the report, and the finder's planned date becomes a proposal.
func (d Desk) MakeCase(tx *db.Tx, a audience.Actor, ref string, in NewCase) (casework.Case, error) {
	r, err := coordinated(tx, a, ref)
	if err != nil {
		return casework.Case{}, err
	}
	if err := r.unchanged(in.Version, in); err != nil {
		return casework.Case{}, err
	}
	if in.Reason, err = cleanReason(in.Reason, true); err != nil {
		return casework.Case{}, err
	}
	before := r.State
	if err := r.toWork(); err != nil {
		return casework.Case{}, err
	}
	if r.Scope != InScope {
		return casework.Case{}, errs.New(errs.Conflict, "Decide first whether %s is in scope; only then can it become a case.", r.Number)
	}
	if strings.TrimSpace(in.Title) == "" {
		if in.Title = r.Title; r.Title == untitled {
			return casework.Case{}, errs.Bad("title", "This report came encrypted and has no title in clear; give the case one.")
		}
	}
	c, err := casework.OpenCase(tx, a, casework.NewCase{Title: in.Title, Summary: in.Summary, Level: in.Level, Bars: in.Bars, Program: in.Program})
	if err != nil {
		return c, err
	}
	v, err := d.vulnerability(tx, r, in)
	if err != nil {
		return c, err
	}
	if _, err := matrix.AddVulnerability(tx, a, c.ID, v); err != nil {
		return c, err
	}
	r.Outcome = BecameCase
	if err := d.join(tx, a, &r, c, before, EventCased, in.Reason); err != nil {
		return c, err
	}
	if err := d.announce(tx, a, r, in.Note); err != nil {
		return c, err
	}
	return casework.ByID(tx, c.ID)
}

// vulnerability is the report as a case's first flaw. The finder's address is
// taken out wherever it stands in the text; a name stays away where the
// finder wants no credit.
func (d Desk) vulnerability(tx *db.Tx, r Report, in NewCase) (matrix.Vulnerability, error) {
	t, err := d.open(tx, r.ID)
	v := matrix.Vulnerability{Title: in.Title, Description: in.Description, References: r.References}
	if strings.TrimSpace(v.Description) == "" {
		v.Description = withoutAddress(t.Description, t.Contact)
	}
	if len(r.CVEs) > 0 {
		v.CVE = r.CVEs[0]
	}
	if r.Credit != "" {
		v.Credits = []string{r.Credit}
	}
	return v, err
}

// withoutAddress takes a mail address out of a text, however its letters are
// spelled.
func withoutAddress(s, address string) string {
	if address == "" {
		return s
	}
	const instead = "[address withheld]"
	var out strings.Builder
	for i := 0; i < len(s); {
		if len(s)-i >= len(address) && strings.EqualFold(s[i:i+len(address)], address) {
			out.WriteString(instead)
			i += len(address)
			continue
		}
		out.WriteByte(s[i])
		i++
	}
	return out.String()
}

// Merge joins a report to a running case.
type Merge struct {
	Case    string `json:"case"` // id or number
	Reason  string `json:"reason"`
	Note    string `json:"note"` // for the finder, or ""
	Version int64  `json:"version"`
}

// MergeInto joins a further report to a running case: its finder takes part
// too, and a date that lies before the embargo's end becomes a proposal.
func (d Desk) MergeInto(tx *db.Tx, a audience.Actor, ref string, in Merge) (Report, error) {
	r, err := coordinated(tx, a, ref)
	if err != nil {
		return r, err
	}
	if err := r.unchanged(in.Version, in); err != nil {
		return r, err
	}
	if in.Reason, err = cleanReason(in.Reason, true); err != nil {
		return r, err
	}
	c, err := casework.LoadAs(tx, a, in.Case, audience.Coordinator)
	if err != nil {
		return r, err
	}
	before := r.State
	if err := r.toWork(); err != nil {
		return r, err
	}
	r.Outcome = Merged
	if err := d.join(tx, a, &r, c, before, EventMerged, in.Reason); err != nil {
		return r, err
	}
	return r, d.announce(tx, a, r, in.Note)
}

// join puts the finder into the case, carries the planned date over, and
// saves the report.
func (d Desk) join(tx *db.Tx, a audience.Actor, r *Report, c casework.Case, before mpcvd.RM, kind, reason string) error {
	// The parties of the case read this name.
	who := casework.Finding{Kind: audience.Link, ID: r.ID, Name: "Finder of " + r.Number, Reason: "sent the report " + r.Number}
	if r.Person != "" {
		who.Kind, who.ID = audience.Person, r.Person
	}
	switch {
	case r.Anonymous:
		who.Name = "Anonymous finder (" + r.Number + ")"
	case r.Credit != "":
		who.Name = r.Credit
	}
	p, err := casework.AddFinder(tx, a, c.ID, who)
	if err != nil {
		return err
	}
	if r.PlannedNote, err = carry(tx, a, *r, c, p); err != nil {
		return err
	}
	r.Case, r.Participant, r.Reason, r.DeskAt = c.ID, p.ID, reason, tx.Now
	if err := save(tx, r, before); err != nil {
		return err
	}
	record(tx, a, *r, kind, map[string]any{"case": c.Number, "reason": reason})
	if r.PlannedNote != "" {
		record(tx, a, *r, EventDateNoted, map[string]any{"planned_at": r.PlannedAt, "note": r.PlannedNote})
	}
	// On the case's own timeline, for its coordinators.
	ledger.Append(tx, ledger.Event{Kind: EventJoined, Actor: a, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: r.Ref(), Data: map[string]string{"report": r.Number, "reason": reason}})
	return nil
}

// carry makes the finder's planned date a proposal where it is one: before
// the agreed end, or where none is agreed. note says why it is not, when the
// coordinators have to talk with the finder about it.
func carry(tx *db.Tx, a audience.Actor, r Report, c casework.Case, p casework.Participant) (note string, err error) {
	if r.PlannedAt.IsZero() || c.Embargo.Holds() && !r.PlannedAt.Before(c.EmbargoEnds) {
		return "", nil
	}
	if !r.PlannedAt.After(tx.Now) {
		return "The planned publication has passed.", nil
	}
	_, err = embargo.Propose(tx, a, c.ID, embargo.Offer{Participant: p.ID, Ends: r.PlannedAt, Reason: "A finder means to publish then."})
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Conflict) {
		return spoken(err), nil
	}
	return "", err
}

// Follower keeps reports with their matter when a case is merged into another
// one: their finders have a place there.
func Follower() casework.Follower {
	return casework.Follower{Move: func(tx *db.Tx, a audience.Actor, m casework.Move) error {
		if m.Only != nil {
			return nil // a split: the report stays where it came in
		}
		list, err := db.All(tx, scan, `SELECT `+columns+` FROM report r WHERE r.case_id = $1 ORDER BY r.id`, m.From.ID)
		if err != nil {
			return err
		}
		for _, r := range list {
			if r, err = hold(tx, r.ID); err != nil {
				return err
			}
			r.Case = m.Into.ID
			if into := m.Parties[r.Participant]; into != "" {
				r.Participant = into
			}
			if err := save(tx, &r, r.State); err != nil {
				return err
			}
			record(tx, a, r, EventMerged, map[string]any{"case": m.Into.Number, "from": m.From.Number})
		}
		return nil
	}}
}
