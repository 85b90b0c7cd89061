package portal_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"strings"
	"testing"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/report"
)

// withReports is a founded alliance with a store for files.
func withReports(t *testing.T) *site {
	t.Helper()
	s := founded(t)
	var err error
	if s.house.Blobs, err = blob.Open(context.Background(), "", t.TempDir(), s.house.Sealer); err != nil {
		t.Fatal(err)
	}
	return s
}

// send posts a form with files: pairs of names and values, then files by name.
func (b *browser) send(path string, files map[string]io.Reader, pairs ...string) page {
	b.t.Helper()
	pr, pw := io.Pipe()
	w := multipart.NewWriter(pw)
	go func() {
		for i := 0; i+1 < len(pairs); i += 2 {
			_ = w.WriteField(pairs[i], pairs[i+1])
		}
		for name, content := range files {
			part, err := w.CreateFormFile("files", name)
			if err == nil {
				_, err = io.Copy(part, content)
			}
			if err != nil {
				pw.CloseWithError(err)
				return
			}
		}
		pw.CloseWithError(w.Close())
	}()
	return b.read(b.Client.Post(b.site.url+path, w.FormDataContentType(), pr))
}

// fill opens the public form and waits as long as a person would.
func (b *browser) fill(pairs ...string) []string {
	b.t.Helper()
	form := b.get("/report").is(b.t, 200, "", "BEGIN PGP PUBLIC KEY", "A title that you type is not encrypted")
	b.clock.Advance(20 * time.Second)
	return append([]string{"stamp", form.hidden(b.t, "stamp"), "key", form.hidden(b.t, "key")}, pairs...)
}

var sampleReport = []string{"title", "Overflow in the frame parser", "description", "The length of a frame is trusted. Secret-Sauce.", "component", "libframe", "credit", "M. Allory", "contact", "mallory@finder.example",
	"planned_at", "2030-01-01T12:00", "planned_at_zone", "Europe/Berlin"}

// reported sends the sample and gives the browser that follows it, and the
// secret link's path.
func (s *site) reported() (*browser, string) {
	s.t.Helper()
	b := s.browser()
	res := b.send("/report", map[string]io.Reader{"poc.txt": strings.NewReader("crash me")}, b.fill(sampleReport...)...).is(s.t, 200, "", "Your secret link", "TR-")
	_, rest, ok := strings.Cut(res.body, "/report/")
	if !ok || len(rest) < 43 {
		s.t.Fatal("the receipt has no link")
	}
	return b, "/report/" + rest[:43]
}

func TestAnybodyReportsAndFollows(t *testing.T) {
	s := withReports(t)
	b, link := s.reported()
	b.get("/finder").is(t, 200, "", "Overflow in the frame parser", "Secret-Sauce", "poc.txt", "2030-01-01 11:00 UTC", "TLP:AMBER&#43;STRICT")

	// Another browser, with the link alone.
	other := s.browser()
	other.get("/finder").is(t, 401, "", "Open your link first")
	open := other.get(link).is(t, 303, "/finder")
	if open.header.Get("Referrer-Policy") != "no-referrer" {
		t.Error("the address with the secret may leak as a referrer")
	}
	other.get("/finder").is(t, 200, "", "We have your report").lacks(t, link)
	other.send("/finder/say", map[string]io.Reader{"more.txt": strings.NewReader("more")}, "text", "One more **thing**", "to", "report").is(t, 303, "/finder")
	page := other.get("/finder").is(t, 200, "", "<strong>thing</strong>", "more.txt", "part of the report")
	file := page.body[strings.Index(page.body, "/finder/files/"):]
	file = file[:strings.IndexByte(file, '"')]
	got := other.get(file).is(t, 200, "")
	if (got.body != "crash me" && got.body != "more") || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("download %q, %v", got.body, got.header)
	}
	other.post("/finder/credit", "version", "1", "anonymous", "1").is(t, 303, "/finder")
	other.post("/finder/credit", "version", "1", "credit", "Nobody").is(t, 409, "", "Somebody changed", "Nobody")

	// A new link ends the old one, in every browser.
	fresh := other.post("/finder/link").is(t, 200, "", "Your new link")
	b.get("/finder").is(t, 410, "", "replaced")
	s.browser().get(link).is(t, 410, "", "replaced")
	other.get("/finder").is(t, 200, "")
	if strings.Contains(fresh.body, link) {
		t.Error("the new link is the old one")
	}
	s.browser().get("/report/"+strings.Repeat("x", 43)).is(t, 404, "")
	other.post("/finder/leave").is(t, 303, "/")
	other.get("/finder").is(t, 401, "")
}

func TestOneFormIsOneReport(t *testing.T) {
	s := withReports(t)
	b := s.browser()
	pairs := b.fill(sampleReport...)
	first := b.send("/report", nil, pairs...).is(t, 200, "", "TR-")
	again := b.send("/report", nil, pairs...).is(t, 200, "", "TR-")
	if first.body[strings.Index(first.body, "/report/"):][:51] != again.body[strings.Index(again.body, "/report/"):][:51] {
		t.Error("the same form sent twice made two links")
	}
	changed := append(append([]string{}, pairs[:4]...), "title", "Another one", "description", "Other words", "component", "libother")
	refused := b.send("/report", nil, changed...).is(t, 409, "", "Other words")
	if refused.hidden(t, "key") == pairs[3] {
		t.Error("the changed report cannot be sent: its key stays the old one")
	}
}

func TestReportRefusals(t *testing.T) {
	s := withReports(t)
	b := s.browser()
	pairs := b.fill(sampleReport...)
	b.send("/report", nil, append(pairs, "website", "http://spam.example")...).is(t, 422, "", "has to stay empty", "Secret-Sauce")
	b.send("/report", nil, append([]string{"stamp", "forged"}, sampleReport...)...).is(t, 422, "", "not complete")
	b.send("/report", nil, b.fill("title", "X", "description", "-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----", "component", "libx")...).is(t, 400, "", "BEGIN PGP MESSAGE", "libx")
	b.send("/report", map[string]io.Reader{"a.txt": strings.NewReader("a")}, b.fill("title", "", "description", "Kept words", "product", "", "planned_at", "2030-01-01T12:00", "planned_at_zone", "")...).is(t, 422, "", "Kept words", "Choose the time zone", "Choose your files again")

	big := io.MultiReader(io.LimitReader(zeros{}, report.MaxFileSize+1))
	b.send("/report", map[string]io.Reader{"big.bin": big}, b.fill(sampleReport...)...).is(t, 413, "", "Secret-Sauce")

	// An upload that breaks off stores nothing.
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i, p := 0, b.fill(sampleReport...); i+1 < len(p); i += 2 {
		if err := w.WriteField(p[i], p[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("files", "cut.bin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(make([]byte, 10_000)); err != nil {
		t.Fatal(err)
	}
	b.read(b.Client.Post(s.url+"/report", w.FormDataContentType(), bytes.NewReader(body.Bytes()))).is(t, 400, "", "Nothing was stored; send")
	s.write(func(tx *db.Tx) error {
		n, err := db.Value[int](tx, `SELECT COUNT(*) FROM report`)
		if n != 0 {
			t.Errorf("%d reports were stored by refused forms", n)
		}
		return err
	})
}

func TestReportsAreLimitedByAddress(t *testing.T) {
	s := withReports(t)
	b := s.browser()
	for range 6 {
		b.send("/report", nil, b.fill(sampleReport...)...).is(t, 200, "")
	}
	b.send("/report", nil, b.fill(sampleReport...)...).is(t, 429, "", "Secret-Sauce")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// coordinator seats somebody on the coordination team.
func (s *site) coordinator(email, name string) *browser {
	s.t.Helper()
	p := s.person(email, name, "", "")
	s.write(func(tx *db.Tx) error {
		ada, err := people.ByEmail(tx, "ada@alliance.example")
		if err != nil {
			return err
		}
		a, err := people.ActorOf(tx, ada.ID)
		if err != nil {
			return err
		}
		return people.GrantRole(tx, a, p.ID, charter.Coordinator)
	})
	return s.as(email)
}
