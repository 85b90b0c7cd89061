package api

import (
	"encoding/json"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/ballot"
	"tocsin/spec/tlp"
)

// OfMotion names a motion.
type OfMotion struct {
	Motion string `path:"motion" maxLength:"64" doc:"Id or number of the motion."`
}

type motionsQuery struct {
	Listing
	State string `query:"state" enum:"draft,open,closed,carried,failed,void"`
	Kind  string `query:"kind" maxLength:"40"`
	Text  string `query:"text" maxLength:"200" doc:"Words in the title, or the number."`
}

func listMotions(c *call, tx *db.Tx, in *motionsQuery) (page[board.Motion], error) {
	f := board.Filter{Kind: board.Kind(in.Kind), Text: in.Text, After: in.Cursor, Limit: in.Limit}
	if in.State != "" {
		f.States = []ballot.State{ballot.State(in.State)}
	}
	list, err := board.List(tx, c.Actor, f)
	next := ""
	if len(list) == in.Limit {
		next = list[len(list)-1].ID
	}
	return unfinished(list, next), err
}

func listAwaiting(c *call, tx *db.Tx, _ *none) (page[board.Motion], error) {
	list, err := board.Awaiting(tx, c.Actor)
	return whole(list), err
}

func showMotion(c *call, tx *db.Tx, in *OfMotion) (board.Motion, error) {
	return board.Get(tx, c.Actor, in.Motion)
}

type motionFields struct {
	Kind       *string          `json:"kind" doc:"admit, suspend, remove, rules, exception, publish, spend or other."`
	Title      *string          `json:"title"`
	Text       *string          `json:"text" doc:"Markdown."`
	ObjectKind *string          `json:"object_kind" doc:"What it is about, such as org or program; the seat of an org is recused."`
	Object     *string          `json:"object_id"`
	Proposal   *json.RawMessage `json:"proposal" doc:"A JSON object: what the effect of the kind needs to know, at most 64 KB."`
	Sealed     *bool            `json:"sealed" doc:"Nobody learns a choice, or the count before the close."`
	Quorum     *string          `json:"quorum" doc:"Part of the electorate that must vote, as 1/2: at least that where the decision is carried out at once (all kinds but publish, spend and other)."`
	Majority   *string          `json:"majority" doc:"Part of the votes for and against that carries it, as 2/3."`
	Early      *bool            `json:"early" doc:"Close once everybody who may has voted."`
	TLP        *tlp.Level       `json:"tlp"`
	Deadline   *time.Time       `json:"deadline" doc:"The first instant at which no vote is taken; absent: in seven days. Where the decision is carried out at once, the ballot is open for at least 24 hours, or its quorum is 1/1."`
}

func (f motionFields) on(m *board.Motion) error {
	over((*string)(&m.Kind), f.Kind)
	over(&m.Title, f.Title)
	over(&m.Text, f.Text)
	over(&m.Object.Kind, f.ObjectKind)
	over(&m.Object.ID, f.Object)
	over(&m.Proposal, f.Proposal)
	over(&m.Sealed, f.Sealed)
	over(&m.Early, f.Early)
	over(&m.Level, f.TLP)
	over(&m.Deadline, f.Deadline)
	var bad []errs.Field
	for _, x := range []struct {
		name string
		from *string
		to   *ballot.Fraction
	}{{"quorum", f.Quorum, &m.Rules.Quorum}, {"majority", f.Majority, &m.Rules.Majority}} {
		if x.from == nil {
			continue
		}
		v, err := ballot.ParseFraction(*x.from)
		if err != nil {
			bad = append(bad, errs.Field{Name: x.name, Reason: "Please " + err.Error() + "."})
		}
		*x.to = v
	}
	return errs.Join(bad)
}

type newMotion struct{ Body motionFields }

func proposeMotion(c *call, tx *db.Tx, in *newMotion) (m board.Motion, err error) {
	if err = in.Body.on(&m); err != nil {
		return m, err
	}
	return board.Propose(tx, c.Actor, m)
}

type editMotion struct {
	OfMotion
	Body motionFields
}

func reviseMotion(c *call, tx *db.Tx, in *editMotion) (board.Motion, error) {
	m, err := board.Get(tx, c.Actor, in.Motion)
	if err != nil {
		return m, err
	}
	if err := in.Body.on(&m); err != nil {
		return m, err
	}
	m.Version = c.version
	return board.Revise(tx, c.Actor, m)
}

type putMotion struct {
	OfMotion
	Body struct {
		Version int64 `json:"version" required:"true" doc:"The version that you read: nobody opens a text that they have not seen."`
	}
}

func openMotion(c *call, tx *db.Tx, in *putMotion) (board.Motion, error) {
	return board.Open(tx, c.Actor, in.Motion, in.Body.Version)
}

type motionReason struct {
	OfMotion
	Because
}

func withdrawMotion(c *call, tx *db.Tx, in *motionReason) (board.Motion, error) {
	return c.Board().Withdraw(tx, c.Actor, in.Motion, in.Body.Reason)
}

func listElectorate(c *call, tx *db.Tx, in *OfMotion) (page[board.Elector], error) {
	list, err := board.Electorate(tx, c.Actor, in.Motion)
	return whole(list), err
}

func listRecusals(c *call, tx *db.Tx, in *OfMotion) (page[board.Recusal], error) {
	list, err := board.Recusals(tx, c.Actor, in.Motion)
	return whole(list), err
}

type newRecusal struct {
	OfMotion
	Body struct {
		Seat   string `json:"seat_id" required:"true"`
		Reason string `json:"reason" required:"true"`
	}
}

func recuseSeat(c *call, tx *db.Tx, in *newRecusal) (nothing, error) {
	return nothing{}, c.Board().Recuse(tx, c.Actor, in.Motion, in.Body.Seat, in.Body.Reason)
}

func listPapers(c *call, tx *db.Tx, in *OfMotion) (page[board.Paper], error) {
	list, err := board.Papers(tx, c.Actor, in.Motion)
	return whole(list), err
}

type newVote struct {
	OfMotion
	Body struct {
		Seat   string `json:"seat_id" doc:"Absent: the one seat for which you may vote."`
		Choice string `json:"choice" required:"true" doc:"yes, no or abstain."`
		Reason string `json:"reason" doc:"In an open ballot the board reads it; in a sealed one nobody does."`
	}
}

func castVote(c *call, tx *db.Tx, in *newVote) (board.Receipt, error) {
	return c.Board().Cast(tx, c.Actor, in.Motion, board.Said{Seat: in.Body.Seat, Choice: ballot.Choice(in.Body.Choice), Reason: in.Body.Reason})
}

func listVotes(c *call, tx *db.Tx, in *OfMotion) (page[board.Vote], error) {
	list, err := board.Votes(tx, c.Actor, in.Motion)
	return whole(list), err
}

func countMotion(c *call, tx *db.Tx, in *OfMotion) (board.Motion, error) {
	return c.Board().CountAgain(tx, c.Actor, in.Motion)
}

// recounted is what a recount came to.
type recounted struct {
	Same   bool          `json:"same" doc:"False: the stored votes were changed after the close; verify the ledger."`
	Result ballot.Result `json:"result"`
}

func recountMotion(c *call, tx *db.Tx, in *OfMotion) (recounted, error) {
	r, same, err := c.Board().Recount(tx, c.Actor, in.Motion)
	return recounted{same, r}, err
}

func previewMotion(c *call, tx *db.Tx, in *OfMotion) (programs.Change, error) {
	return board.PreviewRules(tx, c.Actor, in.Motion)
}

func enactMotion(c *call, tx *db.Tx, in *OfMotion) (board.Motion, error) {
	return c.Board().Enact(tx, c.Actor, in.Motion)
}

// minutes are a document.
type minutes struct {
	Markdown string `json:"markdown"`
}

func showMinutes(c *call, tx *db.Tx, in *OfMotion) (minutes, error) {
	text, err := board.Minutes(tx, c.Actor, in.Motion)
	return minutes{text}, err
}
