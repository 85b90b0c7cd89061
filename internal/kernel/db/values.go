package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/kernel/clock"
)

// Args collects the parameters of a statement that is put together from
// parts, and numbers their placeholders.
type Args []any

// Add appends v and returns its placeholder, "$3".
func (a *Args) Add(v any) string {
	*a = append(*a, v)
	return "$" + strconv.Itoa(len(*a))
}

// List appends all of vs and returns "($3, $4)", for IN. An empty list gives
// "(NULL)", which nothing is in.
func List[T any](a *Args, vs []T) string {
	if len(vs) == 0 {
		return "(NULL)"
	}
	marks := make([]string, len(vs))
	for i, v := range vs {
		marks[i] = a.Add(v)
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// Limit is " LIMIT n". The number stands in the text, because SQLite plans a
// statement anew each time a parameter there is bound.
func Limit(n int) string { return " LIMIT " + strconv.Itoa(n) }

// At scans a column of microseconds into t (NULL and 0 give the zero time).
func At(t *time.Time) any { return (*instant)(t) }

type instant time.Time

func (i *instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = instant{}
	case int64:
		*i = instant(clock.FromMicros(v))
	default:
		return fmt.Errorf("an instant is stored as int64, not %T", src)
	}
	return nil
}

// Micros is t as a parameter: microseconds, or NULL for the zero time.
func Micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// Bit is a flag as a parameter.
func Bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// JSON wraps a pointer to be scanned from a JSON column, or a value to be
// stored into one.
func JSON(v any) any { return jsonValue{v} }

type jsonValue struct{ v any }

func (j jsonValue) Value() (driver.Value, error) {
	b, err := json.Marshal(j.v)
	return string(b), err
}

func (j jsonValue) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return nil
		}
		return json.Unmarshal([]byte(v), j.v)
	case []byte:
		if len(v) == 0 {
			return nil
		}
		return json.Unmarshal(v, j.v)
	}
	return fmt.Errorf("a JSON column holds text, not %T", src)
}
