package people

import (
	"strings"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/kernel/seal"
)

func TestMain(m *testing.M) {
	cost = argonCost{memory: 64, time: 1, lanes: 1} // the rules are tested, not the waiting
	dbtest.Main(m)
}

// world is a founded alliance with an operator.
type world struct {
	*testing.T
	d        *db.DB
	c        *clock.Fake
	desk     *Desk
	operator Person
}

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s, err := seal.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, d: d, c: c}
		if w.desk, err = NewDesk(d, s, outbox.New(s), "https://lantern.example", false); err != nil {
			t.Fatal(err)
		}
		w.do(func(tx *db.Tx) error {
			_, err := charter.Found(tx, s, charter.Charter{Name: "Lantern", Namespace: "https://lantern.example", Email: "contact@lantern.example", URL: "https://lantern.example"})
			if err != nil {
				return err
			}
			w.operator, err = First(tx, "Olga@Lantern.Example", "Olga Operator")
			return err
		})
		f(w)
		w.verify()
	})
}

func (w *world) do(fn func(tx *db.Tx) error) {
	w.Helper()
	if err := w.d.Write(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

func (w *world) refused(what string, kind errs.Kind, fn func(tx *db.Tx) error) {
	w.Helper()
	w.is(what, w.d.Write(w.Context(), fn), kind)
}

func (w *world) is(what string, err error, kind errs.Kind) {
	w.Helper()
	if !errs.Is(err, kind) {
		w.Errorf("%s: %v, want %s", what, err, kind)
	}
}

// as is a person as an actor with a session.
func (w *world) as(p Person) audience.Actor {
	w.Helper()
	var a audience.Actor
	w.do(func(tx *db.Tx) (err error) { a, err = ActorOf(tx, p.ID); return err })
	return a
}

func (w *world) add(email, name string) Person {
	w.Helper()
	var p Person
	w.do(func(tx *db.Tx) (err error) { p, err = Add(tx, audience.Actor{}, email, name); return err })
	return p
}

func (w *world) org(name string) orgs.Org {
	w.Helper()
	var o orgs.Org
	w.do(func(tx *db.Tx) (err error) {
		o, err = orgs.Create(tx, w.as2(tx, w.operator), orgs.Org{Name: name, Class: orgs.Vendor, Listed: true})
		return err
	})
	return o
}

func (w *world) as2(tx *db.Tx, p Person) audience.Actor {
	a, err := ActorOf(tx, p.ID)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// mailed is the secret in the newest mail to an address that holds path.
func (w *world) mailed(address, path string) string {
	w.Helper()
	var secret string
	w.do(func(tx *db.Tx) error {
		list, err := w.desk.Box.List(tx, outbox.Filter{})
		for _, it := range list {
			_, after, ok := strings.Cut(string(it.Content), "https://lantern.example"+path)
			if ok && it.Address == address && secret == "" {
				secret = after[:43]
			}
		}
		return err
	})
	if secret == "" {
		w.Fatalf("no mail to %s with a link to %s", address, path)
	}
	return secret
}

// verify holds every row of the alliance against the ledger.
func (w *world) verify() {
	w.Helper()
	var keeper interface {
		Checkpoint(*db.Tx) (string, error)
	}
	w.do(func(tx *db.Tx) error {
		k, err := charter.Keeper(tx, w.desk.Sealer)
		if err != nil {
			return err
		}
		keeper = k
		rep, err := k.Verify(w.Context(), w.d, append(append(charter.Tables(), orgs.Tables()...), Tables()...))
		if err == nil && len(rep.Problems) > 0 {
			w.Errorf("the ledger does not hold: %v", rep.Problems)
		}
		return err
	})
	w.do(func(tx *db.Tx) error { _, err := keeper.Checkpoint(tx); return err })
}

func TestFirstAccountHoldsTheOffices(t *testing.T) {
	each(t, func(w *world) {
		a := w.as(w.operator)
		if a.Name != "Olga Operator" || w.operator.Email != "olga@lantern.example" {
			t.Errorf("first account: %+v %q", a, w.operator.Email)
		}
		if !charter.IsOperator(a) || !charter.IsCoordinator(a) || a.Cap(audience.Person, w.operator.ID) != audience.Coordinator || a.Cap(audience.Office, charter.Operator) != audience.Reader {
			t.Errorf("seats of the first account: %+v", a.Seats)
		}
		w.refused("a second first account", errs.Conflict, func(tx *db.Tx) error { _, err := First(tx, "x@lantern.example", "X"); return err })
		w.refused("a second account of one address", errs.Invalid, func(tx *db.Tx) error {
			_, err := Add(tx, audience.Actor{}, "OLGA@lantern.example", "X")
			return err
		})
	})
}

func TestRoles(t *testing.T) {
	each(t, func(w *world) {
		p := w.add("ben@lantern.example", "Ben")
		op := w.as(w.operator)
		w.refused("granting as a member", errs.Denied, func(tx *db.Tx) error { return GrantRole(tx, w.as2(tx, p), p.ID, charter.Operator) })
		w.refused("granting to one who cannot be seen", errs.NotFound, func(tx *db.Tx) error { return GrantRole(tx, w.as2(tx, p), w.operator.ID, charter.Board) })
		w.refused("an unknown role", errs.Invalid, func(tx *db.Tx) error { return GrantRole(tx, op, p.ID, "king") })
		w.refused("the last operator's role", errs.Conflict, func(tx *db.Tx) error { return RevokeRole(tx, op, w.operator.ID, charter.Operator) })
		w.refused("suspending the last operator", errs.Conflict, func(tx *db.Tx) error { _, err := Suspend(tx, op, w.operator.ID); return err })
		w.refused("the last operator leaving", errs.Conflict, func(tx *db.Tx) error { _, err := Leave(tx, op, w.operator.ID); return err })
		for range 2 {
			w.do(func(tx *db.Tx) error { return GrantRole(tx, op, p.ID, charter.Operator) })
		}
		w.do(func(tx *db.Tx) error { return RevokeRole(tx, w.as2(tx, p), w.operator.ID, charter.Operator) })
		if a := w.as(w.operator); charter.IsOperator(a) || !charter.IsCoordinator(a) {
			t.Errorf("seats after the role went: %+v", a.Seats)
		}
		w.refused("a role not held", errs.Conflict, func(tx *db.Tx) error { return RevokeRole(tx, w.as2(tx, p), w.operator.ID, charter.Board) })
	})
}

func TestSuspendedAndLeftActNoMore(t *testing.T) {
	each(t, func(w *world) {
		p, op := w.add("ben@lantern.example", "Ben"), w.as(w.operator)
		o := w.org("Vendor One")
		var e Entry
		var token string
		w.do(func(tx *db.Tx) (err error) {
			if _, err = orgs.Join(tx, op, o.ID, p.ID, orgs.Admin); err != nil {
				return err
			}
			if e, err = Open(tx, p.ID, "demo", Where{}); err != nil {
				return err
			}
			token, _, err = IssueToken(tx, audience.Actor{}, p.ID, "ci", []string{charter.ScopeWrite}, 0)
			return err
		})
		if a := w.as(p); !a.Holds(audience.Org, o.ID) {
			t.Errorf("a member has no seat: %+v", a.Seats)
		}
		w.do(func(tx *db.Tx) error {
			return w.desk.Box.Put(tx, outbox.Item{Key: "k", Kind: "mail", Person: p.ID, Address: p.Email}, outbox.Mail{Subject: "x"}, tx.Now)
		})
		w.refused("suspending as a member", errs.Denied, func(tx *db.Tx) error { _, err := Suspend(tx, w.as2(tx, p), p.ID); return err })
		w.do(func(tx *db.Tx) error { _, err := Suspend(tx, op, p.ID); return err })
		shut := func() {
			t.Helper()
			w.refused("a session", errs.Unauthenticated, func(tx *db.Tx) error { _, _, err := ActorBySession(tx, e.Secret); return err })
			w.refused("a token", errs.Unauthenticated, func(tx *db.Tx) error { _, _, err := ActorByToken(tx, token); return err })
			w.refused("an actor", errs.Unauthenticated, func(tx *db.Tx) error { _, err := ActorOf(tx, p.ID); return err })
			w.do(func(tx *db.Tx) error {
				seats, err := audience.Seats(tx, p.ID)
				if len(seats) > 0 {
					t.Errorf("seats of one shut out: %+v", seats)
				}
				return err
			})
		}
		shut()
		w.do(func(tx *db.Tx) error {
			n, err := outbox.Counts(tx)
			if n[outbox.Pending] != 0 || n[outbox.Canceled] != 1 {
				t.Errorf("outbox of one shut out: %v", n)
			}
			return err
		})
		w.refused("suspending twice", errs.Conflict, func(tx *db.Tx) error { _, err := Suspend(tx, op, p.ID); return err })
		w.do(func(tx *db.Tx) error { _, err := Restore(tx, op, p.ID); return err })
		if a := w.as(p); !a.Holds(audience.Org, o.ID) {
			t.Errorf("seats do not come back: %+v", a.Seats)
		}
		w.refused("an old session", errs.Unauthenticated, func(tx *db.Tx) error { _, _, err := ActorBySession(tx, e.Secret); return err })
		w.do(func(tx *db.Tx) error { _, err := Leave(tx, w.as2(tx, p), p.ID); return err })
		shut()
		w.do(func(tx *db.Tx) error {
			list, err := orgs.Of(tx, p.ID)
			if len(list) > 0 {
				t.Errorf("memberships of one who left: %+v", list)
			}
			return err
		})
	})
}

func TestEditKeepsBothVersions(t *testing.T) {
	each(t, func(w *world) {
		p := w.add("ben@lantern.example", "Ben")
		me := w.as(p)
		p.Name, p.TimeZone, p.Locale = "Ben \u202eneB\u200b  the First", "Europe/Zurich", "de-CH"
		var next Person
		w.do(func(tx *db.Tx) (err error) { next, err = Edit(tx, me, p); return err })
		if next.Name != "Ben neB the First" || next.Version != p.Version+1 || next.Email != p.Email {
			t.Errorf("after an edit: %+v", next)
		}
		w.refused("an old version", errs.Stale, func(tx *db.Tx) error { _, err := Edit(tx, me, p); return err })
		for what, spoil := range map[string]func(*Person){
			"no name":   func(p *Person) { p.Name = "\u200b\u202e" },
			"long name": func(p *Person) { p.Name = strings.Repeat("x", 121) },
			"zone":      func(p *Person) { p.TimeZone = "../../etc/passwd" },
			"locale":    func(p *Person) { p.Locale = "<script>" },
		} {
			bad := next
			spoil(&bad)
			w.refused(what, errs.Invalid, func(tx *db.Tx) error { _, err := Edit(tx, me, bad); return err })
		}
		other := w.add("eve@lantern.example", "Eve")
		w.refused("editing a stranger", errs.NotFound, func(tx *db.Tx) error { _, err := Edit(tx, w.as2(tx, other), next); return err })
	})
}

func TestDirectoryShowsColleaguesOnly(t *testing.T) {
	each(t, func(w *world) {
		op, o := w.as(w.operator), w.org("Vendor One")
		ben, cal, eve := w.add("ben@one.example", "Ben"), w.add("cal@one.example", "Cal"), w.add("eve@two.example", "Eve")
		w.do(func(tx *db.Tx) error {
			for _, p := range []Person{ben, cal} {
				if _, err := orgs.Join(tx, op, o.ID, p.ID, orgs.Reader); err != nil {
					return err
				}
			}
			return nil
		})
		names := func(p Person, f Filter) string {
			var out []string
			w.do(func(tx *db.Tx) error {
				for {
					page, err := List(tx, w.as2(tx, p), f)
					for _, x := range page.People {
						out = append(out, x.Name)
					}
					if f.After = page.Next; err != nil || f.After == "" {
						return err
					}
				}
			})
			return strings.Join(out, ", ")
		}
		for _, row := range []struct {
			who  Person
			f    Filter
			want string
		}{
			{ben, Filter{Limit: 1}, "Ben, Cal"}, {eve, Filter{}, "Eve"}, {w.operator, Filter{Limit: 2}, "Ben, Cal, Eve, Olga Operator"},
			{w.operator, Filter{Find: "ONE.ex"}, "Ben, Cal"}, {w.operator, Filter{Find: "%"}, ""}, {w.operator, Filter{State: Left}, ""},
		} {
			if got := names(row.who, row.f); got != row.want {
				t.Errorf("%s sees %q with %+v, want %q", row.who.Name, got, row.f, row.want)
			}
		}
		w.refused("a stranger", errs.NotFound, func(tx *db.Tx) error { _, err := Get(tx, w.as2(tx, eve), ben.ID); return err })
		w.refused("one who is not there", errs.NotFound, func(tx *db.Tx) error { _, err := Get(tx, w.as2(tx, eve), "per_x"); return err })
		w.refused("a visitor", errs.Unauthenticated, func(tx *db.Tx) error { _, err := List(tx, audience.Actor{}, Filter{}); return err })
	})
}

func TestParseEmail(t *testing.T) {
	for in, want := range map[string]string{
		"Ben.Smith+x@Vendor.Example":             "ben.smith+x@vendor.example",
		" ben@bücher.example ":                   "ben@xn--bcher-kva.example",
		"ben":                                    "",
		"ben@localhost":                          "",
		"@vendor.example":                        "",
		"Ben <ben@vendor.example>":               "",
		"ben@vendor.example, eve@evil.example":   "",
		"ben@vendor.example\r\nBcc: e@e.example": "",
		"ben\u200b@vendor.example":               "",
		"\u202eben@vendor.example":               "",
		"\"ben smith\"@vendor.example":           "",
		"ben@[192.0.2.1]":                        "",
		"b..n@vendor.example":                    "",
		strings.Repeat("b", 65) + "@v.example":   "",
		"ben@" + strings.Repeat("v.", 200) + "e": "",
	} {
		got, err := ParseEmail(in)
		if got != want || (want == "") != (err != nil) {
			t.Errorf("ParseEmail(%q) = %q, %v, want %q", in, got, err, want)
		}
	}
}

func FuzzParseEmail(f *testing.F) {
	f.Add("ben@vendor.example")
	f.Add("BEN@Bücher.example")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseEmail(s)
		if err != nil {
			return
		}
		if again, err := ParseEmail(got); err != nil || again != got {
			t.Errorf("%q became %q, which becomes %q, %v", s, got, again, err)
		}
		if strings.ContainsAny(got, " \r\n<>,;\x00\"") || strings.Count(got, "@") != 1 {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func FuzzSecrets(f *testing.F) {
	f.Add("tocsin_" + strings.Repeat("a", 43))
	f.Add("")
	d, _ := dbtest.Open(f, db.SQLite)
	f.Fuzz(func(t *testing.T, s string) {
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			a, _, err := ActorByToken(tx, s)
			if !errs.Is(err, errs.Unauthenticated) || !a.Anonymous() {
				t.Errorf("token %q: %+v, %v", s, a, err)
			}
			if a, _, err = ActorBySession(tx, s); !errs.Is(err, errs.Unauthenticated) || !a.Anonymous() {
				t.Errorf("session %q: %+v, %v", s, a, err)
			}
			if _, err = Look(tx, s); !errs.Is(err, errs.NotFound) {
				t.Errorf("invitation %q: %v", s, err)
			}
			if _, _, err = useLink(tx, s, true); !errs.Is(err, errs.NotFound) {
				t.Errorf("link %q: %v", s, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzDecodeHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		c, salt, key, err := decode(s)
		if err != nil {
			return
		}
		if c.memory > 1<<20 || c.time > 20 || c.lanes == 0 || len(salt) != saltSize || len(key) != keySize {
			t.Errorf("%q gives %+v", s, c)
		}
	})
}
