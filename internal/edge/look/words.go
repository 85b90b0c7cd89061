package look

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"

	"tocsin/spec/text"
)

// Tone is one of the four meanings that color may have. Everything else is
// Plain. A word or a shape always says the same thing.
type Tone string

// The tones; no others exist in the style sheet.
const (
	Plain   Tone = ""
	Good    Tone = "good"
	Waiting Tone = "waiting"
	Bad     Tone = "bad"
	Info    Tone = "info"
)

// Word is what a screen reader and a print without colors get.
func (t Tone) Word() string {
	switch t {
	case Good:
		return "Done"
	case Waiting:
		return "Waiting"
	case Bad:
		return "Problem"
	}
	return "Note"
}

// Glyph is the shape that stands beside the tone.
func (t Tone) Glyph() string {
	switch t {
	case Good:
		return "✓"
	case Waiting:
		return "◔"
	case Bad:
		return "✕"
	}
	return "i"
}

func funcs(assets *Assets) template.FuncMap {
	return template.FuncMap{
		"asset": assets.URL,
		"icon": func(name string) (template.HTML, error) {
			url, err := assets.URL("icons.svg")
			if err != nil {
				return "", err
			}
			return template.HTML(`<svg class="i" width="16" height="16" aria-hidden="true"><use href="` + url + `#` +
				template.HTMLEscapeString(name) + `"/></svg>`), nil
		},
		"utc":      UTC,
		"stamp":    func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04") }, // only under a head that says UTC
		"when":     When,
		"whenIn":   WhenIn,
		"ago":      Ago,
		"due":      Due,
		"iso":      iso,
		"span":     Span,
		"count":    Count,
		"plural":   Plural,
		"bytes":    Bytes,
		"tlpclass": tlpClass,
		"tlppage":  tlpPage,
		"pct":      func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) },
		"link":     func(label, href string) Link { return Link{label, href} },
		"chip":     func(label string, tone Tone) Chip { return Chip{Label: label, Tone: tone} },
		"notice":   func(tone Tone, title, text string) Notice { return Notice{Tone: tone, Title: title, Text: text} },
		"empty":    func(text string) Empty { return Empty{Text: text} },
		"button":   func(label, href string) Button { return Button{Label: label, Href: href} },
		"add":      func(a, b int) int { return a + b },
		"join":     strings.Join,
	}
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// UTC writes an instant as "2026-12-01 14:00 UTC"; the zero time as "–".
func UTC(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04") + " UTC"
}

// When is UTC inside a <time> element, to which the browser adds local time.
func When(t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	return template.HTML(`<time datetime="` + iso(t) + `">` + UTC(t) + `</time>`)
}

// WhenIn is When with the reader's own time in parentheses; a nil zone
// leaves that to the browser.
func WhenIn(t time.Time, zone *time.Location) template.HTML {
	if t.IsZero() || zone == nil || zone == time.UTC {
		return When(t)
	}
	return template.HTML(`<time datetime="` + iso(t) + `" data-local>` + UTC(t) + ` (` + template.HTMLEscapeString(localBeside(t, zone)) + `)</time>`)
}

// localBeside gives the local hour, with its date where that differs.
func localBeside(t time.Time, zone *time.Location) string {
	local := t.In(zone)
	if local.Format(time.DateOnly) != t.UTC().Format(time.DateOnly) {
		return local.Format("2006-01-02 15:04 MST")
	}
	return local.Format("15:04 MST")
}

// Ago writes a past or coming instant relative to now with the absolute
// beside it: "2 h ago · 2026-11-22 10:00 UTC".
func Ago(now, t time.Time) template.HTML {
	if t.IsZero() {
		return "–"
	}
	return template.HTML(`<span class="rel">`+Rough(now, t)+"</span> · ") + When(t)
}

// Due is Ago in the words of a deadline: "in 3 d", "2 h late".
func Due(now, t time.Time) template.HTML {
	if t.IsZero() {
		return "no deadline"
	}
	if now.After(t) {
		return template.HTML(`<span class="rel">`+rough(now.Sub(t))+" late</span> · ") + When(t)
	}
	return template.HTML(`<span class="rel">in `+rough(t.Sub(now))+"</span> · ") + When(t)
}

// Rough says "2 h ago", "in 3 d" or "now".
func Rough(now, t time.Time) string {
	d := now.Sub(t)
	if d.Abs() < time.Minute {
		return "now"
	}
	if d < 0 {
		return "in " + rough(-d)
	}
	return rough(d) + " ago"
}

func rough(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "under 1 min"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d d", int(d.Hours()/24))
}

// Span writes what is left of a clock: "6 d 03:22", below one day
// "03:22:10", at or after its end "0".
func Span(d time.Duration) string {
	if d <= 0 {
		return "0"
	}
	days, rest := int(d/(24*time.Hour)), d%(24*time.Hour)
	h, m, s := int(rest/time.Hour), int(rest/time.Minute)%60, int(rest/time.Second)%60
	if days > 0 {
		return fmt.Sprintf("%d d %02d:%02d", days, h, m)
	}
	return fmt.Sprintf("%02d:%02d:%02d", h, m, s)
}

// Count groups thousands: 3798 is "3,798".
func Count(n int) string { return text.Count(n) }

// Plural counts things: Plural(1, "person", "people") is "1 person".
func Plural(n int, one, many string) string { return text.Plural(n, one, many) }

// Bytes writes a size in decimal units: 4200000 is "4.2 MB".
func Bytes(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d B", n)
	}
	exp := min(int(math.Log10(float64(n))/3), 4)
	return fmt.Sprintf("%.1f %cB", float64(n)/math.Pow(1000, float64(exp)), " kMGT"[exp])
}

// tlpPage names the printed page that carries this label at head and foot.
func tlpPage(label string) string {
	if label == "TLP:AMBER+STRICT" {
		return "strict"
	}
	return tlpClass(label)
}

// tlpClass is the style sheet's class for a TLP 2.0 label.
func tlpClass(label string) string {
	switch label {
	case "TLP:RED":
		return "red"
	case "TLP:AMBER", "TLP:AMBER+STRICT":
		return "amber"
	case "TLP:GREEN":
		return "green"
	}
	return "clear"
}
