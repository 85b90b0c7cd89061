package report

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/mpcvd"
)

// Receipt is what a finder gets, once: the number to name and the secret of
// the link to follow. Only the secret's digest is kept.
type Receipt struct {
	ID      string    `json:"id"`
	Number  string    `json:"number"`
	Secret  string    `json:"secret"`
	Expires time.Time `json:"expires_at"`
}

// Replay is how long a client key answers with the same receipt.
const Replay = 24 * time.Hour

// Submit takes a report from anybody: a visitor without an account, or a
// signed-in person, who then also sees it under their account. What cannot be
// taken whole is refused and nothing is stored. A door calls Allow before, in
// a transaction of its own.
//
// A text that came before makes a report of its own with a number of its own:
// the answer must not tell that somebody else knows. The coordinators see it
// marked as a duplicate.
func (d Desk) Submit(tx *db.Tx, a audience.Actor, in New) (Receipt, error) {
	t, err := d.take(tx, in)
	if err != nil {
		return Receipt{}, err
	}
	key, err := d.clientKey(a, in.Key)
	if err != nil {
		return Receipt{}, err
	}
	if key != "" {
		if again, done, err := d.replay(tx, key, in.Key, t); done || err != nil {
			return again, err
		}
	}
	r := &t.Report
	r.ID, r.Level, r.Person, r.Scope, r.Version = id.New("rep", tx.Now), Level, a.Person, GateOpen, 1
	r.ReceivedAt, r.UpdatedAt, r.FinderAt = tx.Now, tx.Now, tx.Now
	if r.State, err = mpcvd.Report.Move(mpcvd.Report.Start, mpcvd.RMReceive); err != nil {
		return Receipt{}, err
	}
	if r.Number, err = casework.NextNumber(tx, "TR", tx.Now.Year()); err != nil {
		return Receipt{}, err
	}
	if err := makeAudiences(tx, a, r); err != nil {
		return Receipt{}, err
	}
	if err := d.recognize(tx, &t); err != nil {
		return Receipt{}, err
	}
	if err := d.insert(tx, t, key); err != nil {
		return Receipt{}, err
	}
	secret := id.Secret()
	if key != "" {
		secret = d.derived(in.Key, r.ID)
	}
	expires, err := newLink(tx, r.ID, secret)
	if err != nil {
		return Receipt{}, err
	}
	who := finderOf(a, r.ID)
	record(tx, who, *r, EventReceived, map[string]any{"exploitation": r.Exploitation, "planned_at": r.PlannedAt, "duplicate_of": r.DuplicateOf, "encrypted": r.Encrypted})
	if err := attach(tx, who, *r, Finder, "", r.Audience, in.Files); err != nil {
		return Receipt{}, err
	}
	return Receipt{r.ID, r.Number, secret, expires}, index(tx, *r)
}

// finderOf is who submits: the account, or the holder of the link to be.
func finderOf(a audience.Actor, reportID string) audience.Actor {
	if a.Person == "" {
		return audience.ForLink(reportID)
	}
	return a
}

func makeAudiences(tx *db.Tx, a audience.Actor, r *Report) error {
	team := []audience.Grant{{Kind: audience.Office, ID: casework.CoordinatorOffice, Role: audience.Coordinator, Reason: "coordination team"}}
	own := append(team[:1:1], audience.Grant{Kind: audience.Link, ID: r.ID, Role: audience.Contributor, Reason: "found it"})
	if a.Person != "" {
		own = append(own, audience.Grant{Kind: audience.Person, ID: a.Person, Role: audience.Contributor, Reason: "found it"})
	}
	var err error
	if r.Audience, err = audience.Create(tx, "report", own, nil, nil); err != nil {
		return err
	}
	if r.Talk, err = audience.Within(tx, r.Audience, "talk with the finder", own, nil); err != nil {
		return err
	}
	r.Team, err = audience.Within(tx, r.Audience, "triage", team, nil)
	return err
}

func (d Desk) insert(tx *db.Tx, t taken, key string) error {
	r := t.Report
	contact := t.Contact
	t.Contact = ""
	sealed, err := d.seal(r.ID, t.Text)
	if err != nil {
		return err
	}
	var sealedContact, clientKey any
	if contact != "" {
		if sealedContact, err = d.seal(r.ID+" contact", Text{Contact: contact}); err != nil {
			return err
		}
	}
	if key != "" {
		clientKey = key
	}
	_, err = tx.Exec(`INSERT INTO report (id, number, audience_id, talk_id, team_id, tlp, title, product, component, purl, versions, cves, refs, exploitation, sealed, contact, encrypted, anonymous, credit,
			planned_at, person_id, client_key, state, scope, duplicate_of, finder_at, received_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $26, $26)`,
		r.ID, r.Number, r.Audience, r.Talk, r.Team, int(r.Level), r.Title, r.Product, r.Component, r.PURL, r.Versions, db.JSON(r.CVEs), db.JSON(r.References), string(r.Exploitation), sealed, sealedContact,
		db.Bit(r.Encrypted), db.Bit(r.Anonymous), r.Credit, db.Micros(r.PlannedAt), r.Person, clientKey, string(r.State), string(r.Scope), r.DuplicateOf, db.Micros(tx.Now))
	if db.Taken(err) {
		return errs.New(errs.Conflict, "This report is being received already. Send it again in a moment to get its number.")
	}
	if err != nil {
		return err
	}
	return d.keep(tx, t)
}

// clientKey is what is kept of the client's own key.
func (d Desk) clientKey(a audience.Actor, key string) (string, error) {
	switch {
	case key == "":
		return "", nil
	case len(key) < 16 || len(key) > 200:
		return "", errs.New(errs.Malformed, "An idempotency key has 16 to 200 characters.")
	}
	return hex.EncodeToString(d.Sealer.Mac("report client key", []byte(a.Person+"\x00"+key))), nil
}

// derived is the secret of a report that came with a client key. It follows
// from the key, which is not stored, so that the same receipt can be given
// again and a stolen database still opens nothing.
func (d Desk) derived(key, reportID string) string {
	return base64.RawURLEncoding.EncodeToString(d.Sealer.Mac("report link", []byte(key+"\x00"+reportID)))
}

// replay answers a submission that was made before under the same key with
// its receipt. The key alone is not enough: the text must be the same.
func (d Desk) replay(tx *db.Tx, kept, key string, t taken) (Receipt, bool, error) {
	r, ok, err := db.One(tx, scan, `SELECT `+columns+` FROM report r WHERE r.client_key = $1`, kept)
	if err != nil || !ok {
		return Receipt{}, false, err
	}
	before, err := d.open(tx, r.ID)
	if err != nil {
		return Receipt{}, true, err
	}
	if !hmac.Equal(d.fingerprint(taken{r, before}), d.fingerprint(t)) {
		return Receipt{}, true, errs.New(errs.Conflict, "Another report was sent under this idempotency key. Send this one under a new key.")
	}
	again := Receipt{ID: r.ID, Number: r.Number, Secret: d.derived(key, r.ID)}
	l, ok, err := db.One(tx, scanLink, `SELECT `+linkColumns+` FROM report_link WHERE digest = $1`, id.Digest(again.Secret))
	if err != nil {
		return Receipt{}, true, err
	}
	if !ok || !l.ended.IsZero() || !tx.Now.Before(l.created.Add(Replay)) {
		return Receipt{}, true, errs.New(errs.Gone, "This report was received before. Its number and link were shown then and are not shown again.")
	}
	again.Expires = l.expires
	return again, true, nil
}

// fingerprint tells identical reports, whatever stands around their words.
func (d Desk) fingerprint(t taken) []byte {
	parts := []string{t.Title, t.Product, t.Component, t.PURL, t.Versions, t.Description, t.HowFound, t.Text.Exploitation}
	for i, p := range parts {
		parts[i] = strings.Join(strings.Fields(strings.ToLower(p)), " ")
	}
	return d.Sealer.Mac("report text", []byte(strings.Join(parts, "\x00")))
}

// Bound lets an event vouch for the report's row.
func (r Report) Bound() ledger.Bound { return table.Of(r.ID) }
