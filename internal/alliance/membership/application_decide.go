package membership

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/ballot"
	"tocsin/spec/membership"
)

// Vote is how an application is put to the board.
type Vote struct {
	Open     bool      `json:"open"` // the board sees choices at once; else the ballot is sealed
	Early    bool      `json:"early"`
	Deadline time.Time `json:"deadline,omitzero"` // zero: in seven days
}

// Put puts a ready application to the board's vote, where the program's rules
// ask for one; the alliance's coordinators do, who keep the board's papers.
// While it runs the board reads the dossier. Recused are the seats of the
// applicant's house, of whoever objected, and of whoever is noted in conflict.
func (d Desk) Put(tx *db.Tx, a audience.Actor, ref string, in Vote) (board.Motion, error) {
	p, r, err := d.deciding(tx, a, ref)
	if err != nil {
		return board.Motion{}, err
	}
	if !r.ByBoard {
		return board.Motion{}, errs.New(errs.Conflict, "This program decides without the board.")
	}
	if !charter.IsCoordinator(a) {
		return board.Motion{}, errs.New(errs.Denied, "Only the alliance's coordinators put motions to the board.")
	}
	m, err := board.Propose(tx, a, board.Motion{Kind: board.Admit, Title: cut(fmt.Sprintf("Admit %s to %s", p.Name, p.ProgramName), 200), Text: p.paper(tx), Object: p.ref(),
		Sealed: !in.Open, Early: in.Early, Deadline: in.Deadline})
	if err != nil {
		return m, err
	}
	if m, err = board.Open(tx, a, m.ID, m.Version); err != nil {
		return m, err
	}
	if err := p.move(tx, membership.AppPut, `motion_id = $7`, m.ID); err != nil {
		return m, err
	}
	p.record(tx, a, EventAppPut, map[string]any{"motion": m.Number})
	if err := d.excuse(tx, a, p, m); err != nil {
		return m, err
	}
	if err := p.readers(tx); err != nil {
		return m, err
	}
	if err := d.tell(tx, p); err != nil {
		return m, err
	}
	return board.Get(tx, a, m.ID)
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// deciding loads an application that is to be decided on now, with its rules.
func (d Desk) deciding(tx *db.Tx, a audience.Actor, ref string) (Application, programs.Rules, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return p, programs.Rules{}, err
	}
	if p.State != membership.AppReady {
		return p, programs.Rules{}, errs.New(errs.Conflict, "The application is %s; it is not to be decided on now.", strings.ToLower(membership.Application.Label(p.State)))
	}
	r, err := programs.RulesOf(tx, p.Program)
	return p, r, err
}

// paper is what the motion says; the rest stands in the dossier.
func (p Application) paper(tx *db.Tx) string {
	said, _ := p.sponsors(tx)
	said = slices.DeleteFunc(said, func(s Sponsor) bool { return s.Answer != Supports })
	against, _ := p.objections(tx)
	standing := len(slices.DeleteFunc(slices.Clone(against), func(x Objection) bool { return x.Answer != Stands }))
	return fmt.Sprintf("%s (%s) applies to %s. Statements of sponsors: %d. Objections: %d, of which %d stand.\n\nThe dossier is open to the board while the ballot runs: /alliance/applications/%s",
		p.Name, p.Class, p.ProgramName, len(said), len(against), standing, p.Number)
}

// excuse recuses the seats that may not decide on this applicant.
func (d Desk) excuse(tx *db.Tx, a audience.Actor, p Application, m board.Motion) error {
	why := map[string]string{}
	noted, err := db.Column[string](tx, `SELECT org_id FROM application_recusal WHERE application_id = $1 AND org_id <> ''`, p.ID)
	if err != nil {
		return err
	}
	for _, o := range noted {
		why[o] = "The organization is in conflict."
	}
	against, err := p.objections(tx)
	if err != nil {
		return err
	}
	for _, x := range against {
		why[x.Org] = "The organization objected to the applicant."
	}
	seated, err := db.Column[string](tx, `SELECT DISTINCT s.org_id FROM motion_seat e JOIN board_seat s ON s.id = e.seat_id WHERE e.motion_id = $1 ORDER BY s.org_id`, m.ID)
	if err != nil {
		return err
	}
	for _, orgID := range seated {
		o, err := loadOrg(tx, orgID)
		if err != nil {
			return err
		}
		same, err := p.sameHouse(tx, o)
		if err != nil {
			return err
		}
		if same {
			why[orgID] = "The organization and the applicant belong together."
		}
		if why[orgID] == "" {
			continue
		}
		if err := d.Board.Excuse(tx, a, m.ID, orgID, why[orgID]); err != nil {
			return err
		}
	}
	return nil
}

// panel are those who may read the dossier as the board: while the
// application is at the ballot those who may vote in it, and the office.
func (p Application) panel(tx *db.Tx) ([]audience.Party, error) {
	if p.State != membership.AppBallot {
		return nil, nil
	}
	voters, err := board.Electors(tx, p.Motion)
	out := []audience.Party{{Kind: audience.Office, ID: charter.Board}}
	for _, id := range voters {
		out = append(out, audience.Party{Kind: audience.Person, ID: id})
	}
	return out, err
}

// onPanel reports whether the actor reads the dossier as the board now,
// whether or not the dossier's audience has followed the seats yet.
func (p Application) onPanel(tx *db.Tx, a audience.Actor) (bool, error) {
	list, err := p.panel(tx)
	return slices.ContainsFunc(list, func(x audience.Party) bool {
		return x.Kind == audience.Person && x.ID == a.Person || a.Holds(x.Kind, x.ID)
	}), err
}

// strangers compares who reads the dossier as the board with who may.
func (p Application) strangers(tx *db.Tx) (in, out []audience.Party, err error) {
	if in, err = p.panel(tx); err != nil {
		return nil, nil, err
	}
	v, err := audience.Load(tx, p.Team)
	for _, g := range v.Grants {
		if g.Kind != audience.Person && (g.Kind != audience.Office || g.ID != charter.Board) {
			continue
		}
		x := audience.Party{Kind: g.Kind, ID: g.ID}
		if i := slices.Index(in, x); i >= 0 {
			in = slices.Delete(in, i, i+1)
		} else {
			out = append(out, x)
		}
	}
	return in, out, err
}

// readers makes the dossier's audience follow the seats.
func (p Application) readers(tx *db.Tx) error {
	in, out, err := p.strangers(tx)
	for _, x := range in {
		if err == nil {
			err = audience.Admit(tx, p.Team, audience.Grant{Kind: x.Kind, ID: x.ID, Role: audience.Reader, Reason: "votes on the applicant"})
		}
	}
	for _, x := range out {
		if err == nil {
			err = audience.Expel(tx, p.Team, x.Kind, x.ID)
		}
	}
	return err
}

// followSeats does so for every dossier at the ballot, at once, where seats
// changed; Tick does it else.
func followSeats(tx *db.Tx) error {
	voting, err := Desk{}.voting(tx)
	for _, p := range voting {
		if err == nil {
			err = p.readers(tx)
		}
	}
	return err
}

// Decided is the effect of a motion to admit an applicant (board.Effect):
// carried it is accepted, failed it is refused, void it is to be decided
// again. While applications to the program are frozen it waits for the thaw.
func (d Desk) Decided(tx *db.Tx, m board.Motion) error {
	if m.Kind != board.Admit || m.Object.Kind != "application" {
		return nil
	}
	p, err := heldApp(tx, m.Object.ID, Secretariat)
	if err != nil {
		return err
	}
	if p.Motion != m.ID || p.State != membership.AppBallot {
		if p.Motion == m.ID && m.State == ballot.Carried && !p.Dates[membership.AppAccepted].IsZero() || m.State != ballot.Carried {
			return nil
		}
		return errs.New(errs.Conflict, "The application %s is not at the ballot any more.", p.Number)
	}
	switch m.State {
	case ballot.Carried:
		return d.decided(tx, audience.Actor{}, p, membership.AppAccept, "", "", time.Time{})
	case ballot.Failed:
		return d.decided(tx, audience.Actor{}, p, membership.AppRefuse, "The application was not accepted.", "", time.Time{})
	case ballot.Void:
		if err := p.move(tx, membership.AppVoid, `motion_id = ''`); err != nil {
			return err
		}
		p.record(tx, audience.Actor{}, EventAppUndecided, map[string]any{"motion": m.Number})
		return p.readers(tx)
	}
	return nil
}

// decided accepts or refuses. why is for those who read the dossier, reason
// for the applicant.
func (d Desk) decided(tx *db.Tx, a audience.Actor, p Application, verb membership.AppVerb, reason, why string, reapply time.Time) error {
	if err := p.move(tx, verb, `decided_by = $7, reason = $8, reapply_at = $9`, a.Person, reason, db.Micros(reapply)); err != nil {
		return err
	}
	p.record(tx, a, EventAppDecided, map[string]any{"accepted": verb == membership.AppAccept, "reason": reason, "why": why, "reapply_at": reapply})
	if err := p.readers(tx); err != nil {
		return err
	}
	if verb == membership.AppAccept {
		if err := askToSign(tx, p); err != nil {
			return err
		}
	}
	return d.tell(tx, p)
}

// Verdict is a decision of the secretariat.
type Verdict struct {
	Accept    bool      `json:"accept"`
	Why       string    `json:"why"`                 // for the dossier
	Reason    string    `json:"reason,omitempty"`    // of a refusal, for the applicant
	ReapplyAt time.Time `json:"reapply_at,omitzero"` // not before; zero: at any time
}

// Decide accepts or refuses an application where the program decides without
// the board. Two people decide: who found it complete does not. A submitted
// application that is none (spam, a joke) can be refused at once by one.
func (d Desk) Decide(tx *db.Tx, a audience.Actor, ref string, in Verdict) (Application, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return p, err
	}
	r, err := programs.RulesOf(tx, p.Program)
	if err != nil {
		return p, err
	}
	verb := membership.AppRefuse
	if in.Accept {
		verb = membership.AppAccept
	}
	if _, err := membership.Application.Move(p.State, verb); err != nil {
		return p, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if p.State != membership.AppSubmitted {
		if r.ByBoard || p.State == membership.AppBallot {
			return p, errs.New(errs.Conflict, "The board decides on this application.")
		}
		if a.Person == p.CheckedBy {
			return p, errs.New(errs.Denied, "You found this application complete; somebody else decides on it.")
		}
	}
	if in.Why, err = cleanWhy("why", in.Why, "Say why; it is kept in the dossier."); err != nil {
		return p, err
	}
	if in.Accept {
		in.Reason, in.ReapplyAt = "", time.Time{}
		if err := admissible(tx, p); err != nil {
			return p, err
		}
	} else if in, err = in.refusal(tx.Now); err != nil {
		return p, err
	}
	if err := d.decided(tx, a, p, verb, in.Reason, in.Why, in.ReapplyAt); err != nil {
		return p, err
	}
	return App(tx, a, p.ID)
}

const longestBar = 5 * 366 * 24 * time.Hour

func (in Verdict) refusal(now time.Time) (Verdict, error) {
	var err error
	if in.Reason, err = cleanWhy("reason", in.Reason, "Say why to the applicant."); err != nil {
		return in, err
	}
	in.ReapplyAt = in.ReapplyAt.UTC().Truncate(time.Microsecond)
	if !in.ReapplyAt.IsZero() && (!in.ReapplyAt.After(now) || in.ReapplyAt.After(now.Add(longestBar))) {
		return in, errs.Bad("reapply_at", "Name an instant in the future, at most five years away, or none.")
	}
	return in, nil
}

// Explain gives a refused applicant the reason, after the board decided, and
// says from when it may apply again; without one, at any time.
func (d Desk) Explain(tx *db.Tx, a audience.Actor, ref string, in Verdict) (Application, error) {
	p, err := asSecretary(tx, a, ref)
	if err != nil {
		return p, err
	}
	if p.State != membership.AppRefused {
		return p, errs.New(errs.Conflict, "Only a refusal is explained.")
	}
	if in, err = in.refusal(tx.Now); err != nil {
		return p, err
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "The application changed meanwhile."), `UPDATE application SET reason = $1, reapply_at = $2, version = version + 1 WHERE id = $3 AND version = $4`,
		in.Reason, db.Micros(in.ReapplyAt), p.ID, p.Version); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppExplained, map[string]any{"reason": in.Reason, "reapply_at": in.ReapplyAt})
	if p, err = appByID(tx, p.ID); err != nil {
		return p, err
	}
	return p, d.tell(tx, p)
}

// Withdraw takes an application back; the applicant may, until the membership
// is active. A ballot that runs ends without a decision.
func (d Desk) Withdraw(tx *db.Tx, a audience.Actor, ref string) (Application, error) {
	p, err := asApplicant(tx, a, ref)
	if err != nil {
		return p, err
	}
	motion := p.Motion
	if err := p.move(tx, membership.AppWithdraw, ""); err != nil {
		return p, err
	}
	p.record(tx, a, EventAppWithdrawn, nil)
	if motion != "" {
		if err := board.Moot(tx, motion, "The applicant withdrew."); err != nil {
			return p, err
		}
	}
	return p.shown(), d.tell(tx, p)
}
