package db

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed schema
var schema embed.FS

// patience is how often a migration is tried while the file is locked, which
// is some ten seconds.
const patience = 30

// Migrate brings the schema to this binary's version. A file NNNNN_name.sql
// holds what both databases share; NNNNN_name.sqlite.sql and
// NNNNN_name.postgres.sql add what only one of them has. Each version is one
// transaction.
func (d *DB) Migrate(ctx context.Context) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	reached := int64(-1)
	for try := 1; ; try++ {
		_, err := p.Up(ctx)
		if err == nil {
			return nil
		}
		// Another process may be at it and faster by a version; go on behind
		// it as long as somebody makes progress.
		have, want, e := p.GetVersions(ctx)
		if e == nil && have >= want {
			return nil
		}
		if e != nil || have <= reached {
			if try > patience || !retryable(cmp.Or(e, err)) || pause(ctx, min(try, maxTries)) != nil {
				return d.mapError(fmt.Errorf("migrate the database: %w", err))
			}
			continue
		}
		reached = have
	}
}

// MigrateTo brings a schema to an older version than this binary's, so that a
// restore can put rows where they fit before it migrates them.
func (d *DB) MigrateTo(ctx context.Context, version int64) error {
	p, err := d.provider()
	if err != nil {
		return err
	}
	_, err = p.UpTo(ctx, version)
	return d.mapError(err)
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
	texts, err := schemaTexts(d.Dialect)
	if err != nil {
		return nil, err
	}
	steps := make([]*goose.Migration, 0, len(texts))
	for _, version := range slices.Sorted(maps.Keys(texts)) {
		run := func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, texts[version])
			return err
		}
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{RunTx: run}, nil))
	}
	return steps, nil
}

// SchemaDigest is a SHA-256 in hex over all that Migrate would run on a fresh
// database of that dialect; tests name their template by it.
func SchemaDigest(dialect Dialect) (string, error) {
	texts, err := schemaTexts(dialect)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, version := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(sum, "%d\n%s\n", version, texts[version])
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// schemaTexts is the SQL of each version: what is shared, then what is the
// dialect's own.
func schemaTexts(dialect Dialect) (map[int64]string, error) {
	texts := map[int64]string{}
	names, err := fs.Glob(schema, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	for _, want := range []string{"", "." + string(dialect)} {
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
			texts[version] += translate(dialect, string(text)) + "\n"
		}
	}
	return texts, nil
}

// translate spells the one column type whose name differs.
func translate(dialect Dialect, text string) string {
	if dialect == Postgres {
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
