package portal

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/prose"
)

// agreementFrame is the frame of one agreement's pages; visitors without an
// account get no tabs that lead nowhere for them.
func (v *visit) agreementFrame(g agreements.Agreement, below string) look.Frame {
	f := v.frame("/alliance")
	f.Head = look.RecordHead{Kind: agreementWords[g.Kind], Title: g.Title}
	if v.Actor.Person != "" {
		f.Head.Crumbs = []look.Link{{Label: "Agreements", Href: agreementsPath}, {Label: g.Title}}
	}
	if below != "" {
		f.Head.Crumbs = append(f.Head.Crumbs[:len(f.Head.Crumbs):len(f.Head.Crumbs)], look.Link{Label: below})
		if len(f.Head.Crumbs) > 1 {
			f.Head.Crumbs[1].Href = gate.AgreementPath(g.ID)
		}
	}
	f.Head.State = []look.Chip{{Label: "version " + strconv.Itoa(g.Current.Number)}}
	if g.State != agreements.Active {
		f.Head.State = append(f.Head.State, look.Chip{Label: string(g.State), Tone: look.Bad})
	}
	return f
}

// agreementPage is the present text, where the visitor's organizations stand,
// the versions, and who accepted.
func (v *visit) agreementPage() error {
	var g agreements.Agreement
	var texts []agreements.Text
	var voices []agreements.Voice
	var accepted agreements.Page
	var also []string
	names := map[string]string{}
	program, waits := "", false
	q := v.r.URL.Query()
	err := v.read(func(tx *db.Tx) (err error) {
		if g, err = agreements.Get(tx, v.Actor, v.path("agreement")); err != nil {
			return err
		}
		if texts, err = agreements.Texts(tx, v.Actor, g.ID); err != nil || v.Actor.Person == "" {
			return err
		}
		if voices, err = agreements.Voices(tx, v.Actor, g.ID); err != nil {
			return err
		}
		owed, err := agreements.Owed(tx, v.Actor)
		if err != nil {
			return err
		}
		waits = slices.ContainsFunc(owed, func(o agreements.Owing) bool { return o.Text.Agreement == g.ID })
		if also, err = agreements.Titles(tx, v.Actor, g.Also); err != nil {
			return err
		}
		for _, t := range texts[:min(len(texts), 60)] {
			if t.Author != "" && names[t.Author] == "" {
				p, err := people.Load(tx, t.Author)
				if err != nil && !errs.Is(err, errs.NotFound) {
					return err
				}
				names[t.Author] = p.Name
			}
		}
		program, err = agreements.ProgramName(tx, v.Actor, g)
		if err != nil || g.Kind == agreements.CaseTerms {
			return err
		}
		accepted, err = agreements.Acceptances(tx, v.Actor, agreements.Sought{Agreement: g.ID, Standing: q.Get("standing"), Sort: agreements.Sort(q.Get("sort")), Desc: q.Get("desc") != "", After: q.Get("cursor"), Limit: 100})
		return err
	})
	if err != nil {
		return v.orSignIn(err)
	}
	data := sheet{Frame: v.agreementFrame(g, "")}
	at := gate.AgreementPath(g.ID)
	switch {
	case g.Kind == agreements.CaseTerms && v.operates():
		data.Head.Actions = []look.Button{{Label: "Edit in the settings", Href: "/admin/settings"}}
	case agreements.Edits(v.Actor, g) && g.State == agreements.Active:
		data.Head.Actions = []look.Button{{Label: "Write a new version", Href: at + "/revise"}, {Label: "Edit", Href: at + "/edit", Kind: look.Quiet}, {Label: "Record a paper", Href: at + "/papers", Kind: look.Quiet}, {Label: "Withdraw…", Href: at + "/withdraw", Kind: look.Quiet}}
	case agreements.Edits(v.Actor, g):
		data.Head.Actions = []look.Button{{Label: "Restore…", Href: at + "/restore"}}
	}
	if i := slices.IndexFunc(voices, func(x agreements.Voice) bool { return !x.Satisfied && (x.Name != "" || len(voices) == 1) }); i >= 0 && waits {
		data.Head.Owe = &look.Owe{Text: fmt.Sprintf("acceptance of version %d for %s", g.Current.Number, voiceName(voices[i])), Now: v.now, Label: "Accept…", Href: acceptHref(g, voices[i])}
	}
	if p := voicePart(g, voices); p != nil {
		data.Parts = append(data.Parts, *p)
	}
	data.Parts = append(data.Parts, part{Title: fmt.Sprintf("Version %d", g.Current.Number), Prose: prose.HTML(g.Current.Body), Facts: agreementFacts(g, also, program)})
	data.Parts = append(data.Parts, part{ID: "versions", Title: "Versions", Table: versionsTable(at, texts, names)})
	switch {
	case g.Kind == agreements.CaseTerms:
		data.Parts = append(data.Parts, part{Title: "Who accepted", Lede: "Each party accepts the case terms with its invitation, and each case keeps the text that it was opened with. Who accepted them stands on the case's page Who knows."})
	case v.Actor.Person != "":
		data.Parts = append(data.Parts, v.acceptedPart(g, accepted, q))
	}
	return v.show("sheet", data)
}

func voicePart(g agreements.Agreement, voices []agreements.Voice) *part {
	if len(voices) == 0 {
		return nil
	}
	t := &look.Table{ID: "voices", Caption: "For whom you may accept", Hidden: true, Whole: true, Columns: []look.Column{{Label: "For", Wide: true}, {Label: "Standing"}, {Label: "Accept"}}}
	for _, x := range voices {
		name, chip, button := voiceName(x), look.Chip{Label: "waits for acceptance", Tone: look.Waiting}, look.Cell{}
		switch {
		case x.Signed:
			chip = look.Chip{Label: "accepted", Tone: look.Good}
		case x.Satisfied:
			chip = look.Chip{Label: "bound by an earlier version or another agreement", Tone: look.Good}
		}
		if !x.Signed {
			button = look.Cell{Button: &look.Button{Label: "Accept for " + name + "…", Href: acceptHref(g, x)}}
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: name}, {Chip: &chip}, button}})
	}
	return &part{ID: "accept", Title: "For whom you may accept", Table: t}
}

func acceptHref(g agreements.Agreement, x agreements.Voice) string {
	return gate.AgreementPath(g.ID) + "/accept?" + url.Values{"version": {g.Current.ID}, "org": {voiceOrg(x)}}.Encode()
}

func voiceName(x agreements.Voice) string {
	if x.Name == "" {
		return "yourself"
	}
	return x.Name
}

func voiceOrg(x agreements.Voice) string {
	if x.Name == "" {
		return ""
	}
	return x.Party.ID
}

func agreementFacts(g agreements.Agreement, also []string, program string) *look.Facts {
	f := &look.Facts{Items: []look.Fact{{Term: "Stands since", Time: g.Current.At}, {Term: "Readers", Text: readerWords[g.Sight]}}}
	if len(also) > 0 {
		fact := look.Fact{Term: "Also satisfied by"}
		for i, title := range also {
			if title != "" {
				fact.Links = append(fact.Links, look.Link{Label: title, Href: gate.AgreementPath(g.Also[i])})
			}
		}
		f.Items = append(f.Items, fact)
	}
	if program != "" {
		f.Items = append(f.Items, look.Fact{Term: "Kept by", Text: program, Href: programPath(g.Program)})
	}
	return f
}

func versionsTable(at string, texts []agreements.Text, names map[string]string) *look.Table {
	t := &look.Table{ID: "texts", Caption: "Versions", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Version", Num: true}, {Label: "Since"}, {Label: "Who"}, {Label: "What changed", Wide: true}, {Label: "Acceptance"}, {Label: "Compare"}}}
	for _, x := range texts[:min(len(texts), 60)] {
		n := strconv.Itoa(x.Number)
		chip := &look.Chip{Label: "as before"}
		if x.Demands {
			chip = &look.Chip{Label: "demanded anew", Tone: look.Waiting}
		}
		if x.Author == "" {
			chip = &look.Chip{Label: "with each case"}
		}
		row := look.Row{Cells: []look.Cell{{Text: n, Href: at + "/versions/" + n}, {Time: x.At}, {Text: names[x.Author]}, {Text: short(x.Note, 200)}, {Chip: chip}, {Text: "first"}}}
		if x.Number > 1 {
			row.Cells[5] = look.Cell{Text: "with " + strconv.Itoa(x.Number-1), Href: at + "/versions?from=" + strconv.Itoa(x.Number-1) + "&to=" + n}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// acceptedPart shows who accepted, as far as the visitor may know.
func (v *visit) acceptedPart(g agreements.Agreement, page agreements.Page, q url.Values) part {
	at := gate.AgreementPath(g.ID)
	staff := v.operates() || v.coordinates()
	byParty, byVersion := sortBy(q, "party", "Accepted for"), sortBy(q, "version", "Version")
	byVersion.Num, byParty.Wide = true, true
	t := &look.Table{ID: "acceptances", Caption: "Who accepted", Hidden: true, Pager: &look.Pager{}, Empty: &look.Empty{Text: "Nobody whom you may know of has accepted it."},
		Columns: []look.Column{byParty, byVersion, {Label: "When"}, {Label: "Who"}, {Label: "From"}, {Label: "Standing"}, {Label: "End"}},
		Exports: []look.Link{{Label: "CSV", Href: agreementsPath + "/acceptances.csv?" + url.Values{"agreement": {g.ID}}.Encode()}}}
	for _, x := range page.List {
		from, who := look.Cell{Text: x.Address}, look.Cell{Text: x.By}
		if x.Paper != "" {
			from = look.Cell{Text: "on paper", Sub: short(x.Paper, 120)}
			who = look.Cell{Text: x.Signer, Sub: "recorded by " + x.By}
		}
		chip, end := &look.Chip{Label: "valid", Tone: look.Good}, look.Cell{}
		switch {
		case !x.EndedAt.IsZero():
			chip = &look.Chip{Label: "ended", Tone: look.Bad}
		case !x.Valid:
			chip = &look.Chip{Label: "superseded"}
		}
		if x.Valid && (agreements.Edits(v.Actor, g) || x.Person == v.Actor.Person) {
			end = look.Cell{Button: &look.Button{Label: "End…", Kind: look.Quiet, Href: "/alliance/acceptances/" + x.ID + "/end"}}
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: x.Name}, {Text: strconv.Itoa(x.Number)}, {Time: x.At}, who, from, {Chip: chip}, end}})
	}
	if page.Next != "" {
		next := url.Values{}
		for k, val := range q {
			next[k] = val
		}
		next.Set("cursor", page.Next)
		t.Pager.Next = at + "?" + next.Encode() + "#acceptances"
	}
	p := part{ID: "accepted", Title: "Who accepted", Table: t}
	if !staff {
		p.Lede = "You see your own organizations here."
	}
	return p
}

// agreementVersions compares two versions, line by line.
func (v *visit) agreementVersions() error {
	g, texts, err := v.loadTexts()
	if err != nil {
		return v.orSignIn(err)
	}
	find := func(key string, otherwise int) *agreements.Text {
		n := otherwise
		if s := v.query(key); s != "" {
			if n, err = strconv.Atoi(s); err != nil {
				return nil
			}
		}
		for i := range texts {
			if texts[i].Number == n {
				return &texts[i]
			}
		}
		return nil
	}
	is := find("to", g.Current.Number)
	if is == nil {
		return errs.Missing("version")
	}
	was := find("from", max(is.Number-1, 1))
	if was == nil {
		return errs.Missing("version")
	}
	name := func(t agreements.Text) string { return fmt.Sprintf("Version %d, %s", t.Number, look.UTC(t.At)) }
	data := advisoryDiffPage{Frame: v.agreementFrame(g, "Compare")}
	data.Diff = look.NewDiff(name(*was), name(*is), was.Body, is.Body)
	pick := func(key, label string, chosen int) look.Field {
		f := look.Field{Kind: look.Select, Name: key, Label: label}
		for _, x := range texts[:min(len(texts), 100)] {
			f.Options = append(f.Options, look.Option{Value: strconv.Itoa(x.Number), Label: name(x), On: x.Number == chosen})
		}
		return f
	}
	data.Form = look.Form{Get: true, Action: gate.AgreementPath(g.ID) + "/versions", Button: look.Button{Label: "Compare"}, Fields: []look.Field{pick("from", "From", was.Number), pick("to", "To", is.Number)}}
	return v.show("advisory-diff", data)
}

// agreementVersion is one version's text.
func (v *visit) agreementVersion() error {
	g, texts, err := v.loadTexts()
	if err != nil {
		return v.orSignIn(err)
	}
	n, err := strconv.Atoi(v.path("number"))
	for _, t := range texts {
		if err != nil || t.Number != n {
			continue
		}
		data := sheet{Frame: v.agreementFrame(g, fmt.Sprintf("Version %d", n))}
		if t.ID != g.Current.ID {
			data.Notices = []look.Notice{{Tone: look.Waiting, Title: "Not current", Text: fmt.Sprintf("Version %d stands now.", g.Current.Number), Link: &look.Link{Label: "Read it", Href: gate.AgreementPath(g.ID)}}}
		}
		data.Parts = []part{{Prose: prose.HTML(t.Body), Facts: &look.Facts{Items: []look.Fact{{Term: "Since", Time: t.At}, {Term: "What changed", Text: t.Note}}}}}
		return v.show("sheet", data)
	}
	return errs.Missing("version")
}

// orSignIn asks a visitor without an account to sign in where there is nothing
// for everybody, as a link in a mail leads here; it says so whether or not
// there is anything at all.
func (v *visit) orSignIn(err error) error {
	if v.Actor.Person != "" && len(v.Actor.Seats) > 0 || !errs.Is(err, errs.NotFound) {
		return err
	}
	v.refuse(gate.Members, errs.New(errs.Unauthenticated, "Sign in first."))
	return nil
}

func (v *visit) loadTexts() (g agreements.Agreement, texts []agreements.Text, err error) {
	err = v.read(func(tx *db.Tx) (err error) {
		if g, err = agreements.Get(tx, v.Actor, v.path("agreement")); err == nil {
			texts, err = agreements.Texts(tx, v.Actor, g.ID)
		}
		return err
	})
	return g, texts, err
}
