package certcc

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"

	"tocsin/spec/cve"
	"tocsin/spec/cvss"
	"tocsin/spec/text"
)

const instant = `[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?`

var leadingDate = regexp.MustCompile(`^(` + instant + `) ?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?`)

// The archive begins in 1988; a date outside of these years is a placeholder
// or a slip.
const firstYear, lastYear = 1980, 2100

// date reads an instant. Without a zone UTC is assumed and said. Where text
// follows a whole date, the date is taken; where the value does not begin with
// one, nothing is, since a date inside of an error text may be the error.
func (o object) date(field string) time.Time {
	raw := o.fields[field]
	if isNull(raw) {
		return time.Time{}
	}
	value := strings.TrimSpace(o.scalar(field, raw))
	if value == "" {
		return time.Time{}
	}
	m := leadingDate.FindStringSubmatch(value)
	if m == nil {
		o.dirty(BadDate, field, value, "no date: the value does not begin with one")
		return time.Time{}
	}
	zone := strings.NewReplacer("UTC", "Z", "GMT", "Z").Replace(m[2])
	if len(zone) == 5 {
		zone = zone[:3] + ":" + zone[3:]
	}
	clock := strings.Replace(m[1], " ", "T", 1)
	if len(clock) == 10 {
		clock += "T00:00:00"
	} else if len(clock) == 16 {
		clock += ":00"
	}
	assumed := zone == ""
	if assumed {
		zone = "Z"
	}
	t, err := time.Parse(time.RFC3339Nano, clock+zone)
	if err != nil {
		o.dirty(BadDate, field, value, "no date: there is no such day or time")
		return time.Time{}
	}
	t = t.UTC().Truncate(time.Microsecond)
	if t.Year() < firstYear || t.Year() > lastYear {
		o.dirty(BadDate, field, value, fmt.Sprintf("no date: the year is not between %d and %d", firstYear, lastYear))
		return time.Time{}
	}
	if rest := strings.TrimSpace(value[len(m[0]):]); rest != "" {
		o.dirty(BadDate, field, value, fmt.Sprintf("%s: the date at its beginning, without the text %q", t.Format(time.RFC3339), short(rest)))
	}
	if assumed {
		o.dirty(NoZone, field, value, t.Format(time.RFC3339)+": UTC assumed")
	}
	return t
}

// statuses maps both vocabularies; old marks the first one.
var statuses = map[string]struct {
	status Status
	old    bool
}{
	"affected": {Affected, false}, "not affected": {NotAffected, false}, "unknown": {Unknown, false},
	"vulnerable": {Affected, true}, "not vulnerable": {NotAffected, true},
}

func (o object) status(field string) (Status, string) {
	value := o.scalar(field, o.fields[field])
	word := strings.ToLower(strings.Join(strings.Fields(strings.NewReplacer("-", " ", "_", " ").Replace(value)), " "))
	s, ok := statuses[word]
	switch {
	case word == "":
		o.dirty(Missing, field, value, string(Unknown))
		return Unknown, value
	case !ok:
		o.dirty(StrangeStatus, field, value, string(Unknown)+": the word is in neither vocabulary")
		return Unknown, value
	case s.old:
		o.dirty(OldVocabulary, field, value, string(s.status))
	case value != "Affected" && value != "Not Affected" && value != "Unknown":
		o.dirty(StrangeStatus, field, value, string(s.status)+": spelled unusually")
	}
	return s.status, value
}

// cves reads the CVE ids, whatever stands around them.
func (o object) cves(field string) []string {
	var out []string
	seen := map[cve.ID]bool{}
	for _, item := range o.list(field, true) {
		if strings.TrimSpace(item) == "" {
			continue
		}
		ids := cve.Extract(item, o.log.limit)
		if len(ids) == 0 {
			o.dirty(BadID, field, item, "left out: it holds no CVE identifier")
			continue
		}
		if len(ids) > 1 || string(ids[0]) != item {
			o.dirty(BadID, field, item, "read as "+short(joined(ids)))
		}
		for _, id := range ids {
			if seen[id] {
				o.dirty(BadID, field, string(id), "left out: it is named before")
				continue
			}
			if len(out) < o.log.limit {
				seen[id] = true
				out = append(out, string(id))
			}
		}
	}
	return out
}

func joined(ids []cve.ID) string {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = string(id)
	}
	return strings.Join(s, ", ")
}

var linkStart = regexp.MustCompile(`(?i)(?:^|[\s,;])((?:https?|ftp)://)`)

// references reads links: several may stand in one text, with notes beside
// them. lines says that the field is normally a text of one link a line.
func (o object) references(field string, lines bool) []Reference {
	var out []Reference
	for _, item := range o.list(field, !lines) {
		if lines && strings.EqualFold(strings.TrimSpace(item), "none") {
			o.dirty(BadLink, field, item, "no reference")
			continue
		}
		parts := []string{item}
		if lines {
			parts = strings.Split(item, "\n")
		}
		for _, part := range parts {
			if part == "" {
				continue
			}
			refs := split(part)
			if len(refs) != 1 || refs[0].Note != "" || refs[0].URL != part {
				o.dirty(BadLink, field, part, said(refs))
			}
			for _, r := range refs {
				if len(out) < o.log.limit {
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// split takes a text apart into its links, each with the words after it, and
// the words before the first.
func split(s string) []Reference {
	var out []Reference
	add := func(url, note string) {
		note, _, err := text.CleanLine(strings.Trim(note, " \t\r\n,;"), maxLine)
		if err != nil {
			note = ""
		}
		clean, removed, err := text.CleanLine(url, 4*maxLine)
		if err != nil || removed || clean != url {
			note, url = strings.TrimSpace(clean+" "+note), ""
		}
		if url != "" || note != "" {
			out = append(out, Reference{URL: url, Note: note})
		}
	}
	starts := linkStart.FindAllStringSubmatchIndex(s, -1)
	if len(starts) == 0 {
		add("", s)
		return out
	}
	add("", s[:starts[0][2]])
	for i, at := range starts {
		end := len(s)
		if i+1 < len(starts) {
			end = starts[i+1][2]
		}
		piece := strings.Trim(s[at[2]:end], " \t\r\n,;")
		url, note := piece, ""
		if sp := strings.IndexAny(piece, " \t\r\n"); sp >= 0 {
			url, note = strings.TrimRight(piece[:sp], ",;"), piece[sp:]
		}
		add(url, note)
	}
	return out
}

func said(refs []Reference) string {
	if len(refs) == 0 {
		return "no reference"
	}
	var parts []string
	for _, r := range refs {
		switch {
		case r.URL == "":
			parts = append(parts, fmt.Sprintf("the text %q", r.Note))
		case r.Note != "":
			parts = append(parts, fmt.Sprintf("the link %s with the note %q", r.URL, r.Note))
		default:
			parts = append(parts, "the link "+r.URL)
		}
	}
	return short(strings.Join(parts, ", "))
}

var spelledND = regexp.MustCompile(`:[A-Za-z ]+\(([A-Z]+)\)`)

// cvss2 joins the three vectors and checks the stated base score against them.
func (o object) cvss2() *CVSS2 {
	c := &CVSS2{}
	var groups []string
	for _, field := range []string{"CVSS_BaseVector", "CVSS_TemporalVector", "CVSS_EnvironmentalVector"} {
		v := strings.TrimSpace(o.scalar(field, o.fields[field]))
		if v == "" {
			continue
		}
		if strings.Contains(v, ":--") {
			o.dirty(BadCVSS, field, v, "nothing: the metrics are not filled in")
			if field == "CVSS_BaseVector" {
				return nil
			}
			continue
		}
		if clean := spelledND.ReplaceAllString(v, ":$1"); clean != v {
			o.dirty(BadCVSS, field, v, clean)
			v = clean
		}
		if field != "CVSS_BaseVector" && len(groups) > 0 {
			if _, err := cvss.Parse(groups[0] + "/" + v); err != nil {
				o.dirty(BadCVSS, field, v, "nothing: it is not a part of a CVSS 2.0 vector")
				continue
			}
		}
		groups = append(groups, v)
	}
	if len(groups) == 0 {
		return nil
	}
	s, err := cvss.Parse(strings.Join(groups, "/"))
	if err != nil || s.Version != cvss.V20 {
		o.dirty(BadCVSS, "CVSS_BaseVector", strings.Join(groups, "/"), "nothing: it is not a CVSS 2.0 vector")
		return nil
	}
	c.Vector = s.Vector
	c.Base, c.Temporal, c.Environmental = o.decimal("CVSS_BaseScore"), o.decimal("CVSS_TemporalScore"), o.decimal("CVSS_EnvironmentalScore")
	if c.Base != nil && math.Abs(*c.Base-s.Base) > 0.05 {
		o.dirty(BadCVSS, "CVSS_BaseScore", fmt.Sprint(*c.Base), fmt.Sprintf("kept; the vector amounts to %.1f", s.Base))
	}
	return c
}
