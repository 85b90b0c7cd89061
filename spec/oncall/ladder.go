package oncall

import (
	"fmt"
	"slices"
	"time"
)

// The bounds of a ladder.
const (
	MaxSteps  = 20
	MaxRounds = 10
	MaxWait   = 7 * 24 * 60 // minutes
	MaxTries  = 10
	maxCalls  = 500 // tries of all steps in all rounds
	maxRole   = 50  // contacts that one role names
)

// Channel is a way to reach somebody.
type Channel string

// The channels. Any takes the contact's own first way.
const (
	Any   Channel = ""
	Phone Channel = "phone"
	Mail  Channel = "mail"
	Chat  Channel = "chat"
	Page  Channel = "page" // a push to the contact's device
)

// Channels lists the channels a step may name.
var Channels = []Channel{Any, Phone, Mail, Chat, Page}

// WhomKind is what a step's Whom names.
type WhomKind string

// The kinds.
const (
	ByRotation WhomKind = "rotation" // whoever is on call in it when the call is made
	ByPerson   WhomKind = "person"   // one contact
	ByRole     WhomKind = "role"     // the organization's contacts of a role, such as "legal"
)

// Whom is whom a step calls.
type Whom struct {
	Kind WhomKind `json:"kind"`
	ID   string   `json:"id"`
}

// Step is one rung of a ladder.
type Step struct {
	Whom    Whom    `json:"whom"`
	Channel Channel `json:"channel,omitempty"`
	Wait    int     `json:"wait"`            // minutes before the next try or step, 0 to a week
	Tries   int     `json:"tries,omitempty"` // how often the step calls, 1 to 10; 0 means 1
}

// Ladder is whom to call in which order until somebody answers.
type Ladder struct {
	Steps  []Step `json:"steps"`
	Rounds int    `json:"rounds,omitempty"` // how often it is climbed, 1 to 10; 0 means 1
}

// Validate refuses a ladder that cannot be climbed.
func (l Ladder) Validate() error {
	if len(l.Steps) == 0 || len(l.Steps) > MaxSteps {
		return fmt.Errorf("a ladder has between 1 and %d steps", MaxSteps)
	}
	if l.Rounds < 0 || l.Rounds > MaxRounds {
		return fmt.Errorf("a ladder is climbed 1 to %d times", MaxRounds)
	}
	wait, tries := 0, 0
	for i, s := range l.Steps {
		switch {
		case !slices.Contains([]WhomKind{ByRotation, ByPerson, ByRole}, s.Whom.Kind) || s.Whom.ID == "" || len(s.Whom.ID) > 200:
			return fmt.Errorf("step %d: say whom it calls: a rotation, a contact or a role", i+1)
		case !slices.Contains(Channels, s.Channel):
			return fmt.Errorf("step %d: %q is not a way to reach somebody", i+1, clip(string(s.Channel)))
		case s.Wait < 0 || s.Wait > MaxWait:
			return fmt.Errorf("step %d: wait between 0 minutes and 7 days", i+1)
		case s.Tries < 0 || s.Tries > MaxTries:
			return fmt.Errorf("step %d: try 1 to %d times", i+1, MaxTries)
		case s.Tries > 1 && s.Wait == 0:
			return fmt.Errorf("step %d: wait at least a minute between two tries", i+1)
		}
		wait += s.Wait
		tries += max(s.Tries, 1)
	}
	if tries*max(l.Rounds, 1) > maxCalls {
		return fmt.Errorf("a ladder calls at most %d times; climb it less often or try less often", maxCalls)
	}
	if l.Rounds > 1 && wait == 0 {
		return fmt.Errorf("a ladder that is climbed again waits at least a minute somewhere")
	}
	return nil
}

// Quiet is when a person wants to be left alone, in their own time zone. An
// emergency overrides it.
type Quiet struct {
	Zone  string `json:"zone"` // IANA name
	Hours Hours  `json:"hours"`
}

// Validate refuses an unknown zone or impossible hours.
func (q Quiet) Validate() error {
	if _, err := Zone(q.Zone); err != nil {
		return err
	}
	return q.Hours.Validate()
}

// Until is the end of the quiet hours that cover t, if any do. The quiet
// hours have been validated.
func (q Quiet) Until(t time.Time) (time.Time, bool) {
	loc, err := Zone(q.Zone)
	if err != nil {
		return time.Time{}, false
	}
	_, end, ok := q.Hours.At(t, loc)
	return end, ok
}

// Urgency is how much a ladder may disturb.
type Urgency string

// The urgencies.
const (
	Routine   Urgency = "routine"
	Emergency Urgency = "emergency" // overrides quiet hours
)
