package certcc

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// archive is the real file, or skips the test where it is absent.
func archive(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			path := filepath.Join(dir, "..", "shared", "data", "certcc", "cases.jsonl.gz")
			if _, err := os.Stat(path); err != nil {
				t.Skip("the CERT/CC archive is not here; skipped")
			}
			return path
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("no go.mod above this test")
	return ""
}

func TestRealArchive(t *testing.T) {
	packed, err := os.ReadFile(archive(t))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	recs, err := ReadAll(bytes.NewReader(packed), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	same, err := ReadAll(bytes.NewReader(plain), Limits{})
	if err != nil || fmt.Sprint(len(same)) != fmt.Sprint(len(recs)) {
		t.Fatalf("plain: %d cases, %v", len(same), err)
	}
	// The same file read a second way, as loosely as possible.
	lines := bytes.Split(bytes.TrimSpace(plain), []byte("\n"))
	vendors, kinds, raw := 0, map[Kind]int{}, 0
	for i, rec := range recs {
		var loose struct {
			Case    map[string]any
			Vendors []map[string]any
		}
		if err := json.Unmarshal(lines[i], &loose); err != nil {
			t.Fatal(err)
		}
		raw += len(loose.Vendors)
		if rec.Case.ID != loose.Case["ID"] || len(rec.Vendors) != len(loose.Vendors) || rec.Line != i+1 || !bytes.HasPrefix(plain[rec.Offset:], lines[i]) {
			t.Errorf("line %d: %s with %d vendors at byte %d", i+1, rec.Case.ID, len(rec.Vendors), rec.Offset)
			continue
		}
		keys := map[string]bool{}
		for j, v := range rec.Vendors {
			was := loose.Vendors[j]
			keys[v.Key] = true
			if strings.Contains(strings.ToLower(was["Status"].(string)), "not ") != (v.Status == NotAffected) || (was["Status"] == "Unknown") != (v.Status == Unknown) {
				t.Errorf("%s %s: %v became %s", rec.Case.ID, v.Name, was["Status"], v.Status)
			}
			if v.Name != strings.Join(strings.Fields(was["Vendor"].(string)), " ") || v.RecordID != was["VendorRecordID"] {
				t.Errorf("%s: %v became %q", rec.Case.ID, was["Vendor"], v.Name)
			}
			for field, got := range map[string]time.Time{"DateNotified": v.Notified, "DateResponded": v.Responded, "DateLastUpdated": v.Updated} {
				if (was[field] == "") != got.IsZero() {
					t.Errorf("%s %s: %s %v became %v", rec.Case.ID, v.Name, field, was[field], got)
				}
			}
		}
		if len(keys) != len(rec.Vendors) {
			t.Errorf("%s: %d keys for %d vendors", rec.Case.ID, len(keys), len(rec.Vendors))
		}
		vendors += len(rec.Vendors)
		for _, d := range rec.Dirty {
			kinds[d.Kind]++
			if d.Line != rec.Line || d.At == "" || d.Field == "" || d.Made == "" {
				t.Errorf("dirt does not say where or what: %+v", d)
			}
		}
	}
	if len(recs) != 50 || vendors != 3798 || raw != 3798 {
		t.Errorf("%d cases, %d of %d vendors; want 50 and 3798", len(recs), vendors, raw)
	}
	for _, d := range []struct {
		kind Kind
		want int
	}{
		{OldVocabulary, 207 + 163}, {NoZone, 33 + 34 + 48}, {DuplicateVendor, 19}, {MixedVocabulary, 7}, {StrangeStatus, 0}, {BadDate, 0}, {DuplicateCase, 0},
	} {
		if kinds[d.kind] != d.want {
			t.Errorf("%d values of %s, want %d", kinds[d.kind], d.kind, d.want)
		}
	}
	for _, k := range []Kind{MixedVocabulary, AfterPublication, OutOfOrder, Shape, BadLink, BadCVSS, Spaces, WrongType} {
		if kinds[k] == 0 {
			t.Errorf("no dirt of kind %s was found", k)
		}
	}
	t.Logf("dirt by kind: %v", kinds)
}

func read(t *testing.T, line string) *Record {
	t.Helper()
	recs, err := ReadAll(strings.NewReader(line), Limits{})
	if err != nil || len(recs) != 1 {
		t.Fatalf("%s: %d records, %v", line, len(recs), err)
	}
	return recs[0]
}

func dirtOf(rec *Record, kind Kind, field string) *Dirty {
	for i, d := range rec.Dirty {
		if d.Kind == kind && (field == "" || d.Field == field) {
			return &rec.Dirty[i]
		}
	}
	return nil
}

func TestEveryKindOfDirt(t *testing.T) {
	for _, c := range []struct {
		name, line string
		kind       Kind
		field      string
		made       string
	}{
		{"old word", `{"case":{"ID":"VU#1","Title":"t"},"vendors":[{"Vendor":"a","VendorRecordID":"r","Status":"Not Vulnerable"}]}`, OldVocabulary, "Status", "not-affected"},
		{"mixed", `{"case":{"ID":"VU#1"},"vendors":[{"Status":"Vulnerable"},{"Status":"Affected"}]}`, MixedVocabulary, "Status", "one vocabulary"},
		{"strange", `{"case":{"ID":"VU#1"},"vendors":[{"Status":"Maybe"}]}`, StrangeStatus, "Status", "unknown"},
		{"no status", `{"case":{"ID":"VU#1"},"vendors":[{"Vendor":"a"}]}`, Missing, "Status", "unknown"},
		{"id list", `{"case":{"ID":"VU#1","CVEIDs":"CVE-2014-0160"}}`, Shape, "CVEIDs", "list of one"},
		{"id junk", `{"case":{"ID":"VU#1","CVEIDs":["see cve-2014-0160 and CAN-2003-0173"]}}`, BadID, "CVEIDs", "CVE-2014-0160, CVE-2003-0173"},
		{"id none", `{"case":{"ID":"VU#1","CVEIDs":["n/a"]}}`, BadID, "CVEIDs", "left out"},
		{"number title", `{"case":{"ID":"VU#1","Title":42}}`, WrongType, "Title", `"42"`},
		{"object title", `{"case":{"ID":"VU#1","Title":{"a":1}}}`, WrongType, "Title", "not a text"},
		{"no zone", `{"case":{"ID":"VU#1","DatePublic":"2003-04-10T00:00:00"}}`, NoZone, "DatePublic", "2003-04-10T00:00:00Z: UTC assumed"},
		{"date and text", `{"case":{"ID":"VU#1","DatePublic":"2003-04-10T00:00:00Z ERROR"}}`, BadDate, "DatePublic", "2003-04-10T00:00:00Z"},
		{"error text", `{"case":{"ID":"VU#1","DatePublic":"Error: bad date 2003-04-10"}}`, BadDate, "DatePublic", "no date"},
		{"no such day", `{"case":{"ID":"VU#1","DatePublic":"2003-02-30T00:00:00Z"}}`, BadDate, "DatePublic", "no such day"},
		{"placeholder", `{"case":{"ID":"VU#1","DatePublic":"0001-01-01T00:00:00"}}`, BadDate, "DatePublic", "year"},
		{"after", `{"case":{"ID":"VU#1","DateFirstPublished":"2003-04-10T00:00:00Z"},"vendors":[{"DateNotified":"2003-04-11T00:00:00Z"}]}`, AfterPublication, "DateNotified", "2003-04-10"},
		{"order", `{"case":{"ID":"VU#1"},"vendors":[{"DateNotified":"2003-04-11T00:00:00Z","DateResponded":"2003-04-10T00:00:00Z"}]}`, OutOfOrder, "DateResponded", "later"},
		{"twin", `{"case":{"ID":"VU#1"},"vendors":[{"Vendor":"Acme"},{"Vendor":"ACME"}]}`, DuplicateVendor, "Vendor", "both records kept"},
		{"record twin", `{"case":{"ID":"VU#1"},"vendors":[{"VendorRecordID":"r"},{"VendorRecordID":"r"}]}`, DuplicateRecord, "VendorRecordID", "r@2"},
		{"key twice", `{"case":{"ID":"VU#1","Title":"a","Title":"b"}}`, DuplicateKey, "Title", "last"},
		{"nul", `{"case":{"ID":"VU#1","Title":"a\u0000b"}}`, Invisible, "Title", `"ab"`},
		{"bidi", `{"case":{"ID":"VU#1"},"vendors":[{"Vendor":"a\u202eb\u200b"}]}`, Invisible, "Vendor", `"ab"`},
		{"spaces", `{"case":{"ID":"VU#1"},"vendors":[{"Vendor":" a  b "}]}`, Spaces, "Vendor", `"a b"`},
		{"utf8", "{\"case\":{\"ID\":\"VU#1\",\"Title\":\"a\xffb\"}}", BadUTF8, "Title", "invalid"},
		{"half", `{"case":{"ID":"VU#1","Title":"a\ud800b"}}`, BadUTF8, "Title", "invalid"},
		{"bare id", `{"case":{"ID":"720951"}}`, BadID, "ID", "VU#720951"},
		{"id from number", `{"case":{"IDNumber":720951}}`, BadID, "ID", "VU#720951"},
		{"no id", `{"case":{}}`, Missing, "ID", "without an id"},
		{"other id", `{"case":{"ID":"VU#1"},"vendors":[{"ID":"VU#2"}]}`, BadID, "ID", "VU#1"},
		{"two links", `{"case":{"ID":"VU#1","References":["http://a.example/x, https://b.example/y,z"]}}`, BadLink, "References", "the link http://a.example/x, the link https://b.example/y,z"},
		{"link note", `{"case":{"ID":"VU#1","References":["http://a.example/x (patch)"]}}`, BadLink, "References", "note"},
		{"no link", `{"case":{"ID":"VU#1","References":["javascript:alert(1)"]}}`, BadLink, "References", "the text"},
		{"none", `{"case":{"ID":"VU#1"},"vendors":[{"VendorReferences":"None"}]}`, BadLink, "VendorReferences", "no reference"},
		{"empty metrics", `{"case":{"ID":"VU#1","CVSS_BaseVector":"AV:--/AC:--/Au:--/C:--/I:--/A:--"}}`, BadCVSS, "CVSS_BaseVector", "not filled in"},
		{"wrong score", `{"case":{"ID":"VU#1","CVSS_BaseVector":"AV:N/AC:L/Au:N/C:P/I:N/A:N","CVSS_BaseScore":9}}`, BadCVSS, "CVSS_BaseScore", "5.0"},
		{"no vendors", `{"case":{"ID":"VU#1"}}`, Shape, "vendors", "no vendor records"},
		{"one vendor", `{"case":{"ID":"VU#1"},"vendors":{"Vendor":"a"}}`, Shape, "vendors", "list of one"},
		{"vendor name", `{"case":{"ID":"VU#1"},"vendors":["Acme"]}`, WrongType, "vendors", "name only"},
		{"vendor junk", `{"case":{"ID":"VU#1"},"vendors":[7]}`, WrongType, "vendors", "left out"},
	} {
		d := dirtOf(read(t, c.line), c.kind, c.field)
		if d == nil || !strings.Contains(d.Made, c.made) || d.Line != 1 || d.At == "" {
			t.Errorf("%s: %+v; want %s of %s, made %q", c.name, d, c.kind, c.field, c.made)
		}
	}
	rec := read(t, `{"case":{"ID":"VU#1","Title":"t","Future":[1]},"vendors":[{"Vendor":"a","VendorRecordID":"r","Status":"Affected","New":null}],"more":1}`)
	if len(rec.Dirty) != 0 {
		t.Errorf("a clean line is called dirty: %+v", rec.Dirty)
	}
	twice, err := ReadAll(strings.NewReader(`{"case":{"ID":"VU#1"}}`+"\n"+`{"case":{"ID":"VU#1"}}`), Limits{})
	if err != nil || dirtOf(twice[1], DuplicateCase, "ID") == nil {
		t.Errorf("a case on two lines: %v", err)
	}
}

const good = `{"case":{"ID":"VU#1","Title":"t"},"vendors":[]}` + "\n"

func TestCutsAndBadLines(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range 200 {
		fmt.Fprintf(z, `{"case":{"ID":"VU#%d","Title":"%d"},"vendors":[]}`+"\n", i+1, i*7919)
	}
	z.Close()
	damaged := bytes.Clone(packed.Bytes())
	damaged[len(damaged)-6] ^= 0xff
	for _, c := range []struct {
		name  string
		in    []byte
		whole int
		line  int
		cut   bool
	}{
		{"cut in a line", []byte(good + good + good[:20]), 2, 3, true},
		{"no end of line", []byte(good + strings.TrimSpace(good)), 2, 0, false},
		{"not JSON", []byte(good + "nonsense\n" + good), 1, 2, false},
		{"a list", []byte(good + "[1]"), 1, 2, false},
		{"two in a line", []byte(good + strings.TrimSpace(good) + good), 1, 2, false},
		{"no case", []byte(good + "{}\n"), 1, 2, false},
		{"case is a list", []byte(`{"case":[]}` + "\n"), 0, 1, false},
		{"cut gzip", packed.Bytes()[:packed.Len()/2], -1, -1, true},
		{"damaged gzip", damaged, 200, -1, true},
	} {
		recs, err := ReadAll(bytes.NewReader(c.in), Limits{})
		var le *LineError
		if c.line == 0 {
			if err != nil || len(recs) != c.whole {
				t.Errorf("%s: %d, %v", c.name, len(recs), err)
			}
			continue
		}
		if !errors.As(err, &le) || le.Cut != c.cut || c.whole >= 0 && len(recs) != c.whole || c.line > 0 && le.Line != c.line {
			t.Errorf("%s: %d records, %v", c.name, len(recs), err)
			continue
		}
		if !strings.Contains(err.Error(), fmt.Sprintf("line %d, byte %d", le.Line, le.Offset)) {
			t.Errorf("%s: %v does not say where", c.name, err)
		}
	}
	recs, err := ReadAll(bytes.NewReader(packed.Bytes()[:packed.Len()/2]), Limits{})
	var le *LineError
	if !errors.As(err, &le) || !errors.Is(err, io.ErrUnexpectedEOF) || len(recs) == 0 || le.Line < len(recs) || le.Line > len(recs)+1 {
		t.Errorf("cut gzip: %d records, %v", len(recs), err)
	}
	// Reading goes on after a bad line, but not after a cut.
	r, _ := NewReader(strings.NewReader("x\n"+good), Limits{})
	if _, err := r.Next(); !errors.As(err, &le) || le.Cut {
		t.Errorf("bad line: %v", err)
	}
	if rec, err := r.Next(); err != nil || rec.Line != 2 || rec.Offset != 2 {
		t.Errorf("after a bad line: %+v, %v", rec, err)
	}
	if _, err := r.Next(); err != io.EOF {
		t.Errorf("end: %v", err)
	}
}

func TestBounds(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	block := make([]byte, 1<<20)
	for range 64 {
		z.Write(block)
	}
	z.Close()
	many := `{"case":{"ID":"VU#1"},"vendors":[` + strings.Repeat("{},", 50) + `{}]}`
	for _, c := range []struct {
		name   string
		in     []byte
		limits Limits
		say    string
	}{
		{"bomb in a line", bomb.Bytes(), Limits{}, "longer than"},
		{"bomb in total", bomb.Bytes(), Limits{LineBytes: 1 << 30, TotalBytes: 1 << 20}, "larger than"},
		{"long line", []byte(good), Limits{LineBytes: 10}, "longer than 10 bytes"},
		{"many lines", []byte(strings.Repeat(good, 10)), Limits{TotalBytes: 100}, "larger than 100 bytes"},
		{"many vendors", []byte(many), Limits{Vendors: 50}, "more than 50"},
	} {
		if _, err := ReadAll(bytes.NewReader(c.in), c.limits); err == nil || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	rec, err := ReadAll(strings.NewReader(`{"case":{"ID":"VU#1","Keywords":["a","b","c"]}}`), Limits{Items: 2})
	if err != nil || len(rec[0].Case.Keywords) != 2 || dirtOf(rec[0], TooLong, "Keywords") == nil {
		t.Errorf("a long list: %v", err)
	}
	if _, err := ReadAll(strings.NewReader("\x1f\x8bnot gzip"), Limits{}); err == nil {
		t.Error("damaged gzip is accepted")
	}
	if recs, err := ReadAll(strings.NewReader(""), Limits{}); err != nil || len(recs) != 0 {
		t.Errorf("empty file: %v", err)
	}
	deep := `{"case":{"ID":` + strings.Repeat("[", 100_000) + `}}`
	if _, err := ReadAll(strings.NewReader(deep), Limits{}); err == nil {
		t.Error("100,000 brackets are accepted")
	}
}

func TestSilent(t *testing.T) {
	for s, want := range map[string]bool{"": true, "No statement is currently available from the vendor regarding this vulnerability.": true, "Not affected.": false} {
		if got := (Vendor{Statement: s}).Silent(); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(good + good))
	f.Add([]byte(`{"case":{"ID":"VU#1","CVEIDs":"CVE-2014-0160, x","DatePublic":"2003-04-10 00:00 err","References":"http://a, b"},"vendors":[{"Vendor":"a\u0000","Status":"Vulnerable"},7,"x"]}`))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := NewReader(bytes.NewReader(in), Limits{LineBytes: 1 << 16, TotalBytes: 1 << 20, Vendors: 50, Items: 50})
		if err != nil {
			return
		}
		for range 1000 {
			rec, err := r.Next()
			var le *LineError
			switch {
			case err == io.EOF, errors.As(err, &le) && le.Cut:
				return
			case err != nil && le == nil:
				t.Fatalf("an error that names no line: %v", err)
			case err != nil:
				continue
			}
			keys := map[string]bool{}
			for _, v := range rec.Vendors {
				if v.Name == "" || keys[v.Key] {
					t.Fatalf("vendor %d: name %q, key %q", v.Position, v.Name, v.Key)
				}
				keys[v.Key] = true
			}
			if _, err := json.Marshal(rec); err != nil {
				t.Fatal(err)
			}
		}
	})
}
