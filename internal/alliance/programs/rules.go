package programs

import (
	"slices"
	"strings"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/text"
)

// Sight is who sees whom in a program's directory.
type Sight string

// The sights. The alliance's roles and the program's coordinators see all.
const (
	SightMembers      Sight = "members"      // every member sees the others with their people
	SightNames        Sight = "names"        // every member sees the others' names and classes
	SightCoordinators Sight = "coordinators" // a member sees itself
)

// Sights lists the sights, the widest first.
var Sights = []Sight{SightMembers, SightNames, SightCoordinators}

// Feature is what a program's members do together in it.
type Feature string

// The features.
const (
	Cases          Feature = "cases"
	JointResponse  Feature = "joint_response"
	Intelligence   Feature = "intelligence"
	Samples        Feature = "samples"
	NetworkReports Feature = "network_reports"
	Forum          Feature = "forum"
	Library        Feature = "library"
	Events         Feature = "events"
)

// Features lists the features.
var Features = []Feature{Cases, JointResponse, Intelligence, Samples, NetworkReports, Forum, Library, Events}

// Evidence is what an applicant shows of itself.
type Evidence string

// The kinds of evidence.
const (
	PolicyEvidence       Evidence = "psirt_policy"     // a published vulnerability handling policy (ISO/IEC 29147)
	SecurityTxtEvidence  Evidence = "security_txt"     // the address of its security.txt (RFC 9116)
	TeamEvidence         Evidence = "team_description" // of its response team, such as RFC 2350
	SIM3Evidence         Evidence = "sim3"             // a SIM3 self-assessment
	ConstituencyEvidence Evidence = "constituency"     // what it answers for, declared and proved
	HandlingEvidence     Evidence = "handling"         // how it handles what it receives under TLP
)

// Evidences lists the kinds of evidence.
var Evidences = []Evidence{PolicyEvidence, SecurityTxtEvidence, TeamEvidence, SIM3Evidence, ConstituencyEvidence, HandlingEvidence}

// Rules is how a program runs: who may be in it, who sees whom, what must be
// agreed to, what it is for.
type Rules struct {
	Program string `json:"program"`
	Parent  string `json:"parent"` // id of the program above it, or ""
	Slug    string `json:"slug"`   // in the address of its public page; unique

	Admits  []orgs.Class `json:"admits"`   // classes that may join; empty: every class not shut out
	ShutOut []orgs.Class `json:"shut_out"` // classes that nothing under it reaches; holds for all programs below too

	Evidence      []Evidence `json:"evidence"`       // asked of applicants
	Sponsors      int        `json:"sponsors"`       // members that must vouch for an applicant
	ObjectionDays int        `json:"objection_days"` // in which members may object to one
	RenewDays     int        `json:"renew_days"`     // how long a membership lasts; 0: without end
	ByBoard       bool       `json:"by_board"`       // the board votes on applicants; else coordinators decide
	Open          bool       `json:"open"`           // takes applications

	Directory  Sight     `json:"directory"`
	Agreements []string  `json:"agreements"` // ids; asked of members for whatever lies under the program
	Features   []Feature `json:"features"`
	Page       string    `json:"page"`     // public page, Markdown; "" has none
	Template   string    `json:"template"` // of Templates, or ""
	Version    int64     `json:"version"`  // 0: it keeps to the defaults
}

// Bounds of what rules may hold.
const (
	MaxPage       = 50_000 // runes
	MaxSponsors   = 10
	MaxDays       = 3660
	MaxAgreements = 20
)

// EventRules is a change of rules, with the rules before and after.
const EventRules = "program.rules_changed"

var rulesTable = ledger.Table{Kind: "program_rules", Name: "program_rules", Cols: "id, audience_id, parent_id, slug, rules, version"}

func defaults(programID string) Rules {
	return Rules{Program: programID, Slug: programID, Sponsors: 2, ObjectionDays: 14, RenewDays: 365, Directory: SightMembers, Features: []Feature{Cases}}.whole()
}

func scanRules(r *Rules) []any { return []any{db.JSON(r), &r.Program, &r.Parent, &r.Slug, &r.Version} }

const rulesColumns = `r.rules, r.id, r.parent_id, r.slug, r.version`

// RulesOf reads a program's rules; the defaults when nobody has set any. It
// asks nobody.
func RulesOf(tx *db.Tx, programID string) (Rules, error) {
	r, ok, err := db.One(tx, scanRules, `SELECT `+rulesColumns+` FROM program_rules r WHERE r.id = $1`, programID)
	if err == nil && !ok {
		r = defaults(programID)
	}
	return r.whole(), err
}

// whole leaves no list nil, so that JSON has lists and rules compare.
func (r Rules) whole() Rules {
	r.Admits, r.ShutOut, r.Evidence, r.Agreements, r.Features = list(r.Admits), list(r.ShutOut), list(r.Evidence), list(r.Agreements), list(r.Features)
	return r
}

func list[T any](in []T) []T {
	if in == nil {
		return []T{}
	}
	return in
}

// Has reports whether the program has a feature.
func (r Rules) Has(f Feature) bool { return slices.Contains(r.Features, f) }

// cleaned puts rules into their canonical form, or says what is wrong.
func (r Rules) cleaned() (Rules, error) {
	var bad []errs.Field
	wrong := func(name, reason string) { bad = append(bad, errs.Field{Name: name, Reason: reason}) }
	r.Slug = strings.ToLower(strings.TrimSpace(r.Slug))
	if !slugged(r.Slug) {
		wrong("slug", "Use small letters, digits, dashes and underscores for the page's address, at most 80.")
	}
	r.Admits, r.ShutOut, r.Evidence, r.Features = sorted(r.Admits), sorted(r.ShutOut), sorted(r.Evidence), sorted(r.Features)
	r.Agreements = sorted(r.Agreements)
	switch {
	case !within(r.Admits, orgs.Classes):
		wrong("admits", "Choose among the classes of organizations.")
	case !within(r.ShutOut, orgs.Classes):
		wrong("shut_out", "Choose among the classes of organizations.")
	case slices.ContainsFunc(r.Admits, func(c orgs.Class) bool { return slices.Contains(r.ShutOut, c) }):
		wrong("shut_out", "A class cannot be both admitted and shut out.")
	case len(r.ShutOut) == len(orgs.Classes):
		wrong("shut_out", "Every class would be shut out, and nobody could be a member.")
	}
	if !within(r.Evidence, Evidences) {
		wrong("evidence", "Choose among the kinds of evidence.")
	}
	if !within(r.Features, Features) {
		wrong("features", "Choose among the features.")
	}
	if len(r.Agreements) > MaxAgreements {
		wrong("agreements", "A program asks for 20 agreements at most.")
	}
	if r.Sponsors < 0 || r.Sponsors > MaxSponsors {
		wrong("sponsors", "Ask for 0 to 10 sponsors.")
	}
	if r.ObjectionDays < 0 || r.ObjectionDays > MaxDays {
		wrong("objection_days", "Give the objection period as 0 to 3660 days.")
	}
	if r.RenewDays < 0 || r.RenewDays > MaxDays {
		wrong("renew_days", "Give the time until renewal as 0 to 3660 days.")
	}
	if r.Directory == "" {
		r.Directory = SightMembers
	}
	if !slices.Contains(Sights, r.Directory) {
		wrong("directory", "Members see one another, names only, or nobody but coordinators.")
	}
	page, _, err := text.CleanText(r.Page, MaxPage)
	if err != nil {
		wrong("page", "Please correct the page: "+err.Error()+".")
	}
	r.Page = page
	if r.Template != "" && !templated(Templates, r.Template) {
		wrong("template", "There is no such template.")
	}
	return r.whole(), errs.Join(bad)
}

func sorted[T ~string](in []T) []T {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

func within[T comparable](in, all []T) bool {
	return !slices.ContainsFunc(in, func(x T) bool { return !slices.Contains(all, x) })
}

func slugged(s string) bool {
	return s != "" && len(s) <= 80 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// slugOf makes an address of a name.
func slugOf(name string) string {
	var b strings.Builder
	for _, r := range orgs.Fold(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := b.String()
	return strings.Trim(s[:min(len(s), 60)], "-")
}

// BySlug finds an active program by the address of its page. It asks nobody.
func BySlug(tx *db.Tx, slug string) (Program, Rules, error) {
	p, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM program g LEFT JOIN program_rules r ON r.id = g.id WHERE COALESCE(r.slug, g.id) = $1 AND g.state = 'active'`, slug)
	if err == nil && !ok {
		err = errs.Missing("program")
	}
	if err != nil {
		return p, Rules{}, err
	}
	r, err := RulesOf(tx, p.ID)
	return p, r, err
}
