package portal

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/commons/outreach"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/embargo"
)

type briefPage struct {
	look.Frame
	gate.Brief
	Incidents, Due, More []look.Stat
	Weeks                template.HTML
	Waiting              look.Listing
	Silent               *look.Table
	Answers              string
	Says                 look.Facts // the roadmap, numbers first
}

// boardBrief is the executive's page: one sheet of paper, one phone's width,
// counts without a name of any case.
func (v *visit) boardBrief() error {
	var b gate.Brief
	if err := v.read(func(tx *db.Tx) (err error) {
		b, err = gate.BriefOf(tx, v.Actor)
		return err
	}); err != nil {
		return err
	}
	data := briefPage{Frame: v.boardFrame(), Brief: b}
	data.Head = look.RecordHead{Marking: b.Level.String(), Kind: "brief", Title: "Brief for the board", Lede: "Counts only: whoever is no party of a case learns nothing of it here.", Crumbs: []look.Link{{Label: "Board", Href: boardPath}, {Label: "Brief"}}}
	in, due := b.Incidents, b.Due
	data.Incidents = []look.Stat{{N: in.Red, Label: "red: public or exploited, not released", Tone: look.Bad}, {N: in.Amber, Label: "amber: under embargo", Tone: look.Waiting}, {N: in.Green, Label: "green: neither", Tone: look.Good}, {N: in.Opened, Label: "opened in 30 days"}, {N: in.Closed, Label: "closed in 30 days"}}
	data.Due = []look.Stat{{N: due.Embargoes, One: "embargo ends", Label: "embargoes end"}, {N: due.Decisions, One: "decision on attacks", Label: "decisions on attacks"}, {N: due.Statuses, One: "status", Label: "statuses"}, {N: due.Invitations, One: "invitation", Label: "invitations"}, {N: due.Ballots, One: "ballot closes", Label: "ballots close"}, {N: due.Objections, One: "objection period ends", Label: "objection periods end"}, {N: due.Renewals, One: "renewal is due", Label: "renewals are due"}}
	data.More = []look.Stat{{N: b.Leaks.Cases, One: "case with an alarm, 90 days", Label: "cases with an alarm, 90 days", Tone: tonedIf(b.Leaks.Cases > 0, look.Bad)}, {N: in.Decide, One: "decision on attacks waits", Label: "decisions on attacks wait", Tone: tonedIf(in.Decide > 0, look.Bad)}, {N: in.Invited, One: "invitation without an answer", Label: "invitations without an answer"},
		{N: b.Members.Sanctions, One: "sanction in force", Label: "sanctions in force"}, {N: b.Members.Appeals, One: "appeal to decide", Label: "appeals to decide"}, {N: b.Members.Applications, One: "application", Label: "applications"}, {N: b.Members.Renewals, One: "renewal within 90 days", Label: "renewals within 90 days"}}
	data.Says.Items = roadmapFacts(b.Roadmap)
	data.Weeks = weekBars(b.Embargoes)
	data.Waiting = *v.waitingFor(b.Votes)
	data.Answers = "Nobody accepted an invitation in the last year."
	if b.Answers.N > 0 {
		data.Answers = fmt.Sprintf("Median %s, nine of ten within %s (%s in the last year).", shortSpan(b.Answers.Median), shortSpan(b.Answers.Late), look.Plural(b.Answers.N, "invitation", "invitations"))
	}
	if len(b.Silence.Named) > 0 {
		data.Silent = &look.Table{ID: "silent", Caption: "Silent members that you may know of", Whole: true, Columns: []look.Column{{Label: "Organization", Wide: true}, {Label: "Owed statuses", Num: true}}}
		for _, s := range b.Silence.Named {
			data.Silent.Rows = append(data.Silent.Rows, look.Row{Cells: []look.Cell{{Text: s.Name, Href: orgPath(s.Org)}, {Text: strconv.Itoa(s.Open)}}})
		}
	}
	return v.show("board-brief", data)
}

// maxSaid is how many lines of a kind the brief has room for.
const maxSaid = 3

// roadmapFacts are the roadmap and the customers' benefit at one glance.
func roadmapFacts(s outreach.Summary) (out []look.Fact) {
	for _, i := range s.Numbers {
		if i.Figure != nil {
			out = append(out, look.Fact{Term: i.Title, Text: figureText(*i.Figure)})
		}
	}
	for _, x := range []struct {
		term string
		list []outreach.Item
	}{{"Customers' benefit", s.Benefits}, {"What comes", s.Plans}, {"Done", s.Done}} {
		var said []string
		for _, i := range x.list[:min(len(x.list), maxSaid)] {
			line := i.Title
			if i.Moment != "" {
				line += " (" + i.Moment + ")"
			}
			said = append(said, line)
		}
		if more := len(x.list) - maxSaid; more > 0 {
			said = append(said, "and "+number(more)+" more")
		}
		if len(said) > 0 {
			out = append(out, look.Fact{Term: x.term, Text: strings.Join(said, "; ")})
		}
	}
	if s.Waiting > 0 {
		out = append(out, look.Fact{Term: "To be cleared by you", Text: look.Plural(s.Waiting, "text", "texts"), Href: "/alliance/roadmap"})
	}
	return out
}

func tonedIf(yes bool, t look.Tone) look.Tone {
	if yes {
		return t
	}
	return look.Plain
}

func shortSpan(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}

// weekBars draws how many embargoes end in each week, as one bar a week with
// its numbers beside it, so that it fits a phone.
func weekBars(a embargo.Ahead) template.HTML {
	most := 1
	for _, w := range a.Weeks {
		most = max(most, w.Ends)
	}
	var b strings.Builder
	b.WriteString(`<div class="scroll"><table class="data"><caption class="vh">Embargoes by the week of their end</caption><thead><tr><th scope="col">Week of</th><th scope="col">Embargoes</th><th class="n" scope="col">End</th><th class="n" scope="col">Days at risk</th></tr></thead><tbody>`)
	for _, w := range a.Weeks {
		fmt.Fprintf(&b, `<tr><th scope="row">%s</th><td><svg class="bar" width="96" height="8" aria-hidden="true"><rect class="rest" width="100%%" height="8"/><rect class="past" width="%.2f%%" height="8"/></svg></td><td class="n">%d</td><td class="n">%d</td></tr>`,
			w.From.Format("2006-01-02"), 100*float64(w.Ends)/float64(most), w.Ends, w.Days)
	}
	b.WriteString(`</tbody></table></div>`)
	return template.HTML(b.String())
}
