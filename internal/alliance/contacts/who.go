package contacts

import (
	"slices"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/oncall"
	"tocsin/spec/text"
)

const maxCallees = 5

// Callee is somebody to call, and why them.
type Callee struct {
	Contact   Contact `json:"contact"`
	Why       string  `json:"why"`
	OnCall    bool    `json:"on_call"`
	Open      bool    `json:"open"`       // within their hours
	Quiet     bool    `json:"quiet"`      // within their quiet hours: only an emergency may disturb
	LocalTime string  `json:"local_time"` // what their wall shows, "2006-01-02T15:04"
}

// WhoNow answers "who do I call at X about Y, now?": at most five contacts of
// an organization, the best one first. about is a kind, a topic, or empty;
// now is the instant asked for, the zero time meaning this one. First comes
// who is on call for the matter, then the contacts for it that are within
// their hours, then who is on call in general, the matter's other contacts,
// and the duty desk, response team and security contact. Only what the actor
// may see is asked; each contact given is an event, as a Look is.
func WhoNow(tx *db.Tx, a audience.Actor, orgID, about string, now time.Time) ([]Callee, error) {
	about, _, err := text.CleanLine(about, 100)
	if err != nil {
		return nil, errs.Bad("about", "Please correct what it is about: %s.", err)
	}
	if now.IsZero() {
		now = tx.Now
	}
	list, err := contactShelf.visible(tx, a, orgID)
	if err != nil {
		return nil, err
	}
	rotations, err := Rotations(tx, a, orgID)
	if err != nil {
		return nil, err
	}
	f := finder{about: orgs.Fold(about), now: now, list: list}
	for _, r := range rotations {
		roster, err := rosterOf(tx, r)
		if err != nil {
			return nil, err
		}
		f.onCall(r, roster)
	}
	f.others()
	out := f.best()
	for _, c := range out {
		looked(tx, a, c.Contact, about)
	}
	return out, nil
}

type ranked struct {
	Callee
	rank int
}

type finder struct {
	about string // folded
	now   time.Time
	list  []Contact
	found []ranked
}

// onCall ranks whoever a rotation has on call.
func (f *finder) onCall(r Rotation, roster *oncall.Roster) {
	rank := 2 // in general
	switch {
	case f.about != "" && orgs.Fold(r.About) == f.about:
		rank = 0
	case r.About != "":
		return
	}
	if roster == nil {
		return
	}
	who, why, ok := roster.At(f.now)
	if !ok {
		return
	}
	if i := slices.IndexFunc(f.list, func(c Contact) bool { return c.ID == who }); i >= 0 {
		f.add(f.list[i], rank, "on call in "+r.Name+" ("+why.String()+")", true)
	}
}

// others ranks contacts by what they are for and whether they answer now.
func (f *finder) others() {
	fallback := []Kind{Desk, Response, Security}
	for _, c := range f.list {
		closed := 0
		if !c.open(f.now) {
			closed = 1
		}
		topic := slices.ContainsFunc(c.Topics, func(t string) bool { return orgs.Fold(t) == f.about })
		switch i := slices.Index(fallback, c.Kind); {
		case f.about != "" && (orgs.Fold(string(c.Kind)) == f.about || topic):
			f.add(c, 1+2*closed, "for this matter", false)
		case i >= 0:
			f.add(c, 10+10*closed+i, "the "+string(c.Kind), false)
		}
	}
}

func (f *finder) add(c Contact, rank int, why string, onCall bool) {
	call := Callee{Contact: c, Why: why, OnCall: onCall, Open: c.open(f.now)}
	if loc, err := oncall.Zone(c.TimeZone); err == nil {
		call.LocalTime = oncall.WallAt(f.now, loc).String()
		if c.Quiet != nil {
			_, _, call.Quiet = c.Quiet.At(f.now, loc)
		}
	}
	f.found = append(f.found, ranked{call, rank})
}

// best gives each contact once, for its best reason.
func (f *finder) best() []Callee {
	slices.SortStableFunc(f.found, func(a, b ranked) int { return a.rank - b.rank })
	out := []Callee{}
	for _, r := range f.found {
		if len(out) < maxCallees && !slices.ContainsFunc(out, func(c Callee) bool { return c.Contact.ID == r.Contact.ID }) {
			out = append(out, r.Callee)
		}
	}
	return out
}
