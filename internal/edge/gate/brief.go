package gate

import (
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/commons/outreach"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/spec/tlp"
)

// Brief is the executive's page: figures that name no case.
type Brief struct {
	Level     tlp.Level        `json:"tlp"`
	At        time.Time        `json:"at"`
	Incidents casework.Tally   `json:"incidents"`
	Embargoes embargo.Ahead    `json:"embargoes"`
	Votes     []board.Motion   `json:"votes"` // that wait for the reader
	Answers   casework.Times   `json:"acknowledgment"`
	Silence   casework.Silence `json:"silence"`
	Due       BriefDue         `json:"due_within_a_day"`
	Leaks     embargo.Leaks    `json:"leaks"` // of the last 90 days
	Members   membership.Tally `json:"membership"`
	Roadmap   outreach.Summary `json:"roadmap"` // what everybody may read of it
}

// BriefDue is what ends within a day.
type BriefDue struct {
	casework.Due
	membership.Terms
	Ballots int `json:"ballots"`
}

// The times that a brief looks at.
const (
	briefWeeks = 8
	briefLeaks = 90 * 24 * time.Hour
	briefDay   = 24 * time.Hour
)

// BriefOf gathers the brief. Each figure's own verb asks whether the reader
// sits on the board or coordinates.
func BriefOf(tx *db.Tx, a audience.Actor) (b Brief, err error) {
	b = Brief{Level: tlp.AmberStrict, At: tx.Now}
	for _, step := range []func() error{
		func() (err error) { b.Incidents, err = casework.TallyOf(tx, a); return err },
		func() (err error) { b.Embargoes, err = embargo.WeeksAhead(tx, a, briefWeeks); return err },
		func() (err error) { b.Votes, err = board.Awaiting(tx, a); return err },
		func() (err error) { b.Answers, err = casework.Acknowledged(tx, a); return err },
		func() (err error) { b.Silence, err = casework.Silent(tx, a); return err },
		func() (err error) { b.Due.Due, err = casework.DueWithin(tx, a, briefDay); return err },
		func() (err error) { b.Due.Terms, err = membership.DueWithin(tx, a, briefDay); return err },
		func() (err error) { b.Due.Ballots, err = board.DueWithin(tx, a, briefDay); return err },
		func() (err error) { b.Leaks, err = embargo.LeaksSince(tx, a, tx.Now.Add(-briefLeaks)); return err },
		func() (err error) { b.Members, err = membership.TallyOf(tx, a); return err },
		func() (err error) { b.Roadmap, err = outreach.Brief(tx, a); return err },
	} {
		if err := step(); err != nil {
			return b, err
		}
	}
	if b.Votes == nil {
		b.Votes = []board.Motion{}
	}
	if b.Silence.Named == nil {
		b.Silence.Named = []casework.SilentOf{}
	}
	return b, nil
}
