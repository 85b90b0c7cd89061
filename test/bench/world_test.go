// Package bench measures the real binary: how it starts, what it weighs, how
// fast it imports, and how its pages hold up under load. Timings are printed
// and never judged.
package bench

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/app"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
	"tocsin/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

func eachDialect(b *testing.B, f func(b *testing.B, o harness.Options)) {
	for _, dialect := range dbtest.Dialects {
		b.Run(string(dialect), func(b *testing.B) {
			f(b, harness.Options{Dialect: dialect, Env: []string{"TOCSIN_LOG_LEVEL=error"}})
		})
	}
}

// founded prepares a server whose alliance has one coordinator, lets fill
// write into it, and starts it. It returns the coordinator's cookie.
func founded(b *testing.B, o harness.Options, fill func(h *gate.House, cora audience.Actor) error) (*harness.Server, *http.Cookie) {
	b.Helper()
	s := harness.Prepare(b, o)
	ctx := context.Background()
	h, err := app.Open(ctx, app.Config{Listen: "127.0.0.1:0", URL: s.URL, Data: s.Data, DB: s.DB})
	if err != nil {
		b.Fatal(err)
	}
	cookie := &http.Cookie{Name: h.SessionCookie()}
	var cora audience.Actor
	if _, err = app.Found(ctx, h, app.Founding{Name: "Bench", Namespace: "https://bench.example", Email: "cora@bench.example", Person: "Cora"}); err == nil {
		err = h.Write(ctx, func(tx *db.Tx) error {
			p, err := people.ByEmail(tx, "cora@bench.example")
			if err != nil {
				return err
			}
			e, err := people.Open(tx, p.ID, "demo", people.Where{Address: "127.0.0.1"})
			if err != nil {
				return err
			}
			cookie.Value = e.Secret
			cora, err = people.ActorOf(tx, p.ID)
			return err
		})
	}
	if err == nil {
		err = fill(h, cora)
	}
	if err == nil { // nobody shall still be told of it while pages are measured
		err = app.Round(ctx, h, nil)
	}
	if err == nil && h.DB.Dialect == db.Postgres { // where it happens by itself, some minutes later
		_, err = h.DB.Handle().Exec("ANALYZE")
	}
	if err == nil {
		err = h.DB.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	s.Start(b)
	return s, cookie
}

// addCase makes a case whose vendors are all in, have said where they stand,
// and talk in the general thread. It returns the case's number.
func addCase(h *gate.House, cora audience.Actor, title string, vendors, messages int) (number string, err error) {
	err = h.Write(context.Background(), func(tx *db.Tx) error {
		c, err := casework.OpenCase(tx, cora, casework.NewCase{Title: title, Summary: "A length is trusted before it is checked.", Level: tlp.Amber})
		if err != nil {
			return err
		}
		number = c.Number
		flaw, err := matrix.AddVulnerability(tx, cora, c.ID, matrix.Vulnerability{Title: "Overflow", CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"})
		if err != nil {
			return err
		}
		in := casework.Inclusion{Reason: "ships it"}
		for i := range vendors {
			in.Targets = append(in.Targets, casework.Target{Kind: audience.Org, ID: fmt.Sprintf("org_%04d", i), Name: fmt.Sprintf("Vendor %04d", i), Role: casework.Vendor})
		}
		parties, err := casework.Invite(tx, cora, c.ID, in)
		if err != nil {
			return err
		}
		threads, err := talk.Threads(tx, cora, c.ID)
		if err != nil {
			return err
		}
		general := threads[slices.IndexFunc(threads, func(t talk.Thread) bool { return t.Kind == talk.General })]
		for _, p := range parties {
			if err := moveIn(tx, p, c.ID, flaw.ID); err != nil {
				return err
			}
		}
		for i := range messages {
			if _, err := talk.Post(tx, cora, general.ID, talk.Draft{Body: fmt.Sprintf("Build **%d** fails in the *parser*; see `reader.c`, line %d.", i, i)}); err != nil {
				return err
			}
		}
		return nil
	})
	return number, err
}

func moveIn(tx *db.Tx, p casework.Participant, caseID, flaw string) error {
	org := audience.Party{Kind: audience.Org, ID: p.Subject}
	me := audience.Party{Kind: audience.Person, ID: "p_" + p.Subject}
	who := audience.Actor{Person: me.ID, Name: p.Name, Seats: []audience.Seat{{Kind: audience.Person, ID: me.ID, Party: me, Cap: audience.Coordinator},
		{Kind: audience.Org, ID: org.ID, Party: org, Cap: audience.Contributor, Class: "vendor"}}}
	open, err := casework.OpenInvitations(tx, who)
	if err != nil {
		return err
	}
	for _, i := range open {
		if _, err := casework.Accept(tx, who, i.ID, i.Terms); err != nil {
			return err
		}
	}
	_, err = matrix.SetStatus(tx, who, caseID, matrix.Status{Participant: p.ID, Vulnerability: flaw, Status: vex.Affected, Affected: []string{"< 2.4"}, Fixed: []string{"2.4"}, Statement: "An update is on its way."})
	return err
}

// middle and late are the 50th and the 95th of a hundred.
func middle(d []time.Duration) time.Duration { return d[len(d)/2] }
func late(d []time.Duration) time.Duration   { return d[len(d)*95/100] }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
