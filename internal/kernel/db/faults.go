package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"tocsin/internal/kernel/errs"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// retryable reports whether the same transaction may succeed when run again.
func retryable(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		return lite.Code()&0xff == sqlite3.SQLITE_BUSY
	}
	return false
}

// Taken reports whether err is a broken unique constraint: somebody was
// faster, or the same thing was said twice.
func Taken(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23505"
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		c := lite.Code()
		return c == sqlite3.SQLITE_CONSTRAINT_UNIQUE || c == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// mapError turns a fault of the database itself into Unavailable, and leaves
// everything else alone.
func (d *DB) mapError(err error) error {
	if err == nil || errs.KindOf(err) != errs.Internal {
		return err
	}
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return errs.Wrap(errs.Unavailable, err, "The server's disk is full; nothing was changed. Free some space and try again.")
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
			return errs.Wrap(errs.Unavailable, err, "The database does not answer; nothing was changed. Try again in a moment.")
		}
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		if pg.Code == "22021" { // character_not_in_repertoire: what came in, not what we asked
			return errs.Wrap(errs.Malformed, err, "The request holds bytes that are not text.")
		}
		switch pg.Code[:2] {
		case "53":
			return errs.Wrap(errs.Unavailable, err, "The database has no room left; nothing was changed.")
		case "57", "40", "08":
			return errs.Wrap(errs.Unavailable, err, "The database does not answer; nothing was changed. Try again in a moment.")
		}
		return err
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok || isConnection(err) {
		return errs.Wrap(errs.Unavailable, err, "The database does not answer; nothing was changed. Try again in a moment.")
	}
	return err
}

// unconfirmed tells a commit whose answer was lost from one that was refused:
// the first may have happened, so it must not read "nothing was changed", and
// it must not be run again.
func unconfirmed(err error) error {
	lost := isConnection(err)
	if lite, ok := errors.AsType[*sqlite.Error](err); ok {
		lost = lite.Code()&0xff == sqlite3.SQLITE_IOERR
	}
	if _, answered := errors.AsType[*pgconn.PgError](err); answered || !lost {
		return err
	}
	return errs.Wrap(errs.Unavailable, err, "The database went away before it confirmed the change. Look whether it was made before you try again.")
}

func isConnection(err error) bool {
	if errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, pgconn.ErrConnClosed) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	_, ok := errors.AsType[net.Error](err)
	return ok
}
