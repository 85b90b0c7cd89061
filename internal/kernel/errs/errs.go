// Package errs is the one error type that crosses package borders. A verb
// returns it, a door (portal, api) maps its Kind to a status code.
//
// The text of an Error is written for the person who caused it: it says what
// happened and what to do, and never what that person may not know. Details
// for the operator travel in the wrapped cause, which no door renders.
package errs

import (
	"errors"
	"fmt"

	"tocsin/spec/text"
)

// Kind says what sort of answer an error is. Doors map it to a status code.
type Kind int

const (
	// Internal is everything without a Kind: a fault of the server (500).
	Internal Kind = iota
	// NotFound is also the answer for what exists but may not be seen (404).
	NotFound
	// Invalid is bad input; nothing was changed (422).
	Invalid
	// Malformed is input that could not be read at all (400).
	Malformed
	// Unauthenticated asks the caller to sign in (401).
	Unauthenticated
	// Denied is a visible record with a verb the actor may not use (403).
	Denied
	// Conflict is a state that does not allow the verb, or a lost race (409).
	Conflict
	// Stale is an update against an older version of the record (412 on the
	// API's If-Match, 409 in a form).
	Stale
	// Gone is a link or token that was valid once (410).
	Gone
	// TooLarge is a body, file or list beyond its limit (413).
	TooLarge
	// RateLimited asks the caller to come back later (429).
	RateLimited
	// Unavailable is a part of the server that does not answer now (503).
	Unavailable
)

var kindNames = [...]string{"internal", "not-found", "invalid", "malformed", "unauthenticated", "denied", "conflict", "stale", "gone", "too-large", "rate-limited", "unavailable"}

// String is the kind's name as it stands in problem documents and logs.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return kindNames[Internal]
	}
	return kindNames[k]
}

// Field is one input field that was refused and why.
type Field struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Error is an answer to the person who asked.
type Error struct {
	Kind   Kind
	Text   string  // what happened and what to do, one or two sentences
	Fields []Field // the refused fields, for forms and problem documents
	// Theirs and Yours are both versions of a record when two people edited
	// it at once (Stale), so that a door can show them and nothing is lost.
	Theirs, Yours any
	cause         error
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Text + ": " + e.cause.Error()
	}
	return e.Text
}

// Unwrap gives the operator's side of the error to errors.Is and the log.
func (e *Error) Unwrap() error { return e.cause }

// New makes an Error of a kind with a formatted text.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error whose cause stays out of every answer.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...), cause: cause}
}

// Missing is the one answer for what is not there and for what may not be
// seen; the text carries the noun only, so that both read the same.
func Missing(noun string) *Error {
	return New(NotFound, "There is no such %s, or you may not see it.", noun)
}

// Bad is an Invalid error about one field.
func Bad(field, format string, args ...any) *Error {
	reason := fmt.Sprintf(format, args...)
	return &Error{Kind: Invalid, Text: reason, Fields: []Field{{field, reason}}}
}

// Join makes one Invalid error out of several refused fields; nil for none.
func Join(fields []Field) error {
	switch len(fields) {
	case 0:
		return nil
	case 1:
		return &Error{Kind: Invalid, Text: fields[0].Reason, Fields: fields}
	}
	return &Error{Kind: Invalid, Text: fmt.Sprintf("%s need another look; nothing was changed.", text.Plural(len(fields), "field", "fields")), Fields: fields}
}

// KindOf is the kind of the outermost Error in err's chain, else Internal.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is an Error of that kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }
