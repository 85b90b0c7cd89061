package gate

import (
	"math"
	"strconv"

	"tocsin/internal/commons/outreach"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/advisory"
)

// Figures draws the numbers that the roadmap can name, of public matters
// alone. Those of which there is nothing to count are not among them.
func Figures(tx *db.Tx) ([]outreach.Figure, error) {
	t, err := advisory.Count(tx)
	if err != nil {
		return nil, err
	}
	of := func(s advisory.Spread, one, many string) string {
		if s.Of == 1 {
			return " of one " + one + "."
		}
		return " of " + strconv.Itoa(s.Of) + " " + many + "."
	}
	var out []outreach.Figure
	add := func(n int, f outreach.Figure) {
		if n > 0 {
			f.AsOf = tx.Now
			out = append(out, f)
		}
	}
	add(t.Cases, outreach.Figure{Key: "cases", Name: "Cases coordinated and published", Value: strconv.Itoa(t.Cases), Counted: "Cases of which an advisory is public."})
	add(t.Vendors, outreach.Figure{Key: "vendors", Name: "Vendors that took part in them", Value: strconv.Itoa(t.Vendors), Counted: "Different vendors that accepted the terms of a case of which an advisory is public."})
	add(t.Days.Of, outreach.Figure{Key: "days", Name: "From report to release", Value: tenth(t.Days.Median.Hours() / 24), Unit: "days", Counted: "Median from the opening of a case to its first public advisory," + of(t.Days, "case", "cases")})
	add(t.Answers.Of, outreach.Figure{Key: "answers", Name: "Members' answer time", Value: tenth(t.Answers.Median.Hours()), Unit: "hours", Counted: "Median from the invitation of a vendor to a case to its acceptance of the terms," + of(t.Answers, "invitation to a case of which an advisory is public", "invitations to cases of which an advisory is public")})
	return out, nil
}

// Figure draws one number by its key.
func Figure(tx *db.Tx, key string) (*outreach.Figure, error) {
	list, err := Figures(tx)
	for i := range list {
		if list[i].Key == key {
			return &list[i], nil
		}
	}
	if err == nil {
		err = errs.Bad("figure", "There is no such number to draw now.")
	}
	return nil, err
}

// tenth is a number with at most one decimal.
func tenth(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

// Redraw takes the number of a line of the roadmap as it is now. The line
// loses its clearances.
func Redraw(tx *db.Tx, a audience.Actor, itemID string, version int64) (outreach.Item, error) {
	i, err := outreach.Get(tx, a, itemID)
	if err != nil {
		return i, err
	}
	if i.Figure == nil {
		return i, errs.New(errs.Conflict, "Only a number can be drawn anew.")
	}
	if i.Figure, err = Figure(tx, i.Figure.Key); err != nil {
		return i, err
	}
	i.Version = version
	return outreach.Edit(tx, a, i)
}
