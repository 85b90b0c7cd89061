package db

import (
	"context"
	"database/sql/driver"
	"strings"

	"modernc.org/sqlite"
)

// mostKept bounds the statements that one connection keeps prepared.
const mostKept = 150

// keeping opens connections to SQLite that keep their statements prepared:
// to parse and plan one takes longer than to run most of them. PostgreSQL's
// driver does the same by itself.
type keeping struct{ driver.Connector }

func keepStatements(dsn string) (driver.Connector, error) {
	c, err := sqlite.NewConnector(dsn)
	return keeping{c}, err
}

// Connect opens a connection.
func (k keeping) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := k.Connector.Connect(ctx)
	// Several that open a new file at once turn its journal around one by one,
	// and to that the library does not wait its turn.
	for try := 1; err != nil && retryable(err) && try <= maxTries; try++ {
		if pause(ctx, try) != nil {
			break
		}
		c, err = k.Connector.Connect(ctx)
	}
	if err != nil {
		return nil, err
	}
	return &keeper{sqliteConn: c.(sqliteConn), kept: map[string]*statement{}}, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keeper is one connection. Like every driver's it serves one goroutine at a
// time.
type keeper struct {
	sqliteConn
	kept map[string]*statement
	uses uint64 // a clock for which was used last
}

type statement struct {
	prepared interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}
	busy bool // its rows are being read
	used uint64
}

// QueryContext runs a query on its kept statement, or on one of its own while
// that one is being read.
func (k *keeper) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := k.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return k.sqliteConn.QueryContext(ctx, query, args)
	}
	rows, err := s.prepared.QueryContext(ctx, args)
	if err != nil {
		k.drop(query)
		return nil, err
	}
	s.busy = true
	return &keptRows{rows, s}, nil
}

// ExecContext is QueryContext for what returns no rows.
func (k *keeper) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	s, err := k.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return k.sqliteConn.ExecContext(ctx, query, args)
	}
	r, err := s.prepared.ExecContext(ctx, args)
	if err != nil {
		k.drop(query)
	}
	return r, err
}

// statement is the query's kept statement, prepared on first use; nil if it
// is not to be kept, or not free.
func (k *keeper) statement(ctx context.Context, query string) (*statement, error) {
	k.uses++
	if s, ok := k.kept[query]; ok {
		s.used = k.uses
		if s.busy {
			return nil, nil
		}
		return s, nil
	}
	if !keepable(query) || !k.makeRoom() {
		return nil, nil
	}
	p, err := k.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	s := &statement{used: k.uses}
	var ok bool
	if s.prepared, ok = p.(interface {
		driver.Stmt
		driver.StmtExecContext
		driver.StmtQueryContext
	}); !ok {
		return nil, p.Close()
	}
	k.kept[query] = s
	return s, nil
}

// keepable reports whether the text is one statement on rows. Scripts, pragmas
// and changes of the schema are run once.
func keepable(query string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	switch strings.ToUpper(verb) {
	case "SELECT", "WITH", "INSERT", "UPDATE", "DELETE":
		return !strings.Contains(query, ";")
	}
	return false
}

// makeRoom drops the statement that was not used for longest, if there are
// too many; false if all are being read.
func (k *keeper) makeRoom() bool {
	if len(k.kept) < mostKept {
		return true
	}
	oldest := ""
	for query, s := range k.kept {
		if !s.busy && (oldest == "" || s.used < k.kept[oldest].used) {
			oldest = query
		}
	}
	if oldest == "" {
		return false
	}
	k.drop(oldest)
	return true
}

// drop forgets a statement. Its own error, if there was one, is told already.
func (k *keeper) drop(query string) {
	k.kept[query].prepared.Close()
	delete(k.kept, query)
}

// Close closes the statements, then the connection.
func (k *keeper) Close() error {
	for query := range k.kept {
		k.drop(query)
	}
	return k.sqliteConn.Close()
}

// keptRows frees its statement when it is closed.
type keptRows struct {
	driver.Rows
	of *statement
}

func (r *keptRows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}
