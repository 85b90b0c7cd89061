package replay_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/app"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/test/stage"
)

// outsider is somebody who may not know: the headers that they send.
type outsider struct {
	name    string
	headers []string
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

func (s *story) routes() []gate.Route {
	list, err := app.Routes(s.House)
	if err != nil {
		s.Fatal(err)
	}
	return list
}

// signIn opens a browser's session, past what enrolling asks for, and gives
// its cookie.
func (s *story) signIn(p person) string {
	s.Helper()
	var e people.Entry
	s.Write(func(tx *db.Tx) (err error) {
		e, err = people.Open(tx, p.ID, "demo", people.Where{Address: "127.0.0.1"})
		return err
	})
	cookie := s.House.SessionCookie() + "=" + e.Secret
	if a := s.Ask("", "GET", "/cases", nil, "Cookie", cookie); a.Status != http.StatusOK {
		s.Fatalf("a signed-in member's cases answer %d", a.Status)
	}
	return cookie
}

// outsiders are a stranger, a member without access by token and in a
// browser, and, once there are any, those who were asked and are not in.
func (s *story) outsiders() []outsider {
	list := []outsider{
		{"a stranger", nil},
		{"a member's token", []string{"Authorization", s.otto.Auth()}},
		{"a member's browser", []string{"Cookie", s.signIn(s.otto)}},
	}
	if len(s.declined) > 0 {
		list = append(list, outsider{"who declined", []string{"Authorization", s.declined[0].Auth()}}, outsider{"who never answered", []string{"Authorization", s.silent[1].Auth()}})
	}
	return list
}

// livesOn are addresses whose content changes by what the asker or the server
// itself does, and has nothing to do with the case.
var livesOn = []string{
	"/api/v1/ledger/checkpoint", // the size of the ledger, signed
	"/readyz", "/me/security", "/api/v1/me/sessions", "/api/v1/me/tokens", "/me/tokens", "/me/trail", "/api/v1/me/events",
	"/api/v1/ledger/events",    // one's own signing in
	"/api/v1/me/inbox/signals", // the number of now
}

// stamps are the keys of forms, new at each reading.
var stamps = regexp.MustCompile(`value="[A-Za-z0-9_.-]{20,}"`)

// look reads every address without a parameter as those outsiders.
func (s *story) look(list []outsider) map[string]string {
	out := map[string]string{}
	for _, r := range s.routes() {
		path := strings.TrimSuffix(r.Path, "{$}")
		if r.Method != http.MethodGet || strings.Contains(path, "{") || slices.Contains(livesOn, path) {
			continue
		}
		if strings.HasSuffix(path, "/search") {
			path += "?q=xylograph"
		}
		for _, o := range list {
			a := s.Ask("", "GET", path, nil, o.headers...)
			s.tells(o, "GET "+path, a)
			out[o.name+": GET "+path] = fmt.Sprintf("%d, %d bytes, ETag %s, Last-Modified %s\n%s", a.Status, len(a.Raw), a.Version(), a.Header.Get("Last-Modified"), stamps.ReplaceAll(a.Raw, []byte(`value="…"`)))
		}
	}
	return out
}

// tells fails when an answer holds a word of the case.
func (s *story) tells(o outsider, what string, a stage.Answer) {
	s.Helper()
	text := strings.ToLower(string(a.Raw) + fmt.Sprint(a.Header))
	asked := strings.ToLower(what)
	for _, word := range append(slices.Clone(secrets), s.advisoryNumber, s.number, s.caseID) {
		word = strings.ToLower(word)
		if word != "" && !strings.Contains(asked, word) && strings.Contains(text, word) {
			s.Errorf("%s finds %q at %s: %.600s", o.name, word, what, a.Raw)
		}
	}
}

// guess is a reference to a record, and one of the same form that never was.
type guess struct{ real, fake string }

// fake changes the end of an id or number to another of the same form.
func fake(real string) string {
	b := []byte(real)
	changed := 0
	for i := len(b) - 1; i >= 0 && changed < 3; i-- {
		switch c := b[i]; {
		case c >= '0' && c <= '9':
			b[i] = '0' + (c-'0'+7)%10
			changed++
		case c >= 'a' && c <= 'z':
			b[i] = 'a' + (c-'a'+7)%16
			changed++
		}
	}
	return string(b)
}

// guesses are the references that a leak would give a thief, by the name of
// the parameter that takes them.
func (s *story) guesses() map[string][]guess {
	of := func(real ...string) (out []guess) {
		for _, r := range real {
			if r == "" {
				s.Fatal("a reference is empty")
			}
			out = append(out, guess{r, fake(r)})
		}
		return out
	}
	first := s.joined[0]
	invitation, seq, question := "", "", ""
	s.Read(func(tx *db.Tx) (err error) {
		if invitation, err = db.Value[string](tx, `SELECT id FROM case_invitation WHERE participant_id = $1`, first.party); err != nil {
			return err
		}
		if question, err = db.Value[string](tx, `SELECT id FROM report_message WHERE report_id = $1 ORDER BY id LIMIT 1`, s.reportID); err != nil {
			return err
		}
		n, err := db.Value[int64](tx, `SELECT MAX(seq) FROM event WHERE scope = $1`, s.caseID)
		seq = fmt.Sprint(n)
		return err
	})
	comment := s.Must(200, s.cora, "GET", "/drafts/"+s.advisory+"/comments", nil).Items()[0]["id"].(string)
	general := s.Must(200, first.person, "GET", "/cases/"+s.caseID+"/threads", nil).Items()[0]["id"].(string)
	file := s.slug() + ".json"
	return map[string][]guess{
		"case": of(s.caseID, s.number), "number": of(s.number, s.advisoryNumber, s.slug(), s.reportNumber), "participant": of(first.party, s.hidden.party), "proposal": of(s.proposal),
		"vulnerability": of(s.vuln), "product": of(s.product), "thread": of(s.privateThread, general), "message": of(s.message), "file": {{s.upload, fake(s.upload)}, {file, fake(s.slug()) + ".json"}, {file + ".sha256", fake(s.slug()) + ".json.sha256"}, {file + ".sha512", fake(s.slug()) + ".json.sha512"}, {file + ".asc", fake(s.slug()) + ".json.asc"}},
		"report": of(s.reportID, s.reportNumber), "question": of(question), "invitation": of(invitation), "draft": of(s.advisory, s.advisoryNumber), "comment": of(comment), "slug": of(s.slug(), s.advisoryNumber),
		"advisory": of(s.advisoryNumber, s.advisory, s.slug()), "document": of(s.document), "seq": {{seq, strings.Repeat("9", len(seq))}},
	}
}

// common are parameters that tell nothing.
var common = map[string]string{"label": "white", "year": "2026", "folder": "by-alliance-example"}

// alike asks every address that names a record of the case, with every
// method, once by what is there and once by what never was: to whoever may
// not see it the two answers differ in nothing but the name.
func (s *story) alike(list []outsider) {
	names, asked := s.guesses(), 0
	bodies := s.bodies()
	for _, r := range s.routes() {
		params := wildcard.FindAllString(r.Path, -1)
		most, takes := 0, true
		for _, p := range params {
			name := strings.Trim(p, "{}")
			if n := len(names[name]); n > 0 && !strings.Contains(r.Path, "/versions/{number}") {
				most = max(most, n)
			} else if name != "$" && common[name] == "" && name != "number" && names[name] == nil {
				takes = false // names an account's own thing: a session, a token, a link's secret
			}
		}
		if most == 0 || !takes && strings.Contains(r.Path, "{secret}") {
			continue
		}
		for i := range most {
			there, never, used := r.Path, r.Path, []guess{}
			for _, p := range params {
				name := strings.Trim(p, "{}")
				g := guess{common[name], common[name]}
				if known := names[name]; len(known) > 0 {
					g = known[i%len(known)]
				} else if g.real == "" {
					g = guess{"1", "1"}
				}
				there, never = strings.Replace(there, p, url.PathEscape(g.real), 1), strings.Replace(never, p, url.PathEscape(g.fake), 1)
				used = append(used, g)
			}
			for j, o := range list {
				if i > 0 && (i+j)%3 != 0 {
					continue // the rule does not ask how a record was named
				}
				body, kind := any(nil), ""
				switch {
				case r.Method == http.MethodGet:
				case strings.HasPrefix(r.Path, "/api/"):
					body, kind = bodies[r.Method+" "+r.Path], "application/json"
				default:
					body, kind = "reason=because&version=1", "application/x-www-form-urlencoded"
				}
				headers := append(slices.Clone(o.headers), "If-Match", `"1"`)
				if kind != "" {
					headers = append(headers, "Content-Type", kind)
				}
				a, b := s.Ask("", r.Method, there, body, headers...), s.Ask("", r.Method, never, body, headers...)
				asked++
				s.tells(o, r.Method+" "+there, a)
				if x, y := plain(a, used), plain(b, used); x != y {
					s.Errorf("%s can tell what is there from what is not: %s %s\nthere: %.700s\nnever: %.700s", o.name, r.Method, r.Path, x, y)
				}
			}
		}
	}
	s.Logf("%d times what is there was asked for beside what never was", asked)
	if asked < 300 {
		s.Errorf("only %d addresses were tried", asked)
	}
}

// plain is an answer without the names that the asker gave.
func plain(a stage.Answer, used []guess) string {
	h := maps.Clone(a.Header)
	for _, name := range []string{"Date", "Etag"} {
		delete(h, http.CanonicalHeaderKey(name))
	}
	text := fmt.Sprintf("%d %v\n%s", a.Status, h, a.Raw)
	for _, g := range used {
		for _, name := range []string{g.real, g.fake, url.PathEscape(g.real), url.QueryEscape(g.fake)} {
			if len(name) > 3 || name == g.fake {
				text = strings.ReplaceAll(text, name, "…")
			}
		}
	}
	return text
}

// bodies is a body for every operation that takes one, with what its schema
// requires, so that an answer comes from the verb and not from the decoder.
func (s *story) bodies() map[string]any {
	spec := s.Insist(200, "", "GET", "/api/openapi.json", nil).Body
	schemas := spec["components"].(stage.Object)["schemas"].(stage.Object)
	out := map[string]any{}
	for path, methods := range spec["paths"].(stage.Object) {
		for method, op := range methods.(stage.Object) {
			request, _ := op.(stage.Object)["requestBody"].(stage.Object)
			content, _ := request["content"].(stage.Object)
			media, ok := content["application/json"].(stage.Object)
			if !ok {
				out[strings.ToUpper(method)+" "+path] = "content"
				continue
			}
			out[strings.ToUpper(method)+" "+path] = sample("", media["schema"].(stage.Object), schemas, 0)
		}
	}
	return out
}

func sample(name string, schema, schemas stage.Object, depth int) any {
	if ref, ok := schema["$ref"].(string); ok {
		return sample(name, schemas[ref[strings.LastIndexByte(ref, '/')+1:]].(stage.Object), schemas, depth+1)
	}
	if list, ok := schema["enum"].([]any); ok {
		return list[0]
	}
	kind, _ := schema["type"].(string)
	if list, ok := schema["type"].([]any); ok {
		kind, _ = list[0].(string)
	}
	switch kind {
	case "object":
		out := stage.Object{}
		properties, _ := schema["properties"].(stage.Object)
		required, _ := schema["required"].([]any)
		for _, p := range required {
			if property, ok := properties[p.(string)].(stage.Object); ok && depth < 6 {
				out[p.(string)] = sample(p.(string), property, schemas, depth+1)
			}
		}
		if _, ok := properties["reason"]; ok {
			out["reason"] = "because"
		}
		return out
	case "array":
		item, _ := schema["items"].(stage.Object)
		if least, _ := schema["minItems"].(float64); least < 1 || item == nil {
			return []any{}
		}
		return []any{sample(name, item, schemas, depth+1)}
	case "integer", "number":
		return 1
	case "boolean":
		return true
	}
	if schema["format"] == "date-time" {
		return "2026-04-20T00:00:00Z"
	}
	if name == "tlp" {
		return "TLP:AMBER"
	}
	return "x"
}

// timed logs how long not-found takes beside not-there.
func (s *story) timed(list []outsider) {
	for _, path := range []guess{{"/api/v1/cases/" + s.caseID, "/api/v1/cases/" + fake(s.caseID)}, {"/api/v1/drafts/" + s.advisory, "/api/v1/drafts/" + fake(s.advisory)},
		{"/api/v1/advisories/" + s.slug(), "/api/v1/advisories/" + fake(s.slug())}, {csafRoot + s.file(), csafRoot + "white/2026/" + fake(s.slug()) + ".json"}, {"/cases/" + s.number, "/cases/" + fake(s.number)}} {
		for _, o := range list[:3] {
			var there, never []time.Duration
			for range 24 {
				start := time.Now()
				s.Ask("", "GET", path.real, nil, o.headers...)
				middle := time.Now()
				s.Ask("", "GET", path.fake, nil, o.headers...)
				there, never = append(there, middle.Sub(start)), append(never, time.Since(middle))
			}
			slices.Sort(there)
			slices.Sort(never)
			s.Logf("not to be seen / not there, medians of 24: %.3f (%s, %s)", float64(there[12])/float64(never[12]), o.name, path.real)
		}
	}
}
