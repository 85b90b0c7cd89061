package advisory

import (
	"slices"
	"strings"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/response/casework"
)

// Version is one text that an advisory had.
type Version struct {
	Advisory string    `json:"advisory_id"`
	Number   int64     `json:"version"`
	Content  Content   `json:"content"`
	Note     string    `json:"note"` // what the author says of the change
	Author   string    `json:"author"`
	At       time.Time `json:"at"`
}

const versionColumns = `n.advisory_id, n.n, n.content, n.note, n.author, n.at`

func scanVersion(v *Version) []any {
	return []any{&v.Advisory, &v.Number, db.JSON(&v.Content), &v.Note, &v.Author, db.At(&v.At)}
}

// Versions lists the texts of an advisory, newest first, for whoever works on
// its case.
func Versions(tx *db.Tx, a audience.Actor, ref string) ([]Version, error) {
	v, _, err := Load(tx, a, ref)
	if err != nil {
		return nil, err
	}
	list, err := db.All(tx, scanVersion, `SELECT `+versionColumns+` FROM advisory_version n WHERE n.advisory_id = $1 ORDER BY n.n DESC LIMIT 1000`, v.ID)
	for i := range list {
		err = firstError(err, list[i].Content.mask(tx, a))
	}
	return list, err
}

// ReadVersion is one text of an advisory; 0 is the present one.
func ReadVersion(tx *db.Tx, a audience.Actor, ref string, number int64) (Version, error) {
	v, _, err := Load(tx, a, ref)
	if err != nil {
		return Version{}, err
	}
	if number == 0 {
		number = v.Version
	}
	return shown(tx, a, v.ID, number)
}

// shown is a text as the actor may read it.
func shown(tx *db.Tx, a audience.Actor, advisoryID string, number int64) (Version, error) {
	out, err := textOf(tx, advisoryID, number)
	return out, firstError(err, out.Content.mask(tx, a))
}

// mask takes the words on parties that have been hidden from the actor out of
// the exclusions; that there is one stays, so that an edit can keep it.
func (in *Content) mask(tx *db.Tx, a audience.Actor) error {
	for i, e := range in.Exclusions {
		_, err := casework.LoadParticipant(tx, a, e.Participant)
		if errs.Is(err, errs.NotFound) {
			in.Exclusions[i].Name, in.Exclusions[i].Reason = masked, masked
		} else if err != nil {
			return err
		}
	}
	return nil
}

const masked = "(hidden)"

func textOf(tx *db.Tx, advisoryID string, number int64) (Version, error) {
	out, ok, err := db.One(tx, scanVersion, `SELECT `+versionColumns+` FROM advisory_version n WHERE n.advisory_id = $1 AND n.n = $2`, advisoryID, number)
	if err == nil && !ok {
		err = errs.Missing("version")
	}
	return out, err
}

// Edit adds a version of the text; seen is the version it was made from, and
// Stale, with both texts, the answer when it is not the present one. Whoever
// contributes to the case may while it is drafted and reviewed; coordinators
// always, and they alone say which parties are left out. An approval does not outlive it, nor does a
// prepared release; what is released stays until the next revision is.
func Edit(tx *db.Tx, a audience.Actor, ref string, seen int64, content Content, note string) (Advisory, error) {
	v, c, err := hold(tx, a, ref, audience.Contributor)
	if err != nil {
		return v, err
	}
	old, err := v.open(tx, a, seen, &content)
	if err != nil {
		return v, err
	}
	if content, err = content.cleaned(); err != nil {
		return v, err
	}
	if note, err = casework.CleanShort("note", note, 500); err != nil {
		return v, err
	}
	if err := content.fits(tx, c, old); err != nil {
		return v, err
	}
	from, err := v.move(VerbEdit)
	if err != nil {
		return v, err
	}
	binds, err := v.unprepare(tx)
	if err != nil {
		return v, err
	}
	v.ApprovedVersion, v.ApprovedBy, v.ApprovedAt = 0, "", time.Time{}
	v.Version, v.Title = seen+1, content.Title
	if err := v.write(tx, from, seen); err != nil {
		return v, err
	}
	bound, err := v.keep(tx, a, content, note)
	if err != nil {
		return v, err
	}
	v.tell(tx, a, Edited, map[string]any{"title": v.Title, "note": note, "was": from}, append(binds, bound)...)
	return v, firstError(v.indexDraft(tx, content), casework.Touch(tx, c.ID))
}

// open settles whether the actor may replace the present text, which it
// returns, by content, into which it puts back what the actor could not read.
func (v Advisory) open(tx *db.Tx, a audience.Actor, seen int64, content *Content) (Content, error) {
	old, err := textOf(tx, v.ID, v.Version)
	if err != nil {
		return old.Content, err
	}
	role, err := audience.RoleAt(tx, a, v.Audience, v.Level)
	if err != nil {
		return old.Content, err
	}
	if role < audience.Coordinator && v.State != StateDraft && v.State != StateReview {
		return old.Content, errs.New(errs.Denied, "The text is %s; only a coordinator changes it now. Write a comment instead.", strings.ToLower(Process.Label(v.State)))
	}
	if seen != v.Version {
		theirs, err := shown(tx, a, v.ID, v.Version)
		return old.Content, firstError(err, &errs.Error{Kind: errs.Stale, Text: "Somebody changed the advisory while you were writing. Both texts are shown; nothing of yours is lost.", Theirs: theirs, Yours: *content})
	}
	content.unmask(old.Content)
	if role < audience.Coordinator && !slices.Equal(content.Exclusions, old.Content.Exclusions) {
		return old.Content, errs.New(errs.Denied, "Only a coordinator leaves a party out of the advisory, or takes it back in.")
	}
	return old.Content, nil
}

// unmask puts back what the writer could not read of the exclusions.
func (in *Content) unmask(old Content) {
	in.Exclusions = slices.Clone(in.Exclusions)
	for i, e := range in.Exclusions {
		at := slices.IndexFunc(old.Exclusions, func(o Exclusion) bool { return o.Participant == e.Participant })
		if at < 0 {
			continue
		}
		in.Exclusions[i].Name = old.Exclusions[at].Name
		if e.Reason == masked {
			in.Exclusions[i].Reason = old.Exclusions[at].Reason
		}
	}
}

// fits checks what the text names of the case: vulnerabilities that are in it,
// and parties that its readers may know of.
func (in *Content) fits(tx *db.Tx, c casework.Case, old Content) error {
	var fields []errs.Field
	for i, t := range in.Vulnerabilities {
		n, err := db.Value[int](tx, `SELECT COUNT(*) FROM vulnerability WHERE id = $1 AND case_id = $2`, t.Vulnerability, c.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			fields = append(fields, errs.Field{Name: at("vulnerabilities", i, "vulnerability_id"), Reason: "There is no such vulnerability in the case."})
		}
	}
	kept := map[string]string{}
	for _, e := range old.Exclusions {
		kept[e.Participant] = e.Name
	}
	for i, e := range in.Exclusions {
		p, err := casework.PartyByID(tx, e.Participant)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		switch name, before := kept[e.Participant]; {
		case before:
			in.Exclusions[i].Name = name // whatever became of it since
		case err != nil, p.Case != c.ID, p.Hidden:
			fields = append(fields, errs.Field{Name: at("exclusions", i, "participant_id"), Reason: "There is no such party in the case."})
		default:
			in.Exclusions[i].Name = p.Name
		}
	}
	return errs.Join(fields)
}

// Comment is a remark on an advisory's text.
type Comment struct {
	ID        string    `json:"id"`
	Version   int64     `json:"version"`           // the text it was made on
	Section   string    `json:"section,omitempty"` // title of a section, or ""
	Text      string    `json:"text"`              // Markdown
	Author    string    `json:"author"`
	At        time.Time `json:"at"`
	SettledAt time.Time `json:"settled_at,omitzero"`
	SettledBy string    `json:"settled_by,omitempty"`
}

// Comments lists the remarks on an advisory, oldest first.
func Comments(tx *db.Tx, a audience.Actor, ref string) ([]Comment, error) {
	v, _, err := Load(tx, a, ref)
	if err != nil {
		return nil, err
	}
	return db.All(tx, func(m *Comment) []any {
		return []any{&m.ID, &m.Version, &m.Section, &m.Text, &m.Author, db.At(&m.At), db.At(&m.SettledAt), &m.SettledBy}
	}, `SELECT m.id, m.version, m.section, m.text, m.author, m.at, m.settled_at, m.settled_by FROM advisory_comment m WHERE m.advisory_id = $1 ORDER BY m.at, m.id LIMIT 1000`, v.ID)
}

// AddComment adds a remark on the present text.
func AddComment(tx *db.Tx, a audience.Actor, ref, section, remark string) (Comment, error) {
	v, _, err := hold(tx, a, ref, audience.Contributor)
	if err != nil {
		return Comment{}, err
	}
	m := Comment{ID: id.New("rem", tx.Now), Version: v.Version, Author: a.Person, At: tx.Now}
	if m.Section, err = casework.CleanShort("section", section, maxTitle); err != nil {
		return m, err
	}
	if m.Text, err = casework.CleanShort("text", remark, 10_000); err != nil {
		return m, err
	}
	if m.Text == "" {
		return m, errs.Bad("text", "Write something.")
	}
	if _, err := tx.Exec(`INSERT INTO advisory_comment (id, advisory_id, version, section, audience_id, tlp, text, author, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		m.ID, v.ID, m.Version, m.Section, v.Audience, int(v.Level), m.Text, m.Author, db.Micros(m.At)); err != nil {
		return m, err
	}
	v.tell(tx, a, Commented, map[string]any{"section": m.Section}, commentTable.Of(m.ID))
	return m, casework.Touch(tx, v.Case)
}

// SettleComment marks a remark as dealt with.
func SettleComment(tx *db.Tx, a audience.Actor, ref, commentID string) error {
	v, _, err := hold(tx, a, ref, audience.Contributor)
	if err != nil {
		return err
	}
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM advisory_comment WHERE id = $1 AND advisory_id = $2`, commentID, v.ID)
	if err != nil || n == 0 {
		return firstError(err, errs.Missing("comment"))
	}
	if err := tx.Guarded(errs.New(errs.Conflict, "This comment was settled before."),
		`UPDATE advisory_comment SET settled_at = $1, settled_by = $2 WHERE id = $3 AND settled_at IS NULL`, db.Micros(tx.Now), a.Person, commentID); err != nil {
		return err
	}
	v.tell(tx, a, Settled, nil, commentTable.Of(commentID))
	return nil
}
