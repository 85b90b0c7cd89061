package bench

import (
	"context"
	"testing"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/test/harness"
)

// BenchmarkWhoIsOnCall asks "who do I call at X, now?" of one organization
// among 10,000 that keep contacts and a rotation each; the ratio is to the same
// question in an alliance of ten. That somebody looked is recorded in both.
func BenchmarkWhoIsOnCall(b *testing.B) {
	eachDialect(b, func(b *testing.B, o harness.Options) {
		few, many := staffed(b, o, 10), staffed(b, o, 10_000)
		const question = "/alliance/call?q=Crowd+7"
		few.settled(b, question)
		many.settled(b, question)
		var ratio, p50 float64
		for b.Loop() {
			before := few.together(b, question, 1, 60)
			after := many.together(b, question, 1, 60)
			p50 = ms(middle(after))
			ratio = p50 / ms(middle(before))
		}
		b.ReportMetric(p50, "p50-ms")
		b.ReportMetric(ratio, "crowd-ratio")
		b.ReportMetric(0, "ns/op")
	})
}

// staffed serves an alliance of n organizations with five contacts and a
// rotation over them each.
func staffed(b *testing.B, o harness.Options, n int) visitor {
	b.Helper()
	s, cookie := founded(b, o, func(h *gate.House, cora audience.Actor) error {
		return h.Write(context.Background(), func(tx *db.Tx) error {
			if _, err := fillCrowd(tx, cora, crowd{orgs: n, people: n, programs: 3}); err != nil {
				return err
			}
			return staff(tx, n)
		})
	})
	return visit(b, s, cookie)
}

func staff(tx *db.Tx, n int) error {
	const each, all = `1 + (i - 1) / 5`, 5
	layers := `'[{"name":"main","zone":"Europe/Vienna","start":"2026-01-05T09:00","every":{"weeks":1},"members":["con_x' || (5 * i - 4) || '","con_x' || (5 * i - 3) || '"]}]'`
	for _, q := range []struct {
		rows int
		sql  string
	}{
		{n, `INSERT INTO audience (id, noun, created_at) SELECT 'aud_x' || i, 'contact', $2 FROM n`},
		{n, `INSERT INTO audience_grant (audience_id, kind, subject_id, role, reach, since) SELECT 'aud_x' || i, 'org', 'org_x' || i, 2, 3, $2 FROM n`},
		{n, `INSERT INTO audience_grant (audience_id, kind, subject_id, role, reach, since) SELECT 'aud_x' || i, 'role', 'coordinator', 3, 3, $2 FROM n`},
		{all * n, `INSERT INTO contact (id, org_id, audience_id, tlp, kind, name, phone, time_zone, created_at, version) SELECT 'con_x' || i, 'org_x' || (` + each + `), 'aud_x' || (` + each + `), 3, 'response team', 'Contact ' || i, '+15550100001', 'Europe/Vienna', $2, 1 FROM n`},
		{n, `INSERT INTO contact_rotation (id, org_id, audience_id, tlp, name, layers, created_at, version) SELECT 'rot_x' || i, 'org_x' || i, 'aud_x' || i, 3, 'Duty', ` + layers + `, $2, 1 FROM n`},
	} {
		if _, err := tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < CAST($1 AS BIGINT)) `+q.sql, q.rows, db.Micros(tx.Now)); err != nil {
			return err
		}
	}
	return nil
}
