package csafprovider

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"

	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// page is what one request is answered with.
type page struct {
	contentType string
	body        []byte
	tag         string    // entity tag without quotes; empty: made of the body
	modified    time.Time // zero: not said
}

// ask is one request: who asks, in which transaction.
type ask struct {
	*http.Request
	tx    *db.Tx
	actor audience.Actor
}

// answer computes a page in a read transaction.
type answer func(a ask) (page, error)

// serve turns an answer into a handler: it settles who asks, reads one
// snapshot, and writes with an entity tag. Nothing may be kept without asking
// again, since what stands changes at a release instant.
func (d *Door) serve(f answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var p page
		actor, err := d.actor(r)
		if err == nil {
			err = d.house.Read(r.Context(), func(tx *db.Tx) (err error) {
				p, err = f(ask{r, tx, actor})
				return err
			})
		}
		h := w.Header()
		h.Set("Vary", "Authorization, Cookie")
		if err != nil {
			d.refuse(w, r, err)
			return
		}
		h.Set("Cache-Control", "no-cache")
		if !actor.Anonymous() {
			h.Set("Cache-Control", "private, no-cache")
		}
		if p.tag == "" {
			sum := sha256.Sum256(p.body)
			p.tag = hex.EncodeToString(sum[:16])
		}
		h.Set("ETag", `"`+p.tag+`"`)
		h.Set("Content-Type", p.contentType)
		http.ServeContent(w, r, "", p.modified, bytes.NewReader(p.body))
	}
}

func (d *Door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if errs.KindOf(err) == errs.Internal && r.Context().Err() == nil {
		d.house.Log.Error("csaf provider", "pattern", r.Pattern, "err", err)
	}
	if errs.Is(err, errs.Unauthenticated) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="csaf"`)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, gate.Public(err).Text, gate.Status(err))
}

// actor is whom a bearer token or a session names. A token that does not hold
// is refused; a session that is not complete is nobody.
func (d *Door) actor(r *http.Request) (audience.Actor, error) {
	if token := gate.Bearer(r); token != "" {
		who, err := d.house.ByToken(r.Context(), token)
		return who.Actor, err
	}
	who, err := d.house.BySession(r.Context(), r)
	if err != nil || who.Enrolling() {
		return audience.Actor{}, err
	}
	return who.Actor, nil
}
