package api

import (
	"time"

	"tocsin/internal/commons/outreach"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
)

// roadmapRows are what the consortium tells everybody of itself.
func roadmapRows() []row {
	const item = v1 + "/roadmap/items/{item}"
	return []row{
		get(v1+"/roadmap", gate.Anybody, read, "show-roadmap", "What is planned and done, with numbers: what everybody may read", showRoadmap),
		get(v1+"/roadmap/items", gate.Members, read, "list-roadmap-items", "All lines of the roadmap with their clearances", listRoadmap),
		get(v1+"/roadmap/figures", gate.Members, read, "list-roadmap-figures", "The numbers that can be drawn now", listFigures),
		create(v1+"/roadmap/items", gate.Members, write, "write-roadmap-item", "Write a line; two others clear it", writeRoadmap),
		get(item, gate.Members, read, "show-roadmap-item", "One line", showRoadmapItem),
		patch(item, gate.Members, write, "change-roadmap-item", "Change a line, which loses its clearances", changeRoadmap),
		post(item+"/draw", gate.Members, write, "draw-roadmap-figure", "Draw a number anew; it loses its clearances", drawRoadmap),
		post(item+"/clear", gate.Members, write, "clear-roadmap-item", "Find a line fit to be published", clearRoadmap),
		post(item+"/withdraw", gate.Members, write, "withdraw-roadmap-item", "Take a line back at once", withdrawRoadmap),
	}
}

func showRoadmap(_ *call, tx *db.Tx, _ *none) (page[outreach.Item], error) {
	list, err := outreach.Published(tx)
	return whole(list), err
}

func listRoadmap(c *call, tx *db.Tx, _ *none) (page[outreach.Item], error) {
	list, err := outreach.List(tx, c.Actor)
	return whole(list), err
}

// listFigures draws numbers for those who can write one down.
func listFigures(c *call, tx *db.Tx, _ *none) (page[outreach.Figure], error) {
	if _, err := outreach.List(tx, c.Actor); err != nil {
		return page[outreach.Figure]{}, err
	}
	list, err := gate.Figures(tx)
	return whole(list), err
}

// OfItem names a line of the roadmap.
type OfItem struct {
	Item string `path:"item" maxLength:"64"`
}

func showRoadmapItem(c *call, tx *db.Tx, in *OfItem) (outreach.Item, error) {
	return outreach.Get(tx, c.Actor, in.Item)
}

// RoadmapFields are what of a line can be written; what is absent stays.
type RoadmapFields struct {
	Title     *string    `json:"title" doc:"A number takes its own name."`
	Body      *string    `json:"body" doc:"Markdown."`
	Moment    *string    `json:"moment" doc:"When, as people say it: spring 2027."`
	NotBefore *time.Time `json:"not_before" doc:"Published at this instant at the earliest."`
	Place     *int       `json:"place" doc:"Order within its kind; 0 first."`
}

func (f RoadmapFields) on(i *outreach.Item) {
	over(&i.Title, f.Title)
	over(&i.Body, f.Body)
	over(&i.Moment, f.Moment)
	over(&i.NotBefore, f.NotBefore)
	over(&i.Place, f.Place)
}

type newRoadmapItem struct {
	Body struct {
		Kind   string `json:"kind" required:"true" enum:"number,done,benefit,plan"`
		Figure string `json:"figure" maxLength:"40" doc:"Of a number: the key of the figure to draw."`
		RoadmapFields
	}
}

func writeRoadmap(c *call, tx *db.Tx, in *newRoadmapItem) (i outreach.Item, err error) {
	in.Body.on(&i)
	if i.Kind = outreach.Kind(in.Body.Kind); i.Kind == outreach.Number {
		if keeps, err := outreach.Keeps(tx, c.Actor); err != nil {
			return i, err
		} else if keeps {
			if i.Figure, err = gate.Figure(tx, in.Body.Figure); err != nil {
				return i, err
			}
		}
	}
	return outreach.Write(tx, c.Actor, i)
}

type editRoadmapItem struct {
	OfItem
	Body RoadmapFields
}

func changeRoadmap(c *call, tx *db.Tx, in *editRoadmapItem) (outreach.Item, error) {
	i, err := outreach.Get(tx, c.Actor, in.Item)
	if err != nil {
		return i, err
	}
	in.Body.on(&i)
	i.Version = c.version
	return outreach.Edit(tx, c.Actor, i)
}

type seenRoadmapItem struct {
	OfItem
	Body struct {
		Version int64 `json:"version" required:"true" doc:"The version that you read."`
	}
}

func drawRoadmap(c *call, tx *db.Tx, in *seenRoadmapItem) (outreach.Item, error) {
	return gate.Redraw(tx, c.Actor, in.Item, in.Body.Version)
}

func clearRoadmap(c *call, tx *db.Tx, in *seenRoadmapItem) (outreach.Item, error) {
	return outreach.Clear(tx, c.Actor, in.Item, in.Body.Version)
}

type roadmapReason struct {
	OfItem
	Because
}

func withdrawRoadmap(c *call, tx *db.Tx, in *roadmapReason) (outreach.Item, error) {
	return outreach.Withdraw(tx, c.Actor, in.Item, in.Body.Reason)
}
