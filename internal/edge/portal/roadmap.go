package portal

import (
	"html/template"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/commons/outreach"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/spec/prose"
)

var roadmapHeads = map[outreach.Kind]string{
	outreach.Number: "In numbers", outreach.Done: "What we have done", outreach.Benefit: "What our members' customers have of it", outreach.Plan: "What comes",
}

var roadmapKinds = map[outreach.Kind]string{
	outreach.Number: "a number of what happened", outreach.Done: "something accomplished", outreach.Benefit: "a benefit for customers", outreach.Plan: "something planned",
}

// roadmapPage is what the consortium tells everybody of itself.
func (v *visit) roadmapPage() error {
	var list []outreach.Item
	name, keeps := "", false
	err := v.read(func(tx *db.Tx) error {
		c, err := charter.Load(tx)
		if err != nil {
			return err
		}
		name = c.Name
		if list, err = outreach.Published(tx); err != nil {
			return err
		}
		keeps, err = outreach.Keeps(tx, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	data := sheet{Frame: v.frame("/roadmap")}
	data.Head = look.RecordHead{Title: "Roadmap and accomplishments", Lede: "What " + name + " plans, what it has done, and what its work comes to."}
	if keeps {
		data.Head.Actions = []look.Button{{Label: "Keep the roadmap", Href: "/alliance/roadmap"}}
	}
	for _, kind := range outreach.Kinds {
		if p, ok := roadmapPart(kind, list); ok {
			data.Parts = append(data.Parts, p)
		}
	}
	if len(data.Parts) == 0 {
		data.Parts = []part{{Lede: "Nothing has been published here yet."}}
	}
	return v.show("sheet", data)
}

func roadmapPart(kind outreach.Kind, list []outreach.Item) (part, bool) {
	p := part{Title: roadmapHeads[kind]}
	if kind == outreach.Number {
		p.Table = &look.Table{ID: "numbers", Caption: "Numbers of what happened", Hidden: true, Whole: true,
			Columns: []look.Column{{Label: "What is counted", Wide: true}, {Label: "Number", Num: true}, {Label: "Drawn"}}}
	}
	n := 0
	var text template.HTML
	for _, i := range list {
		switch {
		case i.Kind != kind:
			continue
		case kind == outreach.Number && i.Figure != nil:
			p.Table.Rows = append(p.Table.Rows, look.Row{Cells: []look.Cell{{Text: i.Title, Sub: i.Figure.Counted}, {Text: figureText(*i.Figure)}, {Time: i.Figure.AsOf}}})
		default:
			head := "<h3>" + template.HTML(template.HTMLEscapeString(i.Title))
			if i.Moment != "" {
				head += ` <span class="q">` + template.HTML(template.HTMLEscapeString(i.Moment)) + "</span>"
			}
			text += head + "</h3>" + prose.HTML(i.Body)
		}
		n++
	}
	p.Prose = text
	return p, n > 0
}

// figureText is a figure with its unit, which a line's end does not part.
func figureText(f outreach.Figure) string {
	if f.Unit == "" {
		return f.Value
	}
	return f.Value + "\u00a0" + f.Unit
}
