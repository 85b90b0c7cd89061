package prose_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/spec/prose"
)

func TestHTML(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"emphasis", "a *b* **c** ~~d~~", "<p>a <em>b</em> <strong>c</strong> <del>d</del></p>\n"},
		{"headings lie below the page's", "# One\n\n## Two\n\n### Three\n\n#### Four\n\n##### Five", "<h3>One</h3>\n<h4>Two</h4>\n<h5>Three</h5>\n<h6>Four</h6>\n<h6>Five</h6>\n"},
		{"headings step by one", "## Two\n\n##### Five\n\n### Three\n\n## Two\n\n# One\n\n### Three", "<h3>Two</h3>\n<h4>Five</h4>\n<h4>Three</h4>\n<h3>Two</h3>\n<h3>One</h3>\n<h4>Three</h4>\n"},
		{"link", "[x](https://a.example/b?c=1&d=2)", `<p><a href="https://a.example/b?c=1&amp;d=2" rel="nofollow noreferrer noopener" target="_blank">x</a></p>` + "\n"},
		{"bare link", "see https://a.example.", `<p>see <a href="https://a.example" rel="nofollow noreferrer noopener" target="_blank">https://a.example</a>.</p>` + "\n"},
		{"own page", "[x](/cases/TA-2026-0001)", `<p><a href="/cases/TA-2026-0001" rel="nofollow noreferrer">x</a></p>` + "\n"},
		{"script link", "[x](javascript:alert(1))", "<p>x</p>\n"},
		{"data link", "[x](data:text/html;base64,PHNjcmlwdD4=)", "<p>x</p>\n"},
		{"image", "![map](https://a.example/pixel.gif)", `<p><a href="https://a.example/pixel.gif" rel="nofollow noreferrer noopener" target="_blank">map</a></p>` + "\n"},
		{"image without words", "![](https://a.example/p.gif)", `<p><a href="https://a.example/p.gif" rel="nofollow noreferrer noopener" target="_blank">https://a.example/p.gif</a></p>` + "\n"},
		{"image in a link", "[![map](/m.png)](https://b.example)", `<p><a href="https://b.example" rel="nofollow noreferrer noopener" target="_blank">map</a></p>` + "\n"},
		{"html in a line", "a <b onclick=x>c</b>", "<p>a &lt;b onclick=x&gt;c&lt;/b&gt;</p>\n"},
		{"html block", "<script>\nalert(1)\n</script>", "<pre>&lt;script&gt;\nalert(1)\n&lt;/script&gt;</pre>\n"},
		{"code", "```c\nx < y\n```", "<pre><code class=\"language-c\">x &lt; y\n</code></pre>\n"},
		{"odd language", "```\"onload=x\nx\n```", "<pre><code>x\n</code></pre>\n"},
		{"list", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"},
		{"table", "|a|b|\n|:-|-:|\n|1|2|", "<table>\n<thead>\n<tr>\n<th align=\"left\">a</th>\n<th align=\"right\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"left\">1</td>\n<td align=\"right\">2</td>\n</tr>\n</tbody>\n</table>\n"},
		{"zero byte", "a\x00b\xff", "<p>a\ufffdb\ufffd</p>\n"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(prose.HTML(c.in)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	in := "# Heap *overflow*\n\nSee [the note](https://a.example) and <https://b.example>.\n\n- one\n- `two`\n\n```\nx < y\n```\n\n|a|b|\n|-|-|\n|1|2|\n\n<script>z</script>"
	want := "Heap overflow\nSee the note and https://b.example.\none\ntwo\nx < y\na\nb\n1\n2\n<script>z</script>"
	if got := prose.Plain(in); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := prose.Snippet(in, 12); got != "Heap overfl…" {
		t.Errorf("snippet %q", got)
	}
	if got := prose.Snippet("äöü", 3); got != "äöü" {
		t.Errorf("snippet %q", got)
	}
}

// hostile are texts whose naive reading costs far more than their length.
func hostile() map[string]string {
	const n = 64 << 10
	times := func(s string) string { return strings.Repeat(s, n/len(s)) }
	rows := strings.Repeat("|a", 3000) + "|\n" + strings.Repeat("|-", 3000) + "|\n" + strings.Repeat("x\n", 20_000)
	return map[string]string{
		"quotes":          times(">"),
		"quotes in lines": times("> > > > > > > > > > > >\n"),
		"lists":           times("- "),
		"stairs":          stairs(),
		"open brackets":   times("["),
		"open images":     times("!["),
		"closed brackets": times("[a]("),
		"stars":           times("*a "),
		"mixed stars":     times("*a **b _c __d "),
		"ticks":           ticks(n),
		"angles":          times("<a "),
		"comments":        times("<!-- "),
		"wide table":      rows,
		"escaped pipes":   "|" + times("`\\|") + "|\n|-|\n|a|",
		"references":      "[a]: https://a.example/" + strings.Repeat("x", n/2) + "\n\n" + strings.Repeat("[a] ", n/8),
		"many references": times("[a]: /b\n"),
		"mail":            times("a@b.c "),
		"one mail":        times("a") + "@" + times("b."),
		"entities":        times("&amp;"),
		"indent":          times("  "),
		"tabs":            times("\t-"),
		"deep emphasis":   strings.Repeat("**a ", 3000) + strings.Repeat("a** ", 3000),
		"nested links":    strings.Repeat("[", n/2) + strings.Repeat("]", n/2),
		"rules":           times("- - - - - -\n"),
		"links":           times("http://a.b "),
		"ten megabytes":   strings.Repeat("*a* ", 10<<18),
	}
}

// head is the beginning of long output, up to the end of a tag.
func head(s string) string {
	if len(s) <= 64<<10 {
		return s
	}
	return s[:strings.LastIndexByte(s[:64<<10], '>')+1]
}

func stairs() string {
	var b strings.Builder
	for i := 0; b.Len() < 64<<10; i++ {
		b.WriteString(strings.Repeat("  ", i) + "- x\n")
	}
	return b.String()
}

func ticks(n int) string {
	var b strings.Builder
	for i := 1; b.Len() < n; i++ {
		b.WriteString(strings.Repeat("`", i) + " ")
	}
	return b.String()
}

func TestHostileTextsCostLittle(t *testing.T) {
	for name, in := range hostile() {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			out := prose.HTML(in)
			prose.Plain(in)
			// Far above what it takes, even on a busy machine under the race
			// detector, and far below what the naive way takes.
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("took %v", d)
			} else {
				t.Logf("%d bytes, %v", len(out), d)
			}
			check(t, head(string(out)))
		})
	}
}

var (
	tags    = regexp.MustCompile(`<(/?)([a-zA-Z][a-zA-Z0-9]*)([^>]*)>`)
	allowed = regexp.MustCompile(`^(p|br|hr|h[3-6]|ul|ol|li|blockquote|pre|code|em|strong|del|table|thead|tbody|tr|th|td|a)$`)
	attrs   = regexp.MustCompile(`^( (start="[0-9]+"|align="(left|center|right)"|class="language-[A-Za-z0-9+#_.-]+"|href="[^"<>]*"|rel="[a-z ]+"|target="_blank"))* ?/?$`)
	href    = regexp.MustCompile(`href="([^"]*)"`)
	scheme  = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*:`)
)

// check holds output against what may stand in it.
func check(t *testing.T, out string) {
	t.Helper()
	if len(out) > 8<<20 {
		t.Errorf("%d bytes come out", len(out))
	}
	if rest := tags.ReplaceAllString(out, ""); strings.Contains(rest, "<") {
		t.Error("something reads as the beginning of a tag")
	}
	for _, m := range tags.FindAllStringSubmatch(out, -1) {
		if !allowed.MatchString(m[2]) || !attrs.MatchString(m[3]) {
			t.Fatalf("a tag that must not be there: %q", m[0])
		}
		if h := href.FindStringSubmatch(m[3]); h != nil {
			to := strings.ToLower(h[1])
			if scheme.MatchString(to) && !strings.HasPrefix(to, "http://") && !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "mailto:") && !strings.HasPrefix(to, "http:") && !strings.HasPrefix(to, "https:") {
				t.Fatalf("a link that must not be there: %q", m[0])
			}
			if !strings.Contains(m[3], "nofollow") || !strings.Contains(m[3], "noreferrer") {
				t.Fatalf("a link without its rel: %q", m[0])
			}
		}
	}
}

func FuzzHTML(f *testing.F) {
	for _, s := range hostile() {
		f.Add(s[:min(len(s), 400)])
	}
	for _, s := range []string{"[x](javascript:alert(1))", "<a href=\"x\" onclick=y>", "![a](b \"c\")", "<script>x</script>", "a\n=\n\n|a|\n|-|\n|<b>|", "[a]: <javascript:x>\n[a]", "&#x3c;img src=x&#x3e;", "`<b>`", "<https://a.example/\"onclick=x>", "[x](http:javascript)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, md string) {
		start := time.Now()
		check(t, string(prose.HTML(md)))
		prose.Snippet(md, 80)
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%d bytes took %v", len(md), d)
		}
	})
}
