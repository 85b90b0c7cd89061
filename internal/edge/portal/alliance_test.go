package portal_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/orgs"
)

func TestOrganizationPageByReader(t *testing.T) {
	s := founded(t)
	vexel, wharf := s.org("Vexel Systems"), s.org("Wharf Networks")
	s.person("anna@vexel.example", "Anna Admin", vexel.ID, orgs.Admin)
	s.person("rita@vexel.example", "Rita Reader", vexel.ID, orgs.Reader)
	s.person("omar@wharf.example", "Omar Outsider", wharf.ID, orgs.Admin)
	path := "/alliance/organizations/" + vexel.ID
	anna, rita, omar, ada := s.as("anna@vexel.example"), s.as("rita@vexel.example"), s.as("omar@wharf.example"), s.as("ada@alliance.example")

	page := anna.get(path).is(t, 200, "", "Anna Admin", "Rita Reader", "Invite somebody", "Add a component")
	rita.get(path).is(t, 200, "", "Anna Admin").lacks(t, "Invite somebody", "Add a component", path+"/edit")
	omar.get(path).is(t, 200, "", "Vexel Systems", "shown to its own people").lacks(t, "Anna Admin", "anna@", "Invite somebody")
	ada.get(path).is(t, 200, "", "Anna Admin", path+"/edit")

	members := regexp.MustCompile(path+`/members/[a-z0-9_]+`).FindAllString(page.body, -1)
	if len(members) < 2 {
		t.Fatalf("members lead to %v", members)
	}
	ritas := members[1]
	for _, r := range []struct {
		who    *browser
		status int
	}{{rita, 403}, {omar, 403}} {
		r.who.get(path+"/edit").is(t, r.status, "")
		r.who.post(path+"/edit", "version", "1", "name", "Stolen").is(t, r.status, "")
		r.who.post(path+"/invite", "invite_email", "x@vexel.example", "org_role", "admin").is(t, 403, "")
		r.who.post(path+"/components", "name", "zlib").is(t, 403, "")
		r.who.get("/alliance/organizations/new").is(t, 403, "")
		r.who.post("/alliance/organizations/new", "name", "Mine", "class", "vendor").is(t, 403, "")
		r.who.get("/alliance/invitations").is(t, 403, "")
		r.who.get("/alliance/programs/new").is(t, 403, "")
	}
	rita.get(ritas).is(t, 403, "")
	omar.post(ritas+"/remove").is(t, 403, "")
	anna.get("/alliance/organizations/org_nothing").is(t, 404, "")

	// The admin changes a role; an admin cannot decide class or listing.
	form := anna.get(ritas).is(t, 200, "", "Rita Reader")
	anna.post(ritas, "version", form.hidden(t, "version"), "org_role", "responder", "duty", "many").is(t, 422, "", "from 0 to 999")
	anna.post(ritas, "version", form.hidden(t, "version"), "org_role", "responder", "duty", "2", "backup", "1").is(t, 303, path+"#people")
	anna.post(ritas, "version", form.hidden(t, "version"), "org_role", "reader", "duty", "0").is(t, 409, "", "Somebody was faster")
	edit := anna.get(path+"/edit").is(t, 200, "").lacks(t, `name="class"`, `name="listed"`)
	anna.post(path+"/edit", "version", edit.hidden(t, "version"), "name", "Vexel", "class", "cert").is(t, 303, path)
	anna.get(path).is(t, 200, "", "vendor", "Vexel")
	ada.post(path+"/edit", "version", edit.hidden(t, "version"), "name", "Vexel Two", "class", "vendor", "listed", "1", "state", "active").is(t, 409, "", "Somebody was faster", `value="Vexel Two"`)

	anna.post(path+"/components", "purl", "pkg:npm/left@1.0").is(t, 303, path+"#components")
	anna.post(path+"/components", "purl", "nonsense").is(t, 422, "", "not a package URL", `value="nonsense"`)
	remove := regexp.MustCompile(path + `/components/[a-z0-9_]+/remove`).FindString(anna.get(path).body)
	rita.get(remove).is(t, 403, "")
	anna.get(remove).is(t, 200, "", "Remove left")
	anna.post(remove).is(t, 303, path+"#components")

	// Whoever leaves loses access with the next request.
	rita.get(ritas+"/remove").is(t, 200, "", "Remove Rita Reader")
	rita.post(ritas+"/remove").is(t, 303, "/alliance")
	rita.get(path).is(t, 200, "").lacks(t, "Anna Admin")
	rita.post(ritas+"/remove").is(t, 403, "")
}

func TestInvitationIsAccepted(t *testing.T) {
	s := founded(t)
	vexel := s.org("Vexel Systems")
	s.person("anna@vexel.example", "Anna Admin", vexel.ID, orgs.Admin)
	anna := s.as("anna@vexel.example")
	path := "/alliance/organizations/" + vexel.ID
	anna.post(path+"/invite", "invite_email", "no address", "org_role", "responder").is(t, 422, "", "plain mail address", `value="no address"`)
	anna.post(path+"/invite", "invite_email", "new@vexel.example", "org_role", "responder").is(t, 303, path+"#people")
	anna.get(path).is(t, 200, "", "Open invitations", "new@vexel.example")
	join := "/join/" + s.mailed("new@vexel.example", "/join/")

	b := s.browser()
	b.get("/join/wrong").is(t, 404, "")
	b.get(join).is(t, 200, "", "Vexel Systems", "Anna Admin", "new@vexel.example", "Decline")
	b.post(join, "name", "Nina New", "time_zone", "Europe/Berlin", "password", "short").is(t, 422, "", "at least 12", `value="Nina New"`)
	b.post(join, "name", "Nina New", "time_zone", "Europe/Berlin", "password", passphrase).is(t, 303, "/me/security")
	b.get(path).is(t, 303, "/me/security")
	b.enroll()
	b.get(path).is(t, 200, "", "Nina New", "Anna Admin")
	b.get(join).is(t, 410, "")
	s.browser().post(join, "name", "Thief", "password", passphrase).is(t, 410, "")

	// Somebody with an account accepts as themselves, and nobody else can.
	s.clock.Advance(time.Second) // mails are found by their age
	wharf := s.org("Wharf Networks")
	ada := s.as("ada@alliance.example")
	ada.post("/alliance/invitations", "invite_email", "new@vexel.example", "org", wharf.ID, "org_role", "reader").is(t, 303, "/alliance/invitations")
	second := "/join/" + s.mailed("new@vexel.example", "/join/")
	s.browser().get(second).is(t, 200, "", "Sign in with it, then accept")
	anna.post(second+"/as").is(t, 403, "", "sent to another address")
	b.get(second).is(t, 200, "", "Accept as Nina New")
	b.post(second+"/as").is(t, 303, "/alliance")
	b.get("/alliance/organizations/"+wharf.ID).is(t, 200, "", "Nina New")

	ada.post("/alliance/invitations", "invite_email", "later@vexel.example", "org_role", "reader", "roles", "board").is(t, 303, "/alliance/invitations")
	ada.get("/alliance/invitations").is(t, 200, "", "later@vexel.example")
	third := "/join/" + s.mailed("later@vexel.example", "/join/")
	s.browser().post(third+"/decline").is(t, 303, "/")
	s.browser().get(third).is(t, 410, "")
	list := ada.get("/alliance/invitations").is(t, 200, "", "No invitation is open").body
	if strings.Contains(list, "later@vexel.example") {
		t.Error("a declined invitation is shown as open")
	}
}

func TestProgramsAreForTheirOwn(t *testing.T) {
	s := founded(t)
	vexel, wharf := s.org("Vexel Systems"), s.org("Wharf Networks")
	s.person("anna@vexel.example", "Anna Admin", vexel.ID, orgs.Admin)
	s.person("omar@wharf.example", "Omar Outsider", wharf.ID, orgs.Admin)
	anna, omar, ada := s.as("anna@vexel.example"), s.as("omar@wharf.example"), s.as("ada@alliance.example")
	ada.post("/alliance/programs/new", "name", "", "tlp", "TLP:AMBER").is(t, 422, "", "needs a name")
	made := ada.post("/alliance/programs/new", "name", "Grid", "purpose", "Keep **lights** on", "tlp", "TLP:AMBER")
	path := made.location
	ada.post(path+"/organizations", "org", vexel.ID).is(t, 303, path)
	anna.get(path).is(t, 200, "", "<strong>lights</strong>", "Vexel Systems").lacks(t, path+"/edit", "Add an organization")
	anna.get("/alliance/organizations/"+vexel.ID).is(t, 200, "", "Grid")
	omar.get(path).is(t, 404, "")
	omar.get("/alliance/programs").is(t, 200, "").lacks(t, "Grid")
	omar.get("/alliance/organizations/"+vexel.ID).is(t, 200, "").lacks(t, "Grid")
	omar.get(path+"/edit").is(t, 404, "")
	anna.get(path+"/edit").is(t, 403, "")
	anna.post(path+"/organizations", "org", wharf.ID).is(t, 403, "")

	edit := ada.get(path + "/edit")
	ada.post(path+"/edit", "version", edit.hidden(t, "version"), "name", "Power grid", "tlp", "TLP:GREEN", "state", "active").is(t, 303, path)
	ada.post(path+"/edit", "version", edit.hidden(t, "version"), "name", "Other", "tlp", "TLP:GREEN", "state", "active").is(t, 409, "", "Theirs: Power grid")
	anna.get(path+"/organizations/"+vexel.ID+"/remove").is(t, 200, "", "Take Vexel Systems out of Power grid")
	anna.post(path+"/organizations/"+vexel.ID+"/remove").is(t, 303, "/alliance/programs")
	anna.get(path).is(t, 404, "")
}

func TestDirectorySortsFiltersAndExports(t *testing.T) {
	s := founded(t)
	for _, name := range []string{"Delta", "=Alpha", "Charlie"} {
		s.org(name)
	}
	b := s.as("ada@alliance.example")
	order := func(path string) string {
		var names []string
		for _, m := range regexp.MustCompile(`/alliance/organizations/org_[a-z0-9]+">([^<]+)<`).FindAllStringSubmatch(b.get(path).body, -1) {
			names = append(names, m[1])
		}
		return strings.Join(names, " ")
	}
	for path, want := range map[string]string{"/alliance": "=Alpha Charlie Delta", "/alliance?sort=name&desc=1": "Delta Charlie =Alpha", "/alliance?sort=since&q=d": "Delta", "/alliance?class=cert": ""} {
		if got := order(path); got != want {
			t.Errorf("%s shows %q, want %q", path, got, want)
		}
	}
	b.get("/alliance?sort=secret").is(t, 422, "")
	csv := b.get("/alliance/organizations.csv").is(t, 200, "", ",'=Alpha,", "Charlie", "Delta")
	if strings.Contains(csv.body, ",=") {
		t.Error("the export holds a formula")
	}
}
