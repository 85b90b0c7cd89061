package constituency

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	spec "tocsin/spec/constituency"
	"tocsin/spec/text"
)

// move takes a claim by a verb of the machine and writes all that the verb
// may change. The version guards it: whoever was faster wins.
func move(tx *db.Tx, a audience.Actor, c Claim, verb spec.Verb, kind string, data map[string]any) (Claim, error) {
	to, err := spec.Claim.Move(c.State, verb)
	if err != nil {
		return c, errs.New(errs.Conflict, "This claim is %s, which does not allow that.", strings.ToLower(spec.Claim.Label(c.State)))
	}
	c.State = to
	ch := c.inside.Challenge
	if ch == nil {
		ch, c.token = &Challenge{}, ""
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "Somebody changed this claim at the same moment. Look at it again."),
		`UPDATE constituency_claim SET state = $1, reason = $2, registry = $3, registry_source = $4, challenge_method = $5, challenge_token = $6, challenge_to = $7, challenge_until = $8, check_note = $9,
		method = $10, evidence = $11, proven_by = $12, proven_at = $13, until_at = $14, reminded = CASE WHEN until_at = $15 THEN reminded ELSE 0 END, version = version + 1 WHERE id = $16 AND version = $17`,
		string(to), c.Reason, c.inside.Registry, c.inside.RegistrySource, string(ch.Method), c.token, ch.To, db.Micros(ch.Until), c.inside.CheckNote,
		string(c.Method), c.Evidence, c.prover, db.Micros(c.ProvenAt), db.Micros(c.Until), db.Micros(c.Until), c.ID, c.Version); err != nil {
		return c, err
	}
	c.Version++
	record(tx, a, kind, c, data)
	return c, nil
}

// full is the claim with what show hid from nobody: verbs write whole rows.
func full(tx *db.Tx, claimID string) (Claim, error) {
	list, err := load(tx, "c.id = $1", claimID)
	if err != nil || len(list) == 0 {
		return Claim{}, firstOf(err, errs.Missing("claim"))
	}
	return list[0], nil
}

// ChallengeByRecord asks for a TXT record in a claimed domain. The answer's
// Inside.Challenge says which.
func (g Registrar) ChallengeByRecord(tx *db.Tx, a audience.Actor, claimID string) (Claim, error) {
	c, err := spoken(tx, a, claimID)
	if err != nil {
		return c, err
	}
	if c.Kind != spec.Domain {
		return c, errs.New(errs.Conflict, "Only a domain is proven by a record in it.")
	}
	c.token = id.Secret()
	c.inside.Challenge, c.inside.CheckNote = &Challenge{Method: DNS, Until: tx.Now.Add(challengeLife)}, ""
	if _, err = move(tx, a, c, spec.Challenge, EventChallenged, map[string]any{"method": DNS}); err != nil {
		return c, err
	}
	return see(tx, a, claimID)
}

const lookupTime = 5 * time.Second

// Check looks the record of a challenge up and proves the claim when it says
// what it has to. The look-up happens outside of any transaction. What it
// found stands in Inside.CheckNote; that a record is not there yet is no
// error.
func (g Registrar) Check(ctx context.Context, d *db.DB, a audience.Actor, claimID string) (Claim, error) {
	var c Claim
	proven := false
	err := d.Write(ctx, func(tx *db.Tx) (err error) {
		if c, err = spoken(tx, a, claimID); err != nil {
			return err
		}
		if c.inside.Challenge == nil && c.Method == DNS && c.State.Answers() {
			proven = true // asked again after the answer was lost
			return nil
		}
		if c.inside.Challenge == nil || c.inside.Challenge.Method != DNS {
			return errs.New(errs.Conflict, "No record is asked for. Ask for one first.")
		}
		// Whoever asks again and again waits; the look-ups go out from here.
		return tx.Guarded(errs.New(errs.RateLimited, "This was checked a moment ago. Wait %s.", text.Plural(int(checkPause.Seconds()), "second", "seconds")),
			`UPDATE constituency_claim SET checked_at = $1 WHERE id = $2 AND (checked_at IS NULL OR checked_at <= $3)`, db.Micros(tx.Now), c.ID, db.Micros(tx.Now.Add(-checkPause)))
	})
	if err != nil || proven {
		return c, err
	}
	name, want := spec.ChallengeName(c.Value), spec.ChallengeText(c.token)
	found, note := g.lookup(ctx, name, want)
	token := c.token
	err = d.Write(ctx, func(tx *db.Tx) (err error) {
		if c, err = spoken(tx, a, claimID); err != nil {
			return err
		}
		if c.token != token || c.inside.Challenge == nil {
			return errs.New(errs.Conflict, "Another proof was asked for meanwhile. Look at the claim again.")
		}
		if found {
			err = prove(tx, a, c, spec.Prove, DNS, "TXT record at "+name+": "+want)
		} else {
			_, err = tx.Exec(`UPDATE constituency_claim SET check_note = $1 WHERE id = $2`, note, c.ID)
		}
		if err != nil {
			return err
		}
		c, err = see(tx, a, claimID)
		return err
	})
	return c, err
}

func (g Registrar) lookup(ctx context.Context, name, want string) (found bool, note string) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	var names Resolver = net.DefaultResolver
	if g.Names != nil {
		names = g.Names
	}
	// The dot at the end keeps the machine's own search domains out.
	records, err := names.LookupTXT(ctx, name+".")
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound, err == nil && len(records) == 0:
		return false, "There is no TXT record at " + name + " yet. A new record can take hours to be seen."
	case err != nil:
		return false, "The name servers did not answer for " + name + ". Try again later."
	case slices.ContainsFunc(records[:min(len(records), 100)], func(r string) bool { return strings.TrimSpace(r) == want }):
		return true, ""
	}
	return false, fmt.Sprintf("%s has %d TXT records, and none says %s.", name, len(records), want)
}

// prove records that a claim is proven for a year, by a verb of the machine.
// A dispute that was there before the proof goes on.
func prove(tx *db.Tx, a audience.Actor, c Claim, verb spec.Verb, by Method, evidence string) error {
	c.Method, c.Evidence, c.Reason, c.prover = by, evidence, "", ""
	if by == Note {
		c.prover = a.Person
	}
	c.ProvenAt, c.Until = tx.Now, tx.Now.AddDate(1, 0, 0)
	c.inside.Challenge, c.inside.CheckNote = nil, ""
	c, err := move(tx, a, c, verb, EventProven, map[string]any{"method": by, "evidence": evidence, "until": c.Until})
	if err != nil || c.State == spec.Disputed {
		return err
	}
	disputed, err := contested(tx, c.ID)
	if err != nil || !disputed {
		return err
	}
	c.Reason = "An overlap with another claim is in dispute."
	_, err = move(tx, audience.Actor{}, c, spec.Dispute, EventDisputed, nil)
	return err
}

// Confirm proves a claim by a coordinator's word. The note says on what it
// rests; whoever claimed it, or belongs to the organization, cannot.
func Confirm(tx *db.Tx, a audience.Actor, claimID, note string) (Claim, error) {
	c, err := judged(tx, a, claimID)
	if err != nil {
		return c, err
	}
	if c.by == a.Person {
		return c, errs.New(errs.Denied, "You entered this claim. Another coordinator has to confirm it.")
	}
	if note, err = given("note", note, "Say what your confirmation rests on."); err != nil {
		return c, err
	}
	if err := prove(tx, a, c, spec.Confirm, Note, note); err != nil {
		return c, err
	}
	return see(tx, a, claimID)
}

// Refuse turns an unproven claim down, with a reason that the organization
// reads. One that is proven is settled against another, or runs out.
func Refuse(tx *db.Tx, a audience.Actor, claimID, reason string) (Claim, error) {
	c, err := judged(tx, a, claimID)
	if err != nil {
		return c, err
	}
	if c.Reason, err = given("reason", reason, "Say why the claim is refused."); err != nil {
		return c, err
	}
	return end(tx, a, c, spec.Refuse, EventRefused)
}

// Withdraw takes a claim back. The same can be claimed anew.
func Withdraw(tx *db.Tx, a audience.Actor, claimID string) (Claim, error) {
	c, err := spoken(tx, a, claimID)
	if err != nil {
		return c, err
	}
	c.Reason = ""
	return end(tx, a, c, spec.Withdraw, EventWithdrawn)
}

// end takes a claim to where it no longer stands, and frees those that were
// in dispute with it.
func end(tx *db.Tx, a audience.Actor, c Claim, verb spec.Verb, kind string) (Claim, error) {
	c.inside.Challenge = nil
	if _, err := move(tx, a, c, verb, kind, map[string]any{"reason": c.Reason}); err != nil {
		return c, err
	}
	if err := calmAround(tx, c.ID); err != nil {
		return c, err
	}
	return see(tx, a, c.ID)
}
