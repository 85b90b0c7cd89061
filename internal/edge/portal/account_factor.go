package portal

import (
	"html/template"
	"image/color"
	"strconv"
	"strings"

	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"

	"github.com/boombuler/barcode/qr"
)

func (v *visit) changePassword() error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.people.ChangePassword(v.r.Context(), v.Actor, v.Session, v.r.PostFormValue("old"), v.r.PostFormValue("password"))
	if err == nil {
		return v.next("/me/security", "The password is set. All other sessions have ended.")
	}
	s, e := v.loadSecurity()
	if e != nil {
		return e
	}
	data := v.securitySheet(s)
	for _, p := range data.Parts {
		if p.ID == "password" {
			fault(p.Form, err)
		}
	}
	return v.again(err, "sheet", data)
}

// The means to sign in that can be taken away: what the question says, and
// the verb.
type removal struct {
	label, what string
	do          func(*visit, *db.Tx) error
}

var removals = map[string]removal{
	"password": {"Remove the password", "You sign in with a passkey from then on.", func(v *visit, tx *db.Tx) error { return people.RemovePassword(tx, v.Actor) }},
	"totp":     {"Remove the app", "Its codes are not taken any more. You sign in with a passkey from then on.", func(v *visit, tx *db.Tx) error { return people.RemoveTOTP(tx, v.Actor) }},
	"passkey": {"Remove the passkey", "The device it lives on no longer signs you in.", func(v *visit, tx *db.Tx) error {
		return people.RemovePasskey(tx, v.Actor, v.path("passkey"))
	}},
}

func askRemoval(means string) handler {
	return func(v *visit) error {
		r := removals[means]
		return v.ask(v.accountFrame("/me/security"), look.Confirm{Title: r.label, What: r.what, Whom: "You alone.", Undo: "Add it again.", Button: look.Button{Label: r.label, Kind: look.Danger}, Cancel: "/me/security"})
	}
}

func removeMeans(means string) handler {
	return func(v *visit) error {
		if err := v.write(func(tx *db.Tx) error { return removals[means].do(v, tx) }); err != nil {
			return err
		}
		return v.next("/me/security", "It is removed.")
	}
}

// totpSheet shows a new secret and asks for a code of it. The secret that
// counts stays sealed on the server; what stands here is for the app.
func (v *visit) totpSheet(e people.Enrollment) (sheet, error) {
	drawing, err := qrCode(e.URL, "QR code for the authenticator app")
	if err != nil {
		return sheet{}, err
	}
	f := v.accountFrame("/me/security")
	f.Narrow = true
	return sheet{Frame: f, Parts: []part{
		{Title: "Set up an authenticator app", Lede: "Scan the code with the app, or type the secret into it by hand. Then type the six digits that it shows.", Drawing: drawing,
			Facts: &look.Facts{Items: []look.Fact{{Term: "Secret", Text: spaced(e.Secret), Code: true}, {Term: "As an address", Text: e.URL, Code: true}}}},
		{Form: &look.Form{Action: "/me/security/totp", Button: look.Button{Label: "Confirm the app", Kind: look.Primary}, Cancel: &look.Link{Label: "Not now", Href: "/me/security"},
			Hidden: []look.Hidden{{Name: "ceremony", Value: e.Ceremony}, {Name: "secret", Value: e.Secret}, {Name: "url", Value: e.URL}},
			Fields: []look.Field{{Name: "code", Label: "Code that the app shows", Short: true, Code: true, Auto: "one-time-code", Max: 10}}}},
	}}, nil
}

func (v *visit) startTOTP() error {
	var e people.Enrollment
	err := v.write(func(tx *db.Tx) (err error) {
		e, err = people.StartTOTP(tx, v.Sealer, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	data, err := v.totpSheet(e)
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) confirmTOTP() error {
	if err := v.parse(); err != nil {
		return err
	}
	var recovery []string
	err := v.write(func(tx *db.Tx) (err error) {
		recovery, err = people.ConfirmTOTP(tx, v.Sealer, v.Actor, v.Session.ID, v.form("ceremony"), v.form("code"))
		return err
	})
	switch {
	case err == nil && len(recovery) > 0:
		return v.once("/me/security", "The app is set up.", recoverySecret(recovery))
	case err == nil:
		return v.next("/me/security", "The app is set up.")
	case !errs.Is(err, errs.Invalid):
		return err
	}
	data, e := v.totpSheet(people.Enrollment{Ceremony: v.form("ceremony"), Secret: v.form("secret"), URL: v.form("url")})
	if e != nil {
		return err
	}
	fault(data.Parts[1].Form, err)
	return v.again(err, "sheet", data)
}

func (v *visit) newRecovery() error {
	var codes []string
	err := v.write(func(tx *db.Tx) (err error) {
		codes, err = people.NewRecoveryCodes(tx, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	return v.once("/me/security", "Ten new recovery codes are made.", recoverySecret(codes))
}

func (v *visit) endSession() error {
	if err := v.write(func(tx *db.Tx) error { return people.End(tx, v.Actor, v.path("session")) }); err != nil {
		return err
	}
	return v.next("/me/security", "That session has ended.")
}

func (v *visit) endOthers() error {
	if err := v.write(func(tx *db.Tx) error { return people.EndOthers(tx, v.Actor, v.Session.ID) }); err != nil {
		return err
	}
	return v.next("/me/security", "All other sessions have ended.")
}

// spaced writes a secret in groups of four, as one types it.
func spaced(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// maxQR bounds what is drawn: the form brings the text back.
const maxQR = 500

// qrCode draws text as a QR code (ISO/IEC 18004): one path, dark on light in
// both themes, since scanners want it so, with the quiet zone of four modules.
func qrCode(text, label string) (template.HTML, error) {
	if len(text) > maxQR || !strings.HasPrefix(text, "otpauth://") {
		return "", errs.New(errs.Malformed, "The form lost its secret; start again.")
	}
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return "", err
	}
	n := code.Bounds().Dx()
	var d strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			run := x
			for run < n && dark(code.At(run, y)) {
				run++
			}
			if run > x {
				w := strconv.Itoa(run - x)
				d.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h" + w + "v1h-" + w + "z")
				x = run
			}
		}
	}
	side, pixels := strconv.Itoa(n+8), strconv.Itoa(4*(n+8)) // whole pixels a module keep its edges sharp
	return template.HTML(`<svg width="` + pixels + `" height="` + pixels + `" viewBox="-4 -4 ` + side + ` ` + side + `" role="img" aria-label="` + template.HTMLEscapeString(label) + `" shape-rendering="crispEdges">` +
		`<rect x="-4" y="-4" width="` + side + `" height="` + side + `" fill="#fff"/><path fill="#000" d="` + d.String() + `"/></svg>`), nil
}

func dark(c color.Color) bool {
	r, _, _, _ := c.RGBA()
	return r < 0x8000
}
