package portal

import (
	"strconv"
	"time"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// caseView is a case as the visitor sees it: what every page of it needs.
type caseView struct {
	casework.Case
	Role  audience.Role
	Mine  []casework.Participant // parties the visitor sits for
	Owed  []casework.Owed        // in this case
	Parts []casework.Participant // all parties the visitor may know of
}

// loadCase sees the case of the route's path.
func (v *visit) loadCase(tx *db.Tx) (c caseView, err error) {
	if c.Case, c.Role, err = casework.Load(tx, v.Actor, v.path("number")); err != nil {
		return c, err
	}
	if c.Parts, err = casework.Participants(tx, v.Actor, c.ID); err != nil {
		return c, err
	}
	for _, p := range c.Parts {
		if p.Active() && v.Actor.Cap(p.Kind, p.Subject) > audience.None {
			c.Mine = append(c.Mine, p)
		}
	}
	all, err := v.owed(tx)
	for _, o := range all {
		if o.Case == c.ID {
			c.Owed = append(c.Owed, o)
		}
	}
	return c, err
}

// caseTabs are the pages of a case, in reading order.
var caseTabs = []struct{ label, path string }{
	{"Overview", ""}, {"Vendors", "/vendors"}, {"Talk", "/talk"}, {"Timetable", "/timetable"}, {"Advisory", "/advisory"}, {"Who knows", "/who"}, {"Timeline", "/timeline"},
}

// caseFrame is the frame of one of a case's pages; tab is its path below the
// case.
func (v *visit) caseFrame(c caseView, tab string) look.Frame {
	f := v.frame("/cases")
	f.Head = look.RecordHead{Marking: c.Level.String(), Kind: "case", Number: c.Number, Title: c.Title, State: caseChips(c.Case), Clock: clockOf(c.Case, v.now)}
	for _, t := range caseTabs {
		tabLink := look.Tab{Label: t.label, Href: casework.Path(c.Number) + t.path, Current: t.path == tab}
		if t.path == "/vendors" {
			tabLink.Count = strconv.Itoa(vendors(c.Parts))
		}
		f.Head.Tabs = append(f.Head.Tabs, tabLink)
	}
	if len(c.Owed) > 0 {
		o := c.Owed[0]
		f.Head.Owe = &look.Owe{Text: o.What, Due: o.Due, Now: v.now, Label: "Answer", Href: o.URL}
	}
	f.Live = "/live?case=" + c.ID
	return f
}

func vendors(list []casework.Participant) (n int) {
	for _, p := range list {
		if p.Role == casework.Vendor && p.LeftAt.IsZero() {
			n++
		}
	}
	return n
}

// clockOf is the embargo's countdown, nil where none was agreed.
func clockOf(c casework.Case, now time.Time) *look.Countdown {
	if c.EmbargoEnds.IsZero() {
		return nil
	}
	clock := &look.Countdown{Label: "embargo", Start: c.OpenedAt, End: c.EmbargoEnds, Now: now}
	if c.Embargo == mpcvd.EMExited && now.Before(c.EmbargoEnds) {
		clock.Broken = "ended early"
	}
	return clock
}

func caseChips(c casework.Case) []look.Chip {
	chips := []look.Chip{{Label: string(c.State)}}
	if c.Embargo != mpcvd.EMNone {
		chips = append(chips, look.Chip{Label: "embargo: " + mpcvd.Embargo.Label(c.Embargo)})
	}
	if c.Public != mpcvd.PublicNothing {
		chips = append(chips, look.Chip{Label: mpcvd.Exposure.Label(c.Public), Tone: look.Bad})
	}
	return chips
}

type caseOverviewPage struct {
	look.Frame
	Case  caseView
	Facts look.Facts
}

func (v *visit) caseOverview() error {
	var data caseOverviewPage
	err := v.read(func(tx *db.Tx) (err error) {
		data.Case, err = v.loadCase(tx)
		return err
	})
	if err != nil {
		return err
	}
	data.Frame = v.caseFrame(data.Case, "")
	data.Facts = look.Facts{Title: "Facts", Items: []look.Fact{{Term: "Opened", Time: data.Case.OpenedAt}, {Term: "Changed", Time: data.Case.UpdatedAt}}}
	return v.show("case", data)
}
