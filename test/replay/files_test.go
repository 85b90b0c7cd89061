package replay_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tocsin/internal/kernel/db/dbtest"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func hash256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

func hash512(s string) string {
	sum := sha512.Sum512([]byte(s))
	return hex.EncodeToString(sum[:])
}

// schema is the standard's own schema, nil where it does not lie beside the
// checkout. For the schemas of CVSS that it refers to, stand-ins tell the
// versions apart.
var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	root, err := dbtest.Root()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, "..", "shared", "data", "csaf", "oasis-2.0", "json_schema", "csaf_json_schema.json"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	main, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.UseLoader(scores{})
	const url = "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json"
	if err := c.AddResource(url, main); err != nil {
		return nil, err
	}
	return c.Compile(url)
})

type scores struct{}

func (scores) Load(url string) (any, error) {
	version := strings.TrimSuffix(url[strings.LastIndex(url, "-v")+2:], ".json")
	return jsonschema.UnmarshalJSON(strings.NewReader(`{"type": "object", "properties": {"version": {"const": "` + version + `"}}}`))
}

func officialSchema(t *testing.T, body []byte) {
	t.Helper()
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	if s == nil {
		t.Log("the official schema is not beside this checkout; it was not asked")
		return
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("the official schema refuses the document: %v", err)
	}
}
