package portal

import (
	"slices"
	"strconv"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/spec/prose"
)

// programView is a program with what the visitor may know of it.
type programView struct {
	programs.Program
	rules        programs.Rules
	shut         []orgs.Class
	path         []look.Link // the programs above that the visitor sees, from the top
	below        []planted
	members      orgs.Page
	mayEnd       map[string]bool // by organization: the visitor may take it out
	candidates   []orgs.Org      // whom the visitor may put in
	coordinators []programs.Coordinator
	agreements   []look.Link
	cases        casework.Page
	runs         bool // the visitor administers programs
	fills        bool // the visitor puts organizations in
	puts         bool // the visitor may put motions to the board
	exceptions   []casework.Exception
	known        bool // the exceptions are the visitor's to know
}

func (v *visit) loadProgramView() (p programView, err error) {
	tree, err := v.loadTree()
	if err != nil {
		return p, err
	}
	p.place(tree, v.path("program"))
	err = v.read(func(tx *db.Tx) (err error) {
		if p.Program, err = programs.Get(tx, v.Actor, v.path("program")); err != nil {
			return err
		}
		if p.rules, err = programs.RulesOf(tx, p.ID); err != nil {
			return err
		}
		if p.shut, err = programs.Shut(tx, p.ID); err != nil {
			return err
		}
		if p.coordinators, err = programs.Coordinators(tx, v.Actor, p.ID); err != nil {
			return err
		}
		if p.cases, err = casework.List(tx, v.Actor, casework.Filter{Program: p.ID, Limit: 20, Desc: true}); err != nil {
			return err
		}
		room, err := board.AccessOf(tx, v.Actor)
		if err != nil {
			return err
		}
		p.puts = room.Puts
		if p.known = casework.SeesExceptions(v.Actor, p.ID); p.known {
			if p.exceptions, err = casework.Exceptions(tx, v.Actor, p.ID); err != nil {
				return err
			}
		}
		if err := p.asked(tx, v); err != nil {
			return err
		}
		return p.peopled(tx, v)
	})
	p.runs, p.fills = charter.Administers(v.Actor), charter.Administers(v.Actor) || programs.Coordinates(v.Actor, p.ID)
	return p, err
}

// place finds the program's surroundings in the tree that the visitor sees.
func (p *programView) place(tree []planted, id string) {
	at := slices.IndexFunc(tree, func(n planted) bool { return n.ID == id })
	if at < 0 {
		return
	}
	depth := tree[at].Depth
	for i := at - 1; i >= 0; i-- {
		if tree[i].Depth < depth {
			depth = tree[i].Depth
			p.path = append([]look.Link{{Label: tree[i].Name, Href: programPath(tree[i].ID)}}, p.path...)
		}
	}
	for _, n := range tree[at+1:] {
		if n.Depth <= tree[at].Depth {
			break
		}
		p.below = append(p.below, n)
	}
}

// asked names the agreements that the program requires; the visitor may not
// see every one.
func (p *programView) asked(tx *db.Tx, v *visit) error {
	for _, id := range p.rules.Agreements {
		switch g, err := agreements.Get(tx, v.Actor, id); {
		case err == nil:
			p.agreements = append(p.agreements, look.Link{Label: g.Title, Href: "/alliance/agreements/" + g.ID})
		case !errs.Is(err, errs.NotFound):
			return err
		}
	}
	return nil
}

// peopled reads the members, and whom the visitor may take out or put in.
func (p *programView) peopled(tx *db.Tx, v *visit) (err error) {
	if p.members, err = programs.Orgs(tx, v.Actor, p.ID, v.query("cursor"), 100); err != nil {
		return err
	}
	coordinates := programs.Coordinates(v.Actor, p.ID)
	p.mayEnd = map[string]bool{}
	for _, o := range p.members.Orgs {
		if p.mayEnd[o.ID], err = orgs.Runs(tx, v.Actor, o.ID); err != nil {
			return err
		}
		p.mayEnd[o.ID] = p.mayEnd[o.ID] || coordinates
	}
	if p.State != programs.Active || !coordinates && !charter.Administers(v.Actor) {
		return nil
	}
	in, err := programs.Members(tx, p.ID)
	if err != nil {
		return err
	}
	all, err := orgs.List(tx, v.Actor, orgs.Filter{Listed: true, State: orgs.Active, Limit: 500})
	for _, o := range all.Orgs {
		fits := !slices.Contains(p.shut, o.Class) && (len(p.rules.Admits) == 0 || slices.Contains(p.rules.Admits, o.Class))
		if fits && !slices.Contains(in, o.ID) {
			p.candidates = append(p.candidates, o)
		}
	}
	return err
}

// programFrame is the frame of a program's pages; below names the page under
// it, or "".
func (v *visit) programFrame(p programs.Program, below string) look.Frame {
	f := v.allianceFrame("/alliance/programs")
	f.Head = look.RecordHead{Kind: "program", Title: p.Name, Crumbs: []look.Link{{Label: "Programs", Href: "/alliance/programs"}, {Label: p.Name}}}
	if below != "" {
		f.Head.Crumbs[1].Href = programPath(p.ID)
		f.Head.Crumbs = append(f.Head.Crumbs, look.Link{Label: below})
	}
	if p.State != programs.Active {
		f.Head.State = []look.Chip{{Label: string(p.State)}}
	}
	return f
}

// programForms are the forms of a program's page that can be refused; nil
// where the visitor has none.
type programForms struct{ join, appoint *look.Form }

func (v *visit) programSheet() (data sheet, forms programForms, err error) {
	p, err := v.loadProgramView()
	if err != nil {
		return sheet{}, forms, err
	}
	path := programPath(p.ID)
	data = sheet{Frame: v.programFrame(p.Program, "")}
	data.Head.Crumbs = slices.Concat(data.Head.Crumbs[:1], p.path, data.Head.Crumbs[1:])
	data.Head.State = programChips(p.Program, p.rules)
	if p.runs {
		data.Head.Actions = []look.Button{{Label: "Change the rules", Href: path + "/rules"}, {Label: "Edit", Href: path + "/edit"}}
	} else if p.puts {
		data.Head.Actions = []look.Button{{Label: "Propose other rules", Href: path + "/rules"}}
	}
	facts := append([]look.Fact{{Term: "Shared at", Text: p.TLP.String() + ", unless said otherwise"}}, rulesInWords(p.rules, p.shut, p.agreements)...)
	if p.rules.Page != "" && p.State == programs.Active {
		facts = append(facts, look.Fact{Term: "Public page", Text: "/programs/" + p.rules.Slug, Href: "/programs/" + p.rules.Slug})
	}
	facts = append(facts, look.Fact{Term: "Since", Time: p.CreatedAt})
	data.Parts = []part{{Prose: prose.HTML(p.Purpose)}, {Title: "Rules", Facts: &look.Facts{Items: facts}, Buttons: []look.Button{{Label: "What changed in it", Kind: look.Quiet, Href: path + "/history"}}}}
	if len(p.below) > 0 {
		data.Parts = append(data.Parts, part{Title: "Programs under it", Tree: treeOf("Under "+p.Name, p.below)})
	}
	cases := part{Title: "Cases", Table: v.programCases(p)}
	if p.cases.Next != "" {
		cases.Buttons = []look.Button{{Label: "All cases in it", Href: "/cases?program=" + p.ID}}
	}
	data.Parts = append(data.Parts, cases)
	members := part{ID: "members", Title: "Members", Table: v.programMembers(p)}
	if p.fills && p.State == programs.Active && len(p.candidates) > 0 {
		forms.join = joinForm(p)
		members.Form = forms.join
	}
	coordinators := part{ID: "coordinators", Title: "Own coordinators", Table: coordinatorTable(p)}
	if p.runs {
		forms.appoint = appointForm(path, "")
		coordinators.Form = forms.appoint
	}
	data.Parts = append(data.Parts, members, coordinators)
	if p.known && (len(p.exceptions) > 0 || len(p.shut) > 0) {
		data.Parts = append(data.Parts, part{ID: "exceptions", Title: "Exceptions", Table: exceptionTable(p)})
	}
	if p.runs && p.State == programs.Active {
		data.Parts = append(data.Parts, part{Title: "Place and end", Lede: "A program brings the programs under it along when it moves. A closed program gives nobody access any more.",
			Buttons: []look.Button{{Label: "Move it in the tree", Href: path + "/move"}, {Label: "Close the program…", Kind: look.Danger, Href: path + "/close"}}})
	}
	if p.runs && p.State == programs.Closed {
		data.Parts = append(data.Parts, part{Title: "Closed", Lede: "Nobody has access through it. Its members belong to it again once it is open.",
			Buttons: []look.Button{{Label: "Open the program again", Action: path + "/reopen", Hidden: []look.Hidden{{Name: "version", Value: strconv.FormatInt(p.Version, 10)}}}}})
	}
	return data, forms, nil
}

func (v *visit) programCases(p programView) *look.Table {
	t := &look.Table{ID: "cases", Caption: "Cases in " + p.Name, Hidden: true, Whole: p.cases.Next == "", Columns: []look.Column{{Label: "Number"}, {Label: "Title", Wide: true}, {Label: "Marking"}, {Label: "State"}, {Label: "Changed"}},
		Empty: &look.Empty{Text: "No case that you see lies in this program."}}
	if p.rules.Has(programs.Cases) && p.State == programs.Active && programs.Coordinates(v.Actor, p.ID) {
		t.Empty.Button = &look.Button{Label: "Open a case in it", Href: "/cases/new?program=" + p.ID}
	}
	for _, c := range p.cases.Cases {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: c.Number, Href: casework.Path(c.Number)}, {Text: c.Title}, {Marking: c.Level.String()}, {Text: string(c.State)}, {Time: c.UpdatedAt}}})
	}
	return t
}

func (v *visit) programMembers(p programView) *look.Table {
	t := &look.Table{ID: "organizations", Caption: "Organizations of " + p.Name, Hidden: true, Filter: len(p.members.Orgs) > 10, Whole: p.members.Next == "" && v.query("cursor") == "", Columns: []look.Column{{Label: "Organization", Wide: true}, {Label: "Class"}, {Label: "Take out"}},
		Empty: &look.Empty{Text: "No organization belongs to it that you may know of."}}
	for _, o := range p.members.Orgs {
		row := look.Row{Cells: []look.Cell{{Text: o.Name, Href: orgPath(o.ID)}, {Chip: &look.Chip{Label: classWords[o.Class]}}, {}}}
		if p.mayEnd[o.ID] {
			row.Cells[2].Button = &look.Button{Label: "Take out…", Href: programPath(p.ID) + "/organizations/" + o.ID + "/remove"}
		}
		t.Rows = append(t.Rows, row)
	}
	if p.members.Next != "" {
		t.Pager = &look.Pager{Next: programPath(p.ID) + "?cursor=" + p.members.Next}
	}
	return t
}

func joinForm(p programView) *look.Form {
	choice := look.Field{Kind: look.Select, Name: "org", Label: "Organization", Hint: "Of the classes that the program takes.", Options: []look.Option{{Label: "choose"}}}
	for _, o := range p.candidates {
		choice.Options = append(choice.Options, look.Option{Value: o.ID, Label: o.Name})
	}
	return &look.Form{Title: "Add an organization", Action: programPath(p.ID) + "/organizations", Button: look.Button{Label: "Add to the program"}, Fields: []look.Field{choice}}
}

func (v *visit) program() error {
	data, _, err := v.programSheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}
