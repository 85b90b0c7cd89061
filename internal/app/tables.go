package app

import (
	"slices"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/alliance/contacts"
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/commons/outreach"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/internal/response/report"
	"tocsin/internal/response/talk"
)

// Tables are the rows of every package that the ledger's events vouch for.
func Tables() []ledger.Table {
	return slices.Concat(charter.Tables(), people.Tables(), orgs.Tables(), agreements.Tables(), programs.Tables(), board.Tables(), contacts.Tables(),
		constituency.Tables(), outreach.Tables(), membership.Tables(),
		casework.Tables(), embargo.Tables(), matrix.Tables(), talk.Tables(), report.Tables(), advisory.Tables())
}
