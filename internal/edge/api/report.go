package api

import (
	"context"
	"net/http"
	"time"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/report"
)

func (c *call) desk() report.Desk { return report.Desk{Sealer: c.Sealer, Box: c.Box} }

// finder is who shows a finder's link. What changes something is counted by
// where it comes from, and so are secrets that do not hold, so that nobody
// tries them out.
func (c *call) finder(secret string) (a audience.Actor, err error) {
	ctx := c.r.Context()
	err = c.Read(ctx, func(tx *db.Tx) (err error) {
		if a, err = report.FinderActor(tx, secret); errs.Is(err, errs.NotFound) {
			a, err = membership.ApplicantActor(tx, secret) // the other secret link
		}
		return err
	})
	if err == nil && c.r.Method == http.MethodGet {
		return a, nil
	}
	if e := c.Write(ctx, func(tx *db.Tx) error { return c.desk().AllowFinder(tx, gate.Address(c.r)) }); e != nil {
		return audience.Actor{}, e
	}
	return a, err
}

// limitReports counts a submission by where it comes from.
func limitReports(c *call) error {
	return c.Write(context.WithoutCancel(c.r.Context()), func(tx *db.Tx) error { return c.desk().Allow(tx, gate.Address(c.r)) })
}

type newReport struct {
	Body struct {
		Title        string    `json:"title"`
		Description  string    `json:"description" required:"true" doc:"Markdown, or an armored OpenPGP message to the alliance's key."`
		Product      string    `json:"product" doc:"One of product, component and purl is needed."`
		Component    string    `json:"component"`
		PURL         string    `json:"purl"`
		Versions     string    `json:"versions"`
		HowFound     string    `json:"how_found"`
		Exploitation string    `json:"exploitation" doc:"What is known of attacks; absent: nothing."`
		Attacks      string    `json:"exploitation_details"`
		References   []string  `json:"references" maxItems:"20"`
		Credit       string    `json:"credit"`
		Anonymous    bool      `json:"anonymous"`
		Contact      string    `json:"contact" doc:"Mail address."`
		PlannedAt    time.Time `json:"planned_at,omitzero" doc:"When you mean to publish."`
	}
}

// receipt is what a finder keeps: with the secret they follow the report.
type receipt struct {
	report.Receipt
	Link string `json:"link" doc:"The same, as a page for people."`
}

func (c *call) receipt(r report.Receipt) receipt {
	return receipt{r, c.URL + report.LinkPath(r.Secret)}
}

func submitReport(c *call, tx *db.Tx, in *newReport) (receipt, error) {
	b := in.Body
	r, err := c.desk().Submit(tx, c.Actor, report.New{Title: b.Title, Description: b.Description, Product: b.Product, Component: b.Component, PURL: b.PURL, Versions: b.Versions, HowFound: b.HowFound,
		Exploitation: report.Exploitation(b.Exploitation), Attacks: b.Attacks, References: b.References, Credit: b.Credit, Anonymous: b.Anonymous, Contact: b.Contact, PlannedAt: b.PlannedAt, Key: c.ownKey})
	return c.receipt(r), err
}

// OfReport names a report. The holder of a finder's link means the report
// that the link is for and names none.
type OfReport struct {
	Report string `path:"report" maxLength:"64" doc:"Id or number."`
}

// followed is where a report stands, with its version as the entity tag.
type followed struct {
	report.Status
	Version int64 `json:"-"`
}

func followReport(c *call, tx *db.Tx, _ *none) (followed, error) {
	s, err := c.desk().Follow(tx, c.Actor, "")
	return followed{s, s.Report.Version}, err
}

func followOwnReport(c *call, tx *db.Tx, in *OfReport) (followed, error) {
	s, err := c.desk().Follow(tx, c.Actor, in.Report)
	return followed{s, s.Report.Version}, err
}

type addition struct {
	Text     string `json:"text" required:"true" doc:"Markdown."`
	ToReport bool   `json:"to_report" doc:"Part of the report, for whomever it is passed to; else for the coordinators alone."`
}

type finderAddition struct{ Body addition }

func addAsFinder(c *call, tx *db.Tx, in *finderAddition) (report.Message, error) {
	return c.desk().Add(tx, c.Actor, "", in.Body.Text, in.Body.ToReport)
}

type ownAddition struct {
	OfReport
	Body addition
}

func addToOwn(c *call, tx *db.Tx, in *ownAddition) (report.Message, error) {
	return c.desk().Add(tx, c.Actor, in.Report, in.Body.Text, in.Body.ToReport)
}

// OfQuestion names a coordinators' question to the finder.
type OfQuestion struct {
	Question string `path:"question" maxLength:"64"`
}

type words struct {
	Text string `json:"text" required:"true" doc:"Markdown."`
}

type finderReply struct {
	OfQuestion
	Body words
}

func replyAsFinder(c *call, tx *db.Tx, in *finderReply) (report.Message, error) {
	return c.desk().Reply(tx, c.Actor, "", in.Question, in.Body.Text)
}

type ownReply struct {
	OfReport
	OfQuestion
	Body words
}

func replyToOwn(c *call, tx *db.Tx, in *ownReply) (report.Message, error) {
	return c.desk().Reply(tx, c.Actor, in.Report, in.Question, in.Body.Text)
}

type finderFile struct {
	UploadQuery
	ToReport bool `query:"to_report"`
}

func attachAsFinder(c *call, tx *db.Tx, in *finderFile, file incoming) (nothing, error) {
	return nothing{}, report.Attach(tx, c.Actor, "", []report.Upload{file.report()}, in.ToReport)
}

type reportFile struct {
	OfReport
	UploadQuery
	ToReport bool `query:"to_report"`
}

func attachToReport(c *call, tx *db.Tx, in *reportFile, file incoming) (nothing, error) {
	return nothing{}, report.Attach(tx, c.Actor, in.Report, []report.Upload{file.report()}, in.ToReport)
}

func fetchAsFinder(c *call, tx *db.Tx, in *OfFile) (download, error) {
	f, err := report.LoadFile(tx, c.Actor, in.File)
	return download{name: f.Name, sha256: f.SHA256}, err
}

type fileOfReport struct {
	OfReport
	OfFile
}

func fetchReportFile(c *call, tx *db.Tx, in *fileOfReport) (download, error) {
	r, _, err := report.Load(tx, c.Actor, in.Report)
	if err != nil {
		return download{}, err
	}
	f, err := report.LoadFile(tx, c.Actor, in.File)
	if err == nil && f.Report != r.ID {
		err = missing("file")
	}
	return download{name: f.Name, sha256: f.SHA256}, err
}

type finderReason struct{ Because }

func withdrawAsFinder(c *call, tx *db.Tx, in *finderReason) (report.Report, error) {
	return c.desk().Withdraw(tx, c.Actor, "", in.Body.Reason)
}

type credit struct {
	Credit    string `json:"credit" doc:"As you want to be thanked."`
	Anonymous bool   `json:"anonymous"`
}

type finderCredit struct{ Body credit }

func creditAsFinder(c *call, tx *db.Tx, in *finderCredit) (report.Report, error) {
	return c.desk().SetCredit(tx, c.Actor, "", in.Body.Credit, in.Body.Anonymous, c.version)
}

func rotateLink(c *call, tx *db.Tx, _ *none) (receipt, error) {
	r, err := report.Rotate(tx, c.Actor, "")
	return c.receipt(r), err
}
