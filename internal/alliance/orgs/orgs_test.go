package orgs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/alliancetest"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/pgp"
	"tocsin/spec/tlp"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// world is a founded alliance.
type world struct{ *alliancetest.Scene }

func each(t *testing.T, f func(w *world)) {
	t.Helper()
	alliancetest.Each(t, nil, func(s *alliancetest.Scene) { f(&world{s}) })
}

func (w *world) person(name string) (p people.Person) {
	w.Helper()
	w.Do(func(tx *db.Tx) error { p = w.Person(tx, name); return nil })
	return p
}

func (w *world) org(name string, class orgs.Class, listed bool) (o orgs.Org) {
	w.Helper()
	w.Do(func(tx *db.Tx) (err error) {
		o, err = orgs.Create(tx, w.Operator(tx), orgs.Org{Name: name, Class: class, Listed: listed})
		return err
	})
	return o
}

func (w *world) join(o orgs.Org, p people.Person, role orgs.Role) (m orgs.Membership) {
	w.Helper()
	w.Do(func(tx *db.Tx) error { m = w.Join(tx, o, p, role); return nil })
	return m
}

func TestCreateCleansAndRefuses(t *testing.T) {
	each(t, func(w *world) {
		op := w.As(w.Olga)
		key, err := pgp.Generate("PSIRT", "psirt@one.example", w.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		public, err := key.Public()
		if err != nil {
			t.Fatal(err)
		}
		var o orgs.Org
		w.Do(func(tx *db.Tx) (err error) {
			o, err = orgs.Create(tx, op, orgs.Org{Name: " Vendor \u202eenO\u200b ", Class: orgs.Vendor, Listed: true, Website: "https://one.example", Email: "psirt@one.example", Domains: []string{"One.Example.", "one.example", "two.example"}, PGPKey: public})
			return err
		})
		if o.Name != "Vendor enO" || fmt.Sprint(o.Domains) != "[one.example two.example]" || o.State != orgs.Active || o.Version != 1 {
			t.Errorf("created %+v", o)
		}
		w.Do(func(tx *db.Tx) error {
			got, err := orgs.Get(tx, op, o.ID)
			if fmt.Sprint(got) != fmt.Sprint(o) {
				t.Errorf("read %+v, created %+v", got, o)
			}
			return err
		})
		secret, err := key.Secret()
		if err != nil {
			t.Fatal(err)
		}
		for field, in := range map[string]orgs.Org{
			"name":    {Name: "\u200b\u202e", Class: orgs.Vendor},
			"class":   {Name: "X", Class: "pirate"},
			"website": {Name: "X", Class: orgs.Vendor, Website: "javascript:alert(1)"},
			"email":   {Name: "X", Class: orgs.Vendor, Email: "a@b.example, c@d.example"},
			"domains": {Name: "X", Class: orgs.Vendor, Domains: []string{"one.example/path"}},
			"pgp_key": {Name: "X", Class: orgs.Vendor, PGPKey: string(secret) + "x"},
		} {
			err := w.Refused(field, errs.Invalid, func(tx *db.Tx) error { _, err := orgs.Create(tx, op, in); return err })
			if e, ok := errors.AsType[*errs.Error](err); !ok || len(e.Fields) != 1 || e.Fields[0].Name != field {
				t.Errorf("%s: %+v", field, e)
			}
		}
		w.Refused("a listed look-alike", errs.Invalid, func(tx *db.Tx) error {
			_, err := orgs.Create(tx, op, orgs.Org{Name: "VENDOR ENO", Class: orgs.ISP, Listed: true})
			return err
		})
		w.Refused("a member", errs.Denied, func(tx *db.Tx) error {
			_, err := orgs.Create(tx, audience.Actor{Person: "per_x"}, orgs.Org{Name: "Y", Class: orgs.ISP})
			return err
		})
	})
}

func TestEnsureFindsOrAdds(t *testing.T) {
	each(t, func(w *world) {
		var first orgs.Org
		w.Do(func(tx *db.Tx) error {
			for i, name := range []string{"Fjord Systems", " Fjord  Systems\u200b", "FJORD Systems"} {
				o, made, err := orgs.Ensure(tx, name)
				if err != nil {
					return err
				}
				if i == 0 {
					first = o
				}
				if made != (i != 1) || (o.ID == first.ID) != (i < 2) || o.Listed {
					t.Errorf("%q: made %v, %+v", name, made, o)
				}
			}
			return nil
		})
		w.Refused("no name", errs.Invalid, func(tx *db.Tx) error { _, _, err := orgs.Ensure(tx, "\u200b"); return err })
		p := w.person("Ada")
		m := w.join(first, p, orgs.Admin)
		if a := w.As(p); a.Cap(audience.Org, first.ID) != audience.Contributor || m.OrgName != "Fjord Systems" {
			t.Errorf("the first person of an unlisted organization: %+v", a.Seats)
		}
		w.Do(func(tx *db.Tx) error {
			o, err := orgs.Load(tx, first.ID)
			office, err2 := charter.Administration(tx)
			if o.Audience == office {
				t.Error("an organization with people has no audience of its own")
			}
			return errors.Join(err, err2)
		})
		start := time.Now()
		w.Do(func(tx *db.Tx) error {
			for i := range 2000 {
				if _, _, err := orgs.Ensure(tx, fmt.Sprintf("Imported %d", i%500)); err != nil {
					return err
				}
			}
			return nil
		})
		t.Logf("2000 calls for 500 names: %v", time.Since(start))
	})
}

func TestDirectoryShowsListedOrganizations(t *testing.T) {
	each(t, func(w *world) {
		for _, n := range []string{"Ähre", "beta", "Beta Two", "Gamma", "be%ta"} {
			w.org(n, orgs.Vendor, true)
		}
		isp, hidden := w.org("Alpha Net", orgs.ISP, true), w.org("Beta Hidden", orgs.Vendor, false)
		ada, eve := w.person("Ada"), w.person("Eve")
		w.join(hidden, ada, orgs.Reader)
		names := func(p people.Person, f orgs.Filter) string {
			a, out := w.As(p), []string{}
			w.Do(func(tx *db.Tx) error {
				for {
					page, err := orgs.List(tx, a, f)
					for _, o := range page.Orgs {
						out = append(out, o.Name)
					}
					if f.After = page.Next; err != nil || f.After == "" {
						return err
					}
				}
			})
			return strings.Join(out, ", ")
		}
		for _, row := range []struct {
			p    people.Person
			f    orgs.Filter
			want string
		}{
			{eve, orgs.Filter{Prefix: "BETA", Limit: 1}, "beta, Beta Two"}, {ada, orgs.Filter{Prefix: "beta"}, "beta, Beta Hidden, Beta Two"},
			{w.Olga, orgs.Filter{Prefix: "beta", Listed: true}, "beta, Beta Two"}, {eve, orgs.Filter{Class: orgs.ISP}, "Alpha Net"},
			{eve, orgs.Filter{Prefix: "be%"}, "be%ta"}, {eve, orgs.Filter{Prefix: "äh"}, "Ähre"}, {eve, orgs.Filter{State: orgs.Suspended}, ""},
		} {
			if got := names(row.p, row.f); got != row.want {
				t.Errorf("%s sees %q with %+v, want %q", row.p.Name, got, row.f, row.want)
			}
		}
		if all := strings.Count(names(w.Olga, orgs.Filter{Limit: 2}), ","); all != 6 {
			t.Errorf("paging shows %d of 7", all+1)
		}
		stranger := w.As(eve)
		w.Refused("an unlisted one", errs.NotFound, func(tx *db.Tx) error { _, err := orgs.Get(tx, stranger, hidden.ID); return err })
		w.Refused("its people", errs.NotFound, func(tx *db.Tx) error { _, err := orgs.Members(tx, stranger, hidden.ID); return err })
		w.Refused("a listed one's people", errs.Denied, func(tx *db.Tx) error { _, err := orgs.Members(tx, stranger, isp.ID); return err })
		w.Refused("a visitor", errs.Unauthenticated, func(tx *db.Tx) error { _, err := orgs.List(tx, audience.Actor{}, orgs.Filter{}); return err })
		w.Do(func(tx *db.Tx) error {
			list, err := orgs.ByName(tx, stranger, " ALPHA  net ")
			if len(list) != 1 || list[0].ID != isp.ID {
				t.Errorf("by name: %+v", list)
			}
			return err
		})
	})
}

func TestEditByAdminsAndOperators(t *testing.T) {
	each(t, func(w *world) {
		o, ada, ben := w.org("Vendor One", orgs.Vendor, true), w.person("Ada"), w.person("Ben")
		w.join(o, ada, orgs.Admin)
		w.join(o, ben, orgs.Responder)
		admin, responder, op := w.As(ada), w.As(ben), w.As(w.Olga)
		w.Do(func(tx *db.Tx) (err error) { o, err = orgs.Get(tx, op, o.ID); return err })
		mine := o
		mine.Website = "https://one.example/security"
		w.Refused("a responder", errs.Denied, func(tx *db.Tx) error { _, err := orgs.Edit(tx, responder, mine); return err })
		var next orgs.Org
		w.Do(func(tx *db.Tx) (err error) { next, err = orgs.Edit(tx, admin, mine); return err })
		theirs := o
		theirs.Email = "new@one.example"
		err := w.Refused("an old version", errs.Stale, func(tx *db.Tx) error { _, err := orgs.Edit(tx, admin, theirs); return err })
		if e, ok := errors.AsType[*errs.Error](err); !ok || e.Theirs.(orgs.Org).Website != mine.Website || e.Yours.(orgs.Org).Email != theirs.Email {
			t.Errorf("both versions: %+v", e)
		}
		grab := next
		grab.Class = orgs.Government
		w.Refused("an admin changes the class", errs.Denied, func(tx *db.Tx) error { _, err := orgs.Edit(tx, admin, grab); return err })
		w.Do(func(tx *db.Tx) (err error) { next, err = orgs.Edit(tx, op, grab); return err })
		if s := w.As(ben).Seats; !hasSeat(s, audience.Org, o.ID, "government") {
			t.Errorf("the class does not reach the seats: %+v", s)
		}
		next.State = orgs.Suspended
		w.Do(func(tx *db.Tx) (err error) { next, err = orgs.Edit(tx, op, next); return err })
		if w.As(ben).Holds(audience.Org, o.ID) {
			t.Error("a suspended organization gives seats")
		}
		next.State = orgs.Active
		w.Do(func(tx *db.Tx) (err error) { next, err = orgs.Edit(tx, op, next); return err })
		if !w.As(ben).Holds(audience.Org, o.ID) {
			t.Error("a restored organization gives no seats")
		}
		w.org("Vendor Two", orgs.Vendor, true)
		next.Name = "vendor TWO"
		w.Refused("another one's name", errs.Invalid, func(tx *db.Tx) error { _, err := orgs.Edit(tx, op, next); return err })
	})
}

func hasSeat(list []audience.Seat, kind audience.SubjectKind, id, class string) bool {
	for _, s := range list {
		if s.Kind == kind && s.ID == id && s.Class == class {
			return true
		}
	}
	return false
}

func TestMembership(t *testing.T) {
	each(t, func(w *world) {
		o, ada, ben, eve := w.org("Vendor One", orgs.Vendor, true), w.person("Ada"), w.person("Ben"), w.person("Eve")
		am, bm := w.join(o, ada, orgs.Admin), w.join(o, ben, orgs.Reader)
		if again := w.join(o, ben, orgs.Admin); again.ID != bm.ID || again.Role != orgs.Reader {
			t.Errorf("joining twice: %+v", again)
		}
		admin, reader, stranger, op := w.As(ada), w.As(ben), w.As(eve), w.As(w.Olga)
		w.Refused("joining by oneself", errs.Denied, func(tx *db.Tx) error { _, err := orgs.Join(tx, stranger, o.ID, eve.ID, orgs.Admin); return err })
		w.Refused("an unknown role", errs.Invalid, func(tx *db.Tx) error { _, err := orgs.Join(tx, op, o.ID, eve.ID, "king"); return err })
		w.Refused("an unknown person", errs.NotFound, func(tx *db.Tx) error { _, err := orgs.Join(tx, op, o.ID, "per_x", orgs.Reader); return err })
		change := func(a audience.Actor, m orgs.Membership) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { _, err := orgs.Change(tx, a, m); return err }
		}
		up := bm
		up.Role, up.Backup, up.Duty = orgs.Responder, true, 5
		w.Refused("raising oneself", errs.Denied, change(reader, up))
		w.Refused("a stranger", errs.NotFound, change(stranger, up))
		w.Do(change(admin, up))
		w.Refused("an old version", errs.Stale, change(admin, up))
		if c := w.As(ben).Cap(audience.Org, o.ID); c != audience.Contributor {
			t.Errorf("a responder's cap is %v", c)
		}
		w.Do(func(tx *db.Tx) error {
			first, err := orgs.OnDuty(tx, o.ID, false)
			backup, err2 := orgs.OnDuty(tx, o.ID, true)
			if len(first) != 1 || first[0].Person != ada.ID || len(backup) != 1 || backup[0].Person != ben.ID || backup[0].Email != "ben@people.example" {
				t.Errorf("on duty %+v, backup %+v", first, backup)
			}
			return errors.Join(err, err2)
		})
		down := am
		down.Role = orgs.Reader
		w.Refused("the last admin steps down", errs.Conflict, change(admin, down))
		w.Refused("the last admin leaves", errs.Conflict, func(tx *db.Tx) error { return orgs.Remove(tx, admin, am.ID) })
		w.Do(func(tx *db.Tx) error { return orgs.Remove(tx, reader, bm.ID) })
		if w.As(ben).Holds(audience.Org, o.ID) {
			t.Error("who left still has a seat")
		}
		w.Do(func(tx *db.Tx) error { return orgs.Remove(tx, op, am.ID) })
		w.Do(func(tx *db.Tx) error { return people.GrantRole(tx, op, eve.ID, charter.Board) })
		board := w.As(eve)
		w.Do(func(tx *db.Tx) error {
			list, err := orgs.Members(tx, board, o.ID)
			if len(list) != 0 {
				t.Errorf("people of an empty organization: %+v", list)
			}
			return err
		})
		w.join(o, ben, orgs.Reader)
		w.Do(func(tx *db.Tx) error {
			list, err := orgs.Members(tx, board, o.ID)
			if len(list) != 1 || list[0].Name != "Ben" || list[0].Email != "" {
				t.Errorf("the board sees %+v", list)
			}
			return err
		})
		w.Refused("removing again", errs.NotFound, func(tx *db.Tx) error { return orgs.Remove(tx, op, am.ID) })
		if s := w.As(ada).Seats; len(s) != 1 {
			t.Errorf("seats left: %+v", s)
		}
	})
}

func TestLeavingAnOrganizationLosesWhatItSaw(t *testing.T) {
	each(t, func(w *world) {
		o, ada, ben := w.org("Vendor One", orgs.Vendor, true), w.person("Ada"), w.person("Ben")
		w.join(o, ada, orgs.Admin)
		bm := w.join(o, ben, orgs.Responder)
		var aud string
		w.Do(func(tx *db.Tx) (err error) {
			aud, err = audience.Create(tx, "case", []audience.Grant{{Kind: audience.Org, ID: o.ID, Role: audience.Contributor}}, nil, nil)
			return err
		})
		role := func(level tlp.Level) (r audience.Role) {
			a := w.As(ben)
			w.Do(func(tx *db.Tx) (err error) { r, err = audience.RoleAt(tx, a, aud, level); return err })
			return r
		}
		if role(tlp.AmberStrict) != audience.Contributor || role(tlp.Red) != audience.None {
			t.Error("a responder does not see what the organization was given")
		}
		w.Do(func(tx *db.Tx) error { return orgs.Remove(tx, audience.Actor{Person: ben.ID}, bm.ID) })
		if role(tlp.Green) != audience.None {
			t.Error("who left still sees what the organization was given")
		}
	})
}

func TestComponents(t *testing.T) {
	each(t, func(w *world) {
		one, two, far := w.org("Vendor One", orgs.Vendor, true), w.org("Vendor Two", orgs.Vendor, true), w.org("Vendor Far", orgs.Vendor, true)
		ada, op := w.person("Ada"), w.As(w.Olga)
		w.join(one, ada, orgs.Admin)
		admin := w.As(ada)
		ship := func(a audience.Actor, o orgs.Org, name, purl string) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { _, err := orgs.Ship(tx, a, o.ID, name, purl); return err }
		}
		w.Refused("another's list", errs.Denied, ship(admin, two, "OpenSSL", ""))
		w.Refused("nothing", errs.Invalid, ship(admin, one, "\u200b", ""))
		w.Refused("no package URL", errs.Invalid, ship(admin, one, "x", "npm/left-pad"))
		w.Do(ship(admin, one, "OpenSSL", ""))
		w.Do(ship(admin, one, "openssl", ""))
		w.Do(ship(admin, one, "", "pkg:npm/%40scope/left-pad@1.3.0?x=y#z"))
		w.Do(ship(op, two, "openSSL", ""))
		w.Do(ship(op, far, "OpenSSL", ""))
		w.Do(func(tx *db.Tx) error {
			list, err := orgs.Components(tx, admin, one.ID)
			if len(list) != 2 || list[0].Name != "left-pad" || list[0].Purl != "pkg:npm/%40scope/left-pad" || list[1].Name != "OpenSSL" {
				t.Errorf("components %+v", list)
			}
			return err
		})
		var prog programs.Program
		w.Do(func(tx *db.Tx) (err error) {
			if prog, err = programs.Create(tx, op, programs.Program{Name: "TLS", TLP: tlp.Green}); err != nil {
				return err
			}
			return errors.Join(programs.Join(tx, op, prog.ID, one.ID), programs.Join(tx, op, prog.ID, two.ID))
		})
		found := func(program, what string) (s string) {
			w.Do(func(tx *db.Tx) error {
				list, err := orgs.Shipping(tx, op, program, what)
				for _, o := range list {
					s += o.Name + "; "
				}
				return err
			})
			return s
		}
		for _, row := range [][3]string{{prog.ID, "OPENSSL", "Vendor One; Vendor Two; "}, {"", "openssl", "Vendor Far; Vendor One; Vendor Two; "}, {prog.ID, "pkg:npm/%40scope/left-pad@2.0.0", "Vendor One; "}, {prog.ID, "zlib", ""}} {
			if got := found(row[0], row[1]); got != row[2] {
				t.Errorf("shipping %s in %q: %s", row[1], row[0], got)
			}
		}
		w.Refused("a member asks who ships", errs.Denied, func(tx *db.Tx) error { _, err := orgs.Shipping(tx, admin, prog.ID, "openssl"); return err })
		w.Do(func(tx *db.Tx) error {
			list, err := orgs.Components(tx, admin, one.ID)
			if err != nil {
				return err
			}
			return orgs.Unship(tx, admin, one.ID, list[1].ID)
		})
		if got := found(prog.ID, "openssl"); got != "Vendor Two; " {
			t.Errorf("after it was removed: %s", got)
		}
		w.Refused("removing what is not there", errs.NotFound, func(tx *db.Tx) error { return orgs.Unship(tx, admin, one.ID, "cmp_x") })
	})
}
