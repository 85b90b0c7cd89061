package portal

import (
	"strconv"
	"strings"

	"tocsin/internal/edge/look"
	"tocsin/spec/cvss"
)

type cvssPage struct {
	look.Frame
	Version string
	Other   look.Link
	Form    look.Form
	Score   *cvss.Score
	Shown   string
}

// cvssCalculator makes a vector from choices, without any script: the form
// is a GET, so its address can be kept and sent.
func (v *visit) cvssCalculator() error {
	version := cvss.V31
	other := look.Link{Label: "CVSS 4.0 instead", Href: "/tools/cvss?version=4.0"}
	if v.query("version") == string(cvss.V40) {
		version, other = cvss.V40, look.Link{Label: "CVSS 3.1 instead", Href: "/tools/cvss"}
	}
	values := map[string]string{}
	if _, given, err := cvss.Values(v.query("vector")); err == nil {
		values = given
	}
	for _, m := range cvss.Metrics(version) {
		if s := v.query(m.Name); s != "" {
			values[m.Name] = s
		}
	}
	data := cvssPage{Frame: v.frame("/cases"), Version: string(version), Other: other}
	data.Head = look.RecordHead{Title: "CVSS " + string(version) + " calculator"}
	data.Form = look.Form{Action: "/tools/cvss", Get: true, Hidden: []look.Hidden{{Name: "version", Value: string(version)}}, Button: look.Button{Label: "Score it"}, Groups: cvssGroups(version, values)}
	if len(values) > 0 {
		s, err := cvss.Build(version, values)
		if err != nil {
			data.Form.Error = err.Error()
		} else {
			data.Score, data.Shown = &s, strconv.FormatFloat(s.Overall, 'f', 1, 64)+" "+strings.ToLower(string(s.Severity))
		}
	}
	return v.show("cvss", data)
}

func cvssGroups(version cvss.Version, values map[string]string) []look.FieldGroup {
	var out []look.FieldGroup
	for _, group := range []cvss.Group{cvss.Base, cvss.Threat, cvss.Environmental, cvss.Supplemental} {
		g := look.FieldGroup{Title: string(group)}
		for _, m := range cvss.Metrics(version) {
			if m.Group != group {
				continue
			}
			f := look.Field{Kind: look.Select, Name: m.Name, Label: m.Label + " (" + m.Name + ")", Optional: group != cvss.Base, Options: []look.Option{{Value: "", Label: "–"}}}
			for _, value := range m.Values {
				f.Options = append(f.Options, look.Option{Value: value.Code, Label: value.Label, On: values[m.Name] == value.Code})
			}
			g.Fields = append(g.Fields, f)
		}
		if len(g.Fields) > 0 {
			out = append(out, g)
		}
	}
	return out
}
