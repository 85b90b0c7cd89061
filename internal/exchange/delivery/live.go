package delivery

import (
	"encoding/json"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
)

// Signal says to a browser that something changed, and never what: the page
// asks for it, by the door that applies the rule.
type Signal struct {
	Seq    int64         `json:"seq"`
	Kind   string        `json:"kind"`
	Number string        `json:"number,omitempty"` // of the case or report
	Object ledger.Object `json:"object"`
	Scope  string        `json:"-"` // id of the case, for doors that show one case
}

// maxSignals bounds one reading of the live stream.
const maxSignals = 200

// Live reads the events after a number that the actor may see, and the number
// to go on from. A viewer who joins passes -1 and gets no signal, only the
// number of now: nothing is replayed. Wait for db.Bell, or a second, between
// two readings.
func Live(tx *db.Tx, a audience.Actor, after int64) (list []Signal, last int64, err error) {
	size, err := ledger.Size(tx)
	if err != nil {
		return nil, after, err
	}
	last = size - 1
	if after < 0 || after >= last {
		return nil, last, nil
	}
	type row struct {
		Signal
		payload string
	}
	var args db.Args
	rows, err := db.All(tx, func(r *row) []any {
		return []any{&r.Seq, &r.Kind, &r.Number, &r.Object.Kind, &r.Object.ID, &r.Scope, &r.payload}
	}, `SELECT e.seq, e.kind, COALESCE(s.number, ''), e.object_kind, e.object_id, e.scope, CASE WHEN s.number IS NULL AND e.scope <> '' THEN e.payload ELSE '' END
		FROM event e LEFT JOIN scope_name s ON s.scope = e.scope WHERE e.seq > `+args.Add(after)+` AND `+audience.Visible(a, "e", &args)+` ORDER BY e.seq`+db.Limit(maxSignals), args...)
	if err != nil {
		return nil, after, err
	}
	for _, r := range rows {
		if r.payload != "" { // the name has not been learned yet
			r.Number = numberIn(r.payload)
		}
		list = append(list, r.Signal)
	}
	if len(list) == maxSignals {
		last = list[maxSignals-1].Seq
	}
	return list, last, nil
}

func numberIn(payload string) string {
	var named struct {
		Number string `json:"number"`
	}
	if json.Unmarshal([]byte(payload), &named) != nil || !numberForm.MatchString(named.Number) {
		return ""
	}
	return named.Number
}
