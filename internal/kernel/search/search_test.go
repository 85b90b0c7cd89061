package search_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/search"
	"tocsin/spec/tlp"

	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

func write(t *testing.T, d *db.DB, f func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, d *db.DB, a audience.Actor, q search.Query) search.Page {
	t.Helper()
	var p search.Page
	err := d.Read(t.Context(), func(tx *db.Tx) (err error) {
		p, err = search.Find(tx, a, q)
		return err
	})
	if err != nil {
		t.Fatalf("%q: %v", q.Text, err)
	}
	return p
}

func ids(p search.Page) []string {
	out := []string{}
	for _, h := range p.Hits {
		out = append(out, h.ObjectID+h.Part)
	}
	return out
}

func public(id, title, body string) search.Doc {
	return search.Doc{Kind: "advisory", ObjectID: id, Level: tlp.Clear, Release: dbtest.Start, Title: title, Body: body, URL: "/a/" + id}
}

func TestFoundAsTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		write(t, d, func(tx *db.Tx) error {
			for _, doc := range []search.Doc{
				public("a", "TA-2026-0117: Überlauf in libfoo 1.2.3", "See CVE-2024-1234 and VU#16969. The parser reads past the end of the buffer."),
				public("b", "TA-2026-0118: CVE-2024-1235", "Reads the buffer. The end of past parser. 1.2.30, O'Brien's naïve “test” \\ : * ( & | ! <->"),
				public("c", "脆弱性の報告", "バッファ overflow "+strings.Repeat("f", 128)),
			} {
				if err := search.Put(tx, doc); err != nil {
					return err
				}
			}
			return nil
		})
		for text, want := range map[string][]string{
			"CVE-2024-1234":                 {"a"},
			"cve 2024":                      {"b", "a"}, // the title first
			"VU#16969":                      {"a"},
			"vu#169":                        {"a"},
			"TA-2026-0117":                  {"a"},
			"ta-2026-011":                   {"b", "a"},
			"1.2.3":                         {"a", "b"}, // b goes on: last
			"1.2.3 buffer":                  {"a"},      // only the last word may go on
			"ueberlauf":                     {},
			"UBERLAUF":                      {"a"},
			`"past the end"`:                {"a"},
			`"past the end`:                 {"a"},
			"past the end":                  {"b", "a"},
			`"past the en"`:                 {},
			"end libfoo":                    {"a"}, // body and title
			`"libfoo 1.2.3 see"`:            {},    // a phrase does not run from title to body
			"o'brien naive":                 {"b"},
			"脆弱":                            {"c"},
			"報告":                            {"c"},
			"告報":                            {},
			strings.Repeat("F", 128):        {"c"},
			"NOT overflow":                  {},
			"overflow OR parser":            {},
			"parser AND":                    {"a"}, // a word like any other
			"buffer*":                       {"b", "a"},
			"title:libfoo":                  {},
			"-buffer":                       {"b", "a"},
			"":                              {},
			"' \" ; -- % _ * ( ) : ^ & | !": {},
			"\x00\xff buffer":               {"b", "a"},
		} {
			p := find(t, d, audience.Actor{}, search.Query{Text: text})
			if got := ids(p); !slices.Equal(got, want) || p.Total != len(want) || p.Next != "" {
				t.Errorf("%q found %v of %d, want %v", text, got, p.Total, want)
			}
		}
		for _, text := range []string{strings.Repeat("a", 401), strings.Repeat("a ", 33)} {
			err := d.Read(t.Context(), func(tx *db.Tx) error {
				_, err := search.Find(tx, audience.Actor{}, search.Query{Text: text})
				return err
			})
			if !errs.Is(err, errs.Invalid) {
				t.Errorf("%d characters: %v", len(text), err)
			}
		}
	})
}

func TestSnippetMarksWhatMatched(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		body := strings.Repeat("Füllwort und mehr. ", 40) + "The <b>Parser</b>\nof CVE-2024-1234 is wrong. " + strings.Repeat("Später mehr. ", 40)
		write(t, d, func(tx *db.Tx) error { return search.Put(tx, public("a", "On parsers", body)) })
		p := find(t, d, audience.Actor{}, search.Query{Text: "cve-2024-1234 parser"})
		if len(p.Hits) != 1 {
			t.Fatal(p)
		}
		h := p.Hits[0]
		cut := func(s string, list []search.Range) (out []string) {
			for _, r := range list {
				out = append(out, s[r.From:r.To])
			}
			return out
		}
		if got := cut(h.Snippet, h.Marks); !slices.Equal(got, []string{"Parser", "CVE-2024-1234"}) {
			t.Errorf("marked %q in %q", got, h.Snippet)
		}
		if got := cut(h.Title, h.TitleMarks); !slices.Equal(got, []string{"parsers"}) {
			t.Errorf("marked %q in the title", got)
		}
		if strings.ContainsAny(h.Snippet, "\n") || len(h.Snippet) > 300 {
			t.Errorf("snippet %q", h.Snippet)
		}
	})
}

func TestPutReplacesDropRemovesReleaseFlips(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, c *clock.Fake) {
		count := func(text string, want int) {
			t.Helper()
			if p := find(t, d, audience.Actor{}, search.Query{Text: text}); len(p.Hits) != want || p.Total != want {
				t.Errorf("%q: %d hits of %d, want %d", text, len(p.Hits), p.Total, want)
			}
		}
		doc := public("a", "first", "alpha")
		doc.Release = c.Now().Add(time.Microsecond)
		part := doc
		part.Part, part.Title = "2", "second"
		write(t, d, func(tx *db.Tx) error {
			if err := search.Put(tx, doc); err != nil {
				return err
			}
			return search.Put(tx, part)
		})
		count("alpha", 0)
		c.Advance(time.Microsecond)
		count("alpha", 2)
		doc.Body = "beta"
		write(t, d, func(tx *db.Tx) error { return search.Put(tx, doc) })
		count("alpha", 1)
		count("beta", 1)
		write(t, d, search.Rebuild)
		count("alpha", 1)
		count("beta", 1)
		write(t, d, func(tx *db.Tx) error {
			return search.Remark(tx, "advisory", "a", "", tlp.Green, c.Now())
		})
		count("beta", 0)
		write(t, d, func(tx *db.Tx) error { return search.Remark(tx, "advisory", "a", "", tlp.Clear, c.Now()) })
		count("beta", 1)
		write(t, d, func(tx *db.Tx) error { return search.Drop(tx, "advisory", "a") })
		count("alpha", 0)
		count("beta", 0)
		write(t, d, func(tx *db.Tx) error { return search.Put(tx, doc) })
		count("alpha", 0)
		count("beta", 1)
	})
}

func TestCursorIsUntrusted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		for _, cursor := range []string{"x", "9.1", "-1.1", "0", "0.", "0.zzzzzzzzzzzzzzzzzzz", "1;DROP"} {
			err := d.Read(t.Context(), func(tx *db.Tx) error {
				_, err := search.Find(tx, audience.Actor{}, search.Query{Text: "a", Cursor: cursor})
				return err
			})
			if !errs.Is(err, errs.Malformed) {
				t.Errorf("cursor %q: %v", cursor, err)
			}
		}
	})
}

var vocabulary = []string{"alpha", "alphabet", "beta", "gamma", "cve", "2024", "1234"}

// TestFindsExactlyWhatTheRuleAllows draws texts, audiences and actors, and
// holds every page of every search against Decide and a plain reading.
func TestFindsExactlyWhatTheRuleAllows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		rapid.Check(t, func(rt *rapid.T) {
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				docs, err := drawDocs(rt, tx)
				if err != nil {
					return err
				}
				for _, a := range actors {
					for range 3 {
						if err := compare(rt, tx, a, docs); err != nil {
							return err
						}
					}
				}
				return nil
			})
			if err != nil {
				rt.Fatal(err)
			}
		})
	})
}

var actors = []audience.Actor{{}, audience.ForLink("l1"), member("p1", "o1", "g1"), member("p2", "o2", "g1"), member("p3", "o2", "g2")}

func member(person, org, program string) audience.Actor {
	return audience.Actor{Person: person, Seats: []audience.Seat{
		{Kind: audience.Person, ID: person, Party: audience.Party{Kind: audience.Person, ID: person}, Cap: audience.Coordinator},
		{Kind: audience.Org, ID: org, Party: audience.Party{Kind: audience.Org, ID: org}, Cap: audience.Contributor, Class: "government"},
		{Kind: audience.Program, ID: program, Party: audience.Party{Kind: audience.Org, ID: org}, Cap: audience.Reader},
	}}
}

func drawDocs(t *rapid.T, tx *db.Tx) ([]search.Doc, error) {
	kinds := []audience.SubjectKind{audience.Person, audience.Org, audience.Program, audience.Link}
	names := map[audience.SubjectKind][]string{audience.Person: {"p1", "p2", "p3"}, audience.Org: {"o1", "o2"}, audience.Program: {"g1", "g2"}, audience.Link: {"l1"}}
	text := func(name string) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 6).Draw(t, name), " ")
	}
	if rows, err := db.Column[string](tx, `SELECT DISTINCT object_id FROM search_doc`); err != nil {
		return nil, err
	} else {
		for _, id := range rows {
			if err := search.Drop(tx, "case", id); err != nil {
				return nil, err
			}
		}
	}
	var docs []search.Doc
	for i := range rapid.IntRange(1, 12).Draw(t, "docs") {
		var grants []audience.Grant
		for range rapid.IntRange(0, 2).Draw(t, "grants") {
			k := rapid.SampledFrom(kinds).Draw(t, "kind")
			grants = append(grants, audience.Grant{Kind: k, ID: rapid.SampledFrom(names[k]).Draw(t, "name"), Role: audience.Reader})
		}
		bars := rapid.SampledFrom([][]string{nil, nil, {"government"}}).Draw(t, "bars")
		terms := rapid.SampledFrom([][]string{nil, nil, {"t1"}}).Draw(t, "terms")
		aid, err := audience.Create(tx, "case", grants, terms, bars)
		if err != nil {
			return nil, err
		}
		doc := search.Doc{Kind: "case", ObjectID: fmt.Sprint("x", i), Audience: aid, Level: rapid.SampledFrom(tlp.Levels).Draw(t, "level"), Title: text("title"), Body: text("body"), URL: "/"}
		if when := rapid.IntRange(-2, 1).Draw(t, "release"); when > -2 {
			doc.Release = tx.Now.Add(time.Duration(when) * time.Microsecond)
		}
		if err := search.Put(tx, doc); err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

func compare(t *rapid.T, tx *db.Tx, a audience.Actor, docs []search.Doc) error {
	asked := rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 3).Draw(t, "asked")
	phrase := rapid.Bool().Draw(t, "phrase")
	q := search.Query{Text: strings.Join(asked, " "), Limit: rapid.IntRange(1, 4).Draw(t, "limit")}
	if phrase {
		q.Text = strings.Join(asked, "-")
	}
	var want []string
	for _, doc := range docs {
		role, err := audience.RoleOn(tx, a, doc.Audience, audience.Marking{Level: doc.Level, Release: doc.Release})
		if err != nil {
			return err
		}
		if role > audience.None && reads(doc, asked, phrase) {
			want = append(want, doc.ObjectID)
		}
	}
	var got []string
	for range len(docs) + 1 {
		p, err := search.Find(tx, a, q)
		if err != nil {
			return err
		}
		if p.Total != len(want) {
			t.Fatalf("%q: counted %d, want %d", q.Text, p.Total, len(want))
		}
		got = append(got, ids(p)...)
		if q.Cursor = p.Next; q.Cursor == "" {
			break
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("%v asks %q: found %v, want %v", a, q.Text, got, want)
	}
	return nil
}

// reads is what Find promises, over plain strings.
func reads(d search.Doc, asked []string, phrase bool) bool {
	if phrase {
		in := func(s string) bool { return strings.Contains(" "+s, " "+strings.Join(asked, " ")) }
		return in(d.Title) || in(d.Body)
	}
	for i, w := range asked {
		if i < len(asked)-1 {
			w += " "
		}
		if !strings.Contains(" "+d.Title+"  "+d.Body+" ", " "+w) {
			return false
		}
	}
	return true
}

func FuzzFind(f *testing.F) {
	d, _ := dbtest.Open(f, db.SQLite)
	if err := d.Write(context.Background(), func(tx *db.Tx) error { return search.Put(tx, public("a", "Title words", "Body words")) }); err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{`"`, `a" OR "b`, "title : x", "NEAR(a b)", "a*", "'", "ﬁ", "İ ẞ ς", "\xff", "脆弱", "½"} {
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, text, cursor string) {
		err := d.Read(context.Background(), func(tx *db.Tx) error {
			_, err := search.Find(tx, audience.Actor{}, search.Query{Text: text, Cursor: cursor})
			return err
		})
		if err != nil && !errs.Is(err, errs.Invalid) && !errs.Is(err, errs.Malformed) {
			t.Fatalf("%q: %v", text, err)
		}
	})
}

// FuzzPut indexes any text under both databases and finds each of its words.
func FuzzPut(f *testing.F) {
	var both []*db.DB
	for _, dialect := range dbtest.Dialects {
		d, _ := dbtest.Open(f, dialect)
		both = append(both, d)
	}
	f.Add("CVE-2024-1234 naïve ﬁ İ ẞ ς 脆弱 ½ a\x00b \xff")
	f.Add("' \\ : * ( & | ! <-> ''")
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range both {
			err := d.Write(context.Background(), func(tx *db.Tx) error {
				if err := search.Put(tx, public("a", "", text)); err != nil {
					return err
				}
				clean := strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
				for i, w := range strings.Fields(clean) {
					if i == 10 || len(w) > 100 {
						break
					}
					p, err := search.Find(tx, audience.Actor{}, search.Query{Text: strings.ReplaceAll(w, `"`, " ")})
					if err != nil {
						return err
					}
					if strings.ContainsAny(w, "abcdefghijklmnopqrstuvwxyz") && len(p.Hits) != 1 {
						return fmt.Errorf("%s: %q is not found in %q", d.Dialect, w, text)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
