package csaf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// Bounds on what is read. They are far above any document in the field and
// keep a hostile one from costing more than its size.
const (
	MaxBytes       = 32 << 20  // size of a document
	MaxDepth       = 160       // nesting of JSON objects and arrays
	MaxNodes       = 3_000_000 // JSON values in a document
	MaxBranchDepth = 30        // nesting of product tree branches, the limit that CSAF 2.1 sets
	MaxFindings    = 1_000     // findings reported for one document and one test
)

// object is a JSON object in the order of its text.
type object struct {
	keys  []string
	props map[string]any
}

// treeReader turns JSON text into nested *object, []any, string, json.Number,
// bool and nil, within the bounds.
type treeReader struct {
	dec        *json.Decoder
	nodes      int
	duplicates []string
	unsorted   []string
}

var errTooMany = fmt.Errorf("the document holds more than %d values; split it", MaxNodes)

// readTree reads exactly one JSON value. Errors name the offset.
func readTree(data []byte) (any, *treeReader, error) {
	if len(data) > MaxBytes {
		return nil, nil, fmt.Errorf("the document has %d bytes; at most %d are read", len(data), MaxBytes)
	}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return nil, nil, errors.New("the document begins with a byte order mark; JSON must not (RFC 8259, 8.1)")
	}
	if !utf8.Valid(data) {
		return nil, nil, errors.New("the document is not valid UTF-8")
	}
	t := &treeReader{dec: json.NewDecoder(bytes.NewReader(data))}
	t.dec.UseNumber()
	v, err := t.value(nil, 0)
	if err != nil {
		return nil, nil, t.explain(err)
	}
	if _, err := t.dec.Token(); !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("something follows the end of the document at byte %d", t.dec.InputOffset())
	}
	return v, t, nil
}

func (t *treeReader) explain(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the document is cut off at byte %d", t.dec.InputOffset())
	case errors.Is(err, errTooMany):
		return err
	}
	return fmt.Errorf("not valid JSON near byte %d: %w", t.dec.InputOffset(), err)
}

// place is where in the document reading is. It is written out only where there
// is something to report: a pointer for every value would let long names nested
// deep cost far more than the size of the document.
type place struct {
	above *place
	step  any
}

func (p *place) pointer() string {
	var steps []any
	for ; p != nil; p = p.above {
		steps = append(steps, p.step)
	}
	slices.Reverse(steps)
	return at("", steps...)
}

func (t *treeReader) value(here *place, depth int) (any, error) {
	if t.nodes++; t.nodes > MaxNodes {
		return nil, errTooMany
	}
	if depth > MaxDepth {
		return nil, fmt.Errorf("nested deeper than %d levels", MaxDepth)
	}
	tok, err := t.dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		return t.object(here, depth)
	case json.Delim('['):
		return t.array(here, depth)
	}
	return tok, nil
}

func (t *treeReader) object(here *place, depth int) (any, error) {
	o := &object{props: map[string]any{}}
	for t.dec.More() {
		tok, err := t.dec.Token()
		if err != nil {
			return nil, err
		}
		key, ok := tok.(string)
		if !ok {
			return nil, errors.New("a property name must be a string")
		}
		v, err := t.value(&place{here, key}, depth+1)
		if err != nil {
			return nil, err
		}
		if _, twice := o.props[key]; twice {
			if len(t.duplicates) < MaxFindings {
				t.duplicates = append(t.duplicates, (&place{here, key}).pointer())
			}
			continue
		}
		o.keys = append(o.keys, key)
		o.props[key] = v
	}
	if !sort.StringsAreSorted(o.keys) && len(t.unsorted) < MaxFindings {
		t.unsorted = append(t.unsorted, here.pointer())
	}
	_, err := t.dec.Token()
	return o, err
}

func (t *treeReader) array(here *place, depth int) (any, error) {
	list := []any{}
	for t.dec.More() {
		v, err := t.value(&place{here, len(list)}, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := t.dec.Token()
	return list, err
}

// canonical writes a value so that equal values (JSON Schema 2020-12, core
// 4.2.2) come out as equal text.
func canonical(b *strings.Builder, v any) {
	switch v := v.(type) {
	case *object:
		keys := append([]string(nil), v.keys...)
		sort.Strings(keys)
		b.WriteByte('{')
		for _, k := range keys {
			fmt.Fprintf(b, "%q:", k)
			canonical(b, v.props[k])
			b.WriteByte(',')
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for _, e := range v {
			canonical(b, e)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case string:
		fmt.Fprintf(b, "%q", v)
	case json.Number:
		if f, err := v.Float64(); err == nil {
			fmt.Fprintf(b, "%v", f)
		} else {
			b.WriteString(v.String())
		}
	default:
		fmt.Fprintf(b, "%v", v)
	}
}
