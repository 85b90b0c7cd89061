package membership

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	spec "tocsin/spec/membership"
	"tocsin/spec/text"
)

const day = 24 * time.Hour

// Reminders are how many days before its end a membership's renewal is asked
// for.
var Reminders = []int{90, 60, 30}

// GraceDays is how long a lapsed member still reads.
const GraceDays = 30

// StepKind is one thing that a renewal asks for.
type StepKind string

// The steps of a renewal.
const (
	StepFee        StepKind = "fee"        // noted by the secretariat
	StepAgreements StepKind = "agreements" // the versions that stand now are accepted
	StepEvidence   StepKind = "evidence"   // what was shown when applying still holds, or its successor is named
	StepContacts   StepKind = "contacts"   // all were confirmed since the renewal was asked for
)

// Step is one line of a renewal's checklist.
type Step struct {
	Kind StepKind  `json:"kind"`
	Done bool      `json:"done"`
	What string    `json:"what"`           // in a sentence: what is asked, or how it stands
	Note string    `json:"note,omitempty"` // of the fee or evidence that was noted
	By   string    `json:"by,omitempty"`   // person
	At   time.Time `json:"at,omitzero"`
}

var evidenceNames = map[programs.Evidence]string{
	programs.PolicyEvidence: "PSIRT policy", programs.SecurityTxtEvidence: "security.txt address", programs.TeamEvidence: "team description (RFC 2350)",
	programs.SIM3Evidence: "SIM3 self-assessment", programs.ConstituencyEvidence: "constituency", programs.HandlingEvidence: "handling of information",
}

// schedule says when the term ends and when the clock wakes next. A
// membership that is older than a term when its first row is written, or
// whose program changes the length, is asked for 90 days beforehand all the
// same.
func (m *Membership) schedule(days int, now time.Time) {
	m.days, m.Due = days, time.Time{}
	if days > 0 {
		m.Due = m.Term.Add(time.Duration(days) * day)
		if !m.Due.After(now) {
			m.Due = now.Add(time.Duration(Reminders[0]) * day)
		}
	}
	m.next = m.wakes()
}

// wakes is when the clock has something to do about the renewal; zero: never.
func (m Membership) wakes() time.Time {
	if m.Due.IsZero() || m.Sanction == spec.SanctionRemoved || m.Sanction == spec.SanctionEnded {
		return time.Time{}
	}
	switch m.Renewal {
	case spec.RenewalCurrent, spec.RenewalAsked:
		if m.Reminded < len(Reminders) {
			return m.Due.Add(-time.Duration(Reminders[m.Reminded]) * day)
		}
		return m.Due
	case spec.RenewalLapsed:
		return m.Due.Add(GraceDays * day)
	}
	return time.Time{}
}

// window is since when the steps of the running renewal are taken.
func (m Membership) window() time.Time { return m.Due.Add(-time.Duration(Reminders[0]) * day) }

// Renewing reports whether the renewal's steps are open.
func (m Membership) Renewing() bool {
	return m.ID != "" && m.Program != "" && m.Renewal != spec.RenewalCurrent && m.Sanction != spec.SanctionRemoved && m.Sanction != spec.SanctionEnded
}

// Checklist is what the member's running renewal asks for, and how far it is;
// empty while none is asked for. Whoever may see the member may see it.
func Checklist(tx *db.Tx, a audience.Actor, ref string) ([]Step, error) {
	m, err := StandingIn(tx, a, ref)
	if err != nil || !m.Renewing() {
		return nil, err
	}
	return m.steps(tx)
}

func (m Membership) steps(tx *db.Tx) ([]Step, error) {
	r, err := programs.RulesOf(tx, m.Program)
	if err != nil {
		return nil, err
	}
	type noted struct {
		kind     StepKind
		note, by string
		at       time.Time
	}
	rows, err := db.All(tx, func(n *noted) []any { return []any{&n.kind, &n.note, &n.by, db.At(&n.at)} },
		`SELECT step, note, person_id, at FROM renewal_step WHERE standing_id = $1 AND term_at = $2`, m.ID, db.Micros(m.Term))
	if err != nil {
		return nil, err
	}
	given := func(kind StepKind, done, open string) Step {
		for _, n := range rows {
			if n.kind == kind {
				return Step{Kind: kind, Done: true, What: done, Note: n.note, By: n.by, At: n.at}
			}
		}
		return Step{Kind: kind, What: open}
	}
	out := []Step{given(StepFee, "The fee was noted by the secretariat.", "The secretariat notes the fee once it has come, or is waived.")}
	if len(r.Agreements) > 0 {
		step, err := m.agreementStep(tx, r.Agreements)
		if err != nil {
			return nil, err
		}
		out = append(out, step)
	}
	if len(r.Evidence) > 0 {
		var kinds []string
		for _, e := range r.Evidence {
			kinds = append(kinds, evidenceNames[e])
		}
		out = append(out, given(StepEvidence, "The evidence was renewed.", "Say where this stands now: "+strings.Join(kinds, ", ")+"."))
	}
	confirmed, all, err := contacts.ConfirmedSince(tx, m.Org, m.window())
	if err != nil {
		return nil, err
	}
	step := Step{Kind: StepContacts, Done: all > 0 && confirmed == all}
	switch {
	case all == 0:
		step.What = "No contact is known. Enter at least one, and confirm it."
	case step.Done:
		step.What = fmt.Sprintf("All contacts (%d) were confirmed.", all)
	default:
		step.What = fmt.Sprintf("Not confirmed since the renewal was asked for: %d of %s.", all-confirmed, text.Plural(all, "contact", "contacts"))
	}
	return append(out, step), nil
}

func (m Membership) agreementStep(tx *db.Tx, ids []string) (Step, error) {
	missing, err := agreements.Missing(tx, audience.Party{Kind: audience.Org, ID: m.Org}, ids)
	if err != nil || len(missing) == 0 {
		return Step{Kind: StepAgreements, Done: err == nil, What: "The agreements that stand now are accepted."}, err
	}
	var names []string
	for _, t := range missing {
		names = append(names, t.Title)
	}
	return Step{Kind: StepAgreements, What: "An admin accepts, in the version that stands now: " + strings.Join(names, ", ") + "."}, nil
}

// Missing lists the steps that are still open.
func Missing(steps []Step) []Step {
	var out []Step
	for _, s := range steps {
		if !s.Done {
			out = append(out, s)
		}
	}
	return out
}

// NoteStep notes the fee, which coordinators do, or the evidence, which the
// member's admins do and coordinators may; what was noted before is replaced.
func NoteStep(tx *db.Tx, a audience.Actor, ref string, kind StepKind, note string) (Membership, error) {
	m, err := StandingIn(tx, a, ref)
	if err != nil {
		return m, err
	}
	if err := m.mayNote(tx, a, kind); err != nil {
		return m, err
	}
	if !m.Renewing() {
		return m, errs.New(errs.Conflict, "No renewal is asked for now.")
	}
	needed := "Note how the fee came, or why it is waived."
	if kind == StepEvidence {
		needed = "Say where the evidence stands now."
	}
	if note, err = ground("note", note, needed); err != nil {
		return m, err
	}
	row := id.New("rst", tx.Now)
	if _, err := tx.Exec(`INSERT INTO renewal_step (id, standing_id, audience_id, tlp, term_at, step, note, person_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (standing_id, term_at, step) DO UPDATE SET note = excluded.note, person_id = excluded.person_id, at = excluded.at`,
		row, m.ID, m.Audience, int(m.Level), db.Micros(m.Term), string(kind), note, a.Person, db.Micros(tx.Now)); err != nil {
		return m, err
	}
	if row, err = db.Value[string](tx, `SELECT id FROM renewal_step WHERE standing_id = $1 AND term_at = $2 AND step = $3`, m.ID, db.Micros(m.Term), string(kind)); err != nil {
		return m, err
	}
	m.record(tx, a, EventNoted, map[string]any{"step": kind}, stepTable.Of(row))
	return m, nil
}

func (m Membership) mayNote(tx *db.Tx, a audience.Actor, kind StepKind) error {
	switch kind {
	case StepFee:
		return keepsStanding(a, m)
	case StepEvidence:
		if keepsStanding(a, m) == nil {
			return nil
		}
		ok, err := answersFor(tx, a, m.Org)
		if err == nil && !ok {
			err = errs.New(errs.Denied, "Only the member's admins, and the coordinators, may renew the evidence.")
		}
		return err
	}
	return errs.Bad("step", "Only the fee and the evidence are noted; agreements are accepted and contacts confirmed where they stand.")
}

// Renew begins the member's next term; its admins may, and coordinators, once
// nothing is missing. A lapsed or suspended member is restored by it. A term
// follows the one before, unless the member was suspended in between.
func Renew(tx *db.Tx, a audience.Actor, ref string) (Membership, error) {
	m, err := StandingIn(tx, a, ref)
	if err != nil {
		return m, err
	}
	if keepsStanding(a, m) != nil {
		ok, err := answersFor(tx, a, m.Org)
		if err != nil {
			return m, err
		}
		if !ok {
			return m, errs.New(errs.Denied, "Only the member's admins, and the coordinators, may renew a membership.")
		}
	}
	if !m.Renewing() {
		return m, errs.New(errs.Conflict, "No renewal is asked for now.")
	}
	steps, err := m.steps(tx)
	if err != nil {
		return m, err
	}
	if open := Missing(steps); len(open) > 0 {
		var bad []errs.Field
		for _, s := range open {
			bad = append(bad, errs.Field{Name: string(s.Kind), Reason: s.What})
		}
		e := errs.New(errs.Conflict, "Something is still missing for the renewal: %s", open[0].What)
		e.Fields = bad
		return m, e
	}
	if err := m.renew(tx, a); err != nil {
		return m, err
	}
	return again(tx, m)
}

func (m *Membership) renew(tx *db.Tx, a audience.Actor) error {
	to, err := spec.Renewal.Move(m.Renewal, spec.RenewalRenew)
	if err != nil {
		return errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	r, err := programs.RulesOf(tx, m.Program)
	if err != nil {
		return err
	}
	m.Term = m.Due
	if m.Renewal == spec.RenewalSuspended || m.Due.IsZero() {
		m.Term = tx.Now
	}
	m.Renewal, m.Reminded = to, 0
	m.schedule(r.RenewDays, tx.Now)
	return m.save(tx, a, EventRenewed, map[string]any{"due_at": m.Due})
}
