package portal

import (
	"time"

	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
)

// owed is what the visitor owes. The frame and the page ask for it once.
func (v *visit) owed(tx *db.Tx) ([]casework.Owed, error) {
	if v.debts != nil {
		return v.debts, nil
	}
	list, err := gate.Owed(tx, v.Actor)
	if err == nil {
		v.debts = append([]casework.Owed{}, list...)
	}
	return list, err
}

type deskPage struct {
	look.Frame
	Owed, Changed, Running look.Listing
}

// start is the desk of a member, or the alliance's front page for a visitor.
func (v *visit) start() error {
	if v.Actor.Person == "" || v.Enrolling() {
		return v.front()
	}
	data := deskPage{Frame: v.frame("/")}
	data.Head = look.RecordHead{Title: "Desk"}
	data.Live = "/live"
	err := v.read(func(tx *db.Tx) error {
		owed, err := v.owed(tx)
		if err != nil {
			return err
		}
		data.Owed = look.Listing{Title: "Owed by you", Now: v.now, Empty: "Nothing is waiting for you."}
		for _, o := range owed {
			data.Owed.Items = append(data.Owed.Items, look.Item{Title: o.What, Number: o.Number, Href: o.URL, Due: o.Due})
		}
		changed, err := casework.Changed(tx, v.Actor, 20)
		if err != nil {
			return err
		}
		data.Changed = look.Listing{Title: "Changed since you looked", Now: v.now, Empty: "Nothing has changed since you looked."}
		for _, c := range changed {
			data.Changed.Items = append(data.Changed.Items, look.Item{Marking: c.Level.String(), Kind: "case", Number: c.Number, Title: c.Title, Href: casework.Path(c.Number), What: happened(c.Events), At: c.At})
		}
		page, err := casework.List(tx, v.Actor, casework.Filter{State: casework.Open, Sort: "embargo", Limit: 20})
		data.Running = look.Listing{Title: "Running now", Now: v.now, Empty: "No case is running."}
		for _, c := range page.Cases {
			data.Running.Items = append(data.Running.Items, caseItem(c, v.now))
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.show("desk", data)
}

func caseItem(c casework.Case, now time.Time) look.Item {
	return look.Item{Marking: c.Level.String(), Kind: "case", Number: c.Number, Title: c.Title, Href: casework.Path(c.Number), Clock: clockOf(c, now)}
}

// happened is how many things did, in words.
func happened(n int) string {
	if n >= casework.MostCounted {
		return look.Plural(casework.MostCounted, "thing", "things") + " happened, or more"
	}
	return look.Plural(n, "thing happened", "things happened")
}
