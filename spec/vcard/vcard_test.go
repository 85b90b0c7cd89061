package vcard

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestACard(t *testing.T) {
	var b strings.Builder
	err := Write(&b, "Tocsin", []Card{{UID: "con_1", Name: "Duty; desk, Vienna", Group: true, Org: `Vexel\Labs`, Role: "duty desk", Mail: "desk@vexel.example", Phone: "+43123456701", Chat: "xmpp:desk@vexel.example",
		TimeZone: "Europe/Vienna", Languages: []string{"de-AT", "en"}, Categories: []string{"libexample", "a,b"}, Notes: []string{"TLP:GREEN", "Hours 09:00–17:00"}, Revised: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}})
	want := strings.ReplaceAll(`BEGIN:VCARD
VERSION:4.0
PRODID:Tocsin
UID;VALUE=text:con_1
KIND:group
FN:Duty\; desk\, Vienna
ORG:Vexel\\Labs
ROLE:duty desk
EMAIL;TYPE=work:desk@vexel.example
TEL;VALUE=uri;TYPE=work:tel:+43123456701
IMPP:xmpp:desk@vexel.example
LANG;PREF=1:de-AT
LANG;PREF=2:en
TZ:Europe/Vienna
CATEGORIES:libexample,a\,b
NOTE:TLP:GREEN\nHours 09:00–17:00
REV:20261122T100000Z
END:VCARD
`, "\n", "\r\n")
	if err != nil || b.String() != want {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// unfold joins folded lines as 3.2 says, and gives the lines.
func unfold(s string) []string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n ", ""), "\r\n\t", "")
	return strings.Split(strings.TrimSuffix(s, "\r\n"), "\r\n")
}

// FuzzCard: whatever stands in a field stays in its line, no line is too long
// or cuts a character, and the value reads back.
func FuzzCard(f *testing.F) {
	for _, s := range []string{"plain", "a\r\nEND:VCARD", "ü\\,;\n", strings.Repeat("ä", 100), "\x00\x7f\xff", "irc:a b\r\nX:y", "-----BEGIN PGP"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b strings.Builder
		if err := Write(&b, s, []Card{{UID: s, Name: "n" + s, Org: s, Role: s, Mail: s, Phone: s, Chat: s, Key: s, TimeZone: s, Languages: []string{s}, Categories: []string{s, s}, Notes: []string{s}}}); err != nil {
			t.Fatal(err)
		}
		for _, l := range strings.Split(strings.TrimSuffix(b.String(), "\r\n"), "\r\n") {
			if len(l) > maxLine || !utf8.ValidString(l) || strings.ContainsAny(l, "\r\n") {
				t.Fatalf("the line %q", l)
			}
		}
		names := map[string]int{}
		for _, l := range unfold(b.String()) {
			name, value, ok := strings.Cut(l, ":")
			if !ok {
				t.Fatalf("the line %q has no value", l)
			}
			name, _, _ = strings.Cut(name, ";")
			names[name]++
			if name != "FN" {
				continue
			}
			back := strings.NewReplacer(`\\`, `\`, `\,`, ",", `\;`, ";", `\n`, "\n").Replace(value)
			if clean := strings.ToValidUTF8(s, ""); !strings.ContainsFunc(clean, func(r rune) bool { return r < ' ' || r == 0x7f }) && back != "n"+clean {
				t.Fatalf("%q reads back as %q", s, back)
			}
		}
		if names["BEGIN"] != 1 || names["END"] != 1 || names["FN"] != 1 || names["VERSION"] != 1 {
			t.Fatalf("lines: %v", names)
		}
	})
}
