package portal

import (
	"strings"

	"tocsin/internal/alliance/board"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/spec/prose"
)

func (v *visit) loadMinutes() (m board.Motion, text string, err error) {
	err = v.read(func(tx *db.Tx) error {
		if m, err = board.Get(tx, v.Actor, v.path("motion")); err == nil {
			text, err = board.Minutes(tx, v.Actor, m.ID)
		}
		return err
	})
	return m, text, err
}

// minutes is the motion as a document: this page, as it is printed.
func (v *visit) minutes() error {
	m, text, err := v.loadMinutes()
	if err != nil {
		return err
	}
	f := v.motionFrame(motionView{Motion: m}, "Minutes")
	f.Head.Title, f.Head.Clock = "Minutes: "+m.Title, nil
	// Marking and title stand in the page's head.
	_, body, _ := strings.Cut(text, "\n\n# ")
	_, body, _ = strings.Cut(body, "\n")
	return v.show("sheet", sheet{Frame: f, Parts: []part{{Title: "Record", Prose: prose.HTML(body), Buttons: []look.Button{{Label: "Markdown", Icon: "download", Href: motionView{Motion: m}.path() + "/minutes.md"}}}}})
}

// minutesFile is the same as a file, led by its marking.
func (v *visit) minutesFile() error {
	m, text, err := v.loadMinutes()
	if err != nil {
		return err
	}
	download(v.w, strings.ReplaceAll(m.Level.String(), ":", "-")+"_"+m.Number+"_minutes.md")
	_, err = v.w.Write([]byte(text))
	return err
}
