package golden_test

import (
	"maps"
	"regexp"

	"tocsin/internal/alliance/agreements"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/kernel/db"
)

// agreements leaves one that everybody with an account reads, accepted by Vera
// for Vexel Systems; one that only the members of the routers' program read,
// who have still to accept it; a public one; and a withdrawn one.
func (w *world) agreements() {
	w.do(func(tx *db.Tx) error {
		tess := w.cast["tess"]
		for key, sight := range map[string]agreements.Sight{"nda": agreements.Members, "concerned nda": agreements.Concerned, "public nda": agreements.Public, "withdrawn nda": agreements.Members} {
			g, err := agreements.Make(tx, tess, agreements.Agreement{Kind: agreements.NDA, Title: "The " + key, Sight: sight, Current: agreements.Text{Body: "Keep it in the circle."}})
			if err != nil {
				return err
			}
			w.values[key], w.values[key+" version"] = g.ID, g.Current.ID
			if key == "withdrawn nda" {
				if _, err := agreements.Withdraw(tx, tess, g.ID, g.Version); err != nil {
					return err
				}
			}
		}
		w.values["agreement"], w.values["agreement number"], w.values["text"] = w.values["nda"], "1", w.values["nda version"]
		x, err := agreements.Accept(tx, w.cast["vera"], agreements.Signature{Agreement: w.values["nda"], Text: w.values["nda version"], Org: w.orgs["Vexel Systems"], Address: "192.0.2.9"})
		if err != nil {
			return err
		}
		w.values["acceptance"] = x.ID
		r, err := programs.RulesOf(tx, w.values["other program"])
		if err != nil {
			return err
		}
		r.Agreements = []string{w.values["concerned nda"]}
		_, err = programs.ChangeRules(tx, tess, r)
		return err
	})
}

func init() {
	for _, door := range []string{"/alliance/agreements/", "/api/v1/agreements/"} {
		places = append(places, struct{ path, parameter, value string }{door, "number", "agreement number"})
	}
	variants = append(variants,
		variant{"of the concerned", regexp.MustCompile(`^(GET \S*/agreements/\{agreement\}|POST \S*/agreements/\{agreement\}/accept)`), map[string]string{"agreement": "concerned nda"}},
		variant{"public", regexp.MustCompile(`^GET \S*/agreements/\{agreement\}(/versions.*|/diff)?$`), map[string]string{"agreement": "public nda"}},
		variant{"withdrawn", regexp.MustCompile(`/agreements/\{agreement\}(/accept|/acceptances|/restore|/revise|/text)$`), map[string]string{"agreement": "withdrawn nda"}},
	)
	const facts = "title=Another&kind=nda&sight=members&program_id="
	maps.Copy(bodies, map[string]string{
		"POST /alliance/agreements/new":                  facts + "&body=Keep it.",
		"POST /alliance/agreements/{agreement}/edit":     facts + "&version=1",
		"POST /alliance/agreements/{agreement}/revise":   "version=1&body=Keep it well.&note=More.",
		"POST /alliance/agreements/{agreement}/accept":   "version=<text>&org=<org>&read=yes",
		"POST /alliance/agreements/{agreement}/papers":   "version=<text>&org=<wharf>&signer=W.&paper=Drawer&signed_at=&signed_at_zone=UTC",
		"POST /alliance/agreements/{agreement}/withdraw": "version=1",
		"POST /alliance/agreements/{agreement}/restore":  "version=2",
		"POST /alliance/acceptances/{acceptance}/end":    "reason=R.",

		"POST /api/v1/agreements":                              `{"title":"Another","kind":"nda","body":"Keep it."}`,
		"PATCH /api/v1/agreements/{agreement}":                 `{"title":"Another"}`,
		"PUT /api/v1/agreements/{agreement}/text":              `{"body":"Keep it well."}`,
		"PUT /api/v1/agreements/{agreement}/state":             `{"state":"withdrawn"}`,
		"POST /api/v1/agreements/{agreement}/acceptances":      `{"version_id":"<text>","org_id":"<org>"}`,
		"POST /api/v1/agreements/{agreement}/papers":           `{"version_id":"<text>","org_id":"<wharf>","signer":"W.","paper":"Drawer"}`,
		"POST /api/v1/agreements/acceptances/{acceptance}/end": `{"reason":"R."}`,
	})
}
