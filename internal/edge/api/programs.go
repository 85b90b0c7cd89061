package api

import (
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
)

// programRows are the programs' tree, rules and coordinators.
func programRows() []row {
	return []row{
		get(v1+"/programs/tree", gate.Members, read, "show-program-tree", "Programs with their rules, each after the one it stands under", showTree),
		get(v1+"/program-templates", gate.Members, read, "list-program-templates", "Ready-made programs", listTemplates),
		create(v1+"/programs/from-template", gate.Members, admin, "create-from-template", "Add a ready-made program with the ones below it", createFromTemplate),
		get(v1+"/programs/{program}/rules", gate.Members, read, "show-program-rules", "How a program runs", showRules),
		put(v1+"/programs/{program}/rules", gate.Members, admin, "change-program-rules", "Replace a program's rules", changeRules),
		post(v1+"/programs/{program}/rules/preview", gate.Members, read, "preview-program-rules", "Who would gain and who would lose sight of what; changes nothing", previewRules),
		create(v1+"/programs/{program}/rules/motion", gate.Members, write, "propose-program-rules", "Put other rules to the board, as a draft of a motion, and see what they would do", proposeRules),
		get(v1+"/programs/{program}/exceptions", gate.Members, read, "list-exceptions", "Whom the board let into cases although the program shuts their class out", listExceptions),
		create(v1+"/programs/{program}/exceptions/{exception}/motion", gate.Members, write, "propose-exception-end", "Put to the board that an exception ends, as a draft of a motion", proposeExceptionEnd),
		get(v1+"/programs/{program}/rules/history", gate.Members, read, "list-rule-changes", "Changes of a program and its rules, newest first", listRuleChanges),
		put(v1+"/programs/{program}/parent", gate.Members, admin, "move-program", "Put a program under another one, or at the top", moveProgram),
		get(v1+"/programs/{program}/coordinators", gate.Members, read, "list-program-coordinators", "A program's own coordinators", listCoordinators),
		post(v1+"/programs/{program}/coordinators", gate.Members, admin, "appoint-coordinator", "Appoint a coordinator of the program", appointCoordinator),
		remove(v1+"/programs/{program}/coordinators/{person}", gate.Members, admin, "dismiss-coordinator", "Dismiss a coordinator of the program", dismissCoordinator),
	}
}

func showTree(c *call, tx *db.Tx, _ *none) (page[programs.Node], error) {
	list, err := programs.Tree(tx, c.Actor)
	return whole(list), err
}

func listTemplates(_ *call, _ *db.Tx, _ *none) (page[programs.Template], error) {
	return whole(programs.Templates), nil
}

type fromTemplate struct {
	Body struct {
		Template string `json:"template" required:"true" maxLength:"80"`
		Name     string `json:"name" doc:"Empty: the template's title."`
		Parent   string `json:"parent" maxLength:"64" doc:"Id of the program above it; empty: at the top."`
	}
}

func createFromTemplate(c *call, tx *db.Tx, in *fromTemplate) (page[programs.Program], error) {
	made, err := programs.FromTemplate(tx, c.Actor, in.Body.Template, in.Body.Name, in.Body.Parent)
	return whole(made), err
}

// showRules is the rules of a program that the actor may see.
func showRules(c *call, tx *db.Tx, in *OfProgram) (programs.Rules, error) {
	if _, err := programs.Get(tx, c.Actor, in.Program); err != nil {
		return programs.Rules{}, err
	}
	return programs.RulesOf(tx, in.Program)
}

// RuleFields are a program's rules; what is absent stays as it is.
type RuleFields struct {
	Parent        *string              `json:"parent" maxLength:"64" doc:"Id of the program above it; empty: at the top."`
	Slug          *string              `json:"slug" doc:"In the address of its public page."`
	Admits        *[]orgs.Class        `json:"admits" maxItems:"20" doc:"Classes that may join; empty: every class not shut out."`
	ShutOut       *[]orgs.Class        `json:"shut_out" maxItems:"20" doc:"Classes that nothing under it reaches; holds for all programs below too."`
	Evidence      *[]programs.Evidence `json:"evidence" maxItems:"20" doc:"Asked of applicants."`
	Sponsors      *int                 `json:"sponsors" doc:"Members that must vouch for an applicant."`
	ObjectionDays *int                 `json:"objection_days" doc:"In which members may object to one."`
	RenewDays     *int                 `json:"renew_days" doc:"How long a membership lasts; 0: without end."`
	ByBoard       *bool                `json:"by_board" doc:"The board votes on applicants; else coordinators decide."`
	Open          *bool                `json:"open" doc:"Takes applications."`
	Directory     *programs.Sight      `json:"directory" doc:"Who sees whom: members, names or coordinators."`
	Agreements    *[]string            `json:"agreements" maxItems:"20" doc:"Ids; asked of members for whatever lies under the program."`
	Features      *[]programs.Feature  `json:"features" maxItems:"20"`
	Page          *string              `json:"page" doc:"Public page, Markdown; empty: none."`
}

func (f RuleFields) on(r *programs.Rules) {
	over(&r.Parent, f.Parent)
	over(&r.Slug, f.Slug)
	over(&r.Admits, f.Admits)
	over(&r.ShutOut, f.ShutOut)
	over(&r.Evidence, f.Evidence)
	over(&r.Sponsors, f.Sponsors)
	over(&r.ObjectionDays, f.ObjectionDays)
	over(&r.RenewDays, f.RenewDays)
	over(&r.ByBoard, f.ByBoard)
	over(&r.Open, f.Open)
	over(&r.Directory, f.Directory)
	over(&r.Agreements, f.Agreements)
	over(&r.Features, f.Features)
	over(&r.Page, f.Page)
}

type editRules struct {
	OfProgram
	Body RuleFields
}

// rulesAsked are the rules as they would be after the request.
func rulesAsked(c *call, tx *db.Tx, in *editRules) (programs.Rules, error) {
	r, err := showRules(c, tx, &in.OfProgram)
	in.Body.on(&r)
	return r, err
}

func changeRules(c *call, tx *db.Tx, in *editRules) (programs.Rules, error) {
	r, err := rulesAsked(c, tx, in)
	if err != nil {
		return r, err
	}
	r.Version = c.version
	return programs.ChangeRules(tx, c.Actor, r)
}

// previewRules tries the change and takes it back.
func previewRules(c *call, tx *db.Tx, in *editRules) (programs.Change, error) {
	r, err := rulesAsked(c, tx, in)
	if err != nil {
		return programs.Change{}, err
	}
	return programs.Preview(tx, c.Actor, r)
}

type askRules struct {
	OfProgram
	Body struct {
		RuleFields
		Version *int64 `json:"version" required:"true" doc:"The version of the rules that you read; the motion is made upon it."`
		Reason  string `json:"reason" doc:"Why; Markdown. The board reads it."`
	}
}

// rulesMotion is a motion to change rules, with what they would do.
type rulesMotion struct {
	Motion board.Motion    `json:"motion"`
	Change programs.Change `json:"change"`
}

func proposeRules(c *call, tx *db.Tx, in *askRules) (rulesMotion, error) {
	r, err := rulesAsked(c, tx, &editRules{in.OfProgram, in.Body.RuleFields})
	if err != nil {
		return rulesMotion{}, err
	}
	over(&r.Version, in.Body.Version)
	m, change, err := board.ProposeRules(tx, c.Actor, r, in.Body.Reason)
	return rulesMotion{m, change}, err
}

func listExceptions(c *call, tx *db.Tx, in *OfProgram) (page[casework.Exception], error) {
	list, err := casework.Exceptions(tx, c.Actor, in.Program)
	return whole(list), err
}

type endException struct {
	OfProgram
	Exception string `path:"exception" maxLength:"140" doc:"Its ref."`
	Because
}

func proposeExceptionEnd(c *call, tx *db.Tx, in *endException) (board.Motion, error) {
	return casework.ProposeEnd(tx, c.Actor, in.Program, in.Exception, in.Body.Reason)
}

type ruleHistory struct {
	OfProgram
	LedgerQuery
}

func listRuleChanges(c *call, tx *db.Tx, in *ruleHistory) (page[ledger.Record], error) {
	before, err := in.before()
	if err != nil {
		return page[ledger.Record]{}, err
	}
	if _, err := programs.Get(tx, c.Actor, in.Program); err != nil {
		return page[ledger.Record]{}, err
	}
	list, err := ledger.List(tx, c.Actor, ledger.Query{Scope: in.Program, Before: before, Limit: in.Limit + 1})
	return events(list, in.Limit), err
}

type moveTo struct {
	OfProgram
	Body struct {
		Parent string `json:"parent" maxLength:"64" doc:"Id of the program above it; empty: at the top."`
	}
}

func moveProgram(c *call, tx *db.Tx, in *moveTo) (programs.Rules, error) {
	return programs.Move(tx, c.Actor, in.Program, in.Body.Parent, c.version)
}

func listCoordinators(c *call, tx *db.Tx, in *OfProgram) (page[programs.Coordinator], error) {
	list, err := programs.Coordinators(tx, c.Actor, in.Program)
	return whole(list), err
}

type appointing struct {
	OfProgram
	Body struct {
		Person string `json:"person_id" required:"true" maxLength:"64"`
	}
}

func appointCoordinator(c *call, tx *db.Tx, in *appointing) (nothing, error) {
	return nothing{}, programs.AppointCoordinator(tx, c.Actor, in.Program, in.Body.Person)
}

type dismissing struct {
	OfProgram
	OfPerson
}

func dismissCoordinator(c *call, tx *db.Tx, in *dismissing) (nothing, error) {
	return nothing{}, casework.Dismiss(tx, c.Actor, in.Program, in.Person)
}
