package membership

import (
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/membership"
	"tocsin/spec/text"
)

// StandingSort is an order of members; within it they stand by name.
type StandingSort string

// The orders.
const (
	ByMember StandingSort = ""
	ByDue    StandingSort = "due" // whose term ends first; those without end last
)

// StandingFilter narrows a list of members.
type StandingFilter struct {
	Program  string        // id, Whole, or "" for all
	Org      string        // id, or ""
	Standing spec.Standing // of the membership itself, or ""
	Renewing bool          // only those whose renewal is asked for
	Appealed bool          // only those with an appeal to be decided
	Prefix   string        // beginning of the organization's name
	Sort     StandingSort
	Desc     bool
	After    string // Next of the page before, or ""
	Limit    int    // 1 to 200; 0 means 50
}

// MemberLine is a member with what its renewal still misses.
type MemberLine struct {
	Membership
	Missing []Step `json:"missing"`
}

// StandingPage is one page of members. Next is empty on the last one.
type StandingPage struct {
	Members []MemberLine `json:"members"`
	Next    string       `json:"next,omitempty"`
}

const farAway = int64(1) << 62 // sorts after every instant

// Members lists how members stand, as far as the actor may see it.
func Members(tx *db.Tx, a audience.Actor, f StandingFilter) (StandingPage, error) {
	if err := charter.SignedIn(a); err != nil {
		return StandingPage{}, err
	}
	var args db.Args
	where := []string{standScope(a, &args), "(x.program_id <> '' OR s.id IS NOT NULL)"}
	if err := f.conditions(&where, &args); err != nil {
		return StandingPage{}, err
	}
	due := "COALESCE(s.due_at, 4611686018427387904)" // farAway
	further, dir := " > ", ""
	if f.Desc {
		further, dir = " < ", " DESC"
	}
	if f.After != "" {
		last, err := StandingIn(tx, a, f.After)
		if err != nil {
			return StandingPage{}, errs.Bad("after", "The next page begins after a member that is gone; start from the first.")
		}
		at := farAway
		if !last.Due.IsZero() {
			at = last.Due.UnixMicro()
		}
		if f.Sort != ByDue {
			at = 0
		}
		key := "CAST(" + args.Add(at) + " AS BIGINT), " + args.Add(orgs.Fold(last.OrgName)) + ", " + args.Add(last.Org) + ", " + args.Add(last.Program)
		where = append(where, "("+f.column(due)+", o.folded, x.org_id, x.program_id)"+further+"("+key+")")
	}
	f.Limit = db.PageRows(f.Limit, 200)
	order := f.column(due) + dir + ", o.folded" + dir + ", x.org_id" + dir + ", x.program_id" + dir
	if f.Sort != ByDue {
		order = "o.folded" + dir + ", x.org_id" + dir + ", x.program_id" + dir
	}
	list, err := db.All(tx, scanMember, `SELECT `+standColumns+standBase+` WHERE `+strings.Join(where, " AND ")+` ORDER BY `+order+db.Limit(f.Limit+1), args...)
	if err != nil {
		return StandingPage{}, err
	}
	var p StandingPage
	list, p.Next = db.CutPage(list, f.Limit, Membership.Ref)
	p.Members, err = lines(tx, list)
	return p, err
}

func (f StandingFilter) column(due string) string {
	if f.Sort == ByDue {
		return due
	}
	return "CAST(0 AS BIGINT)"
}

func lines(tx *db.Tx, list []Membership) ([]MemberLine, error) {
	if err := judge(tx, list); err != nil {
		return nil, err
	}
	out := make([]MemberLine, len(list))
	for i, m := range list {
		out[i] = MemberLine{Membership: m, Missing: []Step{}}
		if !m.Renewing() {
			continue
		}
		steps, err := m.steps(tx)
		if err != nil {
			return nil, err
		}
		out[i].Missing = Missing(steps)
	}
	return out, nil
}

func (f StandingFilter) conditions(where *[]string, args *db.Args) error {
	add := func(s string) { *where = append(*where, s) }
	switch f.Program {
	case "":
	case Whole:
		add("x.program_id = ''")
	default:
		add("x.program_id = " + args.Add(f.Program))
	}
	if f.Org != "" {
		add("x.org_id = " + args.Add(f.Org))
	}
	if f.Renewing {
		add("s.renewal <> 'current' AND s.sanction NOT IN ('removed', 'ended')")
	}
	if f.Appealed {
		add("EXISTS (SELECT 1 FROM sanction k WHERE k.standing_id = s.id AND k.appeal = 'filed')")
	}
	if f.Prefix != "" {
		p, _, err := text.CleanLine(f.Prefix, 200)
		if err != nil {
			return errs.Bad("prefix", "Please correct the name: %s.", err)
		}
		add("substr(o.folded, 1, length(" + args.Add(orgs.Fold(p)) + ")) = " + args.Add(orgs.Fold(p)))
	}
	if f.Sort != ByMember && f.Sort != ByDue {
		return errs.Bad("sort", "Members are sorted by name or by due.")
	}
	if f.Standing == "" {
		return nil
	}
	var states []string
	for _, r := range spec.Renewal.States() {
		for _, s := range spec.Sanction.States() {
			if spec.Of(r, s) == f.Standing {
				states = append(states, "(COALESCE(s.renewal, 'current') = "+args.Add(string(r))+" AND COALESCE(s.sanction, 'none') = "+args.Add(string(s))+")")
			}
		}
	}
	if len(states) == 0 {
		return errs.Bad("standing", "Choose one of the standings.")
	}
	add("(" + strings.Join(states, " OR ") + ")")
	return nil
}

// RenewalsOwed lists the members whose renewal waits for the actor, who is an
// admin of theirs: something is missing that an admin gives, or nothing is
// missing any more.
func RenewalsOwed(tx *db.Tx, a audience.Actor) ([]MemberLine, error) {
	if a.Person == "" {
		return nil, nil
	}
	// The organizations are named one by one: through a join all members of
	// the alliance would be gone through, on every page with this count.
	led, err := db.Column[string](tx, `SELECT org_id FROM membership WHERE person_id = $1 AND role = 'admin' ORDER BY org_id`, a.Person)
	if err != nil || len(led) == 0 {
		return nil, err
	}
	var args db.Args
	list, err := db.All(tx, scanMember, `SELECT `+standColumns+standBase+` WHERE x.org_id IN `+db.List(&args, led)+
		` AND s.renewal <> 'current' AND s.sanction NOT IN ('removed', 'ended') AND x.program_id <> '' ORDER BY s.due_at, s.id LIMIT 50`, args...)
	if err != nil {
		return nil, err
	}
	all, err := lines(tx, list)
	var out []MemberLine
	for _, l := range all {
		if len(l.Missing) != 1 || l.Missing[0].Kind != StepFee { // only the secretariat can go on
			out = append(out, l)
		}
	}
	return out, err
}

// PenaltyLine is a sanction with the member that it is against.
type PenaltyLine struct {
	Penalty
	Of Membership `json:"of"`
}

// AppealsOwed lists the appeals that the actor may decide, or put to the
// board, the oldest first.
func AppealsOwed(tx *db.Tx, a audience.Actor) ([]PenaltyLine, error) {
	return penaltyLines(tx, a, `k.appeal = 'filed'`, func(p Penalty, m Membership) bool {
		return keepsStanding(a, m) == nil && impartialTo(a, m) == nil && (p.ByBoard() || p.By != a.Person)
	})
}

// AppealsOpen lists the sanctions against which the actor, an admin of the
// member, may still appeal.
func AppealsOpen(tx *db.Tx, a audience.Actor) ([]PenaltyLine, error) {
	var args db.Args
	return penaltyLinesWith(tx, a, &args, `k.appeal = 'open' AND k.ended_at IS NULL AND k.appeal_until > `+args.Add(tx.Now.UnixMicro()), func(_ Penalty, m Membership) bool {
		ok, err := answersFor(tx, a, m.Org)
		return err == nil && ok
	})
}

func penaltyLines(tx *db.Tx, a audience.Actor, where string, keep func(Penalty, Membership) bool) ([]PenaltyLine, error) {
	var args db.Args
	return penaltyLinesWith(tx, a, &args, where, keep)
}

func penaltyLinesWith(tx *db.Tx, a audience.Actor, args *db.Args, where string, keep func(Penalty, Membership) bool) ([]PenaltyLine, error) {
	if a.Person == "" {
		return nil, nil
	}
	// Few sanctions are open to appeal, and a coordinator has an audience for
	// every member.
	list, err := db.All(tx, scanPenalty, `SELECT `+penaltyColumns+` FROM sanction k WHERE `+where+` AND `+audience.Visible(a, "k", args)+` ORDER BY k.at, k.id LIMIT 50`, *args...)
	if err != nil {
		return nil, err
	}
	var out []PenaltyLine
	for _, p := range list {
		m, err := again(tx, Membership{ID: p.Member})
		if err != nil {
			return nil, err
		}
		if keep(p, m) {
			out = append(out, PenaltyLine{p, m})
		}
	}
	return out, nil
}
