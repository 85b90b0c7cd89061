package board

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
	"tocsin/spec/tlp"
)

// paperLength is the length of a sealed vote before it is sealed: room for
// the longest reason in any script, so that no length tells a choice.
const paperLength = 8192

// paper is what a sealed vote says. It names its record, so that two papers
// cannot be exchanged in the database.
type paper struct {
	Vote   string        `json:"vote"`
	Motion string        `json:"motion"`
	Seat   string        `json:"seat"`
	Voter  string        `json:"voter"`
	Choice ballot.Choice `json:"choice"`
	Reason string        `json:"reason"`
}

// Said is what a voter says.
type Said struct {
	Seat   string // the seat to vote for; "" where the voter has one only
	Choice ballot.Choice
	Reason string // Markdown, or ""
}

// Receipt says that a vote was taken, and never what it says: doors keep and
// log their answers.
type Receipt struct {
	Motion string    `json:"motion"`
	Seat   string    `json:"seat"`
	At     time.Time `json:"at"`
}

// Paper is one seat for which the actor may vote.
type Paper struct {
	Seat       Seat      `json:"seat"`
	Substitute bool      `json:"substitute"`       // the actor is the substitute
	Voted      time.Time `json:"voted,omitzero"`   // when the vote that stands was cast
	ByMe       bool      `json:"by_me,omitempty"`  // by the actor
	Barred     string    `json:"barred,omitempty"` // why no vote is taken from the actor; "" if one is
}

// Papers lists the seats of the electorate for which the actor has a voice,
// as executive or as substitute.
func Papers(tx *db.Tx, a audience.Actor, ref string) ([]Paper, error) {
	m, err := Get(tx, a, ref)
	if err != nil {
		return nil, err
	}
	return papers(tx, a, m)
}

func papers(tx *db.Tx, a audience.Actor, m Motion) ([]Paper, error) {
	list, err := electorate(tx, m)
	if err != nil {
		return nil, err
	}
	cast, err := votes(tx, m)
	if err != nil {
		return nil, err
	}
	var out []Paper
	for _, e := range list {
		if a.Person == "" || e.Person != a.Person && e.Seat.Substitute != a.Person {
			continue
		}
		p := Paper{Seat: e.Seat, Substitute: e.Person != a.Person}
		i := slices.IndexFunc(cast, func(v vote) bool { return v.seat == e.Seat.ID })
		if i >= 0 {
			p.Voted, p.ByMe = cast[i].at, cast[i].voter == a.Person
		}
		switch principal := i >= 0 && cast[i].voter == e.now.Principal; {
		case e.now.Standing == ballot.Recused:
			p.Barred = "The seat is recused from this motion; no vote is taken for it."
		case e.now.Standing != ballot.Sits:
			p.Barred = "The seat is suspended or has ended; no vote is taken for it."
		case a.Person != e.now.Principal && a.Person != e.now.Substitute:
			p.Barred = "You do not act for this seat any more."
		case p.Substitute && principal:
			p.Barred = "The seat's executive has voted; a substitute votes only if the executive has not."
		}
		out = append(out, p)
	}
	return out, nil
}

// Cast casts the vote for a seat, or changes it, until the deadline. The
// executive's vote replaces the substitute's. In a motion that closes early,
// the vote of the last who may vote closes it.
func (r Room) Cast(tx *db.Tx, a audience.Actor, ref string, in Said) (Receipt, error) {
	m, err := hold(tx, a, ref)
	if err != nil {
		return Receipt{}, err
	}
	if !charter.Allows(a, charter.ScopeWrite) {
		return Receipt{}, errs.New(errs.Denied, "Voting needs a session, or a token with the scope write.")
	}
	if _, err := ballot.Motion.Move(m.State, ballot.Cast); err != nil {
		return Receipt{}, errs.Wrap(errs.Conflict, err, "%s", err.Error())
	}
	if !tx.Now.Before(m.Deadline) {
		return Receipt{}, errs.New(errs.Conflict, "The deadline has passed; no vote is taken any more.")
	}
	s, err := votingSeat(tx, a, m, in.Seat)
	if err != nil {
		return Receipt{}, err
	}
	if !slices.Contains(ballot.Choices, in.Choice) {
		return Receipt{}, errs.Bad("choice", "Choose yes, no or abstain.")
	}
	if in.Reason, err = cleanText("reason", in.Reason, maxReason, ""); err != nil {
		return Receipt{}, err
	}
	if err := r.put(tx, a, m, s, in); err != nil {
		return Receipt{}, err
	}
	return Receipt{m.ID, s.ID, tx.Now}, r.closeIfComplete(tx, m)
}

func votingSeat(tx *db.Tx, a audience.Actor, m Motion, seatID string) (Seat, error) {
	list, err := papers(tx, a, m)
	if err != nil {
		return Seat{}, err
	}
	if seatID != "" {
		list = slices.DeleteFunc(list, func(p Paper) bool { return p.Seat.ID != seatID })
	}
	free := slices.DeleteFunc(slices.Clone(list), func(p Paper) bool { return p.Barred != "" })
	switch {
	case len(list) == 0:
		return Seat{}, errs.New(errs.Denied, "You have no seat in the electorate of this motion.")
	case len(free) == 0:
		return Seat{}, errs.New(errs.Denied, "%s", list[0].Barred)
	case len(free) > 1:
		return Seat{}, errs.Bad("seat", "You act for more than one seat. Say for which you vote.")
	}
	return free[0].Seat, nil
}

// put writes the vote's row. All that can be seen of a sealed one is the same
// whatever it says.
func (r Room) put(tx *db.Tx, a audience.Actor, m Motion, s Seat, in Said) error {
	old, found, err := db.One(tx, scanVote, voteQuery+`v.motion_id = $1 AND v.seat_id = $2`, m.ID, s.ID)
	if err != nil {
		return err
	}
	v := old
	if !found {
		v.id = id.New("vote", tx.Now)
	}
	v.level, v.audience = m.Level, m.Audience
	choice, reason, sealed := string(in.Choice), in.Reason, any(nil)
	if m.Sealed {
		choice, reason, v.level, v.audience = "", "", tlp.Red, old.audience
		if !found || old.voter != a.Person {
			if v.audience, err = audience.Create(tx, "ballot paper", []audience.Grant{{Kind: audience.Person, ID: a.Person, Role: audience.Reader, Reason: "cast this vote"}}, nil, nil); err != nil {
				return err
			}
		}
		if sealed, err = r.seal(paper{v.id, m.ID, s.ID, a.Person, in.Choice, in.Reason}); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`INSERT INTO motion_vote (id, motion_id, seat_id, audience_id, tlp, person_id, choice, reason, paper, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (motion_id, seat_id) DO UPDATE SET audience_id = excluded.audience_id, tlp = excluded.tlp, person_id = excluded.person_id, choice = excluded.choice, reason = excluded.reason, paper = excluded.paper, at = excluded.at`,
		v.id, m.ID, s.ID, v.audience, int(v.level), a.Person, choice, reason, sealed, db.Micros(tx.Now)); err != nil {
		return err
	}
	data := map[string]any{"motion": m.Number, "seat": s.ID}
	if !m.Sealed {
		data["choice"], data["reason"] = choice, reason
	}
	ledger.Append(tx, ledger.Event{Kind: EventCast, Actor: a, Audience: v.audience, Level: v.level, Scope: m.ID, Object: ledger.Object{Kind: "vote", ID: v.id}, Data: data, Binds: []ledger.Bound{voteTable.Of(v.id)}})
	return nil
}

func (r Room) seal(p paper) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return nil, err
	}
	if buf.Len() > paperLength {
		return nil, errs.New(errs.TooLarge, "The reason is too long for a ballot paper. Shorten it.")
	}
	return r.Sealer.Seal(append(buf.Bytes(), bytes.Repeat([]byte{' '}, paperLength-buf.Len())...))
}

// vote is a row as it is stored.
type vote struct {
	id, seat, voter, audience string
	choice                    ballot.Choice
	reason                    string
	paper                     []byte
	level                     tlp.Level
	at                        time.Time
}

const voteQuery = `SELECT v.id, v.seat_id, v.person_id, v.audience_id, v.choice, v.reason, v.paper, v.tlp, v.at FROM motion_vote v WHERE `

func scanVote(v *vote) []any {
	return []any{&v.id, &v.seat, &v.voter, &v.audience, &v.choice, &v.reason, &v.paper, &v.level, db.At(&v.at)}
}

func votes(tx *db.Tx, m Motion) ([]vote, error) {
	return db.All(tx, scanVote, voteQuery+`v.motion_id = $1 ORDER BY v.seat_id`+db.Limit(ballot.MaxSeats), m.ID)
}

// opened gives the votes to the count. A paper that cannot be opened, or that
// speaks of another vote, is an error that says nothing of the others.
func (r Room) opened(m Motion, list []vote) ([]ballot.Vote, error) {
	out := make([]ballot.Vote, len(list))
	for i, v := range list {
		out[i] = ballot.Vote{Seat: v.seat, Voter: v.voter, Choice: v.choice}
		if !m.Sealed {
			continue
		}
		plain, err := r.Sealer.UnsealMax(v.paper, paperLength)
		if err != nil {
			return nil, errs.Wrap(errs.Unavailable, err, "A sealed vote cannot be opened.")
		}
		var p paper
		if err := json.Unmarshal(plain, &p); err != nil {
			return nil, errs.Wrap(errs.Unavailable, err, "A sealed vote cannot be read.")
		}
		if p.Vote != v.id || p.Motion != m.ID || p.Seat != v.seat || p.Voter != v.voter {
			return nil, errs.New(errs.Unavailable, "A sealed vote belongs to another record.")
		}
		out[i].Choice = p.Choice
	}
	return out, nil
}

// Vote is a vote of an open ballot, for those who may see the motion.
type Vote struct {
	Seat   string        `json:"seat"`
	Voter  string        `json:"voter"`
	Choice ballot.Choice `json:"choice"`
	Reason string        `json:"reason,omitempty"`
	At     time.Time     `json:"at"`
}

// Votes lists the votes of an open ballot. Of a sealed one it never gives
// any, before or after the close: the count is in Motion.Result.
func Votes(tx *db.Tx, a audience.Actor, ref string) ([]Vote, error) {
	m, err := Get(tx, a, ref)
	if err != nil || m.Sealed {
		return nil, err
	}
	list, err := votes(tx, m)
	out := make([]Vote, len(list))
	for i, v := range list {
		out[i] = Vote{v.seat, v.voter, v.choice, v.reason, v.at}
	}
	return out, err
}

// Awaiting lists the open motions for which the actor may vote and nobody has
// voted for their seat, the nearest deadline first.
func Awaiting(tx *db.Tx, a audience.Actor) ([]Motion, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	var args db.Args
	list, err := db.All(tx, scanMotion, `SELECT `+motionColumns+` FROM motion m WHERE m.state = 'open' AND m.deadline > `+args.Add(db.Micros(tx.Now))+` AND `+audience.Visible(a, "m", &args)+` ORDER BY m.deadline, m.id`+db.Limit(200), args...)
	if err != nil {
		return nil, err
	}
	var out []Motion
	for _, m := range list {
		ps, err := papers(tx, a, m)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(ps, func(p Paper) bool { return p.Barred == "" && p.Voted.IsZero() }) {
			out = append(out, m)
		}
	}
	return out, nil
}
