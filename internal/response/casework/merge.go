package casework

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/mpcvd"
)

// Move is one case's matter going into another.
type Move struct {
	From, Into Case
	Parties    map[string]string // participant of From → participant of Into
	Only       []string          // ids of the vulnerabilities that move; nil: everything
}

// MergeCases lets the matter of one case go on in another. The absorbed
// case's parties are invited into the other and must accept its terms before
// they see it; its finders get a place beside it. The absorbed case stays as
// a record for those who saw it, and no work on it is possible.
//
// The embargo is settled by embargo.Merge, which is what doors call.
func MergeCases(tx *db.Tx, a audience.Actor, fromRef, intoRef, reason string, parts ...Follower) (Move, error) {
	from, err := LoadAs(tx, a, fromRef, audience.Coordinator)
	if err != nil {
		return Move{}, err
	}
	into, err := LoadAs(tx, a, intoRef, audience.Coordinator)
	if err != nil {
		return Move{}, err
	}
	if from.ID == into.ID {
		return Move{}, errs.New(errs.Conflict, "A case cannot be merged into itself.")
	}
	// The rows are taken in one order, so that two merges do not block each
	// other.
	first, second := &from, &into
	if second.ID < first.ID {
		first, second = second, first
	}
	if err := firstError(hold(tx, first, nil), hold(tx, second, nil)); err != nil {
		return Move{}, err
	}
	if reason, err = cleanReason(reason); err != nil {
		return Move{}, err
	}
	m := Move{From: from, Into: into, Parties: map[string]string{}}
	if err := m.carryParties(tx, a, reason); err != nil {
		return m, err
	}
	if _, err := tx.Exec(`UPDATE case_invitation SET state = 'revoked', answered_at = $1, answered_by = $2, answer_reason = $3 WHERE case_id = $4 AND state = 'open'`, db.Micros(tx.Now), a.Person, reason, from.ID); err != nil {
		return m, err
	}
	for _, f := range parts {
		if f.Move == nil {
			continue
		}
		if err := f.Move(tx, a, m); err != nil {
			return m, err
		}
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "The case is not open any more."), `UPDATE cases SET state = 'merged', merged_into = $1, closed_at = $2, close_reason = $3, version = version + 1 WHERE id = $4 AND state = 'open'`,
		into.ID, db.Micros(tx.Now), reason, from.ID); err != nil {
		return m, err
	}
	m.From.State, m.From.MergedInto = Merged, into.ID
	// Which case it went into is for the coordinators, until terms are accepted.
	recordState(tx, a, m.From, CaseMerged, reason)
	for _, c := range []Case{from, into} {
		ledger.Append(tx, ledger.Event{Kind: CaseMerged, Actor: a, Audience: c.Team, Level: c.Level, Scope: c.ID, Object: c.Ref(), Data: struct {
			From   string `json:"from"`
			Into   string `json:"into"`
			Reason string `json:"reason"`
		}{from.Number, into.Number, reason}, Binds: []ledger.Bound{c.Bound()}})
	}
	return m, touch(tx, into.ID)
}

// carryParties gives every party of the absorbed case its place in the other.
func (m Move) carryParties(tx *db.Tx, a audience.Actor, reason string) error {
	list, err := Parties(tx, m.From.ID)
	if err != nil {
		return err
	}
	wave, err := db.Value[int](tx, `SELECT COALESCE(MAX(wave), 0) + 1 FROM participant WHERE case_id = $1`, m.Into.ID)
	if err != nil {
		return err
	}
	due, err := answerByDefault(tx)
	if err != nil {
		return err
	}
	for _, old := range list {
		if !old.LeftAt.IsZero() {
			continue
		}
		// Who has lost the membership through which it came is not asked anew.
		if lost, err := audience.Lost(tx, m.From.Audience, old.Kind, old.Subject); err != nil {
			return err
		} else if lost {
			continue
		}
		if old.Role == Finder {
			p, err := addFinder(tx, a, m.Into, Finding{Kind: old.Kind, ID: old.Subject, Name: old.Name, Reason: reason})
			if err != nil {
				return err
			}
			m.Parties[old.ID] = p.ID
			continue
		}
		t := Target{Kind: old.Kind, ID: old.Subject, Name: old.Name, Role: old.Role, Hide: old.HiddenReason}
		if !old.Hidden {
			t.Hide = ""
		}
		p, fresh, err := include(tx, a, m.Into, t, reason, wave)
		if err != nil {
			return err
		}
		m.Parties[old.ID] = p.ID
		if !fresh {
			continue
		}
		if err := sendInvitation(tx, a, m.Into, &p, Inclusion{Reason: reason, Due: due}); err != nil {
			return err
		}
		if err := carryStates(tx, old, p); err != nil {
			return err
		}
	}
	return nil
}

// carryStates keeps how far a party is: it is the same matter. The event that
// made the new participant vouches for it.
func carryStates(tx *db.Tx, old, p Participant) error {
	_, err := tx.Exec(`UPDATE participant SET report_state = $1, vendor_state = $2 WHERE id = $3`, string(old.Report), string(old.Progress), p.ID)
	return err
}

// Parting is what a split takes out of a case.
type Parting struct {
	Title           string   `json:"title"`
	Summary         string   `json:"summary"`
	Participants    []string `json:"participants"`    // ids of those that take part in the new case
	Vulnerabilities []string `json:"vulnerabilities"` // ids of those that move into it
	Reason          string   `json:"reason"`
}

// SplitCase opens a new case for a part of a case's matter. The chosen
// parties take part in both; who accepted the old case's terms has accepted
// the new one's, whose text is the same. The chosen vulnerabilities move.
//
// The embargo's end is carried by embargo.Split, which is what doors call.
func SplitCase(tx *db.Tx, a audience.Actor, caseRef string, in Parting, parts ...Follower) (Move, error) {
	from, err := LoadAs(tx, a, caseRef, audience.Coordinator)
	if err != nil {
		return Move{}, err
	}
	if err := hold(tx, &from, nil); err != nil {
		return Move{}, err
	}
	if in.Reason, err = cleanReason(in.Reason); err != nil {
		return Move{}, err
	}
	if len(in.Participants) == 0 || len(in.Participants) > MaxTargets {
		return Move{}, errs.Bad("participants", "Choose between 1 and %d parties for the new case.", MaxTargets)
	}
	into, err := openLike(tx, a, from, in)
	if err != nil {
		return Move{}, err
	}
	m := Move{From: from, Into: into, Parties: map[string]string{}, Only: append([]string{}, in.Vulnerabilities...)}
	for _, pid := range in.Participants {
		if m.Parties[pid] != "" {
			continue
		}
		p, err := m.takeAlong(tx, a, pid, in.Reason)
		if err != nil {
			return m, err
		}
		m.Parties[pid] = p.ID
	}
	for _, f := range parts {
		if f.Move == nil {
			continue
		}
		if err := f.Move(tx, a, m); err != nil {
			return m, err
		}
	}
	ledger.Append(tx, ledger.Event{Kind: CaseSplit, Actor: a, Audience: from.Team, Level: from.Level, Scope: from.ID, Object: into.Ref(), Data: struct {
		From   string `json:"from"`
		Into   string `json:"into"`
		Reason string `json:"reason"`
	}{from.Number, into.Number, in.Reason}, Binds: []ledger.Bound{from.Bound(), into.Bound()}})
	return m, touch(tx, from.ID)
}

// openLike opens a case with the marking, terms and bars of another, under the
// same programs.
func openLike(tx *db.Tx, a audience.Actor, from Case, in Parting) (Case, error) {
	c := Case{ID: id.New("case", tx.Now), Level: from.Level, Terms: id.New("trm", tx.Now), TermsText: from.TermsText, State: Open, Owner: from.Owner, SplitFrom: from.ID}
	var err error
	if c.Title, c.Summary, err = cleanTexts(in.Title, in.Summary); err != nil {
		return c, err
	}
	if c.Number, err = nextNumber(tx, "TA", tx.Now.Year()); err != nil {
		return c, err
	}
	team, err := teamGrants(tx, from)
	if err != nil {
		return c, err
	}
	if c.Audience, err = audience.Like(tx, from.Audience, "case", team, []string{c.Terms}); err != nil {
		return c, err
	}
	if c.Team, err = audience.Within(tx, c.Audience, "case team", team, nil); err != nil {
		return c, err
	}
	return c, insertCase(tx, a, &c)
}

// takeAlong gives one party of the old case its place in the new one.
func (m Move) takeAlong(tx *db.Tx, a audience.Actor, participantID, reason string) (Participant, error) {
	old, err := PartyByID(tx, participantID)
	if err != nil || old.Case != m.From.ID || !old.LeftAt.IsZero() {
		return old, firstError(err, errs.Bad("participants", "One of the chosen parties does not take part in this case."))
	}
	if old.Role == Finder {
		return addFinder(tx, a, m.Into, Finding{Kind: old.Kind, ID: old.Subject, Name: old.Name, Reason: reason})
	}
	lost, err := audience.Lost(tx, m.From.Audience, old.Kind, old.Subject)
	if err != nil {
		return old, err
	}
	if lost {
		return old, errs.Bad("participants", "%s came through a membership that has ended; invite it into the new case instead.", old.Name)
	}
	t := Target{Kind: old.Kind, ID: old.Subject, Name: old.Name, Role: old.Role}
	if old.Hidden {
		t.Hide = old.HiddenReason
	}
	p, _, err := include(tx, a, m.Into, t, reason, 1)
	if err != nil {
		return p, err
	}
	if !old.Active() {
		due, err := answerByDefault(tx)
		if err != nil {
			return p, err
		}
		return p, sendInvitation(tx, a, m.Into, &p, Inclusion{Reason: reason, Due: due})
	}
	signer, err := db.Value[string](tx, `SELECT person_id FROM terms_acceptance WHERE terms_id = $1 AND party_kind = $2 AND party_id = $3`, m.From.Terms, string(old.Kind), old.Subject)
	if err != nil {
		return p, err
	}
	if err := audience.Accept(tx, m.Into.Terms, p.Party(), signer); err != nil {
		return p, err
	}
	me := audience.Grant{Kind: p.Kind, ID: p.Subject, Role: audience.Contributor, Reason: string(p.Role)}
	if err := audience.Admit(tx, m.Into.Audience, me); err != nil {
		return p, err
	}
	consent := old.Consent
	if consent == mpcvd.PECInvited {
		consent = mpcvd.PECLapsed // asked again over there
	}
	if _, err := tx.Exec(`UPDATE participant SET accepted_at = $1, seen_at = $1, due_at = $2, consent = $3 WHERE id = $4`, db.Micros(tx.Now), db.Micros(old.DueAt), string(consent), p.ID); err != nil {
		return p, err
	}
	return p, carryStates(tx, old, p)
}
