package portal_test

import (
	"regexp"
	"strings"
	"testing"

	"tocsin/internal/alliance/orgs"
)

// A rotation and a ladder are added, refused, changed, saved too late and
// removed by forms alone, and by nobody but who keeps them.
func TestRotationsAndLaddersByForms(t *testing.T) {
	s := founded(t)
	vexel, wharf := s.org("Vexel Systems"), s.org("Wharf Networks")
	s.person("anna@vexel.example", "Anna Admin", vexel.ID, orgs.Admin)
	s.person("rita@vexel.example", "Rita Reader", vexel.ID, orgs.Reader)
	s.person("omar@wharf.example", "Omar Outsider", wharf.ID, orgs.Admin)
	anna, rita, omar := s.as("anna@vexel.example"), s.as("rita@vexel.example"), s.as("omar@wharf.example")
	home := "/alliance/organizations/" + vexel.ID
	anna.post(home+"/contacts/new", "kind", "duty desk", "name", "The desk", "mail", "desk@vexel.example", "time_zone", "UTC").is(t, 303, "")
	desk := regexp.MustCompile(`/alliance/contacts/(con_[a-z0-9]+)`).FindStringSubmatch(anna.get(home + "/contacts").body)
	if desk == nil {
		t.Fatal("no contact is listed")
	}
	for _, k := range []struct {
		noun     string
		good     []string
		bad, why string
	}{
		{"rotation", []string{"name", "Nights", "layer0", "All", "start0", "2026-01-05 09:00", "zone0", "UTC", "every0", "7", "member0_0", desk[1]}, "start0", "Please correct this"},
		{"ladder", []string{"name", "Nights", "rounds", "1", "whom0", "person:" + desk[1], "wait0", "15", "tries0", "1"}, "rounds", "Give a number"},
	} {
		add := home + "/" + k.noun + "s/new"
		rita.get(add).is(t, 403, "", "keep its "+k.noun+"s")
		rita.post(add, k.good...).is(t, 403, "")
		omar.get(add).is(t, 403, "")
		anna.get(add).is(t, 200, "", "Save the "+k.noun)
		anna.post(add, withField(k.good, k.bad, "nonsense")...).is(t, 422, "", k.why, `value="Nights"`, "nonsense")
		path := anna.post(add, k.good...).is(t, 303, "").location
		if !strings.HasPrefix(path, "/alliance/"+k.noun+"s/") {
			t.Fatalf("a new %s leads to %s", k.noun, path)
		}
		omar.get(path).is(t, 404, "")
		omar.get(path+"/edit").is(t, 404, "")
		rita.get(path).is(t, 200, "", "Nights").lacks(t, path+"/edit")
		rita.get(path+"/edit").is(t, 403, "")
		version := anna.get(path+"/edit").is(t, 200, "", `value="Nights"`).hidden(t, "version")
		changed := append([]string{"version", version}, withField(k.good, "name", "Days")...)
		rita.post(path+"/edit", changed...).is(t, 403, "")
		anna.post(path+"/edit", withField(changed, k.bad, "nonsense")...).is(t, 422, "", k.why, `value="Days"`)
		anna.post(path+"/edit", changed...).is(t, 303, path)
		anna.post(path+"/edit", withField(changed, "name", "Too late")...).is(t, 409, "", "while you had it open", `value="Too late"`)
		page := anna.get(path+"/remove").is(t, 200, "", "Remove Days", "Everybody it is shown to")
		rita.post(path+"/remove", "version", page.hidden(t, "version")).is(t, 403, "")
		anna.post(path+"/remove", "version", version).is(t, 409, "")
		anna.post(path+"/remove", "version", page.hidden(t, "version")).is(t, 303, home+"/contacts")
		anna.get(path).is(t, 404, "")
	}
}
