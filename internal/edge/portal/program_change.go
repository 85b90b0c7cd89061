package portal

import (
	"slices"
	"strings"

	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
)

// maxAffected is how many people a preview lists by name; all are counted.
const maxAffected = 200

// changeParts say who gains and who loses sight of what by a change of
// rules, by number and by name.
func changeParts(c programs.Change) []part {
	if len(c.Gains)+len(c.Loses) == 0 {
		return []part{{Title: "Who gains and who loses", Lede: "Nobody gains or loses sight of anything that lies in it today. Who joins later finds the new rules."}}
	}
	stats := part{Title: "Who gains and who loses", Stats: []look.Stat{{N: len(c.Loses), One: "loses sight of something", Label: "lose sight of something", Tone: look.Bad}, {N: len(c.Gains), One: "gains sight of something", Label: "gain sight of something", Tone: look.Info}}}
	parts := []part{stats}
	for _, x := range []struct {
		id, title string
		list      []programs.Affected
	}{{"loses", "Who loses", c.Loses}, {"gains", "Who gains", c.Gains}} {
		if len(x.list) == 0 {
			continue
		}
		p := part{Title: x.title + ": " + look.Plural(len(x.list), "person", "people") + orgCount(x.list), Table: affectedTable(x.id, x.title, x.list)}
		if len(x.list) > maxAffected {
			p.Lede = "The first " + number(maxAffected) + " by name are listed."
		}
		parts = append(parts, p)
	}
	return parts
}

// orgCount is how many organizations the people work for.
func orgCount(list []programs.Affected) string {
	seen := map[string]bool{}
	for _, a := range list {
		for _, o := range a.Orgs {
			seen[o] = true
		}
	}
	if len(seen) == 0 {
		return ""
	}
	return " in " + look.Plural(len(seen), "organization", "organizations")
}

func affectedTable(id, caption string, list []programs.Affected) *look.Table {
	t := &look.Table{ID: id, Caption: caption, Hidden: true, Filter: len(list) > 10, Whole: true, Columns: []look.Column{{Label: "Who"}, {Label: "Organization"}, {Label: "Sight of what", Wide: true}}}
	hidden := 0
	for _, a := range list[:min(len(list), maxAffected)] {
		if a.Name == "" {
			hidden++
			continue
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: a.Name}, {Text: strings.Join(a.Orgs, ", ")}, {Text: thingWords(a)}}})
	}
	if hidden > 0 {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: look.Plural(hidden, "person", "people") + " whom you do not see there"}, {}, {Text: "what you do not see"}}})
	}
	return t
}

// maxThings is how many things a line of the preview names.
const maxThings = 5

// thingWords names what somebody gains or loses sight of: titles first, each
// once, then how many of each kind that has none.
func thingWords(a programs.Affected) string {
	var words, kinds []string
	untitled := map[string]int{}
	rest := a.Others
	for _, x := range a.Things {
		w := x.Title
		if w != "" && x.Upto != "" {
			w += " (up to " + x.Upto + " afterwards)"
		}
		switch {
		case w == "":
			if untitled[x.Kind]++; untitled[x.Kind] == 1 {
				kinds = append(kinds, x.Kind)
			}
		case slices.Contains(words, w):
		case len(words) == maxThings:
			rest++
		default:
			words = append(words, w)
		}
	}
	for _, k := range kinds {
		words = append(words, look.Plural(untitled[k], k, k+"s"))
	}
	if rest > 0 {
		words = append(words, look.Plural(rest, "thing more", "things more"))
	}
	return strings.Join(words, "; ")
}
