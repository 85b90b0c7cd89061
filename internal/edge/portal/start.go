package portal

import (
	"slices"
	"time"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/report"
	"tocsin/internal/response/talk"
)

// owed gathers what the visitor owes, most urgent first.
func (v *visit) owed(tx *db.Tx) ([]casework.Owed, error) {
	var out []casework.Owed
	for _, f := range []func(*db.Tx, audience.Actor) ([]casework.Owed, error){casework.OwedBy, embargo.Owed, matrix.Owed, talk.Owed, report.Owed, advisory.Owed} {
		list, err := f(tx, v.Actor)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	slices.SortStableFunc(out, func(a, b casework.Owed) int {
		if a.Due.IsZero() != b.Due.IsZero() {
			if a.Due.IsZero() {
				return 1
			}
			return -1
		}
		return a.Due.Compare(b.Due)
	})
	return out, nil
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
			data.Changed.Items = append(data.Changed.Items, look.Item{Marking: c.Level.String(), Kind: "case", Number: c.Number, Title: c.Title, Href: casework.Path(c.Number), What: look.Plural(c.Events, "thing happened", "things happened"), At: c.At})
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
