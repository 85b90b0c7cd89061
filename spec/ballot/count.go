package ballot

import (
	"errors"
	"fmt"

	"tocsin/spec/text"
)

// MaxSeats and MaxVotes bound one count.
const (
	MaxSeats = 1000
	MaxVotes = 100_000
)

// Choice is what a vote says.
type Choice string

// The choices.
const (
	Yes     Choice = "yes"
	No      Choice = "no"
	Abstain Choice = "abstain"
)

// Choices lists the choices in the order of a ballot paper.
var Choices = []Choice{Yes, No, Abstain}

// Standing is what has become of a seat of the electorate by the close.
type Standing string

// The standings.
const (
	Sits      Standing = "sits"      // may vote
	Recused   Standing = "recused"   // in conflict: leaves the electorate
	Suspended Standing = "suspended" // its organization is suspended
	Replaced  Standing = "replaced"  // its term ended, or somebody else sits there now
)

// Words is the standing as minutes say it.
func (s Standing) Words() string {
	switch s {
	case Sits:
		return "entitled to vote"
	case Recused:
		return "recused"
	case Suspended:
		return "suspended since the opening"
	case Replaced:
		return "left or replaced since the opening"
	}
	return string(s)
}

// Seat is one seat of the electorate, which is fixed when the ballot opens,
// as it stands at the close.
type Seat struct {
	ID        string
	Standing  Standing
	Principal string // who sits there; "" when they may not vote any more
	// Substitute votes only if the principal has not; "" for none.
	Substitute string
}

// Vote is one casting of a vote. A voter's cast with the highest Order is the
// one that stands; of two with the same Order and different choices neither
// does.
type Vote struct {
	Seat   string
	Voter  string
	Choice Choice
	Order  int64
}

// Result is what a ballot came to.
type Result struct {
	Outcome State `json:"outcome"` // Carried, Failed or Void
	Yes     int   `json:"yes"`
	No      int   `json:"no"`
	Abstain int   `json:"abstain"`
	// Electorate is the seats at the opening without the recused ones. A seat
	// that was suspended or replaced meanwhile stays in it: nobody can make a
	// quorum by taking seats away.
	Electorate int `json:"electorate"`
	Voted      int `json:"voted"`     // seats whose vote counts, abstentions among them
	Needed     int `json:"needed"`    // votes that make the quorum
	Recused    int `json:"recused"`   // seats
	Lost       int `json:"lost"`      // seats suspended or replaced since the opening
	Uncounted  int `json:"uncounted"` // seats for which a vote was cast that does not count
	// Reasons say in whole sentences how the outcome follows.
	Reasons []string `json:"reasons"`
}

// Verb is the move of the machine that records the result.
func (r Result) Verb() Verb {
	switch r.Outcome {
	case Carried:
		return Carry
	case Failed:
		return Fail
	}
	return Annul
}

// Count says what the votes come to. Their order in the slice never matters.
// It fails only for rules, seats or votes that no ballot can have.
func Count(rules Rules, seats []Seat, votes []Vote) (Result, error) {
	if err := rules.Valid(); err != nil {
		return Result{}, err
	}
	standing, cast, err := sorted(seats, votes)
	if err != nil {
		return Result{}, err
	}
	var r Result
	for _, s := range seats {
		choice, counts := choiceOf(s, cast[s.ID])
		if len(cast[s.ID]) > 0 && !counts {
			r.Uncounted++
		}
		switch standing[s.ID] {
		case Recused:
			r.Recused++
			continue
		case Suspended, Replaced:
			r.Lost++
		}
		r.Electorate++
		if !counts {
			continue
		}
		r.Voted++
		switch choice {
		case Yes:
			r.Yes++
		case No:
			r.No++
		case Abstain:
			r.Abstain++
		}
	}
	r.Needed = rules.Needed(r.Electorate)
	r.Outcome = outcome(rules, r)
	r.Reasons = reasons(rules, r)
	return r, nil
}

// Complete reports whether every seat that may vote has, so that waiting for
// the deadline changes nothing unless somebody changes their vote.
func Complete(seats []Seat, votes []Vote) bool {
	_, cast, err := sorted(seats, votes)
	if err != nil {
		return false
	}
	able := 0
	for _, s := range seats {
		if s.Standing != Sits || s.Principal == "" && s.Substitute == "" {
			continue
		}
		able++
		if _, ok := choiceOf(s, cast[s.ID]); !ok {
			return false
		}
	}
	return able > 0
}

func outcome(rules Rules, r Result) State {
	switch {
	case r.Electorate == 0 || r.Voted < r.Needed:
		return Void
	case rules.Enough(r.Yes, r.No):
		return Carried
	}
	return Failed
}

// last is a voter's latest cast; torn says that two casts claim to be it.
type last struct {
	Vote
	torn bool
}

func sorted(seats []Seat, votes []Vote) (map[string]Standing, map[string]map[string]last, error) {
	if len(seats) > MaxSeats || len(votes) > MaxVotes {
		return nil, nil, fmt.Errorf("a ballot has at most %d seats and %s", MaxSeats, text.Plural(MaxVotes, "vote", "votes"))
	}
	standing := make(map[string]Standing, len(seats))
	for _, s := range seats {
		if _, twice := standing[s.ID]; twice || s.ID == "" {
			return nil, nil, errors.New("each seat of the electorate stands there once, with an id")
		}
		switch s.Standing {
		case Sits, Recused, Suspended, Replaced:
		default:
			return nil, nil, fmt.Errorf("%q is no standing of a seat", s.Standing)
		}
		standing[s.ID] = s.Standing
	}
	cast := map[string]map[string]last{}
	for _, v := range votes {
		switch v.Choice {
		case Yes, No, Abstain:
		default:
			return nil, nil, errors.New("a vote is yes, no or abstain")
		}
		if cast[v.Seat] == nil {
			cast[v.Seat] = map[string]last{}
		}
		was, before := cast[v.Seat][v.Voter]
		switch {
		case !before || v.Order > was.Order:
			cast[v.Seat][v.Voter] = last{Vote: v}
		case v.Order == was.Order && v.Choice != was.Choice:
			was.torn = true
			cast[v.Seat][v.Voter] = was
		}
	}
	return standing, cast, nil
}

// choiceOf is the vote that counts for a seat: the principal's, else the
// substitute's.
func choiceOf(s Seat, cast map[string]last) (Choice, bool) {
	if s.Standing != Sits {
		return "", false
	}
	for _, voter := range []string{s.Principal, s.Substitute} {
		if v, ok := cast[voter]; ok && voter != "" && !v.torn {
			return v.Choice, true
		}
	}
	return "", false
}
