package portal

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/report"
)

const (
	fieldsLimit = 6 << 20                                              // bytes of all written fields of a form with files
	mostFields  = 200                                                  // of such a form
	uploadLimit = report.MaxUploads*report.MaxFileSize + 2*fieldsLimit // bytes of the whole
	drainLimit  = 64 << 20                                             // bytes read on after a refusal, so that the answer arrives
)

// takeUpload reads a form whose files go to the blob store while they arrive.
// before is asked once, when all fields that precede the files are there and
// no file has been stored. The fields come back also with an error, so that
// what was typed can be shown again.
func (v *visit) takeUpload(before func(url.Values) error) (url.Values, []report.Upload, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, uploadLimit)
	form, files, err := v.readUpload(before)
	v.r.PostForm, v.r.Form = form, form
	if err != nil {
		// Whoever still sends must be able to read why it was refused.
		_, _ = io.CopyN(io.Discard, v.r.Body, drainLimit)
	}
	return form, files, err
}

func (v *visit) readUpload(before func(url.Values) error) (url.Values, []report.Upload, error) {
	form := url.Values{}
	parts, err := v.r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return v.readPlain(before)
	}
	if err != nil {
		return form, nil, cutForm(err)
	}
	var files []report.Upload
	room, asked := int64(fieldsLimit), false
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return form, files, cutForm(err)
		}
		if part.FileName() == "" {
			if room, err = readField(form, part, room); err != nil {
				return form, files, err
			}
			continue
		}
		form.Add("files", part.FileName())
		if !asked {
			asked = true
			if err := before(form); err != nil {
				return form, files, err
			}
		}
		if len(files) == report.MaxUploads {
			return form, files, errs.New(errs.TooLarge, "Attach at most %d files at once; nothing was stored.", report.MaxUploads)
		}
		up, err := stageReport(v, part)
		if err != nil {
			return form, files, err
		}
		files = append(files, up)
	}
	if asked {
		return form, files, nil
	}
	return form, files, before(form)
}

// readPlain reads a form that came without files, by whatever sent it.
func (v *visit) readPlain(before func(url.Values) error) (url.Values, []report.Upload, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, 3*fieldsLimit)
	if err := v.parse(); err != nil {
		return url.Values{}, nil, err
	}
	return v.r.PostForm, nil, before(v.r.PostForm)
}

// readField reads one written field. An empty file box comes as one with the
// name of the box, and says nothing.
func readField(form url.Values, part *multipart.Part, room int64) (int64, error) {
	value, err := io.ReadAll(io.LimitReader(part, room+1))
	if err != nil {
		return room, cutForm(err)
	}
	room -= int64(len(value))
	if room < 0 || len(form) >= mostFields {
		return room, errs.New(errs.TooLarge, "That is more text than this form takes; attach it as a file. Nothing was stored.")
	}
	if part.FormName() != "files" {
		form.Add(part.FormName(), string(value))
	}
	return room, nil
}

func stageReport(v *visit, part *multipart.Part) (report.Upload, error) {
	head, err := io.ReadAll(io.LimitReader(part, blob.SniffLen))
	if err != nil {
		return report.Upload{}, cutForm(err)
	}
	up := report.Upload{Name: part.FileName(), Head: head}
	up.Ref, err = v.Blobs.Put(v.r.Context(), io.MultiReader(bytes.NewReader(head), part), report.MaxFileSize)
	return up, err
}

// cutForm words an upload that ended too early or is no form.
func cutForm(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || strings.Contains(err.Error(), "too large") {
		return errs.New(errs.TooLarge, "That is more than this form takes: %s of %d MB each. Nothing was stored.", look.Plural(report.MaxUploads, "file", "files"), report.MaxFileSize>>20)
	}
	return errs.Wrap(errs.Malformed, err, "The upload broke off, so nothing was stored. Send it again.")
}

// submitter is who sends a report: the account, or nobody. A finder's link
// sends no second report.
func (v *visit) submitter() audience.Actor {
	if v.Actor.Person == "" {
		return audience.Actor{}
	}
	return v.Actor
}
