// Package replay_test lives through a whole case under a clock that is moved
// by hand: from a stranger's report to the update of a released advisory, with
// two hundred vendors, over the REST interface, on both databases.
package replay_test

import (
	"fmt"
	"strings"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/spec/tlp"
	"tocsin/test/stage"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// The vendors of the case, by the wave in which they are asked.
const (
	byComponent = 120 // members of a program that ship the component
	byName      = 60
	byMail      = 20 // not on the platform
)

// person is somebody with a token of all scopes.
type person = stage.Person

// vendor is an organization with the person who answers for it.
type vendor struct {
	person
	org, name string
	party     string // participant id, once invited
}

// world is an alliance on the stage, with those who play.
type world struct {
	*stage.Stage
	cora, colin person // coordinators; Cora is operator too
	otto        person // a member without access to the case
	program     string
	vendors     []*vendor
	backup      person // of the first silent vendor
}

func newWorld(t *testing.T, dialect db.Dialect) *world {
	t.Helper()
	w := &world{Stage: stage.New(t, dialect)}
	w.found()
	return w
}

// found makes the alliance: coordinators, a program, and the members.
func (w *world) found() {
	w.Helper()
	w.cora = w.Known("cora@alliance.example")
	w.Act(w.cora, func(tx *db.Tx, cora audience.Actor) error {
		for _, name := range []string{"colin", "otto"} {
			if _, err := people.Add(tx, cora, name+"@alliance.example", strings.ToUpper(name[:1])+name[1:]); err != nil {
				return err
			}
		}
		p, err := people.ByEmail(tx, "colin@alliance.example")
		if err != nil {
			return err
		}
		return people.GrantRole(tx, cora, p.ID, charter.Coordinator)
	})
	w.colin, w.otto = w.Known("colin@alliance.example"), w.Known("otto@alliance.example")
	w.Act(w.cora, func(tx *db.Tx, cora audience.Actor) error {
		program, err := programs.Create(tx, cora, programs.Program{Name: "Product Security", TLP: tlp.Green})
		w.program = program.ID
		return err
	})
	for i := range byComponent + byName {
		w.Act(w.cora, func(tx *db.Tx, cora audience.Actor) error { return w.member(tx, cora, i) })
	}
	for i, v := range w.vendors {
		v.person = w.Known(fmt.Sprintf("psirt@vendor%03d.example", i))
	}
}

// member adds the ith organization; the first ones ship the component and are
// in the program.
func (w *world) member(tx *db.Tx, cora audience.Actor, i int) error {
	v := &vendor{name: fmt.Sprintf("Vendor %03d", i)}
	o, err := orgs.Create(tx, cora, orgs.Org{Name: v.name, Class: orgs.Vendor, Listed: true})
	if err != nil {
		return err
	}
	v.org = o.ID
	p, err := people.Add(tx, cora, fmt.Sprintf("psirt@vendor%03d.example", i), "Responder of "+v.name)
	if err != nil {
		return err
	}
	if _, err := orgs.Join(tx, cora, o.ID, p.ID, orgs.Responder); err != nil {
		return err
	}
	if i < byComponent {
		if _, err := orgs.Ship(tx, cora, o.ID, "libexample", ""); err != nil {
			return err
		}
		if err := programs.Join(tx, cora, w.program, o.ID); err != nil {
			return err
		}
	}
	w.vendors = append(w.vendors, v)
	return nil
}
