package delivery

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// facts is the little of an event's payload that delivery looks at. Nothing
// of it but the number and ids in links is ever shown.
type facts struct {
	number   string // of the case or report
	url      string // path of the scope's page, or ""
	own      string // number of the advisory
	page     string // path of the advisory's public page, or ""
	public   bool   // the advisory is for everybody (TLP:CLEAR)
	updated  bool   // it was out before, and this is a later revision
	person   string // whom the event names
	thread   string
	due      time.Time
	backup   bool // the backup contacts are asked too
	mentions []mention
}

type mention struct {
	Kind string `json:"kind"` // person, party or team
	ID   string `json:"id"`
}

var (
	numberForm = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,9}([-#][A-Z0-9.]{1,16}){1,4}$`)
	pageForm   = regexp.MustCompile(`^/advisories/[A-Za-z0-9][A-Za-z0-9._-]{0,150}$`)
	idForm     = regexp.MustCompile(`^[a-z]{1,12}_[A-Za-z0-9_-]{1,80}$`)
)

// factsOf reads a payload, whatever another package put there: a field of
// another type is as if it were not there, so that no event stops the others.
func factsOf(tx *db.Tx, r ledger.Record) (facts, error) {
	var raw map[string]json.RawMessage
	_ = json.Unmarshal(r.Payload, &raw)
	var f facts
	var due time.Time
	var askOf, label string
	var revision int64
	get := func(name string, to any) { _ = json.Unmarshal(raw[name], to) }
	get("number", &f.own)
	get("url", &f.page)
	get("tlp", &label)
	get("revision", &revision)
	get("person", &f.person)
	get("thread_id", &f.thread)
	get("backup", &f.backup)
	get("mentions", &f.mentions)
	get("due_at", &due)
	get("ask_of", &askOf)
	f.due = due
	if askOf != "" {
		kind := "party"
		if askOf == "team" {
			kind = askOf
		}
		f.mentions = append(f.mentions, mention{kind, askOf})
	}
	if !numberForm.MatchString(f.own) {
		f.own = ""
	}
	if !pageForm.MatchString(f.page) {
		f.page = "/advisories"
	}
	f.public, f.updated = label == tlp.Clear.String(), revision > 1
	if !idForm.MatchString(f.thread) {
		f.thread = ""
	}
	if r.Scope == "" {
		return f, nil
	}
	known, ok, err := db.One(tx, func(p *[2]string) []any { return []any{&p[0], &p[1]} }, `SELECT number, url FROM scope_name WHERE scope = $1`, r.Scope)
	f.number, f.url = known[0], known[1]
	if !ok {
		f.number = f.own
	}
	return f, err
}

// learn keeps the number by which a scope is called.
func learn(tx *db.Tx, r ledger.Record) error {
	folder := ""
	switch r.Kind {
	case "case.opened", "case.imported":
		folder = "/cases/"
	case "report.received":
		folder = "/reports/"
	case "motion.drafted":
		folder = "/alliance/board/motions/"
	case "application.begun":
		folder = "/alliance/applications/"
	default:
		return nil
	}
	var named struct {
		Number string `json:"number"`
	}
	if r.Decode(&named) != nil || r.Scope == "" || !numberForm.MatchString(named.Number) {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO scope_name (scope, number, url) VALUES ($1, $2, $3) ON CONFLICT (scope) DO UPDATE SET number = excluded.number, url = excluded.url`,
		r.Scope, named.Number, folder+url.PathEscape(named.Number))
	return err
}

// act names what happened. Events of one act tell several audiences of it, and
// each person hears of it once.
func (f facts) act(r ledger.Record) string {
	kinds := actOf(r.Kind)
	if len(kinds) > 1 && f.own != "" { // its events differ in scope
		return kinds[0] + " " + f.own
	}
	return strings.Join([]string{r.Kind, r.Scope, r.Object.Kind, r.Object.ID}, " ")
}

// words puts the number, and what became of an advisory, into a rule's words.
func (f facts) words(words string) string {
	number := f.number
	if number == "" {
		number = "a case"
		if strings.HasPrefix(words, "{case}") {
			number = "A case"
		}
	}
	if f.own == "" {
		words = strings.ReplaceAll(words, " {number}", "")
	}
	released := "released"
	if f.updated {
		released = "updated"
	}
	return strings.NewReplacer("{case}", number, "{number}", f.own, "{released}", released).Replace(words)
}

// numberFor is the number that a notice's title names: none for an
// invitation, whatever its event says.
func (f facts) numberFor(rule Rule) string {
	switch {
	case strings.Contains(rule.Title, "{number}"):
		return f.own
	case strings.Contains(rule.Title, "{case}"):
		return f.number
	}
	return ""
}

// path is the page that a notice leads to.
func (f facts) path(rule Rule, object string) string {
	if !idForm.MatchString(object) {
		object = ""
	}
	page := strings.NewReplacer("{object}", object, "{thread}", f.thread, "{page}", f.page).Replace(rule.Page)
	page = strings.TrimSuffix(page, "/")
	switch {
	case rule.Page == "{page}", f.url == "" && rule.Class == Admin, strings.HasPrefix(rule.Page, "/invitations/"), strings.HasPrefix(rule.Page, "/alliance/"):
		return page
	case f.url == "":
		return "/inbox"
	}
	return f.url + page
}
