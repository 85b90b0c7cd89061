package portal

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/exchange/delivery"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
)

// door is one row of the rail: who sees it and where it leads.
type door struct {
	look.Door
	open func(*visit) bool
}

func everybody(*visit) bool { return true }

// doors are the rail, most used first; a phone shows the first four.
var doors = []door{
	{look.Door{Name: "Desk", Href: "/", Key: "d", Icon: "desk"}, everybody},
	{look.Door{Name: "Cases", Href: "/cases", Key: "c", Icon: "cases"}, everybody},
	{look.Door{Name: "Advisories", Href: "/advisories", Key: "a", Icon: "advisories"}, everybody},
	{look.Door{Name: "Inbox", Href: "/inbox", Key: "i", Icon: "exchange"}, everybody},
	{look.Door{Name: "Reports", Href: "/reports", Key: "r", Icon: "triage"}, (*visit).coordinates},
	{look.Door{Name: "Reports", Href: "/reports/mine", Key: "r", Icon: "triage"}, func(v *visit) bool { return !v.coordinates() }},
	{look.Door{Name: "Alliance", Href: "/alliance", Key: "l", Icon: "alliance"}, everybody},
	{look.Door{Name: "Admin", Href: "/admin", Key: "m", Icon: "settings"}, (*visit).operates},
}

// publicDoors are what a visitor without an account may enter.
func publicDoors(current string) []look.Door {
	list := []look.Door{{Name: "Report a vulnerability", Href: "/report"}, {Name: "Advisories", Href: "/advisories"}, {Name: "Programs", Href: "/programs"}, {Name: "Roadmap", Href: "/roadmap"}}
	for i := range list {
		list[i].Current = list[i].Href == current
	}
	return list
}

// furnish fills the frame for somebody signed in. It reports whether notices
// are unread that the page itself answers.
func (v *visit) furnish(tx *db.Tx, f *look.Frame, current string) (waits bool, err error) {
	p, err := people.Load(tx, v.Actor.Person)
	if err != nil {
		return false, err
	}
	f.Person = &look.Person{Initials: initials(p.Name), Name: p.Name, Href: "/me"}
	f.SignOut, f.OwedHref = "/sign-out", "/"
	if zone, err := time.LoadLocation(p.TimeZone); err == nil && p.TimeZone != "" {
		f.Zone = zone
	}
	if v.Enrolling() {
		return false, nil
	}
	f.Find = "/search"
	fresh, err := delivery.UnreadOf(tx, v.Actor)
	if err != nil {
		return false, err
	}
	if v.sight != nil && fresh.Count > 0 {
		if waits, err = delivery.Waits(tx, v.Actor, *v.sight); err != nil {
			return false, err
		}
	}
	for _, d := range doors {
		if d.open(v) {
			d.Current = d.Href == current
			if d.Href == "/inbox" {
				d.Badge = badge(fresh.Count)
			}
			f.Doors = append(f.Doors, d.Door)
		}
	}
	owed, err := v.owed(tx)
	f.Owed = len(owed)
	f.Alarm = alarm(owed, fresh, v.now)
	return waits, err
}

func badge(n int) string {
	switch {
	case n == 0:
		return ""
	case n >= delivery.MaxUnread:
		return strconv.Itoa(delivery.MaxUnread) + "+"
	}
	return strconv.Itoa(n)
}

// alarmFor is how long an alarm that nobody read stands in the head of every
// page; then it waits in the inbox.
const alarmFor = 7 * 24 * time.Hour

// alarm is what burns: attacks that wait for the visitor's decision, else the
// newest alarm they have not read.
func alarm(owed []casework.Owed, fresh delivery.Unread, now time.Time) *look.Alarm {
	fresh.Alarms = slices.DeleteFunc(fresh.Alarms, func(n delivery.Notice) bool { return now.Sub(n.At) > alarmFor })
	var burning []casework.Owed
	for _, o := range owed {
		if o.Kind == embargo.OwedAttacks {
			burning = append(burning, o)
		}
	}
	switch {
	case len(burning) == 1:
		return &look.Alarm{Text: burning[0].Number + ": decide, attacks are seen", Href: burning[0].URL}
	case len(burning) > 1:
		return &look.Alarm{Text: look.Plural(len(burning), "case", "cases") + " under attack: decide", Href: "/"}
	case len(fresh.Alarms) == 1:
		return &look.Alarm{Text: fresh.Alarms[0].Title, Href: "/inbox/" + strconv.FormatInt(fresh.Alarms[0].Seq, 10)}
	case len(fresh.Alarms) > 1:
		return &look.Alarm{Text: look.Plural(len(fresh.Alarms), "unread alarm", "unread alarms"), Href: "/inbox?class=alarm"}
	}
	return nil
}

// initials are the first letters of the first and last word of a name.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) == 0 {
		return "?"
	}
	first := []rune(words[0])[:1]
	if len(words) == 1 {
		return strings.ToUpper(string(first))
	}
	return strings.ToUpper(string(append(first, []rune(words[len(words)-1])[0])))
}
