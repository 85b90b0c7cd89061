package search_test

import (
	"context"
	"fmt"
	"testing"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/search"
	"tocsin/spec/tlp"
)

// BenchmarkFind searches 100,000 texts in 1,000 audiences: a word that stands
// in every one of them and one that stands in a few, asked by somebody who
// sees nearly all, a few, or none.
func BenchmarkFind(b *testing.B) {
	for _, dialect := range dbtest.Dialects {
		d, _ := dbtest.Open(b, dialect)
		fill(b, d, 100_000)
		for who, a := range map[string]audience.Actor{"all": member("p1", "o1", "g1"), "few": member("p2", "o2", "g2"), "none": member("p3", "o3", "g3")} {
			for _, word := range []string{"vulnerability", "rare77"} {
				b.Run(fmt.Sprintf("%s/%s/%s", dialect, who, word), func(b *testing.B) {
					for b.Loop() {
						err := d.Read(context.Background(), func(tx *db.Tx) error {
							_, err := search.Find(tx, a, search.Query{Text: word})
							return err
						})
						if err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

func fill(b *testing.B, d *db.DB, size int) {
	b.Helper()
	var audiences []string
	err := d.Write(context.Background(), func(tx *db.Tx) error {
		for i := range 1000 {
			grants := []audience.Grant{{Kind: audience.Org, ID: "o1", Role: audience.Reader}}
			if i%100 == 0 {
				grants = append(grants, audience.Grant{Kind: audience.Org, ID: "o2", Role: audience.Reader})
			}
			aid, err := audience.Create(tx, "case", grants, nil, nil)
			if err != nil {
				return err
			}
			audiences = append(audiences, aid)
		}
		return nil
	})
	for from := 0; from < size && err == nil; from += 5000 {
		err = d.Write(context.Background(), func(tx *db.Tx) error {
			for i := from; i < from+5000; i++ {
				doc := search.Doc{Kind: "case", ObjectID: fmt.Sprint(i), Audience: audiences[i%len(audiences)], Level: tlp.Amber, URL: "/",
					Title: fmt.Sprintf("TA-2026-%05d in product%d", i, i%300), Body: fmt.Sprintf("A vulnerability rare%d lets a remote attacker do something in version 1.%d.3 of the software.", i%9000, i%20)}
				if err := search.Put(tx, doc); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		b.Fatal(err)
	}
	if d.Dialect == db.Postgres { // what autovacuum does in a minute
		if _, err := d.Handle().Exec("VACUUM ANALYZE search_doc"); err != nil {
			b.Fatal(err)
		}
	}
}
