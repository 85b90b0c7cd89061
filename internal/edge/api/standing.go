package api

import (
	"bytes"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/membership"
)

func standingRows() []row {
	const at, of = v1 + "/memberships", v1 + "/sanctions/{sanction}"
	return []row{
		get(at, gate.Members, read, "list-memberships", "How members stand: renewals and sanctions", listMemberships),
		fetch(at+".csv", gate.Members, read, "export-memberships", "The same as CSV", exportMemberships),
		get(at+"/owed", gate.Members, read, "list-owed-memberships", "Renewals that wait for you, appeals that you may decide or file", listOwedMemberships),
		get(at+"/{membership}", gate.Members, read, "show-membership", "One membership with its renewal's checklist and its sanctions", showMembership),
		get(at+"/{membership}/consequence", gate.Members, read, "foresee-sanction", "What a sanction would do, and to how many people", foreseeSanction),
		post(at+"/{membership}/steps", gate.Members, write, "note-renewal-step", "Note the fee, or the evidence, of a renewal", noteStep),
		post(at+"/{membership}/renew", gate.Members, write, "renew-membership", "Begin the next term, once nothing is missing", renewMembership),
		post(at+"/{membership}/warn", gate.Members, coordinate, "warn-member", "Warn a member", warnMember),
		post(at+"/{membership}/reduce", gate.Members, coordinate, "reduce-member", "Leave a member reading, and nothing more", reduceMember),
		create(at+"/{membership}/motions", gate.Members, write, "propose-sanction", "Draft a motion that the board suspend or remove a member", proposeSanction),
		post(of+"/lift", gate.Members, coordinate, "lift-sanction", "Lift a warning or a reduction", liftSanction),
		post(of+"/appeal", gate.Members, write, "appeal-sanction", "Appeal against a sanction, within 14 days", appealSanction),
		post(of+"/decide", gate.Members, coordinate, "decide-appeal", "Decide on an appeal against a warning or a reduction", decideAppeal),
		create(of+"/motions", gate.Members, write, "put-sanction-to-board", "Draft a motion that the board lift what it decided", putToBoard),
	}
}

type MembershipQuery struct {
	Program  string        `query:"program" maxLength:"64" doc:"Id of a program; alliance: the whole alliance."`
	Org      string        `query:"organization" maxLength:"64"`
	Standing spec.Standing `query:"standing" doc:"good, warned, reduced, lapsed, suspended or removed, by the membership itself."`
	Renewing bool          `query:"renewing" doc:"Only those whose renewal is asked for."`
	Appealed bool          `query:"appealed" doc:"Only those with an appeal to be decided."`
	Prefix   string        `query:"q" maxLength:"200" doc:"Beginning of the organization's name."`
	Sort     string        `query:"sort" doc:"due: whose term ends first; else by name."`
	Desc     bool          `query:"desc"`
}

func (q MembershipQuery) filter() membership.StandingFilter {
	return membership.StandingFilter{Program: q.Program, Org: q.Org, Standing: q.Standing, Renewing: q.Renewing, Appealed: q.Appealed, Prefix: q.Prefix, Sort: membership.StandingSort(q.Sort), Desc: q.Desc}
}

type membershipPage struct {
	MembershipQuery
	Cursor string `query:"cursor" maxLength:"140"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

func listMemberships(c *call, tx *db.Tx, in *membershipPage) (page[membership.MemberLine], error) {
	f := in.filter()
	f.After, f.Limit = in.Cursor, in.Limit
	p, err := membership.Members(tx, c.Actor, f)
	return unfinished(p.Members, p.Next), err
}

func exportMemberships(c *call, tx *db.Tx, in *MembershipQuery) (download, error) {
	list, err := membership.AllMembers(tx, c.Actor, in.filter())
	if err != nil {
		return download{}, err
	}
	var b bytes.Buffer
	err = membership.WriteStandingCSV(&b, list)
	return download{name: "memberships.csv", text: b.Bytes()}, err
}

// owedStanding is what a person owes, or may do in time, about memberships.
type owedStanding struct {
	Renewals []membership.MemberLine  `json:"renewals"`
	Decide   []membership.PenaltyLine `json:"decide" doc:"Appeals that you may decide, or put to the board."`
	Appeal   []membership.PenaltyLine `json:"appeal" doc:"Sanctions against which you may still appeal."`
}

func listOwedMemberships(c *call, tx *db.Tx, _ *struct{}) (out owedStanding, err error) {
	if out.Renewals, err = membership.RenewalsOwed(tx, c.Actor); err != nil {
		return out, err
	}
	if out.Decide, err = membership.AppealsOwed(tx, c.Actor); err != nil {
		return out, err
	}
	if out.Appeal, err = membership.AppealsOpen(tx, c.Actor); err != nil {
		return out, err
	}
	if out.Renewals == nil {
		out.Renewals = []membership.MemberLine{}
	}
	if out.Decide == nil {
		out.Decide = []membership.PenaltyLine{}
	}
	if out.Appeal == nil {
		out.Appeal = []membership.PenaltyLine{}
	}
	return out, nil
}

// OfMembership names a membership: its id, or its program's (or alliance) and
// its organization's with a dot between.
type OfMembership struct {
	Membership string `path:"membership" maxLength:"140"`
}

// membershipView is all there is of a membership.
type membershipView struct {
	membership.Membership
	Steps     []membership.Step    `json:"steps"`
	Sanctions []membership.Penalty `json:"sanctions"`
}

func showMembership(c *call, tx *db.Tx, in *OfMembership) (membershipView, error) {
	m, err := membership.StandingIn(tx, c.Actor, in.Membership)
	if err != nil {
		return membershipView{}, err
	}
	return membershipShown(c, tx, m)
}

func membershipShown(c *call, tx *db.Tx, m membership.Membership) (membershipView, error) {
	v := membershipView{Membership: m, Steps: []membership.Step{}, Sanctions: []membership.Penalty{}}
	steps, err := membership.Checklist(tx, c.Actor, m.Ref())
	if err != nil {
		return v, err
	}
	v.Steps = append(v.Steps, steps...)
	list, err := membership.Penalties(tx, c.Actor, m.ID)
	v.Sanctions = append(v.Sanctions, list...)
	return v, err
}

type foreseeing struct {
	OfMembership
	Kind spec.SanctionVerb `query:"kind" default:"suspend" enum:"warn,reduce,suspend,remove"`
}

func foreseeSanction(c *call, tx *db.Tx, in *foreseeing) (membership.Consequence, error) {
	return membership.Foresee(tx, c.Actor, in.Membership, in.Kind)
}

type stepNoted struct {
	OfMembership
	Body struct {
		Step membership.StepKind `json:"step" required:"true" enum:"fee,evidence"`
		Note string              `json:"note" required:"true"`
	}
}

func noteStep(c *call, tx *db.Tx, in *stepNoted) (membershipView, error) {
	m, err := membership.NoteStep(tx, c.Actor, in.Membership, in.Body.Step, in.Body.Note)
	if err != nil {
		return membershipView{}, err
	}
	return membershipShown(c, tx, m)
}

func renewMembership(c *call, tx *db.Tx, in *OfMembership) (membershipView, error) {
	m, err := membership.Renew(tx, c.Actor, in.Membership)
	if err != nil {
		return membershipView{}, err
	}
	return membershipShown(c, tx, m)
}

type withReason struct {
	OfMembership
	Body struct {
		Reason string `json:"reason" required:"true"`
	}
}

func warnMember(c *call, tx *db.Tx, in *withReason) (membershipView, error) {
	m, err := membership.Warn(tx, c.Actor, in.Membership, in.Body.Reason)
	if err != nil {
		return membershipView{}, err
	}
	return membershipShown(c, tx, m)
}

func reduceMember(c *call, tx *db.Tx, in *withReason) (membershipView, error) {
	m, err := membership.Reduce(tx, c.Actor, in.Membership, in.Body.Reason)
	if err != nil {
		return membershipView{}, err
	}
	return membershipShown(c, tx, m)
}

type sanctionProposed struct {
	OfMembership
	Body struct {
		Kind   spec.SanctionVerb `json:"kind" required:"true" enum:"suspend,remove"`
		Reason string            `json:"reason" required:"true" doc:"What the member is told if the motion carries."`
	}
}

func proposeSanction(c *call, tx *db.Tx, in *sanctionProposed) (board.Motion, error) {
	return membership.ProposeSanction(tx, c.Actor, in.Membership, in.Body.Kind, in.Body.Reason)
}

type OfSanction struct {
	Sanction string `path:"sanction" maxLength:"64"`
}

type liftingSanction struct {
	OfSanction
	Body struct {
		Reason string `json:"reason" required:"true"`
	}
}

func liftSanction(c *call, tx *db.Tx, in *liftingSanction) (membershipView, error) {
	m, err := membership.Lift(tx, c.Actor, in.Sanction, in.Body.Reason)
	if err != nil {
		return membershipView{}, err
	}
	return membershipShown(c, tx, m)
}

type appealing struct {
	OfSanction
	Body struct {
		Plea string `json:"plea" required:"true"`
	}
}

func appealSanction(c *call, tx *db.Tx, in *appealing) (membership.Penalty, error) {
	return membership.Appeal(tx, c.Actor, in.Sanction, in.Body.Plea)
}

type decidingAppeal struct {
	OfSanction
	Body struct {
		Overturn bool   `json:"overturn" required:"true" doc:"true: the sanction is lifted; false: it stands."`
		Reason   string `json:"reason" required:"true"`
	}
}

func decideAppeal(c *call, tx *db.Tx, in *decidingAppeal) (membershipView, error) {
	m, err := membership.DecideAppeal(tx, c.Actor, in.Sanction, in.Body.Overturn, in.Body.Reason)
	if err != nil {
		return membershipView{}, err
	}
	return membershipShown(c, tx, m)
}

type puttingToBoard struct {
	OfSanction
	Body struct {
		Note string `json:"note" doc:"Stands in the motion, after the member's plea."`
	}
}

func putToBoard(c *call, tx *db.Tx, in *puttingToBoard) (board.Motion, error) {
	return membership.PutToBoard(tx, c.Actor, in.Sanction, in.Body.Note)
}
