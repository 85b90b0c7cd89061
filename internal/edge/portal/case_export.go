package portal

import (
	"net/http"

	"tocsin/internal/edge/look"
	"tocsin/internal/response/archive"
	"tocsin/internal/response/casework"
)

// exportButton offers the copy on the pages from which one would look for it.
func exportButton(number string) look.Button {
	return look.Button{Label: "Download all you see of it (ZIP)", Href: casework.Path(number) + "/export.zip"}
}

// exportCase hands out all that the visitor may see of a case as one ZIP.
// That a copy was taken is an event of the coordinators.
func (v *visit) exportCase() error {
	e, err := archive.Exporter{DB: v.DB, Blobs: v.Blobs, Sealer: v.Sealer}.Prepare(v.r.Context(), v.Actor, v.path("number"))
	if err != nil {
		return err
	}
	defer e.Close()
	h := v.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", attachment(e.Name()))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "private, no-store")
	if err := e.WriteTo(v.r.Context(), v.w); err != nil {
		if v.r.Context().Err() == nil {
			v.Log.Error("an export could not be handed out whole", "case", e.Case.ID, "err", err)
		}
		panic(http.ErrAbortHandler) // half an export must not look like a whole one
	}
	return nil
}
