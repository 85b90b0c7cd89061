package client

import (
	"context"
	"net/http"
	"time"

	"tocsin/spec/tlp"
)

// Program is a group of organizations.
type Program struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Purpose   string    `json:"purpose"` // Markdown
	TLP       tlp.Level `json:"tlp"`
	State     string    `json:"state"` // active, closed
	CreatedAt time.Time `json:"created_at"`
	Version   int64     `json:"version"`
}

// ProgramRules is how a program runs.
type ProgramRules struct {
	Program       string   `json:"program"`
	Parent        string   `json:"parent"` // id of the program above it, or ""
	Slug          string   `json:"slug"`
	Admits        []string `json:"admits"`   // classes; empty: every class not shut out
	ShutOut       []string `json:"shut_out"` // classes; below it too
	Evidence      []string `json:"evidence"`
	Sponsors      int      `json:"sponsors"`
	ObjectionDays int      `json:"objection_days"`
	RenewDays     int      `json:"renew_days"` // 0: without end
	ByBoard       bool     `json:"by_board"`
	Open          bool     `json:"open"`
	Directory     string   `json:"directory"` // members, names, coordinators
	Agreements    []string `json:"agreements"`
	Features      []string `json:"features"`
	Page          string   `json:"page"` // Markdown
	Template      string   `json:"template"`
	Version       int64    `json:"version"`
}

// RuleChange are the rules to change; what is nil stays as it is.
type RuleChange struct {
	Parent        *string   `json:"parent,omitempty"` // id, "" for the top
	Slug          *string   `json:"slug,omitempty"`
	Admits        *[]string `json:"admits,omitempty"`
	ShutOut       *[]string `json:"shut_out,omitempty"`
	Evidence      *[]string `json:"evidence,omitempty"`
	Sponsors      *int      `json:"sponsors,omitempty"`
	ObjectionDays *int      `json:"objection_days,omitempty"`
	RenewDays     *int      `json:"renew_days,omitempty"`
	ByBoard       *bool     `json:"by_board,omitempty"`
	Open          *bool     `json:"open,omitempty"`
	Directory     *string   `json:"directory,omitempty"`
	Agreements    *[]string `json:"agreements,omitempty"`
	Features      *[]string `json:"features,omitempty"`
	Page          *string   `json:"page,omitempty"`
}

// ProgramNode is a program in its place in the tree.
type ProgramNode struct {
	Program
	Rules   ProgramRules `json:"rules"`
	Depth   int          `json:"depth"`
	Members int          `json:"members"` // 0 where the person may not know
}

// ProgramTemplate is a ready-made program.
type ProgramTemplate struct {
	Name    string            `json:"name"`
	Title   string            `json:"title"`
	Purpose string            `json:"purpose"`
	TLP     tlp.Level         `json:"tlp"`
	Rules   ProgramRules      `json:"rules"`
	Sub     []ProgramTemplate `json:"sub"`
}

// ProgramCoordinator coordinates one program and what lies under it.
type ProgramCoordinator struct {
	Person string    `json:"person"`
	Name   string    `json:"name"`
	Email  string    `json:"email"`
	Since  time.Time `json:"since"`
}

// ProgramChange names what of a program itself to change; nil stays.
type ProgramChange struct {
	Name    *string    `json:"name,omitempty"`
	Purpose *string    `json:"purpose,omitempty"`
	TLP     *tlp.Level `json:"tlp,omitempty"`
	State   *string    `json:"state,omitempty"`
}

// ProgramTree lists the programs the person may see, each after the one it
// stands under.
func (c *Client) ProgramTree(ctx context.Context) (Page[ProgramNode], error) {
	return get[Page[ProgramNode]](ctx, c, "/programs/tree", nil)
}

// ProgramTemplates lists the ready-made programs.
func (c *Client) ProgramTemplates(ctx context.Context) (Page[ProgramTemplate], error) {
	return get[Page[ProgramTemplate]](ctx, c, "/program-templates", nil)
}

// Program is one program.
func (c *Client) Program(ctx context.Context, id string) (Program, error) {
	return get[Program](ctx, c, at("programs", id), nil)
}

// CreateProgram starts a program at the top of the tree.
func (c *Client) CreateProgram(ctx context.Context, name, purpose string, level tlp.Level) (Program, error) {
	return post[Program](ctx, c, "/programs", object{"name": name, "purpose": purpose, "tlp": level})
}

// CreateFromTemplate starts a ready-made program under parent ("": at the
// top) with those below it; an empty name takes the template's title.
func (c *Client) CreateFromTemplate(ctx context.Context, template, name, parent string) (Page[Program], error) {
	return post[Page[Program]](ctx, c, "/programs/from-template", object{"template": template, "name": name, "parent": parent})
}

// ChangeProgram changes what a program is called, is for and is marked, or
// its state; version is the one seen.
func (c *Client) ChangeProgram(ctx context.Context, id string, in ProgramChange, version int64) (Program, error) {
	return change[Program](ctx, c, http.MethodPatch, at("programs", id), in, version)
}

// ProgramRules is how a program runs.
func (c *Client) ProgramRules(ctx context.Context, id string) (ProgramRules, error) {
	return get[ProgramRules](ctx, c, at("programs", id, "rules"), nil)
}

// ChangeRules changes a program's rules; version is the one seen.
func (c *Client) ChangeRules(ctx context.Context, id string, in RuleChange, version int64) (ProgramRules, error) {
	return change[ProgramRules](ctx, c, http.MethodPut, at("programs", id, "rules"), in, version)
}

// RulePreview is who would gain and who would lose sight of what.
type RulePreview struct {
	Rules  ProgramRules   `json:"rules"`  // as they would stand
	Closed []string       `json:"closed"` // classes shut out that are not now
	Opened []string       `json:"opened"` // classes not shut out any more
	Gains  []RuleAffected `json:"gains"`
	Loses  []RuleAffected `json:"loses"`
}

// RuleAffected is one person, and what they gain or lose sight of.
type RuleAffected struct {
	Person string   `json:"person"`
	Name   string   `json:"name"`
	Orgs   []string `json:"orgs"`
	Things []struct {
		Kind  string `json:"kind"`
		Title string `json:"title"`
		URL   string `json:"url"`
		Upto  string `json:"upto"` // highest marking seen afterwards; "" for nothing at all
	} `json:"things"`
	Others int `json:"others"` // and of how many more
}

// PreviewRules says what a change of rules would do, and changes nothing. A
// move is tried by its parent.
func (c *Client) PreviewRules(ctx context.Context, id string, in RuleChange) (RulePreview, error) {
	return post[RulePreview](ctx, c, at("programs", id, "rules", "preview"), in)
}

// RuleHistory lists what changed in a program, newest first.
func (c *Client) RuleHistory(ctx context.Context, id string, p Paging) (Page[Event], error) {
	return get[Page[Event]](ctx, c, at("programs", id, "rules", "history"), p.query())
}

// MoveProgram puts a program under another one ("": at the top); version is
// that of its rules.
func (c *Client) MoveProgram(ctx context.Context, id, parent string, version int64) (ProgramRules, error) {
	return change[ProgramRules](ctx, c, http.MethodPut, at("programs", id, "parent"), object{"parent": parent}, version)
}

// ProgramOrgs lists the organizations of a program, as far as its directory
// shows them to the person.
func (c *Client) ProgramOrgs(ctx context.Context, id string, p Paging) (Page[Org], error) {
	return get[Page[Org]](ctx, c, at("programs", id, "organizations"), p.query())
}

// JoinProgram puts an organization into a program.
func (c *Client) JoinProgram(ctx context.Context, id, org string) error {
	return c.act(ctx, at("programs", id, "organizations"), object{"org_id": org})
}

// LeaveProgram takes an organization out of a program.
func (c *Client) LeaveProgram(ctx context.Context, id, org string) error {
	return c.drop(ctx, at("programs", id, "organizations", org))
}

// ProgramCoordinators lists a program's own coordinators.
func (c *Client) ProgramCoordinators(ctx context.Context, id string) (Page[ProgramCoordinator], error) {
	return get[Page[ProgramCoordinator]](ctx, c, at("programs", id, "coordinators"), nil)
}

// AppointCoordinator makes a person coordinator of the program.
func (c *Client) AppointCoordinator(ctx context.Context, id, person string) error {
	return c.act(ctx, at("programs", id, "coordinators"), object{"person_id": person})
}

// DismissCoordinator takes that away.
func (c *Client) DismissCoordinator(ctx context.Context, id, person string) error {
	return c.drop(ctx, at("programs", id, "coordinators", person))
}

func change[T any](ctx context.Context, c *Client, method, path string, body any, version int64) (out T, err error) {
	_, err = c.Do(ctx, Request{Method: method, Path: path, Body: body, Match: ETag(version)}, &out)
	return out, err
}

func (c *Client) drop(ctx context.Context, path string) error {
	_, err := c.Do(ctx, Request{Method: http.MethodDelete, Path: path}, nil)
	return err
}

// RulesMotion is a motion to change a program's rules, with what they would
// do.
type RulesMotion struct {
	Motion Motion      `json:"motion"`
	Change RulePreview `json:"change"`
}

// ProposeRules puts other rules to the board, as a draft of a motion; version
// is the one seen.
func (c *Client) ProposeRules(ctx context.Context, id string, in RuleChange, reason string, version int64) (RulesMotion, error) {
	return post[RulesMotion](ctx, c, at("programs", id, "rules", "motion"), struct {
		RuleChange
		Version int64  `json:"version"`
		Reason  string `json:"reason"`
	}{in, version, reason})
}

// PreviewMotion says what the rules that a motion proposes would do, and
// changes nothing.
func (c *Client) PreviewMotion(ctx context.Context, ref string) (RulePreview, error) {
	return post[RulePreview](ctx, c, at("board", "motions", ref, "preview"), nil)
}

// ProgramExceptions lists the exceptions for cases in a program.
func (c *Client) ProgramExceptions(ctx context.Context, id string) (Page[Exception], error) {
	return get[Page[Exception]](ctx, c, at("programs", id, "exceptions"), nil)
}

// ProposeExceptionEnd puts to the board that an exception ends, as a draft of
// a motion.
func (c *Client) ProposeExceptionEnd(ctx context.Context, id, ref, reason string) (Motion, error) {
	return post[Motion](ctx, c, at("programs", id, "exceptions", ref, "motion"), object{"reason": reason})
}
