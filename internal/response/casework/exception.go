package casework

import (
	"encoding/json"
	"fmt"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
	"tocsin/spec/tlp"
)

// Passage is what a motion of kind board.Exception proposes for the case that
// is its object: which organization is let in although its class is shut out
// there, or is so no longer.
type Passage struct {
	Org    string `json:"party"`
	Revoke bool   `json:"revoke"`
}

func (x Passage) party() audience.Party { return audience.Party{Kind: audience.Org, ID: x.Org} }

// AskException puts a motion to the board, as a draft: to let a party into the
// case although its class is shut out there, or no longer. The board reads the
// party, the case's number and the reason; the case it does not see.
func AskException(tx *db.Tx, a audience.Actor, caseRef string, in Passage, reason string) (board.Motion, error) {
	c, err := LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return board.Motion{}, err
	}
	if reason, err = cleanReason(reason); err != nil {
		return board.Motion{}, err
	}
	o, err := orgs.Get(tx, a, in.Org)
	if errs.Is(err, errs.NotFound) {
		err = errs.Bad("party", "There is no such organization in the alliance.")
	}
	if err != nil {
		return board.Motion{}, err
	}
	if err := exceptable(tx, c, in, o.Name); err != nil {
		return board.Motion{}, err
	}
	m := board.Motion{Kind: board.Exception, Title: fmt.Sprintf("Let %s into %s", o.Name, c.Number), Text: reason, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "case", ID: c.ID}}
	if in.Revoke {
		m.Title = fmt.Sprintf("Let %s into %s no longer", o.Name, c.Number)
	}
	if r := []rune(m.Title); len(r) > MaxTitle {
		m.Title = string(r[:MaxTitle])
	}
	if m.Proposal, err = json.Marshal(in); err != nil {
		return board.Motion{}, err
	}
	return board.Propose(tx, a, m)
}

// exceptable refuses a motion that would change nothing.
func exceptable(tx *db.Tx, c Case, in Passage, name string) error {
	if in.Revoke {
		made, err := audience.Exempted(tx, c.Audience, in.party())
		if err == nil && !made {
			err = errs.New(errs.Conflict, "No exception was made for %s here.", name)
		}
		return err
	}
	class, err := barredBy(tx, c, in.party())
	if err == nil && class == "" {
		err = errs.New(errs.Conflict, "%s is of no class that is shut out here, and can be invited without an exception.", name)
	}
	return err
}

// barredBy is the class by which a party is shut out of a case; "" where it is
// not. A person is shut out with each organization they belong to.
func barredBy(tx *db.Tx, c Case, p audience.Party) (orgs.Class, error) {
	list, err := orgs.ClassesOf(tx, p)
	for _, o := range list {
		if err != nil {
			break
		}
		var barred bool
		if barred, err = audience.Barred(tx, c.Audience, audience.Party{Kind: audience.Org, ID: o.ID}, string(o.Class)); barred {
			return o.Class, err
		}
	}
	return "", err
}

// admissible refuses to include a party which would never see the case: no
// invitation reaches a class that is shut out.
func admissible(tx *db.Tx, c Case, p Participant) error {
	class, err := barredBy(tx, c, p.Party())
	if err == nil && class != "" {
		err = errs.New(errs.Conflict, "%s is of the class %s, which is shut out of this case: an invitation would not reach it. Only the board makes an exception; ask it for one first.", p.Name, class)
	}
	return err
}

// Excepted does what a decided motion of kind board.Exception says. Its number
// and question are the reason that is kept.
func Excepted(tx *db.Tx, m board.Motion) error {
	if m.State != ballot.Carried || len(m.Proposal) == 0 {
		return nil
	}
	var in Passage
	if err := json.Unmarshal(m.Proposal, &in); err != nil || in.Org == "" {
		return errs.New(errs.Invalid, "The proposal does not name the organization that is let in.")
	}
	if m.Object.Kind != "case" {
		return errs.New(errs.Conflict, "An exception is for a case, and the motion is not about one.")
	}
	c, err := ByID(tx, m.Object.ID)
	if err != nil {
		return err
	}
	p, kind := in.party(), ExceptionMade
	if in.Revoke {
		kind, err = ExceptionEnded, audience.Unexempt(tx, c.Audience, p)
	} else {
		err = audience.Exempt(tx, c.Audience, p, m.Number+": "+m.Title)
	}
	if err != nil {
		return err
	}
	// The parties of the case learn of a party when it is invited, not before.
	ledger.Append(tx, ledger.Event{Kind: kind, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: c.Ref(), Data: struct {
		Motion string `json:"motion"`
		Passage
	}{m.Number, in}, Binds: []ledger.Bound{c.Bound()}})
	return nil
}
