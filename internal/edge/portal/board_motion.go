package portal

import (
	"fmt"
	"html/template"
	"strings"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
	"tocsin/spec/prose"
)

// motionView is a motion with all that its page says.
type motionView struct {
	board.Motion
	Leads    bool
	Seats    []board.Elector
	Recusals []board.Recusal
	Papers   []board.Paper
	Votes    map[string]board.Vote // by seat; of a sealed ballot none
	Own      []board.Seat          // seats for which the visitor acts
	Names    map[string]string
	Matter   []look.Fact // what it is about, and what is done when it is carried
}

func (m motionView) path() string { return gate.MotionPath(m.Number) }

// loadMotion reads the motion of the path with all around it.
func (v *visit) loadMotion() (m motionView, err error) {
	err = v.read(func(tx *db.Tx) error {
		m = motionView{Votes: map[string]board.Vote{}}
		if m.Motion, err = board.Get(tx, v.Actor, v.path("motion")); err != nil {
			return err
		}
		if m.Leads, err = board.Leads(tx, v.Actor, m.Motion); err != nil {
			return err
		}
		if m.Seats, err = board.Electorate(tx, v.Actor, m.ID); err != nil {
			return err
		}
		if m.Recusals, err = board.Recusals(tx, v.Actor, m.ID); err != nil {
			return err
		}
		if m.Papers, err = board.Papers(tx, v.Actor, m.ID); err != nil {
			return err
		}
		votes, err := board.Votes(tx, v.Actor, m.ID)
		if err != nil {
			return err
		}
		ids := []string{m.Proposer}
		for _, x := range votes {
			m.Votes[x.Seat] = x
			ids = append(ids, x.Voter)
		}
		if m.Own, err = board.Own(tx, v.Actor); err != nil {
			return err
		}
		if m.Names, err = people.Names(tx, ids); err != nil {
			return err
		}
		m.Matter, err = v.matterOf(tx, m.Motion)
		return err
	})
	return m, err
}

func (v *visit) motionFrame(m motionView, below string) look.Frame {
	f := v.boardFrame()
	chip := motionChip(m.Motion)
	f.Head = look.RecordHead{Marking: m.Level.String(), Kind: "motion", Number: m.Number, Title: m.Title, State: []look.Chip{chip},
		Crumbs: []look.Link{{Label: "Board", Href: boardPath}, {Label: m.Number}}}
	if m.Sealed {
		f.Head.State = append(f.Head.State, look.Chip{Label: "sealed ballot"})
	}
	if m.State == ballot.Open {
		f.Head.Clock = &look.Countdown{Label: "ballot", Start: m.OpenedAt, End: m.Deadline, Now: v.now, Zone: f.Zone}
	}
	if below != "" {
		f.Head.Crumbs[1].Href = m.path()
		f.Head.Crumbs = append(f.Head.Crumbs, look.Link{Label: below})
	}
	return f
}

func (v *visit) motionPage() error {
	m, err := v.loadMotion()
	if err != nil {
		return err
	}
	data := sheet{Frame: v.motionFrame(m, "")}
	data.Notices = motionNotices(m)
	for _, p := range m.Papers {
		if m.State == ballot.Open {
			data.Parts = append(data.Parts, part{ID: "vote", Choices: v.voteChoices(m, p)})
		}
	}
	if r := m.Result; r != nil {
		data.Parts = append(data.Parts, part{Title: "Result", Drawing: resultBar(*r), Prose: prose.HTML("- " + strings.Join(r.Reasons, "\n- "))})
	}
	data.Parts = append(data.Parts, part{Title: "The motion", Prose: prose.HTML(m.Text), Facts: m.facts()})
	if rules, ok := m.ProposedRules(); ok {
		parts, err := v.proposedRules(m, rules)
		if err != nil {
			return err
		}
		data.Parts = append(data.Parts, parts...)
	}
	if len(m.Seats) > 0 {
		data.Parts = append(data.Parts, part{Title: "Electorate", Table: m.electorate()})
	}
	if len(m.Recusals) > 0 {
		data.Parts = append(data.Parts, part{Title: "Recusals", Table: m.recused()})
	}
	data.Parts = append(data.Parts, part{Buttons: m.deeds()})
	return v.show("sheet", data)
}

func motionNotices(m motionView) (out []look.Notice) {
	if m.State == ballot.Closed {
		out = append(out, look.Notice{Tone: look.Bad, Title: "The votes cannot be counted", Text: "A stored vote cannot be opened. Restore the keys or the data and count again, or withdraw the motion."})
	}
	if m.Effect == board.Hindered {
		out = append(out, look.Notice{Tone: look.Bad, Title: "Decided, and not done yet", Text: m.Obstacle})
	}
	if m.Decision != "" {
		out = append(out, look.Notice{Title: "Withdrawn", Text: m.Decision})
	}
	return out
}

// voteChoices is the ballot paper of one seat: the first of two taps.
func (v *visit) voteChoices(m motionView, p board.Paper) *look.Choices {
	c := &look.Choices{Legend: "Your vote for " + p.Seat.OrgName, Action: m.path() + "/paper", Name: "choice", Hidden: []look.Hidden{{Name: "seat", Value: p.Seat.ID}}, Closed: p.Barred}
	if p.Substitute {
		c.Legend += ", as substitute"
	}
	switch {
	case p.Barred != "":
	case !p.Voted.IsZero() && p.ByMe:
		c.Hint = "You voted " + look.UTC(p.Voted) + ". Until the deadline you can change it."
	case !p.Voted.IsZero():
		c.Hint = "Your substitute voted " + look.UTC(p.Voted) + ". Your own vote replaces it."
	case m.Sealed:
		c.Hint = "Nobody learns what you choose, neither now nor after the count. You are asked once more before it is cast."
	default:
		c.Hint = "The board reads your vote at once. You are asked once more before it is cast."
	}
	for _, x := range ballot.Choices {
		w := choiceWords[x]
		c.Options = append(c.Options, look.Choice{Value: string(x), Label: w.label, Tone: w.tone, Chosen: p.ByMe && m.Votes[p.Seat.ID].Choice == x})
	}
	return c
}

var choiceWords = map[ballot.Choice]struct {
	label string
	tone  look.Tone
}{ballot.Yes: {"For", look.Good}, ballot.No: {"Against", look.Bad}, ballot.Abstain: {"Abstain", look.Plain}}

// resultBar is the count as a picture: for, against, abstaining, not voted.
func resultBar(r ballot.Result) template.HTML {
	whole := max(r.Electorate, 1)
	var b strings.Builder
	said := fmt.Sprintf("%d for, %d against, %d abstaining, %d did not vote.", r.Yes, r.No, r.Abstain, r.Electorate-r.Voted)
	fmt.Fprintf(&b, `<figure><svg class="bar votes" width="100%%" height="16" role="img" aria-label="%s"><rect class="rest" width="100%%" height="16"/>`, said)
	at := 0
	for _, x := range []struct {
		n     int
		class string
	}{{r.Yes, "good"}, {r.No, "bad"}, {r.Abstain, "past"}} {
		if x.n > 0 {
			fmt.Fprintf(&b, `<rect class="%s" x="%.2f%%" width="%.2f%%" height="16"/>`, x.class, 100*float64(at)/float64(whole), 100*float64(x.n)/float64(whole))
		}
		at += x.n
	}
	if y := r.Needed; y > 0 && r.Electorate > 0 {
		fmt.Fprintf(&b, `<rect class="tick" x="%.2f%%" width="2" height="16"/>`, min(100*float64(y)/float64(whole), 99.5))
	}
	fmt.Fprintf(&b, `</svg><figcaption>%s The mark is the quorum, %d.</figcaption></figure>`, said, r.Needed)
	return template.HTML(b.String())
}

func (m motionView) facts() *look.Facts {
	f := &look.Facts{Items: append([]look.Fact{{Term: "Asks to", Text: motionWords[m.Kind]}}, m.Matter...)}
	form := "open: the board reads each vote at once"
	if m.Sealed {
		form = "sealed: nobody reads a vote, the count comes at the close"
	}
	closes := "at the deadline"
	if m.Early {
		closes = "at the deadline, or once everybody who may has voted"
	}
	f.Items = append(f.Items, look.Fact{Term: "Put by", Text: m.Names[m.Proposer]}, look.Fact{Term: "Ballot", Text: form}, look.Fact{Term: "Quorum", Text: m.Rules.Quorum.Words() + " of the electorate"},
		look.Fact{Term: "Majority", Text: m.Rules.Majority.Words() + " of the votes for and against"}, look.Fact{Term: "Closes", Text: closes}, look.Fact{Term: "Deadline", Time: m.Deadline})
	for _, x := range []look.Fact{{Term: "Written", Time: m.CreatedAt}, {Term: "Opened", Time: m.OpenedAt}, {Term: "Closed", Time: m.ClosedAt}, {Term: "Decided", Time: m.DecidedAt}} {
		if !x.Time.IsZero() {
			f.Items = append(f.Items, x)
		}
	}
	return f
}

func (m motionView) electorate() *look.Table {
	t := &look.Table{ID: "electorate", Caption: "Who votes", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Organization"}, {Label: "Executive"}, {Label: "Substitute"}, {Label: "Standing"}}}
	if !m.Sealed {
		t.Columns = append(t.Columns, look.Column{Label: "Vote", Wide: true}, look.Column{Label: "Cast by"})
	}
	for _, e := range m.Seats {
		row := look.Row{Cells: []look.Cell{{Text: e.Seat.OrgName, Href: orgPath(e.Seat.Org)}, {Text: e.Seat.Name}, {Text: e.Seat.SubstituteName}, {Text: e.Standing.Words()}}}
		if x, ok := m.Votes[e.Seat.ID]; ok && !m.Sealed {
			w := choiceWords[x.Choice]
			row.Cells = append(row.Cells, look.Cell{Chip: &look.Chip{Label: w.label, Tone: w.tone}, Sub: x.Reason}, look.Cell{Text: m.Names[x.Voter]})
		} else if !m.Sealed {
			row.Cells = append(row.Cells, look.Cell{Text: "none"}, look.Cell{})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (m motionView) recused() *look.Table {
	t := &look.Table{ID: "recusals", Caption: "Who takes no part", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Organization"}, {Label: "Reason", Wide: true}, {Label: "When"}}}
	names := map[string]string{}
	for _, s := range m.Own {
		names[s.ID] = s.OrgName
	}
	for _, e := range m.Seats {
		names[e.Seat.ID] = e.Seat.OrgName
	}
	for _, r := range m.Recusals {
		name := names[r.Seat]
		if name == "" {
			name = "a seat outside the electorate"
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: name}, {Text: r.Reason}, {Time: r.At}}})
	}
	return t
}

// deeds are the buttons that the visitor has here; each leads to a question.
func (m motionView) deeds() (out []look.Button) {
	add := func(label, deed string) { out = append(out, look.Button{Label: label, Href: m.path() + "/" + deed}) }
	if m.Leads && m.State == ballot.Draft {
		out = append(out, look.Button{Label: "Put it to the vote…", Kind: look.Primary, Href: m.path() + "/open"})
		add("Edit", "edit")
	}
	if len(m.recusable()) > 0 {
		add("Recuse a seat…", "recuse")
	}
	if m.Leads && m.State == ballot.Closed {
		add("Count again…", "count")
	}
	if m.Leads && m.Effect == board.Hindered {
		add("Have it done again…", "enact")
	}
	if m.Leads && !m.State.Decided() {
		add("Withdraw…", "withdraw")
	}
	if m.Result != nil {
		add("Recount…", "recount")
	}
	return append(out, look.Button{Label: "Minutes", Href: m.path() + "/minutes"})
}

// recusable are the seats that the visitor acts for and that still take part.
func (m motionView) recusable() (out []board.Seat) {
	if m.State != ballot.Draft && m.State != ballot.Open {
		return nil
	}
	gone := map[string]bool{}
	for _, r := range m.Recusals {
		gone[r.Seat] = true
	}
	for _, s := range m.Own {
		if !gone[s.ID] {
			out = append(out, s)
		}
	}
	return out
}
