package csafprovider_test

import (
	"context"
	"testing"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
)

// BenchmarkDoor measures single answers of a provider with 304 documents.
func BenchmarkDoor(b *testing.B) {
	cisa := dbtest.SharedData(b, "csaf/cisa")
	d, _ := dbtest.Open(b, db.SQLite)
	s := serve(b, d)
	if _, err := s.press.ImportDir(context.Background(), d, cisa, nil); err != nil {
		b.Fatal(err)
	}
	for _, path := range []string{"provider-metadata.json", "white/csaf-feed-tlp-white.json", "white/changes.csv", "white/2022/", "white/2022/icsa-22-006-02.json"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				s.want("/.well-known/csaf/"+path, 200)
			}
		})
	}
}
