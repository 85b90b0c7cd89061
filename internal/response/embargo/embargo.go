// Package embargo runs a case's embargo: who proposes which end, who consents
// and who objects, what is agreed, what stops it, and how far each party is.
//
// The rules are those of spec/mpcvd. A state changes only by an UPDATE whose
// WHERE names the states that the machine's table allows, and every verb
// first takes the case's row, so that two verbs on one case run one after the
// other on both databases.
package embargo

import (
	"errors"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
)

// State is where a proposal stands.
type State string

// The states of a proposal.
const (
	Open      State = "open"
	Accepted  State = "accepted"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn"
	Replaced  State = "replaced" // by the same party's next proposal
	Expired   State = "expired"  // its end came before it was accepted
)

// Kind is how a proposal came about.
type Kind string

// The kinds of proposals.
const (
	First    Kind = "first"    // no embargo holds yet
	Counter  Kind = "counter"  // instead of another open one
	Revision Kind = "revision" // of the agreed end, which stands until it is accepted
	Policy   Kind = "policy"   // the alliance's published default
)

// Proposal is one proposed end of a case's embargo.
type Proposal struct {
	ID          string    `json:"id"`
	Case        string    `json:"case_id"`
	Kind        Kind      `json:"kind"`
	State       State     `json:"state"`
	Ends        time.Time `json:"ends_at"`
	Reason      string    `json:"reason"`
	Counters    string    `json:"counters,omitempty"`       // the proposal it answers
	Participant string    `json:"participant_id,omitempty"` // empty: the coordinators
	OnBehalf    bool      `json:"on_behalf"`
	Person      string    `json:"-"`
	OpenedAt    time.Time `json:"opened_at"`
	PassesAt    time.Time `json:"passes_at"` // if nobody objects until then
	Carried     bool      `json:"carried"`   // left open when a shorter end was agreed: at PassesAt it lapses, unless every party consented
	DecidedAt   time.Time `json:"decided_at,omitzero"`
	Decision    string    `json:"decision,omitempty"` // why it was decided so
	Audience    string    `json:"-"`
	Level       tlp.Level `json:"tlp"`
}

const proposalColumns = `e.id, e.case_id, e.kind, e.state, e.ends_at, e.reason, e.counters, e.participant_id, e.on_behalf, e.person_id, e.opened_at, e.passes_at, e.carried, e.decided_at, e.decision, e.audience_id, e.tlp`

func scanProposal(p *Proposal) []any {
	return []any{&p.ID, &p.Case, &p.Kind, &p.State, db.At(&p.Ends), &p.Reason, &p.Counters, &p.Participant, &p.OnBehalf, &p.Person, db.At(&p.OpenedAt), db.At(&p.PassesAt), &p.Carried, db.At(&p.DecidedAt), &p.Decision, &p.Audience, &p.Level}
}

// rule is the proposal as the rules of spec/mpcvd take it.
func (p Proposal) rule() mpcvd.Proposal {
	return mpcvd.Proposal{ID: p.ID, By: p.Participant, End: p.Ends, At: p.OpenedAt}
}

// Limits are the alliance's settings as the rules take them.
func Limits(tx *db.Tx) (mpcvd.Limits, error) {
	ch, err := charter.Load(tx)
	l := mpcvd.DefaultLimits
	l.DefaultDays, l.MaxDays, l.Unopposed = ch.EmbargoDefaultDays, ch.EmbargoMaxDays, time.Duration(ch.ProposalDays)*24*time.Hour
	return l, err
}

// reported is when a case's matter came in, from which the limits count: a
// case that was split off is as old as the one it came from.
func reported(tx *db.Tx, c casework.Case) (time.Time, error) {
	for range 20 {
		if c.SplitFrom == "" {
			break
		}
		older, err := casework.ByID(tx, c.SplitFrom)
		if err != nil {
			return c.OpenedAt, err
		}
		c = older
	}
	return c.OpenedAt, nil
}

// hold takes the case's row for the rest of the transaction and reads it
// anew.
func hold(tx *db.Tx, c *casework.Case) error {
	if err := casework.Touch(tx, c.ID); err != nil {
		return err
	}
	fresh, err := casework.ByID(tx, c.ID)
	if err != nil {
		return err
	}
	*c = fresh
	if c.State != casework.Open {
		return errs.New(errs.Conflict, "The case %s is %s; reopen it first.", c.Number, c.State)
	}
	return nil
}

// coordinated loads and holds a case for a coordinator's verb.
func coordinated(tx *db.Tx, a audience.Actor, ref string) (casework.Case, error) {
	c, err := casework.LoadAs(tx, a, ref, audience.Coordinator)
	if err == nil {
		err = hold(tx, &c)
	}
	return c, err
}

// voice is who speaks in a verb: a party itself, a coordinator on its behalf,
// or the coordinators in their own name (party is then nil).
type voice struct {
	actor    audience.Actor
	party    *casework.Participant
	onBehalf bool
}

func (v voice) id() string {
	if v.party == nil {
		return ""
	}
	return v.party.ID
}

func (v voice) name() string {
	if v.party == nil {
		return "the coordinators"
	}
	return v.party.Name
}

// speak loads and holds the case and settles who speaks. Without a
// participant a coordinator speaks in their own name and a party's person for
// the one party they sit for. A finder, who is not in the case's audience,
// speaks from its private side.
func speak(tx *db.Tx, a audience.Actor, ref, participantID string) (c casework.Case, v voice, err error) {
	v.actor = a
	c, err = casework.LoadAs(tx, a, ref, audience.Contributor)
	if errs.Is(err, errs.NotFound) && participantID != "" {
		var p casework.Participant
		if c, p, err = casework.PrivateSide(tx, a, ref, participantID); err == nil {
			v.party, err = &p, hold(tx, &c)
		}
		return c, v, err
	}
	if err != nil {
		return c, v, err
	}
	if err = hold(tx, &c); err != nil {
		return c, v, err
	}
	if participantID != "" {
		p, behalf, err := casework.ActingFor(tx, a, c, participantID)
		v.party, v.onBehalf = &p, behalf
		return c, v, err
	}
	role, err := audience.RoleOn(tx, a, c.Audience, c.Marking())
	if err != nil || role == audience.Coordinator {
		return c, v, err
	}
	mine, err := casework.MyParticipants(tx, a, c.ID)
	if err != nil {
		return c, v, err
	}
	for i := range mine {
		if !mine[i].IsMine(a) {
			continue
		}
		if v.party != nil {
			return c, v, errs.Bad("participant_id", "You sit for more than one party of this case; name the one you speak for.")
		}
		v.party = &mine[i]
	}
	if v.party == nil {
		err = errs.New(errs.Denied, "You speak for no party of this case.")
	}
	return c, v, err
}

// record tells everybody in the case what somebody said. What a hidden party
// says is told to its private side with its name, and to the others without.
func record(tx *db.Tx, v voice, c casework.Case, kind string, object ledger.Object, data map[string]any, binds ...ledger.Bound) {
	e := ledger.Event{Kind: kind, Actor: v.actor, Audience: c.Audience, Level: c.Level, Scope: c.ID, Object: object, Binds: binds}
	if v.party != nil && v.party.Hidden {
		full := e
		full.Audience, full.Party, full.Data = v.party.Private, v.id(), named(data, v)
		ledger.Append(tx, full)
		e.Actor, e.Data = audience.Actor{}, data
	} else {
		e.Party, e.Data = v.id(), named(data, v)
	}
	ledger.Append(tx, e)
}

func named(data map[string]any, v voice) map[string]any {
	out := map[string]any{"by": v.name()}
	if v.onBehalf {
		out["on_behalf"] = true
	}
	for k, val := range data {
		out[k] = val
	}
	return out
}

// conflict turns a machine's refusal into the answer of a verb: it says in
// which state things are and what is possible in it.
func conflict(err error) *errs.Error {
	if refused, ok := errors.AsType[*mpcvd.RefusedError](err); ok {
		return errs.New(errs.Conflict, "%s", refused.Error())
	}
	return errs.New(errs.Conflict, "%s.", upper(err.Error()))
}

func upper(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// sources are the states from which verb leads to the given one: the guard of
// an UPDATE.
func sources[S ~string, V ~string](m mpcvd.Machine[S, V], verb V, to S) []string {
	var out []string
	for _, r := range m.RowsOf(verb) {
		if r.To == to {
			out = append(out, string(r.From))
		}
	}
	return out
}

// move moves the case's embargo and sets its end. It refuses what the table
// or the case's exposure does not allow.
func move(tx *db.Tx, c *casework.Case, verb mpcvd.EMVerb, end time.Time) error {
	to, err := mpcvd.EmbargoMove(c.Embargo, verb, c.Public)
	if err != nil {
		return conflict(err)
	}
	var args db.Args
	q := `UPDATE cases SET embargo_state = ` + args.Add(string(to)) + `, embargo_ends_at = ` + args.Add(db.Micros(end)) + ` WHERE id = ` + args.Add(c.ID) +
		` AND public_state = ` + args.Add(string(c.Public)) + ` AND embargo_state IN ` + db.List(&args, sources(mpcvd.Embargo, verb, to))
	if err := tx.Guarded(errs.New(errs.Conflict, "Somebody else changed the embargo at the same moment. Look again and repeat what still applies."), q, args...); err != nil {
		return err
	}
	changed := !c.EmbargoEnds.Equal(end)
	c.Embargo, c.EmbargoEnds = to, end
	if to == mpcvd.EMExited {
		if err := membership.Thaw(tx, audience.Actor{}, c.ID, ""); err != nil {
			return err
		}
	}
	if changed {
		return casework.RenewTerms(tx, *c)
	}
	return nil
}
