package db

import (
	"context"
	"errors"
	"reflect"
	"slices"
)

// Try runs f inside the transaction so that it can fail alone: what f wrote,
// and the steps and slots that it added, are undone when it returns an error,
// which is then refused. err ends the whole transaction: the database has to
// be asked again from the start, or does not answer.
//
// A slot is put back as a shallow copy: a map in it keeps what f added.
func (t *Tx) Try(f func() error) (refused, err error) {
	if _, err := t.Exec(`SAVEPOINT attempt`); err != nil {
		return nil, err
	}
	before, after := slices.Clone(t.before), slices.Clone(t.after)
	kept := make(map[any]reflect.Value, len(t.slots))
	for k, v := range t.slots {
		at := reflect.ValueOf(v).Elem()
		kept[k] = reflect.New(at.Type()).Elem()
		kept[k].Set(at)
	}
	refused = f()
	if refused == nil {
		_, err = t.Exec(`RELEASE SAVEPOINT attempt`)
		return nil, err
	}
	if retryable(refused) || errors.Is(refused, context.Canceled) || errors.Is(refused, context.DeadlineExceeded) {
		return nil, refused
	}
	for _, q := range []string{`ROLLBACK TO SAVEPOINT attempt`, `RELEASE SAVEPOINT attempt`} {
		if _, err := t.Exec(q); err != nil {
			return nil, errors.Join(err, refused)
		}
	}
	t.before, t.after = before, after
	for k, v := range t.slots {
		if was, ok := kept[k]; ok {
			reflect.ValueOf(v).Elem().Set(was)
		} else {
			delete(t.slots, k)
		}
	}
	return refused, nil
}
