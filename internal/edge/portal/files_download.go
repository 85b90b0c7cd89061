package portal

import (
	"io"
	"mime"
	"net/http"
	"strconv"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/talk"
)

// download hands a file out as it came in: as an attachment of no particular
// type, so that no browser runs or shows it. That somebody opened it is an
// event.
func (v *visit) download() error {
	var f talk.File
	err := v.write(func(tx *db.Tx) error {
		c, _, err := casework.Load(tx, v.Actor, v.path("number"))
		if err != nil {
			return err
		}
		if f, err = talk.OpenFile(tx, v.Actor, v.path("file")); err == nil && f.Case != c.ID {
			err = errs.Missing("file")
		}
		return err
	})
	if err != nil {
		return err
	}
	content, err := v.Blobs.Open(v.r.Context(), f.SHA256)
	if errs.Is(err, errs.NotFound) {
		// The record is there, so the store is at fault, not the address.
		err = errs.Wrap(errs.Unavailable, err, "The file cannot be read from the store just now; the operator is told in the log.")
	}
	if err != nil {
		return err
	}
	defer content.Close()
	h := v.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.FormatInt(f.Size, 10))
	h.Set("Content-Disposition", attachment(f.Name))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	v.w.WriteHeader(http.StatusOK)
	if n, err := io.Copy(v.w, content); err != nil || n != f.Size {
		if v.r.Context().Err() == nil {
			v.Log.Error("a file could not be handed out whole", "file", f.ID, "err", err)
		}
		// A connection that breaks off tells the browser that the file is not
		// whole; an end in order would not.
		panic(http.ErrAbortHandler)
	}
	return nil
}

// attachment is a Content-Disposition that every browser saves under name.
func attachment(name string) string {
	if d := mime.FormatMediaType("attachment", map[string]string{"filename": name}); d != "" {
		return d
	}
	return "attachment"
}
