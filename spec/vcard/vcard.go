// Package vcard writes contacts as vCard 4.0 (RFC 6350). It writes only what
// contacts of teams need, and reads nothing.
package vcard

import (
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Card is one contact. Empty fields are left out.
type Card struct {
	UID        string // any text that stays the same over versions
	Name       string // FN, required by 6.2.1
	Group      bool   // a team or desk and not a person (KIND, 6.1.4)
	Org        string
	Role       string
	Mail       string
	Phone      string   // E.164, written as a tel: URI (RFC 3966)
	Chat       string   // an address people write; IMPP wants a URI, so it is a note unless it is one
	Key        string   // armored OpenPGP public key
	TimeZone   string   // IANA name
	Languages  []string // BCP 47, preferred first
	Categories []string
	Notes      []string // one line each
	Revised    time.Time
}

// Write writes one card after the other.
func Write(w io.Writer, product string, cards []Card) error {
	var b strings.Builder
	for _, c := range cards {
		c.write(&b, product)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (c Card) write(b *strings.Builder, product string) {
	text := func(name, value string) {
		if value != "" {
			line(b, name+":"+Escape(value))
		}
	}
	line(b, "BEGIN:VCARD")
	line(b, "VERSION:4.0")
	text("PRODID", product)
	if c.UID != "" {
		line(b, "UID;VALUE=text:"+Escape(c.UID))
	}
	kind := "individual"
	if c.Group {
		kind = "group"
	}
	line(b, "KIND:"+kind)
	text("FN", c.Name)
	text("ORG", c.Org)
	text("ROLE", c.Role)
	text("EMAIL;TYPE=work", c.Mail)
	if c.Phone != "" {
		line(b, "TEL;VALUE=uri;TYPE=work:tel:"+uri(c.Phone))
	}
	notes := c.Notes
	if isURI(c.Chat) {
		line(b, "IMPP:"+uri(c.Chat))
	} else if c.Chat != "" {
		notes = append([]string{"Chat: " + c.Chat}, notes...)
	}
	for i, l := range c.Languages {
		line(b, "LANG;PREF="+string(rune('1'+min(i, 8)))+":"+Escape(l))
	}
	text("TZ", c.TimeZone)
	if len(c.Categories) > 0 {
		list := make([]string, len(c.Categories))
		for i, s := range c.Categories {
			list[i] = Escape(s)
		}
		line(b, "CATEGORIES:"+strings.Join(list, ","))
	}
	text("KEY;MEDIATYPE=application/pgp-keys;VALUE=text", c.Key)
	text("NOTE", strings.Join(notes, "\n"))
	if !c.Revised.IsZero() {
		line(b, "REV:"+c.Revised.UTC().Format("20060102T150405Z"))
	}
	line(b, "END:VCARD")
}

// escapes are those of 3.4 and 4 for a text value. A carriage return would end
// a line, so it becomes a line break of the value too.
var escapes = strings.NewReplacer(`\`, `\\`, ",", `\,`, ";", `\;`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// Escape writes a text value (RFC 6350, 3.4): backslash, comma and semicolon
// escaped, line breaks as \n; control characters and what is not UTF-8 left
// out.
func Escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return escapes.Replace(s)
}

// isURI reports whether s is written with one of the schemes that name a chat.
func isURI(s string) bool {
	scheme, _, ok := strings.Cut(s, ":")
	switch strings.ToLower(scheme) {
	case "xmpp", "sip", "sips", "matrix", "irc", "ircs", "im", "https":
		return ok
	}
	return false
}

// uri keeps out of a URI value what could end its line.
func uri(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}

// maxLine is the most octets of a line without its break (3.2).
const maxLine = 75

// line writes a content line, folded between characters (3.2).
func line(b *strings.Builder, s string) {
	room := maxLine
	for len(s) > room {
		cut := room
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		b.WriteString(s[:cut])
		b.WriteString("\r\n ")
		s, room = s[cut:], maxLine-1
	}
	b.WriteString(s)
	b.WriteString("\r\n")
}
