package portal

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/talk"
)

// Bounds of one form with files.
const (
	messageLimit = talk.MaxFiles*talk.MaxFileSize + 2*bodyLimit
	uploadTime   = 30 * time.Minute
	maxParts     = 500
	drainTime    = 20 * time.Second
)

// receive reads a form with files: fields into the request's form, files
// straight into the store, never whole into memory. What it returns beside an
// error is what had arrived till then.
func (v *visit) receive() (files []talk.Upload, err error) {
	v.r.PostForm = url.Values{}
	v.r.Form = v.r.PostForm
	media, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	if err != nil || media != "multipart/form-data" {
		v.r.Body = http.MaxBytesReader(v.w, v.r.Body, bodyLimit)
		v.r.PostForm, v.r.Form = nil, nil
		return nil, v.parse()
	}
	line := http.NewResponseController(v.w)
	_ = line.SetReadDeadline(time.Now().Add(uploadTime)) // a test's recorder has no line
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, messageLimit)
	defer func() {
		if err != nil {
			_ = line.SetReadDeadline(time.Now().Add(drainTime))
			_, _ = io.CopyN(io.Discard, v.r.Body, drainLimit)
		}
	}()
	parts, err := v.r.MultipartReader()
	if err != nil {
		return nil, errs.Wrap(errs.Malformed, err, "The form could not be read; nothing was changed.")
	}
	room := int64(bodyLimit)
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return files, cutShort(err)
		}
		if part.FileName() == "" {
			n, err := v.field(part, room)
			if err != nil {
				return files, err
			}
			room -= n
			continue
		}
		if len(files) == talk.MaxFiles {
			return files, errs.New(errs.TooLarge, "At most %d files go with one message.", talk.MaxFiles)
		}
		u, err := talk.Stage(v.r.Context(), v.Blobs, part, part.FileName(), part.Header.Get("Content-Type"))
		if err != nil {
			return files, err
		}
		files = append(files, u)
	}
	return files, errs.New(errs.Malformed, "The form has too many fields; nothing was changed.")
}

// field reads one field of the form, for which there is so much room.
func (v *visit) field(part *multipart.Part, room int64) (int64, error) {
	b, err := io.ReadAll(io.LimitReader(part, room+1))
	if err != nil {
		return 0, cutShort(err)
	}
	n := int64(len(b) + len(part.FormName()))
	if n > room {
		return n, errs.New(errs.TooLarge, "That is more than this form takes; nothing was changed.")
	}
	if name := part.FormName(); name != "" && name != "files" {
		v.r.PostForm.Add(name, string(b))
	}
	return n, nil
}

func cutShort(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return err
	}
	return errs.Wrap(errs.Malformed, err, "The upload was cut; nothing was changed. Send it again.")
}
