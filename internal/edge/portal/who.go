package portal

import (
	"strconv"
	"strings"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
)

type whoPage struct {
	look.Frame
	Parties look.Table
	Persons *look.Table
}

// who lists everybody who knows: persons to coordinators, organizations to a
// party.
func (v *visit) who() error {
	var c caseView
	var circle casework.Circle
	err := v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadCase(tx); err != nil {
			return err
		}
		circle, err = casework.WhoKnows(tx, v.Actor, c.ID)
		return err
	})
	if err != nil {
		return err
	}
	data := whoPage{Frame: v.caseFrame(c, "/who")}
	data.Parties = look.Table{ID: "parties", Caption: "Parties", Whole: true, Filter: true, Columns: []look.Column{{Label: "Party", Wide: true}, {Label: "Role"}, {Label: "Terms accepted"}, {Label: "First opened"}, {Label: "People", Num: true}},
		Empty: &look.Empty{Text: "No party is in the case."}}
	for _, p := range circle.Parties {
		accepted := look.Cell{Time: p.Accepted, Sub: p.By}
		if p.Waiting {
			accepted = look.Cell{Text: "not yet: knows of an invitation only"}
		}
		people := look.Cell{}
		if p.People > 0 {
			people.Text = strconv.Itoa(p.People)
		}
		name := look.Cell{Text: p.Name}
		if p.Hidden {
			name.Sub = "hidden from the other parties"
		}
		data.Parties.Rows = append(data.Parties.Rows, look.Row{Cells: []look.Cell{name, {Text: string(p.Role)}, accepted, {Time: p.Opened}, people}})
	}
	if len(circle.Persons) > 0 {
		t := &look.Table{ID: "persons", Caption: look.Plural(circle.People, "person", "people"), Whole: true, Filter: true, Columns: []look.Column{{Label: "Person", Wide: true}, {Label: "For"}, {Label: "Why"}, {Label: "Role"}, {Label: "Terms accepted"}, {Label: "First opened"}, {Label: "Last opened"}}}
		for _, k := range circle.Persons {
			t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: k.Name}, {Text: strings.Join(k.Parties, ", ")}, {Text: strings.Join(k.Why, "; ")}, {Text: k.Role}, {Time: k.Accepted, Sub: k.By}, {Time: k.Opened}, {Time: k.Last}}})
		}
		data.Persons = t
	}
	return v.show("who", data)
}
