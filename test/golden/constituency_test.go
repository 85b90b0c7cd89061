package golden_test

import (
	"context"
	"encoding/json"
	"maps"
	"net"
	"regexp"
	"strings"

	"tocsin/internal/alliance/constituency"
	"tocsin/internal/commons/outreach"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/outbox"
	spec "tocsin/spec/constituency"
)

// noNames is a name server that knows nothing.
type noNames struct{}

func (noNames) LookupTXT(_ context.Context, name string) ([]string, error) {
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// constituency leaves four claims of Vexel, one of them proven, one with a
// challenge by record and one with a link, and one of Wharf that overlaps;
// and a draft and a public line of the roadmap.
func (w *world) constituency() {
	w.house.Names = noNames{}
	w.do(func(tx *db.Tx) error {
		g, vera := w.house.Registrar(), w.cast["vera"]
		for key, value := range map[string]string{"claim": "vexel.net", "link claim": "vexel.org", "new claim": "vexel.info"} {
			c, err := g.Declare(tx, vera, w.orgs["Vexel Systems"], spec.Domain, value, "")
			if err != nil {
				return err
			}
			w.values[key] = c.ID
		}
		if _, err := g.ChallengeByRecord(tx, vera, w.values["claim"]); err != nil {
			return err
		}
		if _, err := g.ChallengeByMail(tx, vera, w.values["link claim"], "hostmaster@vexel.org"); err != nil {
			return err
		}
		c, err := g.Declare(tx, vera, w.orgs["Vexel Systems"], spec.ASN, "3333", "")
		if err != nil {
			return err
		}
		w.values["proven claim"] = c.ID
		if _, err := constituency.Confirm(tx, w.cast["cleo"], c.ID, "Seen."); err != nil {
			return err
		}
		if c, err = g.Declare(tx, w.cast["willem"], w.orgs["Wharf Networks"], spec.ASN, "3333", ""); err != nil {
			return err
		}
		w.values["rival claim"] = c.ID
		p, err := constituency.Overlaps(tx, w.cast["cleo"], constituency.OverlapFilter{})
		if err != nil {
			return err
		}
		w.values["overlap"] = p.Overlaps[0].ID
		return nil
	})
	w.do(func(tx *db.Tx) error {
		items, err := w.house.Box.List(tx, outbox.Filter{Limit: 200})
		for _, it := range items {
			var m outbox.Mail
			if it.Address == "hostmaster@vexel.org" && json.Unmarshal(it.Content, &m) == nil {
				_, rest, _ := strings.Cut(m.Text, "/constituency/")
				w.values["claim secret"], _, _ = strings.Cut(rest, "\n")
			}
		}
		return err
	})
	w.do(func(tx *db.Tx) error {
		draft, err := outreach.Write(tx, w.cast["cora"], outreach.Item{Kind: outreach.Plan, Title: "An exercise"})
		if err != nil {
			return err
		}
		out, err := outreach.Write(tx, w.cast["cora"], outreach.Item{Kind: outreach.Done, Title: "An alliance"})
		if err != nil {
			return err
		}
		w.values["roadmap item"], w.values["public item"] = draft.ID, out.ID
		for n, who := range []string{"cleo", "bob"} {
			if _, err := outreach.Clear(tx, w.cast[who], out.ID, int64(n+1)); err != nil {
				return err
			}
		}
		return nil
	})
}

func init() {
	places = append(places, []struct{ path, parameter, value string }{
		{"/constituency/", "secret", "claim secret"},
		{"/api/v1/constituency/links/", "secret", "claim secret"},
		{"/alliance/roadmap/", "item", "roadmap item"},
		{"/api/v1/roadmap/", "item", "roadmap item"},
	}...)
	variants = append(variants,
		variant{"proven", regexp.MustCompile(`/claims/\{claim\}`), map[string]string{"claim": "proven claim"}},
		variant{"rival's", regexp.MustCompile(`/claims/\{claim\}`), map[string]string{"claim": "rival claim"}},
		variant{"new", regexp.MustCompile(`/claims/\{claim\}/(check|record|challenge)$`), map[string]string{"claim": "new claim"}},
		variant{"public", regexp.MustCompile(`(roadmap|items)/\{item\}`), map[string]string{"item": "public item"}},
	)
	queries["GET /api/v1/constituency/answers"] = "question=AS3333"
	maps.Copy(bodies, map[string]string{
		"POST /alliance/constituency/overlaps/{overlap}/dispute": "reason=R.",
		"POST /alliance/constituency/overlaps/{overlap}/settle":  "version=1&decision=shared&reason=R.",
		"POST /alliance/constituency/claims/{claim}/mail":        "address=hostmaster@vexel.net",
		"POST /alliance/constituency/claims/{claim}/confirm":     "note=Seen.",
		"POST /alliance/constituency/claims/{claim}/refuse":      "reason=R.",
		"POST /alliance/constituency/claims/{claim}/registry":    "address=noc@registry.example&source=RDAP",
		"POST /alliance/organizations/{org}/constituency":        "kind=country&value=CH",
		"POST /alliance/organizations/{org}/constituency/import": "sheet=country,CH",
		"POST /constituency/{secret}":                            "answer=yes",
		"POST /alliance/roadmap/new":                             "kind=plan&title=More&place=0",
		"POST /alliance/roadmap/{item}/edit":                     "version=1&title=More&place=0",
		"POST /alliance/roadmap/{item}/clear":                    "version=1",
		"POST /alliance/roadmap/{item}/draw":                     "version=1",
		"POST /alliance/roadmap/{item}/withdraw":                 "reason=R.",
		"POST /api/v1/organizations/{org}/claims":                `{"kind":"country","value":"CH"}`,
		"POST /api/v1/organizations/{org}/claims/import":         `{"sheet":"country,CH"}`,
		"POST /api/v1/constituency/claims/{claim}/challenge":     `{"method":"dns"}`,
		"POST /api/v1/constituency/claims/{claim}/confirm":       `{"note":"Seen."}`,
		"POST /api/v1/constituency/claims/{claim}/refuse":        `{"reason":"R."}`,
		"POST /api/v1/constituency/claims/{claim}/registry":      `{"address":"noc@registry.example","source":"RDAP"}`,
		"POST /api/v1/constituency/overlaps/{overlap}/dispute":   `{"reason":"R."}`,
		"POST /api/v1/constituency/overlaps/{overlap}/settle":    `{"decision":"shared","reason":"R.","version":1}`,
		"POST /api/v1/constituency/links/{secret}":               `{"answer":"yes"}`,
		"POST /api/v1/roadmap/items":                             `{"kind":"plan","title":"More"}`,
		"PATCH /api/v1/roadmap/items/{item}":                     `{"title":"More"}`,
		"POST /api/v1/roadmap/items/{item}/draw":                 `{"version":1}`,
		"POST /api/v1/roadmap/items/{item}/clear":                `{"version":1}`,
		"POST /api/v1/roadmap/items/{item}/withdraw":             `{"reason":"R."}`,
	})
}
