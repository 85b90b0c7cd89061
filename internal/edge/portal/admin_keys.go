package portal

import (
	"strings"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/pgp"
)

func (v *visit) keySheet() (sheet, error) {
	var ring *pgp.Ring
	err := v.read(func(tx *db.Tx) (err error) {
		ring, err = charter.Ring(tx, v.Sealer)
		return err
	})
	if err != nil {
		return sheet{}, err
	}
	info := ring.Current().Info(v.now)
	public, err := ring.Current().Public()
	if err != nil {
		return sheet{}, err
	}
	facts := &look.Facts{Items: []look.Fact{{Term: "Fingerprint", Text: spaced(info.Fingerprint), Code: true}, {Term: "For", Text: strings.Join(info.UserIDs, ", ")}, {Term: "Algorithm", Text: info.Algorithm}, {Term: "Made", Time: info.Created}}}
	if !info.Expires.IsZero() {
		facts.Items = append(facts.Items, look.Fact{Term: "Expires", Time: info.Expires})
	}
	data := sheet{Frame: v.adminFrame("/admin/keys")}
	for _, concern := range info.Concerns {
		data.Notices = append(data.Notices, look.Notice{Tone: look.Waiting, Title: "Mind this key", Text: concern})
	}
	rotate := look.Popup{ID: "rotate", Open: look.Button{Label: "Make a new key…"}, Confirm: look.Confirm{ID: "rotate", Title: "Make a new OpenPGP key", What: "The new key signs every document published from now on, and stands in security.txt and the provider metadata. Messages encrypted to the old one can still be read.",
		Whom: "Everybody who verifies your signatures or encrypts reports to you.", Undo: "The old key cannot be made current again, unless you have its file.", Action: "/admin/keys/rotate", Button: look.Button{Label: "Make a new key", Kind: look.Danger}, Cancel: "/admin/keys"}}
	data.Parts = []part{
		{Title: "The alliance's OpenPGP key", Lede: "Signs CSAF documents and security.txt, and opens what finders send encrypted.", Facts: facts, Popups: []look.Popup{rotate}},
		{Form: &look.Form{Title: "Import a key", Lede: "A private key made elsewhere becomes the current one; the present one stays, to read what was encrypted to it.", Action: "/admin/keys/import", Button: look.Button{Label: "Import and use the key"}, Fields: []look.Field{
			{Kind: look.Area, Name: "private", Label: "Private key", Hint: "Armored. It is stored sealed and never shown again.", Rows: 6, Code: true},
			{Kind: "password", Name: "passphrase", Label: "Its passphrase", Optional: true, Auto: "off"}}}},
		{Title: "Public key", Code: &look.Code{Text: public}}}
	return data, nil
}

const importPart = 1

func (v *visit) keysPage() error {
	data, err := v.keySheet()
	if err != nil {
		return err
	}
	return v.show("sheet", data)
}

func (v *visit) rotateKey() error {
	err := v.write(func(tx *db.Tx) error {
		_, err := charter.RotateKey(tx, v.Sealer, v.Actor)
		return err
	})
	if err != nil {
		return err
	}
	return v.next("/admin/keys", "The new key signs from now on.")
}

func (v *visit) importKey() error {
	if err := v.parse(); err != nil {
		return err
	}
	var err error
	if strings.TrimSpace(v.form("private")) == "" {
		err = errs.Bad("private", "Paste the private key.")
	} else {
		err = v.write(func(tx *db.Tx) error {
			_, err := charter.ImportKey(tx, v.Sealer, v.Actor, []byte(v.form("private")), []byte(v.r.PostFormValue("passphrase")))
			return err
		})
	}
	if err == nil {
		return v.next("/admin/keys", "The imported key signs from now on.")
	}
	data, e := v.keySheet()
	if e != nil {
		return e
	}
	// A private key is the one thing typed that is not sent back.
	fault(data.Parts[importPart].Form, err)
	return v.again(err, "sheet", data)
}
