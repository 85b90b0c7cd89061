package portal

import (
	"strconv"
	"strings"
	"time"

	"tocsin/internal/commons/outreach"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// itemForm writes a line; figures are the numbers that can be drawn now, of a
// new one.
func (v *visit) itemForm(i outreach.Item, figures []outreach.Figure) *look.Form {
	f := &look.Form{Action: v.r.URL.Path, Lede: "Two others clear it before anybody else reads it.", Button: look.Button{Label: "Keep the draft", Kind: look.Primary}, Cancel: &look.Link{Label: "Not now", Href: roadmapPath}}
	if i.ID == "" {
		kind := look.Field{Kind: look.Radio, Name: "kind", Label: "What it is"}
		for _, k := range outreach.Kinds {
			if k == outreach.Number && len(figures) == 0 {
				continue // nothing public can be counted yet
			}
			kind.Options = append(kind.Options, look.Option{Value: string(k), Label: roadmapKinds[k], On: i.Kind == k})
		}
		f.Fields = append(f.Fields, kind)
		if len(figures) > 0 {
			drawn := look.Field{Kind: look.Select, Name: "figure", Label: "Number", Hint: "For a number: it is drawn at this instant, from public matters alone.", Optional: true, Options: []look.Option{{Label: "–"}}}
			for _, x := range figures {
				drawn.Options = append(drawn.Options, look.Option{Value: x.Key, Label: x.Name + ": " + strings.TrimSpace(x.Value+" "+x.Unit), On: x.Key == v.form("figure")})
			}
			f.Fields = append(f.Fields, drawn)
		}
	} else {
		f.Lede = "A changed text loses its clearances and leaves the public page until two people have cleared it anew."
		f.Hidden = []look.Hidden{{Name: "version", Value: strconv.FormatInt(i.Version, 10)}}
		f.Cancel.Href = itemPath(i.ID)
	}
	if i.Figure == nil {
		f.Fields = append(f.Fields, look.Field{Name: "title", Label: "In one line", Hint: "A number takes its own name.", Value: i.Title, Max: outreach.MaxTitle, Optional: i.ID == ""},
			look.Field{Name: "moment", Label: "When", Hint: "As people say it, such as spring 2027.", Value: i.Moment, Max: outreach.MaxMoment, Optional: true, Short: true},
			look.Field{Kind: look.Area, Name: "body", Label: "More", Hint: "Markdown.", Value: i.Body, Max: outreach.MaxBody, Optional: true, Rows: 6})
	}
	zone := v.form("not_before_zone")
	if zone == "" {
		zone = v.frameZone()
	}
	at := look.Field{Kind: look.DateTime, Name: "not_before", Label: "Not public before", Hint: "Left empty: as soon as it is cleared.", Value: v.form("not_before"), Optional: true, Zone: zone}
	if loc, err := time.LoadLocation(zone); err == nil && at.Value == "" && !i.NotBefore.IsZero() {
		at.Value = i.NotBefore.In(loc).Format("2006-01-02T15:04")
	}
	f.Fields = append(f.Fields, at, look.Field{Kind: "number", Name: "place", Label: "Place among its kind", Hint: "0 stands first.", Value: strconv.Itoa(i.Place), Short: true})
	return f
}

// itemInput reads the form into a line.
func (v *visit) itemInput(i outreach.Item) (outreach.Item, error) {
	var bad []errs.Field
	if i.Figure == nil {
		i.Title, i.Moment, i.Body = v.form("title"), v.form("moment"), v.form("body")
	}
	i.NotBefore = time.Time{}
	if at := v.form("not_before"); at != "" {
		t, err := look.ParseDateTime(at, v.form("not_before_zone"))
		if err != nil {
			bad = append(bad, errs.Field{Name: "not_before", Reason: "Please correct this: " + err.Error() + "."})
		}
		i.NotBefore = t
	}
	n, err := strconv.Atoi(v.form("place"))
	if err != nil {
		bad = append(bad, errs.Field{Name: "place", Reason: "Give the place as a number from 0 to 999."})
	}
	i.Place = n
	return i, errs.Join(bad)
}

func (v *visit) newItemSheet(i outreach.Item) (sheet, error) {
	var figures []outreach.Figure
	err := v.read(func(tx *db.Tx) error {
		keeps, err := outreach.Keeps(tx, v.Actor)
		if err == nil && !keeps {
			err = notYours
		}
		if err == nil {
			figures, err = gate.Figures(tx)
		}
		return err
	})
	return formSheet(v.itemFrame("Write a line"), *v.itemForm(i, figures)), err
}

func (v *visit) newItem() error {
	data, err := v.newItemSheet(outreach.Item{Kind: outreach.Plan})
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) writeItem() error {
	if err := v.parse(); err != nil {
		return err
	}
	var made outreach.Item
	i, err := v.itemInput(outreach.Item{Kind: outreach.Kind(v.form("kind"))})
	if err == nil {
		err = v.write(func(tx *db.Tx) error {
			keeps, err := outreach.Keeps(tx, v.Actor)
			if err == nil && keeps && i.Kind == outreach.Number {
				i.Figure, err = gate.Figure(tx, v.form("figure"))
			}
			if err == nil {
				made, err = outreach.Write(tx, v.Actor, i)
			}
			return err
		})
	}
	if err == nil {
		return v.next(itemPath(made.ID), "The draft is kept. Two others have to clear it.")
	}
	i.Figure = nil
	data, e := v.newItemSheet(i)
	if e != nil {
		return e
	}
	fault(data.Parts[0].Form, err)
	return v.again(err, "sheet", data)
}

// editedItem is a line that the visitor may change.
func (v *visit) editedItem() (outreach.Item, error) {
	i, _, keeps, err := v.loadLine()
	if err == nil && !keeps {
		err = notYours
	}
	return i, err
}

func (v *visit) editItem() error {
	i, err := v.editedItem()
	if err != nil {
		return err
	}
	return v.show("sheet", formSheet(v.itemFrame(itemTitle(i)), *v.itemForm(i, nil)))
}

func (v *visit) saveItem() error {
	if err := v.parse(); err != nil {
		return err
	}
	i, err := v.editedItem()
	if err != nil {
		return err
	}
	in, err := v.itemInput(i)
	if err == nil {
		if in.Version, err = v.version(); err != nil {
			return err
		}
		err = v.write(func(tx *db.Tx) error {
			_, err := outreach.Edit(tx, v.Actor, in)
			return err
		})
	}
	if err == nil {
		return v.next(itemPath(i.ID), "The change is kept. Two others have to clear it.")
	}
	data := formSheet(v.itemFrame(itemTitle(i)), *v.itemForm(in, nil))
	form := data.Parts[0].Form
	if theirs, ok := stale[outreach.Item](err); ok {
		form.Hidden[0].Value = strconv.FormatInt(theirs.Version, 10)
		data.Notices = []look.Notice{faster("Theirs: " + itemTitle(theirs) + ". " + short(theirs.Body, 500))}
	}
	fault(form, err)
	return v.again(err, "sheet", data)
}
