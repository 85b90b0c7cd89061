package csaf_test

import (
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tocsin/internal/edge/csafprovider"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/outbox"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/matrix"
	"tocsin/spec/csaf"
	"tocsin/spec/vex"
)

// release lives through a case up to the release of its advisory in a
// category, with vendors that stand everywhere a vendor can stand.
func release(t *testing.T, s *casetest.Scene, press advisory.Press, category string) {
	t.Helper()
	cora := casetest.Actor(t, s.DB, "p_cora", "", casework.CoordinatorOffice)
	casetest.Must(t, s.DB, func(tx *db.Tx) error {
		for i, said := range []vex.Status{vex.Affected, vex.Fixed, vex.NotAffected, vex.Investigating} {
			v, err := matrix.AddVulnerability(tx, s.Ada, s.Case.ID, matrix.Vulnerability{Title: "Flaw " + string(said), Description: "A length is *not* checked.", CVE: []string{"CVE-2026-10001", "", "CVE-2026-10003", ""}[i], CWE: "CWE-787",
				CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", CVSS40: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", References: []string{"https://libexample.example/1"}, Credits: []string{"Finn Finder"}})
			if err != nil {
				return err
			}
			st := matrix.Status{Participant: s.V.ID, Vulnerability: v.ID, Status: said, Statement: "Our word on it.", Affected: []string{"< 2.4", "2.3"}, Fixed: []string{"2.4"}}
			if said == vex.NotAffected {
				st.Justification = vex.CodeNotPresent
			}
			if _, err := matrix.SetStatus(tx, s.Vera, s.Case.ID, st); err != nil {
				return err
			}
			st = matrix.Status{Participant: s.W.ID, Vulnerability: v.ID, Status: vex.NotAffected, Statement: "Wharf never shipped it."}
			if _, err := matrix.SetStatus(tx, s.Willem, s.Case.ID, st); err != nil {
				return err
			}
		}
		for _, p := range []matrix.Product{{Name: "Vexel Router", PURL: "pkg:generic/vexel-router@2.0", CPE: "cpe:2.3:a:vexel:router:*:*:*:*:*:*:*:*"}, {Name: "Vexel Switch"}} {
			p.Participant = s.V.ID
			if _, err := matrix.PutProduct(tx, s.Vera, s.Case.ID, p); err != nil {
				return err
			}
		}
		v, err := advisory.Draft(tx, s.Ada, s.Case.ID)
		if err != nil {
			return err
		}
		text, err := advisory.ReadVersion(tx, s.Ada, v.ID, 0)
		if err != nil {
			return err
		}
		text.Content.Category = category
		if v, err = advisory.Edit(tx, s.Ada, v.ID, v.Version, text.Content, "category"); err != nil {
			return err
		}
		if v, err = advisory.Submit(tx, s.Ada, v.ID, v.Version); err != nil {
			return err
		}
		if v, err = advisory.Approve(tx, cora, v.ID, v.Version); err != nil {
			return err
		}
		_, err = press.ReleaseNow(tx, s.Ada, v.ID, advisory.Plan{Version: v.Version})
		return err
	})
}

// serve serves the documents of a scene by TLS and gives the address and the
// file of the authority to trust.
func serve(t *testing.T, s *casetest.Scene) (press advisory.Press, ca string) {
	t.Helper()
	h := &gate.House{DB: s.DB, Sealer: s.Sealer, Box: outbox.New(s.Sealer), Log: slog.New(slog.DiscardHandler)}
	mux := http.NewServeMux()
	csafprovider.New(h).Mount(mux)
	srv := httptest.NewTLSServer(gate.Harden(h, mux))
	t.Cleanup(srv.Close)
	h.URL = srv.URL
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return advisory.Press{Sealer: s.Sealer, URL: srv.URL}, ca
}

// TestDraftedAdvisories: advisories that were drafted in a case, of both
// categories, satisfy all three programs.
func TestDraftedAdvisories(t *testing.T) {
	for _, category := range []string{csaf.CategorySecurityAdvisory, csaf.CategoryVEX} {
		t.Run(category, func(t *testing.T) {
			d, c := dbtest.Open(t, db.SQLite)
			c.Set(time.Now().Add(-time.Hour)) // the programs have their own clock
			s := casetest.New(t, d).Accept(t)
			press, ca := serve(t, s)
			release(t, s, press, category)
			check(t, press.URL, ca)
			files := download(t, press.URL, ca)
			if len(files) != 1 {
				t.Fatalf("%d documents were downloaded, want 1", len(files))
			}
			validate(t, files...)
		})
	}
}
