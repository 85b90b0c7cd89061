package client

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"tocsin/spec/membership"
)

// Evidence is what an applicant shows for its maturity.
type Evidence struct {
	Policy       string `json:"psirt_policy,omitempty"`
	SecurityTxt  string `json:"security_txt,omitempty"`
	Team         string `json:"team_description,omitempty"`
	SIM3         string `json:"sim3,omitempty"`
	Constituency string `json:"constituency,omitempty"`
	Handling     string `json:"handling,omitempty"`
	More         string `json:"more,omitempty"`
}

// ApplicationForm is what an applicant fills in.
type ApplicationForm struct {
	Program     string   `json:"program,omitempty"` // id or page address; when it begins
	Org         string   `json:"org_id,omitempty"`  // when one applies signed in
	Name        string   `json:"name"`
	Class       string   `json:"class"`
	Website     string   `json:"website"`
	Statement   string   `json:"statement"`
	Evidence    Evidence `json:"evidence"`
	Sponsors    []string `json:"sponsors"`
	Affiliates  string   `json:"affiliates"`
	Contact     string   `json:"contact"`
	ContactName string   `json:"contact_name"`
}

// ApplicationReceipt is what an applicant gets, once.
type ApplicationReceipt struct {
	ID      string    `json:"id"`
	Number  string    `json:"number"`
	Secret  string    `json:"secret,omitempty"`
	Expires time.Time `json:"expires_at,omitzero"`
}

// Application is an application with what the reader's side may know.
type Application struct {
	ID            string                            `json:"id"`
	Number        string                            `json:"number"`
	Program       string                            `json:"program"`
	ProgramName   string                            `json:"program_name"`
	Org           string                            `json:"org,omitempty"`
	Newcomer      bool                              `json:"newcomer"`
	Name          string                            `json:"name"`
	Class         string                            `json:"class"`
	Website       string                            `json:"website,omitempty"`
	Statement     string                            `json:"statement,omitempty"`
	Evidence      Evidence                          `json:"evidence"`
	Sponsors      []string                          `json:"sponsors,omitempty"`
	Affiliates    string                            `json:"affiliates,omitempty"`
	Contact       string                            `json:"contact,omitempty"`
	ContactName   string                            `json:"contact_name,omitempty"`
	ConfirmedAt   time.Time                         `json:"confirmed_at,omitzero"`
	State         membership.AppState               `json:"state"`
	Note          string                            `json:"note,omitempty"`
	CheckedBy     string                            `json:"checked_by,omitempty"`
	DecidedBy     string                            `json:"decided_by,omitempty"`
	Reason        string                            `json:"reason,omitempty"`
	ReapplyAt     time.Time                         `json:"reapply_at,omitzero"`
	Motion        string                            `json:"motion,omitempty"`
	ObjectionsEnd time.Time                         `json:"objections_end,omitzero"`
	Dates         map[membership.AppState]time.Time `json:"dates"`
	BegunAt       time.Time                         `json:"begun_at"`
	LapsesAt      time.Time                         `json:"lapses_at"`
	Version       int64                             `json:"version"`
	Frozen        bool                              `json:"frozen,omitempty"`
	Side          string                            `json:"side"` // secretariat, board, applicant or member
	// Of the dossier, where one application is read.
	Needed     int           `json:"sponsors_needed,omitempty"`
	Statements int           `json:"statements,omitempty"`
	Asked      []AppSponsor  `json:"asked,omitempty"`
	Objections []Objection   `json:"objections,omitempty"`
	Recusals   []AppConflict `json:"recusals,omitempty"`
	Unsigned   []string      `json:"unsigned,omitempty"`
	Ballot     string        `json:"ballot,omitempty"`
	Voices     []string      `json:"voices,omitempty"`
	May        []string      `json:"may,omitempty"`
}

// AppSponsor is a member that was asked to speak for an applicant.
type AppSponsor struct {
	ID         string    `json:"id"`
	Org        string    `json:"org"`
	OrgName    string    `json:"org_name"`
	Answer     string    `json:"answer,omitempty"` // supports, declines or ""
	Statement  string    `json:"statement,omitempty"`
	Conflict   string    `json:"conflict,omitempty"`
	AskedAt    time.Time `json:"asked_at"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
}

// Objection is what a member has against an applicant.
type Objection struct {
	ID       string    `json:"id"`
	Org      string    `json:"org"`
	OrgName  string    `json:"org_name"`
	Reason   string    `json:"reason"`
	Conflict string    `json:"conflict,omitempty"`
	Answer   string    `json:"answer,omitempty"` // stands, set-aside or ""
	Why      string    `json:"why,omitempty"`
	At       time.Time `json:"at"`
}

// AppConflict says who takes no part.
type AppConflict struct {
	Org     string    `json:"org,omitempty"`
	OrgName string    `json:"org_name,omitempty"`
	Person  string    `json:"person,omitempty"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
}

// Speech is what a sponsor or an objector says.
type Speech struct {
	Org      string `json:"org"`
	Answer   string `json:"answer,omitempty"`
	Text     string `json:"text"`
	Conflict string `json:"conflict,omitempty"`
}

// Verdict is a decision of the secretariat.
type Verdict struct {
	Accept    bool      `json:"accept"`
	Why       string    `json:"why"`
	Reason    string    `json:"reason,omitempty"`
	ReapplyAt time.Time `json:"reapply_at,omitzero"`
}

// BoardVote is how an application is put to the board.
type BoardVote struct {
	Open     bool      `json:"open"`
	Early    bool      `json:"early"`
	Deadline time.Time `json:"deadline,omitzero"`
}

// Affiliation says that a party belongs to an organization.
type Affiliation struct {
	ID         string    `json:"id"`
	Party      string    `json:"party"`
	PartyName  string    `json:"party_name"`
	Parent     string    `json:"parent"`
	ParentName string    `json:"parent_name"`
	Note       string    `json:"note,omitempty"`
	At         time.Time `json:"at"`
}

// ApplicationQuery narrows a list of applications; "" is all.
type ApplicationQuery struct {
	Program, State, Class, Prefix, Sort string
	Desc                                bool
	Paging
}

func application(ref string, more ...string) string {
	return at(append([]string{"applications", ref}, more...)...)
}

// BeginApplication makes a draft, of anybody or of the token's organization.
func (c *Client) BeginApplication(ctx context.Context, in ApplicationForm) (ApplicationReceipt, error) {
	return post[ApplicationReceipt](ctx, c, "/applications", in)
}

// ConfirmApplication proves the contact's address by the mailed secret.
func (c *Client) ConfirmApplication(ctx context.Context, secret string) (Application, error) {
	return post[Application](ctx, c, "/application-links/confirm", object{"secret": secret})
}

// AnswerApplicationTest answers a test page by its secret.
func (c *Client) AnswerApplicationTest(ctx context.Context, secret string) error {
	return c.act(ctx, "/application-links/answer", object{"secret": secret})
}

// Applications lists what the person may see.
func (c *Client) Applications(ctx context.Context, in ApplicationQuery) (Page[Application], error) {
	q := in.query()
	for name, v := range map[string]string{"program": in.Program, "state": in.State, "class": in.Class, "prefix": in.Prefix, "sort": in.Sort} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if in.Desc {
		q.Set("desc", "true")
	}
	return get[Page[Application]](ctx, c, "/applications", q)
}

// Application reads one by id or number; "" is the one whose link the client
// shows.
func (c *Client) Application(ctx context.Context, ref string) (Application, error) {
	return get[Application](ctx, c, ownOr(ref), nil)
}

func ownOr(ref string, more ...string) string {
	if ref == "" {
		return "/application" + at(more...)
	}
	return application(ref, more...)
}

// SaveApplication saves a draft of the version that was read.
func (c *Client) SaveApplication(ctx context.Context, ref string, version int64, in ApplicationForm) (out Application, err error) {
	_, err = c.Do(ctx, Request{Method: http.MethodPut, Path: ownOr(ref), Body: in, Match: ETag(version)}, &out)
	return out, err
}

// SubmitApplication hands a draft of the version that was read in.
func (c *Client) SubmitApplication(ctx context.Context, ref string, version int64) (Application, error) {
	return post[Application](ctx, c, ownOr(ref, "submit"), object{"version": version})
}

// StepApplication does a step that needs nothing but the application:
// withdraw, check, announce, sign, test, activate.
func (c *Client) StepApplication(ctx context.Context, ref, step string) (Application, error) {
	return post[Application](ctx, c, ownOr(ref, step), nil)
}

// ReturnApplication sends it back to be completed.
func (c *Client) ReturnApplication(ctx context.Context, ref, note string) (Application, error) {
	return post[Application](ctx, c, application(ref, "return"), object{"note": note})
}

// AskSponsor asks a member to speak for the applicant.
func (c *Client) AskSponsor(ctx context.Context, ref, org string) (AppSponsor, error) {
	return post[AppSponsor](ctx, c, application(ref, "sponsors"), object{"org_id": org})
}

// SpeakOnApplication answers as a sponsor.
func (c *Client) SpeakOnApplication(ctx context.Context, ref string, in Speech) (AppSponsor, error) {
	return post[AppSponsor](ctx, c, application(ref, "statement"), in)
}

// ObjectToApplication objects as a member.
func (c *Client) ObjectToApplication(ctx context.Context, ref string, in Speech) (Objection, error) {
	return post[Objection](ctx, c, application(ref, "objections"), in)
}

// AnswerObjection says whether an objection stands or is set aside.
func (c *Client) AnswerObjection(ctx context.Context, ref, objection, answer, why string) (Application, error) {
	return post[Application](ctx, c, application(ref, "objections", objection, "answer"), object{"answer": answer, "why": why})
}

// DeclareConflict takes the person, or an organization, out of an application.
func (c *Client) DeclareConflict(ctx context.Context, ref, org, reason string) error {
	return c.act(ctx, application(ref, "conflicts"), object{"org_id": org, "reason": reason})
}

// PutApplication puts it to the board's vote.
func (c *Client) PutApplication(ctx context.Context, ref string, in BoardVote) (Motion, error) {
	return post[Motion](ctx, c, application(ref, "ballot"), in)
}

// DecideApplication accepts or refuses, where no board decides.
func (c *Client) DecideApplication(ctx context.Context, ref string, in Verdict) (Application, error) {
	return post[Application](ctx, c, application(ref, "decide"), in)
}

// ExplainApplication gives a refused applicant the reason.
func (c *Client) ExplainApplication(ctx context.Context, ref string, in Verdict) (Application, error) {
	return post[Application](ctx, c, application(ref, "explain"), in)
}

// PrepareApplication makes the organization and invites its first admin.
func (c *Client) PrepareApplication(ctx context.Context, ref, email, name string) (Application, error) {
	return post[Application](ctx, c, application(ref, "prepare"), object{"email": email, "name": name})
}

// RelinkApplication replaces the link; the secret comes to its holder only.
func (c *Client) RelinkApplication(ctx context.Context, ref string) (string, error) {
	out, err := post[struct{ Secret string }](ctx, c, ownOr(ref, "link"), nil)
	return out.Secret, err
}

// Affiliations lists who belongs to whom.
func (c *Client) Affiliations(ctx context.Context, party string) (Page[Affiliation], error) {
	q := url.Values{}
	if party != "" {
		q.Set("party", party)
	}
	return get[Page[Affiliation]](ctx, c, "/affiliations", q)
}

// Affiliate records that a party belongs to an organization.
func (c *Client) Affiliate(ctx context.Context, party, parent, note string) (Affiliation, error) {
	return post[Affiliation](ctx, c, "/affiliations", object{"party": party, "parent": parent, "note": note})
}

// Disaffiliate removes that record.
func (c *Client) Disaffiliate(ctx context.Context, id string) error {
	_, err := c.Do(ctx, Request{Method: http.MethodDelete, Path: at("affiliations", id)}, nil)
	return err
}

// Freezes lists the programs whose applications rest for a case's embargo.
func (c *Client) Freezes(ctx context.Context, caseRef string) (Page[Program], error) {
	return get[Page[Program]](ctx, c, at("cases", caseRef, "freezes"), nil)
}

// FreezeApplications lets applications to a program rest while the embargo
// holds.
func (c *Client) FreezeApplications(ctx context.Context, caseRef, program string) error {
	return c.act(ctx, at("cases", caseRef, "freezes"), object{"program_id": program})
}

// ThawApplications lets them go on.
func (c *Client) ThawApplications(ctx context.Context, caseRef, program string) error {
	_, err := c.Do(ctx, Request{Method: http.MethodDelete, Path: at("cases", caseRef, "freezes", program)}, nil)
	return err
}
