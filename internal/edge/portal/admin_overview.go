package portal

import (
	"strconv"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
)

// adminFrame is the frame of one of the operators' pages.
func (v *visit) adminFrame(tab string) look.Frame {
	f := v.frame("/admin")
	f.Head = look.RecordHead{Title: "Administration"}
	for _, t := range []look.Tab{{Label: "Overview", Href: "/admin"}, {Label: "Outbox", Href: "/admin/outbox"}, {Label: "People", Href: "/admin/people"}, {Label: "Settings", Href: "/admin/settings"}, {Label: "OpenPGP key", Href: "/admin/keys"}, {Label: "Ledger", Href: "/admin/ledger"}} {
		t.Current = t.Href == tab
		f.Head.Tabs = append(f.Head.Tabs, t)
	}
	return f
}

// adminOverview says how the server is, and whether something waits for a
// person.
func (v *visit) adminOverview() error {
	var events int64
	var counts map[outbox.State]int
	var c charter.Charter
	err := v.read(func(tx *db.Tx) (err error) {
		if events, err = ledger.Size(tx); err != nil {
			return err
		}
		if counts, err = outbox.Counts(tx); err != nil {
			return err
		}
		c, err = charter.Load(tx)
		return err
	})
	if err != nil {
		return err
	}
	have, want, err := v.DB.SchemaVersion(v.r.Context())
	if err != nil {
		return err
	}
	data := sheet{Frame: v.adminFrame("/admin")}
	if n := counts[outbox.Uncertain] + counts[outbox.Dead]; n > 0 {
		data.Notices = append(data.Notices, look.Notice{Tone: look.Waiting, Title: "The outbox waits for you", Text: "What was not sent, or not surely: " + strconv.Itoa(n) + ".", Link: &look.Link{Label: "Look at it", Href: "/admin/outbox?state=" + string(outbox.Uncertain)}})
	}
	if have != want {
		data.Notices = append(data.Notices, look.Notice{Tone: look.Bad, Title: "The schema is not this program's", Text: "Run: tocsin admin migrate"})
	}
	passkeys := "off: they need a host name over HTTPS"
	if v.people.PasskeysWork() {
		passkeys = "on"
	}
	facts := &look.Facts{Items: []look.Fact{
		{Term: "Address", Text: v.URL}, {Term: "Address in settings", Text: c.URL},
		{Term: "Database", Text: string(v.DB.Dialect)}, {Term: "Schema version", Text: strconv.FormatInt(have, 10) + " (this program's: " + strconv.FormatInt(want, 10) + ")"},
		{Term: "Events in the ledger", Text: strconv.FormatInt(events, 10), Href: "/admin/ledger"},
		{Term: "Passkeys", Text: passkeys},
		{Term: "Founded", Time: c.FoundedAt},
		{Term: "Health", Links: []look.Link{{Label: "/healthz", Href: "/healthz"}, {Label: "/readyz", Href: "/readyz"}}},
		{Term: "Metrics", Text: "/metrics", Href: "/metrics"}}}
	if v.Demo {
		facts.Items = append(facts.Items, look.Fact{Term: "Demo", Text: "sign-in links stand on the front page"})
	}
	data.Parts = []part{{Title: "Outbox", Stats: outboxStats(counts, "")}, {Title: "This server", Facts: facts}}
	return v.show("sheet", data)
}
