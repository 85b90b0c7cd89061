package portal

import (
	"strconv"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
)

type timelinePage struct {
	look.Frame
	Timeline look.Timeline
}

// eventsOnPage keeps the timeline's page under its weight.
const eventsOnPage = 120

// timeline is the case's ledger as a swimlane: a lane for each party, and one
// for the coordinators.
func (v *visit) timeline() error {
	var c caseView
	var list []ledger.Record
	after, err := strconv.ParseInt(v.query("after"), 10, 64)
	if err != nil {
		after = -1
	}
	err = v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadParts(tx); err != nil {
			return err
		}
		if list, err = ledger.List(tx, v.Actor, ledger.Query{Scope: c.ID, After: after, Limit: eventsOnPage + 1}); err != nil {
			return err
		}
		return c.attribute(tx, list)
	})
	if err != nil {
		return err
	}
	data := timelinePage{Frame: v.caseFrame(c, "/timeline")}
	next := ""
	if len(list) > eventsOnPage {
		list = list[:eventsOnPage]
		next = casework.Path(c.Number) + "/timeline?after=" + strconv.FormatInt(list[len(list)-1].Seq, 10)
	}
	lanes, at := laneNames(c, list)
	var events []look.Event
	var kinds []string
	for _, r := range list {
		lane := at[r.Party]
		events = append(events, look.Event{At: r.At, Lane: lane, Text: eventLine(r, lanes[lane]), Tone: eventTone(r.Kind)})
		kinds = append(kinds, r.Kind)
	}
	data.Timeline = look.NewTimeline("What happened in "+c.Number, lanes, gathered(events, kinds), 72*time.Hour)
	data.Timeline.Pager = &look.Pager{Shown: look.Plural(len(list), "event", "events"), Next: next}
	return v.show("timeline", data)
}

// attribute puts what a person of a party did, in nobody's name, into the
// party's lane: a first look, a message. What coordinators did stays theirs.
func (c caseView) attribute(tx *db.Tx, list []ledger.Record) error {
	parties := map[string]string{} // by whom they stand for
	for _, p := range c.Parts {
		parties[string(p.Kind)+p.Subject] = p.ID
	}
	team, err := people.Holding(tx, charter.Coordinator)
	if err != nil {
		return err
	}
	lane := map[string]string{}
	for _, p := range team {
		lane[p.ID] = ""
	}
	for i, r := range list {
		if r.Party != "" || r.ActorKind != string(audience.Person) {
			continue
		}
		if _, known := lane[r.ActorID]; !known {
			seats, err := orgs.Of(tx, r.ActorID)
			if err != nil {
				return err
			}
			lane[r.ActorID] = parties[string(audience.Person)+r.ActorID]
			for _, m := range seats {
				if id := parties[string(audience.Org)+m.Org]; id != "" {
					lane[r.ActorID] = id
				}
			}
		}
		list[i].Party = lane[r.ActorID]
	}
	return nil
}

// maxLanes is how many parties get a lane of their own; the rest share one.
const maxLanes = 6

func laneNames(c caseView, list []ledger.Record) ([]string, map[string]int) {
	names := map[string]string{}
	for _, p := range c.Parts {
		names[p.ID] = p.Name
	}
	lanes := []string{"Coordinators"}
	at := map[string]int{"": 0}
	for _, r := range list {
		if _, ok := at[r.Party]; ok || names[r.Party] == "" {
			continue
		}
		if len(lanes) <= maxLanes {
			lanes = append(lanes, names[r.Party])
			at[r.Party] = len(lanes) - 1
			continue
		}
		if len(lanes) == maxLanes+1 {
			lanes = append(lanes, "Other parties")
		}
		at[r.Party] = maxLanes + 1
	}
	return lanes, at
}

func eventTone(kind string) look.Tone {
	switch {
	case strings.HasPrefix(kind, "exposure."), kind == casework.ParticipantLeft:
		return look.Bad
	case strings.HasPrefix(kind, "embargo."):
		return look.Waiting
	case strings.HasPrefix(kind, "advisory."):
		return look.Good
	}
	return ""
}
