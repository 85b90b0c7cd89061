package portal

import (
	"testing"

	"tocsin/spec/csaf"
)

func TestOthersNotesAreTextAlone(t *testing.T) {
	if got := plainText("a <b>\nc\r\n\r\n<script>alert(1)</script>"); got != "<p>a &lt;b&gt;<br>c</p><p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" {
		t.Errorf("plainText is %s", got)
	}
	w := &proseWriter{room: 100}
	list := w.notes([]csaf.Note{{Category: "general", Title: "Practices", Text: "one"}, {Category: "general", Title: "Practices", Text: "two"}, {Category: "legal_disclaimer", Text: "three"}})
	if len(list) != 2 || list[0].Body != "<p>one</p><p>two</p>" || list[1].Title != "Legal disclaimer" {
		t.Errorf("notes are %+v", list)
	}
}
