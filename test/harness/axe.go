package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tocsin/internal/kernel/db/dbtest"

	"github.com/chromedp/chromedp"
)

// Violation is one finding of axe-core on a page.
type Violation struct {
	ID      string   `json:"id"`
	Impact  string   `json:"impact"`
	Help    string   `json:"help"`
	Targets []string `json:"targets"` // CSS paths of the elements, the first few
}

func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s: %s", v.ID, v.Impact, v.Help, strings.Join(v.Targets, ", "))
}

var axeSource = sync.OnceValues(func() (string, error) {
	root, err := dbtest.Root()
	if err != nil {
		return "", err
	}
	src, err := os.ReadFile(filepath.Join(root, "test", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return "", fmt.Errorf("axe-core is not there; run `npm ci` in test/: %w", err)
	}
	return string(src), nil
})

// The rules are axe's own default set: WCAG A and AA up to 2.2 and its best
// practices. target-size is WCAG 2.2 AA and off by default.
const axeRun = `axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}}).then(r =>
	r.violations.map(v => ({id: v.id, impact: v.impact || "", help: v.help, targets: v.nodes.slice(0, 5).map(n => n.target.join(" "))})))`

// Axe runs axe-core against the page as it stands.
func (p *Page) Axe(t testing.TB) []Violation {
	t.Helper()
	src, err := axeSource()
	if err != nil {
		t.Fatal(err)
	}
	p.Do(t, chromedp.Evaluate[chromedp.Void](src))
	return Run(t, p, chromedp.Evaluate[[]Violation](axeRun, chromedp.EvalAwaitPromise))
}

// Accessible fails the test for everything that axe-core finds on the page.
func (p *Page) Accessible(t testing.TB) {
	t.Helper()
	for _, v := range p.Axe(t) {
		t.Errorf("%s: %s", Run(t, p, chromedp.Location()), v)
	}
}
