package contacts

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/pgp"
	"tocsin/spec/oncall"
	"tocsin/spec/text"

	"golang.org/x/text/language"
)

const (
	maxName      = 200
	maxLanguages = 10
	maxTopics    = 20
)

var (
	e164    = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	filling = strings.NewReplacer(" ", "", "\u00a0", "", "-", "", ".", "", "(", "", ")", "", "/", "")
)

// Phone is a telephone number in the form of E.164, 6.2.1: a plus sign,
// country code and number of together 7 to 15 digits. Spaces and the signs
// people group digits with are taken out; anything else is refused.
func Phone(s string) (string, error) {
	s, _, err := text.CleanLine(s, 60)
	if err != nil || s == "" {
		return "", err
	}
	if n := filling.Replace(s); e164.MatchString(n) {
		return n, nil
	}
	return "", errs.Bad("phone", "Give the number with its country code, such as +43 1 234567, without a leading zero.")
}

// cleaned is c with cleaned fields, or an Invalid error that names every
// refused one.
func (c Contact) cleaned(now time.Time) (Contact, error) {
	var bad []errs.Field
	refuse := func(name, reason string) { bad = append(bad, errs.Field{Name: name, Reason: reason}) }
	line := func(field, s string, limit int) string {
		clean, _, err := text.CleanLine(s, limit)
		if err != nil {
			refuse(field, "Please correct this: "+err.Error()+".")
		}
		return clean
	}
	if c.Name = line("name", c.Name, maxName); c.Name == "" {
		refuse("name", "Name the person, team or desk.")
	}
	if !slices.Contains(Kinds, c.Kind) {
		refuse("kind", "Choose what this contact is for.")
	}
	if c.Duty < 0 || c.Duty > 999 {
		refuse("duty", "Give the order as a number from 0 to 999.")
	}
	c.Chat = line("chat", c.Chat, 200)
	if c.Mail = strings.TrimSpace(c.Mail); c.Mail != "" {
		if at, err := mail.ParseAddress(c.Mail); err != nil || at.Address != c.Mail || len(c.Mail) > 254 {
			refuse("mail", "Give one mail address, such as duty@vendor.example.")
		}
	}
	var err error
	if c.Phone, err = Phone(c.Phone); err != nil {
		refuse("phone", "Give the number with its country code, such as +43 1 234567, without a leading zero.")
	} else if c.Mail == "" && c.Phone == "" && c.Chat == "" {
		refuse("mail", "Give at least one way to reach this contact: mail, phone or chat.")
	}
	c.cleanKey(now, refuse)
	c.cleanTimes(refuse)
	c.cleanLists(line, refuse)
	return c, errs.Join(bad)
}

func (c *Contact) cleanKey(now time.Time, refuse func(name, reason string)) {
	c.PGPExpiry = time.Time{}
	if c.PGPKey = strings.TrimSpace(c.PGPKey); c.PGPKey == "" {
		return
	}
	key, err := pgp.ParsePublic([]byte(c.PGPKey))
	if err != nil {
		refuse("pgp_key", "This is not an OpenPGP public key that can be read.")
		return
	}
	info := key.Info(now)
	if len(info.Concerns) > 0 || !info.CanEncrypt {
		refuse("pgp_key", strings.TrimSpace("This OpenPGP key cannot be relied on. "+strings.Join(info.Concerns, " ")))
		return
	}
	if c.PGPKey, err = key.Public(); err != nil {
		refuse("pgp_key", "This OpenPGP key cannot be written down.")
	}
	c.PGPExpiry = info.Expires
}

func (c *Contact) cleanTimes(refuse func(name, reason string)) {
	if c.TimeZone == "" {
		c.TimeZone = "UTC"
	}
	if _, err := oncall.Zone(c.TimeZone); err != nil {
		refuse("time_zone", "Give a zone by its place, such as Europe/Vienna.")
	}
	for name, h := range map[string]*oncall.Hours{"hours": c.Hours, "quiet": c.Quiet} {
		if h == nil {
			continue
		}
		if err := h.Validate(); err != nil {
			refuse(name, "Please correct this: "+err.Error()+".")
		}
	}
}

func (c *Contact) cleanLists(line func(field, s string, limit int) string, refuse func(name, reason string)) {
	if len(c.Languages) > maxLanguages || len(c.Topics) > maxTopics {
		refuse("topics", "Name at most 10 languages and 20 topics.")
		return
	}
	languages, topics := []string{}, []string{}
	for _, s := range c.Languages {
		if len(s) > 60 {
			refuse("languages", "Give languages by their BCP 47 tags, such as en, de-AT or zh-Hant.")
			return
		}
		tag, err := language.Parse(strings.TrimSpace(s))
		if err != nil || tag == language.Und {
			refuse("languages", "Give languages by their BCP 47 tags, such as en, de-AT or zh-Hant.")
			return
		}
		if !slices.Contains(languages, tag.String()) {
			languages = append(languages, tag.String())
		}
	}
	for _, s := range c.Topics {
		s = line("topics", s, 100)
		if s != "" && !slices.ContainsFunc(topics, func(o string) bool { return orgs.Fold(o) == orgs.Fold(s) }) {
			topics = append(topics, s)
		}
	}
	c.Languages, c.Topics = languages, topics
}
