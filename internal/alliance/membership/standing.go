package membership

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	spec "tocsin/spec/membership"
	"tocsin/spec/tlp"
)

// The kinds of events about a member's standing.
const (
	EventEntered     = "standing.entered"
	EventWarned      = "standing.warned"
	EventReduced     = "standing.reduced"
	EventSuspended   = "standing.suspended"
	EventRemoved     = "standing.removed"
	EventRestored    = "standing.restored"
	EventEnded       = "standing.ended"
	EventReadmitted  = "standing.readmitted"
	EventReminded    = "renewal.reminded"
	EventNoted       = "renewal.noted"
	EventRenewed     = "renewal.renewed"
	EventLapsed      = "renewal.lapsed"
	EventOverdue     = "renewal.suspended"
	EventRescheduled = "renewal.rescheduled"
	EventAppealed    = "appeal.filed"
	EventUpheld      = "appeal.upheld"
	EventOverturned  = "appeal.overturned"
	EventForgone     = "appeal.forgone"
)

const standLevel = tlp.AmberStrict

var (
	standTable    = ledger.Table{Kind: "standing", Name: "standing", Cols: "id, program_id, org_id, audience_id, tlp, renewal, sanction, cap, days, term_at, due_at, reminded, next_at, version"}
	sanctionTable = ledger.Table{Kind: "sanction", Name: "sanction", Cols: "id, standing_id, audience_id, tlp, kind, reason, motion_id, person_id, at, followed_by, ended_at, end_reason, appeal, appeal_until, plea, appealed_by, appealed_at, decision, decided_by, decided_at, version"}
	stepTable     = ledger.Table{Kind: "renewal_step", Name: "renewal_step", Cols: "id, standing_id, audience_id, tlp, term_at, step, note, person_id, at"}
)

// StandingTables names the rows that the events about standing vouch for.
func StandingTables() []ledger.Table {
	return []ledger.Table{standTable, sanctionTable, stepTable}
}

// Whole stands for the whole alliance where a program is asked for in a Ref.
const Whole = "alliance"

// Membership is how an organization stands in a program, or with an empty Program
// in the whole alliance.
type Membership struct {
	ID          string             `json:"id,omitempty"` // empty until something is kept of it
	Program     string             `json:"program"`      // "" for the whole alliance
	ProgramName string             `json:"program_name"`
	Org         string             `json:"org"`
	OrgName     string             `json:"org_name"`
	Standing    spec.Standing      `json:"standing"` // as it counts: with what holds in programs above and in the alliance
	Own         spec.Standing      `json:"own"`      // by this membership alone
	Because     string             `json:"because,omitempty"`
	Renewal     spec.RenewalState  `json:"renewal"`
	Sanction    spec.SanctionState `json:"sanction"`
	Since       time.Time          `json:"since,omitzero"`
	Term        time.Time          `json:"term,omitzero"` // when the running term began
	Due         time.Time          `json:"due,omitzero"`  // the first instant after it; zero: without end
	Reminded    int                `json:"reminded"`      // how many of the reminders went out
	Version     int64              `json:"version"`
	Audience    string             `json:"-"`
	Level       tlp.Level          `json:"-"`

	days  int
	next  time.Time
	state orgs.State
}

// Ref names the member in addresses: "prg_….org_…", "alliance.org_…".
func (m Membership) Ref() string { return cmp.Or(m.Program, Whole) + "." + m.Org }

// base are the memberships there are, and what is kept of those that were.
const standBase = ` FROM (SELECT x.program_id, x.org_id, x.since FROM program_org x UNION ALL
	SELECT y.program_id, y.org_id, y.term_at FROM standing y WHERE NOT EXISTS (SELECT 1 FROM program_org z WHERE z.program_id = y.program_id AND z.org_id = y.org_id)) x
	JOIN org o ON o.id = x.org_id LEFT JOIN program g ON g.id = x.program_id LEFT JOIN standing s ON s.program_id = x.program_id AND s.org_id = x.org_id`

const standColumns = `COALESCE(s.id, ''), x.program_id, COALESCE(g.name, ''), x.org_id, o.name, o.state, COALESCE(s.renewal, 'current'), COALESCE(s.sanction, 'none'), x.since, s.term_at, s.due_at, COALESCE(s.reminded, 0), s.next_at, COALESCE(s.days, 0), COALESCE(s.version, 0), COALESCE(s.audience_id, ''), COALESCE(s.tlp, 0)`

func scanMember(m *Membership) []any {
	return []any{&m.ID, &m.Program, &m.ProgramName, &m.Org, &m.OrgName, &m.state, &m.Renewal, &m.Sanction, db.At(&m.Since), db.At(&m.Term), db.At(&m.Due), &m.Reminded, db.At(&m.next), &m.days, &m.Version, &m.Audience, &m.Level}
}

// standScope is the condition on memberships x of what the actor may see: the
// alliance's roles and the board all, a program's own coordinators its own, an
// organization's people its own. It is what standGrants gives, for
// memberships of which nothing is kept yet too.
func standScope(a audience.Actor, args *db.Args) string {
	if a.Holds(audience.Office, charter.Bench) || slices.ContainsFunc(charter.Roles, func(r string) bool { return a.Holds(audience.Office, r) }) {
		return "1 = 1"
	}
	mine, led := a.Of(audience.Org), []string{}
	for _, office := range a.Of(audience.Office) {
		if org, ok := strings.CutPrefix(office, orgs.VoiceOf("")); ok {
			mine = append(mine, org)
		}
		if program, ok := strings.CutPrefix(office, audience.CoordinatorsOf("")); ok {
			led = append(led, program)
		}
	}
	return "(x.org_id IN " + db.List(args, mine) + " OR x.program_id IN " + db.List(args, led) + ")"
}

func standGrants(m Membership) []audience.Grant {
	out := []audience.Grant{
		{Kind: audience.Org, ID: m.Org, Role: audience.Contributor, Reason: "its own standing"},
		{Kind: audience.Office, ID: orgs.VoiceOf(m.Org), Role: audience.Contributor, Reason: "answers for it"},
		{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Coordinator, Reason: "keeps the members' list"},
		{Kind: audience.Office, ID: charter.Board, Role: audience.Reader, Reason: "decides on members"},
		{Kind: audience.Office, ID: charter.Bench, Role: audience.Reader, Reason: "decides on members"},
		{Kind: audience.Office, ID: charter.Operator, Role: audience.Reader, Reason: "runs the server"},
	}
	if m.Program != "" {
		out = append(out, audience.Grant{Kind: audience.Office, ID: audience.CoordinatorsOf(m.Program), Role: audience.Coordinator, Reason: "coordinates the program"})
	}
	return out
}

// StandingIn reads a member the actor may see, by the id of what is kept of
// it or by its Ref. Every listed organization stands in the alliance.
func StandingIn(tx *db.Tx, a audience.Actor, ref string) (Membership, error) {
	if err := charter.SignedIn(a); err != nil {
		return Membership{}, err
	}
	var args db.Args
	where := "s.id = " + args.Add(ref)
	program, org, pair := strings.Cut(ref, ".")
	if program == Whole {
		program = ""
	}
	if pair {
		args = nil
		where = "x.program_id = " + args.Add(program) + " AND x.org_id = " + args.Add(org)
	}
	m, ok, err := db.One(tx, scanMember, `SELECT `+standColumns+standBase+` WHERE `+where+` AND `+standScope(a, &args), args...)
	if err == nil && !ok && pair && program == "" {
		return newcomer(tx, a, org)
	}
	if err != nil || !ok {
		return Membership{}, standMissing(err)
	}
	list := []Membership{m}
	err = judge(tx, list)
	return list[0], err
}

// newcomer is an organization of whose standing in the alliance nothing is
// kept yet.
func newcomer(tx *db.Tx, a audience.Actor, org string) (Membership, error) {
	o, err := orgs.Get(tx, a, org)
	if err != nil || !o.Listed {
		return Membership{}, standMissing(err)
	}
	var args db.Args
	args.Add(org)
	ok, err := db.Value[int](tx, `SELECT COUNT(*) FROM (SELECT id AS org_id, '' AS program_id FROM org WHERE id = $1) x WHERE `+standScope(a, &args), args...)
	if err != nil || ok == 0 {
		return Membership{}, standMissing(err)
	}
	list := []Membership{{Org: o.ID, OrgName: o.Name, Renewal: spec.Renewal.Start, Sanction: spec.Sanction.Start, Since: o.CreatedAt, state: o.State}}
	err = judge(tx, list)
	return list[0], err
}

func standMissing(err error) error {
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	return errs.Missing("member")
}

// judge fills in how the members stand, with the programs above theirs and
// the alliance taken in.
func judge(tx *db.Tx, list []Membership) error {
	var ids []string
	for i := range list {
		m := &list[i]
		m.Own = spec.Of(m.Renewal, m.Sanction)
		if m.Program == "" && m.ProgramName == "" {
			m.ProgramName = "The whole alliance"
		}
		m.Standing = m.Own
		ids = append(ids, m.Org)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	type bad struct {
		program, name, org string
		renewal            spec.RenewalState
		sanction           spec.SanctionState
	}
	held := map[string][]bad{}
	for chunk := range slices.Chunk(ids, 500) {
		var args db.Args
		rows, err := db.All(tx, func(b *bad) []any { return []any{&b.program, &b.name, &b.org, &b.renewal, &b.sanction} },
			`SELECT s.program_id, COALESCE(g.name, 'the whole alliance'), s.org_id, s.renewal, s.sanction FROM standing s LEFT JOIN program g ON g.id = s.program_id WHERE s.cap < 2 AND s.org_id IN `+db.List(&args, chunk), args...)
		if err != nil {
			return err
		}
		for _, b := range rows {
			held[b.org] = append(held[b.org], b)
		}
	}
	above := map[string][]string{}
	for i := range list {
		m := &list[i]
		if m.Program != "" && m.state != orgs.Active && m.Standing.Cap() > 0 {
			m.Standing, m.Because = spec.Suspended, "the whole alliance"
		}
		for _, b := range held[m.Org] {
			if b.program == m.Program {
				continue
			}
			up, known := above[m.Program]
			if !known && m.Program != "" {
				var err error
				if up, err = programs.Above(tx, m.Program); err != nil {
					return err
				}
				above[m.Program] = up
			}
			worse := spec.Of(b.renewal, b.sanction)
			if m.Program != "" && (b.program == "" || slices.Contains(up, b.program)) && slices.Index(spec.Standings, worse) > slices.Index(spec.Standings, m.Standing) {
				m.Standing, m.Because = worse, b.name
			}
		}
	}
	return nil
}

// StandingOf is how an organization stands in a program as it counts, by its
// own membership, those above and in the alliance. It asks nobody.
func StandingOf(tx *db.Tx, programID, orgID string) (spec.Standing, error) {
	m, ok, err := db.One(tx, scanMember, `SELECT `+standColumns+standBase+` WHERE x.program_id = $1 AND x.org_id = $2`, programID, orgID)
	if err != nil || !ok {
		return "", standMissing(err)
	}
	list := []Membership{m}
	err = judge(tx, list)
	return list[0].Standing, err
}

// keepsStanding refuses who may not act on a member's standing: anybody but
// the coordinators, the program's own too.
func keepsStanding(a audience.Actor, m Membership) error {
	if charter.IsCoordinator(a) || m.Program != "" && programs.Coordinates(a, m.Program) {
		return nil
	}
	return errs.New(errs.Denied, "Only coordinators may do this.")
}

// answersFor reports whether the actor speaks for the member: its admins do,
// while it is suspended too.
func answersFor(tx *db.Tx, a audience.Actor, orgID string) (bool, error) {
	if a.Person == "" || !charter.Allows(a, charter.ScopeWrite) {
		return false, nil
	}
	role, err := orgs.RoleOf(tx, orgID, a.Person)
	return role == orgs.Admin, err
}

// kept is the member with a row and an audience of its own.
func kept(tx *db.Tx, a audience.Actor, m Membership) (Membership, error) {
	if m.ID != "" {
		return m, nil
	}
	var err error
	if m.Audience, err = audience.Create(tx, "standing", standGrants(m), nil, nil); err != nil {
		return m, err
	}
	m.ID, m.Level, m.Version = id.New("std", tx.Now), standLevel, 1
	m.Term = m.Since
	if m.Term.IsZero() {
		m.Term = tx.Now
	}
	if m.Program != "" {
		r, err := programs.RulesOf(tx, m.Program)
		if err != nil {
			return m, err
		}
		m.schedule(r.RenewDays, tx.Now)
	}
	n, err := tx.Exec(`INSERT INTO standing (id, program_id, org_id, audience_id, tlp, renewal, sanction, cap, days, term_at, due_at, reminded, next_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 2, $8, $9, $10, 0, $11, 1) ON CONFLICT (program_id, org_id) DO NOTHING`,
		m.ID, m.Program, m.Org, m.Audience, int(m.Level), string(m.Renewal), string(m.Sanction), m.days, db.Micros(m.Term), db.Micros(m.Due), db.Micros(m.next))
	if err == nil && n == 0 {
		err = errs.New(errs.Conflict, "Somebody is writing down this standing at the same moment. Try again.")
	}
	if err == nil {
		m.record(tx, a, EventEntered, map[string]any{"due_at": m.Due}, standTable.Of(m.ID))
	}
	return m, err
}

// record tells of something; the organization and program are in every
// event's data, for whoever reads the ledger without the rows.
func (m Membership) record(tx *db.Tx, a audience.Actor, kind string, data map[string]any, binds ...ledger.Bound) {
	if data == nil {
		data = map[string]any{}
	}
	data["org"], data["program"], data["standing"] = m.Org, m.Program, spec.Of(m.Renewal, m.Sanction)
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: m.Audience, Level: m.Level, Scope: m.ID, Object: ledger.Object{Kind: "standing", ID: m.ID}, Data: data, Binds: binds})
}
