package db_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"tocsin/internal/kernel/db"
)

func TestPages(t *testing.T) {
	rows := []int{1, 2, 3, 4, 5, 6, 7}
	read := func(after string) ([]int, string, error) {
		from, _ := strconv.Atoi(after)
		page, next := db.CutPage(rows[from:min(from+3, len(rows))], 2, strconv.Itoa)
		return page, next, nil
	}
	for most, want := range map[int]int{100: 7, 3: 4, 0: 0} {
		got, err := db.AllPages(most, read)
		if err != nil || !slices.Equal(got, rows[:want]) {
			t.Errorf("at most %d: %v %v, want whole pages up to %d", most, got, err, want)
		}
	}
	broken := errors.New("broken")
	if got, err := db.AllPages(10, func(string) ([]int, string, error) { return rows, "", broken }); got != nil || !errors.Is(err, broken) {
		t.Errorf("got %v %v", got, err)
	}
	if a, b, c := db.PageRows(0, 200), db.PageRows(7, 200), db.PageRows(900, 200); a != 50 || b != 7 || c != 200 {
		t.Error(a, b, c)
	}
}
