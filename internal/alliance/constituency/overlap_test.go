package constituency_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"tocsin/internal/alliance/constituency"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/constituency"

	"github.com/gaissmai/bart"
)

func TestOverlaps(t *testing.T) {
	each(t, func(w *world) {
		big := w.declare("one", spec.Prefix, "193.0.0.0/16")
		small := w.declare("two", spec.Prefix, "193.0.8.0/21")
		w.declare("three", spec.Prefix, "194.0.0.0/16")
		list := w.overlaps("coordinator")
		if len(list) != 1 || list[0].Relation != spec.Contains || list[0].First.ID != big.ID || list[0].Second.ID != small.ID {
			t.Fatalf("%+v", list)
		}
		x := list[0]
		for _, who := range []string{"one", "two", "three"} {
			if n := len(w.overlaps(who)); n != 0 {
				t.Errorf("%s learns of an unproven claim of another", who)
			}
		}
		contest := func(who string) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := constituency.Contest(tx, w.actors[who], x.ID, "That block was sold.")
				return err
			}
		}
		w.Refused("an overlap that one does not see", errs.NotFound, contest("two"))
		w.confirm(big)
		if n := len(w.overlaps("two")); n != 1 {
			t.Errorf("two sees %d overlaps with a proven claim", n)
		}
		if n := len(w.overlaps("one")) + len(w.overlaps("three")); n != 0 {
			t.Errorf("others see %d", n)
		}
		w.Refused("without a proof of one's own", errs.Conflict, contest("two"))
		w.Refused("by a coordinator of one side", errs.Denied, contest("mixed"))
		w.confirm(small)
		w.Do(contest("two"))
		for _, id := range []string{big.ID, small.ID} {
			if s := w.state("coordinator", id); s != spec.Disputed {
				t.Errorf("in dispute: %s", s)
			}
		}
		w.Refused("disputed twice", errs.Conflict, contest("one"))
		settle := func(who string, s constituency.Settlement) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				if s.Version == 0 {
					s.Version = 2
				}
				_, err := constituency.Settle(tx, w.actors[who], x.ID, s)
				return err
			}
		}
		good := constituency.Settlement{Decision: constituency.Split, Reason: "Sold in March; read at the registry."}
		w.Refused("by an organization", errs.Denied, settle("two", good))
		w.Refused("by a coordinator of one side", errs.Denied, settle("mixed", good))
		w.Refused("by a stranger", errs.NotFound, settle("three", good))
		w.Refused("without a reason", errs.Invalid, settle("coordinator", constituency.Settlement{Decision: constituency.Split}))
		w.Refused("to nobody", errs.Invalid, settle("coordinator", constituency.Settlement{Decision: constituency.One, Reason: "x"}))
		w.Refused("by no decision", errs.Invalid, settle("coordinator", constituency.Settlement{Decision: "toss", Reason: "x"}))
		w.Refused("by an old version", errs.Stale, settle("coordinator", constituency.Settlement{Decision: constituency.Split, Reason: "x", Version: 1}))
		w.Do(settle("coordinator", good))
		for _, id := range []string{big.ID, small.ID} {
			if s := w.state("coordinator", id); s != spec.Proven {
				t.Errorf("settled: %s", s)
			}
		}
		w.Do(settle("second", constituency.Settlement{Decision: constituency.One, Owner: small.ID, Reason: "All of it was sold.", Version: 3}))
		if s := w.state("one", big.ID); s != spec.Refused {
			t.Errorf("belongs to the other: %s", s)
		}
		if n := len(w.overlaps("coordinator")); n != 0 {
			t.Errorf("%d overlaps with a claim that no longer stands", n)
		}
	})
}

func TestEqualClaims(t *testing.T) {
	each(t, func(w *world) {
		one, two := w.proven("one", spec.ASN, "3333"), w.proven("two", spec.ASN, "AS3333")
		x := w.overlaps("coordinator")[0]
		if x.Relation != spec.Equal || x.First.ID != one.ID {
			t.Fatalf("%+v", x)
		}
		w.Refused("equals cannot be split", errs.Invalid, func(tx *db.Tx) error {
			_, err := constituency.Settle(tx, w.actors["coordinator"], x.ID, constituency.Settlement{Decision: constituency.Split, Reason: "half each", Version: 1})
			return err
		})
		w.Do(func(tx *db.Tx) error {
			_, err := constituency.Contest(tx, w.actors["one"], x.ID, "Ours since 1994.")
			return err
		})
		// A renewal while in dispute does not end it.
		if c := w.confirm(two); c.State != spec.Disputed {
			t.Error(c.State)
		}
		answer := w.ask("two", "AS3333")
		if len(answer.Claims) != 2 || answer.First != 2 || answer.Claims[0].State != spec.Disputed {
			t.Errorf("a dispute leaves nobody to call: %+v", answer)
		}
		// The withdrawal of one side frees the other.
		w.Do(func(tx *db.Tx) error { _, err := constituency.Withdraw(tx, w.actors["two"], two.ID); return err })
		if s := w.state("one", one.ID); s != spec.Proven {
			t.Error(s)
		}
		// So does its end by the clock.
		two = w.proven("two", spec.ASN, "3333")
		x = w.overlaps("coordinator")[0]
		w.Do(func(tx *db.Tx) error {
			_, err := constituency.Contest(tx, w.actors["coordinator"], x.ID, "Who is it?")
			return err
		})
		w.Do(func(tx *db.Tx) error {
			_, err := constituency.Settle(tx, w.actors["coordinator"], x.ID, constituency.Settlement{Decision: constituency.Shared, Reason: "Both run it.", Version: 2})
			return err
		})
		if a, b := w.state("one", one.ID), w.state("two", two.ID); a != spec.Proven || b != spec.Proven {
			t.Error(a, b)
		}
	})
}

func (w *world) ask(who, question string) (a constituency.Answer) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) {
		a, err = constituency.WhoAnswersFor(tx, w.actors[who], question)
		return err
	})
	return a
}

func TestWhoAnswersFor(t *testing.T) {
	each(t, func(w *world) {
		w.proven("one", spec.Prefix, "193.0.0.0/16")
		w.proven("two", spec.Prefix, "193.0.8.0/21")
		w.declare("three", spec.Prefix, "193.0.8.0/24")
		w.proven("one", spec.Domain, "one.example")
		w.proven("two", spec.Domain, "mail.one.example")
		w.proven("three", spec.Country, "CH")
		for _, c := range []struct{ who, question, want string }{
			{"one", "193.0.8.7", "TWO ONE"}, {"one", "193.0.1.1", "ONE"}, {"one", "193.0.0.0/8", ""}, {"one", "193.0.8.0/22", "TWO ONE"}, {"coordinator", "::ffff:193.0.8.7", "TWO ONE"},
			{"one", "joe@mail.one.example", "TWO ONE"}, {"one", "https://www.one.example/x", "ONE"}, {"one", "notone.example", ""},
			{"one", "CH", ""}, {"three", "ch", "THREE"}, {"coordinator", "CH", "THREE"}, {"three", "193.0.8.7", ""}, {"one", "10.1.1.1", ""},
		} {
			got := ""
			for i, x := range w.ask(c.who, c.question).Claims {
				if i > 0 {
					got += " "
				}
				got += x.OrgName
			}
			if got != c.want {
				t.Errorf("%s asks for %s: %q, want %q", c.who, c.question, got, c.want)
			}
		}
		if a := w.ask("one", "10.1.1.1"); a.Note == "" {
			t.Error("nobody says why nobody answers for a private address")
		}
		w.Refused("nonsense", errs.Invalid, func(tx *db.Tx) error {
			_, err := constituency.WhoAnswersFor(tx, w.actors["one"], "who?")
			return err
		})
		w.Refused("nobody asks", errs.Unauthenticated, func(tx *db.Tx) error {
			_, err := constituency.WhoAnswersFor(tx, audience.Actor{}, "193.0.8.7")
			return err
		})
	})
}

// TestRoutingTable holds the most particular claim against the longest match
// of a routing table, and the overlaps against what the table says, for
// random blocks of both families.
func TestRoutingTable(t *testing.T) {
	each(t, func(w *world) {
		rnd := rand.New(rand.NewPCG(7, 11))
		tables := map[string]*bart.Table[string]{"one": {}, "two": {}}
		all := bart.Table[string]{}
		pairs := 0
		for range 60 {
			who, other := "one", "two"
			if rnd.IntN(2) == 0 {
				who, other = other, who
			}
			a := netip.AddrFrom4([4]byte{193, byte(rnd.IntN(2)), byte(rnd.IntN(4)), byte(rnd.IntN(256))})
			bits := 12 + rnd.IntN(21)
			if rnd.IntN(2) == 0 {
				a, bits = netip.AddrFrom16([16]byte{0x2a, 0x01, byte(rnd.IntN(2)), 0, byte(rnd.IntN(4)), 15: byte(rnd.IntN(4))}), 18+rnd.IntN(111)
			}
			p := netip.PrefixFrom(a, bits).Masked()
			if _, taken := all.Get(p); taken {
				continue
			}
			for range tables[other].Supernets(p) {
				pairs++
			}
			for range tables[other].Subnets(p) {
				pairs++
			}
			w.proven(who, spec.Prefix, p.String())
			tables[who].Insert(p, who)
			all.Insert(p, w.orgs[who].Name)
		}
		found := 0
		w.Do(func(tx *db.Tx) error {
			p, err := constituency.Overlaps(tx, w.actors["coordinator"], constituency.OverlapFilter{All: true, Limit: 500})
			found = len(p.Overlaps)
			return err
		})
		if found != pairs || pairs == 0 {
			t.Errorf("%d overlaps, the table says %d", found, pairs)
		}
		for range 150 {
			a := netip.AddrFrom4([4]byte{193, byte(rnd.IntN(2)), byte(rnd.IntN(4)), byte(rnd.IntN(256))})
			if rnd.IntN(2) == 0 {
				a = netip.AddrFrom16([16]byte{0x2a, 0x01, byte(rnd.IntN(2)), 0, byte(rnd.IntN(4)), 15: byte(rnd.IntN(4))})
			}
			want, _ := all.Lookup(a)
			got := ""
			if x := w.ask("one", a.String()); len(x.Claims) > 0 {
				got = x.Claims[0].OrgName
			}
			if got != want {
				t.Errorf("%s: %q, the table says %q", a, got, want)
			}
		}
	})
}

// TestMachineWalked takes claims along every row of the machine through the
// verbs and the clock, and holds each step against the table.
func TestMachineWalked(t *testing.T) {
	each(t, func(w *world) {
		rnd := rand.New(rand.NewPCG(3, 5))
		seen := map[string]bool{}
		for n := range 100 {
			name := fmt.Sprintf("d%d.example", n)
			c := w.declare("one", spec.Domain, name)
			rival := w.proven("two", spec.Domain, name)
			for range 12 {
				before := w.state("one", c.ID)
				verb := w.step(rnd, c, rival)
				if verb == "" {
					continue
				}
				after := w.state("one", c.ID)
				want, err := spec.Claim.Move(before, verb)
				if err != nil || after != want {
					t.Fatalf("%s by %s became %s, the table says %s %v", before, verb, after, want, err)
				}
				seen[string(before)+" "+string(verb)] = true
			}
			// The next pair begins without this one's dispute.
			w.DB.Write(t.Context(), func(tx *db.Tx) error { _, err := constituency.Withdraw(tx, w.actors["two"], rival.ID); return err })
		}
		missing := 0
		for _, r := range spec.Claim.Rows {
			if !seen[string(r.From)+" "+string(r.Verb)] {
				missing++
				t.Logf("not walked: %s by %s", r.From, r.Verb)
			}
		}
		if missing > 4 {
			t.Errorf("%d of %d rows were never walked", missing, len(spec.Claim.Rows))
		}
	})
}

// step tries one verb and says which one happened, or "".
func (w *world) step(rnd *rand.Rand, c, rival constituency.Claim) spec.Verb {
	try := func(v spec.Verb, f func(tx *db.Tx) error) spec.Verb {
		before := w.state("one", c.ID)
		err := w.DB.Write(w.Context(), f)
		if _, allowed := spec.Claim.Next(before, v); !allowed && err == nil {
			w.Errorf("%s was allowed %s", before, v)
		}
		if err != nil {
			return ""
		}
		return v
	}
	lap := func() (x constituency.Overlap) {
		for _, o := range w.overlaps("coordinator") {
			if o.First.ID == c.ID || o.Second.ID == c.ID {
				x = o
			}
		}
		return x
	}
	switch rnd.IntN(10) {
	case 0, 1:
		return try(spec.Challenge, func(tx *db.Tx) error { _, err := w.g.ChallengeByRecord(tx, w.actors["one"], c.ID); return err })
	case 2, 3:
		got := constituency.Claim{}
		w.Do(func(tx *db.Tx) (err error) { got, err = constituency.Get(tx, w.actors["one"], c.ID); return err })
		if got.Inside.Challenge == nil {
			return ""
		}
		w.Clock.Advance(time.Minute)
		w.names.records[got.Inside.Challenge.Record+"."] = []string{got.Inside.Challenge.Text}
		if _, err := w.g.Check(w.Context(), w.DB, w.actors["one"], c.ID); err != nil {
			w.Fatal(err)
		}
		if x := lap(); got.State != spec.Disputed && x.State == constituency.Contested {
			return "" // proven, and in dispute at once: two rows
		}
		return spec.Prove
	case 4:
		if x := lap(); x.State == constituency.Contested && w.state("one", c.ID) != spec.Disputed {
			return ""
		}
		return try(spec.Confirm, func(tx *db.Tx) error {
			_, err := constituency.Confirm(tx, w.actors["coordinator"], c.ID, "seen")
			return err
		})
	case 5, 6:
		x := lap()
		if x.ID == "" || w.state("one", c.ID) != spec.Proven {
			return ""
		}
		return try(spec.Dispute, func(tx *db.Tx) error {
			_, err := constituency.Contest(tx, w.actors["coordinator"], x.ID, "whose?")
			return err
		})
	case 7:
		x := lap()
		if x.State != constituency.Contested || w.state("one", c.ID) != spec.Disputed {
			return ""
		}
		return try(spec.Uphold, func(tx *db.Tx) error {
			_, err := constituency.Settle(tx, w.actors["coordinator"], x.ID, constituency.Settlement{Decision: constituency.Shared, Reason: "both", Version: x.Version})
			return err
		})
	case 8:
		if rnd.IntN(3) > 0 {
			return ""
		}
		if x := lap(); x.ID != "" && rnd.IntN(2) == 0 {
			return try(spec.Yield, func(tx *db.Tx) error {
				_, err := constituency.Settle(tx, w.actors["coordinator"], x.ID, constituency.Settlement{Decision: constituency.One, Owner: rival.ID, Reason: "theirs", Version: x.Version})
				return err
			})
		}
		if rnd.IntN(2) == 0 {
			return try(spec.Withdraw, func(tx *db.Tx) error { _, err := constituency.Withdraw(tx, w.actors["one"], c.ID); return err })
		}
		return try(spec.Refuse, func(tx *db.Tx) error {
			_, err := constituency.Refuse(tx, w.actors["coordinator"], c.ID, "no")
			return err
		})
	}
	return w.wait(rnd, c)
}

// wait lets the time of a challenge or a proof run out.
func (w *world) wait(rnd *rand.Rand, c constituency.Claim) spec.Verb {
	if rnd.IntN(2) == 0 {
		return ""
	}
	got := constituency.Claim{}
	w.Do(func(tx *db.Tx) (err error) { got, err = constituency.Get(tx, w.actors["one"], c.ID); return err })
	ch := got.Inside.Challenge
	switch {
	case ch != nil && (!got.State.Answers() || ch.Until.Before(got.Until)):
		w.Clock.Set(ch.Until)
		w.tick()
		return spec.Lapse
	case got.State.Answers():
		w.Clock.Set(got.Until)
		w.tick()
		return spec.Expire
	}
	return ""
}
