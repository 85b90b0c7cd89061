package audience

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/spec/tlp"
)

// Visible is the rule as an SQL condition on the table or alias t, which has
// the columns audience_id and tlp. It adds its parameters to args. Use it to
// load single records and inside queries that another key has narrowed.
//
// Its own names begin with aud_, so that no caller's alias can be captured.
func Visible(a Actor, t string, args *db.Args) string {
	return VisibleIn(a, t+".audience_id", t, args)
}

// VisibleIn is Visible for a row of t in another of its audiences than
// audience_id: the column, with its table, names that one.
//
// Each seat asks for its own grant by key. That is a sub-query and not a join,
// so that a database does not read an audience of hundreds for each row.
func VisibleIn(a Actor, column, t string, args *db.Args) string {
	with := seats(a, args)
	if with == "" {
		return "1 = 0"
	}
	return "EXISTS (" + with + " SELECT 1 FROM aud_seats aud_s WHERE aud_s.cap > 0 AND (SELECT CASE WHEN " + counts(a, "(SELECT 1 "+accepted+") IS NULL") + " THEN 1 END FROM audience_grant aud_g" +
		" WHERE aud_g.audience_id = " + column + " AND aud_g.kind = aud_s.kind AND aud_g.subject_id = aud_s.subject_id AND aud_g.reach >= " + t + ".tlp) = 1" + unbarred(a, column, args) + ")"
}

// VisibleAmong is Visible for the many rows of a table that a key narrows to
// one case or thread: their markings are few, and the rule is asked once for
// each. key is a condition on the table's columns without an alias.
func VisibleAmong(a Actor, table, t, key string, args *db.Args) string {
	return "(" + t + ".audience_id, " + t + ".tlp) IN (WITH aud_m AS MATERIALIZED (SELECT DISTINCT audience_id, tlp FROM " + table + " WHERE " + key + ")" +
		" SELECT aud_m.audience_id, aud_m.tlp FROM aud_m WHERE " + Visible(a, "aud_m", args) + ")"
}

// VisibleOrPublished is Visible for a table that has the column release_at
// too, with everything TLP:CLEAR whose release instant has come at now.
func VisibleOrPublished(a Actor, t string, now time.Time, args *db.Args) string {
	return "(" + published(t, now, args) + " OR " + Visible(a, t, args) + ")"
}

// Published is the condition under which everybody sees a row of t at now.
func Published(t string, now time.Time, args *db.Args) string { return published(t, now, args) }

func published(t string, now time.Time, args *db.Args) string {
	return "(" + t + ".tlp = " + strconv.Itoa(int(tlp.Clear)) + " AND " + t + ".release_at IS NOT NULL AND " + t + ".release_at <= " + args.Add(now.UnixMicro()) + ")"
}

// Mine is the rule as a sub-query of (audience_id, reach): every audience the
// actor belongs to. A list that spans many audiences, and that no other key
// narrows, joins it, so that its cost follows what the actor may see and not
// what there is:
//
//	FROM (…Mine…) mine JOIN cases c ON c.audience_id = mine.audience_id AND c.tlp <= mine.reach
//
// It says nothing of the role; ask RoleOn before a verb.
func Mine(a Actor, args *db.Args) string {
	with := seats(a, args)
	if with == "" {
		return "(SELECT audience_id, reach FROM audience_grant WHERE 1 = 0)"
	}
	return "(" + with + " SELECT aud_g.audience_id, MAX(aud_g.reach) AS reach FROM aud_seats aud_s JOIN audience_grant aud_g ON aud_g.kind = aud_s.kind AND aud_g.subject_id = aud_s.subject_id" +
		" WHERE aud_s.cap > 0 AND " + counts(a, "NOT EXISTS (SELECT 1 "+accepted+")") + unbarred(a, "aud_g.audience_id", args) + " GROUP BY aud_g.audience_id)"
}

// Broad reports whether more than most grants name the actor's seats. To such
// an actor, who may see a good part of what there is, a list is quicker that
// walks its table in the order asked for and tests each row with Visible than
// one that joins Mine. It is a hint for the plan and decides nothing.
func Broad(tx *db.Tx, a Actor, most int) (bool, error) {
	type key struct {
		actor string
		most  int
	}
	return db.Recall(tx, key{a.Key(), most}, func() (bool, error) { return broad(tx, a, most) })
}

func broad(tx *db.Tx, a Actor, most int) (bool, error) {
	left := most + 1
	for _, s := range a.Seats {
		n, err := db.Value[int](tx, `SELECT COUNT(*) FROM (SELECT 1 FROM audience_grant WHERE kind = $1 AND subject_id = $2`+db.Limit(most+1)+`) x`, string(s.Kind), s.ID)
		if left -= n; err != nil || left <= 0 {
			return true, err
		}
	}
	return false, nil
}

// seats is the actor's seats as a table for what follows, or "" for an actor
// who has none.
func seats(a Actor, args *db.Args) string {
	if len(a.Seats) == 0 {
		return ""
	}
	rows := make([]string, len(a.Seats))
	for i, s := range a.Seats {
		rows[i] = "(" + args.Add(string(s.Kind)) + ", " + args.Add(s.ID) + ", " + args.Add(string(s.Party.Kind)) + ", " + args.Add(s.Party.ID) + ", " + strconv.Itoa(int(s.Cap)) + ", " + args.Add(s.Class) + ")"
	}
	return "WITH aud_seats (kind, subject_id, party_kind, party_id, cap, class) AS (VALUES " + strings.Join(rows, ", ") + ")"
}

// accepted finds the acceptance of terms by the seat's party.
const accepted = "FROM terms_acceptance aud_x WHERE aud_x.terms_id = aud_t.terms_id AND aud_x.party_kind = aud_s.party_kind AND aud_x.party_id = aud_s.party_id"

// counts is the condition that a grant gives the seat something: its party has
// accepted all terms, or coordinates or holds an office, and so brings them;
// and a membership on which the grant rests lasts. missing says of terms that they are not
// accepted.
func counts(a Actor, missing string) string {
	lasts := "aud_g.through = 0"
	if slices.ContainsFunc(a.Seats, func(s Seat) bool { return s.Kind == Program && s.Cap > None }) {
		lasts = "(" + lasts + " OR EXISTS (SELECT 1 FROM audience_through aud_h JOIN aud_seats aud_p ON aud_p.kind = 'program' AND aud_p.subject_id = aud_h.program_id AND aud_p.party_kind = aud_h.party_kind AND aud_p.party_id = aud_h.party_id AND aud_p.cap > 0" +
			" WHERE aud_h.audience_id = aud_g.audience_id AND aud_h.kind = aud_g.kind AND aud_h.subject_id = aud_g.subject_id))"
	}
	return "aud_g.role > 0 AND " + lasts + " AND (aud_g.role = " + strconv.Itoa(int(Coordinator)) + " OR aud_g.kind = '" + string(Office) + "' OR NOT EXISTS (SELECT 1 FROM audience_terms aud_t WHERE aud_t.audience_id = aud_g.audience_id AND " + missing + "))"
}

// unbarred is the condition that none of the actor's classes is shut out: by
// the audience or by a program it lies under, and carried by a party that is
// not exempt.
func unbarred(a Actor, column string, args *db.Args) string {
	classes := a.classes()
	if len(classes) == 0 {
		return ""
	}
	of := db.List(args, classes)
	about := " AND EXISTS (SELECT 1 FROM aud_seats aud_c WHERE aud_c.class = aud_b.class AND NOT EXISTS (SELECT 1 FROM audience_exempt aud_e WHERE aud_e.audience_id = " + column + " AND aud_e.party_kind = aud_c.party_kind AND aud_e.party_id = aud_c.party_id))"
	return " AND NOT EXISTS (SELECT 1 FROM audience_bar aud_b WHERE aud_b.audience_id = " + column + " AND aud_b.class IN " + of + about + ")" +
		" AND NOT EXISTS (SELECT 1 FROM audience_program aud_l JOIN program_bar aud_b ON aud_b.program_id = aud_l.program_id WHERE aud_l.audience_id = " + column + " AND aud_b.class IN " + of + about + ")"
}
