package api

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/response/advisory"
	"tocsin/spec/csaf"
	"tocsin/spec/tlp"
)

func (c *call) press() advisory.Press { return advisory.Press{Sealer: c.Sealer, URL: c.URL} }

func listCaseAdvisories(c *call, tx *db.Tx, in *OfCase) (page[advisory.Advisory], error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return page[advisory.Advisory]{}, err
	}
	list, err := advisory.OfCase(tx, c.Actor, k.ID)
	return whole(list), err
}

func draftAdvisory(c *call, tx *db.Tx, in *OfCase) (advisory.Advisory, error) {
	return advisory.Draft(tx, c.Actor, in.Case)
}

func listDrafts(c *call, tx *db.Tx, _ *none) (page[advisory.Advisory], error) {
	list, err := advisory.InWork(tx, c.Actor, 200)
	return whole(list), err
}

// OfDraft names an advisory that is worked on.
type OfDraft struct {
	Draft string `path:"draft" maxLength:"64" doc:"Id or number of the advisory."`
}

// draftView is an advisory in work with its present text.
type draftView struct {
	advisory.Advisory
	Content advisory.Content `json:"content"`
}

func showDraft(c *call, tx *db.Tx, in *OfDraft) (draftView, error) {
	v, _, err := advisory.Load(tx, c.Actor, in.Draft)
	if err != nil {
		return draftView{}, err
	}
	text, err := advisory.ReadVersion(tx, c.Actor, v.ID, 0)
	return draftView{v, text.Content}, err
}

type editDraft struct {
	OfDraft
	Body struct {
		Content advisory.Content `json:"content" required:"true" doc:"The whole text."`
		Note    string           `json:"note" doc:"What you changed."`
	}
}

func writeDraft(c *call, tx *db.Tx, in *editDraft) (advisory.Advisory, error) {
	return advisory.Edit(tx, c.Actor, in.Draft, c.version, in.Body.Content, in.Body.Note)
}

func listVersions(c *call, tx *db.Tx, in *OfDraft) (page[advisory.Version], error) {
	list, err := advisory.Versions(tx, c.Actor, in.Draft)
	return whole(list), err
}

type ofVersion struct {
	OfDraft
	Number int64 `path:"number" minimum:"1"`
}

func showVersion(c *call, tx *db.Tx, in *ofVersion) (advisory.Version, error) {
	return advisory.ReadVersion(tx, c.Actor, in.Draft, in.Number)
}

func listComments(c *call, tx *db.Tx, in *OfDraft) (page[advisory.Comment], error) {
	list, err := advisory.Comments(tx, c.Actor, in.Draft)
	return whole(list), err
}

type newComment struct {
	OfDraft
	Body struct {
		Section string `json:"section" doc:"Title of a section, or empty."`
		Text    string `json:"text" required:"true" doc:"Markdown."`
	}
}

func addComment(c *call, tx *db.Tx, in *newComment) (advisory.Comment, error) {
	return advisory.AddComment(tx, c.Actor, in.Draft, in.Body.Section, in.Body.Text)
}

type ofComment struct {
	OfDraft
	Comment string `path:"comment" maxLength:"64"`
}

func settleComment(c *call, tx *db.Tx, in *ofComment) (nothing, error) {
	return nothing{}, advisory.SettleComment(tx, c.Actor, in.Draft, in.Comment)
}

type seenText struct {
	OfDraft
	Body struct {
		Version int64 `json:"version" required:"true" minimum:"1" doc:"Of the text as you read it."`
	}
}

func submitDraft(c *call, tx *db.Tx, in *seenText) (advisory.Advisory, error) {
	return advisory.Submit(tx, c.Actor, in.Draft, in.Body.Version)
}

func approveDraft(c *call, tx *db.Tx, in *seenText) (advisory.Advisory, error) {
	return advisory.Approve(tx, c.Actor, in.Draft, in.Body.Version)
}

type returnedText struct {
	OfDraft
	Body struct {
		Version int64  `json:"version" required:"true" minimum:"1"`
		Reason  string `json:"reason" required:"true"`
	}
}

func returnDraft(c *call, tx *db.Tx, in *returnedText) (advisory.Advisory, error) {
	return advisory.Return(tx, c.Actor, in.Draft, in.Body.Version, in.Body.Reason)
}

type plan struct {
	OfDraft
	Body struct {
		Version int64     `json:"version" required:"true" minimum:"1" doc:"Of the text as you read it."`
		At      time.Time `json:"at,omitzero" doc:"Absent: at the embargo's end, wherever that moves."`
		TLP     tlp.Level `json:"tlp" required:"true" doc:"TLP:CLEAR is public."`
		Program string    `json:"program_id" doc:"For TLP:GREEN: the program that gets it."`
		Note    string    `json:"note" doc:"What this revision changes; empty for the first release."`
	}
}

func (p plan) verb() advisory.Plan {
	b := p.Body
	return advisory.Plan{Version: b.Version, At: b.At, Level: b.TLP, Program: b.Program, Note: b.Note}
}

func scheduleRelease(c *call, tx *db.Tx, in *plan) (advisory.Advisory, error) {
	return c.press().Schedule(tx, c.Actor, in.Draft, in.verb())
}

func releaseNow(c *call, tx *db.Tx, in *plan) (advisory.Advisory, error) {
	return c.press().ReleaseNow(tx, c.Actor, in.Draft, in.verb())
}

type draftReason struct {
	OfDraft
	Because
}

func unscheduleRelease(c *call, tx *db.Tx, in *draftReason) (advisory.Advisory, error) {
	return advisory.Unschedule(tx, c.Actor, in.Draft, in.Body.Reason)
}

func withdrawAdvisory(c *call, tx *db.Tx, in *draftReason) (advisory.Advisory, error) {
	return advisory.Withdraw(tx, c.Actor, in.Draft, in.Body.Reason)
}

// preview is the document as it would be released now, with what the
// standard finds in it.
type preview struct {
	Document *csaf.Document `json:"document"`
	Findings []csaf.Finding `json:"findings"`
}

func previewDraft(c *call, tx *db.Tx, in *OfDraft) (preview, error) {
	doc, findings, err := c.press().Preview(tx, c.Actor, in.Draft)
	if findings == nil {
		findings = []csaf.Finding{}
	}
	return preview{doc, findings}, err
}
