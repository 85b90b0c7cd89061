package app

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	spec "tocsin/spec/membership"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// TestDemoAlliance plays the demo's script and looks at what it left: the
// ledger holds, every event has a rule of notice, every link signs in.
func TestDemoAlliance(t *testing.T) {
	for _, dialect := range dbtest.Dialects {
		t.Run(string(dialect), func(t *testing.T) {
			ctx := context.Background()
			cfg := Config{Listen: "127.0.0.1:0", Data: t.TempDir(), DB: dbtest.Empty(t, dialect).URL, Demo: true}
			h, err := Open(ctx, cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer h.DB.Close()
			var said strings.Builder
			if err := greetDemo(ctx, cfg, h, &said); err != nil {
				t.Fatal(err)
			}
			k, err := keeperOf(ctx, h)
			if err != nil {
				t.Fatal(err)
			}
			rep, err := k.Verify(ctx, h.DB, h.Tables)
			if err != nil || len(rep.Problems) > 0 || rep.Events < 100 {
				t.Errorf("the ledger after the script: %+v, %v", rep, err)
			}
			known := append(delivery.Kinds(), delivery.Silent()...)
			if err := h.Read(ctx, func(tx *db.Tx) error {
				kinds, err := db.Column[string](tx, `SELECT DISTINCT kind FROM event`)
				for _, kind := range kinds {
					if !slices.Contains(known, kind) {
						t.Errorf("nobody decided who is told of the event %s", kind)
					}
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if len(h.Guests) != len(guests) || !strings.Contains(said.String(), h.Guests[0].Path) {
				t.Fatalf("the demo prints %s", said.String())
			}
			treeHolds(t, h)
			membershipMoves(t, h)
			handler, err := Handler(h, http.NotFoundHandler())
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range h.Guests {
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, httptest.NewRequest("GET", g.Path, nil))
				if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
					t.Errorf("%s signs in: %d %s", g.Name, w.Code, w.Header().Get("Location"))
				}
			}
		})
	}
}

// treeHolds looks for a program of every template under the umbrella, with
// members of classes that it admits.
func treeHolds(t *testing.T, h *gate.House) {
	t.Helper()
	var tree []programs.Node
	err := h.Read(t.Context(), func(tx *db.Tx) error {
		cora, err := people.ByEmail(tx, guests[0].email)
		if err != nil {
			return err
		}
		a, err := people.ActorOf(tx, cora.ID)
		if err == nil {
			tree, err = programs.Tree(tx, a)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]programs.Node{}
	for _, n := range tree {
		of[n.Rules.Template] = n
	}
	var walk func(list []programs.Template, depth int)
	walk = func(list []programs.Template, depth int) {
		for _, tmpl := range list {
			if n := of[tmpl.Name]; n.Members < 2 || n.Depth != depth || n.Purpose == "" || n.State != programs.Active {
				t.Errorf("the template %s stands in the demo's tree as %+v", tmpl.Name, n)
			}
			walk(tmpl.Sub, depth+1)
		}
	}
	walk(programs.Templates, 1)
	if top := of[""]; len(tree) != len(of) || top.Depth != 0 || top.Members != len(members) {
		t.Errorf("the umbrella is %+v over %d programs", top, len(tree))
	}
}

// membershipMoves looks for an application that members may object to, and
// for renewals that are asked for.
func membershipMoves(t *testing.T, h *gate.House) {
	t.Helper()
	if err := h.Read(t.Context(), func(tx *db.Tx) error {
		cora, err := people.ByEmail(tx, guests[0].email)
		if err != nil {
			return err
		}
		a, err := people.ActorOf(tx, cora.ID)
		if err != nil {
			return err
		}
		open, err := membership.Apps(tx, a, membership.AppFilter{States: []spec.AppState{spec.AppObjection}})
		if err == nil && len(open.Applications) != 1 {
			t.Errorf("%d applications are open to objection", len(open.Applications))
		}
		if err != nil {
			return err
		}
		due, err := membership.Members(tx, a, membership.StandingFilter{Renewing: true})
		if err == nil && len(due.Members) < 2 {
			t.Errorf("the renewal of %d memberships is asked for", len(due.Members))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
