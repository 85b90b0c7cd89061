package contacts_test

import (
	"testing"
	"time"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/oncall"

	"github.com/ProtonMail/gopenpgp/v3/crypto"
)

func TestTheDirectory(t *testing.T) {
	each(t, func(w *world) {
		shared := []string{w.program.ID}
		w.add(contacts.Contact{Kind: contacts.Desk, Name: "Night desk", Mail: "desk@one.example", Shared: shared, Topics: []string{"Outage 100%"}})
		law := w.add(contacts.Contact{Kind: contacts.Legal, Name: "Law", Mail: "law@one.example"})
		find := func(who string, s contacts.Search) (out []string) {
			w.Do(func(tx *db.Tx) error {
				list, _, err := contacts.Directory(tx, w.actors[who], s)
				for _, l := range list {
					for _, e := range l.Entries {
						out = append(out, l.Name+"/"+e.Name)
					}
				}
				return err
			})
			return out
		}
		for _, c := range []struct {
			who  string
			s    contacts.Search
			want int
		}{
			{"coordinator", contacts.Search{}, 2}, {"reader", contacts.Search{}, 2}, {"other", contacts.Search{}, 1}, {"far", contacts.Search{}, 0},
			{"other", contacts.Search{Text: "law"}, 0}, {"reader", contacts.Search{Text: "LAW"}, 1}, {"reader", contacts.Search{Text: "one night"}, 1},
			{"reader", contacts.Search{Text: "100%"}, 1}, {"reader", contacts.Search{Text: "1_0"}, 0}, {"reader", contacts.Search{Kind: contacts.Legal}, 1},
			{"reader", contacts.Search{Org: law.Org, Text: "two"}, 0},
		} {
			if got := find(c.who, c.s); len(got) != c.want {
				t.Errorf("%s finds %v by %+v", c.who, got, c.s)
			}
		}
		w.Do(func(tx *db.Tx) error {
			cards, err := contacts.Export(tx, w.actors["other"], contacts.Search{}, "vcard")
			if len(cards) != 1 || cards[0].Mail != "desk@one.example" || cards[0].OrgName != "One" {
				t.Errorf("exported %+v", cards)
			}
			return err
		})
		if w.looks(law.ID) != 0 {
			t.Error("what was not exported is recorded")
		}
		w.Do(func(tx *db.Tx) error {
			list, _, err := contacts.Directory(tx, w.actors["other"], contacts.Search{})
			if err != nil {
				return err
			}
			glances, err := contacts.Glances(tx, w.actors["admin"], list[0].Entries[0].ID)
			if len(glances) != 1 || glances[0].Person != w.actors["other"].Person || glances[0].About != "vcard" {
				t.Errorf("who looked: %+v", glances)
			}
			return err
		})
		w.Refused("a stranger asks who looked", errs.NotFound, func(tx *db.Tx) error { _, err := contacts.Glances(tx, w.actors["far"], law.ID); return err })
		for q, want := range map[string]string{"One legal": "Law", "who? no": "", "legal at One": "Law", "one": "Night desk", "ONE about: outage 100%": "Night desk"} {
			err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
				r, err := contacts.Who(tx, w.actors["admin"], q, time.Time{})
				if err == nil && (len(r.Callees) == 0 || r.Callees[0].Contact.Name != want) {
					t.Errorf("%q: %+v", q, r)
				}
				return err
			})
			if want == "" && !errs.Is(err, errs.NotFound) || want != "" && err != nil {
				t.Errorf("%q: %v", q, err)
			}
		}
		w.Do(func(tx *db.Tx) error {
			r, err := contacts.Who(tx, w.actors["coordinator"], "T", time.Time{})
			if len(r.Choices) != 2 {
				t.Errorf("Two or Three: %+v", r)
			}
			return err
		})
	})
}

func TestWhatIsOutOfDate(t *testing.T) {
	each(t, func(w *world) {
		key, err := crypto.PGP().KeyGeneration().AddUserId("Desk", "desk@one.example").GenerationTime(w.Clock.Now().Add(-time.Hour).Unix()).Lifetime(50 * 24 * 3600).New().GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		armored, err := key.GetArmoredPublicKey()
		if err != nil {
			t.Fatal(err)
		}
		desk := w.add(contacts.Contact{Kind: contacts.Desk, Name: "Desk", Mail: "desk@one.example", PGPKey: armored})
		w.still()
		begin, _ := oncall.ParseWall("2025-01-06T09:00")
		r := contacts.Rotation{Org: w.one.ID, Name: "Office hours", Layers: []oncall.Rotation{{Name: "main", Zone: "UTC", Start: begin, Every: oncall.Every{Weeks: 1}, Members: []string{desk.ID}, Hours: &oncall.Hours{From: 9 * 60, To: 17 * 60}}}}
		w.Do(func(tx *db.Tx) (err error) { r, err = contacts.AddRotation(tx, w.actors["admin"], r); return err })
		l := contacts.Ladder{Org: w.one.ID, Name: "Lawyers", Ladder: oncall.Ladder{Steps: []oncall.Step{{Whom: oncall.Whom{Kind: oncall.ByRole, ID: string(contacts.Legal)}}}}}
		w.Do(func(tx *db.Tx) (err error) { l, err = contacts.AddLadder(tx, w.actors["admin"], l); return err })
		faults := func(who, org string) map[contacts.Fault]string {
			out := map[contacts.Fault]string{}
			w.Do(func(tx *db.Tx) error {
				list, _, err := contacts.Troubles(tx, w.actors[who], org, "")
				for _, f := range list {
					if f.Org == w.one.ID {
						out[f.Fault] = f.ID
					}
				}
				return err
			})
			return out
		}
		if got := faults("coordinator", ""); len(got) != 2 || got[contacts.Hole] != r.ID || got[contacts.DeadEnd] != l.ID {
			t.Errorf("at first: %v", got)
		}
		c := w.start("coordinator", true, contacts.Ask{Contact: desk.ID})
		w.Clock.Advance(45 * 24 * time.Hour)
		w.pass(time.Hour)
		if got := faults("reader", w.one.ID); len(got) != 4 || got[contacts.KeyEnds] != desk.ID || got[contacts.TestFailed] != c.ID {
			t.Errorf("a month and a half later: %v", got)
		}
		w.pass(60 * 24 * time.Hour)
		if got := faults("coordinator", ""); len(got) != 5 || got[contacts.Unconfirm] != desk.ID {
			t.Errorf("after a hundred days: %v", got)
		}
		for _, who := range []string{"reader", "other"} {
			w.Refused(who+" asks of all", errs.Denied, func(tx *db.Tx) error { _, _, err := contacts.Troubles(tx, w.actors[who], "", ""); return err })
		}
		w.Refused("other asks of one", errs.Denied, func(tx *db.Tx) error {
			_, _, err := contacts.Troubles(tx, w.actors["other"], w.one.ID, "")
			return err
		})
		w.Do(func(tx *db.Tx) error {
			list, _, err := contacts.Troubles(tx, w.actors["coordinator"], "", "")
			if len(list) != 7 || list[len(list)-1].Fault != contacts.NoContacts {
				t.Errorf("members without contacts: %+v", list)
			}
			return err
		})
	})
}
