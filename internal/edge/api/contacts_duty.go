package api

import (
	"time"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/kernel/db"
	"tocsin/spec/oncall"
)

// OfRotation names a rotation in the path.
type OfRotation struct {
	Rotation string `path:"rotation" maxLength:"64"`
}

// OfLadder names a ladder in the path.
type OfLadder struct {
	Ladder string `path:"ladder" maxLength:"64"`
}

func listRotations(c *call, tx *db.Tx, in *OfOrg) (page[contacts.Rotation], error) {
	list, err := contacts.Rotations(tx, c.Actor, in.Org)
	return whole(list), err
}

type rotationFields struct {
	Name   string            `json:"name"`
	About  string            `json:"about" doc:"A kind or topic it answers for; empty: everything."`
	Layers []oncall.Rotation `json:"layers" maxItems:"10" doc:"The first one is asked first; members are ids of contacts."`
	Shared []string          `json:"shared" maxItems:"50" doc:"Ids of programs whose people may ask it."`
}

func (f rotationFields) rotation() contacts.Rotation {
	return contacts.Rotation{Name: f.Name, About: f.About, Layers: f.Layers, Shared: f.Shared}
}

type newRotation struct {
	OfOrg
	Body rotationFields
}

func addRotation(c *call, tx *db.Tx, in *newRotation) (contacts.Rotation, error) {
	r := in.Body.rotation()
	r.Org = in.Org
	return contacts.AddRotation(tx, c.Actor, r)
}

func showRotation(c *call, tx *db.Tx, in *OfRotation) (contacts.Rotation, error) {
	return contacts.GetRotation(tx, c.Actor, in.Rotation)
}

type changedRotation struct {
	OfRotation
	Body rotationFields
}

func editRotation(c *call, tx *db.Tx, in *changedRotation) (contacts.Rotation, error) {
	r := in.Body.rotation()
	r.ID, r.Version = in.Rotation, c.version
	return contacts.EditRotation(tx, c.Actor, r)
}

type goneRotation struct {
	OfRotation
	OfVersion
}

func removeRotation(c *call, tx *db.Tx, in *goneRotation) (nothing, error) {
	return nothing{}, contacts.RemoveRotation(tx, c.Actor, in.Rotation, in.Version)
}

type calendarQuery struct {
	OfRotation
	From time.Time `query:"from" doc:"Absent: now."`
	To   time.Time `query:"to" doc:"Absent: four weeks later."`
}

func showCalendar(c *call, tx *db.Tx, in *calendarQuery) (contacts.Calendar, error) {
	if in.From.IsZero() {
		in.From = tx.Now
	}
	if in.To.IsZero() {
		in.To = in.From.AddDate(0, 0, 28)
	}
	return contacts.Ahead(tx, c.Actor, in.Rotation, in.From, in.To)
}

func listOverrides(c *call, tx *db.Tx, in *OfRotation) (page[contacts.Override], error) {
	list, err := contacts.Overrides(tx, c.Actor, in.Rotation)
	return whole(list), err
}

type newOverride struct {
	OfRotation
	Body struct {
		Layer   string    `json:"layer" doc:"Name of a layer; empty: the whole rotation."`
		Contact string    `json:"contact" maxLength:"64" doc:"Id of who takes over; empty: nobody is on call."`
		From    time.Time `json:"from" doc:"Absent: at once."`
		To      time.Time `json:"to" required:"true"`
		Reason  string    `json:"reason"`
	}
}

func handDutyOver(c *call, tx *db.Tx, in *newOverride) (contacts.Override, error) {
	b := in.Body
	return contacts.HandOver(tx, c.Actor, contacts.Override{Rotation: in.Rotation, Layer: b.Layer, Contact: b.Contact, From: b.From, To: b.To, Reason: b.Reason})
}

type oneOverride struct {
	OfRotation
	Override string `path:"override" maxLength:"64"`
}

func takeBack(c *call, tx *db.Tx, in *oneOverride) (nothing, error) {
	return nothing{}, contacts.TakeBack(tx, c.Actor, in.Rotation, in.Override)
}

func listLadders(c *call, tx *db.Tx, in *OfOrg) (page[contacts.Ladder], error) {
	list, err := contacts.Ladders(tx, c.Actor, in.Org)
	return whole(list), err
}

type ladderFields struct {
	Name   string        `json:"name"`
	About  string        `json:"about" doc:"A kind or topic it is for; empty: everything."`
	Ladder oncall.Ladder `json:"ladder"`
	Shared []string      `json:"shared" maxItems:"50" doc:"Ids of programs whose people may have it called."`
}

func (f ladderFields) ladder() contacts.Ladder {
	return contacts.Ladder{Name: f.Name, About: f.About, Ladder: f.Ladder, Shared: f.Shared}
}

type newLadder struct {
	OfOrg
	Body ladderFields
}

func addLadder(c *call, tx *db.Tx, in *newLadder) (contacts.Ladder, error) {
	l := in.Body.ladder()
	l.Org = in.Org
	return contacts.AddLadder(tx, c.Actor, l)
}

func showLadder(c *call, tx *db.Tx, in *OfLadder) (contacts.Ladder, error) {
	return contacts.GetLadder(tx, c.Actor, in.Ladder)
}

type changedLadder struct {
	OfLadder
	Body ladderFields
}

func editLadder(c *call, tx *db.Tx, in *changedLadder) (contacts.Ladder, error) {
	l := in.Body.ladder()
	l.ID, l.Version = in.Ladder, c.version
	return contacts.EditLadder(tx, c.Actor, l)
}

type goneLadder struct {
	OfLadder
	OfVersion
}

func removeLadder(c *call, tx *db.Tx, in *goneLadder) (nothing, error) {
	return nothing{}, contacts.RemoveLadder(tx, c.Actor, in.Ladder, in.Version)
}

type planQuery struct {
	OfLadder
	At      time.Time `query:"at" doc:"Begun at; absent: now."`
	Urgency string    `query:"urgency" enum:"routine,emergency" default:"routine"`
}

func planLadder(c *call, tx *db.Tx, in *planQuery) (oncall.Calls, error) {
	if in.At.IsZero() {
		in.At = tx.Now
	}
	return contacts.Climb(tx, c.Actor, in.Ladder, in.At, oncall.Urgency(in.Urgency))
}
