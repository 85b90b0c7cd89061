package portal

import (
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/talk"
)

const filesOnPage = 60

// files lists what was handed over in a case, newest first.
func (v *visit) files() error {
	var c caseView
	var list []talk.File
	threads := map[string]string{}
	err := v.read(func(tx *db.Tx) (err error) {
		if c, err = v.loadInside(tx); err != nil {
			return err
		}
		if list, err = talk.Files(tx, v.Actor, c.ID, v.query("before")); err != nil {
			return err
		}
		all, err := talk.Threads(tx, v.Actor, c.ID)
		for _, t := range all {
			threads[t.ID] = t.Title
		}
		return err
	})
	if err != nil {
		return err
	}
	path := casework.Path(c.Number) + "/files"
	t := &look.Table{ID: "files", Caption: "Files of the case", Hidden: true, Filter: true, Columns: []look.Column{{Label: "Name", Wide: true}, {Label: "Size", Num: true}, {Label: "Looks like"}, {Label: "From"}, {Label: "When"}, {Label: "Thread"}},
		Empty: &look.Empty{Text: "Nobody has handed over a file yet. Files go with a message in a thread.", Button: &look.Button{Label: "To the threads", Href: casework.Path(c.Number) + "/talk"}}}
	shown := list[:min(len(list), filesOnPage)]
	for _, f := range shown {
		t.Rows = append(t.Rows, fileRow(c, f, threads))
	}
	t.Pager = &look.Pager{}
	if len(list) > len(shown) {
		t.Pager.Next = path + "?before=" + shown[len(shown)-1].ID
	}
	if v.query("before") != "" {
		t.Pager.Prev = path
	}
	t.Whole = t.Pager.Next == "" && t.Pager.Prev == ""
	data := sheet{Frame: v.caseFrame(c, "/talk"), Parts: []part{{Lede: "A file comes as it was sent, and is never opened here. Look at what it looks like before you open it.", Table: t}}}
	data.Head.Crumbs = []look.Link{{Label: "Talk", Href: casework.Path(c.Number) + "/talk"}, {Label: "Files"}}
	return v.show("sheet", data)
}

func fileRow(c caseView, f talk.File, threads map[string]string) look.Row {
	looks := look.Cell{Text: mediaOf(f)}
	if f.Lies {
		looks = look.Cell{Chip: &look.Chip{Label: "not what it says", Tone: look.Bad}, Sub: mediaOf(f)}
	}
	who := look.Cell{Text: f.Uploader.Name}
	if f.Uploader.PartyName != f.Uploader.Name {
		who.Sub = f.Uploader.PartyName
	}
	where := look.Cell{Text: threads[f.Thread], Href: threadPath(c.Number, f.Thread)}
	if f.Message != "" {
		where.Href += "?at=" + f.Message + "#" + f.Message
	}
	return look.Row{Cells: []look.Cell{{Text: f.Name, Href: filePath(c.Number, f.ID), Marking: f.Level.String(), Sub: "SHA-256 " + f.SHA256}, {Text: look.Bytes(f.Size)}, looks, who, {Time: f.AddedAt}, where}}
}
