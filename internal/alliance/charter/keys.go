package charter

import (
	"encoding/json"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/pgp"
	"tocsin/internal/kernel/seal"
	"tocsin/spec/text"
	"tocsin/spec/tlp"
)

const (
	ledgerSetting = "charter.ledger-key"
	pgpSetting    = "charter.openpgp"
)

// maxKeys bounds the ring; a key a year lasts an alliance's life.
const maxKeys = 50

type ledgerKey struct{ Secret, Public string }

func makeKeys(tx *db.Tx, s *seal.Sealer, c Charter) error {
	secret, public, err := ledger.NewKey(c.Name)
	if err != nil {
		return err
	}
	if err := keep(tx, s, ledgerSetting, ledgerKey{secret, public}); err != nil {
		return err
	}
	key, err := pgp.Generate(c.Name, c.Email, tx.Now)
	if err != nil {
		return err
	}
	return keepRing(tx, s, []*pgp.Key{key})
}

// Keeper is the signer of the ledger's checkpoints.
func Keeper(tx *db.Tx, s *seal.Sealer) (*ledger.Keeper, error) {
	var k ledgerKey
	if err := read(tx, s, ledgerSetting, &k); err != nil {
		return nil, err
	}
	return ledger.NewKeeper(k.Secret, k.Public)
}

// Ring is the alliance's OpenPGP keys: the current one signs, all open what
// was encrypted to them.
func Ring(tx *db.Tx, s *seal.Sealer) (*pgp.Ring, error) {
	keys, err := ringKeys(tx, s)
	if err != nil {
		return nil, err
	}
	return pgp.NewRing(keys[0], keys[1:]...), nil
}

// RotateKey makes a new OpenPGP key the current one. Older ones stay, so that
// what was encrypted to them can still be read.
func RotateKey(tx *db.Tx, s *seal.Sealer, a audience.Actor) (*pgp.Key, error) {
	c, err := keyAccess(tx, a)
	if err != nil {
		return nil, err
	}
	key, err := pgp.Generate(c.Name, c.Email, tx.Now)
	if err != nil {
		return nil, err
	}
	return key, putFirst(tx, s, a, c, key, EventRotated)
}

// ImportKey makes a private OpenPGP key from elsewhere the current one.
// passphrase is empty for an unlocked key.
func ImportKey(tx *db.Tx, s *seal.Sealer, a audience.Actor, private, passphrase []byte) (*pgp.Key, error) {
	c, err := keyAccess(tx, a)
	if err != nil {
		return nil, err
	}
	key, err := pgp.Import(private, passphrase, tx.Now)
	if err != nil {
		return nil, err
	}
	return key, putFirst(tx, s, a, c, key, EventImported)
}

func keyAccess(tx *db.Tx, a audience.Actor) (Charter, error) {
	if err := SignedIn(a); err != nil {
		return Charter{}, err
	}
	if !IsOperator(a) {
		return Charter{}, errs.New(errs.Denied, "Only an operator may change the alliance's keys.")
	}
	return Load(tx)
}

func putFirst(tx *db.Tx, s *seal.Sealer, a audience.Actor, c Charter, key *pgp.Key, kind string) error {
	// The charter's row is the lock under which the ring is read and replaced.
	if _, err := tx.Exec(`UPDATE charter SET version = version + 1 WHERE id = $1`, theID); err != nil {
		return err
	}
	old, err := ringKeys(tx, s)
	if err != nil {
		return err
	}
	ring := []*pgp.Key{key}
	for _, k := range old {
		if k.Fingerprint() != key.Fingerprint() {
			ring = append(ring, k)
		}
	}
	if len(ring) > maxKeys {
		return errs.New(errs.TooLarge, "The ring holds %s already; more would be unusual. Ask for help before adding another.", text.Plural(maxKeys, "key", "keys"))
	}
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: c.Audience, Level: tlp.Green, Object: ledger.Object{Kind: "key", ID: key.Fingerprint()},
		Data: map[string]string{"fingerprint": key.Fingerprint(), "before": old[0].Fingerprint()}, Binds: []ledger.Bound{table.Of(theID)}})
	return keepRing(tx, s, ring)
}

func ringKeys(tx *db.Tx, s *seal.Sealer) ([]*pgp.Key, error) {
	var secrets [][]byte
	if err := read(tx, s, pgpSetting, &secrets); err != nil {
		return nil, err
	}
	var keys []*pgp.Key
	for _, secret := range secrets {
		k, err := pgp.Restore(secret)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, errs.New(errs.Internal, "The alliance has no OpenPGP key.")
	}
	return keys, nil
}

func keepRing(tx *db.Tx, s *seal.Sealer, keys []*pgp.Key) error {
	var secrets [][]byte
	for _, k := range keys {
		secret, err := k.Secret()
		if err != nil {
			return err
		}
		secrets = append(secrets, secret)
	}
	return keep(tx, s, pgpSetting, secrets)
}

// keep seals v under a name, which is inside the sealed bytes too, so that
// two settings cannot be exchanged in the database.
func keep(tx *db.Tx, s *seal.Sealer, name string, v any) error {
	plain, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if plain, err = json.Marshal(sealedSetting{name, plain}); err != nil {
		return err
	}
	sealed, err := s.Seal(plain)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, sealed)
	return err
}

type sealedSetting struct {
	Name  string
	Value json.RawMessage
}

func read(tx *db.Tx, s *seal.Sealer, name string, v any) error {
	sealed, ok, err := db.One(tx, func(b *[]byte) []any { return []any{b} }, `SELECT value FROM setting WHERE name = $1`, name)
	if err != nil {
		return err
	}
	if !ok {
		_, err := Load(tx)
		return firstOf(err, errs.New(errs.Internal, "The setting %s is missing.", name))
	}
	plain, err := s.Unseal(sealed)
	if err != nil {
		return err
	}
	var in sealedSetting
	if err := json.Unmarshal(plain, &in); err != nil {
		return err
	}
	if in.Name != name {
		return errs.New(errs.Internal, "The setting %s holds another one's content.", name)
	}
	return json.Unmarshal(in.Value, v)
}
