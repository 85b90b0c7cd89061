package ledger

import (
	"encoding/json"
	"fmt"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
)

const columns = `e.seq, e.at, e.kind, e.actor_kind, e.actor_id, e.audience_id, e.first_id, e.party, e.tlp, e.scope, e.object_kind, e.object_id, e.payload, e.payload_sum, e.salt, e.erased, e.binds`

func scan(r *Record) []any {
	return []any{&r.Seq, db.At(&r.At), &r.Kind, &r.ActorKind, &r.ActorID, &r.Audience, &r.First, &r.Party, &r.Level, &r.Scope, &r.Object.Kind, &r.Object.ID, raw{&r.Payload}, &r.PayloadSum, &r.Salt, &r.Erased, db.JSON(&r.BoundDigest)}
}

// raw scans TEXT into a json.RawMessage.
type raw struct{ to *json.RawMessage }

func (r raw) Scan(src any) error {
	switch v := src.(type) {
	case string:
		*r.to = json.RawMessage(v)
	case []byte:
		*r.to = append(json.RawMessage(nil), v...)
	default:
		return fmt.Errorf("a payload is text, not %T", src)
	}
	return nil
}

// Query narrows a reading of the ledger.
type Query struct {
	Scope  string // events of one case, or ""
	Object Object // events about one record, or zero
	After  int64  // events with a higher number; -1 from the start
	Before int64  // events with a lower number, newest first; 0: not used
	Limit  int    // at most this many; 0 means 200, 1,000 is the most
}

// List reads the events an actor may see, oldest first (newest first when
// Before is used).
func List(tx *db.Tx, a audience.Actor, q Query) ([]Record, error) {
	if q.Limit <= 0 {
		q.Limit = 200
	}
	q.Limit = min(q.Limit, 1000)
	var args db.Args
	where := audience.Visible(a, "e", &args)
	if q.Scope != "" {
		where += " AND e.scope = " + args.Add(q.Scope)
	}
	if q.Object.ID != "" {
		where += " AND e.object_kind = " + args.Add(q.Object.Kind) + " AND e.object_id = " + args.Add(q.Object.ID)
	}
	order := "ASC"
	if q.Before > 0 {
		where += " AND e.seq < " + args.Add(q.Before)
		order = "DESC"
	} else {
		where += " AND e.seq > " + args.Add(q.After)
	}
	return db.All(tx, scan, `SELECT `+columns+` FROM event e WHERE `+where+` ORDER BY e.seq `+order+db.Limit(q.Limit), args...)
}

// ByActor lists what one actor did, newest first: their own trail, which
// they may always see.
func ByActor(tx *db.Tx, a audience.Actor, before int64, limit int) ([]Record, error) {
	kind, id := a.Ref()
	if before <= 0 {
		before = 1 << 62
	}
	return db.All(tx, scan, `SELECT `+columns+` FROM event e WHERE e.actor_kind = $1 AND e.actor_id = $2 AND e.seq < $3 ORDER BY e.seq DESC`+db.Limit(min(max(limit, 1), 1000)), kind, id, before)
}

// All reads events without regard to an actor: for verification, export by
// the operator, and subscribers, which pass on only what the rule allows.
func All(tx *db.Tx, after int64, limit int) ([]Record, error) {
	return db.All(tx, scan, `SELECT `+columns+` FROM event e WHERE e.seq > $1 ORDER BY e.seq`+db.Limit(limit), after)
}

// Newest is the latest instant that any event bears, whatever its place in
// the ledger: after a clock was set back, later events bear earlier instants.
// It is zero for an empty ledger. It asks nobody: it is for the operator.
func Newest(tx *db.Tx) (time.Time, error) {
	at, err := db.Value[int64](tx, `SELECT COALESCE(MAX(at), 0) FROM event`)
	if err != nil || at == 0 {
		return time.Time{}, err
	}
	return time.UnixMicro(at).UTC(), nil
}
