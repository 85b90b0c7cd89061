package charter_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/pgp"
	"tocsin/internal/kernel/seal"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

var operator = audience.Actor{Person: "per_op", Seats: []audience.Seat{{Kind: audience.Office, ID: charter.Operator, Cap: audience.Reader}}}

func sealer(t *testing.T) *seal.Sealer {
	t.Helper()
	s, err := seal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func write(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, d *db.DB, what string, kind errs.Kind, fn func(tx *db.Tx) error) error {
	t.Helper()
	err := d.Write(t.Context(), fn)
	if !errs.Is(err, kind) {
		t.Errorf("%s: %v, want %s", what, err, kind)
	}
	return err
}

func given() charter.Charter {
	return charter.Charter{Name: "Lantern Alliance", Namespace: "https://lantern.example", Email: "contact@lantern.example", URL: "https://lantern.example/"}
}

func found(t *testing.T, d *db.DB, s *seal.Sealer) charter.Charter {
	t.Helper()
	var c charter.Charter
	write(t, d, func(tx *db.Tx) (err error) {
		c, err = charter.Found(tx, s, given())
		return err
	})
	return c
}

func TestFoundedOnceAndKeptByTheLedger(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := sealer(t)
		refused(t, d, "loading before founding", errs.Conflict, func(tx *db.Tx) error { _, err := charter.Load(tx); return err })
		refused(t, d, "the keeper before founding", errs.Conflict, func(tx *db.Tx) error { _, err := charter.Keeper(tx, s); return err })
		made := found(t, d, s)
		refused(t, d, "founding twice", errs.Conflict, func(tx *db.Tx) error { _, err := charter.Found(tx, s, given()); return err })
		write(t, d, func(tx *db.Tx) error {
			got, err := charter.Load(tx)
			if err != nil {
				return err
			}
			if got != made {
				t.Errorf("loaded %+v, founded %+v", got, made)
			}
			if got.URL != "https://lantern.example" || got.EmbargoDefaultDays != 45 || got.EmbargoMaxDays != 90 || got.ProposalDays != 7 || got.TimeZone != "UTC" || !got.PolicyProposes() {
				t.Errorf("defaults: %+v", got)
			}
			text, err := charter.Terms(tx, got.TermsID)
			if text != got.CaseTerms || text == "" {
				t.Errorf("terms %q", text)
			}
			return err
		})
		var problems []string
		keeper := func() *charterKeeper { return &charterKeeper{t, d, s} }
		problems = keeper().verify()
		if len(problems) > 0 {
			t.Errorf("the ledger does not hold: %v", problems)
		}
		if _, err := d.Handle().Exec(`UPDATE charter SET settings = replace(settings, 'Lantern', 'Shadow')`); err != nil {
			t.Fatal(err)
		}
		if problems = keeper().verify(); len(problems) != 1 || !strings.Contains(problems[0], "charter") {
			t.Errorf("a change behind the ledger's back: %v", problems)
		}
	})
}

type charterKeeper struct {
	t *testing.T
	d *db.DB
	s *seal.Sealer
}

func (k *charterKeeper) verify() []string {
	k.t.Helper()
	var problems []string
	write(k.t, k.d, func(tx *db.Tx) error {
		keeper, err := charter.Keeper(tx, k.s)
		if err != nil {
			return err
		}
		_, err = keeper.Checkpoint(tx)
		return err
	})
	var err error
	if rErr := k.d.Read(k.t.Context(), func(tx *db.Tx) error {
		keeper, e := charter.Keeper(tx, k.s)
		if e != nil {
			return e
		}
		rep, e := keeper.Verify(k.t.Context(), k.d, charter.Tables())
		problems, err = rep.Problems, e
		return nil
	}); rErr != nil || err != nil {
		k.t.Fatal(rErr, err)
	}
	return problems
}

func TestFoundingRefusesBadFacts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := sealer(t)
		for field, spoil := range map[string]func(*charter.Charter){
			"name":                 func(c *charter.Charter) { c.Name = "\u202e\u200b " },
			"namespace":            func(c *charter.Charter) { c.Namespace = "lantern.example" },
			"url":                  func(c *charter.Charter) { c.URL = "javascript:alert(1)" },
			"email":                func(c *charter.Charter) { c.Email = "Lantern <contact@lantern.example>" },
			"country":              func(c *charter.Charter) { c.Country = "1!" },
			"time_zone":            func(c *charter.Charter) { c.TimeZone = "Mars/Olympus" },
			"embargo_default_days": func(c *charter.Charter) { c.EmbargoDefaultDays = 91 },
			"embargo_max_days":     func(c *charter.Charter) { c.EmbargoMaxDays = -1; c.EmbargoDefaultDays = 1 },
			"proposal_days":        func(c *charter.Charter) { c.ProposalDays = 61 },
			"case_terms":           func(c *charter.Charter) { c.CaseTerms = strings.Repeat("x", 20001) },
		} {
			in := given()
			spoil(&in)
			err := refused(t, d, field, errs.Invalid, func(tx *db.Tx) error { _, err := charter.Found(tx, s, in); return err })
			if e, ok := errors.AsType[*errs.Error](err); !ok || len(e.Fields) == 0 || !hasField(e.Fields, field) {
				t.Errorf("%s: the answer does not name the field: %v", field, err)
			}
		}
		write(t, d, func(tx *db.Tx) error {
			if done, err := charter.Founded(tx); done || err != nil {
				t.Errorf("founded by a refused attempt: %v %v", done, err)
			}
			return nil
		})
	})
}

func hasField(list []errs.Field, name string) bool {
	for _, f := range list {
		if f.Name == name {
			return true
		}
	}
	return false
}

func TestUpdateGuardsVersionAndRole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		made := found(t, d, sealer(t))
		mine := made
		mine.EmbargoDefaultDays = 30
		for name, a := range map[string]struct {
			actor audience.Actor
			kind  errs.Kind
		}{
			"a visitor":     {audience.Actor{}, errs.Unauthenticated},
			"a member":      {audience.Actor{Person: "per_x"}, errs.Denied},
			"a coordinator": {audience.Actor{Person: "per_c", Seats: []audience.Seat{{Kind: audience.Office, ID: charter.Coordinator, Cap: audience.Coordinator}}}, errs.Denied},
			"a read token":  {audience.Actor{Person: "per_op", Token: "tok", Scopes: []string{charter.ScopeRelease}, Seats: operator.Seats}, errs.Denied},
		} {
			refused(t, d, name, a.kind, func(tx *db.Tx) error { _, err := charter.Update(tx, a.actor, mine); return err })
		}
		var next charter.Charter
		write(t, d, func(tx *db.Tx) (err error) { next, err = charter.Update(tx, operator, mine); return err })
		if next.Version != 2 || next.TermsID != made.TermsID {
			t.Errorf("after an update: version %d, terms %s", next.Version, next.TermsID)
		}
		theirs := made
		theirs.EmbargoDefaultDays = 60
		err := refused(t, d, "an update of the version before", errs.Stale, func(tx *db.Tx) error { _, err := charter.Update(tx, operator, theirs); return err })
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Theirs.(charter.Charter).EmbargoDefaultDays != 30 || e.Yours.(charter.Charter).EmbargoDefaultDays != 60 {
			t.Errorf("the answer lacks both versions: %+v", e)
		}
		next.CaseTerms = "Keep it in the circle."
		write(t, d, func(tx *db.Tx) (err error) { next, err = charter.Update(tx, operator, next); return err })
		write(t, d, func(tx *db.Tx) error {
			old, err := charter.Terms(tx, made.TermsID)
			if old != made.CaseTerms || next.TermsID == made.TermsID {
				t.Errorf("the terms that cases stand on were lost")
			}
			return err
		})
	})
}

func TestSetupLink(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		var first, second string
		write(t, d, func(tx *db.Tx) (err error) { first, err = charter.SetupLink(tx); return err })
		write(t, d, func(tx *db.Tx) (err error) { second, err = charter.SetupLink(tx); return err })
		check := func(secret string) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { return charter.CheckSetup(tx, secret) }
		}
		refused(t, d, "the link before", errs.NotFound, check(first))
		refused(t, d, "no link", errs.NotFound, check(""))
		write(t, d, check(second))
		c.Advance(charter.SetupLife)
		refused(t, d, "an expired link", errs.Gone, check(second))
		write(t, d, func(tx *db.Tx) (err error) { second, err = charter.SetupLink(tx); return err })
		found(t, d, sealer(t))
		refused(t, d, "a used link", errs.Gone, check(second))
		refused(t, d, "a link after founding", errs.Conflict, func(tx *db.Tx) error { _, err := charter.SetupLink(tx); return err })
	})
}

func TestKeysRotateAndImport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		s := sealer(t)
		found(t, d, s)
		ring := func() *pgp.Ring {
			var r *pgp.Ring
			write(t, d, func(tx *db.Tx) (err error) { r, err = charter.Ring(tx, s); return err })
			return r
		}
		before := ring().Current().Fingerprint()
		c.Advance(time.Hour)
		write(t, d, func(tx *db.Tx) error { _, err := charter.RotateKey(tx, s, operator); return err })
		r := ring()
		if r.Current().Fingerprint() == before || len(r.Keys()) != 2 {
			t.Errorf("after a rotation: %d keys, current %s", len(r.Keys()), r.Current().Fingerprint())
		}
		other, err := pgp.Generate("Elsewhere", "else@lantern.example", c.Now())
		if err != nil {
			t.Fatal(err)
		}
		secret, err := other.Secret()
		if err != nil {
			t.Fatal(err)
		}
		refused(t, d, "import by a member", errs.Denied, func(tx *db.Tx) error {
			_, err := charter.ImportKey(tx, s, audience.Actor{Person: "per_x"}, secret, nil)
			return err
		})
		for range 2 {
			write(t, d, func(tx *db.Tx) error { _, err := charter.ImportKey(tx, s, operator, secret, nil); return err })
		}
		if r = ring(); r.Current().Fingerprint() != other.Fingerprint() || len(r.Keys()) != 3 {
			t.Errorf("after importing the same key twice: %d keys", len(r.Keys()))
		}
		if problems := (&charterKeeper{t, d, s}).verify(); len(problems) > 0 {
			t.Errorf("the ledger does not hold: %v", problems)
		}
		if _, err := d.Handle().Exec(`UPDATE setting SET value = (SELECT value FROM setting WHERE name = 'charter.ledger-key') WHERE name = 'charter.openpgp'`); err != nil {
			t.Fatal(err)
		}
		refused(t, d, "a sealed setting put in another's place", errs.Internal, func(tx *db.Tx) error { _, err := charter.Ring(tx, s); return err })
	})
}

func TestScopes(t *testing.T) {
	want := map[string]string{
		charter.ScopeRead:       "read",
		charter.ScopeWrite:      "read write",
		charter.ScopeCoordinate: "read write coordinate",
		charter.ScopeRelease:    "read write coordinate release",
		charter.ScopeAdmin:      "read admin",
	}
	for held, covered := range want {
		a := audience.Actor{Person: "per", Token: "tok", Scopes: []string{held}}
		for _, s := range append([]string{"", "root"}, charter.Scopes...) {
			in := s != "" && strings.Contains(" "+covered+" ", " "+s+" ")
			if charter.Allows(a, s) != in {
				t.Errorf("a token of %s, asked for %q: %v", held, s, !in)
			}
		}
	}
	if charter.Allows(audience.Actor{}, charter.ScopeRead) || charter.Allows(audience.ForLink("l"), charter.ScopeAdmin) || !charter.Allows(audience.ForLink("l"), charter.ScopeWrite) {
		t.Error("visitors and link holders")
	}
}
