package api

import (
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
)

func showBrief(c *call, tx *db.Tx, _ *none) (gate.Brief, error) { return gate.BriefOf(tx, c.Actor) }

type seatsQuery struct {
	Past bool `query:"past" doc:"Those that have ended too."`
}

func listSeats(c *call, tx *db.Tx, in *seatsQuery) (page[board.Seat], error) {
	list, err := board.Seats(tx, c.Actor, in.Past)
	return whole(list), err
}

type newSeat struct {
	Body struct {
		Org        string    `json:"org_id" required:"true"`
		Person     string    `json:"person_id" required:"true"`
		Substitute string    `json:"substitute_id" doc:"Of the same organization; absent: none."`
		From       time.Time `json:"from" doc:"Absent: now."`
		Until      time.Time `json:"until" doc:"The first instant after the term; absent: no end."`
	}
}

func appointSeat(c *call, tx *db.Tx, in *newSeat) (board.Seat, error) {
	b := in.Body
	return board.Appoint(tx, c.Actor, board.Seat{Org: b.Org, Person: b.Person, Substitute: b.Substitute, From: b.From, Until: b.Until})
}

// OfSeat names a seat.
type OfSeat struct {
	Seat string `path:"seat" maxLength:"64"`
}

func showSeat(c *call, tx *db.Tx, in *OfSeat) (board.Seat, error) {
	return board.SeatOf(tx, c.Actor, in.Seat)
}

type editSeat struct {
	OfSeat
	Body struct {
		Substitute string `json:"substitute_id" required:"true" doc:"Empty for none."`
	}
}

func substituteSeat(c *call, tx *db.Tx, in *editSeat) (board.Seat, error) {
	return board.Substitute(tx, c.Actor, in.Seat, in.Body.Substitute, c.version)
}

type seatReason struct {
	OfSeat
	Because
}

func endSeat(c *call, tx *db.Tx, in *seatReason) (board.Seat, error) {
	s, err := board.SeatOf(tx, c.Actor, in.Seat)
	if err != nil {
		return s, err
	}
	return board.End(tx, c.Actor, s.ID, in.Body.Reason, s.Version)
}
