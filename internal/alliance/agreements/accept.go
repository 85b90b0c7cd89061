package agreements

import (
	"crypto/rand"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
)

// Signature is what somebody says who accepts.
type Signature struct {
	Agreement string // id
	Text      string // id of the version that was read
	Org       string // for which organization; "" in the actor's own name
	Address   string // of the request
}

// Accept records that the actor accepts a version for an organization of
// which they are an admin, or in their own name. Only the present version can
// be accepted: Stale gives it as Theirs. Saying it twice keeps the first.
func Accept(tx *db.Tx, a audience.Actor, in Signature) (Acceptance, error) {
	if err := hold(tx, "UPDATE"); err != nil {
		return Acceptance{}, err
	}
	g, err := Get(tx, a, in.Agreement)
	if err != nil {
		return Acceptance{}, err
	}
	p, aid, err := speaksFor(tx, a, in.Org)
	if err != nil {
		return Acceptance{}, err
	}
	if err := acceptable(tx, g, in.Text); err != nil {
		return Acceptance{}, err
	}
	return sign(tx, a, g, Acceptance{Party: p, audience: aid, Address: cleanAddress(in.Address), At: tx.Now})
}

// Paper is an acceptance that was signed outside, as a coordinator or operator
// records it.
type Paper struct {
	Agreement string
	Text      string    // id of the version that was signed: the present one
	Org       string    // for which organization
	Signer    string    // who signed
	Where     string    // where the paper is kept
	Signed    time.Time // when; zero: now
	Address   string    // of the request
}

// Record keeps that an organization signed the present version on paper.
// Operators and coordinators may.
func Record(tx *db.Tx, a audience.Actor, in Paper) (Acceptance, error) {
	if err := hold(tx, "UPDATE"); err != nil {
		return Acceptance{}, err
	}
	g, err := Get(tx, a, in.Agreement)
	if err != nil {
		return Acceptance{}, err
	}
	if !runs(a, g) {
		return Acceptance{}, errs.New(errs.Denied, "Only operators and coordinators record what was signed on paper.")
	}
	o, err := orgs.Get(tx, a, in.Org)
	if err != nil {
		return Acceptance{}, err
	}
	if err := acceptable(tx, g, in.Text); err != nil {
		return Acceptance{}, err
	}
	signer, where, err := cleanPaper(in, tx.Now)
	if err != nil {
		return Acceptance{}, err
	}
	if in.Signed.IsZero() {
		in.Signed = tx.Now
	}
	return sign(tx, a, g, Acceptance{Party: audience.Party{Kind: audience.Org, ID: o.ID}, audience: o.Audience, Signer: signer, Paper: where, Address: cleanAddress(in.Address), At: in.Signed})
}

// speaksFor is whom the actor accepts for, and the audience of that party's
// own records.
func speaksFor(tx *db.Tx, a audience.Actor, orgID string) (audience.Party, string, error) {
	if !charter.Allows(a, charter.ScopeWrite) {
		return audience.Party{}, "", errs.New(errs.Denied, "This token may not accept agreements: its scope must cover writing.")
	}
	if orgID == "" {
		aid, err := db.Value[string](tx, `SELECT audience_id FROM person WHERE id = $1`, a.Person)
		return audience.Party{Kind: audience.Person, ID: a.Person}, aid, err
	}
	o, err := orgs.Get(tx, a, orgID)
	if err != nil {
		return audience.Party{}, "", err
	}
	role, err := orgs.RoleOf(tx, o.ID, a.Person)
	if err == nil && (role != orgs.Admin || !a.Holds(audience.Org, o.ID)) {
		err = errs.New(errs.Denied, "Only an admin of %s accepts agreements for it.", o.Name)
	}
	return audience.Party{Kind: audience.Org, ID: o.ID}, o.Audience, err
}

// acceptable refuses everything but the present version of an agreement in
// use.
func acceptable(tx *db.Tx, g Agreement, textID string) error {
	switch {
	case g.Kind == CaseTerms:
		return errs.New(errs.Conflict, "The case terms are accepted with the invitation to a case, and not here.")
	case g.State != Active:
		return errs.New(errs.Conflict, "This agreement was withdrawn; it can no longer be accepted.")
	case textID == g.Current.ID:
		return nil
	}
	old, ok, err := db.One(tx, scanText, `SELECT `+textColumns+` FROM agreement_version v WHERE v.id = $1 AND v.agreement_id = $2`, textID, g.ID)
	if err != nil {
		return err
	}
	if !ok {
		return errs.Bad("version", "Say which version is accepted: version %d stands now.", g.Current.Number)
	}
	stale := errs.New(errs.Stale, "Version %d of %s is no longer current. Read version %d, which stands now, and accept that one.", old.Number, g.Title, g.Current.Number)
	stale.Theirs, stale.Yours = g.Current, old
	return stale
}

func sign(tx *db.Tx, a audience.Actor, g Agreement, in Acceptance) (Acceptance, error) {
	one := id.New("acc", tx.Now)
	n, err := tx.Exec(`INSERT INTO agreement_acceptance (id, audience_id, tlp, agreement_id, version_id, party_kind, party_id, person_id, signer, paper, address, salt, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (version_id, party_kind, party_id, ended_at) DO NOTHING`,
		one, in.audience, int(level), g.ID, g.Current.ID, string(in.Party.Kind), in.Party.ID, a.Person, in.Signer, in.Paper, in.Address, rand.Text(), db.Micros(in.At))
	if err != nil {
		return Acceptance{}, err
	}
	list, err := acceptances(tx, `x.version_id = $1 AND x.party_kind = $2 AND x.party_id = $3 AND x.ended_at = 0`, 1, g.Current.ID, string(in.Party.Kind), in.Party.ID)
	if err != nil || len(list) == 0 {
		return Acceptance{}, firstOf(err, errs.New(errs.Conflict, "Somebody else is accepting this at the same moment. Look at it again."))
	}
	if n == 0 {
		return list[0], nil
	}
	ledger.Append(tx, ledger.Event{Kind: EventAccepted, Actor: a, Audience: in.audience, Level: level, Scope: g.ID, Object: ledger.Object{Kind: "agreement", ID: g.ID},
		Data: map[string]any{"agreement": g.ID, "title": g.Title, "number": g.Current.Number, "acceptance": one, "party_kind": in.Party.Kind, "party_id": in.Party.ID, "name": list[0].Name, "paper": in.Paper != ""}, Binds: []ledger.Bound{acceptanceTable.Of(one)}})
	return list[0], settle(tx, g.ID, &in.Party)
}

// End ends an acceptance, with a reason: what required it is closed to the
// party in the next request. Operators and coordinators may, and the admins of
// the organization (whoever accepted in their own name) themselves.
func End(tx *db.Tx, a audience.Actor, acceptanceID, reason string) (Acceptance, error) {
	if err := hold(tx, "UPDATE"); err != nil {
		return Acceptance{}, err
	}
	x, err := AcceptanceOf(tx, a, acceptanceID)
	if err != nil {
		return x, err
	}
	g, _, err := byID(tx, x.Agreement)
	if err != nil {
		return x, err
	}
	if !runs(a, g) {
		org := x.Party.ID
		if x.Party.Kind == audience.Person {
			org = ""
		}
		if p, _, err := speaksFor(tx, a, org); err != nil || p != x.Party {
			return x, firstOf(err, errs.New(errs.Denied, "Only who accepted, operators and coordinators may end this."))
		}
	}
	if reason, err = cleanReason(reason); err != nil {
		return x, err
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "This acceptance has ended already."), `UPDATE agreement_acceptance SET ended_at = $1, end_reason = $2, ended_by = $3 WHERE id = $4 AND ended_at = 0`,
		db.Micros(tx.Now), reason, a.Person, x.ID); err != nil {
		return x, err
	}
	ledger.Append(tx, ledger.Event{Kind: EventEnded, Actor: a, Audience: x.audience, Level: level, Scope: g.ID, Object: ledger.Object{Kind: "agreement", ID: g.ID},
		Data: map[string]any{"agreement": g.ID, "title": g.Title, "number": x.Number, "acceptance": x.ID, "party_kind": x.Party.Kind, "party_id": x.Party.ID, "name": x.Name, "reason": reason}, Binds: []ledger.Bound{acceptanceTable.Of(x.ID)}})
	if err := settle(tx, g.ID, &x.Party); err != nil {
		return x, err
	}
	x.EndedAt, x.EndReason, x.Valid = tx.Now, reason, false
	return x, nil
}

// settle computes anew, from the acceptances kept here, who satisfies the
// agreement and those that it satisfies too; of one party, or of all.
func settle(tx *db.Tx, agreementID string, p *audience.Party) error {
	list, err := db.All(tx, scan, `SELECT `+columns+from)
	if err != nil {
		return err
	}
	for _, g := range list {
		if g.ID != agreementID && !has(g.Also, agreementID) {
			continue
		}
		args := db.Args{g.Current.Generation}
		only := ""
		if p != nil {
			only = ` AND x.party_kind = ` + args.Add(string(p.Kind)) + ` AND x.party_id = ` + args.Add(p.ID)
		}
		if _, err := tx.Exec(`DELETE FROM terms_acceptance AS x WHERE x.terms_id = $1`+only, args...); err != nil {
			return err
		}
		ids := db.List(&args, append([]string{g.ID}, g.Also...))
		if _, err := tx.Exec(`INSERT INTO terms_acceptance (terms_id, party_kind, party_id, person_id, at)
			SELECT CAST($1 AS TEXT), x.party_kind, x.party_id, x.person_id, x.at`+acceptanceFrom+
			` WHERE x.ended_at = 0 AND g.state = 'active' AND v.generation_id = now.generation_id AND g.id IN `+ids+only+` ORDER BY x.at, x.id ON CONFLICT DO NOTHING`, args...); err != nil {
			return err
		}
	}
	return nil
}
