package talk_test

import (
	"testing"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/clock"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/db/dbtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/casework/casetest"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
)

func TestTheFinderHasOneThread(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		finder := audience.ForLink("lnk_1")
		var p casework.Participant
		casetest.Must(t, d, func(tx *db.Tx) (err error) {
			p, err = casework.AddFinder(tx, s.Ada, s.Case.ID, casework.Finding{Kind: audience.Link, ID: "lnk_1", Name: "Anonymous finder", Reason: "reported it"})
			return err
		})
		f := talk.PrivateID(p.ID)
		post(t, s, s.Ada, f, talk.Draft{Body: "thank you", AskOf: p.ID})
		m := post(t, s, finder, f, talk.Draft{Body: "you are welcome"})
		if m.Author.Party != p.ID || m.Author.Coordinator {
			t.Errorf("the finder is %+v", m.Author)
		}
		list := threads(t, s, finder)
		if len(list) != 1 || list[f].Kind != talk.Finder || list[f].Unread != 1 {
			t.Errorf("the finder's threads: %+v", list)
		}
		if l := threads(t, s, s.Ada)[f].Last; l == nil || l.Author.Name != "Anonymous finder" {
			t.Errorf("the coordinator sees %+v", l)
		}
		casetest.Must(t, d, func(tx *db.Tx) error {
			q, err := talk.Questions(tx, finder, "")
			if len(q) != 1 {
				t.Errorf("the finder owes %v", q)
			}
			return err
		})
		if threads(t, s, s.Vera)[f].ID != "" || len(bodies(t, s, s.Vera, f)) != 0 || len(threads(t, s, audience.ForLink("lnk_2"))) != 0 {
			t.Error("others see the finder's thread")
		}
		verify(t, s)
	})
}

func TestTalkFollowsTheCasesMarking(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *clock.Fake) {
		s := scene(t, d)
		g := talk.GeneralID(s.Case.ID)
		post(t, s, s.Vera, g, talk.Draft{Body: "as the case dahlia"})
		post(t, s, s.Ada, g, talk.Draft{Body: "milder dahlia", Level: tlp.Green})
		mark := func(level tlp.Level) {
			casetest.Must(t, d, func(tx *db.Tx) error {
				c, err := casework.ByID(tx, s.Case.ID)
				if err != nil {
					return err
				}
				_, err = casework.EditCase(tx, s.Ada, c.ID, casework.Edit{Title: c.Title, Summary: c.Summary, Level: level, Reason: "as agreed", Version: c.Version}, talk.Follow())
				return err
			})
		}
		mark(tlp.Red)
		if x := bodies(t, s, s.Vera, g); len(x) != 0 || found(t, s, s.Vera, "dahlia") != 0 {
			t.Errorf("a case at TLP:RED shows its talk to organizations: %v", x)
		}
		_, err := try(s, s.Vera, g, talk.Draft{Body: "x"})
		refused(t, "who does not see it any more writes", err, errs.NotFound)
		mark(tlp.AmberStrict)
		want(t, "marked as before", bodies(t, s, s.Vera, g), []string{"as the case dahlia", "milder dahlia"})
		if n := found(t, s, s.Vera, "dahlia"); n != 2 {
			t.Errorf("marked as before, %d are found", n)
		}
		verify(t, s)
	})
}
