package db

// PageRows is how many rows a page has when limit are asked for: 50 for none,
// and never more than most.
func PageRows(limit, most int) int {
	if limit <= 0 {
		limit = 50
	}
	return min(limit, most)
}

// CutPage takes a page of so many rows from a list that was read with one row
// more. next is the last row's place where there is a next page, else "".
func CutPage[T any](list []T, rows int, place func(T) string) (page []T, next string) {
	if len(list) <= rows {
		return list, ""
	}
	return list[:rows], place(list[rows-1])
}

// AllPages reads a listing page by page until its end, at most most rows. read
// gives the page after a place, "" for the first, and the place after which
// the next one begins, "" on the last.
func AllPages[T any](most int, read func(after string) (page []T, next string, err error)) ([]T, error) {
	var out []T
	for after := ""; len(out) < most; {
		page, next, err := read(after)
		if err != nil {
			return nil, err
		}
		out = append(out, page...)
		if after = next; next == "" {
			break
		}
	}
	return out, nil
}
