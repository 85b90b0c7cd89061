package mpcvd

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"
)

// Limits are the settings of an alliance's embargoes. A day is 24 hours: the
// end of an embargo is an instant, not a date.
type Limits struct {
	DefaultDays int // length proposed when nobody names one
	MaxDays     int // longest embargo, counted from the case's report
	// Unopposed is how long a proposal stands before it passes without a
	// word against it.
	Unopposed time.Duration
	// Decision is how long a decision may take once attacks are seen;
	// without one, publishing is decided.
	Decision time.Duration
}

// DefaultLimits are the limits where an alliance sets none.
var DefaultLimits = Limits{DefaultDays: 45, MaxDays: 90, Unopposed: 72 * time.Hour, Decision: 12 * time.Hour}

const day = 24 * time.Hour

// Valid refuses limits that contradict one another.
func (l Limits) Valid() error {
	switch {
	case l.MaxDays < 1 || l.MaxDays > 3650:
		return errors.New("the longest embargo must be between 1 and 3650 days")
	case l.DefaultDays < 1 || l.DefaultDays > l.MaxDays:
		return fmt.Errorf("the default embargo must be between 1 and %d days, the longest that is allowed", l.MaxDays)
	case l.Unopposed < time.Hour:
		return errors.New("a proposal must stand for at least an hour before it passes unopposed")
	case l.Decision < time.Hour || l.Decision > 72*time.Hour:
		return errors.New("the time for a decision must be between 1 and 72 hours")
	}
	return nil
}

// DefaultEnd is the end that the default length gives a case reported then.
func (l Limits) DefaultEnd(reported time.Time) time.Time {
	return reported.Add(time.Duration(l.DefaultDays) * day).UTC()
}

// Latest is the latest end allowed for a case reported then.
func (l Limits) Latest(reported time.Time) time.Time {
	return reported.Add(time.Duration(l.MaxDays) * day).UTC()
}

// CheckEnd refuses an end that is not in the future or is beyond the limit.
// The error says what to do.
func (l Limits) CheckEnd(end, now, reported time.Time) error {
	if !end.After(now) {
		return fmt.Errorf("the embargo's end %s is not in the future; name a later instant", end.UTC().Format(shown))
	}
	if last := l.Latest(reported); end.After(last) {
		return fmt.Errorf("the embargo's end %s is beyond the limit of %d days; the latest possible is %s", end.UTC().Format(shown), l.MaxDays, last.Format(shown))
	}
	return nil
}

const shown = "2006-01-02 15:04:05 UTC"

// ErrNoZone says that an instant was given without its zone.
var ErrNoZone = errors.New("the embargo's end has no zone; add Z for UTC or an offset such as +01:00")

// ParseEnd reads the end of an embargo: date, time and zone, as in
// 2026-12-01T14:00Z, 2026-12-01 14:00:00+01:00 or 2026-12-01 14:00 UTC. A
// time without a zone is ErrNoZone: nothing is assumed. Letter zones other
// than UTC and GMT are refused, because they name more than one offset.
func ParseEnd(s string) (time.Time, error) {
	v := strings.ToUpper(strings.Join(strings.Fields(s), " "))
	if len(v) > 64 {
		return time.Time{}, errors.New("the embargo's end is not an instant; write it as 2026-12-01T14:00Z")
	}
	for _, z := range []string{"UTC", "GMT"} {
		if rest, ok := strings.CutSuffix(v, z); ok {
			v = strings.TrimSpace(rest) + "Z"
		}
	}
	if len(v) > 10 && v[10] == ' ' {
		v = v[:10] + "T" + v[11:]
	}
	v = strings.ReplaceAll(v, " ", "")
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z0700"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t.UTC().Truncate(time.Microsecond), nil
		}
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02"} {
		if _, err := time.Parse(layout, v); err == nil {
			return time.Time{}, ErrNoZone
		}
	}
	return time.Time{}, errors.New("the embargo's end is not an instant; write it as 2026-12-01T14:00Z")
}

// ErrPublic says that no embargo can be agreed any more.
var ErrPublic = errors.New("no embargo can be proposed or accepted: the vulnerability is public, an exploit is public or attacks are seen")

// EmbargoMove is the Embargo machine with the case state's say: propose and
// accept are refused once P, X or A holds; reject and terminate are not.
func EmbargoMove(from EM, verb EMVerb, public PublicState) (EM, error) {
	to, err := Embargo.Move(from, verb)
	if err != nil {
		return "", err
	}
	if (verb == EMPropose || verb == EMAccept) && !public.EmbargoMayStart() {
		return "", ErrPublic
	}
	return to, nil
}

// Proposal is one proposed end of an embargo.
type Proposal struct {
	ID  string
	By  string    // the participant who proposes it
	End time.Time // the proposed end
	At  time.Time // when it was proposed
}

// Sort orders proposals by their end, then by when they were made, then by
// ID, so that every party computes the same order.
func Sort(ps []Proposal) {
	sort.Slice(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		switch {
		case !a.End.Equal(b.End):
			return a.End.Before(b.End)
		case !a.At.Equal(b.At):
			return a.At.Before(b.At)
		}
		return a.ID < b.ID
	})
}

// Outcome is what the open proposals of a case without an embargo lead to.
type Outcome struct {
	Accept    Proposal   // the shortest: the one to accept
	Revisions []Proposal // longer ones: revisions to judge afterwards, shortest first
	Moot      []Proposal // the same end as Accept, or an end that has passed
}

// Shortest applies the rule of the shortest proposal: while no embargo holds,
// the shortest open proposal is the one to accept, and every longer one
// becomes a revision of it. An end that is not after now is moot. ok is false
// when nothing can be accepted.
func Shortest(open []Proposal, now time.Time) (o Outcome, ok bool) {
	sorted := append([]Proposal(nil), open...)
	Sort(sorted)
	for _, p := range sorted {
		switch {
		case !p.End.After(now):
			o.Moot = append(o.Moot, p)
		case !ok:
			o.Accept, ok = p, true
		case p.End.Equal(o.Accept.End):
			o.Moot = append(o.Moot, p)
		default:
			o.Revisions = append(o.Revisions, p)
		}
	}
	return o, ok
}

// Change says how a proposed end relates to the agreed one.
type Change string

// The relations of a proposed end to the agreed one.
const (
	First   Change = "first"   // no embargo holds yet
	Same    Change = "same"    // nothing to decide
	Shorter Change = "shorter" // a revision to an earlier end
	Longer  Change = "longer"  // a revision to a later end
)

// Compare classifies a proposed end against the agreed end, which is the zero
// time where none is agreed.
func Compare(agreed, proposed time.Time) Change {
	switch {
	case agreed.IsZero():
		return First
	case proposed.Equal(agreed):
		return Same
	case proposed.Before(agreed):
		return Shorter
	}
	return Longer
}

// Standing is the end that binds after a move from one state to another: the
// agreed end stands through a proposed revision and its refusal, and changes
// only when a proposal is accepted. No end binds where no embargo holds: the
// result is then the zero time.
func Standing(to EM, verb EMVerb, agreed, proposed time.Time) time.Time {
	switch {
	case !to.Holds():
		return time.Time{}
	case verb == EMAccept:
		return proposed
	}
	return agreed
}

// PassesAt is the instant at which a proposal passes if nobody objects: after
// the time for objections, or at its own end if that comes sooner, in which
// case it never binds anybody.
func (l Limits) PassesAt(p Proposal) time.Time { return p.At.Add(l.Unopposed).UTC() }

// Fate is what time has made of an open proposal.
type Fate string

// The fates of an open proposal.
const (
	Open    Fate = "open"    // still waits for answers
	Passes  Fate = "passes"  // unopposed for the set time: accept it
	Blocked Fate = "blocked" // somebody objects: it needs a decision
	Expired Fate = "expired" // its end has come before it was accepted: reject it
)

// FateOf says what time has made of a proposal that has drawn so many
// objections.
func (l Limits) FateOf(p Proposal, objections int, now time.Time) Fate {
	switch {
	case !p.End.After(now):
		return Expired
	case objections > 0:
		return Blocked
	case !now.Before(l.PassesAt(p)):
		return Passes
	}
	return Open
}

// Policy is a participant's published default embargo, in days from the
// report. Zero days is a policy of no embargo.
type Policy struct {
	By   string
	Days int
}

// Propose turns a published policy into the proposal it counts as, cut to the
// limit; cut says whether it was. ok is false for a policy of no embargo.
func (l Limits) Propose(p Policy, id string, reported, now time.Time) (prop Proposal, cut, ok bool) {
	if p.Days <= 0 {
		return Proposal{}, false, false
	}
	days := p.Days
	if days > l.MaxDays {
		days, cut = l.MaxDays, true
	}
	return Proposal{ID: id, By: p.By, End: reported.Add(time.Duration(days) * day).UTC(), At: now}, cut, true
}

// Ended reports whether an agreed end has come: the instant itself is the
// first at which the embargo no longer holds.
func Ended(end, now time.Time) bool { return !end.After(now) }
