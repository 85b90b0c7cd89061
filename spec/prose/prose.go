// Package prose turns the Markdown that people write (CommonMark with GFM
// tables, strikethrough and bare links) into HTML that is safe to show, and
// into plain text for search and snippets.
//
// Raw HTML is shown as it was typed and never takes effect. Images become
// links, so that reading a text calls nobody. Links carry rel="noopener
// noreferrer nofollow". Input, nesting and output are bounded: a text that
// goes beyond a bound is shown as it was typed, in one pre element.
package prose

import (
	"bytes"
	"errors"
	"html"
	"html/template"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Bounds of one text.
const (
	// MaxSource is how many bytes are read as Markdown. Fields have smaller
	// limits of their own; a longer text is shown as typed, cut here.
	MaxSource  = 256 << 10
	maxOutput  = 2 << 20 // bytes of HTML
	maxDepth   = 40      // elements inside one another
	maxAddress = 2000    // bytes of a link's address
)

// topHeading is the level of a text's uppermost headings, below those of the
// page.
const topHeading = 3

var (
	markdown = build(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), extension.Strikethrough, bareLinks)
	// simple is for texts whose tables would cost too much.
	simple    = build(extension.Strikethrough, bareLinks)
	bareLinks = extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"}))
	policy    = newPolicy()
)

func build(extensions ...goldmark.Extender) goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extensions...), goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(asTyped{}, 100))))
}

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "del", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,9}$`)).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|center|right)$`)).OnElements("th", "td")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^language-[A-Za-z0-9+#_.-]{1,40}$`)).OnElements("code")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
}

// HTML renders Markdown. Any input gives safe HTML; none fails.
func HTML(md string) template.HTML {
	src := []byte(valid(md))
	if len(src) > MaxSource {
		return Verbatim(string(src[:MaxSource]))
	}
	m, ok := fit(src)
	if !ok {
		return Verbatim(string(src))
	}
	doc := m.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext()))
	if !prepare(doc) {
		return Verbatim(string(src))
	}
	out := &bounded{left: maxOutput}
	if err := m.Renderer().Render(out, src, doc); err != nil || out.left < 0 {
		return Verbatim(string(src))
	}
	return template.HTML(policy.SanitizeBytes(out.buf.Bytes()))
}

// Verbatim shows a text exactly as it was typed.
func Verbatim(s string) template.HTML {
	return template.HTML("<pre>" + html.EscapeString(valid(s)) + "</pre>")
}

func valid(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}

// address drops one that is too long to be honest: a short text may repeat it
// a thousand times.
func address(to []byte) []byte {
	if len(to) > maxAddress {
		return nil
	}
	return to
}

// prepare bounds the depth and the addresses of a document and lowers its
// headings.
func prepare(doc ast.Node) bool {
	depth := 0
	var open []int // the levels, as written, of the headings that the text stands under
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			depth--
			return ast.WalkContinue, nil
		}
		if depth++; depth > maxDepth {
			return ast.WalkStop, errTooDeep
		}
		switch n := n.(type) {
		case *ast.Heading:
			for len(open) > 0 && open[len(open)-1] >= n.Level {
				open = open[:len(open)-1]
			}
			open = append(open, n.Level)
			n.Level = min(6, topHeading-1+len(open)) // whatever was left out, they step by one
		case *ast.Link:
			n.Destination = address(n.Destination)
		case *ast.Image:
			n.Destination = address(n.Destination)
		}
		return ast.WalkContinue, nil
	})
	return err == nil
}

var (
	errTooDeep = errors.New("nested too deeply")
	errTooLong = errors.New("the output is too long")
)

// bounded collects output until there is too much of it.
type bounded struct {
	buf  bytes.Buffer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errTooLong
	}
	return b.buf.Write(p)
}

// asTyped renders raw HTML as the text it is, and images as links.
type asTyped struct{}

func (asTyped) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindRawHTML, rawInline)
	r.Register(ast.KindHTMLBlock, rawBlock)
	r.Register(ast.KindImage, image)
}

func rawInline(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		writeLines(w, src, n.(*ast.RawHTML).Segments)
	}
	return ast.WalkSkipChildren, nil
}

func rawBlock(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	b := n.(*ast.HTMLBlock)
	if entering {
		w.WriteString("<pre>")
		writeLines(w, src, b.Lines())
		return ast.WalkContinue, nil
	}
	if b.HasClosure() {
		w.Write(util.EscapeHTML(b.ClosureLine.Value(src)))
	}
	w.WriteString("</pre>\n")
	return ast.WalkContinue, nil
}

func writeLines(w util.BufWriter, src []byte, lines *text.Segments) {
	for i := range lines.Len() {
		s := lines.At(i)
		w.Write(util.EscapeHTML(s.Value(src)))
	}
}

func image(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindLink || p.Kind() == ast.KindImage {
			return ast.WalkContinue, nil // a link holds no link
		}
	}
	to := n.(*ast.Image).Destination
	if gmhtml.IsDangerousURL(to) {
		to = nil
	}
	if entering {
		w.WriteString(`<a href="`)
		w.Write(util.EscapeHTML(util.URLEscape(to, true)))
		w.WriteString(`">`)
		if !n.HasChildren() {
			w.Write(util.EscapeHTML(to))
		}
	} else {
		w.WriteString("</a>")
	}
	return ast.WalkContinue, nil
}
