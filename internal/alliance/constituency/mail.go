package constituency

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/outbox"
	spec "tocsin/spec/constituency"
	"tocsin/spec/text"
)

// Addresses are where a claim's challenge can be mailed to: the mailboxes of
// a domain's keepers, and the registry's contact that a coordinator noted.
func (c Claim) Addresses() []string {
	var out []string
	if c.Kind == spec.Domain {
		for _, m := range spec.Mailboxes {
			out = append(out, m+"@"+c.Value)
		}
	}
	if r := c.inside.Registry; r != "" && !slices.Contains(out, r) {
		out = append(out, r)
	}
	return out
}

// NoteRegistry keeps the contact that a registry names for a claimed network
// or domain, and where a coordinator read it (an RDAP or whois address).
func NoteRegistry(tx *db.Tx, a audience.Actor, claimID, address, source string) (Claim, error) {
	c, err := judged(tx, a, claimID)
	if err != nil {
		return c, err
	}
	if !c.Kind.Network() {
		return c, errs.New(errs.Conflict, "Registries name contacts for autonomous systems, prefixes and domains. Confirm this claim with a note.")
	}
	if !c.State.Lives() {
		return c, errs.New(errs.Conflict, "This claim is %s.", strings.ToLower(spec.Claim.Label(c.State)))
	}
	at, err := mail.ParseAddress(strings.TrimSpace(address))
	if err != nil || at.Name != "" || len(at.Address) > 254 || strings.ContainsAny(address, "<> \r\n") {
		return c, errs.Bad("address", "Give one mail address, as the registry has it.")
	}
	if source, _, err = text.CleanLine(source, 500); err != nil || source == "" {
		return c, errs.Bad("source", "Say where the registry names it, such as an RDAP address.")
	}
	c.inside.Registry, c.inside.RegistrySource = at.Address, source
	if err := tx.Guarded(errs.New(errs.Conflict, "Somebody changed this claim at the same moment. Look at it again."),
		`UPDATE constituency_claim SET registry = $1, registry_source = $2, version = version + 1 WHERE id = $3 AND version = $4`, at.Address, source, c.ID, c.Version); err != nil {
		return c, err
	}
	record(tx, a, EventNoted, c, map[string]any{"source": source})
	return see(tx, a, claimID)
}

// ChallengeByMail sends a link to one of the claim's Addresses; opening it
// and saying yes proves the claim. Only the last link of a claim holds.
func (g Registrar) ChallengeByMail(tx *db.Tx, a audience.Actor, claimID, address string) (Claim, error) {
	c, err := spoken(tx, a, claimID)
	if err != nil {
		return c, err
	}
	known := c.Addresses()
	i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, strings.TrimSpace(address)) })
	if i < 0 {
		if len(known) == 0 {
			return c, errs.Bad("address", "No registry contact is known yet; a coordinator notes it.")
		}
		return c, errs.Bad("address", "Choose one of %s.", strings.Join(known, ", "))
	}
	address = known[i]
	if err := spare(tx, c); err != nil {
		return c, err
	}
	secret := id.Secret()
	c.token = id.Digest(secret)
	until := tx.Now.Add(linkLife)
	c.inside.Challenge, c.inside.CheckNote = &Challenge{Method: Mail, To: address, Until: until}, ""
	if _, err := tx.Exec(`INSERT INTO constituency_link (digest, claim_id, org_id, address, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		c.token, c.ID, c.Org, address, db.Micros(tx.Now), db.Micros(until)); err != nil {
		return c, err
	}
	ch, err := charter.Load(tx)
	if err != nil {
		return c, err
	}
	if err := g.Box.Put(tx, outbox.Item{Key: "claim:" + c.token, Kind: "mail", Address: address}, linkMail(ch.Name, c, g.URL+LinkPath(secret), until), time.Time{}); err != nil {
		return c, err
	}
	if _, err = move(tx, a, c, spec.Challenge, EventChallenged, map[string]any{"method": Mail, "to": address}); err != nil {
		return c, err
	}
	return see(tx, a, claimID)
}

// spare refuses to write more mails than strangers can be asked to read.
func spare(tx *db.Tx, c Claim) error {
	type count struct{ claim, org int }
	n, _, err := db.One(tx, func(n *count) []any { return []any{&n.claim, &n.org} },
		`SELECT COALESCE(SUM(CASE WHEN claim_id = $1 THEN 1 ELSE 0 END), 0), COUNT(*) FROM constituency_link WHERE org_id = $2 AND created_at > $3`, c.ID, c.Org, db.Micros(tx.Now.Add(-24*time.Hour)))
	if err == nil && (n.claim >= mailsClaim || n.org >= mailsOrg) {
		err = errs.New(errs.RateLimited, "Enough mails were sent about this in a day. Try again tomorrow, or ask a coordinator to confirm the claim.")
	}
	return err
}

// LinkPath is where a link of a challenge leads on this server.
func LinkPath(secret string) string { return "/constituency/" + secret }

func linkMail(alliance string, c Claim, link string, until time.Time) outbox.Mail {
	return outbox.Mail{Subject: "Does " + c.OrgName + " answer for " + c.Spec().Words() + "?", Text: fmt.Sprintf(`%s says to %s, an alliance that
responds to security threats together, that it answers for

    %s

You receive this because you are named as its keeper. Please say whether
this is so:

%s

The link can be answered once, until %s. If you do
nothing, nothing is confirmed.
`, c.OrgName, alliance, c.Spec().Words(), link, until.UTC().Format("2006-01-02 15:04 MST"))}
}

// Asked is what the page behind a link shows to a stranger.
type Asked struct {
	OrgName string    `json:"org_name"`
	Words   string    `json:"claims"`  // what is claimed
	Address string    `json:"address"` // where the link went
	Until   time.Time `json:"until"`
	claim   Claim
}

// OpenLink reads what a link asks: NotFound for one that never was, Gone for
// one that was answered, replaced or is too old. It changes nothing, because
// machines open links that are in mails.
func OpenLink(tx *db.Tx, secret string) (Asked, error) {
	if len(secret) < 20 || len(secret) > 100 {
		return Asked{}, errs.Missing("link")
	}
	type row struct {
		claim         string
		asked         Asked
		expires, used time.Time
	}
	digest := id.Digest(secret)
	r, ok, err := db.One(tx, func(r *row) []any {
		return []any{&r.claim, &r.asked.Address, db.At(&r.expires), db.At(&r.used)}
	}, `SELECT claim_id, address, expires_at, used_at FROM constituency_link WHERE digest = $1`, digest)
	if err != nil || !ok {
		return Asked{}, firstOf(err, errs.Missing("link"))
	}
	c, err := full(tx, r.claim)
	if err != nil {
		return Asked{}, err
	}
	if !r.used.IsZero() || !tx.Now.Before(r.expires) || c.token != digest || c.inside.Challenge == nil {
		return Asked{}, errs.New(errs.Gone, "This link has been answered, replaced by a later one, or is too old. There is nothing more to do.")
	}
	r.asked.OrgName, r.asked.Words, r.asked.Until, r.asked.claim = c.OrgName, c.Spec().Words(), r.expires, c
	return r.asked, nil
}

// AnswerLink takes the answer of whoever holds the link, once: yes proves the
// claim, no ends the challenge and tells the organization and coordinators.
func AnswerLink(tx *db.Tx, secret string, yes bool) (Asked, error) {
	asked, err := OpenLink(tx, secret)
	if err != nil {
		return asked, err
	}
	gone := errs.New(errs.Gone, "This link has just been answered.")
	if err := tx.Guarded(gone, `UPDATE constituency_link SET used_at = $1 WHERE digest = $2 AND used_at IS NULL`, db.Micros(tx.Now), id.Digest(secret)); err != nil {
		return asked, err
	}
	c, nobody := asked.claim, audience.Actor{}
	if yes {
		err = prove(tx, nobody, c, spec.Prove, Mail, "Answered from a link sent to "+asked.Address)
		return asked, err
	}
	c.inside.Challenge, c.inside.CheckNote = nil, "Whoever reads "+asked.Address+" says that this is not so."
	_, err = move(tx, nobody, c, spec.Lapse, EventDenied, map[string]any{"address": asked.Address})
	return asked, err
}

// given is a cleaned text that must not be empty.
func given(field, s, needed string) (string, error) {
	clean, _, err := text.CleanText(s, maxReason)
	if err != nil {
		return "", errs.Bad(field, "Please correct this: %s.", err)
	}
	if clean == "" {
		return "", errs.Bad(field, "%s", needed)
	}
	return clean, nil
}
