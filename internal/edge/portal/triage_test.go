package portal_test

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"tocsin/internal/alliance/orgs"
)

// triaged is a site with a coordinator, two vendors' people and one report.
func triaged(t *testing.T) (s *site, cora, vera, otto *browser, finder *browser, vexel orgs.Org) {
	t.Helper()
	s = withReports(t)
	cora = s.coordinator("cora@alliance.example", "Cora Coordinator")
	vexel = s.org("Vexel")
	other := s.org("Other")
	s.person("vera@vexel.example", "Vera", vexel.ID, orgs.Admin)
	s.person("otto@other.example", "Otto", other.ID, orgs.Admin)
	finder, _ = s.reported()
	return s, cora, s.as("vera@vexel.example"), s.as("otto@other.example"), finder, vexel
}

const reportNo = "/reports/TR-2026-0001"

// version is that of the report's forms as they stand.
func (b *browser) version() string {
	b.t.Helper()
	return b.get(reportNo).is(b.t, 200, "").hidden(b.t, "version")
}

// decide brings the report through the scope gate to valid.
func (b *browser) decide() {
	b.t.Helper()
	b.post(reportNo+"/take", "version", b.version()).is(b.t, 303, reportNo)
	b.post(reportNo+"/scope", "version", b.version(), "in", "1", "reason", "several ship it").is(b.t, 303, reportNo)
	b.post(reportNo+"/move", "version", b.version(), "verb", "validate").is(b.t, 303, reportNo)
}

func TestTriageIsTheCoordinators(t *testing.T) {
	s, cora, vera, otto, finder, _ := triaged(t)
	cora.get("/reports").is(t, 200, "", "TR-2026-0001", "Overflow in the frame parser", "nobody")
	cora.get("/reports?q=frame&state=received&sort=planned&desc=1").is(t, 200, "", "TR-2026-0001")
	cora.get("/reports?scope=out").is(t, 200, "", "No report waits here").lacks(t, "TR-2026-0001")
	csv := cora.get("/reports.csv").is(t, 200, "", "TLP:AMBER+STRICT,TR-2026-0001")
	if !strings.Contains(csv.header.Get("Content-Disposition"), "TLP-AMBER") {
		t.Error("the export's name lacks the marking")
	}
	cora.get(reportNo).is(t, 200, "", "Secret-Sauce", "mallory@finder.example", "poc.txt", "M. Allory")
	for _, b := range []*browser{vera, otto} {
		b.get("/reports").is(t, 403, "").lacks(t, "TR-2026")
		b.get("/reports.csv").is(t, 403, "").lacks(t, "TR-2026")
		b.get(reportNo).is(t, 404, "").lacks(t, "frame")
		b.get(reportNo+"/case").is(t, 404, "").lacks(t, "frame")
		b.post(reportNo+"/take", "version", "1").is(t, 404, "")
		b.post(reportNo+"/move", "version", "1", "verb", "close", "reason", "x").is(t, 404, "")
		b.send(reportNo+"/say", nil, "text", "hello").is(t, 404, "")
		b.get("/reports/mine").is(t, 200, "").lacks(t, "TR-2026")
	}
	finder.get(reportNo).is(t, 303, "")
	s.browser().get(reportNo).is(t, 303, "")
}

func TestDecisionsKeepWhatWasTyped(t *testing.T) {
	_, cora, _, _, finder, _ := triaged(t)
	cora.post(reportNo+"/move", "version", "1", "verb", "invalidate", "note", "Typed words").is(t, 422, "", "Typed words", "Say why")
	cora.decide()
	cora.post(reportNo+"/move", "version", "1", "verb", "defer", "reason", "Long thought").is(t, 409, "", "Long thought", "Somebody changed this report")
	finder.get("/finder").is(t, 200, "", "We think that you are right").lacks(t, "several ship it", "Cora")

	cora.send(reportNo+"/say", nil, "text", "Which *build* was it?", "to", "question").is(t, 303, reportNo)
	ask := finder.get("/finder").is(t, 200, "", "<em>build</em>", "You owe")
	action := regexp.MustCompile(`/finder/questions/[^"]+`).FindString(ask.body)
	finder.post(action, "text", "").is(t, 422, "", "Write something")
	finder.post(action, "text", "Build 7").is(t, 303, "/finder")
	cora.get(reportNo).is(t, 200, "", "Build 7")
	finder.post("/finder/withdraw", "reason", "never mind").is(t, 303, "/finder")
	finder.get("/finder").is(t, 200, "", "You withdrew your report")
}

func TestHandoverToOneVendor(t *testing.T) {
	_, cora, vera, otto, finder, vexel := triaged(t)
	finder.send("/finder/say", nil, "text", "Between us only", "to", "desk").is(t, 303, "/finder")
	finder.send("/finder/say", map[string]io.Reader{"add.txt": strings.NewReader("addition")}, "text", "Part of the report", "to", "report").is(t, 303, "/finder")
	cora.decide()
	cora.get(reportNo+"/handover").is(t, 200, "", "Vexel")
	cora.post(reportNo+"/handover", "version", cora.version(), "org_id", vexel.ID).is(t, 422, "", "Say why")
	cora.post(reportNo+"/handover", "version", cora.version(), "org_id", vexel.ID, "reason", "Inner thoughts").is(t, 303, reportNo)

	vera.get("/reports/mine").is(t, 200, "", "TR-2026-0001")
	page := vera.get(reportNo).is(t, 200, "", "Secret-Sauce", "Part of the report", "add.txt").
		lacks(t, "mallory@finder.example", "Between us only", "Inner thoughts", "Cora")
	file := regexp.MustCompile(reportNo + `/files/[^"]+`).FindString(page.body)
	vera.get(file).is(t, 200, "")
	otto.get(file).is(t, 404, "")
	otto.get(reportNo).is(t, 404, "")
	vera.send(reportNo+"/say", nil, "text", "We are on it").is(t, 303, reportNo)
	vera.get(reportNo+"/case").is(t, 403, "").lacks(t, "Secret-Sauce")
	vera.post(reportNo+"/link").is(t, 403, "").lacks(t, "/report/")
	cora.get(reportNo).is(t, 200, "", "We are on it", "Handed over")
	finder.get("/finder").is(t, 200, "", "passed to Vexel").lacks(t, "We are on it")
}

func TestReportBecomesCase(t *testing.T) {
	_, cora, vera, _, finder, _ := triaged(t)
	cora.decide()
	form := cora.get(reportNo+"/case").is(t, 200, "", "Overflow in the frame parser", "Secret-Sauce")
	cora.post(reportNo+"/case", "version", form.hidden(t, "version"), "title", "Frames", "description", "For vendors", "tlp", "TLP:AMBER").is(t, 422, "", "Say why", "For vendors")
	made := cora.post(reportNo+"/case", "version", form.hidden(t, "version"), "title", "Frames", "description", "For vendors", "tlp", "TLP:AMBER", "reason", "Two ship it").is(t, 303, "")
	cora.get(made.location).is(t, 200, "", "Frames")
	vera.get(made.location).is(t, 404, "")
	cora.get(reportNo).is(t, 200, "", made.location)
	finder.get("/finder").is(t, 200, "", "with the vendors it concerns").lacks(t, made.location, "Two ship it")
}
