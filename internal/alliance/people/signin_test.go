package people

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"

	"github.com/pquerna/otp/totp"
)

const phrase = "correct horse battery"

var home = Where{Agent: "Firefox", Address: "192.0.2.77:4711"}

// withPassword gives a person a password, and a TOTP secret and recovery
// codes if totp is set.
func (w *world) withPassword(p Person, second bool) (seed string, recovery []string) {
	w.Helper()
	pw, err := NewPassword(phrase, p.Email)
	if err != nil {
		w.Fatal(err)
	}
	w.do(func(tx *db.Tx) error { return keepPassword(tx, audience.Actor{Person: p.ID}, p, pw) })
	if !second {
		return "", nil
	}
	me := audience.Actor{Person: p.ID}
	w.do(func(tx *db.Tx) error {
		e, err := StartTOTP(tx, w.desk.Sealer, me)
		if err != nil {
			return err
		}
		seed = e.Secret
		recovery, err = ConfirmTOTP(tx, w.desk.Sealer, me, "", e.Ceremony, w.code(seed))
		return err
	})
	w.c.Advance(time.Minute)
	return seed, recovery
}

func (w *world) code(seed string) string {
	code, err := totp.GenerateCode(seed, w.c.Now())
	if err != nil {
		w.Fatal(err)
	}
	return code
}

func (w *world) signIn(email, password, code string) (Entry, error) {
	return w.desk.SignIn(w.Context(), SignIn{email, password, code}, home)
}

func TestSignInAnswersTheSameForUnknownAndWrong(t *testing.T) {
	each(t, func(w *world) {
		w.withPassword(w.operator, false)
		var texts []string
		for _, in := range []SignIn{
			{w.operator.Email, "wrong horse battery", ""}, {"nobody@lantern.example", phrase, ""}, {"not an address", phrase, ""}, {w.operator.Email, "", ""}, {w.operator.Email, strings.Repeat("x", 5000), ""},
		} {
			_, err := w.desk.SignIn(w.Context(), in, home)
			w.is("signing in as "+in.Email, err, errs.Unauthenticated)
			texts = append(texts, err.Error())
			w.c.Advance(time.Hour)
		}
		for _, s := range texts {
			if s != texts[0] {
				t.Errorf("answers differ: %q and %q", s, texts[0])
			}
		}
	})
}

func TestPasswordAloneOnlyEnrolls(t *testing.T) {
	each(t, func(w *world) {
		w.withPassword(w.operator, false)
		e, err := w.signIn("OLGA@lantern.example", phrase, "")
		if err != nil || e.Secret == "" || !e.Session.Enroll || e.Session.Address != "192.0.2.0/24" {
			t.Fatalf("entry %+v, %v", e, err)
		}
		var a audience.Actor
		thief, err := w.signIn(w.operator.Email, phrase, "")
		if err != nil {
			t.Fatal(err)
		}
		session := func(tx *db.Tx) (s Session, err error) { a, s, err = ActorBySession(tx, e.Secret); return s, err }
		w.do(func(tx *db.Tx) error { _, err := session(tx); return err })
		if a.Person != w.operator.ID || len(a.Seats) > 0 || charter.IsOperator(a) {
			t.Errorf("an enrolling session acts: %+v", a)
		}
		var recovery []string
		w.do(func(tx *db.Tx) error {
			en, err := StartTOTP(tx, w.desk.Sealer, a)
			if err != nil {
				return err
			}
			if !strings.HasPrefix(en.URL, "otpauth://totp/Lantern:") {
				t.Errorf("URL %s", en.URL)
			}
			recovery, err = ConfirmTOTP(tx, w.desk.Sealer, a, e.Session.ID, en.Ceremony, w.code(en.Secret))
			return err
		})
		if len(recovery) != 10 || recovery[0] == recovery[1] {
			t.Errorf("recovery codes %v", recovery)
		}
		w.do(func(tx *db.Tx) error {
			s, err := session(tx)
			if s.Enroll || !charter.IsOperator(a) {
				t.Errorf("after enrolling: %+v, seats %+v", s, a.Seats)
			}
			return err
		})
		w.refused("another enrolling session", errs.Unauthenticated, func(tx *db.Tx) error { _, _, err := ActorBySession(tx, thief.Secret); return err })
	})
}

func TestSecondFactor(t *testing.T) {
	each(t, func(w *world) {
		seed, recovery := w.withPassword(w.operator, true)
		_, err := w.signIn(w.operator.Email, phrase, "000000")
		w.is("a wrong code at once", err, errs.Unauthenticated)
		e, err := w.signIn(w.operator.Email, phrase, "")
		if err != nil || e.Secret != "" || e.Pending == "" {
			t.Fatalf("entry %+v, %v", e, err)
		}
		second := func(code string) error { _, err := w.desk.Second(w.Context(), e.Pending, code, home); return err }
		w.is("no code", second(""), errs.Invalid)
		w.is("a wrong code", second("000000"), errs.Unauthenticated)
		w.is("an endless code", second(strings.Repeat("1", 4096)), errs.Unauthenticated)
		old, err := totp.GenerateCode(seed, w.c.Now().Add(-2*time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		w.is("a code of two minutes ago", second(old), errs.Unauthenticated)
		code := w.code(seed)
		if err := second(code[:3] + " " + code[3:]); err != nil {
			t.Fatalf("the right code: %v", err)
		}
		w.is("the same step again", second(code), errs.Gone)
		_, err = w.signIn(w.operator.Email, phrase, code)
		w.is("a replayed code", err, errs.Unauthenticated)
		w.c.Advance(30 * time.Second)
		if e, err = w.signIn(w.operator.Email, phrase, w.code(seed)); err != nil || e.Session.Enroll || e.Session.Means != "password" {
			t.Errorf("the next code: %+v, %v", e, err)
		}
		w.c.Advance(time.Hour)
		if e, err = w.signIn(w.operator.Email, phrase, strings.ToUpper(recovery[3])); err != nil || e.Session.Means != "recovery" {
			t.Errorf("a recovery code: %+v, %v", e, err)
		}
		_, err = w.signIn(w.operator.Email, phrase, recovery[3])
		w.is("a recovery code again", err, errs.Unauthenticated)
		e, err = w.signIn(w.operator.Email, phrase, "")
		if err != nil {
			t.Fatal(err)
		}
		w.c.Advance(ceremonyLife)
		w.is("a step that took too long", second(w.code(seed)), errs.Gone)
		w.is("a step never begun", func() error { _, err := w.desk.Second(w.Context(), "x", "123456", home); return err }(), errs.Gone)
	})
}

func TestLimitsGrowAndEnd(t *testing.T) {
	each(t, func(w *world) {
		seed, _ := w.withPassword(w.operator, true)
		for range 5 {
			_, err := w.signIn(w.operator.Email, "wrong horse battery", "")
			w.is("a guess", err, errs.Unauthenticated)
		}
		_, err := w.signIn(w.operator.Email, phrase, w.code(seed))
		w.is("the right password after five guesses", err, errs.RateLimited)
		for range 5 {
			_, err := w.signIn("nobody@lantern.example", "wrong horse battery", "")
			w.is("a guess at nobody", err, errs.Unauthenticated)
		}
		_, err2 := w.signIn("nobody@lantern.example", "wrong horse battery", "")
		if err2 == nil || err2.Error() != err.Error() {
			t.Errorf("limits tell accounts apart: %v and %v", err2, err)
		}
		w.c.Advance(2 * time.Minute)
		e, err := w.signIn(w.operator.Email, phrase, w.code(seed))
		if err != nil || e.Secret == "" {
			t.Fatalf("after the wait: %v", err)
		}
		// Success forgot the guesses; from one address they go on counting.
		address, many := Where{Address: "198.51.100.7"}, 0
		for i := range 40 {
			_, err := w.desk.SignIn(w.Context(), SignIn{"x" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + "@v.example", "no", ""}, address)
			if errs.Is(err, errs.RateLimited) {
				many++
			}
		}
		if many != 20 {
			t.Errorf("%d of 40 attempts from one address were refused, want 20", many)
		}
	})
}

func TestSecondFactorCannotBeGuessed(t *testing.T) {
	each(t, func(w *world) {
		w.withPassword(w.operator, true)
		refused := 0
		for range 20 {
			e, err := w.signIn(w.operator.Email, phrase, "")
			if err == nil {
				_, err = w.desk.Second(w.Context(), e.Pending, "000000", Where{Address: "203.0.113.9"})
			}
			if errs.Is(err, errs.RateLimited) {
				refused++
			}
		}
		if refused < 15 {
			t.Errorf("%d of 20 guesses at the code were refused", refused)
		}
	})
}

func TestSessionsEnd(t *testing.T) {
	each(t, func(w *world) {
		w.withPassword(w.operator, true)
		var a, b Entry
		w.do(func(tx *db.Tx) (err error) {
			if a, err = Open(tx, w.operator.ID, "passkey", Where{Agent: "x" + strings.Repeat("\u202eéé", 500), Address: "[2001:db8:1:2::3]:443"}); err != nil {
				return err
			}
			b, err = Open(tx, w.operator.ID, "passkey", home)
			return err
		})
		if a.Session.Address != "2001:db8:1::/48" || len([]rune(a.Session.Agent)) != 200 || strings.Contains(a.Session.Agent, "\u202e") {
			t.Errorf("kept of the client: %q %q", a.Session.Address, a.Session.Agent)
		}
		by := func(e Entry) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { _, _, err := ActorBySession(tx, e.Secret); return err }
		}
		me := w.as(w.operator)
		other := w.add("eve@two.example", "Eve")
		w.refused("ending another's session", errs.NotFound, func(tx *db.Tx) error { return End(tx, w.as2(tx, other), b.Session.ID) })
		w.do(by(b))
		w.do(func(tx *db.Tx) error { return End(tx, me, b.Session.ID) })
		w.refused("an ended session", errs.Unauthenticated, by(b))
		w.c.Advance(SessionIdle - time.Minute)
		w.do(func(tx *db.Tx) error {
			_, s, err := ActorBySession(tx, a.Secret)
			if err != nil || !s.DueTouch(tx.Now) {
				t.Errorf("not due: %+v %v", s, err)
			}
			return Touch(tx, s.ID)
		})
		w.c.Advance(SessionIdle - time.Minute)
		w.do(by(a))
		w.c.Advance(2 * time.Minute)
		w.refused("an idle session", errs.Unauthenticated, by(a))
		w.do(func(tx *db.Tx) (err error) { a, err = Open(tx, w.operator.ID, "passkey", home); return err })
		for end := w.c.Now().Add(SessionLife); w.c.Now().Before(end); w.c.Advance(10 * time.Hour) {
			w.do(by(a))
			w.do(func(tx *db.Tx) error { return Touch(tx, a.Session.ID) })
		}
		w.refused("a session past its life", errs.Unauthenticated, by(a))
		w.do(func(tx *db.Tx) error {
			for range maxSessions + 5 {
				if _, err := Open(tx, w.operator.ID, "passkey", home); err != nil {
					return err
				}
			}
			list, err := Sessions(tx, me)
			if len(list) != maxSessions {
				t.Errorf("%d sessions", len(list))
			}
			return err
		})
	})
}

func TestChangingThePasswordEndsOtherSessions(t *testing.T) {
	each(t, func(w *world) {
		w.withPassword(w.operator, true)
		var mine, other, link Entry
		w.do(func(tx *db.Tx) (err error) {
			for _, e := range []*Entry{&mine, &other} {
				if *e, err = Open(tx, w.operator.ID, "password", home); err != nil {
					return err
				}
			}
			link, err = Open(tx, w.operator.ID, "link", home)
			return err
		})
		me := w.as(w.operator)
		change := func(s Session, old, next string) error { return w.desk.ChangePassword(w.Context(), me, s, old, next) }
		w.is("a wrong old password", change(mine.Session, "wrong horse battery", "another fine phrase"), errs.Invalid)
		for what, next := range map[string]string{"short": "short", "address": w.operator.Email, "one letter": strings.Repeat("a", 20), "endless": strings.Repeat("ab", 101), "bytes": "\xff\xfe\xfd\xfc correct horse"} {
			w.is(what, change(mine.Session, phrase, next), errs.Invalid)
			w.c.Advance(time.Hour)
		}
		if err := change(mine.Session, phrase, "another fine phrase"); err != nil {
			t.Fatal(err)
		}
		for _, e := range []Entry{other, link} {
			w.refused("another session", errs.Unauthenticated, func(tx *db.Tx) error { _, _, err := ActorBySession(tx, e.Secret); return err })
		}
		w.do(func(tx *db.Tx) error { _, _, err := ActorBySession(tx, mine.Secret); return err })
		w.is("an old session's excuse", change(link.Session, "", "a third fine phrase"), errs.Invalid)
		w.do(func(tx *db.Tx) (err error) { link, err = Open(tx, w.operator.ID, "link", home); return err })
		if err := change(link.Session, "", "a third fine phrase"); err != nil {
			t.Errorf("after a sign-in link: %v", err)
		}
		w.is("a token", w.desk.ChangePassword(w.Context(), audience.Actor{Person: w.operator.ID, Token: "t", Scopes: []string{"release"}}, Session{}, "a third fine phrase", "a fourth fine phrase"), errs.Denied)
	})
}

func TestSignInLinks(t *testing.T) {
	each(t, func(w *world) {
		seed, _ := w.withPassword(w.operator, true)
		if err := w.desk.MailLink(w.Context(), "nobody@lantern.example", home); err != nil {
			t.Errorf("a link for nobody: %v", err)
		}
		if err := w.desk.MailLink(w.Context(), w.operator.Email, home); err != nil {
			t.Fatal(err)
		}
		first := w.mailed(w.operator.Email, SignInPath(""))
		use := func(secret string) (e Entry, err error) {
			err = w.d.Write(w.Context(), func(tx *db.Tx) (err error) { e, err = w.desk.UseLink(tx, secret, home); return err })
			return e, err
		}
		e, err := use(first)
		if err != nil || e.Pending == "" || e.Secret != "" {
			t.Fatalf("a mailed link does not ask for the second factor: %+v %v", e, err)
		}
		if e, err = w.desk.Second(w.Context(), e.Pending, w.code(seed), home); err != nil || e.Session.Means != "link" {
			t.Errorf("the second step: %+v %v", e, err)
		}
		_, err = use(first)
		w.is("a used link", err, errs.Gone)
		_, err = use(strings.Repeat("x", 43))
		w.is("a wrong link", err, errs.NotFound)

		var printed, demo string
		p := w.add("ben@one.example", "Ben")
		w.refused("a printed link by a member", errs.Denied, func(tx *db.Tx) error { _, err := SignInLink(tx, w.as2(tx, p), p.ID); return err })
		w.do(func(tx *db.Tx) (err error) {
			if printed, err = SignInLink(tx, w.as2(tx, w.operator), p.ID); err != nil {
				return err
			}
			demo, err = IssueLink(tx, audience.Actor{}, p.ID, LinkDemo)
			return err
		})
		_, err = use(demo)
		w.is("a demo link outside of the demo", err, errs.NotFound)
		w.desk.Demo = true
		for range 3 {
			if e, err = use(demo); err != nil || e.Session.Enroll {
				t.Errorf("a demo link: %+v %v", e, err)
			}
		}
		w.desk.Demo = false
		w.c.Advance(LinkLife[LinkPrinted])
		_, err = use(printed)
		w.is("an expired link", err, errs.Gone)
		for range 3 {
			if err = w.desk.MailLink(w.Context(), w.operator.Email, home); err != nil {
				break
			}
		}
		w.is("a flood of links", w.desk.MailLink(w.Context(), w.operator.Email, home), errs.RateLimited)
	})
}

func TestTokens(t *testing.T) {
	each(t, func(w *world) {
		op := w.as(w.operator)
		made := map[string]string{}
		for _, s := range charter.Scopes {
			w.do(func(tx *db.Tx) error {
				secret, tok, err := NewToken(tx, op, "for "+s, []string{s}, 0)
				if !tok.ExpiresAt.Equal(tx.Now.Add(TokenLife)) {
					t.Errorf("expires %v", tok.ExpiresAt)
				}
				made[s] = secret
				return err
			})
		}
		for s, want := range map[string]struct {
			limit       audience.Role
			coordinator bool
			operator    bool
		}{
			charter.ScopeRead: {audience.Reader, false, false}, charter.ScopeWrite: {audience.Contributor, false, false},
			charter.ScopeCoordinate: {audience.Coordinator, true, false}, charter.ScopeRelease: {audience.Coordinator, true, false}, charter.ScopeAdmin: {audience.Reader, false, true},
		} {
			w.do(func(tx *db.Tx) error {
				a, tok, err := ActorByToken(tx, made[s])
				if a.Cap(audience.Person, w.operator.ID) != want.limit || charter.IsCoordinator(a) != want.coordinator || charter.IsOperator(a) != want.operator || a.Token != tok.ID {
					t.Errorf("a token of %s: %+v", s, a)
				}
				return err
			})
		}
		var weak, strong audience.Actor
		w.do(func(tx *db.Tx) (err error) {
			if weak, _, err = ActorByToken(tx, made[charter.ScopeWrite]); err != nil {
				return err
			}
			strong, _, err = ActorByToken(tx, made[charter.ScopeAdmin])
			return err
		})
		make := func(a audience.Actor, scopes []string, life time.Duration) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { _, _, err := NewToken(tx, a, "x", scopes, life); return err }
		}
		w.refused("a token by a token without admin", errs.Denied, make(weak, []string{charter.ScopeRead}, 0))
		w.refused("a token by a token that lacks the scope", errs.Denied, make(strong, []string{charter.ScopeRelease}, 0))
		w.refused("no scope", errs.Invalid, make(op, nil, 0))
		w.refused("an unknown scope", errs.Invalid, make(op, []string{"read", "root"}, 0))
		w.refused("an endless token", errs.Invalid, make(op, []string{"read"}, 400*24*time.Hour))
		w.refused("a token of the past", errs.Invalid, make(op, []string{"read"}, -time.Hour))
		w.c.Advance(24 * time.Hour)
		w.do(func(tx *db.Tx) error {
			_, child, err := NewToken(tx, strong, "child", []string{charter.ScopeRead}, TokenLifeMax)
			if child.ExpiresAt.Sub(tx.Now) > TokenLife-23*time.Hour {
				t.Errorf("a token outlives the one that made it: %v", child.ExpiresAt)
			}
			return err
		})
		other := w.add("eve@two.example", "Eve")
		w.refused("revoking another's token", errs.NotFound, func(tx *db.Tx) error { return RevokeToken(tx, w.as2(tx, other), weak.Token) })
		w.do(func(tx *db.Tx) error { return RevokeToken(tx, weak, weak.Token) })
		w.refused("a revoked token", errs.Unauthenticated, func(tx *db.Tx) error { _, _, err := ActorByToken(tx, made[charter.ScopeWrite]); return err })
		w.refused("revoking twice", errs.Conflict, func(tx *db.Tx) error { return RevokeToken(tx, op, weak.Token) })
		w.refused("a token in upper case", errs.Unauthenticated, func(tx *db.Tx) error {
			_, _, err := ActorByToken(tx, strings.ToUpper(made[charter.ScopeRead]))
			return err
		})
		w.c.Advance(TokenLife)
		w.refused("an expired token", errs.Unauthenticated, func(tx *db.Tx) error { _, _, err := ActorByToken(tx, made[charter.ScopeRead]); return err })
	})
}

func TestPasswordHash(t *testing.T) {
	pw, err := NewPassword("Bücher und Brot", "x@y.example")
	if err != nil {
		t.Fatal(err)
	}
	if !fits(pw.encoded, "Bu\u0308cher und Brot") || fits(pw.encoded, "Bücher und brot") || fits("", "Bücher und Brot") || fits("garbage", "") {
		t.Error("what fits")
	}
	if again, _ := NewPassword("Bücher und Brot"); again.encoded == pw.encoded {
		t.Error("two hashes of one password are alike")
	}
	if _, _, _, err := decode(pw.encoded); err != nil {
		t.Error(err)
	}
	var bad *errs.Error
	if _, err := NewPassword("short"); !errors.As(err, &bad) || bad.Fields[0].Name != "password" {
		t.Errorf("a short password: %v", err)
	}
}
