package board

import (
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
	"tocsin/spec/tlp"
)

// Seat is a founding member's place on the board, held by one executive for a
// term. Who follows them gets a seat of their own, so that no vote passes
// from one to the other.
type Seat struct {
	ID             string    `json:"id"`
	Org            string    `json:"org"`
	OrgName        string    `json:"org_name"`
	Person         string    `json:"person"`
	Name           string    `json:"name"`
	Substitute     string    `json:"substitute,omitempty"` // person id; of the same organization
	SubstituteName string    `json:"substitute_name,omitempty"`
	From           time.Time `json:"from"`
	Until          time.Time `json:"until,omitzero"` // the first instant after the term; zero: no end
	EndedAt        time.Time `json:"ended_at,omitzero"`
	EndReason      string    `json:"end_reason,omitempty"`
	Version        int64     `json:"version"`
	Audience       string    `json:"-"`
	Level          tlp.Level `json:"-"`

	orgState               orgs.State
	personOK, substituteOK bool // active and still with the organization
}

const seatQuery = `SELECT s.id, s.audience_id, s.tlp, s.org_id, o.name, o.state, s.person_id, p.name, s.substitute_id, COALESCE(u.name, ''), s.from_at, s.until_at, s.ended_at, s.end_reason, s.version,
	CASE WHEN p.state = 'active' AND EXISTS (SELECT 1 FROM membership m WHERE m.org_id = s.org_id AND m.person_id = s.person_id) THEN 1 ELSE 0 END,
	CASE WHEN u.state = 'active' AND EXISTS (SELECT 1 FROM membership m WHERE m.org_id = s.org_id AND m.person_id = s.substitute_id) THEN 1 ELSE 0 END
	FROM board_seat s JOIN org o ON o.id = s.org_id JOIN person p ON p.id = s.person_id LEFT JOIN person u ON u.id = s.substitute_id WHERE `

func scanSeat(s *Seat) []any {
	return []any{&s.ID, &s.Audience, &s.Level, &s.Org, &s.OrgName, &s.orgState, &s.Person, &s.Name, &s.Substitute, &s.SubstituteName, db.At(&s.From), db.At(&s.Until), db.At(&s.EndedAt), &s.EndReason, &s.Version, &s.personOK, &s.substituteOK}
}

func seats(tx *db.Tx, where string, args ...any) ([]Seat, error) {
	return db.All(tx, scanSeat, seatQuery+where+` ORDER BY o.name, s.from_at, s.id`+db.Limit(ballot.MaxSeats), args...)
}

// runs reports whether the term runs at now.
func (s Seat) runs(now time.Time) bool {
	return s.EndedAt.IsZero() && !now.Before(s.From) && (s.Until.IsZero() || now.Before(s.Until))
}

// standing is the seat as the count takes it, without regard to recusals.
func (s Seat) standing(now time.Time) ballot.Seat {
	out := ballot.Seat{ID: s.ID, Standing: ballot.Sits}
	switch {
	case !s.runs(now):
		out.Standing = ballot.Replaced
	case s.orgState != orgs.Active:
		out.Standing = ballot.Suspended
	}
	if s.personOK {
		out.Principal = s.Person
	}
	if s.substituteOK {
		out.Substitute = s.Substitute
	}
	return out
}

// Seats lists the seats, the ended ones too when past is set, by the name of
// their organization; it is for those who may see the board's papers,
// and those who keep the list.
func Seats(tx *db.Tx, a audience.Actor, past bool) ([]Seat, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	var args db.Args
	where := `1 = 1`
	if !charter.Administers(a) {
		where = audience.Visible(a, "s", &args)
	}
	if !past {
		where += ` AND s.ended_at IS NULL AND (s.until_at IS NULL OR s.until_at > ` + args.Add(db.Micros(tx.Now)) + `)`
	}
	return seats(tx, where, args...)
}

// Appoint gives an organization's executive a seat. An organization has one
// seat at a time, and a person one: end the old one first. Operators and
// coordinators may. Of in, Org, Person, Substitute, From and Until are read;
// a zero From is now.
func Appoint(tx *db.Tx, a audience.Actor, in Seat) (Seat, error) {
	if err := keeps(a); err != nil {
		return Seat{}, err
	}
	if in.From.IsZero() {
		in.From = tx.Now
	}
	if !in.Until.IsZero() && (!in.Until.After(in.From) || !in.Until.After(tx.Now)) {
		return Seat{}, errs.Bad("until", "The term must end after it begins, and after now.")
	}
	o, err := orgs.Get(tx, a, in.Org)
	if err != nil {
		return Seat{}, err
	}
	if o.State != orgs.Active {
		return Seat{}, errs.New(errs.Conflict, "%s is %s; it cannot take a seat.", o.Name, o.State)
	}
	if err := belongs(tx, "person", in.Org, in.Person); err != nil {
		return Seat{}, err
	}
	if err := substitute(tx, in); err != nil {
		return Seat{}, err
	}
	if in.Audience, err = chamber(tx); err != nil {
		return Seat{}, err
	}
	// The room's row is held, so that two appointments are made one after
	// the other.
	if _, err := tx.Exec(`UPDATE board_room SET motions = motions WHERE id = $1`, roomID); err != nil {
		return Seat{}, err
	}
	if err := vacant(tx, in); err != nil {
		return Seat{}, err
	}
	in.ID, in.Level, in.Version = id.New("seat", tx.Now), level, 1
	if _, err := tx.Exec(`INSERT INTO board_seat (id, audience_id, tlp, org_id, person_id, substitute_id, from_at, until_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)`,
		in.ID, in.Audience, int(in.Level), in.Org, in.Person, in.Substitute, db.Micros(in.From), db.Micros(in.Until)); err != nil {
		return Seat{}, err
	}
	return seated(tx, a, EventSeated, in.ID)
}

// vacant refuses a term that overlaps another one of the organization's or of
// the person's.
func vacant(tx *db.Tx, in Seat) error {
	others, err := seats(tx, `(s.org_id = $1 OR s.person_id = $2) AND s.ended_at IS NULL AND s.id <> $3`, in.Org, in.Person, in.ID)
	if err != nil {
		return err
	}
	for _, o := range others {
		apart := !o.Until.IsZero() && !o.Until.After(in.From) || !in.Until.IsZero() && !in.Until.After(o.From)
		if !apart {
			return errs.New(errs.Conflict, "%s has a seat for %s in that time. End it first: each founding member has one.", o.Name, o.OrgName)
		}
	}
	return nil
}

func belongs(tx *db.Tx, field, orgID, personID string) error {
	role, err := orgs.RoleOf(tx, orgID, personID)
	if err != nil {
		return err
	}
	p, err := people.Load(tx, personID)
	if errs.Is(err, errs.NotFound) || err == nil && (role == "" || p.State != people.Active) {
		return errs.Bad(field, "Choose an active person of the organization.")
	}
	return err
}

func substitute(tx *db.Tx, in Seat) error {
	switch in.Substitute {
	case "":
		return nil
	case in.Person:
		return errs.Bad("substitute", "The substitute must be somebody else.")
	}
	return belongs(tx, "substitute", in.Org, in.Substitute)
}

// Substitute names a seat's substitute, or none with "". Whoever holds the
// seat may, and operators and coordinators. version is the one seen. A vote
// that a former substitute cast does not count any more.
func Substitute(tx *db.Tx, a audience.Actor, seatID, personID string, version int64) (Seat, error) {
	s, err := SeatOf(tx, a, seatID)
	if err != nil {
		return s, err
	}
	if a.Person != s.Person || !charter.Allows(a, charter.ScopeWrite) {
		if err := keeps(a); err != nil {
			return s, err
		}
	}
	in := s
	in.Substitute = personID
	if err := substitute(tx, in); err != nil {
		return s, err
	}
	if err := tx.Guarded(staleSeat(s, in), `UPDATE board_seat SET substitute_id = $1, version = version + 1 WHERE id = $2 AND version = $3 AND ended_at IS NULL`, personID, s.ID, version); err != nil {
		return s, err
	}
	return seated(tx, a, EventChanged, s.ID)
}

// End ends a seat now: the person resigned or was replaced, or the
// organization lost its place. Operators and coordinators may, with a reason;
// whoever holds the seat may resign. A vote cast for it in an open ballot
// does not count any more.
func End(tx *db.Tx, a audience.Actor, seatID, reason string, version int64) (Seat, error) {
	s, err := SeatOf(tx, a, seatID)
	if err != nil {
		return s, err
	}
	if a.Person != s.Person || !charter.Allows(a, charter.ScopeWrite) {
		if err := keeps(a); err != nil {
			return s, err
		}
	}
	if reason, err = cleanText("reason", reason, maxReason, "Say why the seat ends."); err != nil {
		return s, err
	}
	if !s.EndedAt.IsZero() {
		return s, errs.New(errs.Conflict, "This seat has ended already.")
	}
	in := s
	in.EndedAt, in.EndReason = tx.Now, reason
	if err := tx.Guarded(staleSeat(s, in), `UPDATE board_seat SET ended_at = $1, end_reason = $2, version = version + 1 WHERE id = $3 AND version = $4 AND ended_at IS NULL`, db.Micros(tx.Now), reason, s.ID, version); err != nil {
		return s, err
	}
	return seated(tx, a, EventEnded, s.ID)
}

func seated(tx *db.Tx, a audience.Actor, kind, seatID string) (Seat, error) {
	list, err := seats(tx, `s.id = $1`, seatID)
	if err != nil || len(list) == 0 {
		return Seat{}, err
	}
	s := list[0]
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: s.Audience, Level: s.Level, Object: ledger.Object{Kind: "seat", ID: s.ID}, Data: s, Binds: []ledger.Bound{seatTable.Of(s.ID)}})
	return s, readmit(tx)
}

// SeatOf reads a seat that the actor may see; who keeps the list may see all.
func SeatOf(tx *db.Tx, a audience.Actor, seatID string) (Seat, error) {
	if err := charter.SignedIn(a); err != nil {
		return Seat{}, err
	}
	args := db.Args{seatID}
	where := `s.id = $1`
	if !charter.Administers(a) {
		where += ` AND ` + audience.Visible(a, "s", &args)
	}
	list, err := seats(tx, where, args...)
	if err != nil || len(list) == 0 {
		return Seat{}, missing(err, "seat")
	}
	return list[0], nil
}

func keeps(a audience.Actor) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	if !charter.Administers(a) {
		return errs.New(errs.Denied, "Only operators and coordinators may change who sits on the board.")
	}
	return nil
}

func staleSeat(theirs, yours Seat) *errs.Error {
	e := errs.New(errs.Stale, "Somebody changed this seat while you had it open. Look at it again.")
	e.Theirs, e.Yours = theirs, yours
	return e
}

func missing(err error, noun string) error {
	if err != nil {
		return err
	}
	return errs.Missing(noun)
}
