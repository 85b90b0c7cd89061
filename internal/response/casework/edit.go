package casework

import (
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Follower is what a package that keeps parts of a case (vulnerabilities,
// threads, drafts) does when the case itself changes. The door passes the
// followers of all packages to the verbs that need them.
type Follower struct {
	// Remark gives the parts that stand at the level old the case's present
	// level. Parts that were marked otherwise stay as they are. It may refuse
	// a level that its parts cannot have.
	Remark func(tx *db.Tx, a audience.Actor, c Case, old tlp.Level) error
	// Move takes parts along into another case.
	Move func(tx *db.Tx, a audience.Actor, m Move) error
}

// Edit is a change of a case's texts and marking.
type Edit struct {
	Title   string    `json:"title"`
	Summary string    `json:"summary"` // Markdown
	Level   tlp.Level `json:"tlp"`
	Reason  string    `json:"reason"`  // needed to lower the marking
	Version int64     `json:"version"` // as the editor saw it
}

// EditCase changes title, summary and marking; a coordinator does so. When
// somebody else was faster it is Stale with both versions. The marking may be
// raised, and lowered with a reason, but not to CLEAR: a case becomes public
// by its advisory. What a party or another person marked more strictly stays.
func EditCase(tx *db.Tx, a audience.Actor, caseRef string, in Edit, parts ...Follower) (Case, error) {
	c, err := LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return c, err
	}
	if err := hold(tx, &c, nil); err != nil {
		return c, err
	}
	old := c
	if c.Title, c.Summary, err = cleanTexts(in.Title, in.Summary); err != nil {
		return old, err
	}
	c.Level = in.Level
	if in.Reason, err = markable(old, in); err != nil {
		return old, err
	}
	stale := errs.New(errs.Stale, "Somebody changed this case while you had it open. Compare both versions and save again.")
	stale.Theirs, stale.Yours = old, c
	if in.Version != old.Version {
		return old, stale
	}
	if err := tx.Guarded(stale, `UPDATE cases SET title = $1, summary = $2, tlp = $3, version = version + 1 WHERE id = $4 AND version = $5`,
		c.Title, c.Summary, int(c.Level), c.ID, in.Version); err != nil {
		return old, err
	}
	c.Version++
	binds := []ledger.Bound{c.Bound()}
	if c.Level != old.Level {
		if _, err := tx.Exec(`UPDATE participant SET tlp = $1, version = version + 1 WHERE case_id = $2 AND tlp = $3`, int(c.Level), c.ID, int(old.Level)); err != nil {
			return old, err
		}
		for _, f := range parts {
			if f.Remark == nil {
				continue
			}
			if err := f.Remark(tx, a, c, old.Level); err != nil {
				return old, err
			}
		}
	}
	ledger.Append(tx, ledger.Event{Kind: CaseEdited, Actor: a, Audience: c.Audience, Level: tlp.Max(old.Level, c.Level), Scope: c.ID, Object: c.Ref(), Data: struct {
		Title  string    `json:"title"`
		From   tlp.Level `json:"from_tlp"`
		To     tlp.Level `json:"to_tlp"`
		Reason string    `json:"reason,omitempty"`
	}{c.Title, old.Level, c.Level, in.Reason}, Binds: binds})
	return c, index(tx, c)
}

func markable(old Case, in Edit) (string, error) {
	switch {
	case !in.Level.Valid():
		return "", errs.Bad("tlp", "Choose a TLP label.")
	case in.Level == tlp.Clear && old.Level != tlp.Clear:
		return "", errs.Bad("tlp", "A case becomes public by its advisory; choose GREEN or stricter.")
	case in.Level < old.Level:
		return cleanReason(in.Reason)
	}
	return CleanShort("reason", in.Reason, 2000)
}

// Assign puts another coordinator in charge. That person is named in the
// case, so that TLP:RED reaches them; the one before stays a coordinator by
// office.
func Assign(tx *db.Tx, a audience.Actor, caseRef, personID, reason string) (Case, error) {
	c, err := LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return c, err
	}
	if err := hold(tx, &c, nil); err != nil {
		return c, err
	}
	if reason, err = CleanShort("reason", reason, 2000); err != nil {
		return c, err
	}
	if c.Owner == personID {
		return c, errs.New(errs.Conflict, "This person is in charge already.")
	}
	if err := nameCoordinator(tx, c, personID, ownerGrant); err != nil {
		return c, err
	}
	if err := unnameOwner(tx, c); err != nil {
		return c, err
	}
	before := c.Owner
	c.Owner = personID
	if err := tx.Guarded(errs.New(errs.Conflict, "Somebody else was put in charge at the same moment."), `UPDATE cases SET owner_id = $1, version = version + 1 WHERE id = $2 AND owner_id = $3`, personID, c.ID, before); err != nil {
		return c, err
	}
	c.Version++
	ledger.Append(tx, ledger.Event{Kind: CaseAssigned, Actor: a, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: c.Ref(), Data: struct {
		Person string `json:"person"`
		Reason string `json:"reason,omitempty"`
	}{personID, reason}, Binds: []ledger.Bound{c.Bound()}})
	return c, nil
}

// AddCoordinator names one more coordinator in the case, so that what is
// TLP:RED reaches them too.
func AddCoordinator(tx *db.Tx, a audience.Actor, caseRef, personID, reason string) error {
	c, err := LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return err
	}
	if reason, err = cleanReason(reason); err != nil {
		return err
	}
	if err := nameCoordinator(tx, c, personID, "named: "+reason); err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: CoordinatorNamed, Actor: a, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: ledger.Object{Kind: "person", ID: personID}, Data: struct {
		Reason string `json:"reason"`
	}{reason}})
	return touch(tx, c.ID)
}

const ownerGrant = "in charge"

// teamAudiences are all audiences of a case in which its coordinators stand.
func teamAudiences(tx *db.Tx, c Case) ([]string, error) {
	list, err := db.Column[string](tx, `SELECT private_id FROM participant WHERE case_id = $1 ORDER BY private_id`, c.ID)
	return append([]string{c.Team, c.Audience}, list...), err
}

func nameCoordinator(tx *db.Tx, c Case, personID, why string) error {
	seats, err := audience.Seats(tx, personID)
	if err != nil {
		return err
	}
	under, err := audience.Placed(tx, c.Audience)
	if err != nil {
		return err
	}
	them := audience.Actor{Person: personID, Seats: seats}
	if !charter.IsCoordinator(them) && !slices.ContainsFunc(under, func(p string) bool { return programs.Coordinates(them, p) }) {
		return errs.Bad("person", "This person is not on the coordination team.")
	}
	all, err := teamAudiences(tx, c)
	if err != nil {
		return err
	}
	for _, aud := range all {
		if err := audience.Admit(tx, aud, audience.Grant{Kind: audience.Person, ID: personID, Role: audience.Coordinator, Reason: why}); err != nil {
			return err
		}
	}
	return nil
}

// unnameOwner takes the named grant of the owner back, unless they were
// named for a reason of their own.
func unnameOwner(tx *db.Tx, c Case) error {
	grants, err := teamGrants(tx, c)
	if err != nil {
		return err
	}
	all, err := teamAudiences(tx, c)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if g.Kind != audience.Person || g.ID != c.Owner || (g.Reason != ownerGrant && g.Reason != "opened the case") {
			continue
		}
		for _, aud := range all {
			if err := audience.Expel(tx, aud, audience.Person, g.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close ends the work on a case, with a reason. An embargo that holds or is
// proposed is settled first.
func Close(tx *db.Tx, a audience.Actor, caseRef, reason string) (Case, error) {
	c, err := LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return c, err
	}
	if err := hold(tx, &c, nil); err != nil {
		return c, err
	}
	if reason, err = cleanReason(reason); err != nil {
		return c, err
	}
	if c.Embargo != "none" && c.Embargo != "exited" {
		return c, errs.New(errs.Conflict, "The case's embargo is %s. End it, or decide its proposals, before you close the case.", c.Embargo)
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "The case is not open any more."), `UPDATE cases SET state = 'closed', closed_at = $1, close_reason = $2, version = version + 1 WHERE id = $3 AND state = 'open'`,
		db.Micros(tx.Now), reason, c.ID); err != nil {
		return c, err
	}
	recordState(tx, a, c, CaseClosed, reason)
	return ByID(tx, c.ID)
}

// Reopen takes the work on a closed case up again, with a reason.
func Reopen(tx *db.Tx, a audience.Actor, caseRef, reason string) (Case, error) {
	c, role, err := Load(tx, a, caseRef)
	if err != nil {
		return c, err
	}
	if role < audience.Coordinator {
		return c, errs.New(errs.Denied, "Only a coordinator reopens a case.")
	}
	if reason, err = cleanReason(reason); err != nil {
		return c, err
	}
	if err := underway(tx, c); err != nil {
		return c, err
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "The case is %s; only a closed case can be reopened.", c.State), `UPDATE cases SET state = 'open', closed_at = NULL, close_reason = '', updated_at = $1, version = version + 1 WHERE id = $2 AND state = 'closed'`,
		db.Micros(tx.Now), c.ID); err != nil {
		return c, err
	}
	recordState(tx, a, c, CaseReopened, reason)
	return ByID(tx, c.ID)
}

// underway refuses to take up a case that lies in a closed program: through it
// nobody has access any more, and while it is closed no case in it is open.
func underway(tx *db.Tx, c Case) error {
	under, err := audience.Placed(tx, c.Audience)
	if err != nil || c.State != Closed {
		return err
	}
	for _, id := range under {
		p, err := programs.ByID(tx, id)
		if err != nil {
			return err
		}
		if p.State != programs.Active {
			return errs.New(errs.Conflict, "The case lies in the program %s, which is %s. Open the program again on its page first; then the case can be reopened. Or open a new case elsewhere.", p.Name, p.State)
		}
	}
	return nil
}

func recordState(tx *db.Tx, a audience.Actor, c Case, kind, reason string) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: c.Audience, Level: c.Level, Scope: c.ID, Object: c.Ref(), Data: struct {
		Reason string    `json:"reason"`
		At     time.Time `json:"at"`
	}{reason, tx.Now}, Binds: []ledger.Bound{c.Bound()}})
}
