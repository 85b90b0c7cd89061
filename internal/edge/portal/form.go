package portal

import (
	"errors"
	"strings"

	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/errs"
)

// fault writes a refusal into a form: beside the fields that it names, else
// above the form.
func fault(f *look.Form, err error) {
	if err == nil {
		return
	}
	e := gate.Public(err)
	named := map[string]string{}
	for _, field := range e.Fields {
		named[field.Name] = field.Reason
	}
	mark := func(fields []look.Field) {
		for i := range fields {
			if reason, ok := named[fields[i].Name]; ok {
				fields[i].Error = reason
				delete(named, fields[i].Name)
			}
		}
	}
	mark(f.Fields)
	for i := range f.Groups {
		mark(f.Groups[i].Fields)
	}
	if len(e.Fields) == 0 || len(named) > 0 {
		f.Error = e.Text
	}
}

// stale reports whether somebody else was faster, and what they wrote.
func stale[T any](err error) (theirs T, ok bool) {
	e, is := errors.AsType[*errs.Error](err)
	if !is || e.Kind != errs.Stale {
		return theirs, false
	}
	theirs, ok = e.Theirs.(T)
	return theirs, ok
}

// lines splits a text area into its lines that say something.
func lines(s string) []string {
	var out []string
	for _, line := range strings.Split(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
