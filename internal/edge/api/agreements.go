package api

import (
	"bytes"
	"time"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
)

func agreementRows() []row {
	const at = v1 + "/agreements"
	return []row{
		get(at, gate.Members, read, "list-agreements", "Agreements, by title", listAgreements),
		create(at, gate.Members, admin, "make-agreement", "Write an agreement with its first version", makeAgreement),
		get(at+"/owed", gate.Members, read, "list-owed-agreements", "What you have still to accept, for whom", listUnsigned),
		get(at+"/acceptances", gate.Members, read, "list-acceptances", "Who accepted which version, when, from where", listAcceptances),
		fetch(at+"/acceptances.csv", gate.Members, read, "export-acceptances", "The same as CSV", exportAcceptances),
		post(at+"/acceptances/{acceptance}/end", gate.Members, read, "end-acceptance", "End an acceptance", endAcceptance),
		get(at+"/{agreement}", gate.Anybody, read, "show-agreement", "One agreement with its present version", showAgreement),
		patch(at+"/{agreement}", gate.Members, admin, "change-agreement", "Change title, kind, readers or what satisfies it too", changeAgreement),
		put(at+"/{agreement}/text", gate.Members, admin, "revise-agreement", "Write a new version", reviseAgreement),
		put(at+"/{agreement}/state", gate.Members, admin, "turn-agreement", "Withdraw or restore an agreement", turnAgreement),
		get(at+"/{agreement}/versions", gate.Anybody, read, "list-agreement-versions", "Its versions, newest first", listTexts),
		get(at+"/{agreement}/versions/{number}", gate.Anybody, read, "show-agreement-version", "One version", showText),
		get(at+"/{agreement}/diff", gate.Anybody, read, "compare-agreement-versions", "Two versions, line by line", compareTexts),
		get(at+"/{agreement}/effects", gate.Members, admin, "preview-agreement", "Whom a version blocks that demands acceptance anew", previewAgreement),
		create(at+"/{agreement}/acceptances", gate.Members, write, "accept-agreement", "Accept the present version", acceptAgreement),
		create(at+"/{agreement}/papers", gate.Members, admin, "record-paper", "Record that an organization signed the present version on paper", recordPaper),
	}
}

// OfAgreement names an agreement; "case-terms" are the case terms.
type OfAgreement struct {
	Agreement string `path:"agreement" maxLength:"64"`
}

type agreementQuery struct {
	Kind      string `query:"kind" doc:"nda, memorandum, program, antitrust or case; empty: all."`
	Withdrawn bool   `query:"withdrawn" doc:"With those that were withdrawn."`
}

func listAgreements(c *call, tx *db.Tx, in *agreementQuery) (page[agreements.Agreement], error) {
	list, err := agreements.List(tx, c.Actor, agreements.Filter{Kind: agreements.Kind(in.Kind), Withdrawn: in.Withdrawn})
	return whole(list), err
}

func showAgreement(c *call, tx *db.Tx, in *OfAgreement) (agreements.Agreement, error) {
	return agreements.Get(tx, c.Actor, in.Agreement)
}

// AgreementFields are an agreement's facts; what is absent stays as it is.
type AgreementFields struct {
	Title   *string           `json:"title"`
	Kind    *agreements.Kind  `json:"kind" doc:"nda, memorandum, program or antitrust."`
	Sight   *agreements.Sight `json:"sight" doc:"Who may read it: public, members or concerned."`
	Program *string           `json:"program_id" maxLength:"64" doc:"Whose own coordinators may edit it too; empty: nobody's."`
	Also    *[]string         `json:"also" maxItems:"10" doc:"Ids of agreements that satisfy this one too."`
}

func (f AgreementFields) on(g *agreements.Agreement) {
	over(&g.Title, f.Title)
	over(&g.Kind, f.Kind)
	over(&g.Sight, f.Sight)
	over(&g.Program, f.Program)
	over(&g.Also, f.Also)
}

type newAgreement struct {
	Body struct {
		AgreementFields
		Text string `json:"body" required:"true" doc:"Markdown."`
		Note string `json:"note"`
	}
}

func makeAgreement(c *call, tx *db.Tx, in *newAgreement) (agreements.Agreement, error) {
	g := agreements.Agreement{Current: agreements.Text{Body: in.Body.Text, Note: in.Body.Note}}
	in.Body.on(&g)
	return agreements.Make(tx, c.Actor, g)
}

type editAgreement struct {
	OfAgreement
	Body AgreementFields
}

func changeAgreement(c *call, tx *db.Tx, in *editAgreement) (agreements.Agreement, error) {
	g, err := agreements.Get(tx, c.Actor, in.Agreement)
	if err != nil {
		return g, err
	}
	in.Body.on(&g)
	g.Version = c.version
	return agreements.Edit(tx, c.Actor, g)
}

type newText struct {
	OfAgreement
	Body struct {
		Text    string `json:"body" required:"true" doc:"Markdown."`
		Note    string `json:"note" doc:"What changed."`
		Demands bool   `json:"demands" doc:"Everybody has to accept anew; what requires the agreement is closed to who has not, from now on."`
	}
}

func reviseAgreement(c *call, tx *db.Tx, in *newText) (agreements.Agreement, error) {
	return agreements.Revise(tx, c.Actor, agreements.Revision{Agreement: in.Agreement, Body: in.Body.Text, Note: in.Body.Note, Demands: in.Body.Demands, Version: c.version})
}

type turning struct {
	OfAgreement
	Body struct {
		State agreements.State `json:"state" required:"true" enum:"active,withdrawn"`
	}
}

func turnAgreement(c *call, tx *db.Tx, in *turning) (agreements.Agreement, error) {
	if in.Body.State == agreements.Withdrawn {
		return agreements.Withdraw(tx, c.Actor, in.Agreement, c.version)
	}
	return agreements.Restore(tx, c.Actor, in.Agreement, c.version)
}

func listTexts(c *call, tx *db.Tx, in *OfAgreement) (page[agreements.Text], error) {
	list, err := agreements.Texts(tx, c.Actor, in.Agreement)
	return whole(list), err
}

type ofText struct {
	OfAgreement
	Number int `path:"number"`
}

func showText(c *call, tx *db.Tx, in *ofText) (agreements.Text, error) {
	return agreements.TextOf(tx, c.Actor, in.Agreement, in.Number)
}

type comparing struct {
	OfAgreement
	From int `query:"from" doc:"Number of a version; without it: the one before to."`
	To   int `query:"to" doc:"Number of a version; without it: the present one."`
}

// difference is two versions, line by line.
type difference struct {
	From  int          `json:"from"`
	To    int          `json:"to"`
	Lines []diffedLine `json:"lines"`
}

type diffedLine struct {
	Op    string       `json:"op" enum:"same,add,del,fold" doc:"fold says how many lines were left out."`
	Parts []diffedPart `json:"parts"`
}

type diffedPart struct {
	Text    string `json:"text"`
	Changed bool   `json:"changed"`
}

func compareTexts(c *call, tx *db.Tx, in *comparing) (difference, error) {
	g, err := agreements.Get(tx, c.Actor, in.Agreement)
	if err != nil {
		return difference{}, err
	}
	if in.To == 0 {
		in.To = g.Current.Number
	}
	if in.From == 0 {
		in.From = max(in.To-1, 1)
	}
	was, err := agreements.TextOf(tx, c.Actor, g.ID, in.From)
	if err != nil {
		return difference{}, err
	}
	is, err := agreements.TextOf(tx, c.Actor, g.ID, in.To)
	if err != nil {
		return difference{}, err
	}
	out := difference{From: in.From, To: in.To, Lines: []diffedLine{}}
	for _, l := range look.NewDiff("", "", was.Body, is.Body).Lines {
		line := diffedLine{Op: l.Op, Parts: []diffedPart{}}
		for _, p := range l.Parts {
			line.Parts = append(line.Parts, diffedPart{p.Text, p.Changed})
		}
		out.Lines = append(out.Lines, line)
	}
	return out, nil
}

func previewAgreement(c *call, tx *db.Tx, in *OfAgreement) (agreements.Effects, error) {
	return agreements.Preview(tx, c.Actor, in.Agreement)
}

type signing struct {
	OfAgreement
	Body struct {
		Text string `json:"version_id" required:"true" maxLength:"64" doc:"Id of the version that you read; only the present one can be accepted."`
		Org  string `json:"org_id" maxLength:"64" doc:"For which organization, of which you are an admin; empty: in your own name."`
	}
}

func acceptAgreement(c *call, tx *db.Tx, in *signing) (agreements.Acceptance, error) {
	return agreements.Accept(tx, c.Actor, agreements.Signature{Agreement: in.Agreement, Text: in.Body.Text, Org: in.Body.Org, Address: gate.Address(c.r)})
}

type paper struct {
	OfAgreement
	Body struct {
		Text   string    `json:"version_id" required:"true" maxLength:"64" doc:"Id of the version that was signed: the present one."`
		Org    string    `json:"org_id" required:"true" maxLength:"64"`
		Signer string    `json:"signer" required:"true" doc:"Who signed."`
		Where  string    `json:"paper" required:"true" doc:"Where the paper is kept."`
		Signed time.Time `json:"signed_at,omitzero" required:"false" doc:"When; without it: now."`
	}
}

func recordPaper(c *call, tx *db.Tx, in *paper) (agreements.Acceptance, error) {
	return agreements.Record(tx, c.Actor, agreements.Paper{Agreement: in.Agreement, Text: in.Body.Text, Org: in.Body.Org, Signer: in.Body.Signer, Where: in.Body.Where, Signed: in.Body.Signed, Address: gate.Address(c.r)})
}

type acceptanceQuery struct {
	Cursor    string `query:"cursor" maxLength:"64"`
	Limit     int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
	Agreement string `query:"agreement" maxLength:"64"`
	Org       string `query:"org" maxLength:"64"`
	Standing  string `query:"standing" doc:"valid or past; empty: both."`
	Sort      string `query:"sort" doc:"party or version; empty: newest first."`
	Desc      bool   `query:"desc"`
}

func (q acceptanceQuery) sought() agreements.Sought {
	return agreements.Sought{Agreement: q.Agreement, Org: q.Org, Standing: q.Standing, Sort: agreements.Sort(q.Sort), Desc: q.Desc, After: q.Cursor, Limit: q.Limit}
}

func listAcceptances(c *call, tx *db.Tx, in *acceptanceQuery) (page[agreements.Acceptance], error) {
	p, err := agreements.Acceptances(tx, c.Actor, in.sought())
	return unfinished(p.List, p.Next), err
}

func exportAcceptances(c *call, tx *db.Tx, in *acceptanceQuery) (download, error) {
	list, err := agreements.All(tx, c.Actor, in.sought())
	if err != nil {
		return download{}, err
	}
	var b bytes.Buffer
	err = agreements.WriteCSV(&b, list)
	return download{name: "acceptances.csv", text: b.Bytes()}, err
}

type ending struct {
	Acceptance string `path:"acceptance" maxLength:"64"`
	Body       struct {
		Reason string `json:"reason" required:"true"`
	}
}

func endAcceptance(c *call, tx *db.Tx, in *ending) (agreements.Acceptance, error) {
	return agreements.End(tx, c.Actor, in.Acceptance, in.Body.Reason)
}

type unsigned struct {
	Text  agreements.Text `json:"version"`
	Org   string          `json:"org_id" doc:"Empty: in your own name."`
	Name  string          `json:"org_name"`
	Since time.Time       `json:"since"`
}

func listUnsigned(c *call, tx *db.Tx, _ *none) (page[unsigned], error) {
	list, err := agreements.Owed(tx, c.Actor)
	out := []unsigned{}
	for _, o := range list {
		u := unsigned{Text: o.Text, Name: o.Name, Since: o.Since}
		if o.Name != "" {
			u.Org = o.Party.ID
		}
		out = append(out, u)
	}
	return whole(out), err
}
