package year_test

import (
	"testing"
	"time"

	"tocsin/internal/kernel/db/dbtest"
	"tocsin/test/stage"
)

// wave is how many apply together.
const wave = 10

// year is the alliance with what has become of it.
type year struct {
	*world
	start time.Time
	all   map[string]*applicant

	matter string // id of the case in which the members meet
}

// TestYear lives through the year on each database.
func TestYear(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			y := &year{world: newWorld(t, dialect), all: map[string]*applicant{}}
			y.start = y.Clock.Now()
			for i := 0; i < len(fates); i += wave {
				y.wave(fates[i : i+wave])
				t.Logf("%s: %d applications decided", y.Clock.Now().Format("2 Jan"), i+wave)
			}
			y.later()
			t.Logf("%s: sanctions, agreement and rules", y.Clock.Now().Format("2 Jan"))
			y.renewals()
			y.listed()
			y.ended()
		})
	}
}

// wave is ten applications on their way together: some fall by the wayside.
func (y *year) wave(list []fate) {
	y.Helper()
	var on []fate
	for _, f := range list {
		class := "vendor"
		if f.state == "" {
			class = "government"
		}
		a := y.applies(f.name, class)
		y.all[f.name] = a
		if f.begins == nil {
			y.submits(a)
			y.supported(a, 0, 1)
		} else if !f.begins(y.world, a) {
			continue
		}
		on = append(on, f)
	}
	for _, f := range on {
		a := y.all[f.name]
		y.step(200, a, "/announce", nil)
		y.step(409, a, "/ballot", stage.Object{}) // the members may still object
		if f.objected != nil {
			f.objected(y.world, a)
		}
	}
	y.Wait(14*day + time.Minute)
	for _, f := range on {
		a := y.all[f.name]
		y.is(a, "ready")
		y.put(a, f.choices, f.open)
	}
	for _, f := range on {
		if f.atBallot != nil {
			f.atBallot(y.world, y.all[f.name])
		}
	}
	y.Wait(7*day + time.Minute)
	for _, f := range on {
		y.entered(f)
	}
}

// entered: the board has decided.
func (y *year) entered(f fate) {
	y.Helper()
	a := y.all[f.name]
	if f.state != "withdrawn" {
		y.recounted(a)
	}
	switch {
	case f.enters != nil:
		f.enters(y.world, a)
	case f.state == "active":
		y.enters(a)
	default:
		y.is(a, f.state)
	}
}

// ended: after the year every application is where the list says.
func (y *year) ended() {
	y.Until(y.start.Add(500 * day))
	y.signedInAnew()
	for _, f := range fates {
		if f.state != "" && f.name != "Spruce" {
			y.is(y.all[f.name], f.state)
		}
	}
}
