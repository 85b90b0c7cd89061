package api

import (
	"bytes"

	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
)

// exportMatrix is the matrix as CSV, with its marking on every line.
func exportMatrix(c *call, tx *db.Tx, in *OfCase) (download, error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return download{}, err
	}
	board, err := matrix.Load(tx, c.Actor, k.ID)
	if err != nil {
		return download{}, err
	}
	var b bytes.Buffer
	err = matrix.WriteCSV(&b, k.Level, board)
	return download{name: k.Number + "-matrix.csv", text: b.Bytes()}, err
}

func nudge(c *call, tx *db.Tx, in *OfParty) (casework.Participant, error) {
	return matrix.Nudge(tx, c.Actor, in.Case, in.Participant)
}
