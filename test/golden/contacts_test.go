package golden_test

import (
	"bytes"
	"maps"
	"regexp"

	"tocsin/internal/alliance/contacts"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/oncall"
)

var contactLink = regexp.MustCompile(`/contacts/answer/([A-Za-z0-9_-]{43})`)

// reachable keeps Vexel's contacts: one that its program sees and one that
// nobody else does, with a rotation, a ladder and a running test.
func (w *world) reachable() {
	vera, board := w.cast["vera"], contacts.Switchboard{Box: w.house.Box}
	w.do(func(tx *db.Tx) error {
		org, shared := w.orgs["Vexel Systems"], []string{w.values["program"]}
		desk, err := contacts.Add(tx, vera, contacts.Contact{Org: org, Kind: contacts.Desk, Name: "Duty desk", Mail: "duty@vexel.example", Phone: "+15550100001", Shared: shared})
		if err != nil {
			return err
		}
		law, err := contacts.Add(tx, vera, contacts.Contact{Org: org, Kind: contacts.Legal, Name: "Counsel", Phone: "+15550100002"})
		if err != nil {
			return err
		}
		begin, err := oncall.ParseWall("2026-01-05T09:00")
		if err != nil {
			return err
		}
		r, err := contacts.AddRotation(tx, vera, contacts.Rotation{Org: org, Name: "Duty", Shared: shared, Layers: []oncall.Rotation{{Name: "main", Zone: "Europe/Vienna", Start: begin, Every: oncall.Every{Weeks: 1}, Members: []string{desk.ID}}}})
		if err != nil {
			return err
		}
		o, err := contacts.HandOver(tx, vera, contacts.Override{Rotation: r.ID, Contact: law.ID, To: tx.Now.AddDate(0, 0, 1)})
		if err != nil {
			return err
		}
		l, err := contacts.AddLadder(tx, vera, contacts.Ladder{Org: org, Name: "Wake us", Ladder: oncall.Ladder{Steps: []oncall.Step{{Whom: oncall.Whom{Kind: oncall.ByPerson, ID: law.ID}, Wait: 15}, {Whom: oncall.Whom{Kind: oncall.ByPerson, ID: desk.ID}}}}})
		if err != nil {
			return err
		}
		c, err := board.Call(tx, w.cast["cora"], contacts.Ask{Org: org, About: "golden", Ladder: l.ID})
		if err != nil {
			return err
		}
		if _, err := board.StartTest(tx, w.cast["cora"], contacts.Ask{Org: org, Contact: desk.ID}); err != nil {
			return err
		}
		w.values["contact"], w.values["private contact"], w.values["rotation"], w.values["override"], w.values["ladder"], w.values["call"], w.values["page"] = desk.ID, law.ID, r.ID, o.ID, l.ID, c.ID, c.Pages[0].ID
		w.values["form"] = "csv"
		return nil
	})
	for _, it := range made(w, func(tx *db.Tx) ([]outbox.Item, error) { return w.house.Box.List(tx, outbox.Filter{}) }) {
		if m := contactLink.FindSubmatch(bytes.TrimSpace(it.Content)); m != nil {
			w.values["answer secret"] = string(m[1])
		}
	}
}

func init() {
	maps.Copy(bodies, contactBodies)
	maps.Copy(queries, contactQueries)
}

var contactQueries = map[string]string{
	"GET /alliance/call":                  "q=Vexel+Systems",
	"GET /api/v1/contacts/who":            "q=Vexel+Systems",
	"DELETE /api/v1/contacts/{contact}":   "version=1",
	"DELETE /api/v1/rotations/{rotation}": "version=1",
	"DELETE /api/v1/ladders/{ladder}":     "version=1",
}

var contactBodies = map[string]string{
	"POST /contacts/confirm/{secret}":                                 "right=yes",
	"POST /contacts/answer/{secret}":                                  "x=1",
	"POST /alliance/contacts/{contact}/reveal":                        "x=1",
	"POST /alliance/contacts/{contact}/confirm":                       "version=1",
	"POST /alliance/contacts/{contact}/edit":                          "version=1&name=Desk&kind=support&mail=d@vexel.example&duty=0",
	"POST /alliance/contacts/{contact}/remove":                        "version=1",
	"POST /alliance/organizations/{org}/contacts/new":                 "name=Desk&kind=support&mail=d@vexel.example&duty=0",
	"POST /alliance/organizations/{org}/rotations/new":                "name=Nights&layer0=main&start0=2026-01-05+09:00&zone0=UTC&every0=7&member0_0=<contact>",
	"POST /alliance/rotations/{rotation}/edit":                        "version=1&name=Nights&layer0=main&start0=2026-01-05+09:00&zone0=UTC&every0=7&member0_0=<contact>",
	"POST /alliance/rotations/{rotation}/remove":                      "version=1",
	"POST /alliance/rotations/{rotation}/overrides":                   "to=2190-01-01T09:00&from=2189-12-01T09:00&from_zone=UTC&to_zone=UTC",
	"POST /alliance/rotations/{rotation}/overrides/{override}/remove": "x=1",
	"POST /alliance/organizations/{org}/ladders/new":                  "name=Nights&rounds=1&whom0=person:<contact>&wait0=5&tries0=1",
	"POST /alliance/ladders/{ladder}/edit":                            "version=1&name=Nights&rounds=1&whom0=person:<contact>&wait0=5&tries0=1",
	"POST /alliance/ladders/{ladder}/remove":                          "version=1",
	"POST /alliance/organizations/{org}/calls":                        "urgency=emergency",
	"POST /alliance/organizations/{org}/tests":                        "urgency=emergency",
	"POST /alliance/calls/{call}/take":                                "x=1",
	"POST /alliance/calls/{call}/stop":                                "note=n",
	"POST /alliance/calls/{call}/pages/{page}":                        "answered=yes",
	"POST /api/v1/organizations/{org}/contacts":                       `{"kind":"support","name":"Desk","mail":"d@vexel.example"}`,
	"PUT /api/v1/contacts/{contact}":                                  `{"kind":"support","name":"Desk","mail":"d@vexel.example"}`,
	"POST /api/v1/contacts/{contact}/confirm":                         `{"version":1}`,
	"POST /api/v1/organizations/{org}/rotations":                      `{"name":"Nights","layers":[{"name":"main","zone":"UTC","start":"2026-01-05T09:00","every":{"weeks":1},"members":["<contact>"]}]}`,
	"PUT /api/v1/rotations/{rotation}":                                `{"name":"Nights","layers":[{"name":"main","zone":"UTC","start":"2026-01-05T09:00","every":{"weeks":1},"members":["<contact>"]}]}`,
	"POST /api/v1/rotations/{rotation}/overrides":                     `{"from":"2189-12-01T00:00:00Z","to":"2190-01-01T00:00:00Z"}`,
	"POST /api/v1/organizations/{org}/ladders":                        `{"name":"Nights","ladder":{"steps":[{"whom":{"kind":"person","id":"<contact>"},"wait":5}]}}`,
	"PUT /api/v1/ladders/{ladder}":                                    `{"name":"Nights","ladder":{"steps":[{"whom":{"kind":"person","id":"<contact>"},"wait":5}]}}`,
	"POST /api/v1/organizations/{org}/calls":                          `{"urgency":"emergency"}`,
	"POST /api/v1/organizations/{org}/tests":                          `{"urgency":"emergency"}`,
	"POST /api/v1/calls/{call}/stop":                                  `{"note":"n"}`,
	"POST /api/v1/calls/{call}/pages/{page}":                          `{"answered":true}`,
}
