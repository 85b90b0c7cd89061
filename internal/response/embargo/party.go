package embargo

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// moveParty moves one of a participant's states, guarded by the machine's
// table. column is the state's column.
func moveParty[S ~string, V ~string](tx *db.Tx, p casework.Participant, column string, m mpcvd.Machine[S, V], from S, verb V) error {
	to, err := m.Move(from, verb)
	if err != nil {
		return conflict(err)
	}
	var args db.Args
	q := `UPDATE participant SET ` + column + ` = ` + args.Add(string(to)) + `, version = version + 1, updated_at = ` + args.Add(db.Micros(tx.Now)) +
		` WHERE id = ` + args.Add(p.ID) + ` AND ` + column + ` IN ` + db.List(&args, sources(m, verb, to))
	return tx.Guarded(errs.New(errs.Conflict, "Somebody else moved %s at the same moment. Look again and repeat what still applies.", p.Name), q, args...)
}

func moveConsent(tx *db.Tx, p *casework.Participant, verb mpcvd.PECVerb) error {
	if err := moveParty(tx, *p, "consent", mpcvd.Consent, p.Consent, verb); err != nil {
		return err
	}
	p.Consent, _ = mpcvd.Consent.Next(p.Consent, verb)
	return nil
}

// MoveReport moves a party's report management: the party itself, or a
// coordinator on its behalf. Judging it invalid and deferring it need a
// reason.
func MoveReport(tx *db.Tx, a audience.Actor, caseRef, participantID string, verb mpcvd.RMVerb, why string) (casework.Participant, error) {
	return moveOf(tx, a, caseRef, participantID, why, step[mpcvd.RM, mpcvd.RMVerb]{"report", "report_state", mpcvd.Report, verb,
		func(p casework.Participant) mpcvd.RM { return p.Report }, verb == mpcvd.RMInvalidate || verb == mpcvd.RMDefer})
}

// MoveProgress moves a vendor's own half of the case state: aware (V), fix
// ready (F), fix deployed (D), in this order and never back.
func MoveProgress(tx *db.Tx, a audience.Actor, caseRef, participantID string, verb mpcvd.Event) (casework.Participant, error) {
	return moveOf(tx, a, caseRef, participantID, "", step[mpcvd.VendorState, mpcvd.Event]{"vendor", "vendor_state", mpcvd.VendorProgress, verb,
		func(p casework.Participant) mpcvd.VendorState { return p.Progress }, false})
}

// step is one move of one of a participant's machines.
type step[S ~string, V ~string] struct {
	name, column string
	machine      mpcvd.Machine[S, V]
	verb         V
	from         func(casework.Participant) S
	needsReason  bool
}

func moveOf[S ~string, V ~string](tx *db.Tx, a audience.Actor, caseRef, participantID, why string, s step[S, V]) (casework.Participant, error) {
	c, v, err := speak(tx, a, caseRef, participantID)
	if err != nil {
		return casework.Participant{}, err
	}
	if v.party == nil {
		return casework.Participant{}, errs.Bad("participant_id", "Name the party.")
	}
	p := *v.party
	if s.column == "vendor_state" && p.Role != casework.Vendor {
		return p, errs.New(errs.Conflict, "%s takes part as %s; only a vendor has a fix to tell of.", p.Name, p.Role)
	}
	from := s.from(p)
	if _, err := s.machine.Move(from, s.verb); err != nil {
		return p, conflict(err)
	}
	if why, err = casework.CleanShort("reason", why, 2000); err != nil {
		return p, err
	}
	if s.needsReason && why == "" {
		return p, errs.Bad("reason", "Say why; the reason is kept.")
	}
	if err := moveParty(tx, p, s.column, s.machine, from, s.verb); err != nil {
		return p, err
	}
	to, _ := s.machine.Next(from, s.verb)
	casework.RecordParty(tx, a, c, p, casework.ParticipantMoved, moved{p.Name, s.name, string(s.verb), string(from), string(to), why, v.onBehalf})
	return casework.PartyByID(tx, p.ID)
}

// moved is the payload of a participant's move.
type moved struct {
	Name     string `json:"name"`
	Machine  string `json:"machine"`
	Verb     string `json:"verb"`
	From     string `json:"from"`
	To       string `json:"to"`
	Reason   string `json:"reason,omitempty"`
	OnBehalf bool   `json:"on_behalf,omitempty"`
}

// MoveConsent moves a party's consent to the embargo. The party itself, or a
// coordinator on its behalf, accepts and declines; a coordinator invites
// (asks again), revises (the terms changed) and resets, the last two with a
// reason. A party that declines leaves the case and loses its access, as one
// that declines the invitation; a finder keeps its own side.
//
// An invitation to the case is answered with casework.Accept and Decline.
func MoveConsent(tx *db.Tx, a audience.Actor, caseRef, participantID string, verb mpcvd.PECVerb, why string) (casework.Participant, error) {
	c, v, err := speak(tx, a, caseRef, participantID)
	if err != nil {
		return casework.Participant{}, err
	}
	if v.party == nil {
		return casework.Participant{}, errs.Bad("participant_id", "Name the party.")
	}
	p := *v.party
	if why, err = mayMoveConsent(tx, a, c, p, verb, why); err != nil {
		return p, err
	}
	from := p.Consent
	if err := moveConsent(tx, &p, verb); err != nil {
		return p, err
	}
	data := moved{p.Name, "consent", string(verb), string(from), string(p.Consent), why, v.onBehalf}
	if verb == mpcvd.PECDecline && p.Role != casework.Finder {
		if err := casework.Exclude(tx, a, c, p, casework.TermsDeclined, why); err != nil {
			return p, err
		}
	}
	// Who is asked again hears it on its private side, as a thing it owes.
	kind, aud := EventConsent, p.Audience
	if verb == mpcvd.PECInvite || verb == mpcvd.PECRevise {
		kind, aud = EventLapsed, p.Private
	}
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: aud, Level: p.Level, Scope: c.ID, Party: p.ID, Object: p.Ref(), Data: data, Binds: []ledger.Bound{p.Bound(), c.Bound()}})
	return casework.PartyByID(tx, p.ID)
}

func mayMoveConsent(tx *db.Tx, a audience.Actor, c casework.Case, p casework.Participant, verb mpcvd.PECVerb, why string) (string, error) {
	if _, err := mpcvd.Consent.Move(p.Consent, verb); err != nil {
		return why, conflict(err)
	}
	why, err := casework.CleanShort("reason", why, 2000)
	if err != nil {
		return why, err
	}
	if !p.Active() {
		return why, errs.New(errs.Conflict, "%s has not accepted the case's terms; its invitation asks for the consent.", p.Name)
	}
	if verb == mpcvd.PECAccept || verb == mpcvd.PECDecline {
		return why, nil
	}
	role, err := audience.RoleOn(tx, a, c.Audience, c.Marking())
	if err != nil {
		return why, err
	}
	if role < audience.Coordinator {
		return why, errs.New(errs.Denied, "Only a coordinator asks a party for its consent or takes it back.")
	}
	if verb != mpcvd.PECInvite && why == "" {
		return why, errs.Bad("reason", "Say why; the reason is kept.")
	}
	return why, nil
}
