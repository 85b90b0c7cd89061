package ballot

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxPart bounds the numerator and the denominator of a Fraction.
const MaxPart = 1000

// Fraction is Num/Den, exact: two thirds of three is two.
type Fraction struct {
	Num int `json:"num"`
	Den int `json:"den"`
}

// The rules where a motion names none.
var (
	DefaultQuorum   = Fraction{1, 2}
	DefaultMajority = Fraction{2, 3}
)

func (f Fraction) String() string { return fmt.Sprintf("%d/%d", f.Num, f.Den) }

// Words is the fraction as it is said: "two thirds"; for unusual ones, "5/7".
func (f Fraction) Words() string {
	for _, n := range []struct {
		f Fraction
		s string
	}{{Fraction{1, 1}, "all"}, {Fraction{1, 2}, "half"}, {Fraction{1, 3}, "a third"}, {Fraction{2, 3}, "two thirds"}, {Fraction{3, 4}, "three quarters"}, {Fraction{1, 4}, "a quarter"}} {
		if f.Num*n.f.Den == n.f.Num*f.Den && f.Den > 0 {
			return n.s
		}
	}
	return f.String()
}

// ParseFraction reads "2/3"; both parts are at most MaxPart.
func ParseFraction(s string) (Fraction, error) {
	bad := errors.New("write a fraction as 2/3")
	num, den, ok := strings.Cut(strings.TrimSpace(s), "/")
	if !ok || len(s) > 20 {
		return Fraction{}, bad
	}
	n, err1 := strconv.Atoi(strings.TrimSpace(num))
	d, err2 := strconv.Atoi(strings.TrimSpace(den))
	f := Fraction{n, d}
	if err1 != nil || err2 != nil || !f.proper() {
		return Fraction{}, bad
	}
	return f, nil
}

func (f Fraction) proper() bool {
	return f.Num > 0 && f.Den > 0 && f.Num <= f.Den && f.Den <= MaxPart
}

// of is the least whole number that is at least the fraction of n.
func (f Fraction) of(n int) int { return (f.Num*n + f.Den - 1) / f.Den }

// Rules say when a ballot decides, and how.
type Rules struct {
	// Quorum is the part of the electorate that must have voted; abstaining
	// is voting.
	Quorum Fraction `json:"quorum"`
	// Majority is the part of the votes for and against that must be for it.
	// With as many for as against, a motion fails whatever the fraction.
	Majority Fraction `json:"majority"`
}

// Valid refuses rules by which a minority could decide, or nobody could. The
// error says what to do.
func (r Rules) Valid() error {
	if !r.Quorum.proper() {
		return fmt.Errorf("the quorum must be a fraction of the electorate up to 1/1, such as 1/2, in numbers up to %d", MaxPart)
	}
	if !r.Majority.proper() || 2*r.Majority.Num < r.Majority.Den {
		return fmt.Errorf("the majority must be a fraction from 1/2 to 1/1, such as 2/3, in numbers up to %d", MaxPart)
	}
	return nil
}

// Needed is how many votes of an electorate make a quorum: at least one.
func (r Rules) Needed(electorate int) int { return max(r.Quorum.of(electorate), 1) }

// Enough reports whether so many for and against carry a motion.
func (r Rules) Enough(yes, no int) bool {
	return yes > no && yes*r.Majority.Den >= r.Majority.Num*(yes+no)
}
