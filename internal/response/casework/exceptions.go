package casework

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
)

// Exception is that the board let an organization into a case although its
// class is shut out there, as far as the reader may know of it.
type Exception struct {
	Ref    string    `json:"ref"` // names it in addresses
	Org    string    `json:"organization_id"`
	Name   string    `json:"organization"`
	Since  time.Time `json:"since"`
	Case   string    `json:"case,omitempty"`   // number; only where the reader sees the case
	Title  string    `json:"title,omitempty"`  // of that case
	Motion string    `json:"motion,omitempty"` // number; only where the reader sees the motion
	Reason string    `json:"reason,omitempty"` // where they see the one or the other

	caseID string
}

// Barring is what a case's coordinators read of the classes that are shut out
// of it, and of those let in all the same.
type Barring struct {
	Classes []string    `json:"classes"`
	Made    []Exception `json:"exceptions"`
}

// Reaches reports whether an invitation of the organization would reach it.
func (x Barring) Reaches(o orgs.Org) bool {
	return !slices.Contains(x.Classes, string(o.Class)) || slices.ContainsFunc(x.Made, func(e Exception) bool { return e.Org == o.ID })
}

// Barred are the classes shut out of a case and the exceptions made for it;
// for its coordinators.
func Barred(tx *db.Tx, a audience.Actor, caseRef string) (Barring, error) {
	c, role, err := Load(tx, a, caseRef)
	if err == nil && role < audience.Coordinator {
		err = errs.New(errs.Denied, "Exceptions are shown to the case's coordinators.")
	}
	if err != nil {
		return Barring{}, err
	}
	out := Barring{Made: []Exception{}}
	if out.Classes, err = audience.ShutOut(tx, c.Audience); err != nil {
		return out, err
	}
	list, err := audience.Exemptions(tx, c.Audience)
	for _, e := range list {
		if err != nil {
			break
		}
		var x Exception
		x, err = exceptionOf(tx, a, exemption{c.ID, e})
		out.Made = append(out.Made, x)
	}
	return out, err
}

type exemption struct {
	caseID string
	audience.Exemption
}

const maxExceptions = 500

// exempted lists the exceptions of the cases in a program, newest first. It
// asks nobody.
func exempted(tx *db.Tx, programID string) ([]exemption, error) {
	return db.All(tx, func(e *exemption) []any {
		return []any{&e.caseID, &e.Kind, &e.ID, &e.Reason, db.At(&e.Since)}
	},
		`SELECT c.id, e.party_kind, e.party_id, e.reason, e.since FROM audience_program l JOIN cases c ON c.audience_id = l.audience_id JOIN audience_exempt e ON e.audience_id = l.audience_id
		WHERE l.program_id = $1 ORDER BY e.since DESC, c.id, e.party_id`+db.Limit(maxExceptions), programID)
}

// SeesExceptions reports whether the actor may know what exceptions a program
// has: its coordinators, the alliance's, and the board.
func SeesExceptions(a audience.Actor, programID string) bool {
	for _, office := range []string{charter.Coordinator, charter.Board, charter.Bench, audience.CoordinatorsOf(programID)} {
		if a.Holds(audience.Office, office) {
			return true
		}
	}
	return false
}

// Exceptions lists the exceptions for cases in a program, newest first.
func Exceptions(tx *db.Tx, a audience.Actor, programID string) ([]Exception, error) {
	if _, err := programs.Get(tx, a, programID); err != nil {
		return nil, err
	}
	if !SeesExceptions(a, programID) {
		return nil, errs.New(errs.Denied, "The exceptions of a program are shown to its coordinators and to the board.")
	}
	list, err := exempted(tx, programID)
	out := []Exception{}
	for _, e := range list {
		if err != nil {
			return nil, err
		}
		var x Exception
		x, err = exceptionOf(tx, a, e)
		out = append(out, x)
	}
	return out, err
}

// exceptionOf is an exemption as far as the actor may know of its case and its
// motion.
func exceptionOf(tx *db.Tx, a audience.Actor, e exemption) (Exception, error) {
	x := Exception{Ref: e.caseID + "." + e.ID, Org: e.ID, Since: e.Since, caseID: e.caseID}
	o, err := orgs.Load(tx, e.ID)
	if err != nil {
		return x, err
	}
	x.Name = o.Name
	c, _, err := Load(tx, a, e.caseID)
	if err == nil {
		x.Case, x.Title = c.Number, c.Title
	} else if !errs.Is(err, errs.NotFound) {
		return x, err
	}
	number, question, _ := strings.Cut(e.Reason, ": ")
	m, err := board.Get(tx, a, number)
	if err == nil {
		x.Motion = m.Number
	} else if !errs.Is(err, errs.NotFound) {
		return x, err
	}
	if x.Case != "" || x.Motion != "" {
		x.Reason = question
	}
	return x, nil
}

// ExceptionIn finds one exception of a program by its Ref.
func ExceptionIn(tx *db.Tx, a audience.Actor, programID, ref string) (Exception, error) {
	list, err := Exceptions(tx, a, programID)
	for _, x := range list {
		if x.Ref == ref {
			return x, err
		}
	}
	if err == nil {
		err = errs.Missing("exception")
	}
	return Exception{}, err
}

// ProposeEnd writes a motion, as a draft, to end an exception: what the board
// gave, the board takes. Who may put motions may, with a reason.
func ProposeEnd(tx *db.Tx, a audience.Actor, programID, ref, reason string) (board.Motion, error) {
	x, err := ExceptionIn(tx, a, programID, ref)
	if err != nil {
		return board.Motion{}, err
	}
	if strings.TrimSpace(reason) == "" {
		return board.Motion{}, errs.Bad("reason", "Say why the exception should end.")
	}
	raw, err := json.Marshal(Passage{Org: x.Org, Revoke: true})
	if err != nil {
		return board.Motion{}, err
	}
	title := []rune("End the exception for " + x.Name)
	if x.Motion != "" {
		title = append(title[:min(len(title), 180)], []rune(" ("+x.Motion+")")...)
	}
	return board.Propose(tx, a, board.Motion{Kind: board.Exception, Title: string(title[:min(len(title), 200)]), Text: reason, Object: ledger.Object{Kind: "case", ID: x.caseID}, Proposal: raw})
}
