package advisory

import "tocsin/internal/kernel/ledger"

// The events this package writes: noun and past participle.
const (
	Drafted          = "advisory.drafted"
	Edited           = "advisory.edited"
	Commented        = "advisory.commented"
	Settled          = "advisory.settled" // a comment was dealt with
	Submitted        = "advisory.submitted"
	Returned         = "advisory.returned"
	Approved         = "advisory.approved"
	Scheduled        = "advisory.scheduled"
	Unscheduled      = "advisory.unscheduled"
	Released         = "advisory.released"
	Withdrawn        = "advisory.withdrawn"
	DocumentReleased = "document.released"  // to whom the document is for, in the case or not
	DocumentRetired  = "document.withdrawn" // likewise
	DocumentImported = "document.imported"
	DocumentUpdated  = "document.updated"
)

var (
	advisoryTable = ledger.Table{Kind: "advisory", Name: "advisory", Cols: "number, case_id, audience_id, tlp, state, title, version, approved_version, approved_by, released_version, out_tlp, out_audience, release_at, document_id, revision, withdrawn_at"}
	versionTable  = ledger.Table{Kind: "advisory_version", Name: "advisory_version", Cols: "advisory_id, n, content, author, at"}
	commentTable  = ledger.Table{Kind: "advisory_comment", Name: "advisory_comment", Cols: "advisory_id, version, section, text, author, at, settled_by"}
)

// Tables are the rows that this package's events vouch for.
func Tables() []ledger.Table {
	return []ledger.Table{advisoryTable, versionTable, commentTable, documentTable}
}
