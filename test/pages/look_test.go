package pages_test

import (
	"flag"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"tocsin/test/harness"

	"github.com/chromedp/chromedp"
)

// maxWeight is what a page may weigh in bytes, with all it loads.
const maxWeight = 100_000

var updateScreens = flag.Bool("update-screens", false, "make docs/screens anew")

// restricted are the pages that show records which are not for everybody.
var restricted = regexp.MustCompile(`^/(cases/[^/]+|reports/[A-Z][^/]*)(/|$)`)

// look opens a page and holds it against what every page owes.
func look(t *testing.T, p *harness.Page, who, path string) {
	t.Helper()
	before := len(p.Complaints())
	if n := p.Weigh(t, path); n > maxWeight {
		t.Errorf("%s as %s weighs %d bytes, want at most %d", path, who, n, maxWeight)
	} else if testing.Verbose() {
		t.Logf("%6d bytes %s as %s", n, path, who)
	}
	check(t, p, who, path, before)
}

func check(t *testing.T, p *harness.Page, who, path string, before int) {
	t.Helper()
	for _, c := range p.Complaints()[before:] {
		t.Errorf("%s as %s: %s", path, who, c)
	}
	for _, v := range p.Axe(t) {
		t.Errorf("%s as %s: %s", path, who, v)
	}
	if restricted.MatchString(path) && path != "/cases/new" {
		if text := harness.Run(t, p, chromedp.Evaluate[string](`document.body.innerText`)); !strings.Contains(text, "TLP:") {
			t.Errorf("%s as %s shows a restricted record without its marking", path, who)
		}
	}
}

// TestEveryPage walks what each guest and a passer-by reach by links.
func TestEveryPage(t *testing.T) {
	d := start(t)
	public := []string{"/", "/sign-in", "/report", "/advisories", "/subscribe", "/programs", "/roadmap"}
	for guest, who := range guests {
		t.Run(who, func(t *testing.T) {
			c := d.as(t, guest)
			limit := 45
			if guest > vendor {
				limit = 12 // what differs for them
			}
			p := d.Page(t, harness.View{})
			p.SignIn(t, c)
			for _, path := range d.places(t, c, limit, "/") {
				look(t, p, who, path)
			}
		})
	}
	t.Run("passer-by", func(t *testing.T) {
		p := d.Page(t, harness.View{})
		for _, path := range d.places(t, d.Client(t), 20, public...) {
			look(t, p, "a passer-by", path)
		}
		if status := p.Goto(t, "/nowhere"); status != http.StatusNotFound {
			t.Errorf("/nowhere answers %d", status)
		}
		check(t, p, "a passer-by", "/nowhere", len(p.Complaints()))
	})
}

// main are the ten pages that carry the product.
func (d *demo) main(t *testing.T) []scene {
	t.Helper()
	c := d.as(t, coordinator)
	number := regexp.MustCompile(`/cases/([A-Z]+-\d+-\d+)"[^>]*>[^<]*(?:<[^>]*>)*[^<]*Heap overflow`)
	list := c.Get(t, "/cases").Body
	m := number.FindSubmatch(list)
	if m == nil {
		if m = regexp.MustCompile(`/cases/([A-Z]+-\d+-\d+)`).FindSubmatch(list); m == nil {
			t.Fatal("the coordinator sees no case")
		}
	}
	live := "/cases/" + string(m[1])
	advisory := "/advisories"
	if m := regexp.MustCompile(`href="(/advisories/[a-z][^"/.]*-\d[^"/.]*)"`).FindSubmatch(d.Client(t).Get(t, "/advisories").Body); m != nil {
		advisory = string(m[1])
	}
	return []scene{
		{"desk", "Desk", vendor, "/"},
		{"cases", "Cases", coordinator, "/cases"},
		{"case", "A case", vendor, live},
		{"vendors", "The vendor matrix", coordinator, live + "/vendors"},
		{"timetable", "The timetable", coordinator, live + "/timetable"},
		{"talk", "Talk", vendor, live + "/talk"},
		{"timeline", "The timeline", coordinator, live + "/timeline"},
		{"report", "The report form", nobody, "/report"},
		{"advisory", "A released advisory", nobody, advisory},
		{"triage", "Triage", coordinator, "/reports"},
	}
}

// scene is one of the main pages as somebody sees it.
type scene struct {
	name, title string
	guest       int
	path        string
}

const nobody = -1

func TestMainPages(t *testing.T) {
	d := start(t)
	scenes := d.main(t)
	for _, v := range []struct {
		name string
		view harness.View
	}{
		{"desktop-light", harness.View{Width: 1280, Height: 860}}, {"desktop-dark", harness.View{Width: 1280, Height: 860, Dark: true}},
		{"phone-light", harness.View{Phone: true}}, {"phone-dark", harness.View{Phone: true, Dark: true}},
	} {
		t.Run(v.name, func(t *testing.T) {
			tabs := map[int]*harness.Page{}
			for _, s := range scenes {
				p := tabs[s.guest]
				if p == nil {
					p = d.Page(t, v.view)
					if s.guest != nobody {
						p.SignIn(t, d.as(t, s.guest))
					}
					tabs[s.guest] = p
				}
				before := len(p.Complaints())
				if status := p.Goto(t, s.path); status != http.StatusOK {
					t.Errorf("%s answers %d", s.path, status)
				}
				check(t, p, s.name, s.path, before)
				if wide := harness.Run(t, p, chromedp.Evaluate[int64](`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); wide > 0 {
					t.Errorf("%s (%s) is %d pixels wider than the window", s.name, v.name, wide)
				}
				s.screen(t, p, v.name)
			}
		})
	}
	if *updateScreens {
		describe(t, scenes)
	}
}

// screen makes the picture of a scene, or sees that there is one.
func (s scene) screen(t *testing.T, p *harness.Page, view string) {
	t.Helper()
	file := screens(t, s.name+"-"+view+".png")
	if *updateScreens {
		p.Shoot(t, file, false)
		shrink(t, file)
	}
	if info, err := os.Stat(file); err != nil || info.Size() < 1000 {
		t.Errorf("docs/screens lacks the picture of %s in %s: go test ./pages -run TestMainPages -update-screens", s.name, view)
	}
}
