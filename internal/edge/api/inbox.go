package api

import (
	"strconv"

	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

type inboxQuery struct {
	Listing
	Class  string `query:"class" maxLength:"40"`
	Unread bool   `query:"unread"`
}

func listInbox(c *call, tx *db.Tx, in *inboxQuery) (page[delivery.Notice], error) {
	f := delivery.Filter{Class: delivery.Class(in.Class), Unread: in.Unread, Limit: in.Limit}
	if in.Cursor != "" {
		n, err := strconv.ParseInt(in.Cursor, 10, 64)
		if err != nil || n <= 0 {
			return page[delivery.Notice]{}, errs.New(errs.Invalid, "This cursor was not given by this list.")
		}
		f.Before = n
	}
	p, err := delivery.Inbox(tx, c.Actor, f)
	next := ""
	if p.Next > 0 {
		next = strconv.FormatInt(p.Next, 10)
	}
	return unfinished(p.Notices, next), err
}

type readNotices struct {
	Body struct {
		Notices []int64 `json:"notices" maxItems:"1000" doc:"Their numbers."`
		UpTo    int64   `json:"up_to" minimum:"0" doc:"Or everything up to this number."`
	}
}

// marked says how many notices became read.
type marked struct {
	Marked int64 `json:"marked"`
}

func markNotices(c *call, tx *db.Tx, in *readNotices) (marked, error) {
	if in.Body.UpTo > 0 {
		n, err := delivery.MarkAllRead(tx, c.Actor, in.Body.UpTo)
		return marked{n}, err
	}
	n, err := delivery.MarkRead(tx, c.Actor, in.Body.Notices)
	return marked{n}, err
}

func listPreferences(c *call, tx *db.Tx, _ *none) (page[delivery.Preference], error) {
	list, err := delivery.Preferences(tx, c.Actor)
	return whole(list), err
}

type newPreferences struct {
	Body struct {
		Preferences []struct {
			Class string `json:"class" required:"true"`
			Mode  string `json:"mode" required:"true"`
		} `json:"preferences" required:"true" maxItems:"50" doc:"Classes that are not named stay as they are."`
	}
}

func setPreferences(c *call, tx *db.Tx, in *newPreferences) (page[delivery.Preference], error) {
	var list []delivery.Preference
	for _, p := range in.Body.Preferences {
		list = append(list, delivery.Preference{Class: delivery.Class(p.Class), Mode: delivery.Mode(p.Mode)})
	}
	list, err := delivery.SetPreferences(tx, c.Actor, list)
	return whole(list), err
}

type signalsQuery struct {
	After int64 `query:"after" default:"-1" doc:"last of the answer before; absent: only learn the number of now."`
}

// signals are the events since a number, for a client that polls.
type signals struct {
	Signals []delivery.Signal `json:"signals"`
	Last    int64             `json:"last"`
}

func listSignals(c *call, tx *db.Tx, in *signalsQuery) (signals, error) {
	list, last, err := delivery.Live(tx, c.Actor, in.After)
	if list == nil {
		list = []delivery.Signal{}
	}
	return signals{list, last}, err
}

func listBounces(c *call, tx *db.Tx, _ *none) (page[delivery.Bounced], error) {
	list, err := delivery.AllBounces(tx, c.Actor)
	return whole(list), err
}

func ownBounces(c *call, tx *db.Tx, _ *none) (page[delivery.Bounced], error) {
	list, err := delivery.Bounces(tx, c.Actor, c.Actor.Person)
	return whole(list), err
}
