package advisory_test

import (
	"fmt"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/matrix"
	"tocsin/spec/vex"
)

// BenchmarkRelease prepares, signs and releases an advisory for 200 vendors.
func BenchmarkRelease(b *testing.B) {
	for _, dialect := range dbtest.Dialects {
		b.Run(string(dialect), func(b *testing.B) {
			d, c := dbtest.Open(b, dialect)
			s := casetest.New(b, d)
			cora := casetest.Actor(b, d, "p_cora", "", casework.CoordinatorOffice)
			p := advisory.Press{Sealer: s.Sealer, URL: "https://alliance.example"}
			var v advisory.Advisory
			casetest.Must(b, d, func(tx *db.Tx) error {
				flaw, err := matrix.AddVulnerability(tx, s.Ada, s.Case.ID, matrix.Vulnerability{Title: "Overflow", CVE: "CVE-2026-12345", CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"})
				if err != nil {
					return err
				}
				in := casework.Inclusion{Reason: "ships libexample"}
				for i := range 200 {
					in.Targets = append(in.Targets, casework.Target{Kind: audience.Org, ID: fmt.Sprint("org_", i), Name: fmt.Sprintf("Vendor %03d", i), Role: casework.Vendor})
				}
				parties, err := casework.Invite(tx, s.Ada, s.Case.ID, in)
				if err != nil {
					return err
				}
				for _, party := range parties {
					if _, err := matrix.SetStatus(tx, s.Ada, s.Case.ID, matrix.Status{Participant: party.ID, Vulnerability: flaw.ID, Status: vex.Affected, Affected: []string{"< 2.4"}, Fixed: []string{"2.4"}, Statement: "Install the update of " + party.Name + "."}); err != nil {
						return err
					}
				}
				if v, err = advisory.Draft(tx, s.Ada, s.Case.ID); err != nil {
					return err
				}
				if _, err = advisory.Submit(tx, s.Ada, v.ID, 1); err != nil {
					return err
				}
				v, err = advisory.Approve(tx, cora, v.ID, 1)
				return err
			})
			for b.Loop() {
				c.Advance(time.Second)
				casetest.Must(b, d, func(tx *db.Tx) error {
					_, err := p.Schedule(tx, s.Ada, v.ID, advisory.Plan{Version: 1, At: tx.Now.Add(time.Hour)})
					return err
				})
			}
			casetest.Must(b, d, func(tx *db.Tx) error {
				v, err := p.ReleaseNow(tx, s.Ada, v.ID, advisory.Plan{Version: 1})
				if err == nil && v.State != advisory.StateReleased {
					err = fmt.Errorf("the advisory is %s", v.State)
				}
				return err
			})
		})
	}
}
