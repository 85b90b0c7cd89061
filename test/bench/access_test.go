package bench

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/tlp"
	"tocsin/test/harness"
)

// crowd is the size of an alliance.
type crowd struct{ orgs, people, programs int }

// BenchmarkAccess asks for pages and answers as one member of an alliance of
// 10,000 organizations, 100,000 people and 50 programs; the ratio is to the
// same member in a small alliance. The pages show the same in both, so what
// differs is what finding out costs.
func BenchmarkAccess(b *testing.B) {
	eachDialect(b, func(b *testing.B, o harness.Options) {
		few, ofFew := crowded(b, o, crowd{orgs: 10, people: 50, programs: 3})
		many, ofMany := crowded(b, o, crowd{orgs: 10_000, people: 100_000, programs: 50})
		for _, page := range []string{"/", "/cases", "/cases/N", "/advisories", "/inbox"} {
			b.Run(strings.Trim(strings.ReplaceAll("page"+page, "/", "-"), "-"), func(b *testing.B) {
				var ratio, p50 float64
				for b.Loop() {
					before := few.together(b, ofFew.Replace(page), 1, 40)
					after := many.together(b, ofMany.Replace(page), 1, 40)
					p50 = ms(middle(after))
					ratio = p50 / ms(middle(before))
				}
				b.ReportMetric(p50, "p50-ms")
				b.ReportMetric(ratio, "crowd-ratio")
				b.ReportMetric(0, "ns/op")
			})
		}
	})
}

// crowded serves an alliance of that size, with a visitor who belongs to one
// organization in three programs and is party to one case.
func crowded(b *testing.B, o harness.Options, c crowd) (visitor, *strings.Replacer) {
	b.Helper()
	var number, secret string
	s, cookie := founded(b, o, func(h *gate.House, cora audience.Actor) error {
		return h.Write(context.Background(), func(tx *db.Tx) error {
			list, err := fillCrowd(tx, cora, c)
			if err != nil {
				return err
			}
			ada, err := people.Add(tx, cora, "ada@member.example", "Ada Whitlock")
			if err != nil {
				return err
			}
			member, err := orgs.Create(tx, cora, orgs.Org{Name: "Member", Class: orgs.Vendor, Listed: true})
			if err != nil {
				return err
			}
			if _, err := orgs.Join(tx, cora, member.ID, ada.ID, orgs.Admin); err != nil {
				return err
			}
			for _, p := range list[:3] {
				if err := programs.Join(tx, cora, p, member.ID); err != nil {
					return err
				}
			}
			if number, err = caseWith(tx, cora, member, ada.ID); err != nil {
				return err
			}
			e, err := people.Open(tx, ada.ID, "demo", people.Where{Address: "127.0.0.1"})
			secret = e.Secret
			return err
		})
	})
	return visit(b, s, &http.Cookie{Name: cookie.Name, Value: secret}), strings.NewReplacer("/N", "/"+number)
}

// caseWith opens a case to which the organization is a party, by the hand of
// the person.
func caseWith(tx *db.Tx, cora audience.Actor, member orgs.Org, person string) (number string, err error) {
	c, err := casework.OpenCase(tx, cora, casework.NewCase{Title: "Overflow", Summary: "A length is trusted before it is checked.", Level: tlp.Amber})
	if err != nil {
		return "", err
	}
	if _, err := casework.Invite(tx, cora, c.ID, casework.Inclusion{Reason: "ships it", Targets: []casework.Target{{Kind: audience.Org, ID: member.ID, Role: casework.Vendor}}}); err != nil {
		return "", err
	}
	who, err := people.ActorOf(tx, person)
	if err != nil {
		return "", err
	}
	open, err := casework.OpenInvitations(tx, who)
	for _, i := range open {
		if _, err := casework.Accept(tx, who, i.ID, i.Terms); err != nil {
			return "", err
		}
	}
	return c.Number, err
}

// fillCrowd makes the programs by the verb, and the mass of organizations and
// people by statements of many rows: each organization is in two programs.
func fillCrowd(tx *db.Tx, cora audience.Actor, c crowd) (list []string, err error) {
	for i := range c.programs {
		p, err := programs.Create(tx, cora, programs.Program{Name: fmt.Sprintf("Program %02d", i), TLP: tlp.Green})
		if err != nil {
			return nil, err
		}
		list = append(list, p.ID)
	}
	aid, err := charter.Administration(tx)
	if err != nil {
		return nil, err
	}
	now := db.Micros(tx.Now)
	for _, q := range []struct {
		rows int
		sql  string
	}{
		{c.orgs, `INSERT INTO org (id, audience_id, name, folded, class, listed, state, created_at, version) SELECT 'org_x' || i, $2, 'Crowd ' || i, 'crowd ' || i, 'vendor', 1, 'active', $3, 1 FROM n`},
		{c.people, `INSERT INTO person (id, audience_id, email, name, state, created_at, version) SELECT 'per_x' || i, $2, 'p' || i || '@crowd.example', 'Person ' || i, 'active', $3, 1 FROM n`},
		{c.people, fmt.Sprintf(`INSERT INTO membership (id, org_id, person_id, role, since, version) SELECT 'mem_x' || i, 'org_x' || (1 + i %% %d), 'per_x' || i, 'responder', $3, 1 FROM n WHERE $2 <> ''`, c.orgs)},
		{c.people, `INSERT INTO seat (person_id, kind, subject_id, party_kind, party_id, cap) SELECT 'per_x' || i, 'person', 'per_x' || i, 'person', 'per_x' || i, 3 FROM n WHERE $2 <> '' AND CAST($3 AS BIGINT) > 0`},
	} {
		if _, err := tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST($1 AS BIGINT)) `+q.sql, q.rows, aid, now); err != nil {
			return nil, err
		}
	}
	for i := 1; i <= c.orgs; i++ {
		org := fmt.Sprintf("org_x%d", i)
		for _, k := range []int{i, i + 1} {
			if _, err := tx.Exec(`INSERT INTO program_org (id, program_id, org_id, since) VALUES ($1, $2, $3, $4)`, fmt.Sprintf("pro_x%d.%d", i, k), list[k%len(list)], org, now); err != nil {
				return nil, err
			}
		}
		if err := orgs.Reseat(tx, org); err != nil {
			return nil, err
		}
	}
	return list, nil
}
