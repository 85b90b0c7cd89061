package pages_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/test/harness"

	"github.com/chromedp/chromedp"
)

// walker goes through the portal with JavaScript switched off.
type walker struct {
	*testing.T
	page *harness.Page
	who  string
}

func (d *demo) walker(t *testing.T, guest int) walker {
	t.Helper()
	w := walker{t, d.Page(t, harness.View{NoScript: true}), "a stranger"}
	if guest != nobody {
		w.who = guests[guest]
		w.page.SignIn(t, d.as(t, guest))
	}
	return w
}

func (w walker) open(path string) {
	w.Helper()
	if status := w.page.Goto(w.T, path); status != http.StatusOK {
		w.Fatalf("%s as %s: status %d", path, w.who, status)
	}
}

// send presses the button of the form with an action, and wants the answer to
// be a page that is no refusal.
func (w walker) send(action string) {
	w.Helper()
	w.press(fmt.Sprintf(`form[action=%q] .acts button, form[action=%q] .send button`, action, action))
}

func (w walker) press(css string) {
	w.Helper()
	if status := w.page.Follow(w.T, css); status != http.StatusOK {
		w.Fatalf("%s as %s answers %d: %s", css, w.who, status, w.text())
	}
}

func (w walker) fill(action, field, value string) {
	w.Helper()
	w.page.Fill(w.T, fmt.Sprintf(`form[action=%q] [name=%q]`, action, field), value)
}

func (w walker) choose(action, field, value string) {
	w.Helper()
	w.page.Do(w.T, chromedp.SetValue(chromedp.CSS(fmt.Sprintf(`form[action=%q] [name=%q]`, action, field)), value))
}

func (w walker) text() string {
	w.Helper()
	return w.page.Text(w.T, "main")
}

func (w walker) sees(words string) {
	w.Helper()
	if got := w.text(); !strings.Contains(got, words) {
		w.Fatalf("%s as %s does not say %q:\n%s", w.at(), w.who, words, got)
	}
}

// at is the path where the browser is.
func (w walker) at() string {
	w.Helper()
	u := harness.Run(w.T, w.page, chromedp.Location())
	_, rest, _ := strings.Cut(strings.TrimPrefix(u, "http://"), "/")
	path, _, _ := strings.Cut("/"+rest, "?")
	return path
}

// link is the first address on the page that a pattern matches.
func (w walker) link(pattern string) string {
	w.Helper()
	body := harness.Run(w.T, w.page, chromedp.OuterHTML(chromedp.CSS("body")))
	m := regexp.MustCompile(`(?:href|action)="(` + pattern + `)"`).FindStringSubmatch(body)
	if m == nil {
		w.Fatalf("%s as %s leads to no %s:\n%s", w.at(), w.who, pattern, w.text())
	}
	return m[1]
}

// TestEveryVerbWithoutScript lives through a case in a browser that runs no
// script: open, describe, invite, accept, say where one stands, propose,
// consent, talk; and a report without an account, and following it.
func TestEveryVerbWithoutScript(t *testing.T) {
	d := start(t)
	cora, viktor := d.walker(t, coordinator), d.walker(t, vendor)

	cora.open("/cases/new")
	cora.fill("/cases/new", "title", "Weak key in libexample")
	cora.fill("/cases/new", "summary", "A key has *few* bits.")
	cora.send("/cases/new")
	number := cora.at()
	cora.sees("Weak key in libexample")

	cora.open(number + "/vulnerabilities/new")
	cora.fill(number+"/vulnerabilities/new", "title", "Few bits")
	cora.fill(number+"/vulnerabilities/new", "cve", "CVE-2026-50001")
	cora.send(number + "/vulnerabilities/new")

	cora.open(number + "/invite")
	cora.page.Fill(t, `form:has([name="component"]) [name="component"]`, "libexample")
	cora.page.Fill(t, `form:has([name="component"]) [name="reason"]`, "Ships it.")
	cora.press(`form:has([name="component"]) .acts button`)
	cora.open(number + "/vendors")
	cora.sees("Vexel Systems")

	viktor.open("/")
	invitation := viktor.link(`/invitations/[^"/]+`)
	viktor.open(invitation)
	viktor.send(invitation + "/accept")
	viktor.open(number)
	viktor.sees("Weak key in libexample")

	viktor.open(number + "/vendors")
	party := viktor.link(number + `/vendors/[^"/?]+`)
	viktor.open(number)
	for _, p := range []string{viktor.link(number + `/vendors/[^"/?]+`), party} {
		if viktor.page.Goto(t, p+"/status") == http.StatusOK {
			party = p
			break
		}
	}
	status := viktor.link(regexp.QuoteMeta(party) + `/status`)
	viktor.page.Do(t, chromedp.Click(chromedp.CSS(fmt.Sprintf(`form[action=%q] [name="status"][value="affected"]`, status)), chromedp.NodeVisible))
	viktor.fill(status, "statement", "Our routers are.")
	viktor.send(status)
	viktor.open(number + "/vendors")
	viktor.sees("affected")

	ends := time.Now().UTC().Add(20 * 24 * time.Hour).Format("2006-01-02T15:04")
	cora.open(number + "/timetable")
	cora.choose(number+"/timetable", "ends_at", ends)
	cora.choose(number+"/timetable", "ends_at_zone", "UTC")
	cora.fill(number+"/timetable", "reason", "One release train.")
	cora.send(number + "/timetable")
	viktor.open(number + "/timetable")
	consent := viktor.link(number + `/timetable/[^"/]+/consent`)
	viktor.page.Click(t, `button[popovertarget^="consent-"]`) // opens without script
	viktor.press(fmt.Sprintf(`form[action=%q] button`, consent))
	viktor.sees("1 of 1 consent")

	viktor.open(number + "/talk")
	thread := viktor.link(number + `/talk/thr_[^"/?#]+`)
	viktor.open(thread)
	viktor.page.Fill(t, `form.composer textarea`, "We reproduce it with **two** keys.")
	viktor.press(`form.composer .send button`)
	cora.open(thread)
	cora.sees("We reproduce it with two keys.")

	stranger := d.walker(t, nobody)
	stranger.open("/report")
	stranger.fill("/report", "title", "Door opens without a key")
	stranger.fill("/report", "description", "Knock twice.")
	stranger.fill("/report", "component", "libdoor")
	stranger.fill("/report", "how_found", "By knocking.")
	time.Sleep(4 * time.Second) // whoever sends a form at once is no person
	stranger.send("/report")
	link := regexp.MustCompile(`/report/\S{20,}`).FindString(stranger.text())
	stranger = d.walker(t, nobody) // another browser, later
	stranger.open(link)
	stranger.sees("Door opens without a key")
	stranger.page.Fill(t, `form[action="/finder/say"] textarea`, "Three times works as well.")
	stranger.press(`form[action="/finder/say"] button`)
	stranger.sees("Three times works as well.")
	cora.open("/reports")
	cora.sees("Door opens without a key")
}
