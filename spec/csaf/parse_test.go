package csaf

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// small is a whole document with a bit of everything.
const small = `{"document":{"category":"csaf_vex","csaf_version":"2.0","distribution":{"tlp":{"label":"WHITE"}},"lang":"en",
"notes":[{"category":"summary","text":"Short"}],"publisher":{"category":"vendor","name":"V","namespace":"https://v.example"},
"references":[{"summary":"More","url":"https://v.example/1"}],"title":"T","tracking":{"aliases":["a","b"],"current_release_date":"2024-01-01T00:00:00Z",
"generator":{"engine":{"name":"E"}},"id":"X-1","initial_release_date":"2024-01-01T00:00:00Z",
"revision_history":[{"date":"2024-01-01T00:00:00Z","number":"1","summary":"First"}],"status":"final","version":"1"}},
"product_tree":{"branches":[{"category":"vendor","name":"V","branches":[{"category":"product_name","name":"P","product":{"name":"V P","product_id":"P1",
"product_identification_helper":{"cpe":"cpe:/a:v:p","hashes":[{"filename":"f","file_hashes":[{"algorithm":"sha256","value":"026a37919b182ef7c63791e82c9645e2f897a3f0b73c7a6028c7febf62e93838"}]}],
"purl":"pkg:npm/p@1","skus":["s"],"serial_numbers":["1"],"x_generic_uris":[{"namespace":"https://v.example/n","uri":"https://v.example/u"}]}}}]}],
"full_product_names":[{"name":"Q","product_id":"P2"}],"product_groups":[{"group_id":"G","product_ids":["P1","P2"]}],
"relationships":[{"category":"installed_on","full_product_name":{"name":"P on Q","product_id":"P3"},"product_reference":"P1","relates_to_product_reference":"P2"}]},
"vulnerabilities":[{"acknowledgments":[{"names":["N"],"urls":["https://n.example/"]}],"cve":"CVE-2024-0001","cwe":{"id":"CWE-79","name":"Improper Neutralization of Input During Web Page Generation ('Cross-site Scripting')"},
"flags":[{"label":"component_not_present","product_ids":["P2"]}],"ids":[{"system_name":"S","text":"1"}],
"involvements":[{"party":"vendor","status":"completed","date":"2024-01-01T00:00:00Z"}],"notes":[{"category":"description","text":"D"}],
"product_status":{"known_affected":["P1"],"known_not_affected":["P2"]},
"remediations":[{"category":"vendor_fix","details":"Update","product_ids":["P1"],"restart_required":{"category":"none"},"entitlements":["e"],"url":"https://v.example/fix"}],
"scores":[{"cvss_v3":{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8,"baseSeverity":"CRITICAL"},"products":["P1"]}],
"threats":[{"category":"impact","details":"None","group_ids":["G"]}]}]}`

func TestParseAcceptsSmall(t *testing.T) {
	doc, err := Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range CheckMandatory(doc) {
		t.Error(f)
	}
	products := doc.Products()
	if len(products) != 3 || products[0].Branch(BranchVendor) != "V" || products[2].ProductID != "P3" {
		t.Errorf("products %+v", products)
	}
	roundTrip(t, doc)
}

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat(`{"category":"vendor","name":"v","branches":[`, MaxBranchDepth+1) +
		`{"category":"vendor","name":"v","product":{"name":"p","product_id":"p"}}` + strings.Repeat(`]}`, MaxBranchDepth+1)
	for name, c := range map[string]struct{ data, want string }{
		"empty":               {"", "cut off"},
		"cut":                 {small[:len(small)-9], "cut off"},
		"cut in a string":     {small[:40], "cut off"},
		"trailing brace":      {small + "}", "follows the end"},
		"second document":     {small + small, "follows the end"},
		"array":               {"[" + small + "]", "must be a JSON object"},
		"null":                {"null", "must be a JSON object"},
		"byte order mark":     {"\xef\xbb\xbf" + small, "byte order mark"},
		"not UTF-8":           {strings.Replace(small, "Short", "Sh\xff", 1), "UTF-8"},
		"duplicate":           {strings.Replace(small, `"title":"T"`, `"title":"T","title":"U"`, 1), "/document/title: occurs twice"},
		"wrong case":          {strings.Replace(small, `"title":"T"`, `"Title":"T"`, 1), `lacks the required property "title"`},
		"deep JSON":           {strings.Repeat(`{"a":`, MaxDepth+2) + "1" + strings.Repeat("}", MaxDepth+2), "nested deeper"},
		"deep branches":       {strings.Replace(small, `"branches":[{`, `"branches":[`+deep+`,{`, 1), "nested deeper than 30"},
		"too many bytes":      {small + strings.Repeat(" ", MaxBytes), "at most"},
		"missing document":    {"{}", `lacks the required property "document"`},
		"number for string":   {strings.Replace(small, `"title":"T"`, `"title":1`, 1), "must be a string, not a number"},
		"null for string":     {strings.Replace(small, `"title":"T"`, `"title":null`, 1), "must be a string, not null"},
		"empty title":         {strings.Replace(small, `"title":"T"`, `"title":""`, 1), "at least 1 character"},
		"date without zone":   {strings.Replace(small, `"current_release_date":"2024-01-01T00:00:00Z"`, `"current_release_date":"2024-01-01T00:00:00"`, 1), "with zone"},
		"score out of bounds": {strings.Replace(small, "9.8", "1e400", 1), "from 0 to 10"},
		"version 2.1":         {strings.Replace(small, `"csaf_version":"2.0"`, `"csaf_version":"2.1"`, 1), `"2.1" is not one of 2.0`},
		"repeated status":     {strings.Replace(small, `"known_affected":["P1"]`, `"known_affected":["P1","P1"]`, 1), "/known_affected/1: repeats item 0"},
		"TLP 2.0 label":       {strings.Replace(small, `"WHITE"`, `"CLEAR"`, 1), "not one of AMBER"},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := Parse([]byte(c.data))
			var refused *FormatError
			if doc != nil || !errors.As(err, &refused) || len(refused.Findings) == 0 {
				t.Fatalf("document %v, error %v", doc, err)
			}
			for _, f := range refused.Findings {
				if strings.Contains(f.String(), c.want) {
					return
				}
			}
			t.Errorf("%v says nothing of %q", refused.Findings, c.want)
		})
	}
}

func TestDecodeKeepsTheRest(t *testing.T) {
	doc, findings, err := Decode([]byte(strings.Replace(small, `"title":"T"`, `"title":7,"Title":"evil","x_own":{"title":"T"}`, 1)))
	if err != nil || len(findings) != 1 || findings[0].Path != "/document/title" {
		t.Fatalf("findings %v, error %v", findings, err)
	}
	if doc.Document.Title != "" || doc.Document.Tracking.ID != "X-1" {
		t.Errorf("document %+v", doc.Document)
	}
	if got := Tests[len(Tests)-9]; got.ID != "6.2.20" || len(got.Run(doc)) != 2 {
		t.Errorf("test %s finds %v", got.ID, got.Run(doc))
	}
}

func TestFindingsAreBounded(t *testing.T) {
	many := strings.Repeat(`{"category":"summary","text":""},`, 3*MaxFindings)
	_, findings, err := Decode([]byte(strings.Replace(small, `"notes":[`, `"notes":[`+many, 1)))
	if err != nil || len(findings) != MaxFindings {
		t.Errorf("%d findings, error %v", len(findings), err)
	}
}

func TestTime(t *testing.T) {
	for text, want := range map[string]string{
		"2024-02-29T12:00:00Z":           "2024-02-29T12:00:00Z",
		"2024-02-29t12:00:00.123456z":    "2024-02-29T12:00:00.123456Z",
		"2024-02-29T00:30:00+01:00":      "2024-02-28T23:30:00Z",
		"2016-12-31T23:59:60Z":           "2017-01-01T00:00:00Z",
		"2017-01-01T00:59:60+01:00":      "2017-01-01T00:00:00Z",
		"2024-02-29T12:00:00":            "",
		"2024-02-29":                     "",
		"2024-02-29 12:00:00Z":           "",
		"2023-02-29T12:00:00Z":           "",
		"2024-02-29T24:00:00Z":           "",
		"2024-02-29T12:00:00,5Z":         "",
		"2024-02-29T12:00:60Z":           "",
		"2024-02-29T12:00:00+25:00":      "",
		"2024-02-29T12:00:00Z; drop":     "",
		"20240229T120000Z":               "",
		"2024-02-29T12:00:00.Z":          "",
		"+2024-02-29T12:00:00Z":          "",
		"2024-02-29T12:00:00+01:00[CET]": "",
	} {
		got, err := Time(text)
		if want == "" {
			if err == nil {
				t.Errorf("Time(%q) = %v, want an error", text, got)
			}
			continue
		}
		if err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("Time(%q) = %v, %v, want %s", text, got, err, want)
		}
	}
}

// TestVersionOrder: the list is in ascending order, each below all after it.
func TestVersionOrder(t *testing.T) {
	order := []string{
		"0.0.0", "0.9.9", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta",
		"1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0", "10.0.0", "99999999999999999999999999.0.0",
	}
	for i := range order {
		for j := range order {
			a, _ := readVersion(order[i])
			b, _ := readVersion(order[j])
			if got := a.compare(b); got != sign(i-j) {
				t.Errorf("%s against %s: %d", order[i], order[j], got)
			}
		}
	}
	if a, _ := readVersion("1.0.0+a"); a.compare(version{core: [3]string{"1", "0", "0"}}) != 0 {
		t.Error("build metadata counts")
	}
	if got := successor("1999"); got != "2000" {
		t.Errorf("successor(1999) = %s", got)
	}
	if got := successor("99"); got != "100" {
		t.Errorf("successor(99) = %s", got)
	}
}

// TestAgreesWithOfficialSchema spoils a document at every place in every way: this
// package and the official schema accept and refuse the same. Only URIs with
// characters that RFC 3986 excludes does the oracle's own format check let pass.
func TestAgreesWithOfficialSchema(t *testing.T) {
	sharedData(t, "csaf/oasis-2.0/json_schema")
	var whole any
	if err := json.Unmarshal([]byte(small), &whole); err != nil {
		t.Fatal(err)
	}
	tried, refused := 0, 0
	try := func() {
		data, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		theirs := accepts(t, "csaf_json_schema.json", data)
		_, ours, err := Decode(data)
		if err != nil {
			ours = append(ours, Finding{Text: err.Error()})
		}
		tried++
		if theirs != nil {
			refused++
		}
		stricter := len(ours) == 1 && strings.Contains(ours[0].Text, "percent-encode")
		if (theirs == nil) != (len(ours) == 0) && !stricter {
			t.Errorf("the official schema says %v, this package %v, of\n%s", theirs, ours, data)
		}
	}
	eachSpoiled(whole, func(v any) { whole = v }, try)
	if refused < 1000 || refused == tried {
		t.Errorf("%d of %d documents refused", refused, tried)
	}
	t.Logf("%d of %d documents refused", refused, tried)
}

// eachSpoiled calls try once for each way to spoil v or something below it, with
// the change in place, and then puts back what was there. CVSS objects are left
// alone, since the oracle has only a stand-in for them.
func eachSpoiled(v any, set func(any), try func()) {
	ways := []any{nil, true, json.Number("3"), "text", "", []any{}, []any{"a"}, map[string]any{}, map[string]any{"a": "b"}}
	if s, ok := v.(string); ok {
		ways = append(ways, " ", s+" ", " "+s, s+"\n", s+"-", strings.ToUpper(s), strings.ToLower(s), "ä", "1.0.0", "01", "1.0.0-01", "1.0.0-rc.1+b",
			"de-DE-1996", "x-own", "http://", "https://a.example/%zz", "https://a.example/x y", "urn:x:y", "relative/path",
			"2024-01-01T00:00:60Z", "2024-13-01T00:00:00Z", "2024-01-01t00:00:00.5+01:00", "CVE-2024-123", "CWE-0", "pkg:npm/", "pkg:npm/x",
			"cpe:2.3:a:v:p:1:*:*:*:*:*:*:*", "cpe:2.3:a:v:p", strings.Repeat("a", 32), strings.Repeat("g", 32))
	}
	for _, w := range ways {
		set(w)
		try()
	}
	set(v)
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sortedKeysOf(keySet(v)) {
			value := v[k]
			delete(v, k)
			try()
			v[k] = value
			if !strings.HasPrefix(k, "cvss_") {
				eachSpoiled(value, func(x any) { v[k] = x }, try)
			}
		}
	case []any:
		set(append(slices.Clone(v), v[0]))
		try()
		set(v)
		for i := range v {
			eachSpoiled(v[i], func(x any) { v[i] = x }, try)
		}
	}
}

func keySet(m map[string]any) map[string]bool {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return set
}

// FuzzParse: no bytes make reading or checking panic, findings point into the
// document and are of bounded size, and what parses, if the types hold all of
// it, survives writing.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(`{"document":{"a":1,"a":2}}`))
	f.Add([]byte(`{"product_tree":{"branches":[{"branches":[{}]}]},"vulnerabilities":[{"scores":[{"cvss_v2":{}}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, findings, err := Decode(data)
		if err != nil {
			return
		}
		all := append(findings, Check(doc)...)
		if limit := MaxFindings * (len(Tests) + 1); len(all) > limit {
			t.Fatalf("%d findings", len(all))
		}
		for _, f := range all {
			if f.Path != "" && f.Path[0] != '/' || !utf8.ValidString(f.Text) || len(f.Text) > 5000 {
				t.Fatalf("finding %+v", f)
			}
		}
		if len(findings) == 0 && len(doc.source.additional) == 0 {
			roundTrip(t, doc)
		}
	})
}

// FuzzDistribution: no bytes make the readers of the distributing side panic, and
// what they read they write, or say what of it the types could not hold.
func FuzzDistribution(f *testing.F) {
	if data, err := trustedProvider().Marshal(); err == nil {
		f.Add(data)
	}
	f.Add([]byte(`{"feed":{"id":"1","title":"t","link":[{"rel":"self","href":"https://a.example/f.json"}],"updated":"2024-01-01T00:00:00Z","entry":[]}}`))
	f.Add([]byte(`{"categories":{"category":[{"term":"a"}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		write := func(v interface{ Marshal() ([]byte, error) }, err error) {
			if err != nil {
				return
			}
			data, err := v.Marshal()
			var refused *FormatError
			if err != nil && !errors.As(err, &refused) || err == nil && !json.Valid(data) {
				t.Fatalf("%T: %v, %q", v, err, data)
			}
		}
		write(asDocument(ParseProviderMetadata(data)))
		write(asDocument(ParseFeed(data)))
		write(asDocument(ParseServiceDocument(data)))
		write(asDocument(ParseCategoryDocument(data)))
		write(asDocument(ParseAggregator(data)))
	})
}

func asDocument[T interface{ Marshal() ([]byte, error) }](v T, err error) (interface{ Marshal() ([]byte, error) }, error) {
	return v, err
}

// FuzzVersion: comparing is antisymmetric, and what is no version is told so.
func FuzzVersion(f *testing.F) {
	f.Add("1.0.0-alpha.1+b", "1.0.0-alpha.beta")
	f.Add("3", "12")
	f.Fuzz(func(t *testing.T, a, b string) {
		v, okA := readVersion(a)
		w, okB := readVersion(b)
		if okA && okB && v.compare(w) != -w.compare(v) {
			t.Errorf("%q against %q", a, b)
		}
	})
}

func ExampleFinding_String() {
	fmt.Println(Finding{"6.1.17", Error, "/document/tracking/status", "the version means a draft"})
	// Output: error 6.1.17 /document/tracking/status: the version means a draft
}
