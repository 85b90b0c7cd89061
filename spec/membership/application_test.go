package membership

import (
	"slices"
	"strings"
	"testing"

	"tocsin/spec/mpcvd"
)

// The whole machine, written a second time in letters: "from verb to". Every
// pair that is not named must be refused.
const appMachine = "D edit D|D submit S|S return D|S check C|S refuse N|C sponsor C|C support P|P announce O|O object O|O close R|R put B|R accept A|R refuse N|" +
	"B accept A|B refuse N|B void R|A prepare A|A sign G|G test T|T activate M|" +
	"D withdraw W|S withdraw W|C withdraw W|P withdraw W|O withdraw W|R withdraw W|B withdraw W|A withdraw W|G withdraw W|T withdraw W|" +
	"D lapse L|S lapse L|C lapse L|P lapse L|O lapse L|R lapse L|A lapse L|G lapse L|T lapse L"

func TestApplicationWalkedWhole(t *testing.T) {
	want := map[string]string{}
	for _, row := range strings.Split(appMachine, "|") {
		f := strings.Fields(row)
		want[f[0]+" "+f[1]] = f[2]
	}
	moves := 0
	for _, s := range append(slices.Clone(Application.Info), mpcvd.State[AppState]{ID: "no such state", Code: "?"}) {
		for _, v := range append(Application.AllVerbs(), "no such verb") {
			to, err := Application.Move(s.ID, v)
			code, allowed := want[s.Code+" "+string(v)]
			if allowed != (err == nil) {
				t.Fatalf("%s %s: %v", s.Code, v, err)
			}
			if d, _ := Application.Describe(to); allowed && d.Code != code {
				t.Errorf("%s %s leads to %s, want %s", s.Code, v, d.Code, code)
			}
			if allowed {
				moves++
			}
		}
		if s.ID.Ended() != (Application.Has(s.ID) && Application.Final(s.ID)) {
			t.Errorf("%s: Ended does not agree with the table", s.ID)
		}
	}
	if moves != len(Application.Rows) || moves != len(want) {
		t.Errorf("%d moves walked, %d rows, %d wanted", moves, len(Application.Rows), len(want))
	}
}

// Nobody becomes a member but along the whole way: without check, sponsors,
// objection period, decision, agreements or test there is no path to active.
func TestNoStepCanBeLeftOut(t *testing.T) {
	for _, without := range []AppVerb{AppSubmit, AppCheck, AppSupport, AppAnnounce, AppClose, AppAccept, AppSign, AppTest, AppActivate} {
		reached, todo := map[AppState]bool{}, []AppState{Application.Start}
		for len(todo) > 0 {
			s := todo[0]
			todo = todo[1:]
			if reached[s] {
				continue
			}
			reached[s] = true
			for _, r := range Application.Rows {
				if r.From == s && r.Verb != without {
					todo = append(todo, r.To)
				}
			}
		}
		if reached[AppActive] {
			t.Errorf("without %q an application becomes active", without)
		}
	}
}

func TestTheWayIsAWay(t *testing.T) {
	for i, s := range Way[1:] {
		if !slices.ContainsFunc(Application.Rows, func(r mpcvd.Row[AppState, AppVerb]) bool {
			return r.From == Way[i] && r.To == s && slices.Contains(Forward, r.Verb)
		}) {
			t.Errorf("no forward move from %s to %s", Way[i], s)
		}
	}
	for _, v := range Forward {
		if len(Application.RowsOf(v)) == 0 {
			t.Errorf("%s is no verb of the table", v)
		}
	}
}
