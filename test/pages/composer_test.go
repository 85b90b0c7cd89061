package pages_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tocsin/test/harness"

	"github.com/chromedp/chromedp"
)

// TestTheComposerFollowsTheMarking chooses each marking in turn and looks for
// the one line that says who sees it; without scripts all lines stand.
func TestTheComposerFollowsTheMarking(t *testing.T) {
	d := start(t)
	live := d.main(t)[2].path
	shown := func(p *harness.Page) string {
		return harness.Run(t, p, chromedp.Evaluate[string](`[...document.querySelectorAll('.composer [data-marking]')].filter((l) => l.checkVisibility()).map((l) => l.dataset.marking).join(' ')`))
	}
	p, still := d.Page(t, harness.View{}), d.Page(t, harness.View{Phone: true, NoScript: true})
	for _, x := range []*harness.Page{p, still} {
		x.SignIn(t, d.as(t, coordinator))
		if status := x.Goto(t, live+"/talk"); status != http.StatusOK {
			t.Fatalf("the thread answers %d", status)
		}
	}
	offered := strings.Fields(harness.Run(t, p, chromedp.Evaluate[string](`[...document.querySelectorAll('.composer [name=marking] option')].map((o) => o.value).join(' ')`)))
	if len(offered) < 2 || shown(still) != strings.Join(offered, " ") {
		t.Errorf("without scripts %q stands of %v", shown(still), offered)
	}
	for _, marking := range offered {
		harness.Run(t, p, chromedp.Evaluate[bool](fmt.Sprintf(`(() => { const s = document.querySelector('.composer [name=marking]'); s.value = %q; return s.dispatchEvent(new Event('input', { bubbles: true })); })()`, marking)))
		if got := shown(p); got != marking {
			t.Errorf("%s is chosen, and %q shown", marking, got)
		}
	}
	check(t, p, "coordinator", live+"/talk", 0)
}
