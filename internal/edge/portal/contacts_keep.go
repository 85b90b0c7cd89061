package portal

import (
	"strconv"
	"strings"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/tlp"
)

// keeping is how an organization's rotations, and its ladders, are added, changed
// and removed: the forms differ, the way there does not.
type keeping[T any] struct {
	noun   string // also what the path calls it
	gone   string // what removing one means
	path   func(id string) string
	get    func(*db.Tx, audience.Actor, string) (T, error)
	add    func(*db.Tx, audience.Actor, T) (T, error)
	edit   func(*db.Tx, audience.Actor, T) (T, error)
	remove func(*db.Tx, audience.Actor, string, int64) error
	form   func(*visit, *db.Tx, T) (*look.Form, error)
	input  func(*visit, T) (T, error)
	of     func(*T) keptRow
}

// keptRow points into a rotation or a ladder.
type keptRow struct {
	id, org *string
	version *int64
	name    string
	level   tlp.Level
}

var keptRotations = keeping[contacts.Rotation]{
	noun: "rotation", gone: "Nobody is on call by it any more; what was agreed for it goes too.", path: rotationPath,
	get: contacts.GetRotation, add: contacts.AddRotation, edit: contacts.EditRotation, remove: contacts.RemoveRotation,
	form: (*visit).rotationForm, input: (*visit).rotationInput,
	of: func(r *contacts.Rotation) keptRow { return keptRow{&r.ID, &r.Org, &r.Version, r.Name, r.TLP} },
}

var keptLadders = keeping[contacts.Ladder]{
	noun: "ladder", gone: "Nobody is called by it any more.", path: ladderPath,
	get: contacts.GetLadder, add: contacts.AddLadder, edit: contacts.EditLadder, remove: contacts.RemoveLadder,
	form: (*visit).ladderForm, input: (*visit).ladderInput,
	of: func(l *contacts.Ladder) keptRow { return keptRow{&l.ID, &l.Org, &l.Version, l.Name, l.TLP} },
}

// blank shows the form of a new one.
func (k keeping[T]) blank(v *visit) error {
	var x T
	*k.of(&x).org = v.path("org")
	return k.page(v, nil, x)
}

// change shows the form of one that is kept.
func (k keeping[T]) change(v *visit) error {
	x, err := k.load(v)
	if err != nil {
		return err
	}
	return k.page(v, nil, x)
}

func (k keeping[T]) load(v *visit) (x T, err error) {
	err = v.read(func(tx *db.Tx) (err error) { x, err = k.get(tx, v.Actor, v.path(k.noun)); return err })
	return x, err
}

func (k keeping[T]) page(v *visit, refused error, x T) error {
	var o orgs.Org
	var form *look.Form
	if err := v.read(func(tx *db.Tx) (err error) {
		if o, err = orgs.Get(tx, v.Actor, *k.of(&x).org); err != nil {
			return err
		}
		if !v.keeps(o.ID) {
			return errs.New(errs.Denied, "An organization's admins and responders, and coordinators, keep its %ss.", k.noun)
		}
		form, err = k.form(v, tx, x)
		return err
	}); err != nil {
		return err
	}
	title := strings.ToUpper(k.noun[:1]) + k.noun[1:]
	f := v.orgFrame(o, title)
	f.Head.Title = title
	fault(form, refused)
	if refused != nil {
		for _, g := range append(form.Groups, look.FieldGroup{Fields: form.Fields}) {
			for i := range g.Fields {
				if typed := &g.Fields[i]; typed.Error != "" && typed.Options == nil {
					typed.Value = v.form(typed.Name) // also what could not be read
				}
			}
		}
		return v.again(refused, "sheet", formSheet(f, *form))
	}
	return v.show("sheet", formSheet(f, *form))
}

// save adds one, or changes the one of the path.
func (k keeping[T]) save(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	var x T
	verb := k.add
	if v.path(k.noun) == "" {
		*k.of(&x).org = v.path("org")
	} else {
		verb = k.edit
		var err error
		if x, err = k.load(v); err != nil {
			return err
		}
		if *k.of(&x).version, err = v.version(); err != nil {
			return err
		}
	}
	in, err := k.input(v, x)
	if err == nil {
		var saved T
		err = v.write(func(tx *db.Tx) (err error) { saved, err = verb(tx, v.Actor, in); return err })
		if err == nil {
			return v.next(k.path(*k.of(&saved).id), "The "+k.noun+" is saved.")
		}
	}
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.Stale) {
		return k.page(v, err, in)
	}
	return err
}

// askRemove asks before one is taken away.
func (k keeping[T]) askRemove(v *visit) error {
	x, err := k.load(v)
	var o orgs.Org
	if err == nil {
		err = v.read(func(tx *db.Tx) (err error) { o, err = orgs.Load(tx, *k.of(&x).org); return err })
	}
	if err != nil {
		return err
	}
	row := k.of(&x)
	return v.ask(k.frame(v, o, x, "Remove"), look.Confirm{Title: "Remove " + row.name, What: k.gone, Whom: "Everybody it is shown to.", Undo: "Add it again.",
		Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(*row.version, 10)}}, Button: look.Button{Label: "Remove the " + k.noun, Kind: look.Danger}, Cancel: k.path(*row.id)})
}

func (k keeping[T]) takeAway(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.version()
	if err != nil {
		return err
	}
	var x T
	if err := v.write(func(tx *db.Tx) (err error) {
		if x, err = k.get(tx, v.Actor, v.path(k.noun)); err != nil {
			return err
		}
		return k.remove(tx, v.Actor, *k.of(&x).id, version)
	}); err != nil {
		return err
	}
	return v.next(orgContactsPath(*k.of(&x).org), "The "+k.noun+" is removed.")
}

// frame is that of the page of one, or of a page below it.
func (k keeping[T]) frame(v *visit, o orgs.Org, x T, below string) look.Frame {
	row := k.of(&x)
	f := v.allianceFrame(contactsTab)
	f.Head = look.RecordHead{Kind: k.noun, Title: row.name, Marking: row.level.String(), Crumbs: []look.Link{{Label: "Contacts", Href: contactsTab}, {Label: o.Name, Href: orgContactsPath(o.ID)}, {Label: row.name}}}
	if below != "" {
		f.Head.Crumbs[2].Href = k.path(*row.id)
		f.Head.Crumbs = append(f.Head.Crumbs, look.Link{Label: below})
	}
	return f
}
