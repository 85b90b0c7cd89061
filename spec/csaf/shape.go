package csaf

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// reading collects what the shapes have to say about one document.
type reading struct {
	rule       string // rule that the findings count against
	findings   []Finding
	additional []string
}

func (r *reading) fault(path, format string, args ...any) {
	if len(r.findings) < MaxFindings {
		r.findings = append(r.findings, Finding{r.rule, Error, path, fmt.Sprintf(format, args...)})
	}
}

// shape checks one JSON value, reports through r, and returns the value reduced
// to what the typed document can take: known properties of the right type. The
// reduced value keeps encoding/json, which matches names without regard to
// case, from taking "Title" for "title". ok is false where nothing is usable.
type shape func(r *reading, path string, v any) (reduced any, ok bool)

// field is a property of an object shape.
type field struct {
	name     string
	required bool
	shape    shape
}

func req(name string, s shape) field { return field{name, true, s} }
func opt(name string, s shape) field { return field{name, false, s} }

// obj is an object with the given properties; others are legal and noted as
// additional.
func obj(fields ...field) shape { return objN(0, 0, fields...) }

// objN is obj with a least and (unless 0) a largest number of properties.
func objN(least, most int, fields ...field) shape {
	known := make(map[string]bool, len(fields))
	for _, f := range fields {
		known[f.name] = true
	}
	return func(r *reading, path string, v any) (any, bool) {
		o, ok := v.(*object)
		if !ok {
			r.fault(path, "must be an object, not %s", kind(v))
			return nil, false
		}
		if len(o.keys) < least {
			r.fault(path, "must have at least %s, has %d", plural(least, "property", "properties"), len(o.keys))
		}
		if most > 0 && len(o.keys) > most {
			r.fault(path, "must have at most %s, has %d", plural(most, "property", "properties"), len(o.keys))
		}
		out := make(map[string]any, len(fields))
		for _, f := range fields {
			value, present := o.props[f.name]
			if !present {
				if f.required {
					r.fault(path, "lacks the required property %q", f.name)
				}
				continue
			}
			if reduced, ok := f.shape(r, at(path, f.name), value); ok {
				out[f.name] = reduced
			}
		}
		for _, k := range o.keys {
			if !known[k] && (k != "$schema" || path != "") && len(r.additional) < MaxFindings {
				r.additional = append(r.additional, at(path, k))
			}
		}
		return out, true
	}
}

// list is an array with at least least items.
func list(least int, item shape) shape { return array(least, false, item) }

// set is a list of at least one item in which none occurs twice.
func set(item shape) shape { return array(1, true, item) }

func array(least int, unique bool, item shape) shape {
	return func(r *reading, path string, v any) (any, bool) {
		items, ok := v.([]any)
		if !ok {
			r.fault(path, "must be an array, not %s", kind(v))
			return nil, false
		}
		if len(items) < least {
			r.fault(path, "must have at least %s, has %d", plural(least, "item", "items"), len(items))
		}
		out := make([]any, 0, len(items))
		seen := map[string]int{}
		for i, e := range items {
			if unique {
				var b strings.Builder
				canonical(&b, e)
				if first, twice := seen[b.String()]; twice {
					r.fault(at(path, i), "repeats item %d; every item may occur once", first)
				} else {
					seen[b.String()] = i
				}
			}
			if reduced, ok := item(r, at(path, i), e); ok {
				out = append(out, reduced)
			}
		}
		return out, true
	}
}

// str is a string that check, where given, finds nothing wrong with.
func str(least int, check func(string) string) shape {
	return func(r *reading, path string, v any) (any, bool) {
		s, ok := v.(string)
		if !ok {
			r.fault(path, "must be a string, not %s", kind(v))
			return nil, false
		}
		if n := utf8.RuneCountInString(s); n < least {
			r.fault(path, "must have at least %s, has %d", plural(least, "character", "characters"), n)
		} else if check != nil {
			if problem := check(s); problem != "" {
				r.fault(path, "%s", problem)
			}
		}
		return s, true
	}
}

func text() shape { return str(1, nil) }
func uri() shape  { return str(0, checkURI) }

func instant() shape {
	return str(0, func(s string) string {
		if _, err := Time(s); err != nil {
			return err.Error()
		}
		return ""
	})
}

func enum(values ...string) shape {
	return str(0, func(s string) string {
		if slices.Contains(values, s) {
			return ""
		}
		return fmt.Sprintf("%s is not one of %s", quoted(s), strings.Join(values, ", "))
	})
}

// pattern is a string that matches; what describes a good one.
func pattern(least int, p *regexp.Regexp, what string) shape {
	return str(least, matching(p, what))
}

func matching(p *regexp.Regexp, what string) func(string) string {
	return func(s string) string {
		if p.MatchString(s) {
			return ""
		}
		return fmt.Sprintf("%s is not %s", quoted(s), what)
	}
}

// uriLike is a URI that also matches a pattern.
func uriLike(least int, p *regexp.Regexp, what string) shape {
	return str(least, func(s string) string {
		if problem := checkURI(s); problem != "" {
			return problem
		}
		return matching(p, what)(s)
	})
}

func boolean() shape {
	return func(r *reading, path string, v any) (any, bool) {
		if _, ok := v.(bool); !ok {
			r.fault(path, "must be true or false, not %s", kind(v))
			return nil, false
		}
		return v, true
	}
}

// rating is a number from 0 to 10.
func rating() shape {
	return func(r *reading, path string, v any) (any, bool) {
		n, ok := v.(json.Number)
		if !ok {
			r.fault(path, "must be a number, not %s", kind(v))
			return nil, false
		}
		f, err := n.Float64()
		if err != nil || f < 0 || f > 10 {
			r.fault(path, "must be a number from 0 to 10")
			return nil, false
		}
		return f, true
	}
}

func kind(v any) string {
	switch v.(type) {
	case *object:
		return "an object"
	case []any:
		return "an array"
	case string:
		return "a string"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	}
	return "null"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
