// Package people keeps the accounts: who a person is, how they prove it,
// which sessions and tokens act for them, and which alliance roles they hold.
package people

import (
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

// State is whether a person can act.
type State string

// The states. Only an active person has seats.
const (
	Invited   State = "invited"   // has an invitation and no account yet
	Active    State = "active"    // can sign in
	Suspended State = "suspended" // shut out by an operator; memberships wait
	Left      State = "left"      // gone; an invitation can bring them back
)

// Person is somebody with an account, or invited to have one.
type Person struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"` // as ParseEmail makes it; unique
	Name      string    `json:"name"`
	TimeZone  string    `json:"time_zone"` // IANA name
	Locale    string    `json:"locale"`    // BCP 47 tag
	State     State     `json:"state"`
	CreatedAt time.Time `json:"created_at"`
	Version   int64     `json:"version"`
	Audience  string    `json:"-"` // the person, operators and coordinators; at TLP:RED the person alone
}

// The kinds of events.
const (
	EventInvited   = "person.invited"
	EventJoined    = "person.joined"
	EventEdited    = "person.edited"
	EventSuspended = "person.suspended"
	EventRestored  = "person.restored"
	EventLeft      = "person.left"
	EventGranted   = "role.granted"
	EventRevoked   = "role.revoked"
	EventSignedIn  = "session.opened"
	EventSignedOut = "session.ended"
	EventSecured   = "credential.added"
	EventUnsecured = "credential.removed"
	EventTokenMade = "token.created"
	EventTokenDone = "token.revoked"
)

var (
	personTable = ledger.Table{Kind: "person", Name: "person", Cols: "id, audience_id, email, name, time_zone, locale, state, created_at, version"}
	officeTable = ledger.Table{Kind: "office", Name: "office", Cols: "id, role, person_id, since, granted_by"}
)

// Tables names the rows that this package's events vouch for.
func Tables() []ledger.Table { return []ledger.Table{personTable, officeTable} }

const columns = `p.id, p.audience_id, p.email, p.name, p.time_zone, p.locale, p.state, p.created_at, p.version`

func scan(p *Person) []any {
	return []any{&p.ID, &p.Audience, &p.Email, &p.Name, &p.TimeZone, &p.Locale, &p.State, db.At(&p.CreatedAt), &p.Version}
}

// Load reads a person without asking who wants to know: for work behind a
// record that the actor has been shown to see. NotFound when there is none.
func Load(tx *db.Tx, personID string) (Person, error) {
	p, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM person p WHERE p.id = $1`, personID)
	if err == nil && !ok {
		err = errs.Missing("person")
	}
	return p, err
}

// ByEmail is Load by mail address.
func ByEmail(tx *db.Tx, email string) (Person, error) {
	clean, err := ParseEmail(email)
	if err != nil {
		return Person{}, err
	}
	p, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM person p WHERE p.email = $1`, clean)
	if err == nil && !ok {
		err = errs.Missing("person")
	}
	return p, err
}

// Names gives the names of people by id. It asks nobody: use it for records
// that the actor has been shown to see.
func Names(tx *db.Tx, ids []string) (map[string]string, error) {
	type pair struct{ id, name string }
	out := map[string]string{}
	for len(ids) > 0 {
		n := min(len(ids), 500)
		var args db.Args
		list, err := db.All(tx, func(p *pair) []any { return []any{&p.id, &p.name} }, `SELECT id, name FROM person WHERE id IN `+db.List(&args, ids[:n]), args...)
		if err != nil {
			return nil, err
		}
		for _, p := range list {
			out[p.id] = p.name
		}
		ids = ids[n:]
	}
	return out, nil
}

// Get reads a person as the actor may see them: themselves, a colleague, or
// anybody for operators and coordinators.
func Get(tx *db.Tx, a audience.Actor, personID string) (Person, error) {
	if err := charter.SignedIn(a); err != nil {
		return Person{}, err
	}
	var args db.Args
	p, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM person p WHERE p.id = `+args.Add(personID)+` AND `+scope(a, &args), args...)
	if err == nil && !ok {
		err = errs.Missing("person")
	}
	return p, err
}

func scope(a audience.Actor, args *db.Args) string {
	if a.Holds(audience.Office, charter.Operator) || a.Holds(audience.Office, charter.Coordinator) {
		return "1 = 1"
	}
	return "(p.id = " + args.Add(a.Person) + " OR p.state <> 'invited' AND EXISTS (SELECT 1 FROM membership m WHERE m.person_id = p.id AND m.org_id IN " + db.List(args, a.Of(audience.Org)) + "))"
}

// Filter narrows a listing of people.
type Filter struct {
	State State  // or ""
	Find  string // part of name or address, without regard to ASCII case
	After string // Next of the page before, or ""
	Limit int    // 1 to 500; 0 means 50
}

// Page is one page of people by name. Next is empty on the last one.
type Page struct {
	People []Person
	Next   string
}

// List shows the people the actor may see (as Get), by name.
func List(tx *db.Tx, a audience.Actor, f Filter) (Page, error) {
	if err := charter.SignedIn(a); err != nil {
		return Page{}, err
	}
	var args db.Args
	where := scope(a, &args)
	if f.State != "" {
		where += " AND p.state = " + args.Add(string(f.State))
	}
	if f.Find != "" {
		find, _, err := text.CleanLine(f.Find, 254)
		if err != nil {
			return Page{}, errs.Bad("find", "Please correct the words to find: %s.", err)
		}
		like := args.Add("%" + strings.NewReplacer("\\", "\\\\", "%", "\\%", "_", "\\_").Replace(strings.ToLower(find)) + "%")
		where += " AND (lower(p.name) LIKE " + like + ` ESCAPE '\' OR p.email LIKE ` + like + ` ESCAPE '\')`
	}
	if f.After != "" {
		name, personID, _ := strings.Cut(f.After, "\x1f")
		where += " AND (p.name, p.id) > (" + args.Add(name) + ", " + args.Add(personID) + ")"
	}
	f.Limit = db.PageRows(f.Limit, 500)
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM person p WHERE `+where+` ORDER BY p.name, p.id`+db.Limit(f.Limit+1), args...)
	var page Page
	page.People, page.Next = db.CutPage(list, f.Limit, func(p Person) string { return p.Name + "\x1f" + p.ID })
	return page, err
}

// Edit changes a person's own name, time zone and locale; operators may for
// others. in.Version is the version seen; Stale comes with both.
func Edit(tx *db.Tx, a audience.Actor, in Person) (Person, error) {
	old, err := Get(tx, a, in.ID)
	if err != nil {
		return Person{}, err
	}
	if in.ID != a.Person && !charter.IsOperator(a) || !charter.Allows(a, charter.ScopeAdmin) {
		return Person{}, errs.New(errs.Denied, "Only the person themselves or an operator may change this.")
	}
	next := old
	if next.Name, err = cleanName(in.Name); err != nil {
		return Person{}, err
	}
	if next.TimeZone, next.Locale, err = cleanPlace(in.TimeZone, in.Locale); err != nil {
		return Person{}, err
	}
	stale := errs.New(errs.Stale, "Somebody changed this person while you had them open. Compare both versions and save again.")
	stale.Theirs, stale.Yours = old, next
	if err := tx.Guarded(stale, `UPDATE person SET name = $1, time_zone = $2, locale = $3, version = version + 1 WHERE id = $4 AND version = $5`,
		next.Name, next.TimeZone, next.Locale, in.ID, in.Version); err != nil {
		return Person{}, err
	}
	next.Version = in.Version + 1
	record(tx, a, EventEdited, next, nil, personTable.Of(next.ID))
	return next, nil
}

// create adds a person who cannot act yet.
func create(tx *db.Tx, a audience.Actor, email, name string) (Person, error) {
	p := Person{ID: id.New("per", tx.Now), Email: email, Name: name, TimeZone: "UTC", Locale: "en", State: Invited, CreatedAt: tx.Now, Version: 1}
	var err error
	p.Audience, err = audience.Create(tx, "account", []audience.Grant{
		{Kind: audience.Person, ID: p.ID, Role: audience.Reader, Reason: "their own account"},
		{Kind: audience.Office, ID: charter.Operator, Role: audience.Reader, Reason: "runs the server"},
		{Kind: audience.Office, ID: charter.Coordinator, Role: audience.Reader, Reason: "coordinates"},
	}, nil, nil)
	if err != nil {
		return Person{}, err
	}
	_, err = tx.Exec(`INSERT INTO person (id, audience_id, email, name, time_zone, locale, state, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)`,
		p.ID, p.Audience, p.Email, p.Name, p.TimeZone, p.Locale, string(p.State), db.Micros(p.CreatedAt))
	if db.Taken(err) {
		return Person{}, errs.Wrap(errs.Conflict, err, "Somebody else is inviting this person just now. Try again.")
	}
	if err != nil {
		return Person{}, err
	}
	record(tx, a, EventInvited, p, nil, personTable.Of(p.ID))
	return p, nil
}

// move changes the state of a person, guarded by the states it starts from,
// and gives or takes all their seats.
func move(tx *db.Tx, a audience.Actor, p Person, to State, kind string, from ...State) (Person, error) {
	var args db.Args
	q := `UPDATE person SET state = ` + args.Add(string(to)) + `, version = version + 1 WHERE id = ` + args.Add(p.ID) + ` AND state IN ` + db.List(&args, asStrings(from))
	if err := tx.Guarded(errs.New(errs.Conflict, "This account is %s; that cannot be done to it now.", p.State), q, args...); err != nil {
		return p, err
	}
	p, err := Load(tx, p.ID)
	if err != nil {
		return p, err
	}
	record(tx, a, kind, p, nil, personTable.Of(p.ID))
	return p, reseat(tx, p)
}

func asStrings(list []State) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// reseat gives a person the seats they have now: in themselves, in their
// alliance roles, in their organizations and programs.
func reseat(tx *db.Tx, p Person) error {
	if err := orgs.HoldPerson(tx, p.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM seat WHERE person_id = $1`, p.ID); err != nil || p.State != Active {
		return err
	}
	me := audience.Party{Kind: audience.Person, ID: p.ID}
	if err := audience.Sit(tx, p.ID, audience.Seat{Kind: audience.Person, ID: p.ID, Party: me, Cap: audience.Coordinator}); err != nil {
		return err
	}
	roles, err := RolesOf(tx, p.ID)
	if err != nil {
		return err
	}
	for _, r := range roles {
		limit := audience.Reader
		if r == charter.Coordinator {
			limit = audience.Coordinator
		}
		if err := audience.Sit(tx, p.ID, audience.Seat{Kind: audience.Office, ID: r, Party: me, Cap: limit}); err != nil {
			return err
		}
	}
	return orgs.ReseatPerson(tx, p.ID)
}

// Suspend shuts a person out: no seat, session, token or link holds from the
// next request on, and nothing that waits to be sent to them leaves. Their
// memberships stay for when they are restored. Operators may.
func Suspend(tx *db.Tx, a audience.Actor, personID string) (Person, error) {
	p, err := byOperator(tx, a, personID)
	if err != nil {
		return p, err
	}
	if err := spareOperator(tx, p.ID); err != nil {
		return p, err
	}
	if p, err = move(tx, a, p, Suspended, EventSuspended, Active); err != nil {
		return p, err
	}
	return p, shutOut(tx, p.ID)
}

// Restore lets a suspended person in again; they sign in as before.
func Restore(tx *db.Tx, a audience.Actor, personID string) (Person, error) {
	p, err := byOperator(tx, a, personID)
	if err != nil {
		return p, err
	}
	return move(tx, a, p, Active, EventRestored, Suspended)
}

// Leave ends an account, by the person or by an operator: roles and
// memberships go, as do all means to sign in. What they wrote stays.
func Leave(tx *db.Tx, a audience.Actor, personID string) (Person, error) {
	p, err := Get(tx, a, personID)
	if err != nil {
		return p, err
	}
	if (a.Person != personID || !charter.Allows(a, charter.ScopeAdmin)) && !charter.IsOperator(a) {
		return p, errs.New(errs.Denied, "Only the person themselves or an operator may end an account.")
	}
	if err := spareOperator(tx, p.ID); err != nil {
		return p, err
	}
	roles, err := RolesOf(tx, p.ID)
	if err != nil {
		return p, err
	}
	for _, r := range roles {
		if err := revoke(tx, a, p, r); err != nil {
			return p, err
		}
	}
	if err := orgs.RemoveEverywhere(tx, a, p.ID); err != nil {
		return p, err
	}
	if p, err = move(tx, a, p, Left, EventLeft, Active, Suspended, Invited); err != nil {
		return p, err
	}
	for _, t := range []string{"person_password", "person_totp", "passkey", "recovery_code"} {
		if _, err := tx.Exec(`DELETE FROM `+t+` WHERE person_id = $1`, p.ID); err != nil {
			return p, err
		}
	}
	if _, err := tx.Exec(`UPDATE invitation SET state = 'withdrawn', closed_at = $1 WHERE person_id = $2 AND state = 'open'`, db.Micros(tx.Now), p.ID); err != nil {
		return p, err
	}
	return p, shutOut(tx, p.ID)
}

func shutOut(tx *db.Tx, personID string) error {
	for _, q := range []string{`DELETE FROM session WHERE person_id = $1`, `DELETE FROM sign_in_link WHERE person_id = $1`, `DELETE FROM ceremony WHERE person_id = $1`} {
		if _, err := tx.Exec(q, personID); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE api_token SET revoked_at = $1 WHERE person_id = $2 AND revoked_at IS NULL`, db.Micros(tx.Now), personID); err != nil {
		return err
	}
	_, err := outbox.Cancel(tx, personID)
	return err
}

func byOperator(tx *db.Tx, a audience.Actor, personID string) (Person, error) {
	p, err := Get(tx, a, personID)
	if err == nil && !charter.IsOperator(a) {
		err = errs.New(errs.Denied, "Only an operator may do this.")
	}
	return p, err
}

// record writes an administrative event of a person's account.
func record(tx *db.Tx, a audience.Actor, kind string, p Person, data any, binds ...ledger.Bound) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: p.Audience, Level: tlp.AmberStrict, Object: ledger.Object{Kind: "person", ID: p.ID}, Data: data, Binds: binds})
}

// note writes an event that only the person themselves reads.
func note(tx *db.Tx, a audience.Actor, kind string, p Person, data any) {
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: p.Audience, Level: tlp.Red, Object: ledger.Object{Kind: "person", ID: p.ID}, Data: data})
}
