package delivery

import (
	"slices"
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/tlp"
)

// Mode is when a class of notices is mailed.
type Mode string

// The modes. Quiet is not a choice: the notice stands in the inbox and is not
// mailed.
const (
	AtOnce Mode = "once"
	Daily  Mode = "daily" // one mail at seven in the morning
	Off    Mode = "off"   // no notice at all
	Quiet  Mode = "quiet"
)

// The kinds of events this package writes besides EventBounced.
const (
	EventPreferred    = "preference.changed"
	EventSubscribed   = "subscription.confirmed"
	EventUnsubscribed = "subscription.ended"
)

// Preference is when somebody gets a class of notices.
type Preference struct {
	Class Class `json:"class"`
	Mode  Mode  `json:"mode"`
	Fixed bool  `json:"fixed,omitempty"` // alarms: cannot be changed
}

// modeOf is the mode somebody chose, or the quiet default: what they owe at
// once, everything else once a day.
func modeOf(chosen map[Class]Mode, c Class) Mode {
	if c == Alarm {
		return AtOnce
	}
	if m := chosen[c]; m != "" {
		return m
	}
	if c == Owed {
		return AtOnce
	}
	return Daily
}

func readModes(tx *db.Tx, persons []string, into map[string]map[Class]Mode) error {
	type row struct {
		person string
		class  Class
		mode   Mode
	}
	var args db.Args
	rows, err := db.All(tx, func(r *row) []any { return []any{&r.person, &r.class, &r.mode} }, `SELECT person_id, class, mode FROM notice_preference WHERE person_id IN `+db.List(&args, persons), args...)
	for _, r := range rows {
		if into[r.person] == nil {
			into[r.person] = map[Class]Mode{}
		}
		into[r.person][r.class] = r.mode
	}
	return err
}

// Preferences are the actor's own, one for each class.
func Preferences(tx *db.Tx, a audience.Actor) ([]Preference, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	modes := map[string]map[Class]Mode{}
	if err := readModes(tx, []string{a.Person}, modes); err != nil {
		return nil, err
	}
	var out []Preference
	for _, c := range Classes {
		out = append(out, Preference{c, modeOf(modes[a.Person], c), c == Alarm})
	}
	return out, nil
}

// SetPreferences changes the actor's own preferences; classes that are not
// named stay. Alarms always come at once: another mode for them is Invalid.
func SetPreferences(tx *db.Tx, a audience.Actor, list []Preference) ([]Preference, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	if !charter.Allows(a, charter.ScopeAdmin) {
		return nil, errs.New(errs.Denied, "This token lacks the scope admin.")
	}
	var fields []errs.Field
	for _, p := range list {
		switch {
		case !slices.Contains(Classes, p.Class):
			fields = append(fields, errs.Field{Name: "class", Reason: "There is no such class of notices."})
		case p.Mode != AtOnce && p.Mode != Daily && p.Mode != Off:
			fields = append(fields, errs.Field{Name: string(p.Class), Reason: "Choose once, daily or off."})
		case p.Class == Alarm && p.Mode != AtOnce:
			fields = append(fields, errs.Field{Name: string(p.Class), Reason: "Alarms always come at once."})
		}
	}
	if err := errs.Join(fields); err != nil {
		return nil, err
	}
	for _, p := range list {
		if err := prefer(tx, a, a.Person, p); err != nil {
			return nil, err
		}
	}
	return Preferences(tx, a)
}

func prefer(tx *db.Tx, a audience.Actor, personID string, p Preference) error {
	if p.Class == Alarm {
		return nil
	}
	n, err := tx.Exec(`INSERT INTO notice_preference (person_id, class, mode) VALUES ($1, $2, $3) ON CONFLICT (person_id, class) DO UPDATE SET mode = excluded.mode WHERE notice_preference.mode <> excluded.mode`,
		personID, string(p.Class), string(p.Mode))
	if err != nil || n == 0 {
		return err
	}
	if p.Mode == Off {
		if _, err := tx.Exec(`UPDATE notice SET waiting = 0 WHERE person_id = $1 AND class = $2 AND waiting = 1`, personID, string(p.Class)); err != nil {
			return err
		}
	}
	person, err := people.Load(tx, personID)
	if err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: EventPreferred, Actor: a, Audience: person.Audience, Level: tlp.Red, Object: ledger.Object{Kind: "person", ID: personID}, Data: p})
	return nil
}

const unsubscribePurpose = "unsubscribe"

// UnsubscribePath is where a token from a mail leads: GET shows what it would
// end, POST ends it (RFC 8058).
func UnsubscribePath(token string) string { return "/unsubscribe/" + token }

func (c *Courier) unsubscribeLink(ch charter.Charter, subject string, class Class) string {
	return ch.URL + UnsubscribePath(c.Sealer.Sign(unsubscribePurpose, subject+"\x00"+string(class)))
}

// Ending is what an unsubscribe token is about.
type Ending struct {
	Class   Class  // of the notices; "" for a subscription or all of a digest
	Digest  bool   // the daily digest
	subject string // a person or a subscription
}

const digestClass Class = "digest"

// Unsubscription reads a token without acting on it; NotFound for one that
// this server did not make.
func (c *Courier) Unsubscription(token string) (Ending, error) {
	payload, ok := c.Sealer.Check(unsubscribePurpose, token)
	subject, class, found := strings.Cut(payload, "\x00")
	e := Ending{Class(class), Class(class) == digestClass, subject}
	if e.Digest {
		e.Class = ""
	}
	switch {
	case !ok, !found, subject == "", e.Class == Alarm, e.Class != "" && !slices.Contains(Classes, e.Class), class == "" && !isSubscriber(subject):
		return Ending{}, errs.Missing("link")
	}
	return e, nil
}

// Unsubscribe ends the mails that a token is about. Whoever holds the token
// may, signed in or not; a second time changes nothing. For a digest every
// class that is sent in it is turned off.
func (c *Courier) Unsubscribe(tx *db.Tx, token string) (Ending, error) {
	e, err := c.Unsubscription(token)
	if err != nil {
		return e, err
	}
	if isSubscriber(e.subject) {
		return e, endSubscription(tx, e.subject)
	}
	if _, err := people.Load(tx, e.subject); err != nil {
		return Ending{}, errs.Missing("link")
	}
	if !e.Digest {
		return e, prefer(tx, audience.Actor{}, e.subject, Preference{Class: e.Class, Mode: Off})
	}
	modes := map[string]map[Class]Mode{}
	if err := readModes(tx, []string{e.subject}, modes); err != nil {
		return e, err
	}
	for _, class := range Classes {
		if modeOf(modes[e.subject], class) == Daily {
			if err := prefer(tx, audience.Actor{}, e.subject, Preference{Class: class, Mode: Off}); err != nil {
				return e, err
			}
		}
	}
	return e, nil
}
