package ballot

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tocsin/spec/mpcvd"

	"pgregory.net/rapid"
)

// The whole machine, written a second time in letters: "from verb to". Every
// pair that is not named must be refused.
const machine = "D edit D|D recuse D|D open O|D annul V|O cast O|O recuse O|O close C|O annul V|C carry Y|C fail N|C annul V"

func TestMachineWalkedWhole(t *testing.T) {
	want := map[string]string{}
	for _, row := range strings.Split(machine, "|") {
		f := strings.Fields(row)
		want[f[0]+" "+f[1]] = f[2]
	}
	moves := 0
	for _, s := range append(Motion.Info, mpcvd.State[State]{ID: "no such state", Code: "?"}) {
		for _, v := range append(Motion.AllVerbs(), "no such verb") {
			to, err := Motion.Move(s.ID, v)
			code, allowed := want[s.Code+" "+string(v)]
			if allowed != (err == nil) {
				t.Fatalf("%s %s: %v", s.Code, v, err)
			}
			if d, _ := Motion.Describe(to); allowed && d.Code != code {
				t.Errorf("%s %s leads to %s, want %s", s.Code, v, d.Code, code)
			}
			if allowed {
				moves++
			}
		}
		if s.ID.Decided() != (Motion.Has(s.ID) && Motion.Final(s.ID)) {
			t.Errorf("%s: Decided does not agree with the table", s.ID)
		}
	}
	if moves != len(Motion.Rows) || moves != len(want) {
		t.Errorf("%d moves walked, %d rows, %d wanted", moves, len(Motion.Rows), len(want))
	}
}

// board reads "y n a - R:y S Q:n": a seat each, with its principal's vote
// (- for none); R recused, S suspended, Q replaced.
func board(text string) (seats []Seat, votes []Vote) {
	for i, f := range strings.Fields(text) {
		s := Seat{ID: fmt.Sprint("s", i), Standing: Sits, Principal: fmt.Sprint("p", i)}
		if st, ok := map[byte]Standing{'R': Recused, 'S': Suspended, 'Q': Replaced}[f[0]]; ok {
			s.Standing = st
			f = strings.TrimPrefix(f[1:], ":")
		}
		if c, ok := map[string]Choice{"y": Yes, "n": No, "a": Abstain}[f]; ok {
			votes = append(votes, Vote{Seat: s.ID, Voter: s.Principal, Choice: c, Order: int64(i)})
		}
		seats = append(seats, s)
	}
	return seats, votes
}

func TestCountByTable(t *testing.T) {
	half, third2 := Fraction{1, 2}, Fraction{2, 3}
	for _, c := range []struct {
		board            string
		quorum, majority Fraction
		want             State
		because          string
	}{
		{"y y y y y", half, third2, Carried, "5 of 5 seats voted"},
		{"y y n", half, third2, Carried, "2 for, 1 against"}, // exactly two thirds
		{"y y y n n", half, third2, Failed, "less than two thirds"},
		{"y y y y n n", half, third2, Carried, "at least two thirds"},
		{"y y n n", half, half, Failed, "a tie"}, // an even board is no special case
		{"y y y n n n", half, half, Failed, "a tie"},
		{"y y n", half, half, Carried, "at least half"},
		{"y n", half, third2, Failed, "a tie"},
		{"a a a", half, third2, Failed, "nobody voted for or against"},
		{"y a a", half, third2, Carried, "1 for, 0 against, 2 abstaining"}, // abstentions make the quorum only
		{"n a a", half, third2, Failed, "less than"},
		{"y a - -", half, third2, Carried, "2 of 4 seats voted; 2 of them make the quorum"},
		{"y - - -", half, third2, Void, "no quorum"},
		{"- - -", half, third2, Void, "0 of 3"},
		{"", half, third2, Void, "No seat was entitled"},
		{"R R:y", half, third2, Void, "No seat was entitled"},
		{"y", half, third2, Carried, "1 of 1 seat voted"},
		{"- ", Fraction{1, 1000}, third2, Void, "1 of them make the quorum"}, // never without a vote
		{"y y - - R", half, third2, Carried, "1 seat was recused"},
		{"y y - - R R", half, third2, Carried, "2 of 4"},                                               // without the recusals: 2 of 6
		{"y y - - S", half, third2, Void, "1 seat was suspended or replaced"},                          // 2 of 5
		{"y y y - -", Fraction{3, 5}, third2, Carried, "3 of 5"},                                       //
		{"y y S:y - -", Fraction{3, 5}, third2, Void, "votes cast for 1 seat do not count"},            // quorum lost by a suspension
		{"y y Q:y - -", Fraction{3, 5}, third2, Void, "suspended or replaced"},                         // quorum lost by a removal
		{"y y R:y - -", Fraction{3, 5}, third2, Void, "2 of 4 seats voted; 3 of them make"},            // and by a recusal
		{"y y n R:n R:n", half, third2, Carried, "do not count"},                                       //
		{"y y y y n", half, Fraction{4, 5}, Carried, "at least 4/5"},                                   //
		{"y y y y n", half, Fraction{1, 1}, Failed, "less than all"},                                   //
		{"y y y", Fraction{1, 1}, Fraction{1, 1}, Carried, "at least all"},                             //
		{"y y -", Fraction{1, 1}, third2, Void, "3 of them make the quorum (all)"},                     //
		{"y y y y y y y n n n", Fraction{7, 10}, Fraction{7, 10}, Carried, "7 for, 3 against"},         //
		{"y y y y y y y y y n n n n n", half, Fraction{9, 14}, Carried, "9 for, 5 against"},            // exactly 9/14
		{"y y y y y y y y n n n n n n", half, Fraction{9, 14}, Failed, "8 for, 6 against"},             //
		{"y y y y a a a a n n", half, third2, Carried, "4 for, 2 against, 4 abstaining"},               //
		{"y y y y a a a a n n n", half, third2, Failed, "4 for, 3 against"},                            //
		{"y - - - - - - - - -", Fraction{1, 10}, third2, Carried, "1 of 10 seats voted; 1 of them"},    //
		{"y - - - - - - - - - -", Fraction{1, 10}, third2, Void, "1 of 11 seats voted; 2 of them"},     // a fraction is rounded up
		{"y y y y y R R R R R", Fraction{1, 1}, third2, Carried, "5 of 5 seats voted; 5 of them make"}, //
	} {
		seats, votes := board(c.board)
		r, err := Count(Rules{c.quorum, c.majority}, seats, votes)
		if all := strings.Join(r.Reasons, " "); err != nil || r.Outcome != c.want || !strings.Contains(all, c.because) {
			t.Errorf("%q, quorum %s, majority %s: %s because %q (%v), want %s because %q", c.board, c.quorum, c.majority, r.Outcome, all, err, c.want, c.because)
		}
		if _, err := Motion.Move(Closed, r.Verb()); err != nil {
			t.Errorf("%q: %v", c.board, err)
		}
	}
}

func TestSubstituteVotesOnlyIfThePrincipalHasNot(t *testing.T) {
	seat := Seat{ID: "s", Standing: Sits, Principal: "p", Substitute: "u"}
	vote := func(voter string, c Choice, order int64) Vote { return Vote{"s", voter, c, order} }
	for _, c := range []struct {
		what     string
		seat     Seat
		votes    []Vote
		yes, no  int
		dropped  int
		complete bool
	}{
		{"nobody", seat, nil, 0, 0, 0, false},
		{"substitute alone", seat, []Vote{vote("u", Yes, 1)}, 1, 0, 0, true},
		{"principal later", seat, []Vote{vote("u", Yes, 1), vote("p", No, 2)}, 0, 1, 0, true},
		{"substitute later", seat, []Vote{vote("p", No, 1), vote("u", Yes, 2)}, 0, 1, 0, true},
		{"principal may not any more", Seat{ID: "s", Standing: Sits, Substitute: "u"}, []Vote{vote("p", No, 1), vote("u", Yes, 2)}, 1, 0, 0, true},
		{"only who may not any more", Seat{ID: "s", Standing: Sits, Principal: "q"}, []Vote{vote("p", No, 1)}, 0, 0, 1, false},
		{"nobody may", Seat{ID: "s", Standing: Sits}, []Vote{vote("", No, 1)}, 0, 0, 1, false},
		{"changed", seat, []Vote{vote("p", No, 1), vote("p", Yes, 2), vote("p", No, 3)}, 0, 1, 0, true},
		{"said twice", seat, []Vote{vote("p", No, 1), vote("p", No, 1)}, 0, 1, 0, true},
		{"two last words", seat, []Vote{vote("p", No, 1), vote("p", Yes, 1)}, 0, 0, 1, false},
		{"another seat", seat, []Vote{{"x", "p", Yes, 1}}, 0, 0, 0, false},
	} {
		r, err := Count(Rules{DefaultQuorum, DefaultMajority}, []Seat{c.seat}, c.votes)
		if err != nil || r.Yes != c.yes || r.No != c.no || r.Uncounted != c.dropped {
			t.Errorf("%s: %+v, %v", c.what, r, err)
		}
		if Complete([]Seat{c.seat}, c.votes) != c.complete {
			t.Errorf("%s: complete is %v", c.what, !c.complete)
		}
	}
}

func TestCountRefusesWhatNoBallotCanHave(t *testing.T) {
	seats, votes := board("y n")
	good := Rules{DefaultQuorum, DefaultMajority}
	for what, f := range map[string]func() error{
		"no quorum":       func() error { _, err := Count(Rules{Fraction{}, DefaultMajority}, seats, votes); return err },
		"quorum over one": func() error { _, err := Count(Rules{Fraction{3, 2}, DefaultMajority}, seats, votes); return err },
		"by a minority":   func() error { _, err := Count(Rules{DefaultQuorum, Fraction{1, 3}}, seats, votes); return err },
		"negative":        func() error { _, err := Count(Rules{DefaultQuorum, Fraction{-2, -3}}, seats, votes); return err },
		"huge":            func() error { _, err := Count(Rules{DefaultQuorum, Fraction{2000, 3000}}, seats, votes); return err },
		"a seat twice":    func() error { _, err := Count(good, append(seats, seats[0]), votes); return err },
		"a nameless seat": func() error { _, err := Count(good, []Seat{{Standing: Sits}}, nil); return err },
		"no standing":     func() error { _, err := Count(good, []Seat{{ID: "s"}}, nil); return err },
		"no choice": func() error {
			_, err := Count(good, seats, []Vote{{Seat: "s0", Voter: "p0", Choice: "maybe"}})
			return err
		},
		"too many": func() error { _, err := Count(good, make([]Seat, MaxSeats+1), nil); return err },
	} {
		if f() == nil {
			t.Errorf("%s: counted", what)
		}
	}
}

func drawBallot(t *rapid.T) (Rules, []Seat, []Vote) {
	fraction := func(label string, least float64) Fraction {
		return rapid.Custom(func(t *rapid.T) Fraction {
			den := rapid.IntRange(1, 12).Draw(t, "den")
			return Fraction{rapid.IntRange(max(1, int(least*float64(den)+0.5)), den).Draw(t, "num"), den}
		}).Draw(t, label)
	}
	rules := Rules{fraction("quorum", 0), fraction("majority", 0.5)}
	var seats []Seat
	var votes []Vote
	order := int64(0)
	for i := range rapid.IntRange(0, 9).Draw(t, "seats") {
		s := Seat{ID: fmt.Sprint("s", i), Standing: rapid.SampledFrom([]Standing{Sits, Sits, Sits, Recused, Suspended, Replaced}).Draw(t, "standing"),
			Principal: rapid.SampledFrom([]string{"p", "p", ""}).Draw(t, "principal"), Substitute: rapid.SampledFrom([]string{"u", ""}).Draw(t, "substitute")}
		for range rapid.IntRange(0, 4).Draw(t, "votes") {
			order++
			votes = append(votes, Vote{s.ID, rapid.SampledFrom([]string{"p", "u", "old"}).Draw(t, "voter"), rapid.SampledFrom(Choices).Draw(t, "choice"), order})
		}
		seats = append(seats, s)
	}
	return rules, seats, votes
}

func count(t *rapid.T, rules Rules, seats []Seat, votes []Vote) Result {
	r, err := Count(rules, seats, votes)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOrderOfVotesNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, seats, votes := drawBallot(t)
		want := count(t, rules, seats, votes)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		rng.Shuffle(len(votes), func(i, j int) { votes[i], votes[j] = votes[j], votes[i] })
		rng.Shuffle(len(seats), func(i, j int) { seats[i], seats[j] = seats[j], seats[i] })
		if got := count(t, rules, seats, votes); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, want %+v", got, want)
		}
	})
}

func TestOnlyTheLastVoteOfAVoterCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, seats, votes := drawBallot(t)
		kept := slices.Clone(votes)
		kept = slices.DeleteFunc(kept, func(v Vote) bool {
			return slices.ContainsFunc(votes, func(w Vote) bool { return w.Seat == v.Seat && w.Voter == v.Voter && w.Order > v.Order })
		})
		if got, want := count(t, rules, seats, votes), count(t, rules, seats, kept); !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, with the last votes alone %+v", got, want)
		}
	})
}

func TestWhoMayNotVoteNeverCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, seats, votes := drawBallot(t)
		dead := map[string]bool{}
		for _, s := range seats {
			dead[s.ID] = s.Standing != Sits
		}
		want := count(t, rules, seats, slices.DeleteFunc(slices.Clone(votes), func(v Vote) bool { return dead[v.Seat] || v.Voter == "old" }))
		got := count(t, rules, seats, votes)
		got.Uncounted, got.Reasons, want.Uncounted, want.Reasons = 0, nil, 0, nil
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, without the votes of those who may not %+v", got, want)
		}
	})
}

// A second count, written another way: seat by seat, in rationals.
func TestCountAgreesWithALongerOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules, seats, votes := drawBallot(t)
		tally := map[Choice]int{}
		electorate, voted := 0, 0
		for _, s := range seats {
			if s.Standing == Recused {
				continue
			}
			electorate++
			best := Vote{Order: -1}
			for _, v := range votes {
				mine := v.Seat == s.ID && s.Standing == Sits && v.Voter != "" && (v.Voter == s.Principal || v.Voter == s.Substitute)
				stronger := v.Voter == s.Principal && best.Voter != s.Principal
				weaker := v.Voter != s.Principal && best.Voter == s.Principal && best.Order >= 0
				if mine && !weaker && (stronger || v.Order > best.Order) {
					best = v
				}
			}
			if best.Order >= 0 {
				tally[best.Choice]++
				voted++
			}
		}
		want := Failed
		switch y, n := tally[Yes], tally[No]; {
		case voted == 0 || electorate == 0 || float64(voted)/float64(electorate) < float64(rules.Quorum.Num)/float64(rules.Quorum.Den)-1e-9:
			want = Void
		case y > n && float64(y)/float64(y+n) >= float64(rules.Majority.Num)/float64(rules.Majority.Den)-1e-9:
			want = Carried
		}
		r := count(t, rules, seats, votes)
		if r.Outcome != want || r.Yes != tally[Yes] || r.No != tally[No] || r.Abstain != tally[Abstain] || r.Electorate != electorate {
			t.Fatalf("%+v, want %s with %v of %d", r, want, tally, electorate)
		}
	})
}

func FuzzParseFraction(f *testing.F) {
	for _, s := range []string{"2/3", "1/1", " 1 / 2 ", "3/2", "0/1", "-1/-2", "1", "/", "1000/1000", "99999999999999999999/1", "½"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseFraction(s)
		if err != nil {
			return
		}
		if again, err := ParseFraction(p.String()); err != nil || again != p || !p.proper() {
			t.Fatalf("%q gives %v, which gives %v, %v", s, p, again, err)
		}
	})
}
