package certcc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"tocsin/spec/text"
)

// object is a JSON object with its values unread, and the place to report
// what is wrong with them.
type object struct {
	fields map[string]json.RawMessage
	at     string
	log    *dirtLog
}

type dirtLog struct {
	line  int
	items []Dirty
	limit int // longest list
}

const shownRunes = 200

func (l *dirtLog) add(at string, k Kind, field, value, made string) {
	if utf8.RuneCountInString(value) > shownRunes {
		value = string([]rune(value)[:shownRunes]) + "…"
	}
	l.items = append(l.items, Dirty{Line: l.line, At: at, Kind: k, Field: field, Value: strings.ToValidUTF8(value, "\ufffd"), Made: made})
}

func (o object) dirty(k Kind, field, value, made string) { o.log.add(o.at, k, field, value, made) }

// readObject splits an object into its fields. Of a name given twice the last
// value counts, as in most readers, and the others are returned.
func readObject(raw []byte) (fields map[string]json.RawMessage, twice []string, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, nil, fmt.Errorf("not a JSON object")
	}
	fields = map[string]json.RawMessage{}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, nil, fmt.Errorf("not a whole JSON object: %w", err)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, nil, fmt.Errorf("not a whole JSON object: %w", err)
		}
		name, _ := key.(string)
		if _, had := fields[name]; had {
			twice = append(twice, name)
		}
		fields[name] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, nil, fmt.Errorf("not a whole JSON object: %w", err)
	}
	if rest, _ := readRest(d); len(bytes.TrimSpace(rest)) > 0 {
		return nil, nil, fmt.Errorf("more follows after the JSON object")
	}
	return fields, twice, nil
}

func readRest(d *json.Decoder) ([]byte, error) {
	var b bytes.Buffer
	_, err := b.ReadFrom(d.Buffered())
	return b.Bytes(), err
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// scalar reads a text, or makes one of a number or boolean and says so.
func (o object) scalar(field string, raw json.RawMessage) string {
	if isNull(raw) {
		return ""
	}
	switch raw[0] {
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			o.dirty(WrongType, field, string(raw), "nothing: it is not a JSON text")
			return ""
		}
		if !utf8.Valid(raw) || strings.ContainsRune(s, utf8.RuneError) && !bytes.Contains(raw, []byte("\ufffd")) && !bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
			o.dirty(BadUTF8, field, string(raw), "each invalid byte or half character became \ufffd")
		}
		return s
	case '{', '[':
		o.dirty(WrongType, field, string(raw), "nothing: it is not a text")
		return ""
	}
	o.dirty(WrongType, field, string(raw), fmt.Sprintf("the text %q", string(raw)))
	return string(raw)
}

const maxLine, maxText = 1000, 1 << 20

// words reads a text of several lines and cleans it.
func (o object) words(field string) string {
	return o.clean(field, o.scalar(field, o.fields[field]), maxText, text.CleanText)
}

// phrase reads a text of one line and cleans it.
func (o object) phrase(field string) string { return o.phraseOf(field, o.fields[field]) }

func (o object) phraseOf(field string, raw json.RawMessage) string {
	return o.clean(field, o.scalar(field, raw), maxLine, text.CleanLine)
}

func (o object) clean(field, s string, limit int, clean func(string, int) (string, bool, error)) string {
	c, removed, err := clean(s, limit)
	if err != nil {
		// A field beyond its limit is cut rather than lost.
		cut := []rune(strings.ToValidUTF8(s, "\ufffd"))
		if len(cut) > limit {
			cut = cut[:limit]
		}
		if c, _, err = clean(string(cut), limit); err != nil {
			// NFC makes at most three characters of one.
			c, _, _ = clean(string(cut[:limit/3]), limit)
		}
		o.dirty(TooLong, field, s, fmt.Sprintf("cut to %d characters", utf8.RuneCountInString(c)))
		return c
	}
	switch {
	case removed:
		o.dirty(Invisible, field, strconv.QuoteToASCII(s), fmt.Sprintf("control and invisible characters removed: %q", short(c)))
	case c != s && strings.TrimSpace(s) != "" && limit == maxLine:
		o.dirty(Spaces, field, s, fmt.Sprintf("%q", short(c)))
	case c != s && strings.TrimSpace(s) != "" && strings.TrimSpace(s) != s:
		o.dirty(Spaces, field, s, "space around the text removed")
	}
	return c
}

func short(s string) string {
	if r := []rune(s); len(r) > shownRunes {
		return string(r[:shownRunes]) + "…"
	}
	return s
}

// list reads a list of texts. A lone text is a list of one, which is said.
// Items that are no texts are read as scalar reads them.
func (o object) list(field string, oneIsDirty bool) []string {
	raw := o.fields[field]
	if isNull(raw) {
		return nil
	}
	if raw[0] != '[' {
		s := o.scalar(field, raw)
		if strings.TrimSpace(s) == "" {
			return nil
		}
		if oneIsDirty {
			o.dirty(Shape, field, s, "a text where a list belongs: read as a list of one")
		}
		return []string{s}
	}
	if !oneIsDirty {
		o.dirty(Shape, field, string(raw), "a list where a text belongs: each item read")
	}
	var out []string
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil
	}
	for n := 0; d.More(); n++ {
		var item json.RawMessage
		if n >= o.log.limit {
			o.dirty(TooLong, field, string(raw), fmt.Sprintf("the first %d items of the list", n))
			break
		}
		if d.Decode(&item) != nil {
			break
		}
		if s := o.scalar(field, item); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// integer reads a whole number, also one that stands in quotes.
func (o object) integer(field string) int {
	raw := o.fields[field]
	if isNull(raw) || string(raw) == `""` {
		return 0
	}
	s := strings.Trim(string(raw), `" `)
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<31-1 {
		o.dirty(WrongType, field, string(raw), "nothing: it is not a whole number")
		return 0
	}
	if raw[0] == '"' {
		o.dirty(WrongType, field, string(raw), fmt.Sprintf("the number %d", n))
	}
	return n
}

// decimal reads a score between 0 and 10; numbers in quotes are its normal
// spelling in parts of the archive.
func (o object) decimal(field string) *float64 {
	raw := o.fields[field]
	if isNull(raw) {
		return nil
	}
	s := strings.Trim(string(raw), `" `)
	if s == "" || s == "--" {
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= 0 && f <= 10) {
		o.dirty(BadCVSS, field, string(raw), "nothing: it is not a score between 0 and 10")
		return nil
	}
	return &f
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
