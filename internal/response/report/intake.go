package report

import (
	"errors"
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/pgp"
	"tocsin/internal/response/matrix"
	"tocsin/spec/cve"
	"tocsin/spec/text"

	"github.com/package-url/packageurl-go"
)

// New is what a finder fills in. Description, HowFound and Attacks may each
// be, or hold, an armored OpenPGP message to the alliance's key.
type New struct {
	Title        string       `json:"title"`       // may be empty when the description is encrypted
	Description  string       `json:"description"` // Markdown
	Product      string       `json:"product"`     // one of product, component and purl is needed
	Component    string       `json:"component"`
	PURL         string       `json:"purl"`
	Versions     string       `json:"versions"`
	HowFound     string       `json:"how_found"`
	Exploitation Exploitation `json:"exploitation"`         // empty: none known
	Attacks      string       `json:"exploitation_details"` // what is known of attacks
	References   []string     `json:"references"`           // http and https addresses
	Credit       string       `json:"credit"`
	Anonymous    bool         `json:"anonymous"`
	Contact      string       `json:"contact"`             // mail address, or ""
	PlannedAt    time.Time    `json:"planned_at,omitzero"` // when the finder means to publish; zero: no plan
	Files        []Upload     `json:"-"`
	// Key makes a repeated submission the same report: at least 16 characters
	// that only this finder's client knows, or empty.
	Key string `json:"-"`
}

// Upload is a file whose content is in the blob store already.
type Upload struct {
	Name string // as the finder's machine calls it
	Head []byte // its first blob.SniffLen bytes
	Ref  blob.Ref
}

// Bounds of what a report may hold. Texts are counted in runes.
const (
	MaxTitle       = 200
	MaxDescription = 20_000
	MaxDetails     = 5_000
	MaxMessage     = 20_000
	MaxReferences  = 20
	MaxUploads     = 20       // at once
	MaxFiles       = 100      // of one report
	MaxFileSize    = 50 << 20 // bytes
	MaxMessages    = 1_000    // of one report
	maxArmored     = 1 << 20  // bytes of a text that may be an OpenPGP message
	maxBlocks      = 4        // OpenPGP messages in one text
	maxPlanned     = 5 * 365 * 24 * time.Hour
)

// opener opens OpenPGP messages; *pgp.Ring is one.
type opener interface {
	Decrypt(message []byte, max int64) ([]byte, error)
}

// reveal decides whether a text is plain or holds OpenPGP messages, and gives
// the plain text with whatever stood around them. What is meant as a message
// and cannot be opened is refused, never kept: the finder believes it safe.
func reveal(ring func() (opener, error), raw string, limit int) (plain string, encrypted bool, err error) {
	if len(raw) > maxArmored {
		return "", false, tooLong(limit)
	}
	var out strings.Builder
	rest := raw
	for range maxBlocks + 1 {
		before, message, after, ok := pgp.Split(rest)
		if strings.Contains(before, "-----BEGIN PGP MESSAGE") {
			return "", encrypted, errs.New(errs.Malformed, "There is an OpenPGP message in this text that cannot be read: its BEGIN line must stand alone on a line. To quote somebody else's message, attach it as a file.")
		}
		out.WriteString(before)
		if !ok {
			return out.String(), encrypted, nil
		}
		r, err := ring()
		if err != nil {
			return "", true, err
		}
		opened, err := r.Decrypt([]byte(message), int64(4*limit))
		if err != nil {
			return "", true, err
		}
		out.Write(opened)
		encrypted, rest = true, after
	}
	return "", true, errs.New(errs.TooLarge, "There are more than %d OpenPGP messages in this text. Put everything into one.", maxBlocks)
}

func tooLong(limit int) *errs.Error {
	return errs.New(errs.TooLarge, "This text is too long: at most %d characters fit. Attach the rest as a file.", limit)
}

// intake cleans one text of several lines. Longer than its limit is TooLarge.
func intake(ring func() (opener, error), field, raw string, limit int) (string, bool, error) {
	plain, encrypted, err := reveal(ring, raw, limit)
	if err != nil {
		return "", encrypted, err
	}
	clean, _, err := text.CleanText(plain, limit)
	if errors.As(err, new(*text.TooLongError)) {
		return "", encrypted, tooLong(limit)
	}
	if err != nil {
		return "", encrypted, errs.Bad(field, "Please correct this: %s.", err.Error())
	}
	return clean, encrypted, nil
}

// ring reads the alliance's OpenPGP keys when a text turns out to need them.
func (d Desk) ring(tx *db.Tx) func() (opener, error) {
	return func() (opener, error) { return charter.Ring(tx, d.Sealer) }
}

// untitled stands for the title of an encrypted report that came without one:
// its words are the finder's secret.
const untitled = "Encrypted report"

// taken is a New that was checked: ready to be stored.
type taken struct {
	Report
	Text
}

// take cleans and checks everything a finder filled in.
func (d Desk) take(tx *db.Tx, in New) (taken, error) {
	var t taken
	var bad []errs.Field
	refuse := func(name string, err error) {
		if e, ok := errors.AsType[*errs.Error](err); ok && len(e.Fields) > 0 {
			bad = append(bad, errs.Field{Name: name, Reason: e.Fields[0].Reason})
		} else if err != nil {
			bad = append(bad, errs.Field{Name: name, Reason: "Please correct this: " + err.Error() + "."})
		}
	}
	for _, x := range []struct {
		field string
		raw   string
		limit int
		to    *string
	}{
		{"description", in.Description, MaxDescription, &t.Description}, {"how_found", in.HowFound, MaxDetails, &t.HowFound},
		{"exploitation_details", in.Attacks, MaxDetails, &t.Text.Exploitation},
	} {
		clean, encrypted, err := intake(d.ring(tx), x.field, x.raw, x.limit)
		if err != nil && !errs.Is(err, errs.Invalid) || encrypted && err != nil {
			return t, err
		}
		refuse(x.field, err)
		*x.to, t.Encrypted = clean, t.Encrypted || encrypted
	}
	for _, x := range []struct {
		field string
		raw   string
		limit int
		to    *string
	}{
		{"title", in.Title, MaxTitle, &t.Title}, {"product", in.Product, 200, &t.Product}, {"component", in.Component, 200, &t.Component},
		{"versions", in.Versions, 500, &t.Versions}, {"credit", in.Credit, 200, &t.Credit},
	} {
		clean, _, err := text.CleanLine(x.raw, x.limit)
		refuse(x.field, err)
		*x.to = clean
	}
	var err error
	t.PURL, err = canonicalPURL(in.PURL)
	refuse("purl", err)
	t.References, err = cleanReferences(in.References)
	refuse("references", err)
	if t.Description == "" && len(bad) == 0 {
		refuse("description", errs.Bad("", "Say what you found."))
	}
	if t.Title == "" && t.Encrypted {
		t.Title = untitled
	}
	if t.Title == "" {
		refuse("title", errs.Bad("", "Give the report a title of a few words."))
	}
	if t.Product == "" && t.Component == "" && t.PURL == "" {
		refuse("product", errs.Bad("", "Say where: name the product, the component or the package URL."))
	}
	if t.Report.Exploitation = in.Exploitation; in.Exploitation == "" {
		t.Report.Exploitation = NoneKnown
	}
	if !slices.Contains([]Exploitation{NoneKnown, Suspected, Observed}, t.Report.Exploitation) {
		refuse("exploitation", errs.Bad("", "Choose none, suspected or observed."))
	}
	if t.Anonymous = in.Anonymous; t.Anonymous {
		t.Credit = ""
	}
	if strings.TrimSpace(in.Contact) != "" {
		t.Contact, err = people.ParseEmail(in.Contact)
		refuse("contact", err)
	}
	t.PlannedAt = in.PlannedAt.UTC().Truncate(time.Microsecond)
	refuse("planned_at", checkPlanned(in.PlannedAt, tx.Now))
	if err := checkUploads(in.Files); err != nil {
		return t, err
	}
	for _, c := range cve.Extract(strings.Join(append([]string{t.Title, t.Description}, t.References...), "\n"), 20) {
		t.CVEs = append(t.CVEs, string(c))
	}
	return t, errs.Join(bad)
}

func checkPlanned(planned, now time.Time) error {
	switch {
	case planned.IsZero():
		return nil
	case !planned.After(now):
		return errs.Bad("", "The planned publication lies in the past. Name a later instant, or leave it empty and tell us in the text what is public already.")
	case planned.Sub(now) > maxPlanned:
		return errs.Bad("", "The planned publication is more than five years away; name an earlier instant or leave it empty.")
	}
	return nil
}

func canonicalPURL(s string) (string, error) {
	s, _, err := text.CleanLine(s, 500)
	if err != nil || s == "" {
		return "", err
	}
	p, err := packageurl.FromString(s)
	if err != nil {
		return "", errs.Bad("", "This is not a package URL; one looks like pkg:npm/name@1.2.3.")
	}
	return p.ToString(), nil
}

// barePURL is a package without version, qualifiers and subpath.
func barePURL(s string) string {
	p, err := packageurl.FromString(s)
	if err != nil {
		return ""
	}
	p.Version, p.Qualifiers, p.Subpath = "", nil, ""
	return p.ToString()
}

func cleanReferences(in []string) ([]string, error) {
	out := []string{}
	for _, s := range in {
		s, _, err := text.CleanLine(s, 2000)
		if err != nil {
			return nil, err
		}
		if s == "" || slices.Contains(out, s) {
			continue
		}
		if err := matrix.CheckURL(s); err != nil {
			return nil, err
		}
		if out = append(out, s); len(out) > MaxReferences {
			return nil, errs.Bad("", "Name at most %d references.", MaxReferences)
		}
	}
	return out, nil
}

func checkUploads(files []Upload) error {
	if len(files) > MaxUploads {
		return errs.New(errs.TooLarge, "Attach at most %d files at once.", MaxUploads)
	}
	for _, f := range files {
		if f.Ref.Size > MaxFileSize {
			return errs.New(errs.TooLarge, "A file may have at most %d MB.", MaxFileSize>>20)
		}
		if len(f.Ref.SHA256) != 64 || f.Ref.Size < 0 {
			return errs.New(errs.Internal, "An upload comes with its stored content.")
		}
	}
	return nil
}
