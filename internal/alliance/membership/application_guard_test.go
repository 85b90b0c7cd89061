package membership

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/spec/ballot"
	"tocsin/spec/membership"
	"tocsin/spec/tlp"
)

func TestADraftAndItsLinks(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		var rec Receipt
		begin := func(in Form) func(tx *db.Tx) error {
			return func(tx *db.Tx) (err error) {
				rec, err = w.desk.Begin(tx, audience.Actor{}, w.program.ID, "", in)
				return err
			}
		}
		for what, edit := range map[string]func(*Form){
			"no name": func(f *Form) { f.Name = " " }, "no address": func(f *Form) { f.Contact = "psirt at vexel" }, "two addresses": func(f *Form) { f.Contact = "a@b.example, c@d.example" },
			"a class of its own": func(f *Form) { f.Class = "empire" }, "http": func(f *Form) { f.Website = "http://vexel.example" }, "a script": func(f *Form) { f.Evidence.Policy = "javascript:alert(1)" },
			"user in address": func(f *Form) { f.Evidence.SecurityTxt = "https://a:b@vexel.example/" }, "too long": func(f *Form) { f.Statement = strings.Repeat("x", maxStatement+1) }, "eleven sponsors": func(f *Form) { f.Sponsors = strings.Fields("a b c d e f g h i j k") },
		} {
			in := w.form
			edit(&in)
			w.Refused(what, errs.Invalid, begin(in))
		}
		w.Do(begin(w.form))
		me := audience.ForLink(rec.ID)
		// A draft is its author's alone.
		for who, a := range map[string]audience.Actor{"coordinator": w.cora, "operator": w.op, "member": w.admin(0), "visitor": {}, "another link": audience.ForLink("app_other")} {
			w.Refused(who, errs.NotFound, func(tx *db.Tx) error { _, err := App(tx, a, rec.Number); return err })
		}
		// Only digests of secrets are kept.
		for _, row := range w.Rows(w.Watch...) {
			if strings.Contains(row, rec.Secret) {
				t.Error("the secret stands in the database")
			}
		}
		w.Do(func(tx *db.Tx) error {
			a, err := ApplicantActor(tx, rec.Secret)
			if a.Link != rec.ID {
				t.Errorf("the link is %+v", a)
			}
			return err
		})
		w.Refused("wrong secret", errs.NotFound, func(tx *db.Tx) error { _, err := ApplicantActor(tx, strings.Repeat("a", 43)); return err })
		w.Refused("the page's link proves no mailbox", errs.Conflict, func(tx *db.Tx) error { _, err := w.desk.Confirm(tx, rec.Secret); return err })
		p := w.now(Application{ID: rec.ID})
		w.Refused("unproved", errs.Invalid, func(tx *db.Tx) error { _, err := w.desk.Submit(tx, me, p.ID, p.Version); return err })
		first := w.mailed(p.Contact, p.Number)
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Confirm(tx, first); return err })
		p = w.now(p)
		// Another address has to be proved anew, and the mail before ends.
		in := w.form
		in.Contact, in.Version = "cert@vexel.example", p.Version
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Save(tx, me, p.ID, in); return err })
		w.Refused("an edit of an older version", errs.Stale, func(tx *db.Tx) error { _, err := w.desk.Save(tx, me, p.ID, in); return err })
		w.Refused("the link mailed before", errs.Gone, func(tx *db.Tx) error { _, err := w.desk.Confirm(tx, first); return err })
		if p = w.now(p); !p.ConfirmedAt.IsZero() {
			t.Error("a new address counts as proved")
		}
		second := w.mailed("cert@vexel.example", p.Number)
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Confirm(tx, second); return err })
		// A new link ends all before.
		var fresh string
		w.Do(func(tx *db.Tx) (err error) { fresh, err = w.desk.Relink(tx, me, p.ID); return err })
		for _, old := range []string{rec.Secret, second} {
			w.Refused("an old link", errs.Gone, func(tx *db.Tx) error { _, err := ApplicantActor(tx, old); return err })
		}
		w.Do(func(tx *db.Tx) error { _, err := ApplicantActor(tx, fresh); return err })
		w.Clock.Advance(2 * AppLife)
		w.Refused("an expired link", errs.Gone, func(tx *db.Tx) error { _, err := ApplicantActor(tx, fresh); return err })
		w.verify()
	})
}

func TestFloodsMeetABound(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		n := 0
		for ; n < 50; n++ {
			if err := w.DB.Write(t.Context(), func(tx *db.Tx) error { return w.desk.AllowBegin(tx, "192.0.2.1") }); errs.Is(err, errs.RateLimited) {
				break
			}
		}
		if n != appsPerHour {
			t.Errorf("%d drafts from one address in an hour", n)
		}
		w.Do(func(tx *db.Tx) error { return w.desk.AllowBegin(tx, "192.0.2.2") })
		p, me := w.begun(w.program.ID, w.form)
		for n = 0; n < 50; n++ {
			if err := w.DB.Write(t.Context(), func(tx *db.Tx) error { return w.desk.Remind(tx, me, p.ID) }); errs.Is(err, errs.RateLimited) {
				break
			}
		}
		if n >= appMails {
			t.Errorf("%d more mails to one address in a day", n)
		}
	})
}

func TestASponsorSpeaksForNobodyOfItsHouse(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		p, _ := w.reach(membership.AppComplete)
		ask := func(i int) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { _, err := w.desk.AskSponsor(tx, w.cora, p.ID, w.m[i].ID); return err }
		}
		affiliate := func(party, parent string) (f Affiliation) {
			w.Do(func(tx *db.Tx) (err error) {
				f, err = Affiliate(tx, w.cora, party, parent, "annual report")
				return err
			})
			return f
		}
		w.Refused("no member of the program", errs.Conflict, func(tx *db.Tx) error { _, err := w.desk.AskSponsor(tx, w.cora, p.ID, w.outside.ID); return err })
		w.Refused("not there", errs.NotFound, func(tx *db.Tx) error { _, err := w.desk.AskSponsor(tx, w.cora, p.ID, "org_none"); return err })
		// The applicant is a subsidiary of the sponsor, through another one.
		own := affiliate(p.Number, w.outside.ID)
		above := affiliate(w.outside.ID, w.m[0].ID)
		w.Refused("its parent's parent", errs.Conflict, ask(0))
		w.Refused("a circle", errs.Invalid, func(tx *db.Tx) error { _, err := Affiliate(tx, w.cora, w.m[0].ID, w.outside.ID, ""); return err })
		w.Refused("itself", errs.Invalid, func(tx *db.Tx) error { _, err := Affiliate(tx, w.cora, w.m[0].ID, w.m[0].ID, ""); return err })
		w.Refused("declared by a member", errs.Denied, func(tx *db.Tx) error {
			_, err := Affiliate(tx, w.Actor(tx, w.admins[0]), w.m[0].ID, w.m[1].ID, "")
			return err
		})
		w.Do(func(tx *db.Tx) error { return Disaffiliate(tx, w.cora, above.ID) })
		// A sister, and one that shares the domain.
		sister := affiliate(w.m[1].ID, w.outside.ID)
		w.Refused("a sister", errs.Conflict, ask(1))
		w.Do(func(tx *db.Tx) error { return Disaffiliate(tx, w.cora, sister.ID) })
		w.Do(func(tx *db.Tx) error { return Disaffiliate(tx, w.cora, own.ID) })
		w.Do(func(tx *db.Tx) error {
			o, err := orgs.Get(tx, w.op, w.m[3].ID)
			if err == nil {
				o.Domains = append(o.Domains, "mail.vexel.example")
				_, err = orgs.Edit(tx, w.op, o)
			}
			return err
		})
		w.Refused("the same domain", errs.Conflict, ask(3))
		// Two sponsors of one house.
		w.Do(ask(0))
		w.Refused("asked twice", errs.Conflict, ask(0))
		house := affiliate(w.m[1].ID, w.m[0].ID)
		w.Refused("a subsidiary of the other sponsor", errs.Conflict, ask(1))
		w.Do(func(tx *db.Tx) error { return Disaffiliate(tx, w.cora, house.ID) })
		w.Do(ask(1))
		speak := func(by, i int, s Speech) func(tx *db.Tx) error {
			return func(tx *db.Tx) error {
				s.Org = w.m[i].ID
				_, err := w.desk.Speak(tx, w.Actor(tx, w.admins[by]), p.ID, s)
				return err
			}
		}
		yes := Speech{Answer: Supports, Text: "We know them."}
		w.Refused("for another organization", errs.Denied, speak(1, 0, yes))
		w.Refused("without a word", errs.Invalid, speak(0, 0, Speech{Answer: Supports}))
		w.Refused("neither yes nor no", errs.Invalid, speak(0, 0, Speech{Answer: "perhaps", Text: "x"}))
		w.Refused("who was not asked", errs.NotFound, speak(2, 2, yes))
		w.Refused("a responder", errs.Denied, func(tx *db.Tx) error {
			s := yes
			s.Org = w.m[0].ID
			_, err := w.desk.Speak(tx, w.Actor(tx, w.reader), p.ID, s)
			return err
		})
		w.Do(speak(0, 0, yes))
		w.Refused("twice", errs.Conflict, speak(0, 0, yes))
		// Found out before the second has spoken, and after.
		house = affiliate(w.m[1].ID, w.m[0].ID)
		if err := w.Refused("found out meanwhile", errs.Conflict, speak(1, 1, yes)); strings.Contains(err.Error(), w.m[0].Name) {
			t.Errorf("a sponsor learns of another one: %v", err)
		}
		w.Do(func(tx *db.Tx) error { return Disaffiliate(tx, w.cora, house.ID) })
		w.Do(speak(1, 1, yes))
		w.is(p, membership.AppSponsored)
		affiliate(w.m[1].ID, w.m[0].ID)
		w.Refused("found out afterwards", errs.Conflict, func(tx *db.Tx) error { _, err := w.desk.Announce(tx, w.cora, p.ID); return err })
		w.verify()
	})
}

// A competitor objects: its objection has to be answered, its seat takes no
// part, and the applicant learns nothing of it.
func TestACompetitorObjects(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		p, me := w.reach(membership.AppObjection)
		var x Objection
		object := func(tx *db.Tx) (err error) {
			x, err = w.desk.Object(tx, w.Actor(tx, w.admins[3]), p.ID, Speech{Org: w.m[3].ID, Text: "They copied our Frobnicator.", Conflict: "We compete, and are in court."})
			return err
		}
		w.Refused("from outside", errs.NotFound, func(tx *db.Tx) error {
			_, err := w.desk.Object(tx, w.Actor(tx, w.outsider), p.ID, Speech{Org: w.outside.ID, Text: "No."})
			return err
		})
		w.Do(object)
		first := x
		w.Refused("twice", errs.Conflict, object)
		x = first
		w.Clock.Advance(14*24*time.Hour + time.Second)
		w.tick()
		w.is(p, membership.AppObjection) // it waits for the answer
		w.Refused("after the period", errs.Conflict, func(tx *db.Tx) error {
			_, err := w.desk.Object(tx, w.Actor(tx, w.admins[2]), p.ID, Speech{Org: w.m[2].ID, Text: "Late."})
			return err
		})
		answer := func(a audience.Actor, f Finding, why string) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { _, err := w.desk.AnswerObjection(tx, a, p.ID, x.ID, f, why); return err }
		}
		w.Refused("by a member", errs.Denied, answer(w.admin(3), SetAside, "x"))
		w.Refused("without a reason", errs.Invalid, answer(w.cora, SetAside, " "))
		w.Do(answer(w.cora, Stands, "The matter is before a court."))
		w.is(p, membership.AppReady)
		// What others may read: the objector its own words, no other member anything.
		w.Do(func(tx *db.Tx) error {
			for i, n := range []int{0, 0, 0, 1} {
				d, err := Look(tx, w.Actor(tx, w.admins[i]), p.ID)
				if err != nil || len(d.Objections) != n || d.Side != Member || d.Contact != "" || len(d.Recusals) > 0 {
					t.Errorf("member %d reads %d objections as %s: %v", i, len(d.Objections), d.Side, err)
				}
				if n == 1 && (d.Objections[0].Why != "" || d.Objections[0].Answer != "") {
					t.Error("the objector reads the secretariat's answer")
				}
			}
			return nil
		})
		var m board.Motion
		w.Do(func(tx *db.Tx) (err error) { m, err = w.desk.Put(tx, w.cora, p.ID, Vote{}); return err })
		w.Do(func(tx *db.Tx) error {
			list, err := board.Recusals(tx, w.cora, m.ID)
			if len(list) != 1 {
				t.Errorf("recused: %+v", list)
			}
			for i, side := range []Side{Panel, Panel, Panel, Member} {
				if d, err := Look(tx, w.Actor(tx, w.admins[i]), p.ID); err != nil || d.Side != side || side == Panel && len(d.Objections) != 1 {
					t.Errorf("executive %d reads it as %s, %d objections: %v", i, d.Side, len(d.Objections), err)
				}
			}
			return err
		})
		w.Refused("the objector votes", errs.Denied, func(tx *db.Tx) error {
			_, err := w.desk.Board.Cast(tx, w.Actor(tx, w.admins[3]), m.ID, board.Said{Choice: ballot.No})
			return err
		})
		w.learnsNothing(p, me)
		w.vote(p, ballot.Yes, ballot.Yes, ballot.No)
		w.close()
		w.is(p, membership.AppAccepted) // two of three
		w.learnsNothing(p, me)
		w.verify()
	})
}

// learnsNothing looks for names, votes and objections in all that the
// applicant reads: dossier, events and mails.
func (w *applyWorld) learnsNothing(p Application, me audience.Actor) {
	w.Helper()
	var said strings.Builder
	w.Do(func(tx *db.Tx) error {
		d, err := Look(tx, me, p.ID)
		if err != nil {
			return err
		}
		b, _ := json.Marshal(d)
		said.Write(b)
		list, err := ledger.List(tx, me, ledger.Query{Scope: p.ID, After: -1})
		b, _ = json.Marshal(list)
		said.Write(b)
		return err
	})
	for _, m := range w.mails(p.Contact) {
		said.WriteString(m.Subject + m.Text)
	}
	for _, secret := range []string{"Frobnicator", "Member 2", "Member 3", w.m[2].ID, w.m[3].ID, w.admins[2].ID, w.admins[3].ID, w.cora.Person, w.carl.Person, "B-1", "ballot", "objected"} {
		if strings.Contains(said.String(), secret) {
			w.Errorf("%s: the applicant learns %q: %s", p.Number, secret, said.String())
		}
	}
}

func TestWhatTheBallotComesTo(t *testing.T) {
	y, n := ballot.Yes, ballot.No
	for what, c := range map[string]struct {
		votes []ballot.Choice
		want  membership.AppState
	}{
		"carried": {[]ballot.Choice{y, y, y, n}, membership.AppAccepted}, "a tie": {[]ballot.Choice{y, y, n, n}, membership.AppRefused},
		"failed": {[]ballot.Choice{y, n, n, n}, membership.AppRefused}, "no quorum": {[]ballot.Choice{y}, membership.AppReady},
	} {
		t.Run(what, func(t *testing.T) {
			eachWorld(t, func(w *applyWorld) {
				p, me := w.reach(membership.AppBallot)
				w.vote(p, c.votes...)
				w.close()
				p = w.is(p, c.want)
				w.learnsNothing(p, me)
				if c.want == membership.AppReady { // and can be put again
					w.step(membership.AppReady, p, me)
					w.vote(p, y, y, y, y)
					w.close()
					w.is(p, membership.AppAccepted)
				}
				w.verify()
			})
		})
	}
}

func TestWithdrawnWhileTheBoardVotes(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		p, me := w.reach(membership.AppBallot)
		w.vote(p, ballot.Yes)
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Withdraw(tx, me, p.ID); return err })
		w.Do(func(tx *db.Tx) error {
			m, err := board.Load(tx, w.now2(tx, p).Motion)
			if m.State != ballot.Void {
				t.Errorf("the motion is %s", m.State)
			}
			return err
		})
		w.close()
		w.is(p, membership.AppWithdrawn)
		w.Refused("the board reads on", errs.NotFound, func(tx *db.Tx) error { _, err := App(tx, w.Actor(tx, w.admins[1]), p.ID); return err })
		w.verify()
	})
}

func (w *applyWorld) now2(tx *db.Tx, p Application) Application {
	w.Helper()
	p, err := appByID(tx, p.ID)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func TestAClassThatIsShutOut(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		in := w.form
		in.Class = orgs.Government
		p, me := w.begun(w.program.ID, in)
		w.Refused("submits", errs.Invalid, func(tx *db.Tx) error { _, err := w.desk.Submit(tx, me, p.ID, p.Version); return err })
		// Shut out after it was tested: the last step refuses.
		p, _ = w.reach(membership.AppTested)
		w.Do(func(tx *db.Tx) error {
			w.rules(tx, w.program.ID, func(r *programs.Rules) { r.ShutOut = append(r.ShutOut, orgs.Vendor) })
			return nil
		})
		if err := w.try(func(tx *db.Tx) error { _, err := w.desk.Activate(tx, w.cora, p.ID); return err }); err == nil {
			t.Error("a class that is shut out became a member")
		}
	})
}

func TestAMemberAppliesToAnotherProgram(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		in := Form{Statement: "We want in.", Website: "https://member4.example", Evidence: w.form.Evidence, Sponsors: w.form.Sponsors}
		begin := func(a audience.Actor, org string) func(tx *db.Tx) error {
			return func(tx *db.Tx) error { _, err := w.desk.Begin(tx, a, w.program.ID, org, in); return err }
		}
		w.Refused("for another organization", errs.Denied, begin(w.As(w.outsider), w.m[0].ID))
		w.Refused("a member already", errs.Conflict, begin(w.admin(0), w.m[0].ID))
		w.Refused("a responder", errs.Denied, begin(w.As(w.reader), w.m[0].ID))
		w.Refused("a visitor", errs.Unauthenticated, begin(audience.Actor{}, w.outside.ID))
		var rec Receipt
		w.Do(func(tx *db.Tx) (err error) {
			rec, err = w.desk.Begin(tx, w.Actor(tx, w.outsider), w.program.ID, w.outside.ID, in)
			return err
		})
		w.Refused("a second one", errs.Conflict, begin(w.As(w.outsider), w.outside.ID))
		p := w.now(Application{ID: rec.ID})
		if rec.Secret != "" || p.Name != w.outside.Name || p.ConfirmedAt.IsZero() {
			t.Errorf("%+v, %+v", rec, p)
		}
		me := w.As(w.outsider)
		for _, s := range []membership.AppState{membership.AppDraft, membership.AppSubmitted, membership.AppComplete, membership.AppSponsored, membership.AppObjection, membership.AppReady, membership.AppBallot} {
			w.step(s, p, me)
		}
		p = w.is(p, membership.AppAccepted)
		w.Refused("is prepared", errs.Conflict, func(tx *db.Tx) error { _, err := w.desk.Prepare(tx, w.cora, p.ID, "", ""); return err })
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Sign(tx, me, p.ID); return err })
		w.step(membership.AppSigned, p, me)
		w.step(membership.AppTested, p, me)
		w.Do(func(tx *db.Tx) error {
			in, err := programs.Member(tx, w.program.ID, w.outside.ID)
			if !in || !w.Actor(tx, w.outsider).Holds(audience.Program, w.program.ID) {
				t.Error("it is no member")
			}
			return err
		})
		w.verify()
	})
}

func TestNobodyTakesAMembersName(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		in := w.form
		in.Name = "MEMBER 0"
		p, me := w.begun(w.program.ID, in)
		w.Do(func(tx *db.Tx) error { _, err := w.desk.Submit(tx, me, p.ID, p.Version); return err })
		w.Refused("is found complete", errs.Conflict, func(tx *db.Tx) error { _, err := w.desk.Check(tx, w.cora, p.ID); return err })
	})
}

func TestFreezeLetsNobodyStepForward(t *testing.T) {
	for _, s := range membership.Way[:len(membership.Way)-1] {
		t.Run(string(s), func(t *testing.T) {
			eachWorld(t, func(w *applyWorld) {
				p, me := w.toState(s)
				var aid string
				w.Do(func(tx *db.Tx) (err error) {
					if aid, err = audience.Create(tx, "matter", []audience.Grant{{Kind: audience.Person, ID: w.cora.Person, Role: audience.Reader}}, nil, nil); err != nil {
						return err
					}
					for _, ref := range []string{"case_1", "case_2"} {
						if err := Freeze(tx, w.cora, Freezing{Program: w.program.ID, Ref: ref, Audience: aid, Level: tlp.AmberStrict}); err != nil {
							return err
						}
					}
					return Freeze(tx, w.cora, Freezing{Program: w.program.ID, Ref: "case_1", Audience: aid, Level: tlp.AmberStrict}) // once is enough
				})
				for v := range map[membership.AppVerb]bool{membership.AppSubmit: true, membership.AppCheck: true, membership.AppAnnounce: true, membership.AppPut: true, membership.AppPrepare: true, membership.AppSign: true, membership.AppTest: true, membership.AppActivate: true} {
					if err := w.try(w.verb(v, p, me)); err == nil {
						t.Errorf("%s while frozen", v)
					}
				}
				w.Do(func(tx *db.Tx) error {
					d, err := Look(tx, me, p.ID)
					b, _ := json.Marshal(d)
					if !d.Frozen || strings.Contains(string(b), "case_") {
						t.Errorf("the applicant reads %s", b)
					}
					list, err2 := ledger.List(tx, w.carl, ledger.Query{Scope: "case_1", After: -1})
					if len(list) > 0 {
						t.Error("somebody outside the matter reads why")
					}
					if err == nil {
						err = err2
					}
					return err
				})
				w.vote3(p, s)
				w.Clock.Advance(400 * 24 * time.Hour)
				w.Do(func(tx *db.Tx) error { _, err := w.desk.Board.Tick(tx); return err })
				w.tick()
				w.is(p, s) // it neither went on nor lapsed
				w.Do(func(tx *db.Tx) error { return Thaw(tx, w.cora, "case_1", "") })
				w.tick()
				w.is(p, s) // the other embargo still holds
				w.Do(func(tx *db.Tx) error { return Thaw(tx, w.cora, "case_2", "") })
				w.tick()
				want := map[membership.AppState]membership.AppState{membership.AppObjection: membership.AppReady, membership.AppBallot: membership.AppAccepted}[s]
				if want == "" {
					want = s
				}
				if s == membership.AppBallot { // what stood in the way is gone
					w.Do(func(tx *db.Tx) error {
						m, err := board.Load(tx, w.now2(tx, p).Motion)
						if m.Effect != board.Done || m.Obstacle != "" {
							t.Errorf("after the thaw the motion's effect is %q: %q", m.Effect, m.Obstacle)
						}
						return err
					})
				}
				if p = w.is(p, want); p.LapsesAt.Before(w.DB.Clock.Now().Add(300 * 24 * time.Hour)) {
					t.Errorf("lapses %s: the rest counted", p.LapsesAt)
				}
				w.verify()
			})
		})
	}
}

func (w *applyWorld) vote3(p Application, s membership.AppState) {
	if s == membership.AppBallot {
		w.vote(p, ballot.Yes, ballot.Yes, ballot.Yes)
	}
}

func TestRemindedThenLapsed(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		p, me := w.reach(membership.AppComplete)
		before := len(w.mails(p.Contact))
		w.Clock.Advance(AppLife - 29*24*time.Hour)
		w.tick()
		w.tick()
		if n := len(w.mails(p.Contact)) - before; n != 1 {
			t.Errorf("%d reminders", n)
		}
		w.Do(func(tx *db.Tx) error {
			next, err := w.desk.Next(tx)
			if !next.Equal(p.LapsesAt) {
				t.Errorf("next is %s, want %s", next, p.LapsesAt)
			}
			return err
		})
		w.Clock.Advance(30 * 24 * time.Hour)
		w.tick()
		w.is(p, membership.AppLapsed)
		w.Do(func(tx *db.Tx) error { _, err := Look(tx, me, p.ID); return err }) // the link shows the end
		w.verify()
	})
}

func TestListsForEverySide(t *testing.T) {
	eachWorld(t, func(w *applyWorld) {
		in := w.form
		var made []Application
		for _, name := range []string{"Alba", "Brio", "Corvo"} {
			in.Name = name
			p, me := w.begun(w.program.ID, in)
			w.Do(func(tx *db.Tx) error { _, err := w.desk.Submit(tx, me, p.ID, p.Version); return err })
			made = append(made, p)
			w.Clock.Advance(time.Hour)
		}
		w.begun(w.program.ID, w.form) // a draft that nobody else sees
		w.step(membership.AppSubmitted, made[1], audience.Actor{})
		names := func(a audience.Actor, f AppFilter) (out string) {
			w.Do(func(tx *db.Tx) error {
				for range 5 {
					page, err := Apps(tx, a, f)
					if err != nil {
						return err
					}
					for _, p := range page.Applications {
						out += p.Name[:1]
					}
					if f.After = page.Next; f.After == "" {
						return nil
					}
				}
				return nil
			})
			return out
		}
		for _, c := range []struct {
			f    AppFilter
			want string
		}{{AppFilter{}, "CBA"}, {AppFilter{Sort: "name"}, "ABC"}, {AppFilter{Sort: "name", Desc: true, Limit: 1}, "CBA"}, {AppFilter{Sort: "begun", Limit: 2}, "ABC"}, {AppFilter{States: []membership.AppState{membership.AppComplete}}, "B"}, {AppFilter{Prefix: "c"}, "C"}, {AppFilter{Program: w.lab.ID}, ""}, {AppFilter{Class: orgs.ISP}, ""}, {AppFilter{Sort: "state", Limit: 1}, "BAC"}} {
			if got := names(w.carl, c.f); got != c.want {
				t.Errorf("%+v: %s, want %s", c.f, got, c.want)
			}
		}
		if got := names(w.admin(0), AppFilter{}); got != "" {
			t.Errorf("a member sees %s", got)
		}
		w.Do(func(tx *db.Tx) error { _, err := w.desk.AskSponsor(tx, w.cora, made[1].ID, w.m[0].ID); return err })
		if got := names(w.admin(0), AppFilter{}); got != "B" {
			t.Errorf("who is asked sees %q", got)
		}
		if got := names(w.As(w.outsider), AppFilter{}); got != "" {
			t.Errorf("an outsider sees %s", got)
		}
		w.Refused("sorted by chance", errs.Invalid, func(tx *db.Tx) error { _, err := Apps(tx, w.carl, AppFilter{Sort: "chance"}); return err })
	})
}
