package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/spec/vex"
)

// press prepares what is published.
func (v *visit) press() advisory.Press { return advisory.Press{Sealer: v.Sealer, URL: v.URL} }

// advisories lists what is published, and to members what is in work in their
// cases.
func (v *visit) advisories() error {
	q := v.r.URL.Query()
	filter := advisory.Filter{Text: q.Get("q"), Publisher: q.Get("publisher"), Own: q.Get("own") != "", Limit: 50, Cursor: q.Get("cursor")}
	if len(filter.Text) > 400 {
		return errs.Bad("q", "A search has at most 400 characters.")
	}
	var list advisory.List
	var work []advisory.Advisory
	err := v.read(func(tx *db.Tx) (err error) {
		if list, err = advisory.Published(tx, v.Actor, filter); err != nil || v.Actor.Person == "" || filter.Cursor != "" {
			return err
		}
		work, err = advisory.InWork(tx, v.Actor, 50)
		return err
	})
	if err != nil {
		return err
	}
	frame := v.frame("/advisories")
	frame.Head = look.RecordHead{Title: "Advisories", Actions: []look.Button{{Label: "Atom feed", Href: "/advisories/atom.xml", Kind: look.Quiet}, {Label: "CSAF files", Href: "/.well-known/csaf/", Kind: look.Quiet}}}
	t := look.Table{ID: "advisories", Caption: "Published advisories", Hidden: true, Pager: &look.Pager{Shown: look.Count(len(list.Documents)), Total: list.Total}, Empty: &look.Empty{Text: "No advisory fits."},
		Columns: []look.Column{{Label: "Advisory"}, {Label: "Title"}, {Label: "Severity"}, {Label: "CVE"}, {Label: "Publisher"}, {Label: "Released"}}}
	for _, d := range list.Documents {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: d.TrackingID, Href: d.PageURL(), Marking: markingOf(d)}, {Text: d.Title}, severityCell(d.Facts), {Text: someOf(d.Facts.CVEs, 3)}, {Text: d.Publisher}, {Time: d.CurrentAt, Sub: "revision " + d.Revision}}})
	}
	if list.Next != "" {
		q.Set("cursor", list.Next)
		t.Pager.Next = "/advisories?" + q.Encode()
	}
	search := &look.Form{Get: true, Action: "/advisories", Button: look.Button{Label: "Filter"}, Fields: []look.Field{{Kind: "search", Name: "q", Label: "Words in title, number or publisher", Value: q.Get("q"), Optional: true}, {Kind: look.CheckBox, Name: "own", Label: "Only this alliance's own", On: filter.Own}}}
	if filter.Publisher != "" {
		search.Hidden = []look.Hidden{{Name: "publisher", Value: filter.Publisher}}
	}
	parts := []part{{Search: search, Table: &t}}
	if rows := workTable(work, v); rows != nil {
		parts = append([]part{{Title: "In work in your cases", Table: rows}, {Title: "Published"}}, parts...)
	}
	return v.show("sheet", sheet{Frame: frame, Parts: parts})
}

// workTable lists drafts that are not out yet.
func workTable(list []advisory.Advisory, v *visit) *look.Table {
	t := &look.Table{ID: "work", Caption: "Advisories in work", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Advisory"}, {Label: "Title", Wide: true}, {Label: "State"}, {Label: "Release"}, {Label: "Changed"}}}
	for _, x := range list {
		state := x.Standing(v.now)
		if state == advisory.StateReleased || state == advisory.StateWithdrawn {
			continue
		}
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: x.Number, Href: "/advisories/" + x.Number + "/draft", Marking: x.Level.String()}, {Text: x.Title}, {Chip: &look.Chip{Label: advisory.Process.Label(state), Tone: stateTones[state]}}, {Time: x.ReleaseAt}, {Time: x.UpdatedAt}}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return t
}

var stateTones = map[advisory.State]look.Tone{advisory.StateReview: look.Waiting, advisory.StateApproved: look.Good, advisory.StateScheduled: look.Info, advisory.StateReleased: look.Good, advisory.StateWithdrawn: look.Bad}

// markingOf is a document's label as it is shown; others' without one have
// none.
func markingOf(d advisory.Document) string {
	if d.Label == advisory.Unlabeled {
		return ""
	}
	return d.Level.String()
}

func severityCell(f advisory.Facts) look.Cell {
	if f.Severity == "" {
		return look.Cell{Text: "not scored"}
	}
	return look.Cell{Text: strings.ToLower(f.Severity), Sub: unbroken("CVSS " + strconv.FormatFloat(f.Score, 'f', 1, 64))}
}

// someOf names the first few of a list and counts the rest.
func someOf(list []string, n int) string {
	if len(list) <= n {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:n], ", ") + " and " + strconv.Itoa(len(list)-n) + " more"
}

// atomFeed is what is public as a feed (RFC 4287). Who has it is told so.
func (v *visit) atomFeed() error {
	var body []byte
	err := v.read(func(tx *db.Tx) error {
		feed, err := advisory.Atom(tx, v.URL)
		if err != nil {
			return err
		}
		body, err = feed.Marshal()
		return err
	})
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	h := v.w.Header()
	h.Set("Content-Type", "application/atom+xml; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	http.ServeContent(v.w, v.r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

// caseFacts is what everybody may know of a case, once an advisory of it is
// public.
func (v *visit) caseFacts() error {
	var f advisory.CaseFacts
	err := v.read(func(tx *db.Tx) (err error) {
		f, err = advisory.PublicCase(tx, v.path("number"))
		return err
	})
	if err != nil {
		return err
	}
	frame := v.frame("/advisories")
	frame.Head = look.RecordHead{Marking: "TLP:CLEAR", Kind: "case", Number: f.Number, Title: f.Title}
	facts := look.Facts{Items: []look.Fact{{Term: "Advisory", Text: f.Advisory, Href: f.URL}, {Term: "First released", Time: f.Released}, {Term: "Updated", Time: f.Updated}}}
	if len(f.CVEs) > 0 {
		facts.Items = append(facts.Items, look.Fact{Term: "CVE", Text: strings.Join(f.CVEs, ", ")})
	}
	t := look.Table{ID: "vendors", Caption: "Vendors", Hidden: true, Whole: true, Filter: len(f.Vendors) > 10, Columns: []look.Column{{Label: "Vendor", Wide: true}, {Label: "Status"}}, Empty: &look.Empty{Text: "The advisory names no vendor."}}
	for _, x := range f.Vendors {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: x.Name}, {Text: statusShape(x.Overall)}}})
	}
	return v.show("sheet", sheet{Frame: frame, Parts: []part{{Facts: &facts}, {Title: "Vendors", Table: &t}}})
}

func statusShape(s vex.Status) string { return unbroken(s.Glyph() + " " + s.Label()) }

// draftPath leads from an advisory's number to where its text is worked on.
func (v *visit) draftPath() error {
	var path string
	err := v.read(func(tx *db.Tx) error {
		x, _, err := advisory.Load(tx, v.Actor, v.path("number"))
		if err != nil {
			return err
		}
		c, _, err := casework.Load(tx, v.Actor, x.Case)
		path = casework.Path(c.Number) + "/advisory/" + x.Number
		return err
	})
	if err != nil {
		return err
	}
	return v.next(path, "")
}
