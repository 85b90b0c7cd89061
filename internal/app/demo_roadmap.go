package app

import (
	"tocsin/internal/commons/outreach"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
)

// roadmapLines are what the demo's consortium tells everybody; the last one waits
// for a second clearance.
var roadmapLines = []outreach.Item{
	{Kind: outreach.Number, Figure: &outreach.Figure{Key: "cases"}},
	{Kind: outreach.Number, Figure: &outreach.Figure{Key: "days"}, Place: 1},
	{Kind: outreach.Number, Figure: &outreach.Figure{Key: "answers"}, Place: 2},
	{Kind: outreach.Done, Title: "One roof for seven programs", Body: "Vendors, providers, laboratories, CERTs and banks work under one rule of who may see what, each in programs of its own."},
	{Kind: outreach.Benefit, Title: "Fixes on the day of the advisory", Body: "Customers of several members no longer learn from one of them what another has not yet fixed."},
	{Kind: outreach.Plan, Title: "Advisories that machines read", Moment: "next spring", Body: "Every advisory as CSAF, so that customers can hold it against what they run."},
	{Kind: outreach.Plan, Title: "A yearly exercise of all programs", Moment: "next autumn", Place: 1},
}

// roadmap writes and clears the public roadmap. The executives clear what the
// coordinator wrote.
func (s *script) roadmap() error {
	s.at(2 * day)
	return s.do(func(tx *db.Tx) error {
		for n, in := range roadmapLines {
			if in.Figure != nil {
				drawn, err := gate.Figure(tx, in.Figure.Key)
				if err != nil {
					return err
				}
				in.Figure = drawn
			}
			i, err := outreach.Write(tx, s.cast["cora"], in)
			if err != nil {
				return err
			}
			if i, err = outreach.Clear(tx, s.cast["colin"], i.ID, i.Version); err != nil {
				return err
			}
			if n == len(roadmapLines)-1 {
				continue
			}
			if _, err := outreach.Clear(tx, s.cast["viktor"], i.ID, i.Version); err != nil {
				return err
			}
		}
		return nil
	})
}
