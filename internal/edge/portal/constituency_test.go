package portal_test

import (
	"io"
	"strings"
	"testing"

	"tocsin/internal/alliance/orgs"
	spec "tocsin/spec/constituency"
)

// A sheet of claims is pasted or sent as a file, whole or not at all.
func TestClaimsFromAFile(t *testing.T) {
	s := founded(t)
	vexel := s.org("Vexel Systems")
	s.person("anna@vexel.example", "Anna Admin", vexel.ID, orgs.Admin)
	s.person("rita@vexel.example", "Rita Reader", vexel.ID, orgs.Reader)
	anna, rita := s.as("anna@vexel.example"), s.as("rita@vexel.example")
	home := "/alliance/organizations/" + vexel.ID + "/constituency"
	file := func(text string) map[string]io.Reader {
		return map[string]io.Reader{"claims.csv": strings.NewReader(text)}
	}
	anna.get(home).is(t, 200, "", `enctype="multipart/form-data"`, "Or a CSV file")
	rita.send(home+"/import", file("kind,value\nasn,3215\n")).is(t, 403, "")
	anna.send(home+"/import", file("kind,value\nasn,3215\nasn,nonsense\n"), "sheet", "").is(t, 422, "", "line 3")
	anna.send(home+"/import", file("kind,value\nasn,3215\n"), "sheet", "asn,3334").is(t, 422, "", "not both", "asn,3334")
	anna.send(home+"/import", file(""), "sheet", "").is(t, 422, "", "no claims")
	anna.send(home+"/import", map[string]io.Reader{"a.csv": strings.NewReader("asn,3215"), "b.csv": strings.NewReader("asn,3334")}).is(t, 413, "")
	anna.send(home+"/import", file("country,CH\n"+strings.Repeat("#", spec.MaxSheet))).is(t, 413, "", "at most 1 MB")
	anna.send(home+"/import", file(strings.Repeat("country,CH\n", 5<<20/11))).is(t, 413, "")
	anna.get(home).is(t, 200, "").lacks(t, "AS3215", "AS3334")

	anna.send(home+"/import", file("\ufeffkind,value,note\r\nasn,3215,ours\r\ncountry,CH,\r\n"), "sheet", "").is(t, 303, home)
	anna.get(home).is(t, 200, "", "AS3215", "2 things are claimed")
	anna.send(home+"/import", nil, "sheet", "kind,value\nasn,3334\n").is(t, 303, home) // as a browser sends it without a file
	anna.post(home+"/import", "sheet", "kind,value\nasn,3335\n").is(t, 303, home)
	anna.get(home).is(t, 200, "", "AS3215", "AS3334", "AS3335")
}
