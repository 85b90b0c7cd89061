package oncall

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func book(t testing.TB) Book {
	night := &Quiet{Zone: "Europe/Vienna", Hours: *hours(t, "22:00", "07:00")}
	all := schedules(t)
	swap := all["vienna"] // hands over from ann to bob at 08:00Z on 12 January
	return Book{
		Rosters: map[string]*Roster{"main": compile(t, swap), "office": compile(t, all["office"])},
		Roles:   map[string][]string{"legal": {"lea", "mute", "leo"}, "nobody": nil},
		Contacts: map[string]Contact{
			"ann":  {Ways: []Channel{Phone, Mail}, Quiet: &Quiet{Zone: "Europe/Vienna", Hours: *hours(t, "22:00", "09:00")}},
			"bob":  {Ways: []Channel{Phone}},
			"cem":  {Ways: []Channel{Mail, Phone}, Quiet: night},
			"lea":  {Ways: []Channel{Mail}},
			"leo":  {Ways: []Channel{Phone}, Quiet: night},
			"mute": {},
		},
	}
}

func TestPlan(t *testing.T) {
	rotation := func(id string) Whom { return Whom{ByRotation, id} }
	person := func(id string) Whom { return Whom{ByPerson, id} }
	for name, c := range map[string]struct {
		ladder  Ladder
		begun   string
		urgency Urgency
		calls   string // "instant whom channel", joined by ", "
		skipped string // "step contact: reason"
	}{
		"steps and waits": {Ladder{Steps: []Step{{rotation("main"), Phone, 15, 2}, {person("bob"), Phone, 30, 0}, {person("cem"), Mail, 0, 0}}},
			"2026-01-07T12:00:00Z", Routine,
			"12:00 ann phone, 12:15 ann phone, 12:30 bob phone, 13:00 cem mail", ""},
		"rounds": {Ladder{Steps: []Step{{person("bob"), Phone, 20, 0}}, Rounds: 3}, "2026-01-07T12:00:00Z", Routine,
			"12:00 bob phone, 12:20 bob phone, 12:40 bob phone", ""},
		"quiet hours put off, the ladder goes on": {Ladder{Steps: []Step{{person("cem"), Mail, 10, 0}, {person("bob"), Phone, 0, 0}}},
			"2026-01-07T23:30:00Z", Routine, "23:40 bob phone, 06:00 cem mail*", ""},
		"put off twice is one call": {Ladder{Steps: []Step{{person("cem"), Mail, 10, 3}}}, "2026-01-07T23:30:00Z", Routine, "06:00 cem mail*", ""},
		"an emergency overrides": {Ladder{Steps: []Step{{person("cem"), Mail, 10, 0}, {person("bob"), Phone, 0, 0}}},
			"2026-01-07T23:30:00Z", Emergency, "23:30 cem mail, 23:40 bob phone", ""},
		"after quiet hours somebody else is on call": {Ladder{Steps: []Step{{rotation("main"), Phone, 5, 0}}},
			"2026-01-12T03:00:00Z", Routine, "08:00 bob phone*", ""},
		"whoever is on call when the step comes": {Ladder{Steps: []Step{{person("bob"), Phone, 120, 0}, {rotation("main"), Phone, 0, 0}}},
			"2026-01-12T06:30:00Z", Emergency, "06:30 bob phone, 08:30 bob phone", ""},
		"a gap takes no time": {Ladder{Steps: []Step{{rotation("office"), Phone, 60, 3}, {person("bob"), Phone, 0, 0}}},
			"2026-01-10T12:00:00Z", Routine, "12:00 bob phone", "1 : nobody is on call: outside the hours of every rotation"},
		"no way to reach": {Ladder{Steps: []Step{{person("mute"), Phone, 60, 2}, {person("bob"), Phone, 0, 0}}},
			"2026-01-10T12:00:00Z", Emergency, "12:00 bob phone", "1 mute: no way to reach this contact is known"},
		"a role": {Ladder{Steps: []Step{{Whom{ByRole, "legal"}, Phone, 60, 0}, {Whom{ByRole, "nobody"}, Phone, 60, 0}, {person("bob"), Any, 0, 0}}},
			"2026-01-10T12:00:00Z", Routine, "12:00 lea mail (phone), 12:00 leo phone, 13:00 bob phone",
			"1 mute: no way to reach this contact is known, 2 : nobody has this role"},
		"what is not there": {Ladder{Steps: []Step{{rotation("gone"), Phone, 60, 0}, {person("gone"), Phone, 60, 0}}},
			"2026-01-10T12:00:00Z", Routine, "", "1 : there is no such rotation, 2 gone: this contact is no longer there"},
	} {
		got, err := Plan(c.ladder, book(t), instant(t, c.begun), c.urgency)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var calls, skipped []string
		for _, x := range got.Calls {
			s := fmt.Sprintf("%s %s %s", x.At.Format("15:04"), x.Whom, x.Channel)
			if x.Asked != "" {
				s += " (" + string(x.Asked) + ")"
			}
			if x.PutOff {
				s += "*"
			}
			calls = append(calls, s)
		}
		for _, x := range got.Skipped {
			skipped = append(skipped, fmt.Sprintf("%d %s: %s", x.Step, x.ID, x.Reason))
		}
		if s := strings.Join(calls, ", "); s != c.calls {
			t.Errorf("%s: calls %s, want %s", name, s, c.calls)
		}
		if s := strings.Join(skipped, ", "); s != c.skipped {
			t.Errorf("%s: skipped %s, want %s", name, s, c.skipped)
		}
	}
	if _, err := Plan(Ladder{Steps: []Step{{person("bob"), Phone, 0, 0}}}, book(t), instant(t, "2026-01-10T12:00:00Z"), "panic"); err == nil {
		t.Error("an unknown urgency is taken")
	}
}

// TestQuietOnesOneAfterTheOther hands the duty on each night hour, always to
// somebody with quiet hours, so that a put-off call must end somewhere.
func TestQuietOnesOneAfterTheOther(t *testing.T) {
	b := Book{Rosters: map[string]*Roster{"r": compile(t, Schedule{Layers: []Rotation{{Zone: "UTC", Start: wall(t, "2026-01-01T00:00"), Every: Every{Days: 1}, Members: []string{"a", "b"}}}})},
		Contacts: map[string]Contact{
			"a": {Ways: []Channel{Mail}, Quiet: &Quiet{"UTC", *hours(t, "12:00", "00:00")}},
			"b": {Ways: []Channel{Mail}, Quiet: &Quiet{"UTC", *hours(t, "00:00", "24:00")}},
		}}
	got, err := Plan(Ladder{Steps: []Step{{Whom{ByRotation, "r"}, Mail, 0, 0}}}, b, instant(t, "2026-01-01T13:00:00Z"), Routine)
	if err != nil || len(got.Calls) != 1 || !got.Calls[0].At.Equal(instant(t, "2026-01-03T00:00:00Z")) {
		t.Errorf("%+v %v", got, err)
	}
	b.Contacts["a"] = b.Contacts["b"]
	got, err = Plan(Ladder{Steps: []Step{{Whom{ByRotation, "r"}, Mail, 0, 0}}}, b, instant(t, "2026-01-01T13:00:00Z"), Routine)
	if err != nil || len(got.Calls) != 0 || len(got.Skipped) != 1 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestWhatIsRefused(t *testing.T) {
	good := func() Rotation {
		return Rotation{Name: "r", Zone: "UTC", Start: wall(t, "2026-01-05T09:00"), Every: Every{Days: 1}, Members: []string{"a"}}
	}
	for name, c := range map[string]struct {
		spoil func(*Rotation)
		says  string
	}{
		"zone":        {func(r *Rotation) { r.Zone = "Mars/Olympus" }, "IANA"},
		"no zone":     {func(r *Rotation) { r.Zone = "" }, "IANA"},
		"local":       {func(r *Rotation) { r.Zone = "Local" }, "IANA"},
		"path":        {func(r *Rotation) { r.Zone = "../../etc/passwd" }, "IANA"},
		"start":       {func(r *Rotation) { r.Start = 0 }, "first shift"},
		"members":     {func(r *Rotation) { r.Members = nil }, "members"},
		"nobody":      {func(r *Rotation) { r.Members = []string{"a", ""} }, "absence"},
		"crowd":       {func(r *Rotation) { r.Members = slices.Repeat([]string{"a"}, 101) }, "members"},
		"length":      {func(r *Rotation) { r.Every = Every{} }, "length of a shift"},
		"two lengths": {func(r *Rotation) { r.Every = Every{Days: 1, Weeks: 1} }, "length of a shift"},
		"negative":    {func(r *Rotation) { r.Every = Every{Days: -1} }, "366"},
		"long":        {func(r *Rotation) { r.Every = Every{Weeks: 53} }, "52"},
		"twice":       {func(r *Rotation) { r.Every = Every{At: weekly(t, "Mon 09:00", "mon 09:00")} }, "different"},
		"empty hours": {func(r *Rotation) { r.Hours = &Hours{From: 60, To: 60} }, "empty"},
		"wild hours":  {func(r *Rotation) { r.Hours = &Hours{From: -5, To: 60} }, "between"},
		"days twice":  {func(r *Rotation) { r.Hours = &Hours{From: 5, To: 60, Days: []Day{1, 1}} }, "once"},
	} {
		r := good()
		c.spoil(&r)
		if _, err := Compile(Schedule{Layers: []Rotation{r}}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want it to say %q", name, err, c.says)
		}
	}
	from, to := instant(t, "2026-01-05T09:00:00Z"), instant(t, "2026-01-06T09:00:00Z")
	for name, s := range map[string]Schedule{
		"empty":     {},
		"two alike": {Layers: []Rotation{good(), good()}},
		"backwards": {Layers: []Rotation{good()}, Overrides: []Override{{From: to, To: from}}},
		"no end":    {Layers: []Rotation{good()}, Overrides: []Override{{From: to}}},
		"endless":   {Layers: []Rotation{good()}, Overrides: []Override{{From: from, To: to.AddDate(5, 0, 0)}}},
		"elsewhere": {Layers: []Rotation{good()}, Overrides: []Override{{Layer: "x", From: from, To: to}}},
	} {
		if _, err := Compile(s); err == nil {
			t.Errorf("the schedule %q is taken", name)
		}
	}
	bob := Whom{ByPerson, "bob"}
	for name, l := range map[string]Ladder{
		"empty":       {},
		"no whom":     {Steps: []Step{{Whom{}, Phone, 1, 1}}},
		"channel":     {Steps: []Step{{bob, "pigeon", 1, 1}}},
		"wait":        {Steps: []Step{{bob, Phone, -1, 1}}},
		"long wait":   {Steps: []Step{{bob, Phone, MaxWait + 1, 1}}},
		"tries":       {Steps: []Step{{bob, Phone, 1, 11}}},
		"no pause":    {Steps: []Step{{bob, Phone, 0, 2}}},
		"rounds":      {Steps: []Step{{bob, Phone, 1, 1}}, Rounds: 11},
		"no wait":     {Steps: []Step{{bob, Phone, 0, 1}}, Rounds: 2},
		"steps":       {Steps: slices.Repeat([]Step{{bob, Phone, 1, 1}}, 21)},
		"many calls":  {Steps: slices.Repeat([]Step{{bob, Phone, 1, 10}}, 6), Rounds: 10},
		"negative on": {Steps: []Step{{bob, Phone, 1, -1}}},
	} {
		if l.Validate() == nil {
			t.Errorf("the ladder %q is taken", name)
		}
	}
}
