//go:build !race

package audience_test

import "tocsin/internal/kernel/db"

// worldsOf is how many random worlds are drawn on each database: ten thousand
// in all, most of them where they cost least.
var worldsOf = map[db.Dialect]string{db.SQLite: "9000", db.Postgres: "1000"}
