package api

import (
	"bytes"
	"strings"

	"tocsin/internal/alliance/constituency"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/constituency"
)

// constituencyRows are what organizations answer for.
func constituencyRows() []row {
	const claim = v1 + "/constituency/claims/{claim}"
	check := post(claim+"/check", gate.Members, write, "check-claim", "Look the record of a challenge up", showClaim)
	check.before = checkClaim
	return []row{
		get(v1+"/constituency/answers", gate.Members, read, "who-answers-for", "Who answers for an address, a domain, a country …, the most particular first", whoAnswers),
		get(v1+"/constituency/claims", gate.Members, read, "list-claims", "What organizations say they answer for", listClaims),
		fetch(v1+"/constituency/claims.csv", gate.Members, read, "export-claims", "The same as CSV", exportClaims),
		get(claim, gate.Members, read, "show-claim", "One claim", showClaim),
		create(v1+"/organizations/{org}/claims", gate.Members, write, "declare-claim", "Say that an organization answers for something", declareClaim),
		post(v1+"/organizations/{org}/claims/import", gate.Members, write, "import-claims", "Declare a sheet of claims, all or none", importClaims),
		post(claim+"/challenge", gate.Members, write, "challenge-claim", "Ask for a proof: a record in the domain, or a link by mail", challengeClaim),
		check,
		post(claim+"/confirm", gate.Members, coordinate, "confirm-claim", "Confirm a claim with a note", confirmClaim),
		post(claim+"/refuse", gate.Members, coordinate, "refuse-claim", "Refuse an unproven claim", refuseClaim),
		post(claim+"/withdraw", gate.Members, write, "withdraw-claim", "Take a claim back", withdrawClaim),
		post(claim+"/registry", gate.Members, coordinate, "note-registry-contact", "Note the contact that the registry names", noteRegistry),
		get(v1+"/constituency/overlaps", gate.Members, read, "list-overlaps", "Where two organizations claim the same", listOverlaps),
		get(v1+"/constituency/overlaps/{overlap}", gate.Members, read, "show-overlap", "One overlap", showOverlap),
		post(v1+"/constituency/overlaps/{overlap}/dispute", gate.Members, write, "dispute-overlap", "Put an overlap into dispute", disputeOverlap),
		post(v1+"/constituency/overlaps/{overlap}/settle", gate.Members, coordinate, "settle-overlap", "Settle an overlap", settleOverlap),
		get(v1+"/constituency/links/{secret}", gate.Anybody, read, "show-claim-link", "What a mailed link asks", showClaimLink),
		post(v1+"/constituency/links/{secret}", gate.Anybody, write, "answer-claim-link", "Answer a mailed link, once", answerClaimLink),
	}
}

// OfClaim names a claim.
type OfClaim struct {
	Claim string `path:"claim" maxLength:"64"`
}

type claimsQuery struct {
	Listing
	Org   string `query:"org" maxLength:"64"`
	Kind  string `query:"kind" enum:"asn,prefix,domain,country,sector,product"`
	State string `query:"state" enum:"claimed,proving,proven,disputed,expired,refused,withdrawn"`
	All   bool   `query:"all" doc:"Refused and withdrawn ones too."`
	Text  string `query:"text" maxLength:"200" doc:"A part of the value."`
	Sort  string `query:"sort" enum:"value,org,since,until"`
	Desc  bool   `query:"desc"`
}

func (q claimsQuery) filter() constituency.Filter {
	return constituency.Filter{Org: q.Org, Kind: spec.Kind(q.Kind), State: spec.State(q.State), All: q.All, Text: q.Text, Sort: constituency.Sort(strings.TrimPrefix(q.Sort, "value")), Desc: q.Desc, After: q.Cursor, Limit: q.Limit}
}

func listClaims(c *call, tx *db.Tx, in *claimsQuery) (page[constituency.Claim], error) {
	p, err := constituency.List(tx, c.Actor, in.filter())
	return unfinished(p.Claims, p.Next), err
}

func exportClaims(c *call, tx *db.Tx, in *claimsQuery) (download, error) {
	list, err := constituency.Every(tx, c.Actor, in.filter())
	if err != nil {
		return download{}, err
	}
	var b bytes.Buffer
	err = constituency.WriteCSV(&b, list)
	return download{name: "constituency.csv", text: b.Bytes()}, err
}

type answersQuery struct {
	Question string `query:"question" required:"true" maxLength:"2000" doc:"An address, a block, AS and a number, a domain, a mail or web address, a country's two letters, a sector or a package URL."`
}

func whoAnswers(c *call, tx *db.Tx, in *answersQuery) (constituency.Answer, error) {
	a, err := constituency.WhoAnswersFor(tx, c.Actor, in.Question)
	if a.Claims == nil {
		a.Claims = []constituency.Claim{}
	}
	return a, err
}

func showClaim(c *call, tx *db.Tx, in *OfClaim) (constituency.Claim, error) {
	return constituency.Get(tx, c.Actor, in.Claim)
}

type newClaim struct {
	OfOrg
	Body struct {
		Kind  string `json:"kind" required:"true" enum:"asn,prefix,domain,country,sector,product"`
		Value string `json:"value" required:"true" maxLength:"500"`
		Note  string `json:"note" doc:"For coordinators."`
	}
}

func declareClaim(c *call, tx *db.Tx, in *newClaim) (constituency.Claim, error) {
	return c.Registrar().Declare(tx, c.Actor, in.Org, spec.Kind(in.Body.Kind), in.Body.Value, in.Body.Note)
}

type claimSheet struct {
	OfOrg
	Body struct {
		Sheet string `json:"sheet" required:"true" doc:"CSV: kind, value, note; at most 2,000 lines."`
	}
}

func importClaims(c *call, tx *db.Tx, in *claimSheet) (constituency.Imported, error) {
	return c.Registrar().Import(tx, c.Actor, in.Org, strings.NewReader(in.Body.Sheet))
}

type newChallenge struct {
	OfClaim
	Body struct {
		Method  string `json:"method" required:"true" enum:"dns,mail"`
		Address string `json:"address" maxLength:"254" doc:"Of mail: hostmaster, postmaster, abuse or security at the domain, or the registry's contact."`
	}
}

func challengeClaim(c *call, tx *db.Tx, in *newChallenge) (constituency.Claim, error) {
	if in.Body.Method == string(constituency.DNS) {
		return c.Registrar().ChallengeByRecord(tx, c.Actor, in.Claim)
	}
	return c.Registrar().ChallengeByMail(tx, c.Actor, in.Claim, in.Body.Address)
}

// checkClaim looks the record up, which must not hold a transaction open; the
// operation then shows the claim.
func checkClaim(c *call) error {
	_, err := c.Registrar().Check(c.r.Context(), c.DB, c.Actor, c.r.PathValue("claim"))
	return err
}

type claimNote struct {
	OfClaim
	Body struct {
		Note string `json:"note" required:"true" doc:"What the confirmation rests on."`
	}
}

func confirmClaim(c *call, tx *db.Tx, in *claimNote) (constituency.Claim, error) {
	return constituency.Confirm(tx, c.Actor, in.Claim, in.Body.Note)
}

type claimReason struct {
	OfClaim
	Because
}

func refuseClaim(c *call, tx *db.Tx, in *claimReason) (constituency.Claim, error) {
	return constituency.Refuse(tx, c.Actor, in.Claim, in.Body.Reason)
}

func withdrawClaim(c *call, tx *db.Tx, in *OfClaim) (constituency.Claim, error) {
	return constituency.Withdraw(tx, c.Actor, in.Claim)
}

type registryNote struct {
	OfClaim
	Body struct {
		Address string `json:"address" required:"true" maxLength:"254"`
		Source  string `json:"source" required:"true" doc:"Where the registry names it, such as an RDAP address."`
	}
}

func noteRegistry(c *call, tx *db.Tx, in *registryNote) (constituency.Claim, error) {
	return constituency.NoteRegistry(tx, c.Actor, in.Claim, in.Body.Address, in.Body.Source)
}

type overlapsQuery struct {
	Listing
	Org   string `query:"org" maxLength:"64"`
	Claim string `query:"claim" maxLength:"64"`
	State string `query:"state" enum:"open,disputed,settled" doc:"Absent: those to be settled."`
	All   bool   `query:"all" doc:"Settled ones too."`
}

func listOverlaps(c *call, tx *db.Tx, in *overlapsQuery) (page[constituency.Overlap], error) {
	p, err := constituency.Overlaps(tx, c.Actor, constituency.OverlapFilter{Org: in.Org, Claim: in.Claim, State: constituency.OverlapState(in.State), All: in.All, After: in.Cursor, Limit: in.Limit})
	return unfinished(p.Overlaps, p.Next), err
}

// OfOverlap names an overlap.
type OfOverlap struct {
	Overlap string `path:"overlap" maxLength:"64"`
}

func showOverlap(c *call, tx *db.Tx, in *OfOverlap) (constituency.Overlap, error) {
	return constituency.OverlapOf(tx, c.Actor, in.Overlap)
}

type overlapReason struct {
	OfOverlap
	Because
}

func disputeOverlap(c *call, tx *db.Tx, in *overlapReason) (constituency.Overlap, error) {
	return constituency.Contest(tx, c.Actor, in.Overlap, in.Body.Reason)
}

type settlement struct {
	OfOverlap
	Body struct {
		Decision string `json:"decision" required:"true" enum:"shared,one,split"`
		Owner    string `json:"owner" maxLength:"64" doc:"Of one: the id of the claim that it belongs to; the other is refused."`
		Reason   string `json:"reason" required:"true"`
		Version  int64  `json:"version" required:"true" doc:"Of the overlap, as you saw it."`
	}
}

func settleOverlap(c *call, tx *db.Tx, in *settlement) (constituency.Overlap, error) {
	return constituency.Settle(tx, c.Actor, in.Overlap, constituency.Settlement{Decision: constituency.Decision(in.Body.Decision), Owner: in.Body.Owner, Reason: in.Body.Reason, Version: in.Body.Version})
}

// OfClaimLink is the secret of a link that was mailed.
type OfClaimLink struct {
	Secret string `path:"secret" maxLength:"100"`
}

func showClaimLink(_ *call, tx *db.Tx, in *OfClaimLink) (constituency.Asked, error) {
	return constituency.OpenLink(tx, in.Secret)
}

type linkAnswer struct {
	OfClaimLink
	Body struct {
		Answer string `json:"answer" required:"true" enum:"yes,no"`
	}
}

func answerClaimLink(_ *call, tx *db.Tx, in *linkAnswer) (nothing, error) {
	if in.Body.Answer != "yes" && in.Body.Answer != "no" {
		return nothing{}, errs.Bad("answer", "Answer yes or no.")
	}
	_, err := constituency.AnswerLink(tx, in.Secret, in.Body.Answer == "yes")
	return nothing{}, err
}
