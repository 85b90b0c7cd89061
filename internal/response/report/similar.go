package report

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/spec/text"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The kinds of keys that two reports can share.
const (
	keyText = "text" // the whole text, hashed
	keyCVE  = "cve"
	keyPURL = "purl" // without version
	keyName = "name" // of product or component
	keyWord = "word" // of the text, hashed
)

const (
	maxWords     = 120 // of one text that are compared
	leastWords   = 4   // shared words below which likeness is chance
	lookBack     = 500 // reports that words are compared with, the latest
	lookBackCase = 200 // cases that words are compared with, the latest
	maxSuggested = 20
	leastScore   = 25
)

// words are the telling words of a text: folded, at least four letters or
// digits, the first ones of them, without those that any report has.
func words(s string) []string {
	fold := cases.Fold()
	out := []string{}
	seen := map[string]bool{}
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) {
		if len(w) > 200 {
			continue
		}
		w = fold.String(norm.NFKC.String(w))
		if len([]rune(w)) < 4 || plain[w] || seen[w] {
			continue
		}
		seen[w] = true
		if out = append(out, w); len(out) == maxWords {
			break
		}
	}
	return out
}

var plain = map[string]bool{}

func init() {
	for _, w := range strings.Fields(`about affected after also another because been before being below between both cannot could does each
		found from have here http https into issue more most only other over possible report same send sent should some such than that their them then there these they
		this through under until using value version versions very vulnerability vulnerable were what when where which while will with without would your`) {
		plain[w] = true
	}
}

func (d Desk) hidden(word string) string {
	return hex.EncodeToString(d.Sealer.Mac("report word", []byte(word))[:8])
}

// recognize marks a report whose text came before, word for word.
func (d Desk) recognize(tx *db.Tx, t *taken) error {
	first, err := db.Value[string](tx, `SELECT k.report_id FROM report_key k JOIN report r ON r.id = k.report_id WHERE k.kind = $1 AND k.value = $2 ORDER BY r.received_at, r.id LIMIT 1`,
		keyText, hex.EncodeToString(d.fingerprint(*t)))
	t.DuplicateOf = first
	return err
}

// keep stores what the report can be told alike by.
func (d Desk) keep(tx *db.Tx, t taken) error {
	keys := [][2]string{{keyText, hex.EncodeToString(d.fingerprint(t))}}
	for _, c := range t.CVEs {
		keys = append(keys, [2]string{keyCVE, c})
	}
	if bare := barePURL(t.PURL); bare != "" {
		keys = append(keys, [2]string{keyPURL, bare})
	}
	for _, name := range []string{t.Product, t.Component} {
		if name != "" {
			keys = append(keys, [2]string{keyName, cases.Fold().String(name)})
		}
	}
	for _, w := range words(t.Title + "\n" + t.Description) {
		keys = append(keys, [2]string{keyWord, d.hidden(w)})
	}
	var args db.Args
	var rows []string
	for _, k := range keys {
		rows = append(rows, "("+args.Add(k[0])+", "+args.Add(k[1])+", "+args.Add(t.ID)+")")
	}
	_, err := tx.Exec(`INSERT INTO report_key (kind, value, report_id) VALUES `+strings.Join(rows, ", ")+` ON CONFLICT DO NOTHING`, args...)
	return err
}

// Likeness is a report or a case that may be about the same flaw, and why.
type Likeness struct {
	Kind    string   `json:"kind"` // "report" or "case"
	ID      string   `json:"id"`
	Number  string   `json:"number"`
	Title   string   `json:"title"`
	Score   int      `json:"score"`   // for the order only
	Reasons []string `json:"reasons"` // in plain words
}

func (l *Likeness) add(score int, reason string) {
	if !slices.Contains(l.Reasons, reason) {
		l.Score, l.Reasons = l.Score+score, append(l.Reasons, reason)
	}
}

// Duplicates suggests reports and cases that the coordinator may see and that
// look like this one, the likeliest first.
func (d Desk) Duplicates(tx *db.Tx, a audience.Actor, ref string) ([]Likeness, error) {
	r, side, err := load(tx, a, ref)
	if err != nil || side != Coordinators {
		return nil, err
	}
	t, err := d.open(tx, r.ID)
	if err != nil {
		return nil, err
	}
	own := words(r.Title + "\n" + t.Description)
	found := map[string]*Likeness{}
	if err := d.likeReports(tx, a, r, own, found); err != nil {
		return nil, err
	}
	if err := likeCases(tx, a, r, own, found); err != nil {
		return nil, err
	}
	var out []Likeness
	for _, l := range found {
		if l.Score >= leastScore && l.ID != r.Case {
			out = append(out, *l)
		}
	}
	slices.SortFunc(out, func(x, y Likeness) int { return cmp.Or(y.Score-x.Score, strings.Compare(x.ID, y.ID)) })
	return out[:min(len(out), maxSuggested)], nil
}

func (d Desk) likeReports(tx *db.Tx, a audience.Actor, r Report, own []string, found map[string]*Likeness) error {
	type shared struct{ report, kind, value string }
	list, err := db.All(tx, func(s *shared) []any { return []any{&s.report, &s.kind, &s.value} },
		`SELECT k.report_id, k.kind, k.value FROM report_key m JOIN report_key k ON k.kind = m.kind AND k.value = m.value AND k.report_id <> m.report_id
		 WHERE m.report_id = $1 AND m.kind <> 'word' ORDER BY k.report_id DESC LIMIT 200`, r.ID)
	if err != nil {
		return err
	}
	// Ids follow the clock, so the latest reports are those from an id on.
	since, err := db.Value[string](tx, `SELECT id FROM report ORDER BY received_at DESC, id DESC LIMIT 1 OFFSET $1`, lookBack)
	if err != nil {
		return err
	}
	alike, err := db.All(tx, func(s *shared) []any { return []any{&s.report, &s.kind, &s.value} },
		`SELECT k.report_id, k.kind, k.value FROM report_key m JOIN report_key k ON k.kind = m.kind AND k.value = m.value
		 JOIN (SELECT k.report_id AS id FROM report_key m JOIN report_key k ON k.kind = m.kind AND k.value = m.value AND k.report_id <> m.report_id
			WHERE m.report_id = $1 AND m.kind = 'word' AND k.report_id >= $2 GROUP BY k.report_id HAVING COUNT(*) >= $3 ORDER BY COUNT(*) DESC, k.report_id DESC LIMIT $4) near ON near.id = k.report_id
		 WHERE m.report_id = $1 AND m.kind = 'word'`, r.ID, since, leastWords, 2*maxSuggested)
	if err != nil {
		return err
	}
	spelled := map[string]string{}
	for _, w := range own {
		spelled[d.hidden(w)] = w
	}
	same := map[string][]string{}
	for _, s := range alike {
		if w := spelled[s.value]; w != "" {
			same[s.report] = append(same[s.report], w)
		}
	}
	by := map[string][]shared{}
	for _, s := range list {
		by[s.report] = append(by[s.report], s)
	}
	for id, w := range same {
		if len(w) >= leastWords && by[id] == nil {
			by[id] = []shared{}
		}
	}
	others, err := visible(tx, a, by)
	if err != nil {
		return err
	}
	for _, o := range others {
		l := &Likeness{Kind: "report", ID: o.ID, Number: o.Number, Title: o.Title}
		for _, s := range by[o.ID] {
			switch s.kind {
			case keyText:
				l.add(100, "the same text, word for word")
			case keyCVE:
				l.add(60, "names "+s.value+" too")
			case keyPURL:
				l.add(40, "the same package "+s.value)
			case keyName:
				l.add(25, "the same product or component "+s.value)
			}
		}
		l.likeWords(own, same[o.ID])
		found[o.ID] = l
	}
	return nil
}

// visible loads those of the reports whose triage the actor sees.
func visible[T any](tx *db.Tx, a audience.Actor, by map[string]T) ([]Report, error) {
	ids := make([]string, 0, len(by))
	for id := range by {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	var args db.Args
	return db.All(tx, scan, `SELECT `+columns+` FROM report r WHERE r.id IN `+db.List(&args, ids[:min(len(ids), 500)])+` AND `+audience.VisibleIn(a, "r.team_id", "r", &args), args...)
}

// likeWords scores shared words by their part of the shorter text.
func (l *Likeness) likeWords(own, same []string) {
	if len(same) < leastWords {
		return
	}
	slices.Sort(same)
	few := same[:min(len(same), 6)]
	l.add(100*len(same)/max(len(own), 20), fmt.Sprintf("%s in common: %s", text.Plural(len(same), "word", "words"), strings.Join(few, ", ")))
}

// likeCases asks the search, which stands under the audience rule, for the
// report's identifiers, and compares words with the latest cases.
func likeCases(tx *db.Tx, a audience.Actor, r Report, own []string, found map[string]*Likeness) error {
	type ask struct {
		text, reason string
		score        int
	}
	var asks []ask
	for _, c := range r.CVEs[:min(len(r.CVEs), 3)] {
		asks = append(asks, ask{c, "names " + c + " too", 60})
	}
	if bare := barePURL(r.PURL); bare != "" {
		asks = append(asks, ask{bare, "the same package " + bare, 40})
	}
	for _, name := range []string{r.Product, r.Component} {
		if len(words(name)) > 0 {
			asks = append(asks, ask{name, "names " + name + " too", 25})
		}
	}
	at := func(c casework.Case) *Likeness {
		if found[c.ID] == nil {
			found[c.ID] = &Likeness{Kind: "case", ID: c.ID, Number: c.Number, Title: c.Title}
		}
		return found[c.ID]
	}
	for _, q := range asks {
		page, err := search.Find(tx, a, search.Query{Text: `"` + strings.ReplaceAll(q.text, `"`, " ") + `"`, Limit: 50})
		if err != nil {
			return err
		}
		for _, h := range page.Hits {
			if h.Scope == "" || !slices.Contains([]string{"case", "vulnerability", "product"}, h.Kind) {
				continue
			}
			c, _, err := casework.Load(tx, a, h.Scope)
			if errs.Is(err, errs.NotFound) {
				continue // a part of a case that the actor may see alone
			}
			if err != nil {
				return err
			}
			at(c).add(q.score, q.reason)
		}
	}
	page, err := casework.List(tx, a, casework.Filter{Limit: lookBackCase})
	if err != nil {
		return err
	}
	mine := map[string]bool{}
	for _, w := range own {
		mine[w] = true
	}
	for _, c := range page.Cases {
		var same []string
		for _, w := range words(c.Title + "\n" + c.Summary) {
			if mine[w] {
				same = append(same, w)
			}
		}
		if len(same) >= leastWords {
			at(c).likeWords(own, same)
		}
	}
	return nil
}
