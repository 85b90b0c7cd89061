package golden_test

import (
	"maps"
	"regexp"

	"tocsin/internal/alliance/board"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/spec/ballot"
)

// board seats Vera, with Ned as substitute, and Willem; leaves a draft, an
// open sealed ballot and a decided motion, all put by Vera.
func (w *world) board() {
	w.do(func(tx *db.Tx) error {
		room := w.house.Board()
		for _, s := range []board.Seat{{Org: w.orgs["Vexel Systems"], Person: w.cast["vera"].Person, Substitute: w.cast["ned"].Person}, {Org: w.orgs["Wharf Networks"], Person: w.cast["willem"].Person}} {
			made, err := board.Appoint(tx, w.cast["tess"], s)
			if err != nil {
				return err
			}
			if s.Substitute != "" {
				w.values["seat"] = made.ID
			}
		}
		for _, in := range []struct {
			key    string
			motion board.Motion
		}{
			{"draft motion", board.Motion{Kind: board.Other, Title: "A draft"}},
			{"motion", board.Motion{Kind: board.Spend, Title: "Buy a bell", Sealed: true, Deadline: tx.Now.AddDate(0, 2, 0)}},
			{"decided motion", board.Motion{Kind: board.Publish, Title: "Publish a roadmap", Early: true}},
		} {
			m, err := board.Propose(tx, w.cast["vera"], in.motion)
			if err != nil {
				return err
			}
			w.values[in.key] = m.Number
			if in.key == "draft motion" {
				continue
			}
			if _, err := board.Open(tx, w.cast["vera"], m.ID, m.Version); err != nil {
				return err
			}
			if in.key == "motion" {
				continue
			}
			for _, who := range []string{"vera", "willem"} {
				if _, err := room.Cast(tx, w.cast[who], m.ID, board.Said{Choice: ballot.Yes}); err != nil {
					return err
				}
			}
		}
		w.values["motion deed"] = "withdraw"
		w.values["recusing"] = "recuse"
		w.values["opening"] = "open"
		return w.passage(tx)
	})
}

// passage leaves a motion to change a program's rules, and an exception: Outer
// Works reads a closed case that lies in the program.
func (w *world) passage(tx *db.Tx) error {
	r, err := programs.RulesOf(tx, w.values["program"])
	if err != nil {
		return err
	}
	r.Sponsors++
	m, _, err := board.ProposeRules(tx, w.cast["cora"], r, "")
	if err != nil {
		return err
	}
	w.values["rules motion"] = m.Number
	c, err := casework.ByID(tx, w.values["old case"])
	if err != nil {
		return err
	}
	if err := audience.Place(tx, c.Audience, r.Program); err != nil {
		return err
	}
	outer := audience.Party{Kind: audience.Org, ID: w.orgs["Outer Works"]}
	w.values["exception"] = c.ID + "." + outer.ID
	return audience.Exempt(tx, c.Audience, outer, w.values["decided motion"]+": Publish a roadmap")
}

func init() {
	places = append(places, struct{ path, parameter, value string }{"/alliance/board/", "deed", "motion deed"})
	variants = append(variants,
		variant{"draft", regexp.MustCompile(`^(GET \S*/motions/\{motion\}(/edit|/papers)?|(POST|PATCH) \S*/motions/\{motion\}(/edit|/open|/vote)?)$`), map[string]string{"motion": "draft motion"}},
		variant{"opening", regexp.MustCompile(`/motions/\{motion\}/\{deed\}$`), map[string]string{"motion": "draft motion", "deed": "opening"}},
		variant{"recusing", regexp.MustCompile(`/motions/\{motion\}/\{deed\}$`), map[string]string{"deed": "recusing"}},
		variant{"rules", regexp.MustCompile(`/motions/\{motion\}(/preview)?$`), map[string]string{"motion": "rules motion"}},
		variant{"decided", regexp.MustCompile(`/motions/\{motion\}(/recount|/minutes|/votes|/vote|/enact)$`), map[string]string{"motion": "decided motion"}},
	)
	const motion = "title=Buy a bell&kind=spend&object=&text=It rings.&sealed=1&quorum=1/2&majority=2/3&tlp=TLP:AMBER%2BSTRICT&deadline=&deadline_zone=UTC"
	maps.Copy(bodies, map[string]string{
		"POST /alliance/board/motions/new":             motion,
		"POST /alliance/board/motions/{motion}/edit":   motion + "&version=1",
		"POST /alliance/board/motions/{motion}/paper":  "choice=yes&seat=<seat>",
		"POST /alliance/board/motions/{motion}/vote":   "choice=yes&seat=<seat>",
		"POST /alliance/board/motions/{motion}/{deed}": "version=1&reason=R.&seat=<seat>",
		"POST /alliance/board/seats/new":               "org=<outer>&person=<otto>&substitute=&from=&until=",
		"POST /alliance/board/seats/{seat}":            "version=1&substitute=",
		"POST /alliance/board/seats/{seat}/end":        "version=1&reason=R.",

		"POST /api/v1/board/seats":                                      `{"org_id":"<outer>","person_id":"<otto>"}`,
		"PATCH /api/v1/board/seats/{seat}":                              `{"substitute_id":""}`,
		"POST /api/v1/board/seats/{seat}/end":                           `{"reason":"R."}`,
		"POST /alliance/programs/{program}/exceptions/{exception}/end":  "reason=R.",
		"POST /api/v1/programs/{program}/exceptions/{exception}/motion": `{"reason":"R."}`,
		"POST /api/v1/board/motions":                                    `{"kind":"spend","title":"Buy a bell"}`,
		"PATCH /api/v1/board/motions/{motion}":                          `{"title":"Buy two"}`,
		"POST /api/v1/board/motions/{motion}/open":                      `{"version":1}`,
		"POST /api/v1/board/motions/{motion}/withdraw":                  `{"reason":"R."}`,
		"POST /api/v1/board/motions/{motion}/recuse":                    `{"seat_id":"<seat>","reason":"R."}`,
		"POST /api/v1/board/motions/{motion}/vote":                      `{"choice":"yes"}`,
	})
}
