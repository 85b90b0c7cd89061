package casework

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
)

// What BenchmarkList asks of: a member who may see few of many.
const (
	manyCases = 100_000
	ownCases  = 200
)

// BenchmarkList measures what the rule of who may see what costs: the list of
// 50 cases for a member who may see 200 of 100,000 and for a coordinator who
// may see all, against the same list without the rule (the total and the
// first 50 of all); and the member's list on a database that holds those 200
// cases and nothing else.
func BenchmarkList(b *testing.B) {
	for _, dialect := range dbtest.Dialects {
		b.Run(string(dialect), func(b *testing.B) {
			few, _ := dbtest.Open(b, dialect)
			fill(b, few, ownCases)
			many, _ := dbtest.Open(b, dialect)
			fill(b, many, manyCases)
			member, coordinator := lister("org_mine", ""), lister("", CoordinatorOffice)

			took := inTurn(b, 25,
				func() error { return listAs(many, member, ownCases) },
				func() error { return listAs(many, coordinator, mostListed) },
				func() error { return listAs(few, member, ownCases) },
				func() error { return listAll(many) })
			for b.Loop() {
				if err := listAs(many, member, ownCases); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(ratio(took[0], took[3]), "ratio")
			b.ReportMetric(ratio(took[1], took[3]), "coordinator-ratio")
			b.ReportMetric(ratio(took[0], took[2]), "against-200-alone")
			b.ReportMetric(ms(took[0]), "ms")
			b.ReportMetric(ms(took[3]), "unscoped-ms")
		})
	}
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func lister(org, office string) audience.Actor {
	me := audience.Party{Kind: audience.Person, ID: "p_lister"}
	a := audience.Actor{Person: me.ID, Seats: []audience.Seat{{Kind: audience.Person, ID: me.ID, Party: me, Cap: audience.Coordinator}}}
	if org != "" {
		a.Seats = append(a.Seats, audience.Seat{Kind: audience.Org, ID: org, Party: audience.Party{Kind: audience.Org, ID: org}, Cap: audience.Contributor, Class: "vendor"})
	}
	if office != "" {
		a.Seats = append(a.Seats, audience.Seat{Kind: audience.Office, ID: office, Party: me, Cap: audience.Coordinator})
	}
	return a
}

func listAs(d *db.DB, a audience.Actor, total int) error {
	return d.Read(context.Background(), func(tx *db.Tx) error {
		p, err := List(tx, a, Filter{})
		if err == nil && (len(p.Cases) != 50 || p.Total != total) {
			err = fmt.Errorf("the list shows %d of %d cases; want 50 of %d", len(p.Cases), p.Total, total)
		}
		return err
	})
}

// listAll is the list without the rule: List begins with WHERE too, since
// filters are added to it.
func listAll(d *db.DB) error {
	return d.Read(context.Background(), func(tx *db.Tx) error {
		total, err := db.Value[int](tx, `SELECT COUNT(*) FROM cases c WHERE 1 = 1`)
		if err != nil {
			return err
		}
		list, err := db.All(tx, scanCase, `SELECT `+caseColumns+` FROM cases c WHERE 1 = 1 ORDER BY c.updated_at DESC, c.id DESC LIMIT 51`)
		if err == nil && (len(list) != 51 || total != manyCases) {
			err = fmt.Errorf("all of it is %d of %d cases", len(list), total)
		}
		return err
	})
}

// inTurn runs each of them n times, one after the other so that all meet the
// same machine, and returns the middle time of each.
func inTurn(b *testing.B, n int, run ...func() error) []time.Duration {
	took := make([][]time.Duration, len(run))
	for range n {
		for i, f := range run {
			begun := time.Now()
			if err := f(); err != nil {
				b.Fatal(err)
			}
			took[i] = append(took[i], time.Since(begun))
		}
	}
	out := make([]time.Duration, len(run))
	for i := range took {
		slices.Sort(took[i])
		out[i] = took[i][n/2]
	}
	return out
}

// fill loads n cases with five parties each in one transaction. The first
// organization is in 200 of them, spread over all.
func fill(b testing.TB, d *db.DB, n int) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	step := n / ownCases
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		l := loader{tx: tx, rows: map[string][]string{}}
		for i := range n {
			aid, terms, at := fmt.Sprintf("aud_%06d", i), fmt.Sprintf("trm_%06d", i), tx.Now.Add(-time.Duration(random.IntN(1_000_000))*time.Minute).UnixMicro()
			l.add("audience (id, noun, created_at)", "('%s', 'case', %d)", aid, at)
			l.add("audience_grant (audience_id, kind, subject_id, role, reach, since)", "('%s', 'role', 'coordinator', %d, %d, 0)", aid, int(audience.Coordinator), int(audience.Office.Reach()))
			l.add("audience_terms (audience_id, terms_id)", "('%s', '%s')", aid, terms)
			for k := range 5 {
				org := fmt.Sprintf("org_%d_%04d", k, random.IntN(2000))
				if k == 0 && i%step == 0 {
					org = "org_mine"
				}
				l.add("audience_grant (audience_id, kind, subject_id, role, reach, since)", "('%s', 'org', '%s', %d, %d, 0)", aid, org, int(audience.Contributor), int(audience.Org.Reach()))
				l.add("terms_acceptance (terms_id, party_kind, party_id, person_id, at)", "('%s', 'org', '%s', 'p_x', 0)", terms, org)
			}
			l.add("cases (id, number, title, audience_id, team_id, tlp, terms_id, terms_text, state, opened_at, updated_at)",
				"('cas_%06d', 'TA-2026-%06d', 'Heap overflow in a library', '%s', '%s', 2, '%s', 'Keep it.', 'open', %d, %d)", i, i, aid, aid, terms, at, at)
			if i%200 == 199 {
				if err := l.flush(); err != nil {
					return err
				}
			}
		}
		return l.flush()
	})
	if err == nil && d.Dialect == db.Postgres { // where it happens by itself, some minutes later
		_, err = d.Handle().Exec("ANALYZE")
	}
	if err != nil {
		b.Fatal(err)
	}
}

// loader gathers rows by table; the tables keep the order in which they were
// first named, which is that of their references.
type loader struct {
	tx     *db.Tx
	tables []string
	rows   map[string][]string
}

func (l *loader) add(table, format string, args ...any) {
	if l.rows[table] == nil {
		l.tables = append(l.tables, table)
	}
	l.rows[table] = append(l.rows[table], fmt.Sprintf(format, args...))
}

func (l *loader) flush() error {
	for _, table := range l.tables {
		if rows := l.rows[table]; len(rows) > 0 {
			if _, err := l.tx.Exec("INSERT INTO " + table + " VALUES " + strings.Join(rows, ", ")); err != nil {
				return err
			}
			l.rows[table] = rows[:0]
		}
	}
	return nil
}
