package delivery

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"tocsin/internal/kernel/errs"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/textproto"
)

// Bounds of a delivery status notification.
const (
	maxDSN        = 1 << 20
	maxParts      = 8
	maxRecipients = 50
)

// ParseDSN reads a delivery status notification (RFC 3464, a multipart/report
// of RFC 6522) and returns each recipient that failed or is delayed; Malformed
// for everything else, TooLarge beyond 1 MiB. It takes the sender's word for
// what it says: Bounce asks for a proof.
func ParseDSN(r io.Reader) ([]Returned, error) {
	limited := &io.LimitedReader{R: r, N: maxDSN}
	out, err := parseDSN(limited)
	if limited.N <= 0 {
		return nil, errs.New(errs.TooLarge, "The delivery report is larger than %d KiB.", maxDSN>>10)
	}
	if err != nil {
		return nil, errs.Wrap(errs.Malformed, err, "This is no delivery report (RFC 3464).")
	}
	return out, nil
}

var errNoReport = errors.New("no delivery-status part that names a recipient")

func parseDSN(r io.Reader) ([]Returned, error) {
	e, err := message.Read(r)
	if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil, err
	}
	kind, params, err := e.Header.ContentType()
	if err != nil || kind != "multipart/report" || !strings.EqualFold(params["report-type"], "delivery-status") {
		return nil, errNoReport
	}
	parts := e.MultipartReader()
	if parts == nil {
		return nil, errNoReport
	}
	var out []Returned
	messageID := ""
	for range maxParts {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
			return nil, err
		}
		kind, _, _ := p.Header.ContentType()
		switch kind {
		case "message/delivery-status", "message/global-delivery-status":
			if out, err = failures(p.Body); err != nil {
				return nil, err
			}
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			h, err := textproto.ReadHeader(bufio.NewReader(p.Body))
			if err == nil {
				messageID = clipped(strings.Trim(oneLine(h.Get("Message-Id")), "<> "), 250)
			}
		}
	}
	if len(out) == 0 {
		return nil, errNoReport
	}
	for i := range out {
		out[i].MessageID = messageID
	}
	return out, nil
}

// failures reads the fields of RFC 3464, 2.2 and 2.3: one group for the
// message, then one for each recipient.
func failures(body io.Reader) ([]Returned, error) {
	r := bufio.NewReader(body)
	var out []Returned
	for group := range maxRecipients + 1 {
		h, err := textproto.ReadHeader(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if action := strings.ToLower(strings.TrimSpace(h.Get("Action"))); group > 0 && (action == "failed" || action == "delayed") {
			out = append(out, returned(h, action))
		}
		if _, more := r.Peek(1); more != nil {
			break
		}
	}
	return out, nil
}

func returned(h textproto.Header, action string) Returned {
	to := h.Get("Original-Recipient")
	if to == "" {
		to = h.Get("Final-Recipient")
	}
	if _, address, typed := strings.Cut(to, ";"); typed {
		to = address
	}
	_, words, typed := strings.Cut(h.Get("Diagnostic-Code"), ";")
	if !typed {
		words = h.Get("Diagnostic-Code")
	}
	status, _, _ := strings.Cut(strings.TrimSpace(h.Get("Status")), " ")
	if !validStatus(status) {
		status = map[string]string{"failed": "5.0.0", "delayed": "4.0.0"}[action]
	}
	return Returned{Recipient: clipped(strings.Trim(oneLine(to), "<> "), 254), Status: status, Text: clipped(oneLine(words), 300)}
}
