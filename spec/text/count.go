package text

import "strconv"

// Count groups thousands: 3798 is "3,798".
func Count[N int | int64](n N) string {
	s, sign := strconv.FormatInt(int64(n), 10), ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// Plural counts things: Plural(1, "person", "people") is "1 person". Whatever
// says a number of things says it with this, so that one thing is never "1
// things".
func Plural[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Count(n) + " " + many
}
