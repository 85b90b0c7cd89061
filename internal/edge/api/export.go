package api

import (
	"context"

	"tocsin/internal/kernel/db"
	"tocsin/internal/response/archive"
)

// exportCase hands out all that the actor may see of a case as one ZIP.
func exportCase(c *call, tx *db.Tx, in *OfCase) (download, error) {
	if _, err := seenCase(c, tx, in.Case); err != nil {
		return download{}, err
	}
	return download{prepare: func(ctx context.Context) (prepared, error) {
		return archive.Exporter{DB: c.DB, Blobs: c.Blobs, Sealer: c.Sealer}.Prepare(ctx, c.Actor, in.Case)
	}}, nil
}
