package portal_test

import (
	"context"
	"regexp"
	"testing"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/pgp"
)

func TestAdministrationIsForOperators(t *testing.T) {
	s := founded(t)
	bo := s.person("bo@vendor.example", "Bo Boardman", "", "")
	s.write(func(tx *db.Tx) error {
		ada, err := people.ByEmail(tx, "ada@alliance.example")
		if err != nil {
			return err
		}
		a, err := people.ActorOf(tx, ada.ID)
		if err != nil {
			return err
		}
		return people.GrantRole(tx, a, bo.ID, charter.Coordinator)
	})
	b := s.as("bo@vendor.example")
	for _, path := range []string{"/admin", "/admin/outbox", "/admin/people", "/admin/people/" + bo.ID, "/admin/settings", "/admin/keys", "/admin/ledger"} {
		b.get(path).is(t, 403, "")
		s.browser().get(path).is(t, 303, "")
		s.as("ada@alliance.example").get(path).is(t, 200, "")
	}
	for _, path := range []string{"/admin/keys/rotate", "/admin/ledger/verify", "/admin/people/" + bo.ID + "/link", "/admin/people/" + bo.ID + "/roles/operator/grant"} {
		b.post(path).is(t, 403, "")
	}
}

func TestOperatorHandlesAccounts(t *testing.T) {
	s := founded(t)
	bo := s.person("bo@vendor.example", "Bo Boardman", "", "")
	ada, b := s.as("ada@alliance.example"), s.as("bo@vendor.example")
	path := "/admin/people/" + bo.ID
	ada.get("/admin/people?q=board&state=active").is(t, 200, "", "Bo Boardman").lacks(t, ">Ada Operator</a>")
	ada.get("/admin/people/per_nobody").is(t, 404, "")

	ada.get(path+"/roles/board/grant").is(t, 200, "", "Make Bo Boardman board")
	ada.post(path+"/roles/board/grant").is(t, 303, path)
	ada.get(path).is(t, 200, "", "Take “board” away")
	ada.post(path+"/roles/king/grant").is(t, 422, "")
	ada.get(path+"/roles/board/steal").is(t, 404, "")
	ada.post(path+"/roles/board/revoke").is(t, 303, path)

	b.get("/cases").is(t, 200, "")
	ada.get(path+"/suspend").is(t, 200, "", "bo@vendor.example")
	ada.post(path+"/suspend").is(t, 303, path)
	b.get("/cases").is(t, 303, "/sign-in?next=%2Fcases")
	ada.post(path+"/suspend").is(t, 409, "")
	ada.post(path+"/restore").is(t, 303, path)
	ada.post(path+"/explode").is(t, 404, "")

	ada.post(path+"/link").is(t, 303, path)
	link := regexp.MustCompile(`/sign-in/[A-Za-z0-9_-]{43}`).FindString(ada.get(path).is(t, 200, "", "good once within a day").body)
	ada.get(path).lacks(t, link)
	fresh := s.browser()
	fresh.post(link).is(t, 303, "/me/security")
	s.browser().post(link).is(t, 410, "")

	ada.post(path+"/leave").is(t, 303, path)
	fresh.get("/me/security").is(t, 303, "")
	var self string
	s.write(func(tx *db.Tx) error {
		p, err := people.ByEmail(tx, "ada@alliance.example")
		self = "/admin/people/" + p.ID
		return err
	})
	ada.post(self+"/roles/operator/revoke").is(t, 409, "", "last operator")
}

func TestOutboxIsReadAndNoted(t *testing.T) {
	s := founded(t)
	s.browser().post("/sign-in/mail", "mail_to", "ada@alliance.example").is(t, 303, "/sign-in")
	ada := s.as("ada@alliance.example")
	list := ada.get("/admin/outbox?state=pending").is(t, 200, "", "ada@alliance.example", "Sign in to Test Alliance").lacks(t, "/sign-in/")
	path := regexp.MustCompile(`/admin/outbox/out_[a-z0-9]+`).FindString(list.body)
	ada.get(path).is(t, 200, "", "Read the content").lacks(t, "/sign-in/", "Send again")
	ada.post(path+"/content").is(t, 200, "", "/sign-in/"+s.mailed("ada@alliance.example", "/sign-in/"))
	ada.get("/me/trail").is(t, 200, "", "mail opened")
	ada.post(path+"/again").is(t, 409, "", "dead or uncertain")
	ada.post(path+"/burn").is(t, 404, "")
	ada.get("/admin/outbox/out_nothing").is(t, 404, "")
	s.write(func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE outbox SET state = 'dead'`)
		return err
	})
	ada.get("/admin").is(t, 200, "", "The outbox waits for you")
	ada.get(path+"/settle").is(t, 200, "", "never sent again")
	ada.post(path+"/settle").is(t, 303, path)
	ada.post(path+"/settle").is(t, 409, "")
}

func TestSettingsKeepWhatBothWrote(t *testing.T) {
	s := founded(t)
	ada := s.as("ada@alliance.example")
	form := ada.get("/admin/settings").is(t, 200, "", "Keep it in the circle")
	fields := func(name, days string) []string {
		return []string{"version", form.hidden(t, "version"), "name", name, "namespace", "https://alliance.example", "email", "contact@alliance.example", "url", "https://tocsin.example", "time_zone", "UTC",
			"embargo_default_days", days, "embargo_max_days", "90", "proposal_days", "7", "invitation_days", "7", "case_terms", "Keep quiet."}
	}
	ada.post("/admin/settings", fields("New Name", "soon")...).is(t, 422, "", "Give a number of days.", `value="New Name"`)
	ada.post("/admin/settings", fields("New Name", "400")...).is(t, 422, "", "from 1 to 90")
	ada.post("/admin/settings", fields("New Name", "30")...).is(t, 303, "/admin/settings")
	ada.post("/admin/settings", fields("Other Name", "30")...).is(t, 409, "", "Somebody was faster", "New Name", `value="Other Name"`)
}

func TestKeysAndLedger(t *testing.T) {
	s := founded(t)
	ada := s.as("ada@alliance.example")
	fingerprint := func() string {
		return regexp.MustCompile(`([0-9A-F]{4} ){9}[0-9A-F]{4}`).FindString(ada.get("/admin/keys").is(t, 200, "", "BEGIN PGP PUBLIC KEY").body)
	}
	first := fingerprint()
	ada.post("/admin/keys/rotate").is(t, 303, "/admin/keys")
	second := fingerprint()
	if first == second || first == "" {
		t.Errorf("rotating kept the key %s", first)
	}
	ada.post("/admin/keys/import", "private", "not a key").is(t, 400, "").lacks(t, "not a key")
	key, err := pgp.Generate("Elsewhere", "contact@alliance.example", s.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	secret, err := key.Secret()
	if err != nil {
		t.Fatal(err)
	}
	ada.post("/admin/keys/import", "private", string(secret)).is(t, 303, "/admin/keys")
	if fingerprint() == second {
		t.Error("the imported key is not the current one")
	}

	ada.get("/admin/ledger").is(t, 200, "", "Verify now")
	ada.post("/admin/ledger/verify").is(t, 200, "", "Everything holds")
	signed := ada.post("/admin/ledger/checkpoint").is(t, 200, "")
	if _, err := keeper(t, s).Open(signed.body); err != nil {
		t.Errorf("the checkpoint does not open: %v", err)
	}
	if err := s.house.Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(`UPDATE person SET email = 'evil@else.example'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	ada.post("/admin/ledger/verify").is(t, 200, "", "Something does not hold")
}
