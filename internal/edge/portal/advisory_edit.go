package portal

import (
	"fmt"
	"net/url"
	"strings"

	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/spec/csaf"
)

type advisoryEditPage struct {
	look.Frame
	Form   look.Form
	Theirs *look.Diff
}

// spareSections is how many empty sections the form offers.
const spareSections = 2

// advisoryEdit shows the text as a form.
func (v *visit) advisoryEdit() error {
	var a advisoryView
	err := v.read(func(tx *db.Tx) (err error) {
		a, err = v.loadAdvisory(tx)
		return err
	})
	if err == nil && a.Role < audience.Contributor {
		err = errs.New(errs.Denied, "You may read this advisory and not write it.")
	}
	if err != nil {
		return err
	}
	return v.show("advisory-edit", v.advisoryEditPage(a, a.Text.Content, a.Adv.Version, ""))
}

func (v *visit) advisoryEditPage(a advisoryView, c advisory.Content, version int64, note string) advisoryEditPage {
	data := advisoryEditPage{Frame: v.advisoryFrame(a, "Edit")}
	data.Live = ""
	category := look.Field{Kind: look.Select, Name: "category", Label: "Profile", Options: []look.Option{{Value: csaf.CategorySecurityAdvisory, Label: "security advisory", On: c.Category == csaf.CategorySecurityAdvisory}, {Value: csaf.CategoryVEX, Label: "VEX: who is affected and who is not", On: c.Category == csaf.CategoryVEX}}}
	f := look.Form{Action: a.path() + "/edit", Button: look.Button{Label: "Save as version " + fmt.Sprint(version+1), Kind: look.Primary}, Cancel: &look.Link{Label: "Back without saving", Href: a.path()}, Draft: "advisory-" + a.Adv.ID, Marking: a.Level.String(),
		Hidden: []look.Hidden{{Name: "version", Value: fmt.Sprint(version)}},
		Fields: []look.Field{{Name: "title", Label: "Title", Value: c.Title, Max: 300}, category, {Kind: look.Area, Name: "summary", Label: "Summary", Hint: "Markdown, as all texts here. Products, statuses and statements are taken from the case when it is released.", Value: c.Summary, Rows: 8, Optional: true}}}
	for i := range len(c.Sections) + spareSections {
		var s advisory.Section
		title := "Another section"
		if i < len(c.Sections) {
			s, title = c.Sections[i], "Section: "+c.Sections[i].Title
		}
		kind := look.Field{Kind: look.Select, Name: fieldAt("sections", i, "kind"), Label: "Kind", Optional: true}
		for _, k := range advisory.Kinds {
			kind.Options = append(kind.Options, look.Option{Value: k, Label: strings.ReplaceAll(k, "_", " "), On: k == s.Kind || s.Kind == "" && k == "general"})
		}
		f.Groups = append(f.Groups, look.FieldGroup{Title: title, Hint: "Empty title and text take it out.", Fields: []look.Field{{Name: fieldAt("sections", i, "title"), Label: "Title", Value: s.Title, Optional: true, Max: 300}, kind, {Kind: look.Area, Name: fieldAt("sections", i, "text"), Label: "Text", Value: s.Text, Optional: true, Rows: 6}}})
	}
	f.Hidden = append(f.Hidden, look.Hidden{Name: "sections", Value: fmt.Sprint(len(c.Sections) + spareSections)})
	vulns := look.FieldGroup{Title: "Vulnerabilities"}
	for i, x := range c.Vulnerabilities {
		f.Hidden = append(f.Hidden, look.Hidden{Name: "vulnerability", Value: x.Vulnerability}, look.Hidden{Name: "label", Value: x.Label})
		vulns.Fields = append(vulns.Fields, look.Field{Kind: look.Area, Name: fieldAt("vulnerabilities", i, "text"), Label: x.Label, Value: x.Text, Optional: true, Rows: 6})
	}
	if len(vulns.Fields) > 0 {
		f.Groups = append(f.Groups, vulns)
	}
	f.Groups = append(f.Groups, v.exclusionGroup(a, c), look.FieldGroup{Title: "Thanks and references", Fields: []look.Field{
		{Kind: look.Area, Name: "credits", Label: "Thanks", Hint: "One a line: name; organization; for what.", Value: creditText(c.Credits), Optional: true, Rows: 4},
		{Kind: look.Area, Name: "references", Label: "References", Hint: "One a line: the address, a space, what it is.", Value: referenceText(c.References), Optional: true, Rows: 5}}},
		look.FieldGroup{Title: "This version", Fields: []look.Field{{Name: "note", Label: "What you changed", Value: note, Optional: true, Max: 500}}})
	data.Form = f
	return data
}

func fieldAt(list string, i int, field string) string {
	return fmt.Sprintf("%s[%d].%s", list, i, field)
}

// exclusionGroup says which parties are left out. Coordinators change it; for
// everybody else it travels along as it is.
func (v *visit) exclusionGroup(a advisoryView, c advisory.Content) look.FieldGroup {
	g := look.FieldGroup{Title: "Parties left out", Hint: "Their statuses are not published. The reason stays in the case. An empty reason takes a party back in."}
	if a.Role < audience.Coordinator {
		g.Hint = "A coordinator says which parties are left out."
	}
	out := map[string]bool{}
	for i, e := range c.Exclusions {
		out[e.Participant] = true
		if a.Role >= audience.Coordinator {
			g.Fields = append(g.Fields, look.Field{Name: fieldAt("exclusions", i, "reason"), Label: e.Name, Value: e.Reason, Optional: true, Max: 2000})
		}
	}
	if a.Role < audience.Coordinator {
		return g
	}
	more := look.Field{Kind: look.Select, Name: "exclude", Label: "Leave out another party", Optional: true, Options: []look.Option{{Label: "nobody"}}}
	for _, p := range a.Parts {
		if !out[p.ID] && !p.Hidden && p.Role != casework.Finder && p.LeftAt.IsZero() && len(more.Options) < 400 {
			more.Options = append(more.Options, look.Option{Value: p.ID, Label: p.Name})
		}
	}
	g.Fields = append(g.Fields, more, look.Field{Name: "exclude_reason", Label: "Because", Optional: true, Max: 2000})
	return g
}

func creditText(list []advisory.Credit) string {
	var out []string
	for _, x := range list {
		out = append(out, strings.TrimRight(strings.Join([]string{x.Name, x.Organization, x.Summary}, "; "), "; "))
	}
	return strings.Join(out, "\n")
}

func referenceText(list []advisory.Reference) string {
	var out []string
	for _, x := range list {
		out = append(out, strings.TrimSpace(x.URL+" "+x.Summary))
	}
	return strings.Join(out, "\n")
}

// maxFormSections bounds the sections that a form may send.
const maxFormSections = 60

// advisoryTyped reads the form. Exclusions that it does not show are those of
// the present text.
func advisoryTyped(form url.Values, a advisoryView) (advisory.Content, error) {
	get := func(name string) string { return strings.ReplaceAll(form.Get(name), "\r\n", "\n") }
	c := advisory.Content{Title: get("title"), Category: get("category"), Summary: get("summary")}
	var n int
	if _, err := fmt.Sscanf(get("sections"), "%d", &n); err != nil || n < 0 || n > maxFormSections {
		return c, errs.New(errs.Malformed, "The form is not complete; open it again.")
	}
	for i := range n {
		c.Sections = append(c.Sections, advisory.Section{Title: get(fieldAt("sections", i, "title")), Kind: get(fieldAt("sections", i, "kind")), Text: get(fieldAt("sections", i, "text"))})
	}
	labels := form["label"]
	for i, id := range form["vulnerability"] {
		if i < len(labels) {
			c.Vulnerabilities = append(c.Vulnerabilities, advisory.VulnerabilityText{Vulnerability: id, Label: labels[i], Text: get(fieldAt("vulnerabilities", i, "text"))})
		}
	}
	for i, e := range a.Text.Content.Exclusions {
		if a.Role >= audience.Coordinator {
			if e.Reason = get(fieldAt("exclusions", i, "reason")); strings.TrimSpace(e.Reason) == "" {
				continue
			}
		}
		c.Exclusions = append(c.Exclusions, e)
	}
	if who := get("exclude"); who != "" && a.Role >= audience.Coordinator {
		c.Exclusions = append(c.Exclusions, advisory.Exclusion{Participant: who, Reason: get("exclude_reason")})
	}
	for _, line := range lines(get("credits")) {
		p := strings.SplitN(line, ";", 3)
		for len(p) < 3 {
			p = append(p, "")
		}
		c.Credits = append(c.Credits, advisory.Credit{Name: strings.TrimSpace(p[0]), Organization: strings.TrimSpace(p[1]), Summary: strings.TrimSpace(p[2])})
	}
	for _, line := range lines(get("references")) {
		address, summary, _ := strings.Cut(line, " ")
		c.References = append(c.References, advisory.Reference{URL: address, Summary: strings.TrimSpace(summary)})
	}
	return c, nil
}

// saveAdvisory adds a version of the text. Where somebody was faster, both
// texts are shown, and saving again replaces theirs.
func (v *visit) saveAdvisory() error {
	if err := v.parse(); err != nil {
		return err
	}
	version, err := v.seenVersion()
	if err != nil {
		return err
	}
	var a advisoryView
	if err := v.read(func(tx *db.Tx) (err error) { a, err = v.loadAdvisory(tx); return err }); err != nil {
		return err
	}
	typed, err := advisoryTyped(v.r.PostForm, a)
	if err != nil {
		return err
	}
	err = v.write(func(tx *db.Tx) error {
		_, err := advisory.Edit(tx, v.Actor, a.Adv.ID, version, typed, v.form("note"))
		return err
	})
	if err == nil {
		return v.next(a.path(), "Version "+fmt.Sprint(version+1)+" is saved.")
	}
	if a.Role < audience.Contributor {
		return err
	}
	data := v.advisoryEditPage(a, typed, version, v.form("note"))
	if theirs, ok := stale[advisory.Version](err); ok {
		d := look.NewDiff("Version "+fmt.Sprint(theirs.Number)+", by "+a.author(v, theirs.Author)+", "+look.UTC(theirs.At), "what you wrote", theirs.Content.Text(), typed.Text())
		data = v.advisoryEditPage(a, typed, theirs.Number, v.form("note"))
		data.Theirs = &d
	}
	fault(&data.Form, folded(err))
	return v.again(err, "advisory-edit", data)
}

// folded names the fields that the form keeps as one text of many lines.
func folded(err error) error {
	e := gate.Public(err)
	names := map[string]string{}
	for _, f := range e.Fields {
		for _, list := range []string{"credits", "references"} {
			if strings.HasPrefix(f.Name, list+"[") {
				names[f.Name] = list
			}
		}
		if strings.HasPrefix(f.Name, "exclusions[") {
			names[f.Name] = "exclude_reason"
		}
	}
	return renamed(err, names)
}
