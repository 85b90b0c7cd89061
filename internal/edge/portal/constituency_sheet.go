package portal

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"tocsin/internal/alliance/constituency"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/constituency"
)

func sheetForm(orgID, text string) *look.Form {
	f := look.Form{Title: "Claim many at once", Action: orgClaims(orgID) + "/import", Lede: fmt.Sprintf("CSV with the columns kind, value and note; at most %d lines. All of it is taken, or nothing.", spec.MaxLines), Button: look.Button{Label: "Claim all of them"}, Fields: []look.Field{
		{Kind: look.Area, Name: "sheet", Label: "Sheet", Value: text, Rows: 5, Optional: true, Code: true},
		{Kind: look.Upload, Name: "files", Label: "Or a CSV file", Hint: fmt.Sprintf("Up to %d MB.", spec.MaxSheet>>20), Optional: true}}}.Keyed("sheet")
	return &f
}

func (v *visit) importClaims() error {
	file, err := v.takeSheet()
	if err != nil {
		return err
	}
	sheet := v.form("sheet")
	switch {
	case file != "" && strings.TrimSpace(sheet) != "":
		err = errs.Bad("files", "Paste a sheet or choose a file, not both.")
	case file != "":
		sheet = file
	}
	var n constituency.Imported
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			n, err = v.Registrar().Import(tx, v.Actor, v.path("org"), strings.NewReader(sheet))
			return err
		})
	}
	if err == nil {
		return v.next(orgClaims(v.path("org")), fmt.Sprintf("%s claimed, %d were claimed already.", look.Plural(n.Declared, "thing is", "things are"), n.Same))
	}
	return v.refusedClaim(err, func(f claimForms) *look.Form { return f.sheet })
}

// takeSheet reads the form of a sheet, pasted into it or as its one file,
// which is returned; it is never stored.
func (v *visit) takeSheet() (file string, err error) {
	const most = spec.MaxSheet + 2*bodyLimit // of the whole
	body := v.r.Body
	v.r.Body = http.MaxBytesReader(v.w, body, most)
	parts, err := v.r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		v.r.Body = http.MaxBytesReader(v.w, body, bodyLimit)
		return "", v.parse()
	}
	if err != nil {
		return "", cutShort(err)
	}
	defer func() {
		if err != nil { // whoever still sends must be able to read why it was refused
			_, _ = io.CopyN(io.Discard, body, drainLimit)
		}
	}()
	v.r.PostForm = url.Values{}
	v.r.Form = v.r.PostForm
	room := int64(bodyLimit)
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return file, nil
		}
		if err != nil {
			return "", cutShort(err)
		}
		if part.FileName() == "" {
			n, err := v.field(part, room)
			if err != nil {
				return "", err
			}
			room -= n
			continue
		}
		if file != "" {
			return "", errs.New(errs.TooLarge, "One file at a time; nothing was changed.")
		}
		b, err := io.ReadAll(io.LimitReader(part, spec.MaxSheet+1))
		if err != nil {
			return "", cutShort(err)
		}
		if len(b) > spec.MaxSheet {
			return "", errs.New(errs.TooLarge, "A sheet has at most %d MB; nothing was changed.", spec.MaxSheet>>20)
		}
		file = string(b)
	}
	return "", errs.New(errs.Malformed, "The form has too many fields; nothing was changed.")
}
