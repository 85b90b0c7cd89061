//go:build !race

package programs_test

import "tocsin/internal/kernel/db"

// worldsOf is how many random worlds are drawn; PostgreSQL answers each small
// question over a socket and is asked in fewer.
var worldsOf = map[db.Dialect]string{db.SQLite: "400", db.Postgres: "25"}

// previewWorldsOf is how many worlds see rules changed, ten times each: more
// than a thousand changes on SQLite, and fewer on PostgreSQL, where the same
// statements take four times as long.
var previewWorldsOf = map[db.Dialect]string{db.SQLite: "200", db.Postgres: "12"}
