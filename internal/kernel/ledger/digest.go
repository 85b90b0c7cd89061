package ledger

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strconv"
)

// digestRow hashes n columns of the current row: each as its type's letter,
// its length and its text, so that no two rows read alike.
func digestRow(rows *sql.Rows, n int) (string, error) {
	vals := make([]any, n)
	ptrs := make([]any, n)
	for i := range vals {
		ptrs[i] = &vals[i]
	}
	if err := rows.Scan(ptrs...); err != nil {
		return "", err
	}
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
