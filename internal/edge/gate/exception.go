package gate

import (
	"encoding/json"
	"strings"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
)

// Passage is the proposal of a motion for an exception: whom it lets through
// the bars of the case that is the motion's object, or no longer.
type Passage struct {
	Kind   audience.SubjectKind `json:"party_kind"` // org or person
	ID     string               `json:"party"`
	Revoke bool                 `json:"revoke"`
}

// Exception is that a party reads a case in a program that shuts its class
// out, as far as the reader may know of it.
type Exception struct {
	Ref    string               `json:"ref"` // names it in addresses
	Kind   audience.SubjectKind `json:"party_kind"`
	Party  string               `json:"party"`
	Name   string               `json:"name"`
	Since  time.Time            `json:"since"`
	Case   string               `json:"case,omitempty"`   // number; only where the reader sees the case
	Title  string               `json:"title,omitempty"`  // of that case
	Motion string               `json:"motion,omitempty"` // number; only where the reader sees the motion
	Reason string               `json:"reason,omitempty"` // where they see the one or the other

	caseID string
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
	list, err := casework.Exemptions(tx, programID)
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

func exceptionOf(tx *db.Tx, a audience.Actor, e casework.Exemption) (Exception, error) {
	x := Exception{Ref: e.Case + "." + e.Party.ID, Kind: e.Party.Kind, Party: e.Party.ID, Since: e.Since, caseID: e.Case}
	if e.Party.Kind == audience.Org {
		o, err := orgs.Load(tx, e.Party.ID)
		if err != nil {
			return x, err
		}
		x.Name = o.Name
	} else {
		names, err := people.Names(tx, []string{e.Party.ID})
		if err != nil {
			return x, err
		}
		x.Name = names[e.Party.ID]
	}
	c, _, err := casework.Load(tx, a, e.Case)
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
	raw, err := json.Marshal(Passage{Kind: x.Kind, ID: x.Party, Revoke: true})
	if err != nil {
		return board.Motion{}, err
	}
	title := []rune("End the exception for " + x.Name)
	if x.Motion != "" {
		title = append(title[:min(len(title), 180)], []rune(" ("+x.Motion+")")...)
	}
	return board.Propose(tx, a, board.Motion{Kind: board.Exception, Title: string(title[:min(len(title), 200)]), Text: reason, Object: ledger.Object{Kind: "case", ID: x.caseID}, Proposal: raw})
}
