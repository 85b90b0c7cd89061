package embargo

import (
	"slices"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// Timetable is everything about a case's embargo that the actor may see, for
// the page and the API alike.
type Timetable struct {
	Case        string            `json:"case_id"`
	Number      string            `json:"number"`
	Now         time.Time         `json:"now"`
	Opened      time.Time         `json:"opened_at"`
	Latest      time.Time         `json:"latest_end_at"`  // the longest that the limits allow
	Default     time.Time         `json:"default_end_at"` // what the alliance's policy gives
	State       mpcvd.EM          `json:"embargo_state"`
	Public      mpcvd.PublicState `json:"public_state"`
	Verbs       []mpcvd.EMVerb    `json:"possible"` // what the table and the exposure allow now
	Ends        time.Time         `json:"ends_at,omitzero"`
	Freeze      time.Time         `json:"freeze_at,omitzero"`   // T-7 days
	GoAsked     time.Time         `json:"go_asked_at,omitzero"` // T-24 h
	Holds       bool              `json:"holds"`                // an agreed embargo binds now
	DecisionDue time.Time         `json:"decision_due_at,omitzero"`
	DecisionWhy string            `json:"decision_why,omitempty"`
	Proposals   []Standing        `json:"proposals"` // open ones first, then newest first
	Readiness   []Readiness       `json:"readiness"` // every party that may know of this end
	Go, NoGo    int               `json:"-"`
	Decisions   []Decision        `json:"decisions"` // newest first
}

// Standing is a proposal with what is said about it.
type Standing struct {
	Proposal
	By       string       `json:"by"` // a party's name, "the coordinators", or "a party"
	Answers  []Answer     `json:"answers"`
	Consents int          `json:"consents"`
	Objects  int          `json:"objections"`
	Asked    int          `json:"asked"` // parties that take part and may answer
	Relation mpcvd.Change `json:"relation"`
	Shortest bool         `json:"shortest"`       // the one that is decided next
	Mine     []string     `json:"mine,omitempty"` // participants of the actor that owe an answer
	Blocked  bool         `json:"blocked"`        // somebody objects: a coordinator decides
}

// Decision is one decision about the embargo as the ledger keeps it.
type Decision struct {
	At   time.Time      `json:"at"`
	Kind string         `json:"kind"`
	Data map[string]any `json:"data"`
}

var decisionKinds = map[string]bool{EventAccepted: true, EventRejected: true, EventEnded: true, EventDecided: true, EventExposed: true, EventExpired: true, EventWithdrawn: true}

// Load reads the timetable of a case that the actor may see.
func Load(tx *db.Tx, a audience.Actor, caseRef string) (Timetable, error) {
	c, _, err := casework.Load(tx, a, caseRef)
	if err != nil {
		return Timetable{}, err
	}
	l, err := Limits(tx)
	if err != nil {
		return Timetable{}, err
	}
	since, err := reported(tx, c)
	if err != nil {
		return Timetable{}, err
	}
	t := Timetable{Case: c.ID, Number: c.Number, Now: tx.Now, Opened: c.OpenedAt, Latest: l.Latest(since), Default: l.DefaultEnd(since), State: c.Embargo, Public: c.Public,
		Ends: c.EmbargoEnds, Holds: c.Holds(tx.Now), DecisionDue: c.DecisionDue, DecisionWhy: c.DecisionWhy, Proposals: []Standing{}, Readiness: []Readiness{}, Decisions: []Decision{}}
	for _, verb := range mpcvd.Embargo.AllVerbs() {
		if _, err := mpcvd.EmbargoMove(c.Embargo, verb, c.Public); err == nil {
			t.Verbs = append(t.Verbs, verb)
		}
	}
	if !c.EmbargoEnds.IsZero() {
		t.Freeze, t.GoAsked = c.EmbargoEnds.Add(-FreezeLead), c.EmbargoEnds.Add(-GoLead)
	}
	parties, err := casework.Participants(tx, a, c.ID)
	if err != nil {
		return t, err
	}
	if err := t.proposals(tx, a, c, parties); err != nil {
		return t, err
	}
	if err := t.readiness(tx, a, c, parties); err != nil {
		return t, err
	}
	return t, t.decisions(tx, a, c)
}

func (t *Timetable) proposals(tx *db.Tx, a audience.Actor, c casework.Case, parties []casework.Participant) error {
	var args db.Args
	list, err := db.All(tx, scanProposal, `SELECT `+proposalColumns+` FROM embargo_proposal e WHERE e.case_id = `+args.Add(c.ID)+` AND `+audience.Visible(a, "e", &args)+
		` ORDER BY CASE e.state WHEN 'open' THEN 0 ELSE 1 END, CASE e.state WHEN 'open' THEN e.ends_at ELSE -e.opened_at END, e.id LIMIT 500`, args...)
	if err != nil {
		return err
	}
	var more db.Args
	answers, err := db.All(tx, func(x *Answer) []any {
		return []any{&x.ID, &x.Proposal, &x.Participant, &x.Name, &x.Reply, &x.Reason, &x.OnBehalf, &x.Person, db.At(&x.At), &x.Level}
	}, `SELECT x.id, x.proposal_id, x.participant_id, p.name, x.answer, x.reason, x.on_behalf, x.person_id, x.at, x.tlp FROM embargo_answer x JOIN participant p ON p.id = x.participant_id
		WHERE x.case_id = `+more.Add(c.ID)+` AND `+audience.Visible(a, "x", &more)+` ORDER BY x.at, x.id`, more...)
	if err != nil {
		return err
	}
	of := map[string][]Answer{}
	for _, x := range answers {
		of[x.Proposal] = append(of[x.Proposal], x)
	}
	names := map[string]string{"": "the coordinators"}
	asked := 0
	for _, p := range parties {
		names[p.ID] = p.Name
		if p.Active() && p.Role != casework.Finder {
			asked++
		}
	}
	for i, p := range list {
		s := Standing{Proposal: p, Answers: of[p.ID], Asked: asked, Relation: mpcvd.Compare(c.EmbargoEnds, p.Ends), Shortest: i == 0 && p.State == Open}
		var known bool
		if s.By, known = names[p.Participant]; !known {
			s.By, s.Participant = "a party", "" // hidden from this reader
		}
		said := map[string]bool{}
		for _, x := range s.Answers {
			said[x.Participant] = true
			if x.Reply == Consent {
				s.Consents++
			} else {
				s.Objects++
			}
		}
		s.Blocked = p.State == Open && s.Objects > 0
		for _, mine := range parties {
			if p.State == Open && mine.Active() && mine.IsMine(a) && !said[mine.ID] {
				s.Mine = append(s.Mine, mine.ID)
			}
		}
		t.Proposals = append(t.Proposals, s)
	}
	return nil
}

func (t *Timetable) readiness(tx *db.Tx, a audience.Actor, c casework.Case, parties []casework.Participant) error {
	if !c.Embargo.Holds() {
		return nil
	}
	var args db.Args
	list, err := db.All(tx, func(r *Readiness) []any {
		return []any{&r.Participant, &r.Answer, &r.Reason, &r.OnBehalf, db.At(&r.Ends), db.At(&r.At)}
	}, `SELECT r.participant_id, r.answer, r.reason, r.on_behalf, r.ends_at, r.at FROM readiness r WHERE r.case_id = `+args.Add(c.ID)+` AND r.ends_at = `+args.Add(db.Micros(c.EmbargoEnds))+` AND `+audience.Visible(a, "r", &args), args...)
	if err != nil {
		return err
	}
	said := map[string]Readiness{}
	for _, r := range list {
		said[r.Participant] = r
	}
	for _, p := range parties {
		if !p.Active() || p.Role == casework.Finder {
			continue
		}
		r := said[p.ID]
		r.Participant, r.Name = p.ID, p.Name
		switch r.Answer {
		case GoYes:
			t.Go++
		case GoNo:
			t.NoGo++
		}
		t.Readiness = append(t.Readiness, r)
	}
	return nil
}

func (t *Timetable) decisions(tx *db.Tx, a audience.Actor, c casework.Case) error {
	var args db.Args
	var kinds []string
	for k := range decisionKinds {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	list, err := db.All(tx, func(d *Decision) []any { return []any{db.At(&d.At), &d.Kind, db.JSON(&d.Data)} },
		`SELECT e.at, e.kind, e.payload FROM event e WHERE e.scope = `+args.Add(c.ID)+` AND e.audience_id = `+args.Add(c.Audience)+` AND e.kind IN `+db.List(&args, kinds)+
			` AND `+audience.Visible(a, "e", &args)+` ORDER BY e.seq DESC LIMIT 200`, args...)
	if list != nil {
		t.Decisions = list
	}
	return err
}
