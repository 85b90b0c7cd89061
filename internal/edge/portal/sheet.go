package portal

import (
	"encoding/base64"
	"encoding/json"
	"html/template"
	"net/http"

	"tocsin/internal/edge/look"
)

// sheet is a page made of parts one under the other: settings, lists with
// their forms, questions before a deed.
type sheet struct {
	look.Frame
	Notices []look.Notice
	Secrets []look.Secret
	Confirm *look.Confirm
	Parts   []part
}

// part is one section of a sheet; what is empty is not drawn.
type part struct {
	ID, Title, Lede string
	Prose           template.HTML
	Drawing         template.HTML
	Tree            *look.Tree
	Facts           *look.Facts
	Code            *look.Code
	Listing         *look.Listing
	Choices         *look.Choices
	Stats           []look.Stat
	Chips           []look.Chip
	Search          *look.Form
	Table           *look.Table
	Buttons         []look.Button
	Popups          []look.Popup
	Passkey         *look.Passkey
	Form            *look.Form
}

// ask shows the question before a deed; the same path takes the answer.
func (v *visit) ask(f look.Frame, c look.Confirm) error {
	if c.Action == "" {
		c.Action = v.r.URL.Path
	}
	return v.show("sheet", sheet{Frame: f, Confirm: &c})
}

// formSheet is a sheet of one form, as wide as one reads.
func formSheet(f look.Frame, form look.Form) sheet {
	f.Narrow = true
	return sheet{Frame: f, Parts: []part{{Form: &form}}}
}

// shownOnce travels sealed from the request that made a secret to the page
// that shows it: a redirect lies between, so that a reload makes no second
// one, and the server keeps no copy.
type shownOnce struct {
	Person, Path string
	Secret       look.Secret
}

const (
	onceCookie = "tocsin-once"
	onceLife   = 120 // seconds
	maxOnce    = 4 << 10
)

// once redirects to a page that shows s, this one time.
func (v *visit) once(path, done string, s look.Secret) error {
	if err := v.keepOnce(path, s); err != nil {
		return err
	}
	return v.next(path, done)
}

func (v *visit) keepOnce(path string, s look.Secret) error {
	plain, err := json.Marshal(shownOnce{v.Actor.Person, path, s})
	if err != nil {
		return err
	}
	sealed, err := v.Sealer.Seal(plain)
	if err != nil {
		return err
	}
	http.SetCookie(v.w, v.Cookie(onceCookie, base64.RawURLEncoding.EncodeToString(sealed), onceLife))
	return nil
}

// takeOnce is what this page shows once, for this person and path alone.
func (v *visit) takeOnce() []look.Secret {
	c, err := v.r.Cookie(onceCookie)
	if err != nil {
		return nil
	}
	http.SetCookie(v.w, v.Cookie(onceCookie, "", -1))
	sealed, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return nil
	}
	plain, err := v.Sealer.UnsealMax(sealed, maxOnce)
	if err != nil {
		return nil
	}
	var s shownOnce
	if json.Unmarshal(plain, &s) != nil || s.Person != v.Actor.Person || s.Path != v.r.URL.Path {
		return nil
	}
	return []look.Secret{s.Secret}
}
