package prose

import (
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Plain is the text of Markdown without its marks: one line for each block,
// code and typed HTML included. Addresses behind words are left out.
func Plain(md string) string {
	src := []byte(valid(md))
	if len(src) > MaxSource {
		return string(src)
	}
	m, ok := fit(src)
	if !ok {
		return string(src)
	}
	doc := m.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext()))
	if !prepare(doc) {
		return string(src)
	}
	var b strings.Builder
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock && b.Len() > 0 && !strings.HasSuffix(b.String(), "\n") {
				b.WriteByte('\n')
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(src))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte('\n')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(src))
		case *ast.RawHTML:
			plainLines(&b, src, n.Segments)
		case *ast.CodeBlock, *ast.FencedCodeBlock, *ast.HTMLBlock:
			plainLines(&b, src, n.Lines())
		}
		return ast.WalkContinue, nil
	})
	return strings.TrimSpace(b.String())
}

func plainLines(b *strings.Builder, src []byte, lines *text.Segments) {
	for i := range lines.Len() {
		s := lines.At(i)
		b.Write(s.Value(src))
	}
}

// Snippet is the beginning of Plain in one line of at most n runes, with an
// ellipsis where it was cut.
func Snippet(md string, n int) string {
	const factor = 16 // a snippet needs no more of a long text than this
	if len(md) > factor*n+1024 {
		md = md[:factor*n+1024]
	}
	s := strings.Join(strings.Fields(Plain(md)), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return strings.TrimRight(string(r[:max(0, n-1)]), " ") + "…"
}
