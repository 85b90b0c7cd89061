//go:build race

package audience_test

import "tocsin/internal/kernel/db"

// worldsOf is smaller under the race detector, which makes the embedded
// database ten times as slow; the suite draws all worlds without it.
var worldsOf = map[db.Dialect]string{db.SQLite: "300", db.Postgres: "100"}
