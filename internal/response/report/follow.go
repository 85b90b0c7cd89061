package report

import (
	"errors"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
	"tocsin/spec/text"
)

// Standing is where a report stands, in words for the finder.
type Standing struct {
	Code string `json:"code"` // stable, for programs
	Text string `json:"text"`
}

var standings = map[mpcvd.RM]Standing{
	mpcvd.RMReceived: {"received", "We have your report. A coordinator will look at it."},
	mpcvd.RMInvalid:  {"invalid", "We could not confirm a vulnerability in what we have. You can add to your report."},
	mpcvd.RMValid:    {"valid", "We think that you are right, and decide how to go on."},
	mpcvd.RMDeferred: {"deferred", "Your report is valid; nobody works on it for now."},
	mpcvd.RMAccepted: {"accepted", "We are working on it."},
	mpcvd.RMClosed:   {"closed", "We have finished with your report."},
}

var outcomes = map[Outcome]Standing{
	BecameCase: {"coordinated", "We are working on it with the vendors it concerns."},
	Merged:     {"coordinated", "We are working on it with the vendors it concerns."},
	HandedOver: {"handed-over", "Your report concerns one vendor. We passed it to that vendor's own security team."},
	Withdrawn:  {"withdrawn", "You withdrew your report."},
}

func (r Report) standing() Standing {
	if s, ok := outcomes[r.Outcome]; ok && (r.State != mpcvd.RMClosed || r.Outcome == HandedOver || r.Outcome == Withdrawn) {
		return s
	}
	return standings[r.State]
}

// Status is all that a finder sees of what became of a report.
type Status struct {
	Report    Report    `json:"report"`
	Text      Text      `json:"text"`
	Standing  Standing  `json:"standing"`
	AgreedAt  time.Time `json:"agreed_at,omitzero"` // the agreed publication, once there is one
	Public    bool      `json:"public"`             // the matter is public
	HandedTo  string    `json:"handed_to,omitempty"`
	Messages  []Message `json:"messages"`
	Questions []Message `json:"questions"` // those that wait for an answer
	Files     []File    `json:"files"`
}

// Follow shows a report to its finder. Without a ref it is the one that the
// actor's link is for.
func (d Desk) Follow(tx *db.Tx, a audience.Actor, ref string) (Status, error) {
	if ref == "" {
		ref = a.Link
	}
	full, side, err := load(tx, a, ref)
	if err != nil {
		return Status{}, err
	}
	if side != Finder {
		return Status{}, errs.New(errs.Denied, "This page is the finder's.")
	}
	s := Status{Report: full.trimmed(Finder), Standing: full.standing(), Questions: []Message{}}
	if s.Text, err = d.open(tx, full.ID); err != nil {
		return s, err
	}
	if s.Messages, err = d.Messages(tx, a, full.ID); err != nil {
		return s, err
	}
	for _, m := range s.Messages {
		if m.Kind == Question && m.AnsweredAt.IsZero() {
			s.Questions = append(s.Questions, m)
		}
	}
	if s.Files, err = Files(tx, a, full.ID); err != nil {
		return s, err
	}
	if full.Org != "" {
		o, err := orgs.Load(tx, full.Org)
		if err != nil {
			return s, err
		}
		s.HandedTo = o.Name
	}
	return s, s.fromCase(tx, full)
}

// fromCase adds what the case says for the finder: its date, while the finder
// takes part, and whether it is public.
func (s *Status) fromCase(tx *db.Tx, r Report) error {
	if r.Case == "" {
		return nil
	}
	c, err := casework.ByID(tx, r.Case)
	for range 10 { // cases that were merged into one another
		if err != nil || c.MergedInto == "" {
			break
		}
		c, err = casework.ByID(tx, c.MergedInto)
	}
	if err != nil {
		return err
	}
	p, err := casework.PartyByID(tx, r.Participant)
	if err != nil {
		return err
	}
	if c.Embargo.Holds() && p.LeftAt.IsZero() {
		s.AgreedAt = c.EmbargoEnds
	}
	if s.Public = c.Public.Has(mpcvd.EventPublic); s.Public {
		s.Standing = Standing{"public", "The matter is public."}
	} else if c.State == casework.Closed {
		s.Standing = standings[mpcvd.RMClosed]
	}
	return nil
}

// SetCredit changes how the finder is thanked; version is the one seen. In a
// running case the coordinators are told, who write the advisory.
func (d Desk) SetCredit(tx *db.Tx, a audience.Actor, ref, credit string, anonymous bool, version int64) (Report, error) {
	r, err := found(tx, a, ref)
	if err != nil {
		return r, err
	}
	clean, _, err := text.CleanLine(credit, 200)
	if err != nil {
		return r, errs.Bad("credit", "Please correct the name: %s.", err.Error())
	}
	if anonymous {
		clean = ""
	}
	if err := r.unchanged(version, map[string]any{"credit": clean, "anonymous": anonymous}); err != nil {
		err.(*errs.Error).Theirs = r.trimmed(Finder)
		return r.trimmed(Finder), err
	}
	r.Credit, r.Anonymous, r.FinderAt = clean, anonymous, tx.Now
	if err := save(tx, &r, r.State); err != nil {
		return r, err
	}
	record(tx, a, r, EventCredited, map[string]any{"anonymous": anonymous})
	return r.trimmed(Finder), renew(tx, a)
}

// Withdraw is the finder's wish that the report be dropped. A report that
// nobody passed on yet is closed. One that became a case, or went to a
// vendor, cannot be taken back: the coordinators read the wish.
func (d Desk) Withdraw(tx *db.Tx, a audience.Actor, ref, reason string) (Report, error) {
	r, err := found(tx, a, ref)
	if err != nil {
		return r, err
	}
	if reason, err = cleanReason(reason, false); err != nil {
		return r, err
	}
	if !r.WithdrawnAt.IsZero() || r.Outcome == Dismissed {
		return r.trimmed(Finder), errs.New(errs.Conflict, "This report is withdrawn or closed already.")
	}
	before := r.State
	r.WithdrawnAt, r.FinderAt = tx.Now, tx.Now
	if r.Open() {
		for _, verb := range closing[r.State] {
			if err := r.step(verb); err != nil {
				return r, err
			}
		}
		r.Outcome, r.Reason, r.ClosedAt = Withdrawn, "withdrawn by the finder", tx.Now
	}
	if err := save(tx, &r, before); err != nil {
		return r, err
	}
	record(tx, a, r, EventWithdrawn, map[string]any{"from": before, "to": r.State})
	tell(tx, r)
	if reason != "" {
		if _, err := d.write(tx, a, r, Message{Report: r.ID, Kind: Note, Side: Finder, Audience: r.Talk}, reason); err != nil {
			return r, err
		}
	}
	return r.trimmed(Finder), renew(tx, a)
}

// closing is the way through the table from each state to closed.
var closing = map[mpcvd.RM][]mpcvd.RMVerb{
	mpcvd.RMReceived: {mpcvd.RMInvalidate, mpcvd.RMClose},
	mpcvd.RMInvalid:  {mpcvd.RMClose},
	mpcvd.RMValid:    {mpcvd.RMDefer, mpcvd.RMClose},
	mpcvd.RMDeferred: {mpcvd.RMClose},
	mpcvd.RMAccepted: {mpcvd.RMClose},
}

// spoken is what an error says to people.
func spoken(err error) string {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Text
	}
	return err.Error()
}
