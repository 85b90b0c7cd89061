// Package kill takes the ground away from under a running tocsin: the process
// itself, its database, its mail server, its disk.
package kill

import (
	"context"
	"os"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/app"
	"tocsin/internal/edge/gate"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/test/harness"
)

func TestMain(m *testing.M) { harness.Main(m) }

// world is an alliance of a coordinator and four vendors of one person each,
// who write through the API with tokens of all scopes.
type world struct {
	*harness.Server
	cora    member
	vendors []member
}

type member struct {
	org, name, person, email, token string
}

// found prepares a server's data before its first start.
func found(t testing.TB, o harness.Options) *world {
	t.Helper()
	return foundIn(t, o, "")
}

// foundIn is found with the data in a folder of the caller's.
func foundIn(t testing.TB, o harness.Options, dir string) *world {
	t.Helper()
	w := &world{Server: harness.Prepare(t, o)}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		w.Data = dir
	}
	w.open(t, func(h *gate.House) {
		if _, err := app.Found(context.Background(), h, app.Founding{Name: "Test Alliance", Namespace: "https://alliance.example", Email: "cora@alliance.example", Person: "Cora"}); err != nil {
			t.Fatal(err)
		}
		err := h.Write(context.Background(), w.people)
		if err != nil {
			t.Fatal(err)
		}
	})
	return w
}

// open opens the data for the length of f, as an admin command does.
func (w *world) open(t testing.TB, f func(h *gate.House)) {
	t.Helper()
	h, err := app.Open(context.Background(), app.Config{Listen: "127.0.0.1:0", URL: w.URL, Data: w.Data, DB: w.DB})
	if err != nil {
		t.Fatal(err)
	}
	defer h.DB.Close()
	f(h)
}

func (w *world) people(tx *db.Tx) error {
	p, err := people.ByEmail(tx, "cora@alliance.example")
	if err != nil {
		return err
	}
	cora, err := people.ActorOf(tx, p.ID)
	if err != nil {
		return err
	}
	// What the vendors say reaches her at once, so that each word has a mail.
	if _, err := delivery.SetPreferences(tx, cora, []delivery.Preference{{Class: delivery.Talk, Mode: delivery.AtOnce}}); err != nil {
		return err
	}
	token, err := allScopes(tx, p.ID)
	if err != nil {
		return err
	}
	w.cora, w.vendors = member{person: p.ID, email: p.Email, token: token}, nil
	for _, name := range []string{"Alder", "Basalt", "Cinder", "Dunmore"} {
		o, err := orgs.Create(tx, cora, orgs.Org{Name: name + " Systems", Class: orgs.Vendor, Listed: true})
		if err != nil {
			return err
		}
		email := "psirt@" + name + ".example"
		p, err := people.Add(tx, cora, email, name)
		if err != nil {
			return err
		}
		if _, err := orgs.Join(tx, cora, o.ID, p.ID, orgs.Admin); err != nil {
			return err
		}
		token, err := allScopes(tx, p.ID)
		if err != nil {
			return err
		}
		w.vendors = append(w.vendors, member{o.ID, o.Name, p.ID, p.Email, token})
	}
	return nil
}

func allScopes(tx *db.Tx, person string) (string, error) {
	secret, _, err := people.IssueToken(tx, audience.Actor{}, person, "test", charter.Scopes, 24*time.Hour)
	return secret, err
}

// both runs a scenario on each database, side by side: most of the time they
// wait for a server to start.
func both(t *testing.T, f func(t *testing.T, o harness.Options)) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			t.Parallel()
			f(t, harness.Options{Dialect: dialect})
		})
	}
}
