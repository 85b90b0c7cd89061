package board

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/ballot"
)

const shown = "2006-01-02 15:04:05 UTC"

// Minutes is a motion as a Markdown document: what was asked, who could vote,
// who was recused and why, and what it came to. Of an open ballot it has the
// votes; of a sealed one nothing before the close and the count afterwards.
func Minutes(tx *db.Tx, a audience.Actor, ref string) (string, error) {
	m, err := Get(tx, a, ref)
	if err != nil {
		return "", err
	}
	list, err := electorate(tx, m)
	if err != nil {
		return "", err
	}
	out, err := recusals(tx, m)
	if err != nil {
		return "", err
	}
	cast, err := Votes(tx, a, m.ID)
	if err != nil {
		return "", err
	}
	ids := []string{m.Proposer}
	for _, v := range cast {
		ids = append(ids, v.Voter)
	}
	names, err := people.Names(tx, ids)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	heading(&b, m, names)
	seatTableOf(&b, m, list, cast, names)
	orgs := map[string]string{}
	for _, e := range list {
		orgs[e.Seat.ID] = e.OrgName
	}
	if len(out) > 0 {
		b.WriteString("\n## Recusals\n\n")
		for _, r := range out {
			org := orgs[r.Seat]
			if org == "" {
				org = "A seat outside the electorate"
			}
			fmt.Fprintf(&b, "- %s, %s: %s\n", plainText(org), r.At.UTC().Format(shown), plainText(r.Reason))
		}
	}
	reasonsOf(&b, cast, orgs)
	ending(&b, m)
	return b.String(), nil
}

func heading(b *strings.Builder, m Motion, names map[string]string) {
	form := "open"
	if m.Sealed {
		form = "sealed"
	}
	fmt.Fprintf(b, "%s\n\n# %s: %s\n\n", m.Level, m.Number, plainText(m.Title))
	fmt.Fprintf(b, "- Motion: %s\n- State: %s\n- Put by: %s\n", m.Kind, ballot.Motion.Label(m.State), plainText(named(names, m.Proposer)))
	if m.Object.ID != "" {
		fmt.Fprintf(b, "- About: %s %s\n", plainText(m.Object.Kind), plainText(m.Object.ID))
	}
	fmt.Fprintf(b, "- Ballot: %s; quorum %s of the electorate; majority %s of the votes for and against\n", form, m.Rules.Quorum.Words(), m.Rules.Majority.Words())
	for _, at := range []struct {
		what string
		t    time.Time
	}{{"Written", m.CreatedAt}, {"Opened", m.OpenedAt}, {"Deadline", m.Deadline}, {"Closed", m.ClosedAt}, {"Decided", m.DecidedAt}} {
		if !at.t.IsZero() {
			fmt.Fprintf(b, "- %s: %s\n", at.what, at.t.UTC().Format(shown))
		}
	}
	if m.Text != "" {
		// Quoted, so that a heading in the motion is none of the minutes.
		b.WriteString("\n## The motion\n\n")
		for line := range strings.SplitSeq(m.Text, "\n") {
			b.WriteString(strings.TrimRight("> "+line, " ") + "\n")
		}
	}
}

func seatTableOf(b *strings.Builder, m Motion, list []elector, cast []Vote, names map[string]string) {
	if len(list) == 0 {
		return
	}
	votes := map[string]Vote{}
	for _, v := range cast {
		votes[v.Seat] = v
	}
	b.WriteString("\n## Electorate\n\n| Organization | Executive | Standing |")
	rule := "\n| --- | --- | --- |"
	if !m.Sealed {
		b.WriteString(" Vote | Cast by |")
		rule += " --- | --- |"
	}
	b.WriteString(rule + "\n")
	for _, e := range list {
		standing := e.now.Standing
		if e.then.Standing != "" {
			standing = e.then.Standing
		}
		fmt.Fprintf(b, "| %s | %s | %s |", plainText(e.OrgName), plainText(e.Name), standing.Words())
		if v, ok := votes[e.Seat.ID]; !m.Sealed && ok {
			fmt.Fprintf(b, " %s | %s |", v.Choice, plainText(named(names, v.Voter)))
		} else if !m.Sealed {
			b.WriteString(" none |  |")
		}
		b.WriteString("\n")
	}
}

func reasonsOf(b *strings.Builder, cast []Vote, orgs map[string]string) {
	said := false
	for _, v := range cast {
		if v.Reason == "" {
			continue
		}
		if !said {
			b.WriteString("\n## Reasons given\n\n")
			said = true
		}
		fmt.Fprintf(b, "- %s: %s\n", plainText(orgs[v.Seat]), plainText(v.Reason))
	}
}

func ending(b *strings.Builder, m Motion) {
	if m.Result == nil && m.Decision == "" {
		return
	}
	b.WriteString("\n## Outcome\n\n")
	if m.Decision != "" {
		fmt.Fprintf(b, "Withdrawn: %s\n", plainText(m.Decision))
	}
	if r := m.Result; r != nil {
		fmt.Fprintf(b, "**%s**: %d for, %d against, %d abstaining.\n\n", ballot.Motion.Label(r.Outcome), r.Yes, r.No, r.Abstain)
		for _, s := range r.Reasons {
			b.WriteString("- " + s + "\n")
		}
	}
}

func named(names map[string]string, personID string) string {
	if n := names[personID]; n != "" {
		return n
	}
	return "unknown"
}

var marks = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "|", "\\|", "#", "\\#", "!", "\\!", "~", "\\~", "&", "&amp;")

// plainText makes one line of text that Markdown shows as it is.
func plainText(s string) string { return marks.Replace(strings.Join(strings.Fields(s), " ")) }
