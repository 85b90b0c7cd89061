package ledger

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strconv"
)

// values reads n columns of the current row.
func values(rows *sql.Rows, n int) ([]any, error) {
	vals := make([]any, n)
	ptrs := make([]any, n)
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	return vals, rows.Scan(ptrs...)
}

// digestOf hashes the columns of a row: each as its type's letter, its length
// and its text, so that no two rows read alike.
func digestOf(vals []any) (string, error) {
	h := sha256.New()
	for _, v := range vals {
		var kind, text string
		switch v := v.(type) {
		case nil:
			kind = "n"
		case int64:
			kind, text = "i", strconv.FormatInt(v, 10)
		case string:
			kind, text = "s", v
		case []byte:
			kind, text = "b", string(v)
		default:
			return "", fmt.Errorf("a vouched-for column has type %T", v)
		}
		fmt.Fprintf(h, "%s%d:%s", kind, len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
