package golden_test

import "regexp"

var named = regexp.MustCompile(`<([^<>]+)>`)

// fill puts records of the world where a body names them in angle brackets.
func (b *bench) fill(body string) string {
	b.Helper()
	return named.ReplaceAllStringFunc(body, func(s string) string {
		v, ok := b.values[s[1:len(s)-1]]
		if !ok {
			b.Fatalf("a body in bodies_test.go speaks of %s, which is not in the world", s)
		}
		return v
	})
}

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
	"POST /invitations/{invitation}/accept":                       "terms=<agreement>",

	"POST /api/v1/me/preferences":                                       `{"preferences":[]}`,
	"POST /api/v1/me/tokens":                                            `{"label":"script","scopes":["read"]}`,
	"POST /api/v1/organizations":                                        `{"name":"Newcomers","class":"vendor"}`,
	"POST /api/v1/organizations/{org}/members":                          `{"person_id":"<otto>","role":"reader"}`,
	"POST /api/v1/organizations/{org}/components":                       `{"name":"libother"}`,
	"POST /api/v1/programs":                                             `{"name":"Defenders","purpose":"Together","tlp":"TLP:GREEN"}`,
	"POST /api/v1/programs/{program}/organizations":                     `{"org_id":"<wharf>"}`,
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
	"POST /api/v1/invitations/{invitation}/accept":                      `{"agreement":"<agreement>"}`,
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
	"POST /api/v1/messages/{message}/retract":                           `{"reason":"r"}`,
}

// queries are the parameters without which a route asks nothing.
var queries = map[string]string{
	"GET /api/v1/search": "q=libexample",
	"GET /search":        "q=libexample",
	"DELETE /api/v1/cases/{case}/vulnerabilities/{vulnerability}": "reason=Not+one.",
}
