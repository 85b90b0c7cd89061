package portal

import (
	"net/url"
	"strings"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/prose"
)

// publicPrograms lists the programs that have a public page.
func (v *visit) publicPrograms() error {
	var list []programs.Node
	if err := v.read(func(tx *db.Tx) (err error) { list, err = programs.Public(tx); return err }); err != nil {
		return err
	}
	f := v.frame("/programs")
	f.Narrow = true
	f.Head = look.RecordHead{Title: "Programs", Lede: "What members do together, who can join, and what is asked of them."}
	l := &look.Listing{Now: v.now, Empty: "No program has a public page."}
	for _, p := range list {
		what := "takes no applications now"
		if p.Rules.Open {
			what = "takes applications"
		}
		l.Items = append(l.Items, look.Item{Kind: "program", Title: p.Name, Href: "/programs/" + p.Rules.Slug, What: what})
	}
	return v.show("sheet", sheet{Frame: f, Parts: []part{{Listing: l}}})
}

// program of the public address, with its rules and whether applications
// rest.
func (v *visit) publicProgram() (p programs.Program, r programs.Rules, rests bool, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		if p, r, err = programs.BySlug(tx, v.path("slug")); err != nil {
			return err
		}
		if r.Page == "" && !r.Open {
			return errs.Missing("program")
		}
		rests, err = membership.Frozen(tx, p.ID)
		return err
	})
	return p, r, rests, err
}

func resting() look.Notice {
	return look.Notice{Tone: look.Waiting, Title: "Applications rest at present", Text: "You can write and save a draft; it can be submitted later. Time that passes meanwhile does not count."}
}

func (v *visit) publicProgramPage() error {
	p, r, rests, err := v.publicProgram()
	if err != nil {
		return err
	}
	f := v.frame("/programs")
	f.Narrow = true
	f.Head = look.RecordHead{Title: p.Name, Crumbs: []look.Link{{Label: "Programs", Href: "/programs"}, {Label: p.Name}}}
	data := sheet{Frame: f}
	if r.Open {
		data.Head.Actions = []look.Button{{Label: "Apply to " + p.Name, Kind: look.Primary, Href: "/programs/" + r.Slug + "/apply"}}
	}
	if rests {
		data.Notices = []look.Notice{resting()}
	}
	decides := "The coordinators decide, two of them."
	if r.ByBoard {
		decides = "The board votes."
	}
	asks := namesOf(r.Evidence, evidenceWords)
	facts := []look.Fact{{Term: "Takes", Text: orNone(namesOf(r.Admits, classWords), "every class that is not shut out")}, {Term: "Asks for", Text: orNone(asks, "no evidence")},
		{Term: "Sponsors", Text: look.Plural(r.Sponsors, "member", "members") + " of the program"}, {Term: "Objection", Text: "members may object for " + daysLong(r.ObjectionDays)}, {Term: "Decision", Text: decides}}
	if len(r.ShutOut) > 0 {
		facts = append(facts, look.Fact{Term: "Shuts out", Text: strings.Join(namesOf(r.ShutOut, classWords), ", ")})
	}
	if about := prose.HTML(p.Purpose) + prose.HTML(r.Page); about != "" {
		data.Parts = []part{{Title: "What it is for", Prose: about}}
	}
	data.Parts = append(data.Parts, part{Title: "How one joins", Facts: &look.Facts{Items: facts}, Drawing: stepLine(membership.Application{State: "draft"}, r.ByBoard)})
	return v.show("sheet", data)
}

// applicationForm is the form of a draft. newcomer says that name, class and
// contact are the applicant's to give.
func applicationForm(in membership.Form, r programs.Rules, newcomer bool) *look.Form {
	f := &look.Form{Button: look.Button{Label: "Save the draft", Kind: look.Primary}}
	if newcomer {
		class := look.Field{Kind: look.Select, Name: "class", Label: "What kind of organization it is", Optional: true, Options: []look.Option{{Value: "", Label: "choose", On: in.Class == ""}}}
		for _, c := range orgs.Classes {
			class.Options = append(class.Options, look.Option{Value: string(c), Label: classWords[c], On: c == in.Class})
		}
		f.Fields = []look.Field{{Name: "name", Label: "Organization", Value: in.Name, Max: 200, Auto: "organization"}, class,
			{Kind: "email", Name: "contact", Label: "Mail address of your response team", Hint: "It must be confirmed by a link that is mailed to it.", Value: in.Contact, Max: 254, Auto: "email"}}
	}
	f.Fields = append(f.Fields, look.Field{Name: "contact_name", Label: "Who answers for this application", Value: in.ContactName, Max: 120, Optional: true, Auto: "name"},
		look.Field{Kind: "url", Name: "website", Label: "Web site", Value: in.Website, Max: 500, Optional: true, Auto: "url"},
		look.Field{Kind: look.Area, Name: "statement", Label: "Who you are, and why you apply", Hint: "Markdown. The members of the program read it.", Value: in.Statement, Rows: 6, Max: 10000, Optional: true})
	evidence := look.FieldGroup{Title: "Evidence"}
	for _, x := range membership.AllAsked {
		if !hasEvidence(r, x.Kind) && in.Evidence.Of(x.Kind) == "" {
			continue
		}
		field := look.Field{Kind: "url", Name: string(x.Kind), Label: x.Label, Hint: x.Hint, Value: in.Evidence.Of(x.Kind), Max: 500, Optional: true}
		if hasEvidence(r, x.Kind) {
			field.Hint += " Needed before you submit."
		}
		if x.Long {
			field.Kind, field.Rows, field.Max = look.Area, 4, 10000
		}
		evidence.Fields = append(evidence.Fields, field)
	}
	evidence.Fields = append(evidence.Fields, look.Field{Kind: look.Area, Name: "more", Label: "More", Hint: "Anything else that shows how you work. Markdown.", Value: in.Evidence.More, Rows: 3, Max: 10000, Optional: true})
	who := look.FieldGroup{Title: "Who knows you", Fields: []look.Field{
		{Kind: look.Area, Name: "sponsors", Label: "Sponsors", Hint: "Members of the program that know your team, one to a line: organization, and whom to ask there. The program asks for " + look.Plural(r.Sponsors, "statement", "statements") + ".", Value: strings.Join(in.Sponsors, "\n"), Rows: 3, Max: 3000, Optional: true},
		{Kind: look.Area, Name: "affiliates", Label: "Owners and subsidiaries", Hint: "Who owns your organization, and whom it owns. Nobody speaks for its own house.", Value: in.Affiliates, Rows: 2, Max: 2000, Optional: true}}}
	f.Groups = []look.FieldGroup{evidence, who}
	return f
}

func hasEvidence(r programs.Rules, k programs.Evidence) bool {
	for _, e := range r.Evidence {
		if e == k {
			return true
		}
	}
	return false
}

// applicationInput reads the form.
func (v *visit) applicationInput() membership.Form {
	in := membership.Form{Name: v.form("name"), Class: orgs.Class(v.form("class")), Website: v.form("website"), Statement: v.form("statement"), Sponsors: lines(v.form("sponsors")), Affiliates: v.form("affiliates"), Contact: v.form("contact"), ContactName: v.form("contact_name")}
	for _, x := range membership.AllAsked {
		in.Evidence.Set(x.Kind, v.form(string(x.Kind)))
	}
	in.Evidence.More = v.form("more")
	return in
}

// applySheet is the page on which a draft begins.
func (v *visit) applySheet(in membership.Form) (sheet, *look.Form, programs.Program, error) {
	p, r, rests, err := v.publicProgram()
	if err == nil && !r.Open {
		err = errs.New(errs.Conflict, "This program takes no applications.")
	}
	if err != nil {
		return sheet{}, nil, p, err
	}
	f := v.frame("/programs")
	f.Narrow = true
	f.Head = look.RecordHead{Title: "Apply to " + p.Name, Lede: "Begin with what you have: it is saved as a draft, and a secret link leads you back to it.", Crumbs: []look.Link{{Label: "Programs", Href: "/programs"}, {Label: p.Name, Href: "/programs/" + r.Slug}, {Label: "Apply"}}}
	form := applicationForm(in, r, true)
	form.Action, form.Button.Label, form.Cancel = v.r.URL.Path, "Begin the application", &look.Link{Label: "Not now", Href: "/programs/" + r.Slug}
	mine, err := v.applyingOrgs()
	if err != nil {
		return sheet{}, nil, p, err
	}
	if len(mine) > 0 {
		org := look.Field{Kind: look.Select, Name: "org", Label: "Apply for", Hint: "For your organization, its name, class and your address are taken from your account.", Optional: true}
		for _, o := range mine {
			org.Options = append(org.Options, look.Option{Value: o.ID, Label: o.Name, On: o.ID == v.form("org")})
		}
		form = applicationForm(in, r, false)
		form.Action, form.Button.Label, form.Cancel = v.r.URL.Path, "Begin the application", &look.Link{Label: "Not now", Href: "/programs/" + r.Slug}
		form.Fields = append([]look.Field{org}, form.Fields...)
	}
	data := sheet{Frame: f, Parts: []part{{Form: form}}}
	if rests {
		data.Notices = []look.Notice{resting()}
	}
	return data, form, p, nil
}

// applyingOrgs are the organizations for which the visitor may apply.
func (v *visit) applyingOrgs() (out []orgs.Org, err error) {
	err = v.read(func(tx *db.Tx) error {
		for _, id := range v.Actor.Of(audience.Org) {
			role, err := orgs.RoleOf(tx, id, v.Actor.Person)
			if err != nil {
				return err
			}
			if role != orgs.Admin {
				continue
			}
			o, err := orgs.Get(tx, v.Actor, id)
			if err != nil {
				return err
			}
			out = append(out, o)
		}
		return nil
	})
	return out, err
}

func (v *visit) applyPage() error {
	data, _, _, err := v.applySheet(membership.Form{})
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

// beginApply makes the draft. The link is shown once; the one that is mailed
// proves the address.
func (v *visit) beginApply() error {
	if err := v.parse(); err != nil {
		return err
	}
	in := v.applicationInput()
	data, form, p, err := v.applySheet(in)
	if err != nil {
		return err
	}
	org := v.form("org")
	var rec membership.Receipt
	if org == "" {
		err = in.Check() // what is refused anyhow is not counted
	}
	if org == "" && err == nil {
		err = v.write(func(tx *db.Tx) error { return v.Applications().AllowBegin(tx, v.origin()) })
	}
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			rec, err = v.Applications().Begin(tx, v.Actor, p.ID, org, in)
			return err
		})
	}
	if err != nil {
		fault(form, err)
		return v.again(err, "sheet", data)
	}
	if rec.Secret == "" {
		return v.next(applicationPath(rec.Number), rec.Number+" is a draft. Complete it, and submit it.")
	}
	f := v.frame("/programs")
	f.Narrow = true
	f.Head = look.RecordHead{Kind: "application", Number: rec.Number, Title: "Your draft is saved", Lede: "Keep the link below: it is the way back to your application. Another one was mailed to " + in.Contact + "; open it to confirm the address."}
	to := membership.AppLinkPath(rec.Secret)
	return v.show("sheet", sheet{Frame: f, Secrets: []look.Secret{{Label: "Your secret link", Values: []string{v.URL + to}, Warning: "It is shown once. Whoever has it reads your application and speaks for you."}},
		Parts: []part{{Buttons: []look.Button{{Label: "Go on with the application", Kind: look.Primary, Href: to}}}}})
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
