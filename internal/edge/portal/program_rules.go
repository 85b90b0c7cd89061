package portal

import (
	"slices"
	"strconv"
	"strings"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// rulesDesk is what the form of a program's rules chooses among.
type rulesDesk struct {
	programs.Program
	rules      programs.Rules
	tree       []planted
	agreements []agreements.Agreement
	saves      bool // the visitor may change the rules
	puts       bool // the visitor may put a motion to change them
}

func (v *visit) loadRules() (d rulesDesk, err error) {
	err = v.read(func(tx *db.Tx) error {
		if d.Program, err = programs.Get(tx, v.Actor, v.path("program")); err != nil {
			return err
		}
		room, err := board.AccessOf(tx, v.Actor)
		d.puts = room.Puts
		return err
	})
	if err != nil {
		return d, err
	}
	d.saves = charter.Administers(v.Actor)
	if !d.saves && !d.puts {
		return d, v.administers("change programs")
	}
	if d.tree, err = v.loadTree(); err != nil {
		return d, err
	}
	err = v.read(func(tx *db.Tx) (err error) {
		if d.rules, err = programs.RulesOf(tx, d.ID); err != nil {
			return err
		}
		list, err := agreements.List(tx, v.Actor, agreements.Filter{})
		d.agreements = slices.DeleteFunc(list, func(g agreements.Agreement) bool { return g.Kind == agreements.CaseTerms })
		return err
	})
	return d, err
}

// name is the name of a program in the tree, or "".
func (d rulesDesk) name(id string) string {
	for _, p := range d.tree {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}

// parents offers the places in the tree: all but the program itself and what
// hangs below it.
func (d rulesDesk) parents(chosen string) look.Field {
	f := look.Field{Kind: look.Select, Name: "parent", Label: "Stands under", Hint: "The classes that a program above shuts out are shut out here too.", Options: []look.Option{{Label: "nothing: at the top", On: chosen == ""}}}
	for i := 0; i < len(d.tree); i++ {
		p := d.tree[i]
		if p.ID == d.ID {
			for i+1 < len(d.tree) && d.tree[i+1].Depth > p.Depth {
				i++
			}
			continue
		}
		if p.State == programs.Active || p.ID == chosen {
			f.Options = append(f.Options, look.Option{Value: p.ID, Label: strings.Repeat("– ", p.Depth) + p.Name, On: p.ID == chosen})
		}
	}
	return f
}

// boxes offers the values of a list to tick.
func boxes[T ~string](name, label, hint string, all []T, words map[T]string, on []T) look.Field {
	f := look.Field{Kind: look.CheckBoxes, Name: name, Label: label, Hint: hint, Optional: true}
	for _, x := range all {
		f.Options = append(f.Options, look.Option{Value: string(x), Label: namesOf([]T{x}, words)[0], On: slices.Contains(on, x)})
	}
	return f
}

func whole(name, label, hint string, n int) look.Field {
	return look.Field{Kind: "number", Name: name, Label: label, Hint: hint, Value: strconv.Itoa(n), Short: true}
}

func (d rulesDesk) form(r programs.Rules) *look.Form {
	decides := look.Field{Kind: look.Radio, Name: "by", Label: "Who decides on applications", Options: []look.Option{{Value: "board", Label: "The board, by vote", On: r.ByBoard}, {Value: "coordinators", Label: "Coordinators", On: !r.ByBoard}}}
	sight := look.Field{Kind: look.Radio, Name: "directory", Label: "Who sees whom in the directory"}
	for _, s := range programs.Sights {
		sight.Options = append(sight.Options, look.Option{Value: string(s), Label: sightWords[s], On: s == r.Directory})
	}
	terms := look.Field{Kind: look.CheckBoxes, Name: "agreements", Label: "Agreements that members accept", Hint: "Until then they see nothing of what lies in the program.", Optional: true}
	for _, g := range d.agreements {
		terms.Options = append(terms.Options, look.Option{Value: g.ID, Label: g.Title, On: slices.Contains(r.Agreements, g.ID)})
	}
	joining := []look.Field{{Kind: look.CheckBox, Name: "open", Label: "Takes applications", On: r.Open}, boxes("evidence", "Evidence asked for", "", programs.Evidences, evidenceWords, r.Evidence),
		whole("sponsors", "Members that vouch for an applicant", "0 to 10.", r.Sponsors), whole("objection_days", "Days in which members may object", "", r.ObjectionDays), decides, whole("renew_days", "Days until a membership is renewed", "0: it has no end.", r.RenewDays)}
	if len(terms.Options) > 0 {
		joining = append(joining, terms)
	}
	return &look.Form{Action: programPath(d.ID) + "/rules", Button: look.Button{Label: "Show what this does", Kind: look.Primary}, Cancel: &look.Link{Label: "Keep the rules as they are", Href: programPath(d.ID)},
		Lede: "Nothing is changed before you have seen what it does.", Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(r.Version, 10)}},
		Fields: []look.Field{d.parents(r.Parent)},
		Groups: []look.FieldGroup{
			{Title: "Who may be in it", Fields: []look.Field{boxes("admits", "Classes it takes", "None ticked: every class that is not shut out.", orgs.Classes, classWords, r.Admits),
				boxes("shut_out", "Classes it shuts out", "Nothing that lies in it or in a program under it reaches them, not by invitation either; only the board makes an exception.", orgs.Classes, classWords, r.ShutOut)}},
			{Title: "Joining and staying", Fields: joining},
			{Title: "Living in it", Fields: []look.Field{sight, boxes("features", "What members do in it", "", programs.Features, featureWords, r.Features)}},
			{Title: "Public page", Fields: []look.Field{{Name: "slug", Label: "Address", Hint: "/programs/… in small letters, digits and dashes.", Value: r.Slug, Code: true, Max: 80},
				{Kind: look.Area, Name: "page", Label: "Text", Hint: "Markdown. Without a text there is no public page.", Value: r.Page, Optional: true, Rows: 8, Max: programs.MaxPage}}},
		}}
}

func ticked[T ~string](list []string) []T {
	var out []T
	for _, s := range list {
		out = append(out, T(s))
	}
	return out
}

// input reads the posted rules over those that stand.
func (d rulesDesk) input(v *visit) (programs.Rules, error) {
	r, post := d.rules, v.r.PostForm
	if v.form("only") == "parent" {
		version, err := v.version()
		r.Parent, r.Version = v.form("parent"), version
		return r, err
	}
	r.Parent, r.Slug, r.Page, r.Directory = v.form("parent"), v.form("slug"), v.form("page"), programs.Sight(v.form("directory"))
	r.Admits, r.ShutOut, r.Evidence, r.Features = ticked[orgs.Class](post["admits"]), ticked[orgs.Class](post["shut_out"]), ticked[programs.Evidence](post["evidence"]), ticked[programs.Feature](post["features"])
	r.Open, r.ByBoard, r.Agreements = v.form("open") != "", v.form("by") == "board", d.kept(post["agreements"])
	var bad []errs.Field
	for name, to := range map[string]*int{"sponsors": &r.Sponsors, "objection_days": &r.ObjectionDays, "renew_days": &r.RenewDays} {
		n, err := strconv.Atoi(strings.TrimSpace(v.form(name)))
		if err != nil {
			bad = append(bad, errs.Field{Name: name, Reason: "Give a whole number."})
			continue
		}
		*to = n
	}
	version, err := v.version()
	r.Version = version
	if err != nil {
		return r, err
	}
	return r, errs.Join(bad)
}

// kept are the agreements chosen, and those required already that the visitor
// may not see and so cannot choose.
func (d rulesDesk) kept(chosen []string) []string {
	out := slices.Clone(chosen)
	for _, id := range d.rules.Agreements {
		if !slices.ContainsFunc(d.agreements, func(g agreements.Agreement) bool { return g.ID == id }) && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// rulesHidden carries rules from the page that shows what they do to the one
// that saves them.
func (v *visit) rulesHidden(r programs.Rules) []look.Hidden {
	if v.form("only") == "parent" {
		return onlyParent(r, look.Hidden{Name: "parent", Value: r.Parent})
	}
	by, open := "coordinators", ""
	if r.ByBoard {
		by = "board"
	}
	if r.Open {
		open = "1"
	}
	out := []look.Hidden{{Name: "version", Value: strconv.FormatInt(r.Version, 10)}, {Name: "parent", Value: r.Parent}, {Name: "slug", Value: r.Slug}, {Name: "page", Value: r.Page}, {Name: "directory", Value: string(r.Directory)}, {Name: "by", Value: by}, {Name: "open", Value: open},
		{Name: "sponsors", Value: number(r.Sponsors)}, {Name: "objection_days", Value: number(r.ObjectionDays)}, {Name: "renew_days", Value: number(r.RenewDays)}}
	add := func(name string, values []string) {
		for _, x := range values {
			out = append(out, look.Hidden{Name: name, Value: x})
		}
	}
	add("admits", codeList(r.Admits))
	add("shut_out", codeList(r.ShutOut))
	add("evidence", codeList(r.Evidence))
	add("features", codeList(r.Features))
	add("agreements", r.Agreements)
	return out
}

// onlyParent is the form of a move: no other rule is in it.
func onlyParent(r programs.Rules, more ...look.Hidden) []look.Hidden {
	return append(more, look.Hidden{Name: "only", Value: "parent"}, look.Hidden{Name: "version", Value: strconv.FormatInt(r.Version, 10)})
}

func codeList[T ~string](list []T) (out []string) {
	for _, x := range list {
		out = append(out, string(x))
	}
	return out
}

func (v *visit) rulesForm() error {
	d, err := v.loadRules()
	if err != nil {
		return err
	}
	return v.show("sheet", formSheet(v.programFrame(d.Program, "Rules"), *d.form(d.rules)))
}
