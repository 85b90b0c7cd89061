package look

import (
	"errors"
	"slices"
	"time"
)

// Kind of a form field.
type Kind string

// The kinds of fields. The HTML input types "email", "url", "number",
// "password", "search", "tel" and "date" may be used as kinds as well.
const (
	Text       Kind = "text"
	Area       Kind = "textarea"
	Select     Kind = "select"
	CheckBox   Kind = "checkbox" // one box; Value is sent when On
	CheckBoxes Kind = "checks"   // several boxes of one name
	Radio      Kind = "radio"
	Upload     Kind = "file"
	DateTime   Kind = "datetime" // local date and hour with an explicit zone, sent as NAME and NAME_zone
)

// Field is one form field: label above, hint below the label, error beside.
type Field struct {
	Kind     Kind
	Name     string
	Label    string
	Hint     string
	Value    string
	Error    string
	Optional bool // said beside the label; fields are required otherwise
	On       bool // CheckBox is ticked
	Options  []Option
	Zone     string // DateTime: the chosen zone's IANA name
	Rows     int    // Area
	Max      int    // longest input in characters; 0: no limit said
	Multiple bool   // Upload
	Auto     string // autocomplete token (WCAG 1.3.5)
	Short    bool   // a short value: the box is as narrow
	Code     bool   // machine text: fixed-width letters, no spelling check
	Key      string // tells fields of one name apart on a page with several forms
}

// ID is the field's anchor, to which the error summary leads.
func (f Field) ID() string { return "f-" + f.Name + f.Key }

// Describe lists the ids that explain the field.
func (f Field) Describe() string {
	switch {
	case f.Hint != "" && f.Error != "":
		return f.ID() + "-hint " + f.ID() + "-error"
	case f.Hint != "":
		return f.ID() + "-hint"
	case f.Error != "":
		return f.ID() + "-error"
	}
	return ""
}

// InputType is the HTML type of a plain input.
func (f Field) InputType() Kind {
	if f.Kind == "" {
		return Text
	}
	return f.Kind
}

// Lines is the height of a text area.
func (f Field) Lines() int {
	if f.Rows == 0 {
		return 6
	}
	return f.Rows
}

// ErrorAnchor is where the summary leads: a group has no box of its own name.
func (f Field) ErrorAnchor() string {
	if f.Kind == Radio || f.Kind == CheckBoxes {
		return f.ID() + "-0"
	}
	return f.ID()
}

// Option is one choice of a select, radio group, box group or marking.
type Option struct {
	Value, Label, Hint string
	On                 bool
}

// Hidden is a value that travels with a form unseen.
type Hidden struct{ Name, Value string }

// Form is a whole form: error summary, fields in one column, one primary
// button and a way out.
type Form struct {
	Action  string
	Title   string
	Lede    string
	Error   string // what is wrong with the whole; empty: see the fields
	Fields  []Field
	Groups  []FieldGroup // after Fields
	Hidden  []Hidden
	Button  Button
	Cancel  *Link
	Draft   string // key under which the browser keeps what is typed
	Get     bool   // a search form
	Marking string // what is written here is marked so
	Reach   *Reach
}

// FieldGroup is a titled part of a long form.
type FieldGroup struct {
	Title, Hint string
	Fields      []Field
}

// Keyed is the form with ids of its own, for a page with several forms whose
// fields are named alike.
func (f Form) Keyed(key string) Form {
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		f.Fields[i].Key = "-" + key
	}
	return f
}

// Failed lists the fields with errors, in order.
func (f Form) Failed() []Field {
	var failed []Field
	for _, field := range f.Fields {
		if field.Error != "" {
			failed = append(failed, field)
		}
	}
	for _, group := range f.Groups {
		for _, field := range group.Fields {
			if field.Error != "" {
				failed = append(failed, field)
			}
		}
	}
	return failed
}

// HasFiles says whether the form must be sent as multipart.
func (f Form) HasFiles() bool {
	for _, field := range f.Fields {
		if field.Kind == Upload {
			return true
		}
	}
	for _, group := range f.Groups {
		for _, field := range group.Fields {
			if field.Kind == Upload {
				return true
			}
		}
	}
	return false
}

// ErrNoZone is a DateTime that came without its zone.
var ErrNoZone = errors.New("choose the time zone")

// ErrNoHour is a local time that the zone skips when its clocks go forward.
var ErrNoHour = errors.New("this hour does not exist in that zone: clocks go forward over it")

// ErrTwiceHour is a local time that the zone has twice.
var ErrTwiceHour = errors.New("this hour comes twice in that zone: clocks go back over it. Give it in UTC")

const dateTimeLayout = "2006-01-02T15:04"

// ParseDateTime reads what a DateTime field sends: "2026-12-01T15:00" and an
// IANA zone name. An hour that the zone skips or repeats is refused, because
// a release instant must not be a guess.
func ParseDateTime(value, zone string) (time.Time, error) {
	if zone == "" || zone == "Local" {
		return time.Time{}, ErrNoZone
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, ErrNoZone
	}
	t, err := time.ParseInLocation(dateTimeLayout, value, loc)
	if err != nil {
		return time.Time{}, errors.New("give date and hour, such as 2026-12-01 15:00")
	}
	if t.Format(dateTimeLayout) != value {
		return time.Time{}, ErrNoHour
	}
	for _, shift := range []time.Duration{-time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour} {
		if other := t.Add(shift); other.Format(dateTimeLayout) == value {
			return time.Time{}, ErrTwiceHour
		}
	}
	return t.UTC(), nil
}

// zones are offered in every DateTime, the reader's own first.
var zones = []string{"UTC", "America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York", "America/Sao_Paulo",
	"Europe/London", "Europe/Berlin", "Europe/Helsinki", "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Shanghai",
	"Asia/Singapore", "Asia/Tokyo", "Asia/Seoul", "Australia/Sydney", "Pacific/Auckland"}

// ZoneOptions lists the zones to choose from; chosen is kept even where it is
// not among the usual ones.
func ZoneOptions(chosen string) []Option {
	if chosen == "" {
		chosen = "UTC"
	}
	options := []Option{{Value: chosen, Label: chosen, On: true}}
	for _, z := range zones {
		if z != chosen {
			options = append(options, Option{Value: z, Label: z})
		}
	}
	return options
}

// ZoneChoices are the zones of this field.
func (f Field) ZoneChoices() []Option { return ZoneOptions(f.Zone) }

// Passkey is a form that the script passkey.js takes over; add "passkey.js"
// to Frame.Scripts. Without a script it stays hidden, so the page must offer
// another way in.
type Passkey struct {
	Do      string // "register" or "signin"
	Options string // where to POST; answers {"publicKey": options, "ceremony": "…"}
	Finish  string // where to POST {"ceremony", "fields", "credential"}; answers {"next": "/path"}
	Label   string // "Sign in with a passkey"
	Fields  []Field
	Hidden  []Hidden
}
