package portal

import (
	"strconv"
	"strings"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

func seatPath(seatID string) string { return boardPath + "/seats/" + seatID }

func (v *visit) seatsSheet(in board.Seat) (sheet, *look.Form, error) {
	past := v.query("past") != ""
	var list []board.Seat
	var members []orgs.Org
	keeps := charter.Administers(v.Actor)
	err := v.read(func(tx *db.Tx) (err error) {
		if !keeps {
			if err := board.Reads(tx, v.Actor); err != nil {
				return err
			}
		}
		if list, err = board.Seats(tx, v.Actor, past); err != nil || !keeps {
			return err
		}
		page, err := orgs.List(tx, v.Actor, orgs.Filter{Listed: true, State: orgs.Active, Limit: 500})
		members = page.Orgs
		return err
	})
	if err != nil {
		return sheet{}, nil, err
	}
	f := v.boardFrame()
	f.Head.Title, f.Head.Crumbs = "Seats of the board", []look.Link{{Label: "Board", Href: boardPath}, {Label: "Seats"}}
	t := &look.Table{ID: "seats", Caption: "Seats", Hidden: true, Whole: true, Filter: len(list) > 20, Empty: &look.Empty{Text: "Nobody sits on the board yet."},
		Columns: []look.Column{{Label: "Organization", Wide: true}, {Label: "Executive"}, {Label: "Substitute"}, {Label: "From"}, {Label: "Until"}, {Label: "Change"}}}
	for _, s := range list {
		row := look.Row{Cells: []look.Cell{{Text: s.OrgName, Href: orgPath(s.Org)}, {Text: s.Name}, {Text: s.SubstituteName}, {Time: s.From}, {Time: s.Until}, {}}}
		switch {
		case !s.EndedAt.IsZero():
			row.Cells[4].Time, row.Cells[5] = s.EndedAt, look.Cell{Text: "ended", Sub: s.EndReason}
		case keeps || s.Person == v.Actor.Person:
			row.Cells[5] = look.Cell{Button: &look.Button{Label: "Change…", Href: seatPath(s.ID)}}
		}
		t.Rows = append(t.Rows, row)
	}
	all := look.Chip{Label: "also those that ended", Href: boardPath + "/seats?past=1"}
	if past {
		all = look.Chip{Label: "✓ also those that ended", Href: boardPath + "/seats", Tone: look.Info}
	}
	data := sheet{Frame: f, Parts: []part{{Chips: []look.Chip{all}, Table: t}}}
	if !keeps {
		return data, nil, nil
	}
	form := v.appointForm(in, members)
	data.Parts = append(data.Parts, part{ID: "appoint", Form: form})
	return data, form, nil
}

// appointForm asks first for the organization; its people are offered on the
// next page, since a form without scripts cannot change its lists.
func (v *visit) appointForm(in board.Seat, members []orgs.Org) *look.Form {
	org := look.Field{Kind: look.Select, Name: "org", Label: "Founding member"}
	for _, o := range members {
		org.Options = append(org.Options, look.Option{Value: o.ID, Label: o.Name, On: o.ID == in.Org})
	}
	return &look.Form{Get: true, Title: "Appoint an executive", Lede: "Each founding member has one seat. Choose the member; its people are offered next.", Action: boardPath + "/seats/new", Button: look.Button{Label: "Choose its executive"}, Fields: []look.Field{org}}
}

func (v *visit) seatsPage() error {
	data, _, err := v.seatsSheet(board.Seat{})
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func personOptions(list []orgs.Membership, chosen string, none string) (out []look.Option) {
	if none != "" {
		out = append(out, look.Option{Value: "", Label: none, On: chosen == ""})
	}
	for _, m := range list {
		out = append(out, look.Option{Value: m.Person, Label: m.Name, On: m.Person == chosen})
	}
	return out
}

// appointSheet offers the people of one organization.
func (v *visit) appointSheet(orgID string) (sheet, error) {
	if err := v.administers("change who sits on the board"); err != nil {
		return sheet{}, err
	}
	var o orgs.Org
	var list []orgs.Membership
	err := v.read(func(tx *db.Tx) (err error) {
		if o, err = orgs.Get(tx, v.Actor, orgID); err == nil {
			list, err = orgs.Members(tx, v.Actor, orgID)
		}
		return err
	})
	if err != nil {
		return sheet{}, err
	}
	zone := "UTC"
	if z := v.frameZone(); z != "" {
		zone = z
	}
	when := func(name, label, hint string) look.Field {
		f := look.Field{Kind: look.DateTime, Name: name, Label: label, Hint: hint, Optional: true, Zone: zone, Value: v.form(name)}
		if z := v.form(name + "_zone"); z != "" {
			f.Zone = z
		}
		return f
	}
	f := v.boardFrame()
	f.Head.Title, f.Head.Crumbs = "Appoint an executive of "+o.Name, []look.Link{{Label: "Board", Href: boardPath}, {Label: "Seats", Href: boardPath + "/seats"}, {Label: "Appoint"}}
	return formSheet(f, look.Form{Action: boardPath + "/seats/new", Button: look.Button{Label: "Appoint", Kind: look.Primary}, Cancel: &look.Link{Label: "Not now", Href: boardPath + "/seats"}, Hidden: []look.Hidden{{Name: "org", Value: o.ID}},
		Fields: []look.Field{{Kind: look.Select, Name: "person", Label: "Executive", Options: personOptions(list, v.form("person"), "")},
			{Kind: look.Select, Name: "substitute", Label: "Substitute", Hint: "Votes only where the executive has not.", Optional: true, Options: personOptions(list, v.form("substitute"), "none")},
			when("from", "The term begins", "Left empty: now."), when("until", "The term ends", "Left empty: without end.")}}), nil
}

func (v *visit) appointPage() error {
	data, err := v.appointSheet(v.query("org"))
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) appoint() error {
	if err := v.parse(); err != nil {
		return err
	}
	in := board.Seat{Org: v.form("org"), Person: v.form("person"), Substitute: v.form("substitute")}
	var bad []errs.Field
	for _, x := range []struct {
		name string
		to   *time.Time
	}{{"from", &in.From}, {"until", &in.Until}} {
		if at := v.form(x.name); at != "" {
			t, err := look.ParseDateTime(at, v.form(x.name+"_zone"))
			if err != nil {
				bad = append(bad, errs.Field{Name: x.name, Reason: "Please correct this: " + err.Error() + "."})
			}
			*x.to = t
		}
	}
	err := errs.Join(bad)
	var made board.Seat
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			made, err = board.Appoint(tx, v.Actor, in)
			return err
		})
	}
	if err == nil {
		return v.next(boardPath+"/seats", made.Name+" sits on the board for "+made.OrgName+".")
	}
	data, e := v.appointSheet(in.Org)
	if e != nil {
		return err
	}
	fault(data.Parts[0].Form, err)
	return v.again(err, "sheet", data)
}

// loadSeat is a seat that the visitor may change, with its organization's
// people.
func (v *visit) loadSeat() (s board.Seat, list []orgs.Membership, err error) {
	err = v.read(func(tx *db.Tx) error {
		if s, err = board.SeatOf(tx, v.Actor, v.path("seat")); err != nil {
			return err
		}
		if !charter.Administers(v.Actor) && s.Person != v.Actor.Person {
			return errs.New(errs.Denied, "Only who holds the seat, operators and coordinators may change it.")
		}
		list, err = orgs.Members(tx, v.Actor, s.Org)
		return err
	})
	return s, list, err
}

func (v *visit) seatSheet(s board.Seat, list []orgs.Membership) sheet {
	f := v.boardFrame()
	f.Head.Title, f.Head.Crumbs = s.Name+" for "+s.OrgName, []look.Link{{Label: "Board", Href: boardPath}, {Label: "Seats", Href: boardPath + "/seats"}, {Label: s.OrgName}}
	data := formSheet(f, look.Form{Title: "Substitute", Action: seatPath(s.ID), Button: look.Button{Label: "Save the substitute", Kind: look.Primary}, Cancel: &look.Link{Label: "Keep it as it is", Href: boardPath + "/seats"},
		Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(s.Version, 10)}}, Fields: []look.Field{{Kind: look.Select, Name: "substitute", Label: "Substitute", Hint: "A vote that a former substitute cast in an open ballot does not count any more.", Optional: true, Options: personOptions(list, s.Substitute, "none")}}})
	data.Parts = append(data.Parts, part{Title: "End", Lede: "The seat ends now. Who follows gets a seat of their own.", Buttons: []look.Button{{Label: "End this seat…", Kind: look.Danger, Href: seatPath(s.ID) + "/end"}}})
	return data
}

func (v *visit) seatPage() error {
	s, list, err := v.loadSeat()
	if err != nil {
		return err
	}
	return v.show("sheet", v.seatSheet(s, list))
}

func (v *visit) saveSeat() error {
	if err := v.parse(); err != nil {
		return err
	}
	s, list, err := v.loadSeat()
	if err != nil {
		return err
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	err = v.write(func(tx *db.Tx) error {
		_, err := board.Substitute(tx, v.Actor, s.ID, v.form("substitute"), version)
		return err
	})
	if err == nil {
		return v.next(boardPath+"/seats", "The substitute is saved.")
	}
	s.Substitute = v.form("substitute")
	data := v.seatSheet(s, list)
	if theirs, ok := stale[board.Seat](err); ok {
		data.Parts[0].Form.Hidden[0].Value = strconv.FormatInt(theirs.Version, 10)
		data.Notices = []look.Notice{faster("The substitute is " + strings.TrimSpace(theirs.SubstituteName+" now") + ".")}
	}
	fault(data.Parts[0].Form, err)
	return v.again(err, "sheet", data)
}

func (v *visit) endSheet(s board.Seat) sheet {
	f := v.boardFrame()
	f.Head.Title, f.Head.Crumbs = "End the seat of "+s.OrgName, []look.Link{{Label: "Board", Href: boardPath}, {Label: "Seats", Href: boardPath + "/seats"}, {Label: s.OrgName, Href: seatPath(s.ID)}, {Label: "End"}}
	return sheet{Frame: f, Confirm: &look.Confirm{Title: "End the seat of " + s.OrgName, What: "It ends now. " + s.Name + " no longer reads the board's papers, and a vote cast for the seat in an open ballot does not count. Ballots that are open keep counting the seat for their quorum.", Whom: s.Name + ", and the board.",
		Undo: "Appoint an executive again: that is a new seat, without a vote in ballots that are open.", Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(s.Version, 10)}}, Action: seatPath(s.ID) + "/end", Cancel: seatPath(s.ID),
		Fields: []look.Field{{Kind: look.Area, Name: "reason", Label: "Reason", Rows: 2, Max: 1000, Value: v.form("reason")}}, Button: look.Button{Label: "End the seat", Kind: look.Danger}}}
}

func (v *visit) askEndSeat() error {
	s, _, err := v.loadSeat()
	if err != nil {
		return err
	}
	return v.show("sheet", v.endSheet(s))
}

func (v *visit) endSeat() error {
	if err := v.parse(); err != nil {
		return err
	}
	s, _, err := v.loadSeat()
	if err != nil {
		return err
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	if err = v.write(func(tx *db.Tx) error {
		_, err := board.End(tx, v.Actor, s.ID, v.form("reason"), version)
		return err
	}); err == nil {
		return v.next(boardPath+"/seats", "The seat has ended.")
	}
	data := v.endSheet(s)
	data.Confirm.Error = errText(err)
	return v.again(err, "sheet", data)
}
