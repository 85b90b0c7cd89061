package walk_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"tocsin/spec/membership"
	"tocsin/test/stage"
)

// applicant is one with its application.
type applicant struct {
	*stage.Person    // its first admin, once there is one
	id, name, finder string
	address          string
	org, motion      string
}

// desk walks applications to three programs: one with sponsors and time to
// object, and two without, of which the board decides on one.
type desk struct {
	*house
	full, board, plain string
	nda                string
	lapsed             []*applicant
}

const (
	lapsing  = membership.AppLapse
	closing  = membership.AppClose
	deciding = membership.AppVoid
)

func newDesk(h *house) *desk {
	h.Helper()
	d := &desk{house: h}
	d.nda = h.Must(201, *h.cora, "POST", "/agreements", object{"title": "Mutual NDA", "kind": "nda", "sight": "public", "body": "What is shared here stays here."}).Text("id")
	rules := func(slug string, board bool, sponsors, days int) string {
		return h.program(slug, object{"slug": slug, "open": true, "by_board": board, "sponsors": sponsors, "objection_days": days, "renew_days": 0, "agreements": []string{d.nda}})
	}
	d.full, d.board, d.plain = rules("full", true, 2, 14), rules("board", true, 0, 0), rules("plain", false, 0, 0)
	for _, m := range h.founders {
		for _, program := range []string{d.full, d.board, d.plain} {
			h.joins(program, m)
		}
		d.signs(m.Person, m.org)
	}
	for range 4 { // as many as are tried in that state
		d.lapsed = append(d.lapsed, d.reach(membership.AppSubmitted, ""))
	}
	h.later(366 * day)
	return d
}

// TestApplication walks the machine of applications.
func TestApplication(t *testing.T) {
	each(t, func(h *house) {
		d := newDesk(h)
		step := func(by *stage.Person, path string, body object) func(*applicant) stage.Answer {
			return func(a *applicant) stage.Answer { return h.ask(by, "POST", "/applications/"+a.id+path, body) }
		}
		decide := func(accept bool) func(*applicant) stage.Answer {
			plain := step(h.colin, "/decide", object{"accept": accept, "why": "So it is.", "reason": "Not this time."})
			return func(a *applicant) stage.Answer {
				if a.motion == "" {
					return plain(a)
				}
				return d.voted(a, accept)
			}
		}
		speaks := func(founder int) func(*applicant) stage.Answer {
			m := h.founders[founder]
			return step(m.Person, "/statement", object{"org": m.org, "answer": "supports", "text": "We know their team."})
		}
		walk[membership.AppState, membership.AppVerb, *applicant]{
			Stage: h.Stage, machine: membership.Application, reach: d.reach, look: d.look,
			try: map[membership.AppVerb]func(*applicant) stage.Answer{
				membership.AppEdit: func(a *applicant) stage.Answer {
					v := d.own(200, a, "GET", "", nil).Version()
					return h.Ask(a.finder, "PUT", "/api/v1/application", a.form("We make more things."), "If-Match", v)
				},
				membership.AppSubmit: func(a *applicant) stage.Answer {
					return h.Ask(a.finder, "POST", "/api/v1/application/submit", object{"version": d.own(200, a, "GET", "", nil).Body["version"]})
				},
				membership.AppReturn:   step(h.cora, "/return", object{"note": "More, please."}),
				membership.AppCheck:    step(h.cora, "/check", nil),
				membership.AppSponsor:  speaks(0),
				membership.AppSupport:  speaks(1),
				membership.AppAnnounce: step(h.cora, "/announce", nil),
				membership.AppObject:   step(h.founders[2].Person, "/objections", object{"org": h.founders[2].org, "text": "They copy our notes."}),
				membership.AppPut:      step(h.colin, "/ballot", object{}),
				membership.AppAccept:   decide(true),
				membership.AppRefuse:   decide(false),
				membership.AppPrepare:  step(h.cora, "/prepare", object{}),
				membership.AppSign:     step(h.cora, "/sign", nil),
				membership.AppTest:     d.tested,
				membership.AppActivate: step(h.cora, "/activate", nil),
				membership.AppWithdraw: func(a *applicant) stage.Answer { return h.Ask(a.finder, "POST", "/api/v1/application/withdraw", nil) },
			},
			pass: []passage[membership.AppState, membership.AppVerb, *applicant]{
				{closing, func(map[membership.AppState]*applicant) { h.later(14*day + time.Hour) }},
				{deciding, func(map[membership.AppState]*applicant) { h.later(8 * day) }},
				{lapsing, func(map[membership.AppState]*applicant) { h.later(365 * day) }},
			},
			other: map[string]int{
				"draft *": 404, // nobody but its author sees it
				// Members see it once they are asked, and until it ends.
				"submitted sponsor": 404, "submitted support": 404, "submitted object": 404,
				"complete object": 404, "sponsored object": 404,
				"active sponsor": 404, "active support": 404, "active object": 404,
				"refused sponsor": 404, "refused support": 404, "refused object": 404,
				"withdrawn sponsor": 404, "withdrawn support": 404, "withdrawn object": 404,
				"lapsed sponsor": 404, "lapsed support": 404, "lapsed object": 404,
			},
		}.run()
	})
}

// look is where an application stands, as the secretariat and the applicant
// read it. Nobody but its author ever sees a draft that was not handed in; and
// the applicant is not told that the board votes.
func (d *desk) look(a *applicant) (membership.AppState, string) {
	d.Helper()
	own := d.Ask(a.finder, "GET", "/api/v1/application", nil)
	team := d.ask(d.cora, "GET", "/applications/"+a.id, nil)
	state := team.Text("state")
	if team.Status == 404 {
		state = own.Text("state")
	}
	return membership.AppState(state), string(own.Raw) + string(team.Raw)
}

func (d *desk) own(status int, a *applicant, method, path string, body any) stage.Answer {
	d.Helper()
	return d.Insist(status, a.finder, method, "/api/v1/application"+path, body)
}

func (d *desk) step(a *applicant, path string, body object) stage.Answer {
	d.Helper()
	return d.Must(200, *d.cora, "POST", "/applications/"+a.id+path, body)
}

// reach brings an application into a state.
func (d *desk) reach(s membership.AppState, v membership.AppVerb) *applicant {
	d.Helper()
	if s == membership.AppLapsed {
		a := d.lapsed[len(d.lapsed)-1]
		d.lapsed = d.lapsed[:len(d.lapsed)-1]
		return a
	}
	program := d.full
	switch at := slices.Index(membership.Way, s); {
	case s == membership.AppReady && (v == membership.AppAccept || v == membership.AppRefuse), at > slices.Index(membership.Way, membership.AppBallot):
		program = d.plain // a coordinator decides
	case s == membership.AppReady || s == membership.AppBallot:
		program = d.board
	}
	a := d.begins(program)
	if s == membership.AppDraft {
		return a
	}
	d.own(200, a, "POST", "/submit", object{"version": d.own(200, a, "GET", "", nil).Body["version"]})
	switch s {
	case membership.AppSubmitted:
		return a
	case membership.AppRefused:
		d.step(a, "/decide", object{"accept": false, "why": "Spam.", "reason": "This is none."})
		return a
	case membership.AppWithdrawn:
		d.own(200, a, "POST", "/withdraw", nil)
		return a
	}
	d.step(a, "/check", nil)
	if program == d.full {
		d.sponsored(a, s, v)
	}
	if s == membership.AppComplete || s == membership.AppSponsored {
		return a
	}
	d.step(a, "/announce", nil)
	switch s {
	case membership.AppObjection:
		if v != closing && v != membership.AppObject { // held by what one member has to say
			m := d.founders[1]
			d.Must(201, *m.Person, "POST", "/applications/"+a.id+"/objections", object{"org": m.org, "text": "We doubt it."})
		}
	case membership.AppBallot:
		open := 7 * day
		if v != deciding {
			open = 366 * day
		}
		a.motion = d.step(a, "/ballot", object{"early": true, "deadline": d.Clock.Now().Add(open).Format(time.RFC3339)}).Text("id")
	case membership.AppReady:
	default:
		d.enters(a, s, v)
	}
	return a
}

// sponsored: two founders are asked, and speak as far as the state has it.
func (d *desk) sponsored(a *applicant, s membership.AppState, v membership.AppVerb) {
	d.Helper()
	for i, m := range d.founders[:2] {
		d.Must(201, *d.cora, "POST", "/applications/"+a.id+"/sponsors", object{"org_id": m.org})
		if s != membership.AppComplete || v == membership.AppSupport && i == 0 {
			d.Must(200, *m.Person, "POST", "/applications/"+a.id+"/statement", object{"org": m.org, "answer": "supports", "text": "We know their team."})
		}
	}
}

// enters: an accepted applicant goes on as far as the state has it.
func (d *desk) enters(a *applicant, s membership.AppState, v membership.AppVerb) {
	d.Helper()
	d.Must(200, *d.colin, "POST", "/applications/"+a.id+"/decide", object{"accept": true, "why": "Fine."})
	if s == membership.AppAccepted && v != membership.AppSign {
		return
	}
	d.step(a, "/prepare", object{})
	form := url.Values{"name": {"Contact"}, "time_zone": {"UTC"}, "password": {"plain words in a row " + a.name}}.Encode()
	d.Insist(303, "", "POST", d.mailed(a, joinLink), form, "Content-Type", "application/x-www-form-urlencoded")
	a.Person = d.known(a.address)
	a.org = d.Must(200, *d.cora, "GET", "/applications/"+a.id, nil).Text("org")
	d.signs(a.Person, a.org)
	if s == membership.AppAccepted {
		return
	}
	d.Must(200, *a.Person, "POST", "/applications/"+a.id+"/sign", nil)
	if s == membership.AppSigned {
		return
	}
	d.well(d.tested(a))
	if s == membership.AppActive {
		d.step(a, "/activate", nil)
	}
}

// tested: a test page is sent, and answered.
func (d *desk) tested(a *applicant) stage.Answer {
	d.Helper()
	if sent := d.ask(d.cora, "POST", "/applications/"+a.id+"/test", nil); sent.Status >= 300 {
		return sent
	}
	return d.Ask("", "POST", "/api/v1/application-links/answer", object{"secret": d.mailed(a, testLink)})
}

// voted: the board decides; the last vote closes the ballot.
func (d *desk) voted(a *applicant, accept bool) (last stage.Answer) {
	d.Helper()
	choice := map[bool]string{true: "yes", false: "no"}[accept]
	for _, m := range d.founders {
		last = d.Must(200, *m.Person, "POST", "/board/motions/"+a.motion+"/vote", object{"choice": choice})
	}
	return last
}

var (
	pageLink = regexp.MustCompile(`/applying/([A-Za-z0-9_-]{43})`)
	testLink = regexp.MustCompile(`/applying/answer/([A-Za-z0-9_-]{43})`)
	joinLink = regexp.MustCompile(`/join/[A-Za-z0-9_-]+`)
)

func (d *desk) mailed(a *applicant, what *regexp.Regexp) string {
	d.Helper()
	return d.found(a.address, what.FindStringSubmatch)
}

func (a *applicant) form(statement string) object {
	return object{"name": a.name, "class": "vendor", "website": "https://" + a.name + ".example", "statement": statement, "contact": a.address, "contact_name": "Contact", "sponsors": []string{"member1", "member2"}}
}

// begins begins an application and confirms its address. What comes by link
// from one place is counted by the hour, and here it is always one place.
func (d *desk) begins(program string) *applicant {
	d.Helper()
	d.Clock.Advance(5 * time.Minute)
	d.serial++
	name := fmt.Sprintf("applicant%d", d.serial)
	a := &applicant{name: name, address: "psirt@" + name + ".example"}
	in := a.form("We make things.")
	in["program"] = program
	got := d.Must(201, *d.cora, "POST", "/applications", in)
	a.id, a.finder = got.Text("id"), "Finder "+got.Text("secret")
	d.Insist(200, "", "POST", "/api/v1/application-links/confirm", object{"secret": d.mailed(a, pageLink)})
	return a
}

// signs accepts the agreement for an organization.
func (d *desk) signs(p *stage.Person, org string) {
	d.Helper()
	current := d.Must(200, *p, "GET", "/agreements/"+d.nda, nil).Body["current"].(object)
	d.Must(201, *p, "POST", "/agreements/"+d.nda+"/acceptances", object{"version_id": current["id"], "org_id": org})
}
