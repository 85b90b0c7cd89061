//go:build race

package programs_test

import "tocsin/internal/kernel/db"

// worldsOf is how many random worlds are drawn: few, since the race detector makes
// the embedded database ten times as slow.
var worldsOf = map[db.Dialect]string{db.SQLite: "12", db.Postgres: "4"}

// previewWorldsOf is how many worlds see rules changed, ten times each.
var previewWorldsOf = map[db.Dialect]string{db.SQLite: "10", db.Postgres: "3"}
