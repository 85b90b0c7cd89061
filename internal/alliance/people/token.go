package people

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/spec/text"
)

// The bounds of a token's life.
const (
	TokenLife    = 90 * 24 * time.Hour // when nobody says another
	TokenLifeMax = 366 * 24 * time.Hour
	maxTokens    = 100
	tokenPrefix  = "tocsin_" // lets scanners find a leaked one
)

// Token is an API token; what it may do is the meet of its person and its
// scopes (charter.Scopes).
type Token struct {
	ID        string    `json:"id"`
	Person    string    `json:"person"`
	Label     string    `json:"label"`
	Scopes    []string  `json:"scopes"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
	UsedAt    time.Time `json:"used_at,omitzero"`
	RevokedAt time.Time `json:"revoked_at,omitzero"`
}

const tokenColumns = `t.id, t.person_id, t.label, t.scopes, t.created_at, t.expires_at, t.used_at, t.revoked_at`

func scanToken(t *Token) []any {
	return []any{&t.ID, &t.Person, &t.Label, db.JSON(&t.Scopes), db.At(&t.CreatedAt), db.At(&t.ExpiresAt), db.At(&t.UsedAt), db.At(&t.RevokedAt)}
}

// NewToken makes a token for the actor. life 0 means TokenLife. A token can
// make none that does more or lives longer than itself.
func NewToken(tx *db.Tx, a audience.Actor, label string, scopes []string, life time.Duration) (secret string, t Token, err error) {
	p, err := own(tx, a)
	if err != nil {
		return "", Token{}, err
	}
	if a.Token != "" {
		maker, _, err := db.One(tx, scanToken, `SELECT `+tokenColumns+` FROM api_token t WHERE t.id = $1`, a.Token)
		if err != nil {
			return "", Token{}, err
		}
		for _, s := range scopes {
			if !charter.Allows(a, s) {
				return "", Token{}, errs.New(errs.Denied, "A token cannot make one with the scope %s, which it lacks itself.", s)
			}
		}
		if life == 0 {
			life = TokenLife
		}
		life = min(life, maker.ExpiresAt.Sub(tx.Now))
	}
	return IssueToken(tx, a, p.ID, label, scopes, life)
}

// IssueToken is NewToken for any active person. It asks nobody: it is for
// the command that runs on the server itself.
func IssueToken(tx *db.Tx, a audience.Actor, personID, label string, scopes []string, life time.Duration) (secret string, t Token, err error) {
	p, err := Load(tx, personID)
	if err != nil {
		return "", Token{}, err
	}
	if p.State != Active {
		return "", Token{}, errs.New(errs.Conflict, "Only an active person can have a token; this account is %s.", p.State)
	}
	if label, _, err = text.CleanLine(label, 100); err != nil {
		return "", Token{}, errs.Bad("label", "Please correct the label: %s.", err)
	}
	var kept []string
	for _, s := range charter.Scopes {
		if slices.Contains(scopes, s) {
			kept = append(kept, s)
		}
	}
	for _, s := range scopes {
		if !slices.Contains(charter.Scopes, s) {
			return "", Token{}, errs.Bad("scopes", "A scope is one of %s.", strings.Join(charter.Scopes, ", "))
		}
	}
	if len(kept) == 0 {
		return "", Token{}, errs.Bad("scopes", "Choose at least one scope.")
	}
	if life == 0 {
		life = TokenLife
	}
	if life < time.Minute || life > TokenLifeMax {
		return "", Token{}, errs.Bad("ttl", "A token lives from a minute to 366 days.")
	}
	have, err := db.Value[int](tx, `SELECT COUNT(*) FROM api_token WHERE person_id = $1 AND revoked_at IS NULL AND expires_at > $2`, p.ID, db.Micros(tx.Now))
	if err != nil {
		return "", Token{}, err
	}
	if have >= maxTokens {
		return "", Token{}, errs.New(errs.Conflict, "There are %s already. Revoke those that are not used.", text.Plural(have, "token", "tokens"))
	}
	secret = tokenPrefix + id.Secret()
	t = Token{ID: id.New("tok", tx.Now), Person: p.ID, Label: label, Scopes: kept, CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(life)}
	_, err = tx.Exec(`INSERT INTO api_token (id, digest, person_id, label, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		t.ID, id.Digest(secret), t.Person, t.Label, db.JSON(t.Scopes), db.Micros(t.CreatedAt), db.Micros(t.ExpiresAt))
	if err != nil {
		return "", Token{}, err
	}
	record(tx, a, EventTokenMade, p, map[string]any{"token": t.ID, "scopes": t.Scopes, "expires": t.ExpiresAt})
	return secret, t, nil
}

var badToken = errs.New(errs.Unauthenticated, "This token is not valid: unknown, expired or revoked. Make a new one.")

// ActorByToken is who a bearer token stands for, with seats capped by its
// scopes: read sees, write contributes, coordinate coordinates.
// Unauthenticated with the anonymous actor when it does not hold.
func ActorByToken(tx *db.Tx, secret string) (audience.Actor, Token, error) {
	rest, ok := strings.CutPrefix(secret, tokenPrefix)
	if !ok || !plausible(rest) {
		return audience.Actor{}, Token{}, badToken
	}
	t, ok, err := db.One(tx, scanToken, `SELECT `+tokenColumns+` FROM api_token t WHERE t.digest = $1 AND t.expires_at > $2 AND t.revoked_at IS NULL`, id.Digest(secret), db.Micros(tx.Now))
	if err != nil || !ok {
		return audience.Actor{}, Token{}, firstOf(err, badToken)
	}
	a, err := ActorOf(tx, t.Person)
	if errs.Is(err, errs.Unauthenticated) {
		err = badToken
	}
	if err != nil {
		return audience.Actor{}, Token{}, err
	}
	a.Token, a.Scopes = t.ID, t.Scopes
	limit := audience.Reader
	switch {
	case charter.Allows(a, charter.ScopeCoordinate):
		limit = audience.Coordinator
	case charter.Allows(a, charter.ScopeWrite):
		limit = audience.Contributor
	}
	for i := range a.Seats {
		a.Seats[i].Cap = min(a.Seats[i].Cap, limit)
	}
	return a, t, nil
}

// DueTouch reports whether TouchToken should be called for a request at now.
func (t Token) DueTouch(now time.Time) bool { return now.Sub(t.UsedAt) >= touchEvery }

// TouchToken notes when a token was last used.
func TouchToken(tx *db.Tx, tokenID string) error {
	_, err := tx.Exec(`UPDATE api_token SET used_at = $1 WHERE id = $2`, db.Micros(tx.Now), tokenID)
	return err
}

// Tokens lists the actor's own tokens, newest first, with those revoked or
// expired in the last 90 days.
func Tokens(tx *db.Tx, a audience.Actor) ([]Token, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	since := db.Micros(tx.Now.Add(-90 * 24 * time.Hour))
	return db.All(tx, scanToken, `SELECT `+tokenColumns+` FROM api_token t WHERE t.person_id = $1 AND t.expires_at > $2 AND (t.revoked_at IS NULL OR t.revoked_at > $2) ORDER BY t.created_at DESC, t.id DESC LIMIT 500`, a.Person, since)
}

// RevokeToken ends a token: an own one, or anybody's for operators.
func RevokeToken(tx *db.Tx, a audience.Actor, tokenID string) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	t, ok, err := db.One(tx, scanToken, `SELECT `+tokenColumns+` FROM api_token t WHERE t.id = $1`, tokenID)
	if err != nil || !ok || t.Person != a.Person && !charter.IsOperator(a) {
		return firstOf(err, errs.Missing("token"))
	}
	// A leaked token may always end itself.
	if tokenID != a.Token && !charter.Allows(a, charter.ScopeAdmin) {
		return errs.New(errs.Denied, "This token lacks the scope admin.")
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "This token was revoked already."), `UPDATE api_token SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL`, db.Micros(tx.Now), tokenID); err != nil {
		return err
	}
	p, err := Load(tx, t.Person)
	if err != nil {
		return err
	}
	record(tx, a, EventTokenDone, p, map[string]string{"token": tokenID})
	return nil
}
