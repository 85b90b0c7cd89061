package api

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
)

// none is the input of an operation that takes none.
type none struct{}

// Listing is how every long list is paged.
type Listing struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Cursor string `query:"cursor" maxLength:"500" doc:"next of the page before."`
}

// OfCase names a case in the path. (Parts of inputs that others embed are
// exported because the decoder fills no others.)
type OfCase struct {
	Case string `path:"case" maxLength:"64" doc:"Id or number of the case."`
}

type casesQuery struct {
	Listing
	State   string `query:"state" enum:"open,closed,merged"`
	Owner   string `query:"owner" maxLength:"64" doc:"Person id of the coordinator in charge."`
	Program string `query:"program" maxLength:"64" doc:"Id of a program: only cases that lie in it."`
	Text    string `query:"text" maxLength:"200" doc:"Words in number or title."`
	Sort    string `query:"sort" enum:"updated,number,opened,embargo,title"`
	Desc    bool   `query:"desc"`
}

func listCases(c *call, tx *db.Tx, in *casesQuery) (page[casework.Case], error) {
	p, err := casework.List(tx, c.Actor, casework.Filter{State: casework.State(in.State), Owner: in.Owner, Program: in.Program, Text: in.Text, Sort: in.Sort, Desc: in.Desc, Limit: in.Limit, Cursor: in.Cursor})
	if !p.Counted {
		return unfinished(p.Cases, p.Next), err
	}
	return pageOf(p.Cases, p.Next, p.Total), err
}

// caseView is a case with what the reader may do there.
type caseView struct {
	casework.Case
	Role string `json:"your_role" doc:"reader, contributor or coordinator."`
}

// showCase opens a case; each person's first look is recorded.
func showCase(c *call, tx *db.Tx, in *OfCase) (caseView, error) {
	if _, err := casework.MarkSeen(tx, c.Actor, in.Case); err != nil {
		return caseView{}, err
	}
	k, role, err := casework.Load(tx, c.Actor, in.Case)
	return caseView{k, role.String()}, err
}

type newCase struct {
	Body struct {
		Title   string    `json:"title" required:"true"`
		Summary string    `json:"summary" doc:"Markdown."`
		TLP     tlp.Level `json:"tlp" required:"true" doc:"TLP:GREEN or stricter."`
		Bars    []string  `json:"bars" maxItems:"20" doc:"Organization classes shut out."`
		Program string    `json:"program,omitempty" maxLength:"60" doc:"Id of the program to open it in."`
	}
}

func openCase(c *call, tx *db.Tx, in *newCase) (casework.Case, error) {
	b := in.Body
	return casework.OpenCase(tx, c.Actor, casework.NewCase{Title: b.Title, Summary: b.Summary, Level: b.TLP, Bars: b.Bars, Program: b.Program})
}

// over puts what was sent over what stands.
func over[T any](dst *T, src *T) {
	if src != nil {
		*dst = *src
	}
}

// Because is a body that holds a reason.
type Because struct {
	Body struct {
		Reason string `json:"reason"`
	}
}

type caseReason struct {
	OfCase
	Because
}

// seenCase loads the case for operations whose verb takes its id from a
// caller who has seen it.
func seenCase(c *call, tx *db.Tx, ref string) (casework.Case, error) {
	k, role, err := casework.Load(tx, c.Actor, ref)
	if err == nil && role < audience.Reader {
		err = errs.Missing("case")
	}
	return k, err
}
