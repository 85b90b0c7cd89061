package contacts

import (
	"encoding/csv"
	"io"
	"strings"

	"tocsin/spec/oncall"
	"tocsin/spec/text"
	"tocsin/spec/vcard"
)

// WriteVCard writes contacts as vCard 4.0, each with its marking in its note.
func WriteVCard(w io.Writer, alliance string, list []Card) error {
	cards := make([]vcard.Card, len(list))
	for i, c := range list {
		notes := []string{c.TLP.String() + ", from " + alliance}
		if c.Hours != nil {
			notes = append(notes, "Answers "+c.Hours.String()+" "+c.TimeZone)
		}
		if c.Quiet != nil {
			notes = append(notes, "Quiet "+c.Quiet.String()+" "+c.TimeZone+": emergencies only")
		}
		if !c.Doubted.IsZero() {
			notes = append(notes, "Said to be no longer right")
		}
		cards[i] = vcard.Card{UID: c.ID, Name: c.Name, Group: c.Person == "", Org: c.OrgName, Role: string(c.Kind), Mail: c.Mail, Phone: c.Phone, Chat: c.Chat, Key: c.PGPKey, TimeZone: c.TimeZone,
			Languages: c.Languages, Categories: c.Topics, Notes: notes, Revised: later(c.Confirmed, c.CreatedAt)}
	}
	return vcard.Write(w, "-//Tocsin//contacts//EN", cards)
}

// WriteCSV writes contacts as a table, with the marking on every line.
func WriteCSV(w io.Writer, list []Card) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"tlp", "organization", "kind", "name", "mail", "phone", "chat", "time_zone", "hours", "quiet", "languages", "topics", "openpgp", "key_expires", "confirmed", "id"}}
	for _, c := range list {
		key := ""
		if c.PGPKey != "" {
			key = "yes"
		}
		rows = append(rows, []string{c.TLP.String(), text.Cell(c.OrgName), string(c.Kind), text.Cell(c.Name), text.Cell(c.Mail), c.Phone, text.Cell(c.Chat), c.TimeZone, window(c.Hours), window(c.Quiet),
			strings.Join(c.Languages, "; "), text.Cell(strings.Join(c.Topics, "; ")), key, text.Instant(c.PGPExpiry), text.Instant(c.Confirmed), c.ID})
	}
	return out.WriteAll(rows)
}

func window(h *oncall.Hours) string {
	if h == nil {
		return ""
	}
	return h.String()
}
