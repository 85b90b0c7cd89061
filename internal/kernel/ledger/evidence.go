package ledger

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"

	"golang.org/x/mod/sumdb/tlog"
)

// Evidence makes the proofs of all events of a scope that the actor may see
// and that a signed checkpoint covers, oldest first, and hands each to visit.
// Unlike Prove it signs nothing, so that it can run against one snapshot.
func (k *Keeper) Evidence(tx *db.Tx, a audience.Actor, scope, signed string, visit func(Proof) error) error {
	tree, err := k.Open(signed)
	if err != nil {
		return err
	}
	hashes := remembering{newTree(tx)}
	after := int64(-1)
	for {
		list, err := List(tx, a, Query{Scope: scope, After: after, Limit: 1000})
		if err != nil || len(list) == 0 {
			return err
		}
		for _, r := range list {
			if r.Seq >= tree.N {
				return nil
			}
			path, err := tlog.ProveRecord(tree.N, r.Seq, hashes)
			if err != nil {
				return err
			}
			if err := visit(Proof{Event: r, Leaf: string(Leaf(r)), Salt: r.Salt, Path: path, Size: tree.N, Checkpoint: signed, PublicKey: k.public}); err != nil {
				return err
			}
			after = r.Seq
		}
	}
}

// remembering keeps the hashes it has read: the proofs of neighbors share
// most of theirs.
type remembering struct{ *tree }

// ReadHashes implements tlog.HashReader.
func (m remembering) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out, err := m.tree.ReadHashes(indexes)
	if err == nil {
		for i, at := range indexes {
			m.fresh[at] = out[i]
		}
	}
	return out, err
}
