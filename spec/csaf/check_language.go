package csaf

import (
	"strings"

	"golang.org/x/text/language"
)

// languages are the language properties of a document with their pointers.
func (c *check) languages(visit func(path, tag string)) {
	if l := c.doc.Document.Lang; l != "" {
		visit("/document/lang", l)
	}
	if l := c.doc.Document.SourceLang; l != "" {
		visit("/document/source_lang", l)
	}
}

// languageExists wants every subtag to be registered (RFC 5646). Private tags
// are fit for a document of a closed group and so pass here.
func languageExists(c *check) {
	c.languages(func(path, tag string) {
		low := strings.ToLower(tag)
		if low == "i-default" || strings.HasPrefix(low, "x-") || usesPrivate(tag) {
			return
		}
		if _, err := language.Parse(tag); err != nil {
			c.fault(path, "%s is not a language tag that exists", quoted(tag))
		}
	})
}

func translator(c *check) {
	if c.doc.Document.Publisher.Category == "translator" && c.doc.Document.SourceLang == "" {
		c.fault("/document/source_lang", "a translator must state the language of the original")
	}
}

func translation(c *check) {
	lang, from := c.doc.Document.Lang, c.doc.Document.SourceLang
	if from != "" && strings.EqualFold(lang, from) {
		c.fault("/document/source_lang", "is the same as the language of the document, %s", quoted(lang))
	}
}

// usesPrivate tells whether a tag has subtags set aside for private use:
// languages qaa to qtz, scripts Qaaa to Qabx, regions AA, QM to QZ, XA to XZ
// and ZZ, or anything after x (RFC 5646, 2.2).
func usesPrivate(tag string) bool {
	for i, s := range strings.Split(strings.ToLower(tag), "-") {
		switch {
		case s == "x":
			return true
		case i == 0 && len(s) == 3 && s >= "qaa" && s <= "qtz":
			return true
		case i > 0 && len(s) == 4 && s >= "qaaa" && s <= "qabx":
			return true
		case i > 0 && len(s) == 2 && (s == "aa" || s >= "qm" && s <= "qz" || s >= "xa" && s <= "xz" || s == "zz"):
			return true
		case len(s) == 1:
			return false // an extension; its subtags have meanings of their own
		}
	}
	return false
}

func privateLanguage(c *check) {
	c.languages(func(path, tag string) {
		if usesPrivate(tag) {
			c.fault(path, "%s has a part for private use, which others cannot understand", quoted(tag))
		}
	})
}

func defaultLanguage(c *check) {
	c.languages(func(path, tag string) {
		if strings.EqualFold(tag, "i-default") {
			c.fault(path, "i-default does not say which language it is")
		}
	})
}

func missingLanguage(c *check) {
	if c.doc.Document.Lang == "" {
		c.fault("/document/lang", "the document does not say in which language it is")
	}
}
