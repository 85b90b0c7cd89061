package embargo

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// Report says that the public knows (P, "leaked"), that an exploit is public
// (X) or that attacks are seen (A, "exploited"). Any party may say so, in one
// click, since minutes count; the note is kept. Every party is told at once.
// P and X end the embargo; A asks for a decision within hours, after which
// the embargo ends by default.
func Report(tx *db.Tx, a audience.Actor, caseRef string, e mpcvd.Event, note string) (mpcvd.Consequence, error) {
	return ReportFor(tx, a, caseRef, "", e, note)
}

// ReportFor is Report in the name of a party, which a finder needs to name.
func ReportFor(tx *db.Tx, a audience.Actor, caseRef, participantID string, e mpcvd.Event, note string) (mpcvd.Consequence, error) {
	c, v, err := speak(tx, a, caseRef, participantID)
	if err != nil {
		return mpcvd.Consequence{}, err
	}
	if note, err = casework.CleanShort("note", note, 2000); err != nil {
		return mpcvd.Consequence{}, err
	}
	return expose(tx, v, &c, e, note)
}

// Published is Report of P by the system: an advisory of the case is out.
// It does nothing when the public knows already.
func Published(tx *db.Tx, caseID, note string) error {
	c, err := casework.ByID(tx, caseID)
	if err != nil {
		return err
	}
	if err := hold(tx, &c); err != nil {
		if errs.Is(err, errs.Conflict) {
			return nil // closed or merged: its states rest
		}
		return err
	}
	if c.Public.Has(mpcvd.EventPublic) {
		return nil
	}
	_, err = expose(tx, voice{}, &c, mpcvd.EventPublic, note)
	return err
}

func expose(tx *db.Tx, v voice, c *casework.Case, e mpcvd.Event, note string) (mpcvd.Consequence, error) {
	if e != mpcvd.EventPublic && e != mpcvd.EventExploit && e != mpcvd.EventAttacks {
		return mpcvd.Consequence{}, errs.Bad("event", "Report P (the public knows), X (an exploit is public) or A (attacks are seen).")
	}
	l, err := Limits(tx)
	if err != nil {
		return mpcvd.Consequence{}, err
	}
	con, err := l.OnEvent(c.Embargo, c.Public, e, tx.Now)
	if err != nil {
		return con, conflict(err)
	}
	var args db.Args
	q := `UPDATE cases SET public_state = ` + args.Add(string(con.Public)) + ` WHERE id = ` + args.Add(c.ID) + ` AND public_state IN ` + db.List(&args, sources(mpcvd.Exposure, e, con.Public))
	if err := tx.Guarded(errs.New(errs.Conflict, "Somebody reported this at the same moment."), q, args...); err != nil {
		return con, err
	}
	c.Public = con.Public
	if err := alarm(tx, v, *c, EventExposed, map[string]any{"event": e, "state": con.Public, "note": note, "reason": con.Reason}); err != nil {
		return con, err
	}
	if err := embargoAfter(tx, v, c, con); err != nil {
		return con, err
	}
	if con.AllAware {
		return con, makeAware(tx, v, *c)
	}
	return con, nil
}

// embargoAfter does what an exposure does to the embargo.
func embargoAfter(tx *db.Tx, v voice, c *casework.Case, con mpcvd.Consequence) error {
	switch {
	case con.EMVerb == mpcvd.EMTerminate:
		return end(tx, v, c, tx.Now, con.Reason)
	case con.EMVerb == mpcvd.EMReject:
		if err := closeAll(tx, v, *c, con.Reason); err != nil {
			return err
		}
		if err := settleOpen(tx, c, v); err != nil {
			return err
		}
		return resetConsents(tx, v, *c)
	case con.DecideBy.IsZero():
		return nil
	}
	// The embargo goes on for now, and no other end can be agreed.
	if err := closeAll(tx, v, *c, con.Reason); err != nil {
		return err
	}
	if err := settleOpen(tx, c, v); err != nil {
		return err
	}
	due := con.DecideBy
	if _, err := tx.Exec(`UPDATE cases SET decision_due_at = $1, decision_why = $2 WHERE id = $3`, db.Micros(due), con.Reason, c.ID); err != nil {
		return err
	}
	c.DecisionDue, c.DecisionWhy = due, con.Reason
	return alarm(tx, voice{}, *c, EventDecide, map[string]any{"due_at": due, "default": con.Default, "reason": con.Reason})
}

// alarm tells everybody in the case, and the finders beside it.
func alarm(tx *db.Tx, v voice, c casework.Case, kind string, data map[string]any) error {
	record(tx, v, c, kind, c.Ref(), data, c.Bound())
	list, err := casework.Parties(tx, c.ID)
	if err != nil {
		return err
	}
	for _, t := range list {
		if t.Role == casework.Finder && t.Active() {
			ledger.Append(tx, ledger.Event{Kind: kind, Audience: t.Private, Level: t.Level, Scope: c.ID, Object: c.Ref(), Data: data})
		}
	}
	return nil
}

// makeAware moves every vendor that knows nothing yet to aware: the public
// knows, and so do they.
func makeAware(tx *db.Tx, v voice, c casework.Case) error {
	list, err := casework.Parties(tx, c.ID)
	if err != nil {
		return err
	}
	var binds []ledger.Bound
	for _, t := range list {
		if t.Role != casework.Vendor || t.Progress != mpcvd.VendorUnaware || !t.LeftAt.IsZero() {
			continue
		}
		if err := moveParty(tx, t, "vendor_state", mpcvd.VendorProgress, t.Progress, mpcvd.EventAware); err != nil {
			return err
		}
		binds = append(binds, t.Bound())
	}
	if len(binds) == 0 {
		return nil
	}
	ledger.Append(tx, ledger.Event{Kind: EventSpreadSeen, Actor: v.actor, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: c.Ref(),
		Data: map[string]any{"parties": len(binds)}, Binds: binds})
	return nil
}

// DecideAttacks answers the question that attacks raise: keep the embargo, or
// publish. A coordinator decides, with a reason; without a decision in time
// it is publish.
func DecideAttacks(tx *db.Tx, a audience.Actor, caseRef string, d mpcvd.Decision, why string) (casework.Case, error) {
	c, err := coordinated(tx, a, caseRef)
	if err != nil {
		return c, err
	}
	if d != mpcvd.DecideKeep && d != mpcvd.DecidePublish {
		return c, errs.Bad("decision", "Decide keep or publish.")
	}
	if d == mpcvd.DecidePublish && !charter.Allows(a, charter.ScopeRelease) {
		return c, errs.New(errs.Denied, "Ending an embargo needs a token with the scope release.")
	}
	if why, err = reason(why); err != nil {
		return c, err
	}
	return c, decide(tx, voice{actor: a}, &c, d, why)
}

func decide(tx *db.Tx, v voice, c *casework.Case, d mpcvd.Decision, why string) error {
	if err := tx.Guarded(errs.New(errs.Conflict, "No decision is asked for in this case."),
		`UPDATE cases SET decision_due_at = NULL, decision_why = '' WHERE id = $1 AND decision_due_at IS NOT NULL`, c.ID); err != nil {
		return err
	}
	c.DecisionDue, c.DecisionWhy = time.Time{}, ""
	record(tx, v, *c, EventDecided, c.Ref(), map[string]any{"decision": d, "reason": why}, c.Bound())
	if d == mpcvd.DecidePublish && c.Embargo.Holds() {
		return end(tx, v, c, tx.Now, why)
	}
	return nil
}
