package ledger

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/text"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Keeper signs checkpoints with the ledger's Ed25519 key.
type Keeper struct {
	signer   note.Signer
	verifier note.Verifier
	public   string
}

// NewKey makes a signing key for a ledger called name (no spaces or plus
// signs): the secret half, to be sealed, and the public half.
func NewKey(name string) (secret, public string, err error) {
	name = strings.Map(func(r rune) rune {
		if r <= ' ' || r == '+' {
			return '-'
		}
		return r
	}, name)
	return note.GenerateKey(rand.Reader, name)
}

// NewKeeper takes the two halves that NewKey made.
func NewKeeper(secret, public string) (*Keeper, error) {
	s, err := note.NewSigner(secret)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "The ledger's signing key cannot be read.")
	}
	v, err := note.NewVerifier(public)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "The ledger's public key cannot be read.")
	}
	return &Keeper{s, v, public}, nil
}

// PublicKey is the verifier key members hold a checkpoint against.
func (k *Keeper) PublicKey() string { return k.public }

// Checkpoint signs the ledger as it stands and keeps the note. Signing the
// same size again returns the note already kept; an empty ledger has none.
func (k *Keeper) Checkpoint(tx *db.Tx) (string, error) {
	size, err := Size(tx)
	if err != nil || size == 0 {
		return "", err
	}
	kept, err := db.Value[string](tx, `SELECT note FROM ledger_checkpoint WHERE size = $1`, size)
	if err != nil || kept != "" {
		return kept, err
	}
	root, err := tlog.TreeHash(size, newTree(tx))
	if err != nil {
		return "", err
	}
	text := string(tlog.FormatTree(tlog.Tree{N: size, Hash: root}))
	signed, err := note.Sign(&note.Note{Text: text}, k.signer)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(`INSERT INTO ledger_checkpoint (size, at, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, size, tx.Now.UnixMicro(), string(signed))
	return string(signed), err
}

// Open checks a checkpoint's signature and reads size and root hash.
func (k *Keeper) Open(signed string) (tlog.Tree, error) {
	n, err := note.Open([]byte(signed), note.VerifierList(k.verifier))
	if err != nil {
		return tlog.Tree{}, errs.Wrap(errs.Invalid, err, "The checkpoint's signature does not hold.")
	}
	tree, err := tlog.ParseTree([]byte(n.Text))
	if err != nil {
		return tlog.Tree{}, errs.Wrap(errs.Invalid, err, "The checkpoint cannot be read.")
	}
	return tree, nil
}

// Proof shows that one event is in the ledger that a checkpoint signs. It
// can be checked with nothing but the ledger's public key: the leaf's text
// hashes up along Path to the checkpoint's root.
type Proof struct {
	Event      Record      `json:"event"`
	Leaf       string      `json:"leaf"` // canonical JSON, as hashed
	Salt       string      `json:"salt"` // opens the payload's hash
	Path       []tlog.Hash `json:"path"` // RFC 6962 audit path
	Size       int64       `json:"size"`
	Checkpoint string      `json:"checkpoint"`
	PublicKey  string      `json:"public_key"`
}

// Prove makes the proof of an event that the actor did or may see. A fresh
// checkpoint is signed if the last one does not cover it.
func (k *Keeper) Prove(tx *db.Tx, a audience.Actor, seq int64) (Proof, error) {
	var args db.Args
	kind, id := a.Ref()
	list, err := db.All(tx, scan, `SELECT `+columns+` FROM event e WHERE e.seq = `+args.Add(seq)+
		` AND ((e.actor_kind = `+args.Add(kind)+` AND e.actor_id = `+args.Add(id)+`) OR `+audience.Visible(a, "e", &args)+`)`, args...)
	if err != nil {
		return Proof{}, err
	}
	if len(list) == 0 || a.Anonymous() {
		return Proof{}, errs.Missing("event")
	}
	signed, err := k.Checkpoint(tx)
	if err != nil {
		return Proof{}, err
	}
	tree, err := k.Open(signed)
	if err != nil {
		return Proof{}, err
	}
	path, err := tlog.ProveRecord(tree.N, seq, newTree(tx))
	if err != nil {
		return Proof{}, err
	}
	return Proof{Event: list[0], Leaf: string(Leaf(list[0])), Salt: list[0].Salt, Path: path, Size: tree.N, Checkpoint: signed, PublicKey: k.public}, nil
}

// CheckProof verifies a proof against the public key it is expected to come
// from. It is what a member runs; it needs no server.
func CheckProof(p Proof, publicKey string) error {
	v, err := note.NewVerifier(publicKey)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "The public key cannot be read.")
	}
	n, err := note.Open([]byte(p.Checkpoint), note.VerifierList(v))
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "The checkpoint was not signed with this key.")
	}
	tree, err := tlog.ParseTree([]byte(n.Text))
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "The checkpoint cannot be read.")
	}
	var l leaf
	if err := json.Unmarshal([]byte(p.Leaf), &l); err != nil {
		return errs.Wrap(errs.Invalid, err, "The leaf cannot be read.")
	}
	if err := tlog.CheckRecord(p.Path, tree.N, tree.Hash, l.Seq, tlog.RecordHash([]byte(p.Leaf))); err != nil {
		return errs.Wrap(errs.Invalid, err, "The event is not in the tree of this checkpoint.")
	}
	return l.shows(p.Event, p.Salt)
}

// shows holds what a person reads of an event against the leaf, which is what
// the checkpoint signs.
func (l leaf) shows(r Record, salt string) error {
	shown := leaf{r.Seq, r.At.UnixMicro(), r.Kind, Object{r.ActorKind, r.ActorID}, l.Aud, int(r.Level), r.Scope, r.Object, l.Payload, nil}
	if !r.Erased {
		r.Salt = salt
		shown.Payload = payloadSum(r)
	} else if len(r.Payload) > 0 && string(r.Payload) != erasedPayload {
		return errs.New(errs.Invalid, "The event is shown as erased, and yet with content.")
	}
	l.Binds = nil
	if !reflect.DeepEqual(l, shown) {
		return errs.New(errs.Invalid, "The event shown is not the one in the ledger: it was changed.")
	}
	return nil
}

// Missing tells how many events that a checkpoint kept elsewhere signs are
// not in this ledger (0: it holds them all). Invalid when the events that both
// have are not the same: one of the two was rewritten. Where events are
// missing, what both have cannot be compared.
func (k *Keeper) Missing(tx *db.Tx, signed string) (int64, error) {
	tree, err := k.Open(signed)
	if err != nil {
		return 0, err
	}
	size, err := Size(tx)
	if err != nil || size < tree.N {
		return max(tree.N-size, 0), err
	}
	root, err := tlog.TreeHash(tree.N, newTree(tx))
	if err == nil && root != tree.Hash {
		err = errs.New(errs.Invalid, "The first %d events of this ledger are not those that the checkpoint signs.", tree.N)
	}
	return 0, err
}

// Describe is a one-line summary of a checkpointed tree.
func Describe(t tlog.Tree) string {
	return fmt.Sprintf("%s, root %s", text.Plural(t.N, "event", "events"), t.Hash)
}
