package csaf

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// sharedData is the folder of real input beside the checkout; tests that need it
// skip where it is absent.
func sharedData(t testing.TB, path string) string {
	t.Helper()
	full := filepath.Join("..", "..", "..", "shared", "data", path)
	if _, err := os.Stat(full); err != nil {
		t.Skipf("real input %s is absent here", path)
	}
	return full
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// testCases is the index of the official validator test files.
type testCases struct {
	Tests []struct {
		ID       string `json:"id"`
		Group    string `json:"group"`
		Failures []struct {
			Name string `json:"name"`
		} `json:"failures"`
		Valid []struct {
			Name string `json:"name"`
		} `json:"valid"`
	} `json:"tests"`
}

// overlaps are the failing files that by their making break further mandatory
// tests: by test, the others that may speak up. A history that begins with 2, for
// instance, is both out of order and incomplete.
var overlaps = map[string][]string{
	"6.1.14":    {"6.1.16", "6.1.21"},
	"6.1.17":    {"6.1.18"},
	"6.1.20":    {"6.1.16", "6.1.17"},
	"6.1.27.1":  {"6.1.27.2"},
	"6.1.27.2":  {"6.1.27.1"},
	"6.1.27.3":  {"6.1.27.1", "6.1.27.2"},
	"6.1.27.4":  {"6.1.27.5", "6.1.27.6"},
	"6.1.27.5":  {"6.1.27.4", "6.1.27.6"},
	"6.1.27.6":  {"6.1.27.4", "6.1.27.5"},
	"6.1.27.7":  {"6.1.27.5", "6.1.27.8"},
	"6.1.27.8":  {"6.1.27.4", "6.1.27.5", "6.1.27.7"},
	"6.1.27.10": {"6.1.27.5"},
	"6.2.8":     {"6.1.25"},
	"6.2.9":     {"6.1.25"},
}

func TestOfficialCases(t *testing.T) {
	dir := sharedData(t, "csaf/oasis-2.0/validator-data")
	var cases testCases
	if err := json.Unmarshal(mustRead(t, filepath.Join(dir, "testcases.json")), &cases); err != nil {
		t.Fatal(err)
	}
	known := map[string]Test{}
	for _, test := range Tests {
		known[test.ID] = test
	}
	files := 0
	for _, c := range cases.Tests {
		test, ok := known[c.ID]
		if !ok {
			if c.Group == "mandatory" {
				t.Errorf("mandatory test %s is missing", c.ID)
			}
			continue
		}
		for _, f := range c.Failures {
			files++
			t.Run(strings.TrimSuffix(f.Name, ".json"), func(t *testing.T) {
				doc := decodeOfficial(t, filepath.Join(dir, f.Name))
				if len(test.Run(doc)) == 0 {
					t.Errorf("test %s finds nothing", c.ID)
				}
				onlyRule(t, CheckMandatory(doc), append(overlaps[c.ID], c.ID)...)
			})
		}
		for _, f := range c.Valid {
			files++
			t.Run(strings.TrimSuffix(f.Name, ".json"), func(t *testing.T) {
				doc := decodeOfficial(t, filepath.Join(dir, f.Name))
				for _, finding := range test.Run(doc) {
					t.Error(finding)
				}
				onlyRule(t, CheckMandatory(doc))
			})
		}
	}
	t.Logf("%d files tried", files)
}

// decodeOfficial reads a test file; apart from CVSS, whose tests live on it, the
// official files are true to the format.
func decodeOfficial(t *testing.T, path string) *Document {
	t.Helper()
	doc, findings, err := Decode(mustRead(t, path))
	if err != nil {
		t.Fatal(err)
	}
	onlyRule(t, findings, ruleCVSS)
	return doc
}

// onlyRule wants no finding of any rule but these.
func onlyRule(t *testing.T, findings []Finding, rules ...string) {
	t.Helper()
	for _, f := range findings {
		if !slices.Contains(rules, f.Rule) {
			t.Error(f)
		}
	}
}

// oracle is the official schema. It refers to the CVSS schemas of FIRST, which
// are not at hand; stand-ins tell the versions apart, the rest of CVSS is left
// to the tests of this package.
var oracle = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	for version, url := range map[string]string{
		"2.0": "https://www.first.org/cvss/cvss-v2.0.json",
		"3.0": "https://www.first.org/cvss/cvss-v3.0.json",
		"3.1": "https://www.first.org/cvss/cvss-v3.1.json",
	} {
		required := []any{"version", "vectorString", "baseScore"}
		if version != "2.0" {
			required = append(required, "baseSeverity")
		}
		err := compiler.AddResource(url, map[string]any{
			"type": "object", "required": required,
			"properties": map[string]any{
				"version":      map[string]any{"const": version},
				"vectorString": map[string]any{"type": "string"},
				"baseScore":    map[string]any{"type": "number"},
			},
		})
		if err != nil {
			return nil, err
		}
	}
	const base = "https://docs.oasis-open.org/csaf/csaf/v2.0/"
	dir := filepath.Join("..", "..", "..", "shared", "data", "csaf", "oasis-2.0", "json_schema")
	names := []string{"csaf_json_schema.json", "provider_json_schema.json", "aggregator_json_schema.json"}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if err := compiler.AddResource(base+name, schema); err != nil {
			return nil, err
		}
	}
	schemas := map[string]*jsonschema.Schema{}
	for _, name := range names {
		schema, err := compiler.Compile(base + name)
		if err != nil {
			return nil, err
		}
		schemas[name] = schema
	}
	return schemas, nil
})

// accepts asks the official schema; it skips where that is absent.
func accepts(t testing.TB, schema string, data []byte) error {
	t.Helper()
	sharedData(t, "csaf/oasis-2.0/json_schema")
	schemas, err := oracle()
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return schemas[schema].Validate(value)
}
