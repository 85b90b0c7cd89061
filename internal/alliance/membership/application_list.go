package membership

import (
	"slices"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/membership"
	"tocsin/spec/text"
)

// AppFilter narrows a list of applications.
type AppFilter struct {
	Program string                // id, or ""
	States  []membership.AppState // none: all
	Class   orgs.Class            // or ""
	Prefix  string                // beginning of the name, without regard to case
	Sort    string                // begun (the default), name, state, lapses
	Desc    bool
	After   string // id of the last application of the page before, or ""
	Limit   int    // at most this many; 0 means 50, 200 is the most
}

// AppPage is one page of applications. Next is empty on the last one.
type AppPage struct {
	Applications []Application
	Next         string
}

var appOrders = map[string]string{"": "a.begun_at", "begun": "a.begun_at", "name": "a.folded", "state": "a.state", "lapses": "a.lapses_at"}

// Apps lists the applications that the actor may see from any side, each as
// that side reads it; the newest first where nothing else is asked.
func Apps(tx *db.Tx, a audience.Actor, f AppFilter) (AppPage, error) {
	if a.Anonymous() {
		return AppPage{}, errs.New(errs.Unauthenticated, "Sign in first.")
	}
	column, ok := appOrders[f.Sort]
	if !ok {
		return AppPage{}, errs.Bad("sort", "Applications are sorted by begun, name, state or lapses.")
	}
	if f.Sort == "" {
		f.Desc = true
	}
	f.Limit = db.PageRows(f.Limit, 200)
	var args db.Args
	where := visibleApp(a, &args)
	if f.Program != "" {
		where += ` AND a.program_id = ` + args.Add(f.Program)
	}
	if len(f.States) > 0 {
		var states []string
		for _, s := range f.States {
			states = append(states, string(s))
		}
		where += ` AND a.state IN ` + db.List(&args, states)
	}
	if f.Class != "" {
		where += ` AND a.class = ` + args.Add(string(f.Class))
	}
	if f.Prefix != "" {
		p, _, err := text.CleanLine(f.Prefix, 200)
		if err != nil {
			return AppPage{}, errs.Bad("prefix", "Please correct the name: %s.", err)
		}
		where += ` AND substr(a.folded, 1, length(` + args.Add(orgs.Fold(p)) + `)) = ` + args.Add(orgs.Fold(p))
	}
	further, dir := ">", ""
	if f.Desc {
		further, dir = "<", " DESC"
	}
	if f.After != "" {
		last, err := seeApp(tx, a, f.After)
		if err != nil {
			return AppPage{}, err
		}
		sub, key := `(SELECT `+column+` FROM application a WHERE a.id = `+args.Add(last.ID)+`)`, args.Add(last.ID)
		where += ` AND (` + column + ` ` + further + ` ` + sub + ` OR ` + column + ` = ` + sub + ` AND a.id ` + further + ` ` + key + `)`
	}
	list, err := db.All(tx, scanApp, `SELECT `+appColumns+appFrom+` WHERE `+where+` ORDER BY `+column+dir+`, a.id`+dir+db.Limit(f.Limit+1), args...)
	if err != nil {
		return AppPage{}, err
	}
	var page AppPage
	list, page.Next = db.CutPage(list, f.Limit, func(p Application) string { return p.ID })
	for i := range list {
		if list[i].Side, err = sideOf(tx, a, list[i]); err != nil {
			return page, err
		}
		list[i] = list[i].shown()
	}
	page.Applications = slices.DeleteFunc(list, func(p Application) bool { return p.Side == "" })
	return page, nil
}

// Dossier is an application with all that belongs to it, as the reader's side
// may know it. Of the lists a member reads what its own organizations said,
// the applicant nothing.
type Dossier struct {
	Application
	Rules      programs.Rules `json:"-"`
	Needed     int            `json:"sponsors_needed"`
	Statements int            `json:"statements"` // that count now; for the secretariat, the board and the applicant
	Sponsors   []Sponsor      `json:"asked,omitempty"`
	Objections []Objection    `json:"objections,omitempty"`
	Recusals   []AppRecusal   `json:"recusals,omitempty"`
	Unsigned   []string       `json:"unsigned,omitempty"` // agreements still to be accepted, once accepted
	Ballot     string         `json:"ballot,omitempty"`   // number of the board's motion
	// Voices are the organizations for which the reader may speak here.
	Voices []string `json:"voices,omitempty"`
	// May lists what the reader may do now, by the verbs of the machine and
	// "ask", "answer", "recuse", "explain", "decline", "relink".
	May []string `json:"may"`
}

// AppRecusal says who takes no part in an application, and why.
type AppRecusal struct {
	Org     string    `json:"org,omitempty"`
	OrgName string    `json:"org_name,omitempty"`
	Person  string    `json:"person,omitempty"`
	Reason  string    `json:"reason"`
	At      time.Time `json:"at"`
}

// Look reads an application's dossier.
func Look(tx *db.Tx, a audience.Actor, ref string) (Dossier, error) {
	p, err := seeApp(tx, a, ref)
	if err != nil {
		return Dossier{}, err
	}
	out := Dossier{Application: p.shown()}
	if out.Rules, err = programs.RulesOf(tx, p.Program); err != nil {
		return out, err
	}
	out.Needed = out.Rules.Sponsors
	if p.Side == Secretariat || p.Side == Panel {
		if err := out.whole(tx, p); err != nil {
			return out, err
		}
	}
	if p.Side == Member {
		if err := out.own(tx, a, p); err != nil {
			return out, err
		}
	} else if out.Statements, err = p.statements(tx); err != nil {
		return out, err
	}
	if p.Side == Applicant || p.Side == Secretariat {
		if out.Unsigned, err = unsignedNow(tx, p); err != nil {
			return out, err
		}
	}
	out.May, err = out.may(tx, a, p)
	return out, err
}

func unsignedNow(tx *db.Tx, p Application) ([]string, error) {
	if p.State != membership.AppAccepted && p.State != membership.AppTested && p.State != membership.AppSigned || p.Org == "" {
		return nil, nil
	}
	return unsigned(tx, p)
}

func (out *Dossier) whole(tx *db.Tx, p Application) (err error) {
	if out.Sponsors, err = p.sponsors(tx); err != nil {
		return err
	}
	if out.Objections, err = p.objections(tx); err != nil {
		return err
	}
	if out.Recusals, err = db.All(tx, func(r *AppRecusal) []any { return []any{&r.Org, &r.OrgName, &r.Person, &r.Reason, db.At(&r.At)} },
		`SELECT c.org_id, COALESCE(o.name, ''), c.person_id, c.reason, c.at FROM application_recusal c LEFT JOIN org o ON o.id = c.org_id WHERE c.application_id = $1 ORDER BY c.at, c.id`+db.Limit(1000), p.ID); err != nil {
		return err
	}
	if p.Motion != "" {
		m, err := board.Load(tx, p.Motion)
		if err != nil {
			return err
		}
		out.Ballot = m.Number
	}
	return nil
}

// own is what a member reads: the words of the organizations it works for.
func (out *Dossier) own(tx *db.Tx, a audience.Actor, p Application) (err error) {
	mine := a.Of(audience.Org)
	args := db.Args{p.ID}
	in := db.List(&args, mine)
	if out.Sponsors, err = db.All(tx, scanSponsor, sponsorQuery+`s.application_id = $1 AND s.org_id IN `+in+` ORDER BY s.asked_at, s.id`+db.Limit(200), args...); err != nil {
		return err
	}
	out.Objections, err = db.All(tx, scanObjection, objectionQuery+`x.application_id = $1 AND x.org_id IN `+in+` ORDER BY x.at, x.id`+db.Limit(200), args...)
	for i := range out.Objections { // the answer is for those who decide
		out.Objections[i].Answer, out.Objections[i].Why, out.Objections[i].AnsweredBy, out.Objections[i].AnsweredAt = "", "", "", time.Time{}
	}
	return err
}
