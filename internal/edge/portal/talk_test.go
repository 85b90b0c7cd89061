package portal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime/multipart"
	"regexp"
	"strings"
	"testing"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/talk"
	"tocsin/spec/tlp"
)

// talking is a site with one open case: Ada coordinates, Vera sits for Vexel
// and Willem for Wharf, which compete; Ivo's organization is invited and has
// not accepted; Otto has nothing to do with it.
type talking struct {
	*site
	c       casework.Case
	v, w, i casework.Participant
	vexel   orgs.Org
}

func (s *site) actor(email string) (a audience.Actor) {
	s.t.Helper()
	s.write(func(tx *db.Tx) error {
		p, err := people.ByEmail(tx, email)
		if err == nil {
			a, err = people.ActorOf(tx, p.ID)
		}
		return err
	})
	return a
}

func newTalk(t *testing.T) *talking {
	t.Helper()
	s := &talking{site: founded(t)}
	store, err := blob.OpenDir(t.TempDir(), s.house.Sealer)
	if err != nil {
		t.Fatal(err)
	}
	s.house.Blobs = store
	s.vexel = s.org("Vexel Systems")
	wharf, iris, outer := s.org("Wharf Networks"), s.org("Iris Devices"), s.org("Outer Bank")
	s.person("vera@vexel.example", "Vera Vexel", s.vexel.ID, orgs.Admin)
	s.person("willem@wharf.example", "Willem Wharf", wharf.ID, orgs.Admin)
	s.person("ivo@iris.example", "Ivo Iris", iris.ID, orgs.Admin)
	s.person("otto@outer.example", "Otto Outer", outer.ID, orgs.Admin)
	ada := s.actor("ada@alliance.example")
	s.write(func(tx *db.Tx) (err error) {
		if s.c, err = casework.OpenCase(tx, ada, casework.NewCase{Title: "Heap overflow in libexample", Summary: "A length is not checked.", Level: tlp.AmberStrict}); err != nil {
			return err
		}
		list, err := casework.Invite(tx, ada, s.c.ID, casework.Inclusion{Reason: "ships libexample", Due: tx.Now.Add(1e15), Targets: []casework.Target{
			{Kind: audience.Org, ID: s.vexel.ID, Name: s.vexel.Name, Role: casework.Vendor}, {Kind: audience.Org, ID: wharf.ID, Name: wharf.Name, Role: casework.Vendor}, {Kind: audience.Org, ID: iris.ID, Name: iris.Name, Role: casework.Vendor}}})
		if err == nil {
			s.v, s.w, s.i = list[0], list[1], list[2]
		}
		return err
	})
	for _, email := range []string{"vera@vexel.example", "willem@wharf.example"} {
		a := s.actor(email)
		s.write(func(tx *db.Tx) error {
			open, err := casework.OpenInvitations(tx, a)
			for _, i := range open {
				if _, err := casework.Accept(tx, a, i.ID, i.Terms); err != nil {
					return err
				}
			}
			return err
		})
	}
	return s
}

func (s *talking) general() string { return s.thread(talk.GeneralID(s.c.ID)) }
func (s *talking) private(p casework.Participant) string {
	return s.thread(talk.PrivateID(p.ID))
}
func (s *talking) thread(id string) string { return "/cases/" + s.c.Number + "/talk/" + id }

// say posts by the verb itself.
func (s *talking) say(email, path string, d talk.Draft) (m talk.Message) {
	s.t.Helper()
	a := s.actor(email)
	s.write(func(tx *db.Tx) (err error) {
		m, err = talk.Post(tx, a, path[strings.LastIndex(path, "/")+1:], d)
		return err
	})
	return m
}

// compose posts the composer's form with files by name and content.
func (b *browser) compose(path string, fields map[string]string, files ...[2]string) page {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		if err := w.WriteField(name, value); err != nil {
			b.t.Fatal(err)
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile("files", f[0])
		if err == nil {
			_, err = part.Write([]byte(f[1]))
		}
		if err != nil {
			b.t.Fatal(err)
		}
	}
	w.Close()
	return b.read(b.Client.Post(b.site.url+path, w.FormDataContentType(), &body))
}

func TestWhoSeesWhichThread(t *testing.T) {
	s := newTalk(t)
	s.say("vera@vexel.example", s.private(s.v), talk.Draft{Body: "our secret schedule"})
	s.say("vera@vexel.example", s.general(), talk.Draft{Body: "hello to all parties"})
	ada, vera, willem, ivo, otto := s.as("ada@alliance.example"), s.as("vera@vexel.example"), s.as("willem@wharf.example"), s.as("ivo@iris.example"), s.as("otto@outer.example")

	ada.get(s.private(s.v)).is(t, 200, "", "our secret schedule", "Private.", "Ada Operator", "Vera Vexel (Vexel Systems)")
	vera.get(s.private(s.v)).is(t, 200, "", "our secret schedule")
	ada.get(s.thread(talk.TeamID(s.c.ID))).is(t, 200, "", "Coordinators only")
	willem.get(s.general()).is(t, 200, "", "hello to all parties", "Who sees this:").lacks(t, "our secret", "Private: Vexel", "Iris")

	nowhere := willem.get(s.thread("thr_pnothere"))
	for _, path := range []string{s.private(s.v), s.private(s.i), s.thread(talk.TeamID(s.c.ID))} {
		if p := willem.get(path); p.status != 404 || visible(p.body) != visible(nowhere.body) {
			t.Errorf("%s answers %d: %s", path, p.status, visible(p.body))
		}
		if p := willem.compose(path, map[string]string{"body": "let me in"}); p.status != 404 {
			t.Errorf("writing at %s answers %d", path, p.status)
		}
	}
	for name, b := range map[string]*browser{"invited": ivo, "outsider": otto} {
		not := b.get("/cases/TA-2099-9999/talk/thr_gnothere")
		for _, path := range []string{s.general(), s.private(s.v), s.private(s.i), "/cases/" + s.c.Number + "/talk", "/cases/" + s.c.Number + "/files", "/cases/" + s.c.Number + "/files/fil_x", s.general() + "/readers"} {
			p := b.get(path)
			if p.status != 404 || visible(p.body) != visible(not.body) {
				t.Errorf("%s at %s: %d %s", name, path, p.status, visible(p.body))
			}
		}
	}
	s.browser().get(s.general()).is(t, 303, "/sign-in?next="+strings.ReplaceAll(s.general(), "/", "%2F"))
}

func TestReadingMarksWhereOneLeftOff(t *testing.T) {
	s := newTalk(t)
	for range 80 {
		s.say("vera@vexel.example", s.general(), talk.Draft{Body: "one more line"})
	}
	willem := s.as("willem@wharf.example")
	willem.get("/cases/"+s.c.Number).is(t, 200, "", "80 new")
	willem.get("/cases/"+s.c.Number+"/talk").is(t, 303, s.general())
	first := willem.get(s.general()).is(t, 200, "", "New since you last looked", "Newer messages")
	if n := strings.Count(first.body, `class="msg`); n != 30 {
		t.Errorf("%d messages on a page", n)
	}
	willem.get("/cases/"+s.c.Number).is(t, 200, "", "50 new")
	// Looking at the end leaves what was skipped unread.
	last := s.say("vera@vexel.example", s.general(), talk.Draft{Body: "the end"})
	willem.get(s.general()+"?at="+last.ID).is(t, 200, "", "the end")
	willem.get("/cases/"+s.c.Number).is(t, 200, "", "51 new")
	for range 3 {
		willem.get(s.general()).is(t, 200, "", "New since you last looked")
	}
	willem.get(s.general()).is(t, 200, "").lacks(t, "New since you last looked")
	willem.get("/cases/"+s.c.Number).is(t, 200, "").lacks(t, " new</small>")
}

func TestComposerSendsOnce(t *testing.T) {
	s := newTalk(t)
	vera := s.as("vera@vexel.example")
	form := vera.get(s.general()).is(t, 200, "", `enctype="multipart/form-data"`, "TLP:AMBER&#43;STRICT", "TLP:RED").lacks(t, "TLP:GREEN")
	fields := map[string]string{"key": form.hidden(t, "key"), "body": "Our patch, **attached**.", "marking": "TLP:AMBER+STRICT"}
	file := [2]string{"fix.patch", "--- a\n+++ b\n"}
	for range 2 {
		vera.compose(s.general(), fields, file).is(t, 303, "")
	}
	p := vera.get(s.general()).is(t, 200, "", "<strong>attached</strong>", "fix.patch")
	if n := strings.Count(p.body, `class="msg`); n != 1 {
		t.Fatalf("sent twice, there are %d messages", n)
	}
	sum := sha256.Sum256([]byte(file[1]))
	willem := s.as("willem@wharf.example")
	list := willem.get("/cases/"+s.c.Number+"/files").is(t, 200, "", "fix.patch", hex.EncodeToString(sum[:]), "Vera Vexel", "Vexel Systems")
	href := regexp.MustCompile(`/cases/[^"]+/files/fil_[^"]+`).FindString(list.body)
	got := willem.get(href).is(t, 200, "")
	h := got.header
	if got.body != file[1] || h.Get("Content-Type") != "application/octet-stream" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Disposition") != "attachment; filename=fix.patch" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("downloaded %q with %v", got.body, h)
	}
	opened := 0
	s.write(func(tx *db.Tx) (err error) {
		opened, err = db.Value[int](tx, `SELECT COUNT(*) FROM event WHERE kind = $1`, talk.EventFileOpened)
		return err
	})
	if opened != 1 {
		t.Errorf("%d openings are recorded", opened)
	}
}

func TestUploadThatIsTooLargeOrLies(t *testing.T) {
	s := newTalk(t)
	vera := s.as("vera@vexel.example")
	big := strings.Repeat("x", talk.MaxFileSize+1)
	p := vera.compose(s.general(), map[string]string{"body": "see the dump", "marking": "TLP:AMBER+STRICT"}, [2]string{"dump.bin", big})
	p.is(t, 413, "", "see the dump")
	vera.get(s.general()).is(t, 200, "", "Nobody has written yet")
	p = vera.compose(s.general(), map[string]string{"body": strings.Repeat("y", 3<<20), "marking": "TLP:AMBER+STRICT"})
	if p.status != 413 {
		t.Errorf("a long text is answered %d", p.status)
	}
	vera.compose(s.general(), map[string]string{"body": "look", "marking": "TLP:AMBER+STRICT"}, [2]string{"report.pdf", "MZ\x90\x00 this is a program"}).is(t, 303, "")
	vera.get(s.general()).is(t, 200, "", "not what it says")
	vera.get("/cases/"+s.c.Number+"/files").is(t, 200, "", "not what it says")

	// An upload that breaks off changes nothing.
	cut := "--b\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\ncut\r\n--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\nhalf of"
	vera.read(vera.Client.Post(s.url+s.general(), "multipart/form-data; boundary=b", strings.NewReader(cut))).is(t, 400, "")
	vera.get(s.general()).is(t, 200, "").lacks(t, ">cut<", "a.txt")
}

func TestRefusedMessageKeepsWhatWasTyped(t *testing.T) {
	s := newTalk(t)
	ada := s.as("ada@alliance.example")
	p := ada.compose(s.general(), map[string]string{"body": "for few <script>alert(1)</script>", "marking": "TLP:RED", "key": "k1"}, [2]string{"few.txt", "few"})
	p.is(t, 422, "", "for few &lt;script&gt;", "Name who shall read it", "Kept from before: few.txt", "Vera Vexel, Vexel Systems")
	vera := s.actor("vera@vexel.example").Person
	fields := map[string]string{"body": "for few", "marking": "TLP:RED", "key": p.hidden(t, "key"), "kept": p.hidden(t, "kept"), "named": vera}
	ada.compose(s.general(), fields).is(t, 303, "")
	s.as("vera@vexel.example").get(s.general()).is(t, 200, "", "for few", "few.txt", "named persons only")
	s.as("willem@wharf.example").get(s.general()).is(t, 200, "").lacks(t, "for few", "few.txt")
	// What was kept for one person is nobody else's.
	s.as("willem@wharf.example").compose(s.general(), map[string]string{"marking": "TLP:AMBER+STRICT", "kept": fields["kept"]}).is(t, 422, "")
}

func TestQuestionAndAnswer(t *testing.T) {
	s := newTalk(t)
	ada, vera := s.as("ada@alliance.example"), s.as("vera@vexel.example")
	ada.compose(s.general(), map[string]string{"body": "When?", "marking": "TLP:AMBER+STRICT", "ask_of": s.v.ID, "ask_by": "2020-01-01T00:00", "ask_by_zone": "UTC"}).is(t, 422, "", "When?", "has passed")
	ada.compose(s.general(), map[string]string{"body": "When?", "marking": "TLP:AMBER+STRICT", "ask_of": s.v.ID, "ask_by": "2030-01-01T00:00", "ask_by_zone": "UTC"}).is(t, 303, "")
	vera.get("/").is(t, 200, "", "Answer a question of the coordinators")
	p := vera.get(s.general()).is(t, 200, "", "asks Vexel Systems for an answer by 2030-01-01 00:00 UTC", "Mark as answered")
	s.as("willem@wharf.example").get(s.general()).is(t, 200, "").lacks(t, "Mark as answered")
	id := regexp.MustCompile(`id="(msg_[^"]+)"`).FindStringSubmatch(p.body)[1]
	vera.get(s.general()+"?at="+id+"&reply="+id).is(t, 200, "", "You answer", `name="reply_to" value="`+id+`"`)
	vera.compose(s.general(), map[string]string{"body": "Next week.", "marking": "TLP:AMBER+STRICT", "reply_to": id}).is(t, 303, "")
	ada.get(s.general()).is(t, 200, "", "Vexel Systems: answered", "in answer to")
	vera.get("/").is(t, 200, "").lacks(t, "Answer a question")
}

func TestEditHistoryAndRetract(t *testing.T) {
	s := newTalk(t)
	m := s.say("vera@vexel.example", s.general(), talk.Draft{Body: "first wording"})
	vera, willem, ada := s.as("vera@vexel.example"), s.as("willem@wharf.example"), s.as("ada@alliance.example")
	at := s.general() + "/" + m.ID
	willem.get(at+"/edit").is(t, 403, "")
	willem.post(at+"/retract", "reason", "x").is(t, 403, "")
	vera.get(at+"/edit").is(t, 200, "", "first wording")
	vera.post(at+"/edit", "body", "second wording", "marking", "TLP:AMBER+STRICT", "version", "1").is(t, 303, "")
	stale := ada.post(at+"/edit", "body", "third wording", "marking", "TLP:AMBER+STRICT", "version", "1", "reason", "clearer").is(t, 409, "", "third wording", "second wording", "Somebody changed it")
	ada.post(at+"/edit", "body", "third wording", "marking", "TLP:AMBER+STRICT", "version", stale.hidden(t, "version"), "reason", "clearer").is(t, 303, "")
	willem.get(at+"/history").is(t, 200, "", "first", "second", "third", "clearer", "Ada Operator")
	willem.get(s.general()).is(t, 200, "", "third wording", "edited")
	vera.get(at+"/retract").is(t, 200, "", "Take the message back", "shown to nobody")
	vera.post(at+"/retract").is(t, 303, "")
	willem.get(s.general()).is(t, 200, "", "Taken back by the author").lacks(t, "wording")
	willem.get(at+"/history").is(t, 200, "").lacks(t, "first wording")
	vera.get(at+"/edit").is(t, 409, "")
	// A message is found in its own thread and case alone.
	other := s.say("vera@vexel.example", s.private(s.v), talk.Draft{Body: "apart"})
	vera.get(s.general()+"/"+other.ID).is(t, 404, "")
	willem.get(s.general()+"?at="+other.ID).is(t, 404, "")
}

func TestLongMessagesStayWithinThePage(t *testing.T) {
	s := newTalk(t)
	vera := s.as("vera@vexel.example")
	for range 35 {
		s.say("ada@alliance.example", s.general(), talk.Draft{Body: strings.Repeat("Many words in a row. ", 2000)})
	}
	p := vera.get(s.general()).is(t, 200, "", "Read the whole message") // its weight is checked by get
	id := regexp.MustCompile(`id="(msg_[^"]+)"`).FindStringSubmatch(p.body)[1]
	whole := vera.get(s.general() + "/" + id)
	if strings.Count(whole.body, "Many words") < 2000 {
		t.Error("the whole message is not whole")
	}
}

func TestWhoMayNotWriteStoresNothing(t *testing.T) {
	s := newTalk(t)
	for email, path := range map[string]string{"otto@outer.example": s.general(), "ivo@iris.example": s.general(), "willem@wharf.example": s.private(s.v)} {
		s.as(email).compose(path, map[string]string{"body": "x"}, [2]string{"a.txt", "some"}).is(t, 404, "")
	}
	err := s.house.Blobs.Walk(t.Context(), func(i blob.Info) error {
		t.Errorf("%s was stored", i.SHA256)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
