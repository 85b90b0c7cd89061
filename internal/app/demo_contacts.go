package app

import (
	"fmt"
	"slices"
	"time"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/kernel/db"
	"tocsin/spec/oncall"
)

// reach keeps contacts of every member, and at Vexel a rotation with a
// ladder.
func (s *script) reach() error {
	s.at(54 * day)
	var desk []contacts.Contact
	err := s.do(func(tx *db.Tx) error {
		for i, m := range members {
			who := s.cast[voiceOf(m.name)]
			in := contacts.Contact{Org: s.orgs[m.name], Kind: contacts.Response, Name: m.people[0].name, Person: who.Person, Mail: m.people[0].email, Phone: phone(i), TimeZone: zones[i%len(zones)], Languages: []string{"en"}, Shared: s.sharedBy(m.name)}
			c, err := contacts.Add(tx, who, in)
			if err != nil {
				return err
			}
			if m.name == "Vexel Systems" {
				desk = append(desk, c)
			}
		}
		viktor := s.cast["viktor"]
		for i, in := range []contacts.Contact{
			{Kind: contacts.Response, Name: "Ada Whitlock", Person: s.cast["ada"].Person, Mail: "ada@vexel.example", TimeZone: "Europe/Berlin", Languages: []string{"en", "de"}, Topics: []string{"Vexel Router"}},
			{Kind: contacts.Desk, Name: "Vexel duty desk", Mail: "desk@vexel.example", Chat: "@desk:vexel.example", TimeZone: "Europe/Berlin", Languages: []string{"en", "de"}},
			{Kind: contacts.Legal, Name: "Counsel", Mail: "legal@vexel.example", TimeZone: "Europe/Berlin", Hours: &oncall.Hours{From: 9 * 60, To: 17 * 60, Days: []oncall.Day{1, 2, 3, 4, 5}}},
			{Kind: contacts.Communications, Name: "Press office", Mail: "press@vexel.example", TimeZone: "Europe/Berlin"},
		} {
			in.Org, in.Phone, in.Shared = s.orgs["Vexel Systems"], phone(len(members)+i), s.sharedBy("Vexel Systems")
			c, err := contacts.Add(tx, viktor, in)
			if err != nil {
				return err
			}
			desk = append(desk, c)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.at(53 * day)
	return s.do(func(tx *db.Tx) error { return s.rotation(tx, desk[0].ID, desk[1].ID, desk[2].ID) })
}

// rotation takes turns between two people, with the desk behind them.
func (s *script) rotation(tx *db.Tx, first, second, desk string) error {
	org := s.orgs["Vexel Systems"]
	r, err := contacts.AddRotation(tx, s.cast["viktor"], contacts.Rotation{Org: org, Name: "PSIRT on call", Shared: s.sharedBy("Vexel Systems"), Layers: []oncall.Rotation{
		{Name: "week", Zone: "Europe/Berlin", Start: monday(s.now.Add(-53 * day)), Every: oncall.Every{Weeks: 1}, Members: []string{first, second}}}})
	if err != nil {
		return err
	}
	_, err = contacts.AddLadder(tx, s.cast["viktor"], contacts.Ladder{Org: org, Name: "Wake the PSIRT", About: "attacks", Shared: s.sharedBy("Vexel Systems"), Ladder: oncall.Ladder{Rounds: 2, Steps: []oncall.Step{
		{Whom: oncall.Whom{Kind: oncall.ByRotation, ID: r.ID}, Channel: oncall.Phone, Wait: 15, Tries: 2}, {Whom: oncall.Whom{Kind: oncall.ByPerson, ID: desk}, Channel: oncall.Chat, Wait: 30}}}})
	return err
}

var zones = []string{"Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo"}

// phone is a number that is set aside for stories.
func phone(i int) string { return fmt.Sprintf("+442079460%03d", i) }

// monday is the Monday, 09:00, of a week before t.
func monday(t time.Time) oncall.Wall {
	t = t.UTC().AddDate(0, 0, -int(t.Weekday())-6)
	return oncall.WallAt(time.Date(t.Year(), t.Month(), t.Day(), 9, 0, 0, 0, time.UTC), time.UTC)
}

// sharedBy are the programs of a member that see its contacts: all of its own
// but the umbrella.
func (s *script) sharedBy(name string) []string {
	var out []string
	for _, p := range planted {
		if slices.Contains(p.members, name) {
			out = append(out, s.tree[p.template])
		}
	}
	return out
}
