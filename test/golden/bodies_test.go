package golden_test

import "regexp"

var named = regexp.MustCompile(`<([^<>]+)>`)

// fill puts records of the world where a body names them in angle brackets;
// with says which other record a path parameter stands for.
func (b *bench) fill(body string, with map[string]string) string {
	b.Helper()
	return named.ReplaceAllStringFunc(body, func(s string) string {
		key := s[1 : len(s)-1]
		if other, ok := with[key]; ok {
			key = other
		}
		v, ok := b.values[key]
		if !ok {
			b.Fatalf("a body in bodies_test.go speaks of %s, which is not in the world", s)
		}
		return v
	})
}

// rulesBody are the rules of a new program, with one class shut out.
const rulesBody = "version=1&slug=<program slug>&shut_out=government&sponsors=2&objection_days=14&renew_days=365&by=coordinators&directory=members&features=cases"

// bodies are what changing routes are sent, so that who may change something
// does, and nobody is stopped by a missing field before the rule is asked. A
// route without one is sent an empty form or {}.
var bodies = map[string]string{
	"POST /me":        "version=1&name=Somebody&time_zone=UTC",
	"POST /me/tokens": "label=script&scopes=read&ttl=90",

	"POST /alliance/organizations/new":                    "name=Newcomers&class=vendor",
	"POST /alliance/organizations/{org}/edit":             "version=1&name=Vexel&class=vendor&state=active&listed=on",
	"POST /alliance/organizations/{org}/invite":           "invite_email=x@vexel.example&invite_name=X&org_role=reader",
	"POST /alliance/organizations/{org}/members/{member}": "version=1&org_role=reader&duty=1",
	"POST /alliance/organizations/{org}/components":       "name=libother",
	"POST /alliance/invitations":                          "invite_email=y@elsewhere.example&invite_name=Y",
	"POST /alliance/programs/new":                         "name=Defenders&purpose=Together&tlp=GREEN",
	"POST /alliance/programs/{program}/edit":              "version=1&name=Product&purpose=Together&tlp=GREEN&state=active",
	"POST /alliance/programs/{program}/organizations":     "org=<wharf>",
	"POST /alliance/programs/{program}/rules":             rulesBody,
	"POST /alliance/programs/{program}/rules/save":        rulesBody,
	"POST /alliance/programs/{program}/close":             "version=1&confirm=<program name>",
	"POST /alliance/programs/{program}/reopen":            "version=1",
	"POST /alliance/programs/{program}/coordinators":      "person=ivo@invita.example",
	"POST /finder/say":                                    "text=More.",
	"POST /finder/questions/{question}":                   "text=All.",
	"POST /finder/credit":                                 "credit=Me&version=<report version>",

	"POST /cases/new":                                             "title=New matter&tlp=TLP:AMBER%2BSTRICT",
	"POST /cases/{number}/edit":                                   "version=<case version>&title=Other words&summary=S&tlp=TLP:AMBER%2BSTRICT&reason=r",
	"POST /cases/{number}/assign":                                 "person=<tess>&reason=Leave.",
	"POST /cases/{number}/close":                                  "confirm=<number>&reason=Done.",
	"POST /cases/{number}/reopen":                                 "reason=Again.",
	"POST /cases/{number}/merge":                                  "into=<other case>&reason=Same.",
	"POST /cases/{number}/split":                                  "title=Half&vulnerabilities=<vulnerability>&participants=<participant>&reason=Two.",
	"POST /cases/{number}/invite":                                 "way=name&orgs=<outer>&role=vendor&reason=Ships it.",
	"POST /cases/{number}/timetable":                              "ends_at=2026-03-20T12:00&ends_at_zone=UTC&reason=Time.",
	"POST /cases/{number}/timetable/{proposal}/object":            "reason=Too long.",
	"POST /cases/{number}/timetable/{proposal}/accept":            "reason=Agreed.",
	"POST /cases/{number}/timetable/{proposal}/reject":            "reason=No.",
	"POST /cases/{number}/timetable/ready":                        "answer=go&participant=<participant>",
	"POST /cases/{number}/timetable/decide":                       "decision=keep&reason=r",
	"POST /cases/{number}/timetable/terminate":                    "confirm=<number>&reason=Over.",
	"POST /cases/{number}/exposure":                               "confirm=<number>&event=P&note=In the news.",
	"POST /cases/{number}/vulnerabilities/new":                    "version=0&title=Another flaw",
	"POST /cases/{number}/vulnerabilities/{vulnerability}":        "version=1&title=Other words&label=V1",
	"POST /cases/{number}/vulnerabilities/{vulnerability}/remove": "reason=Not one.",
	"POST /cases/{number}/vendors/{participant}/status":           "version=1&vulnerability=<vulnerability>&status=investigating",
	"POST /cases/{number}/vendors/{participant}/products":         "name=Another",
	"POST /cases/{number}/vendors/{participant}/tracker":          "number=X-2",
	"POST /cases/{number}/vendors/{participant}/progress":         "event=F",
	"POST /cases/{number}/vendors/{participant}/report":           "verb=validate&reason=r",
	"POST /cases/{number}/vendors/{participant}/hide":             "reason=r",
	"POST /cases/{number}/vendors/{participant}/leave":            "confirm=<number>&reason=Not ours.",
	"POST /cases/{number}/talk/products":                          "product=<product>",
	"POST /cases/{number}/talk/{thread}":                          "body=Words.&marking=TLP:AMBER%2BSTRICT&key=0123456789abcdef",
	"POST /cases/{number}/talk/{thread}/{message}/edit":           "version=1&body=Other words.&marking=TLP:AMBER%2BSTRICT&reason=r",
	"POST /cases/{number}/talk/{thread}/{message}/retract":        "reason=r",
	"POST /cases/{number}/advisory/{advisory}/edit":               "version=1&title=Other words",
	"POST /cases/{number}/advisory/{advisory}/comments":           "version=1&text=Shorter.",
	"POST /cases/{number}/advisory/{advisory}/comments/{comment}": "version=1",
	"POST /cases/{number}/advisory/{advisory}/submit":             "version=1&confirm=<advisory>",
	"POST /cases/{number}/advisory/{advisory}/return":             "version=1&reason=r",
	"POST /cases/{number}/advisory/{advisory}/approve":            "version=1",
	"POST /cases/{number}/advisory/{advisory}/schedule":           "version=1&when=at&at=2026-03-30T12:00&at_zone=UTC&tlp=TLP:CLEAR&confirm=<advisory>",
	"POST /cases/{number}/advisory/{advisory}/unschedule":         "version=1&reason=r",
	"POST /cases/{number}/advisory/{advisory}/release":            "version=1&tlp=TLP:CLEAR&confirm=<advisory>",
	"POST /cases/{number}/advisory/{advisory}/withdraw":           "version=1&reason=r&confirm=<advisory>",
	"POST /reports/{number}/say":                                  "text=Thanks.&to=finder",
	"POST /reports/{number}/finder/say":                           "text=More.",
	"POST /reports/{number}/finder/questions/{question}":          "text=All.",
	"POST /reports/{number}/finder/credit":                        "version=1&credit=Me",
	"POST /reports/{number}/take":                                 "version=<report version>",
	"POST /reports/{number}/assign":                               "version=<report version>&person=<tess>",
	"POST /reports/{number}/scope":                                "version=<report version>&scope=in&in_scope=yes&reason=r",
	"POST /reports/{number}/move":                                 "version=<report version>&move=validate&verb=validate&reason=r",
	"POST /reports/{number}/date":                                 "version=<report version>&reason=r",
	"POST /reports/{number}/case":                                 "version=<report version>&tlp=TLP:AMBER%2BSTRICT&reason=r",
	"POST /reports/{number}/merge":                                "version=<report version>&case=<other case>&reason=r",
	"POST /reports/{number}/handover":                             "version=<report version>&org=<org>&reason=r",
	"POST /inbox":                                                 "up_to=1",
	"POST /invitations/{invitation}/accept":                       "terms=<case terms>",

	"POST /api/v1/me/preferences":                                       `{"preferences":[]}`,
	"POST /api/v1/me/tokens":                                            `{"label":"script","scopes":["read"]}`,
	"POST /api/v1/organizations":                                        `{"name":"Newcomers","class":"vendor"}`,
	"POST /api/v1/organizations/{org}/members":                          `{"person_id":"<otto>","role":"reader"}`,
	"POST /api/v1/organizations/{org}/components":                       `{"name":"libother"}`,
	"POST /api/v1/programs":                                             `{"name":"Defenders","purpose":"Together","tlp":"TLP:GREEN"}`,
	"POST /api/v1/programs/{program}/organizations":                     `{"org_id":"<wharf>"}`,
	"POST /api/v1/programs/from-template":                               `{"template":"support-alliance"}`,
	"PUT /api/v1/programs/{program}/parent":                             `{"parent":""}`,
	"PUT /api/v1/programs/{program}/rules":                              `{"shut_out":["government"]}`,
	"POST /api/v1/programs/{program}/rules/preview":                     `{"shut_out":["government"]}`,
	"POST /api/v1/programs/{program}/coordinators":                      `{"person_id":"<person>"}`,
	"PATCH /api/v1/people/{person}":                                     `{"name":"Other"}`,
	"POST /api/v1/accounts/invitations":                                 `{"email":"y@elsewhere.example"}`,
	"POST /api/v1/reports":                                              `{"title":"A flaw","description":"Words.","component":"libx","how_found":"Reading."}`,
	"POST /api/v1/report/messages":                                      `{"text":"More."}`,
	"POST /api/v1/report/questions/{question}/reply":                    `{"text":"All."}`,
	"PUT /api/v1/report/credit":                                         `{"credit":"Me"}`,
	"POST /api/v1/reports/{report}/messages":                            `{"text":"Thanks."}`,
	"POST /api/v1/reports/{report}/additions":                           `{"text":"More."}`,
	"POST /api/v1/reports/{report}/questions":                           `{"text":"Which?"}`,
	"POST /api/v1/reports/{report}/questions/{question}/reply":          `{"text":"All."}`,
	"POST /api/v1/reports/{report}/take":                                `{"version":<report version>}`,
	"POST /api/v1/reports/{report}/assign":                              `{"person_id":"<tess>","version":<report version>}`,
	"POST /api/v1/reports/{report}/scope":                               `{"in_scope":true,"reason":"r","version":<report version>}`,
	"POST /api/v1/reports/{report}/move":                                `{"move":"validate","reason":"r","version":<report version>}`,
	"POST /api/v1/reports/{report}/planned-date":                        `{"reason":"r","version":<report version>}`,
	"POST /api/v1/reports/{report}/hand-over":                           `{"org_id":"<org>","reason":"r","version":<report version>}`,
	"POST /api/v1/reports/{report}/case":                                `{"tlp":"TLP:AMBER+STRICT","reason":"r","version":<report version>}`,
	"POST /api/v1/reports/{report}/merge":                               `{"case":"<other case>","reason":"r","version":<report version>}`,
	"POST /api/v1/cases":                                                `{"title":"New matter","tlp":"TLP:AMBER+STRICT"}`,
	"PATCH /api/v1/cases/{case}":                                        `{"title":"Other words"}`,
	"POST /api/v1/cases/{case}/close":                                   `{"reason":"Done."}`,
	"POST /api/v1/cases/{case}/reopen":                                  `{"reason":"Again."}`,
	"POST /api/v1/cases/{case}/assign":                                  `{"person_id":"<tess>","reason":"Leave."}`,
	"POST /api/v1/cases/{case}/coordinators":                            `{"person_id":"<bob>","reason":"Help."}`,
	"POST /api/v1/cases/{case}/merge":                                   `{"into":"<other case>","reason":"Same."}`,
	"POST /api/v1/cases/{case}/split":                                   `{"title":"Half","vulnerabilities":["<vulnerability>"],"participants":["<participant>"],"reason":"Two."}`,
	"POST /api/v1/cases/{case}/participants":                            `{"targets":[{"kind":"org","id":"<outer>","role":"vendor"}],"reason":"Ships it."}`,
	"POST /api/v1/cases/{case}/participants/by-component":               `{"component":"libexample","reason":"Ships it."}`,
	"POST /api/v1/cases/{case}/participants/{participant}/hide":         `{"reason":"r"}`,
	"POST /api/v1/cases/{case}/participants/{participant}/show":         `{"reason":"r"}`,
	"POST /api/v1/cases/{case}/participants/{participant}/leave":        `{"reason":"r"}`,
	"POST /api/v1/cases/{case}/participants/{participant}/expire":       `{"reason":"r"}`,
	"POST /api/v1/cases/{case}/participants/{participant}/tracker":      `{"number":"X-2"}`,
	"POST /api/v1/cases/{case}/participants/{participant}/readiness":    `{"answer":"go"}`,
	"POST /api/v1/cases/{case}/participants/{participant}/report-state": `{"move":"validate","reason":"r"}`,
	"POST /api/v1/cases/{case}/participants/{participant}/consent":      `{"move":"reset","reason":"r"}`,
	"POST /api/v1/cases/{case}/participants/{participant}/progress":     `{"move":"F"}`,
	"POST /api/v1/invitations/{invitation}/accept":                      `{"agreement":"<case terms>"}`,
	"POST /api/v1/invitations/{invitation}/decline":                     `{"reason":"r"}`,
	"POST /api/v1/cases/{case}/embargo/proposals":                       `{"ends_at":"2026-03-18T12:00:00Z","reason":"r"}`,
	"POST /api/v1/cases/{case}/embargo/revisions":                       `{"ends_at":"2026-03-18T12:00:00Z","reason":"r"}`,
	"POST /api/v1/cases/{case}/embargo/proposals/{proposal}/counter":    `{"ends_at":"2026-03-18T12:00:00Z","reason":"r"}`,
	"POST /api/v1/cases/{case}/embargo/proposals/{proposal}/answer":     `{"answer":"consent"}`,
	"POST /api/v1/cases/{case}/embargo/proposals/{proposal}/decide":     `{"accept":true,"reason":"r"}`,
	"POST /api/v1/cases/{case}/embargo/proposals/{proposal}/withdraw":   `{"reason":"r"}`,
	"POST /api/v1/cases/{case}/embargo/terminate":                       `{"reason":"r"}`,
	"POST /api/v1/cases/{case}/exposure":                                `{"event":"P","note":"In the news."}`,
	"POST /api/v1/cases/{case}/exposure/decide":                         `{"decision":"keep","reason":"r"}`,
	"POST /api/v1/cases/{case}/vulnerabilities":                         `{"title":"Another flaw"}`,
	"PATCH /api/v1/cases/{case}/vulnerabilities/{vulnerability}":        `{"title":"Other words"}`,
	"POST /api/v1/cases/{case}/products":                                `{"participant_id":"<participant>","name":"Another"}`,
	"PATCH /api/v1/cases/{case}/products/{product}":                     `{"name":"Other"}`,
	"PUT /api/v1/cases/{case}/statuses/{participant}/{vulnerability}":   `{"status":"investigating"}`,
	"POST /api/v1/cases/{case}/threads":                                 `{"product_id":"<product>"}`,
	"POST /api/v1/threads/{thread}/messages":                            `{"body":"Words."}`,
	"POST /api/v1/threads/{thread}/read":                                `{"up_to":"<message>"}`,
	"PATCH /api/v1/messages/{message}":                                  `{"body":"Other words.","reason":"r"}`,
	"PUT /api/v1/drafts/{draft}":                                        `{"content":{"title":"Other words"}}`,
	"POST /api/v1/drafts/{draft}/comments":                              `{"text":"Shorter."}`,
	"POST /api/v1/drafts/{draft}/submit":                                `{"version":1}`,
	"POST /api/v1/drafts/{draft}/approve":                               `{"version":1}`,
	"POST /api/v1/drafts/{draft}/return":                                `{"version":1,"reason":"r"}`,
	"POST /api/v1/drafts/{draft}/schedule":                              `{"version":1,"at":"2026-03-30T12:00:00Z","tlp":"TLP:CLEAR"}`,
	"POST /api/v1/drafts/{draft}/release":                               `{"version":1,"tlp":"TLP:CLEAR"}`,
	"POST /api/v1/drafts/{draft}/unschedule":                            `{"reason":"r"}`,
	"POST /api/v1/drafts/{draft}/withdraw":                              `{"reason":"r"}`,
	"POST /api/v1/messages/{message}/retract":                           `{"reason":"r"}`,
}

// queries are the parameters without which a route asks nothing.
var queries = map[string]string{
	"GET /api/v1/search": "q=libexample",
	"GET /search":        "q=libexample",
	"DELETE /api/v1/cases/{case}/vulnerabilities/{vulnerability}": "reason=Not+one.",
}
