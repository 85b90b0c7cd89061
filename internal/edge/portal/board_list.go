package portal

import (
	"encoding/csv"
	"net/url"
	"strconv"

	"tocsin/internal/alliance/board"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
	"tocsin/spec/text"
)

const boardPath = "/alliance/board"

// motionWords say what a motion asks for.
var motionWords = map[board.Kind]string{
	board.Admit: "admit an applicant", board.Suspend: "suspend a member", board.Reduce: "reduce a member's tier", board.Remove: "remove a member", board.Restore: "restore a member",
	board.Appeal: "decide an appeal", board.Rules: "change a program's rules", board.Exception: "allow an exception", board.Agreement: "adopt an agreement", board.Publish: "publish", board.Spend: "spend", board.Other: "something else",
}

var motionTones = map[ballot.State]look.Tone{ballot.Open: look.Waiting, ballot.Closed: look.Waiting, ballot.Carried: look.Good, ballot.Failed: look.Bad}

func motionChip(m board.Motion) look.Chip {
	return look.Chip{Label: ballot.Motion.Label(m.State), Tone: motionTones[m.State]}
}

// boardFrame is the frame of the board's pages.
func (v *visit) boardFrame() look.Frame { return v.allianceFrame(boardPath) }

func (v *visit) boardAccess() (x board.Access, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		x, err = board.AccessOf(tx, v.Actor)
		return err
	})
	return x, err
}

// seesBoard reports whether the visitor has anything to do in the board room.
func (v *visit) seesBoard() bool {
	x, err := v.boardAccess()
	return err == nil && (x.Reads || x.Keeps)
}

func motionFilter(q url.Values) board.Filter {
	f := board.Filter{Kind: board.Kind(q.Get("kind")), Text: q.Get("q"), After: q.Get("cursor"), Limit: 50}
	switch s := q.Get("state"); s {
	case "":
	case "running":
		f.States = []ballot.State{ballot.Draft, ballot.Open, ballot.Closed}
	case "decided":
		f.States = []ballot.State{ballot.Carried, ballot.Failed, ballot.Void}
	default:
		f.States = []ballot.State{ballot.State(s)}
	}
	return f
}

// boardPage lists what waits for the visitor's vote, and all motions.
func (v *visit) boardPage() error {
	q := v.r.URL.Query()
	filter := motionFilter(q)
	var access board.Access
	var waiting, list []board.Motion
	err := v.read(func(tx *db.Tx) (err error) {
		if access, err = board.AccessOf(tx, v.Actor); err != nil {
			return err
		}
		if access.Keeps && !access.Reads {
			return nil
		}
		if err = board.Reads(tx, v.Actor); err != nil {
			return err
		}
		if waiting, err = board.Awaiting(tx, v.Actor); err != nil {
			return err
		}
		list, err = board.List(tx, v.Actor, filter)
		return err
	})
	if err != nil {
		return err
	}
	data := sheet{Frame: v.boardFrame()}
	data.Head.Actions = []look.Button{{Label: "Seats", Href: boardPath + "/seats"}}
	if !access.Reads { // who keeps the list of seats and no more
		data.Parts = []part{{Lede: "Motions are for those who sit on the board, and for the coordinators. You keep the list of seats."}}
		return v.show("sheet", data)
	}
	data.Head.Actions = append(data.Head.Actions, look.Button{Label: "Brief", Href: boardPath + "/brief"})
	if access.Puts {
		data.Head.Actions = append([]look.Button{{Label: "Put a motion", Kind: look.Primary, Href: boardPath + "/motions/new"}}, data.Head.Actions...)
	}
	data.Parts = []part{{Listing: v.waitingFor(waiting)}, {Title: "Motions", Chips: stateChips(q), Search: motionSearch(q), Table: v.motionTable(q, list, filter.Limit)}}
	return v.show("sheet", data)
}

func (v *visit) waitingFor(list []board.Motion) *look.Listing {
	l := &look.Listing{Title: "Your vote is asked for", Now: v.now, Empty: "No ballot waits for your vote."}
	for _, m := range list {
		l.Items = append(l.Items, look.Item{Marking: m.Level.String(), Kind: "motion", Number: m.Number, Title: m.Title, Href: gate.MotionPath(m.Number), Due: m.Deadline})
	}
	return l
}

func (v *visit) motionTable(q url.Values, list []board.Motion, limit int) *look.Table {
	t := &look.Table{ID: "motions", Caption: "Motions", Hidden: true, Whole: len(list) < limit && q.Get("cursor") == "", Empty: &look.Empty{Text: "No motion fits."},
		Columns: []look.Column{{Label: "Motion"}, {Label: "Question", Wide: true}, {Label: "State"}, {Label: "Ballot"}, {Label: "Deadline"}, {Label: "Decided"}},
		Exports: []look.Link{{Label: "CSV", Href: boardPath + "/motions.csv?" + q.Encode()}}}
	for _, m := range list {
		chip, form := motionChip(m), "open"
		if m.Sealed {
			form = "sealed"
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: m.Number, Href: gate.MotionPath(m.Number)}, {Text: m.Title, Sub: motionWords[m.Kind]}, {Chip: &chip, Sort: string(m.State)}, {Text: form}, {Time: m.Deadline}, {Time: m.DecidedAt}}})
	}
	if len(list) == limit {
		next := url.Values{}
		for k, x := range q {
			next[k] = x
		}
		next.Set("cursor", list[len(list)-1].ID)
		t.Pager = &look.Pager{Next: boardPath + "?" + next.Encode()}
	}
	return t
}

// stateChips narrow the list to a state, or lift that.
func stateChips(q url.Values) []look.Chip {
	var chips []look.Chip
	for _, s := range []struct{ value, label string }{{"", "all"}, {"running", "running"}, {"decided", "decided"}, {"draft", "drafts"}, {"open", "open"}, {"carried", "carried"}, {"failed", "failed"}, {"void", "void"}} {
		next := url.Values{}
		for _, k := range []string{"q", "kind"} {
			if q.Get(k) != "" {
				next.Set(k, q.Get(k))
			}
		}
		if s.value != "" {
			next.Set("state", s.value)
		}
		c := look.Chip{Label: s.label, Href: boardPath + "?" + next.Encode()}
		if q.Get("state") == s.value {
			c.Label, c.Tone = "✓ "+s.label, look.Info
		}
		chips = append(chips, c)
	}
	return chips
}

func motionSearch(q url.Values) *look.Form {
	kind := look.Field{Kind: look.Select, Name: "kind", Label: "Asks to", Optional: true, Short: true, Options: []look.Option{{Value: "", Label: "anything", On: q.Get("kind") == ""}}}
	for _, k := range board.Kinds {
		kind.Options = append(kind.Options, look.Option{Value: string(k), Label: motionWords[k], On: q.Get("kind") == string(k)})
	}
	f := &look.Form{Get: true, Action: boardPath, Button: look.Button{Label: "Find"}, Fields: []look.Field{{Kind: "search", Name: "q", Label: "Number or words of the title", Value: q.Get("q"), Optional: true, Short: true, Max: 200}, kind}}
	if s := q.Get("state"); s != "" {
		f.Hidden = []look.Hidden{{Name: "state", Value: s}}
	}
	return f
}

// motionsCSV exports what the list's filter shows, all pages of it. Of a
// sealed ballot it has nothing before the close.
func (v *visit) motionsCSV() error {
	filter := motionFilter(v.r.URL.Query())
	filter.After, filter.Limit = "", 200
	var list []board.Motion
	err := v.read(func(tx *db.Tx) error {
		if err := board.Reads(tx, v.Actor); err != nil {
			return err
		}
		for list = nil; len(list) < maxExport; {
			page, err := board.List(tx, v.Actor, filter)
			if err != nil {
				return err
			}
			list = append(list, page...)
			if len(page) < filter.Limit {
				return nil
			}
			filter.After = page[len(page)-1].ID
		}
		return nil
	})
	if err != nil {
		return err
	}
	download(v.w, "motions.csv")
	rows := [][]string{{"tlp", "number", "kind", "title", "state", "sealed", "quorum", "majority", "opened", "deadline", "decided", "for", "against", "abstaining", "electorate", "effect"}}
	for _, m := range list {
		row := []string{m.Level.String(), m.Number, string(m.Kind), text.Cell(m.Title), string(m.State), strconv.FormatBool(m.Sealed), m.Rules.Quorum.String(), m.Rules.Majority.String(), text.Instant(m.OpenedAt), text.Instant(m.Deadline), text.Instant(m.DecidedAt), "", "", "", "", string(m.Effect)}
		if r := m.Result; r != nil {
			copy(row[11:], []string{strconv.Itoa(r.Yes), strconv.Itoa(r.No), strconv.Itoa(r.Abstain), strconv.Itoa(r.Electorate)})
		}
		rows = append(rows, row)
	}
	return csv.NewWriter(v.w).WriteAll(rows)
}
