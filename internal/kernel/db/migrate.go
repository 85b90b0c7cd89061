package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed schema
var schema embed.FS

// Migrate brings the schema to this binary's version. A file NNNNN_name.sql
// holds what both databases share; NNNNN_name.sqlite.sql and
// NNNNN_name.postgres.sql add what only one of them has. Each version is one
// transaction.
func (d *DB) Migrate(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		// Another process may have been faster; if so the schema is there.
		if pending, e := p.HasPending(ctx); e == nil && !pending {
			return nil
		}
		return d.mapError(fmt.Errorf("migrate the database: %w", err))
	}
	return nil
}

// SchemaVersion is the version in the database and the one this binary wants.
func (d *DB) SchemaVersion(ctx context.Context) (have, want int64, err error) {
	p, err := d.provider()
	if err != nil {
		return 0, 0, err
	}
	have, want, err = p.GetVersions(ctx)
	return have, want, d.mapError(err)
}

func (d *DB) provider() (*goose.Provider, error) {
	steps, err := d.migrations()
	if err != nil {
		return nil, err
	}
	opts := []goose.ProviderOption{goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger())}
	dialect := goose.DialectSQLite3
	if d.Dialect == Postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker()
		if err != nil {
			return nil, err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(dialect, d.write, nil, opts...)
}

func (d *DB) migrations() ([]*goose.Migration, error) {
	texts := map[int64]string{}
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	sort.Strings(names) // NNNNN_name.sql sorts behind NNNNN_name.postgres.sql
	for _, want := range []string{"", "." + string(d.Dialect)} {
		for _, name := range names {
			version, kind, err := parseName(name)
			if err != nil {
				return nil, err
			}
			if kind != want {
				continue
			}
			text, err := schema.ReadFile(name)
			if err != nil {
				return nil, err
			}
			texts[version] += string(text) + "\n"
		}
	}
	steps := make([]*goose.Migration, 0, len(texts))
	for version, text := range texts {
		run := func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, d.translate(text))
			return err
		}
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: run}, nil))
	}
	sort.Slice(steps, func(i, j int) bool { return steps[i].Version < steps[j].Version })
	return steps, nil
}

// translate spells the one column type whose name differs.
func (d *DB) translate(text string) string {
	if d.Dialect == Postgres {
		return strings.ReplaceAll(text, " BLOB", " BYTEA")
	}
	return text
}

// parseName splits "schema/00001_kernel.postgres.sql" into 1 and ".postgres".
func parseName(name string) (version int64, kind string, err error) {
	base := strings.TrimSuffix(strings.TrimPrefix(name, "schema/"), ".sql")
	number, rest, ok := strings.Cut(base, "_")
	if !ok {
		return 0, "", fmt.Errorf("schema file %s has no number", name)
	}
	version, err = strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, "", fmt.Errorf("schema file %s: %w", name, err)
	}
	if i := strings.IndexByte(rest, '.'); i >= 0 {
		kind = rest[i:]
	}
	return version, kind, nil
}
