package golden_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"strings"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/tlp"
)

var applyingSecret = regexp.MustCompile(`/applying/(?:answer/)?([\w-]{43})`)

// applying leaves applications to a program of Vexel and Harbor that decides
// without a board: one in each state that a verb is for, of newcomers, and a
// draft of Ivo's organization. Harbor objected to one, and owns Outer Works.
func (w *world) applying() {
	d := w.house.Applications()
	var p programs.Program
	w.do(func(tx *db.Tx) (err error) {
		if p, err = programs.Create(tx, w.cast["tess"], programs.Program{Name: "Switches", Purpose: "Makers of switches.", TLP: tlp.Green}); err != nil {
			return err
		}
		r, err := programs.RulesOf(tx, p.ID)
		if err != nil {
			return err
		}
		r.Open, r.ByBoard, r.Sponsors, r.ObjectionDays, r.Evidence, r.Page = true, false, 1, 14, nil, "Come in."
		if r, err = programs.ChangeRules(tx, w.cast["tess"], r); err != nil {
			return err
		}
		w.values["applied program"], w.values["applied slug"] = p.ID, r.Slug
		for _, org := range []string{"Vexel Systems", "Hidden Harbor"} {
			if err := programs.Join(tx, w.cast["tess"], p.ID, w.orgs[org]); err != nil {
				return err
			}
		}
		return nil
	})
	vera, hana := w.again("vera"), w.again("hana")
	for _, x := range []struct{ key, name, until string }{
		{"application", "Alba", "submitted"}, {"complete application", "Brio", "complete"}, {"open application", "Corvo", "objection"}, {"ready application", "Dune", "ready"},
		{"accepted application", "Egret", "accepted"}, {"signed application", "Fennec", "signed"}, {"refused application", "Gnu", "refused"},
	} {
		app, secret := w.newcomer(p.ID, x.name)
		w.values[x.key] = app.Number
		if x.key == "application" {
			w.values["applicant secret"] = secret
		}
		w.do(func(tx *db.Tx) error {
			coor := w.cast["cora"]
			for _, step := range []struct {
				at string
				do func() error
			}{
				{"submitted", func() error { _, err := d.Check(tx, coor, app.ID); return err }},
				{"complete", func() error {
					if _, err := d.AskSponsor(tx, coor, app.ID, w.orgs["Vexel Systems"]); err != nil || x.until == "complete" {
						return err
					}
					_, err := d.Speak(tx, vera, app.ID, membership.Speech{Org: w.orgs["Vexel Systems"], Answer: membership.Supports, Text: "We know them."})
					return err
				}},
				{"sponsored", func() error {
					if x.until != "objection" { // the others have had their fortnight
						r, err := programs.RulesOf(tx, p.ID)
						if err != nil {
							return err
						}
						if r.ObjectionDays != 0 {
							r.ObjectionDays = 0
							if _, err = programs.ChangeRules(tx, w.cast["tess"], r); err != nil {
								return err
							}
						}
					}
					_, err := d.Announce(tx, coor, app.ID)
					return err
				}},
				{"objection", func() error {
					if x.until != "objection" {
						return nil
					}
					o, err := d.Object(tx, hana, app.ID, membership.Speech{Org: w.orgs["Hidden Harbor"], Text: "They copied us.", Conflict: "We compete."})
					w.values["objection"] = o.ID
					return err
				}},
				{"ready", func() error {
					_, err := d.Decide(tx, w.cast["cleo"], app.ID, membership.Verdict{Accept: x.until != "refused", Why: "R.", Reason: "Not yet."})
					return err
				}},
				{"accepted", func() error {
					if _, err := d.Prepare(tx, w.cast["tess"], app.ID, "", ""); err != nil {
						return err
					}
					_, err := d.Sign(tx, coor, app.ID)
					return err
				}},
			} {
				if x.until == step.at && step.at != "complete" && step.at != "objection" {
					return nil
				}
				if err := step.do(); err != nil || x.until == step.at {
					return err
				}
				if x.until == "refused" && step.at == "ready" {
					return nil
				}
			}
			if x.until == "signed" {
				_, err := d.SendTest(tx, coor, app.ID)
				return err
			}
			return nil
		})
		if x.until == "signed" {
			w.values["test secret"] = w.sentSecret(app.Number, "/applying/answer/")
		}
	}
	w.do(func(tx *db.Tx) error {
		rec, err := d.Begin(tx, w.again0(tx, "ivo"), p.ID, w.orgs["Invita Storage"], membership.Form{Website: "https://invita.example", Statement: "We store."})
		if err != nil {
			return err
		}
		w.values["own application"] = rec.Number
		a, err := membership.Affiliate(tx, w.cast["cora"], w.orgs["Outer Works"], w.orgs["Hidden Harbor"], "annual report")
		w.values["affiliation"] = a.ID
		return err
	})
	w.values["application deed"], w.values["applicant deed"] = "check", "mail"
}

// newcomer submits an application by its link.
func (w *world) newcomer(program, name string) (app membership.Application, secret string) {
	d := w.house.Applications()
	in := membership.Form{Name: name, Class: "vendor", Website: "https://" + name + ".example", Statement: "We make switches.", Contact: name + "@" + name + ".example", ContactName: "Nora", Sponsors: []string{"Vexel"}}
	rec := made(w, func(tx *db.Tx) (membership.Receipt, error) { return d.Begin(tx, audience.Actor{}, program, "", in) })
	mailed := w.sentSecret(rec.Number, "/applying/")
	w.do(func(tx *db.Tx) (err error) {
		if app, err = d.Confirm(tx, mailed); err == nil {
			app, err = d.Submit(tx, audience.ForLink(rec.ID), rec.ID, app.Version)
		}
		return err
	})
	return app, rec.Secret
}

// sentSecret is the secret in the last mail about an application.
func (w *world) sentSecret(number, path string) (secret string) {
	w.do(func(tx *db.Tx) error {
		list, err := w.house.Box.List(tx, outbox.Filter{})
		for _, it := range list {
			var m outbox.Mail
			if json.Unmarshal(it.Content, &m) != nil || len(m.Subject) < len(number)+2 || m.Subject[1:len(number)+1] != number {
				continue
			}
			if f := applyingSecret.FindStringSubmatch(m.Text); f != nil && strings.Contains(m.Text, path) {
				secret = f[1]
				return err
			}
		}
		return errs.New(errs.Internal, "no mail about %s", number)
	})
	return secret
}

// again is somebody as the next request would load them.
func (w *world) again(key string) (a audience.Actor) {
	w.do(func(tx *db.Tx) error { a = w.again0(tx, key); return nil })
	return a
}

func (w *world) again0(tx *db.Tx, key string) audience.Actor {
	a := w.cast[key]
	seats, err := audience.Seats(tx, a.Person)
	if err != nil {
		w.Fatal(err)
	}
	a.Seats = seats
	return a
}

func init() {
	places = append([]struct{ path, parameter, value string }{
		{"/programs/", "slug", "applied slug"}, {"/applying/answer/", "secret", "test secret"}, {"/applying/", "secret", "applicant secret"}, {"/applying/", "deed", "applicant deed"}, {"/alliance/applications/", "deed", "application deed"},
	}, places...)
	at := func(pattern, key string) variant {
		return variant{key, regexp.MustCompile(pattern), map[string]string{"application": key + " application"}}
	}
	variants = append(variants,
		at(`^GET \S*/applications/\{application\}$`, "own"), at(`^(PUT|POST) \S*/applications/\{application\}(|/submit|/withdraw)$`, "own"),
		at(`/applications/\{application\}($|/sponsors|/statement)`, "complete"), at(`/applications/\{application\}($|/objections)`, "open"),
		at(`/applications/\{application\}/(ballot|decide)$`, "ready"), at(`/applications/\{application\}/(prepare|sign)$`, "accepted"), at(`/applications/\{application\}/test$`, "signed"), at(`/applications/\{application\}/explain$`, "refused"),
	)
	const form = "name=Alba&class=vendor&contact=alba@alba.example&statement=We+make+switches."
	const api = `{"name":"Alba","class":"vendor","contact":"alba@alba.example","statement":"We make switches."}`
	const speech = `{"org":"<vexel>","answer":"supports","text":"We know them."}`
	maps.Copy(bodies, map[string]string{
		"POST /programs/{slug}/apply":                                           form,
		"POST /alliance/affiliations":                                           "party=<outer>&parent=<wharf>&note=N.",
		"POST /cases/{number}/freezes":                                          "program=<applied program>",
		"POST /cases/{number}/exceptions":                                       "org=<harbor>&reason=R.",
		"POST /api/v1/applications":                                             `{"program":"<applied slug>","name":"Alba","class":"vendor","contact":"alba@alba.example"}`,
		"POST /api/v1/application-links/confirm":                                `{"secret":"<applicant secret>"}`,
		"POST /api/v1/application-links/answer":                                 `{"secret":"<test secret>"}`,
		"PUT /api/v1/application":                                               api,
		"POST /api/v1/application/submit":                                       `{"version":1}`,
		"PUT /api/v1/applications/{application}":                                api,
		"POST /api/v1/applications/{application}/submit":                        `{"version":1}`,
		"POST /api/v1/applications/{application}/return":                        `{"note":"More."}`,
		"POST /api/v1/applications/{application}/sponsors":                      `{"org_id":"<harbor>"}`,
		"POST /api/v1/applications/{application}/statement":                     speech,
		"POST /api/v1/applications/{application}/objections":                    `{"org":"<vexel>","text":"No."}`,
		"POST /api/v1/applications/{application}/objections/{objection}/answer": `{"answer":"stands","why":"R."}`,
		"POST /api/v1/applications/{application}/conflicts":                     `{"org_id":"","reason":"R."}`,
		"POST /api/v1/applications/{application}/ballot":                        `{"open":false,"early":false}`,
		"POST /api/v1/applications/{application}/decide":                        `{"accept":false,"why":"R.","reason":"R."}`,
		"POST /api/v1/applications/{application}/explain":                       `{"accept":false,"why":"","reason":"R."}`,
		"POST /api/v1/applications/{application}/prepare":                       `{"email":"","name":""}`,
		"POST /api/v1/affiliations":                                             `{"party":"<outer>","parent":"<vexel>","note":"N."}`,
		"POST /api/v1/cases/{case}/freezes":                                     `{"program_id":"<applied program>"}`,
		"POST /api/v1/cases/{case}/exceptions":                                  `{"organization_id":"<harbor>","reason":"R."}`,
	})
}
