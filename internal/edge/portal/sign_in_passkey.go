package portal

import (
	"encoding/json"
	"io"
	"net/http"

	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// A passkey needs a script in any case, so these few routes speak JSON with
// passkey.js: options out, the browser's answer in, with the ceremony that
// joins the two.
type passkeyOptions struct {
	PublicKey json.RawMessage `json:"publicKey"`
	Ceremony  string          `json:"ceremony"`
}

type passkeyAnswer struct {
	Ceremony   string            `json:"ceremony"`
	Fields     map[string]string `json:"fields"`
	Credential json.RawMessage   `json:"credential"`
}

// options writes what the browser's passkey dialog wants, of begin's JSON.
func (v *visit) passkeyOptions(begin func(*db.Tx) ([]byte, string, error)) {
	var out passkeyOptions
	err := v.write(func(tx *db.Tx) error {
		options, ceremony, err := begin(tx)
		if err != nil {
			return err
		}
		if err := json.Unmarshal(options, &out); err != nil {
			return err
		}
		out.Ceremony = ceremony
		return nil
	})
	v.answer(out, err)
}

// answered reads the browser's answer.
func (v *visit) answered() (a passkeyAnswer, err error) {
	body, err := io.ReadAll(v.r.Body)
	if err != nil {
		return a, err
	}
	if json.Unmarshal(body, &a) != nil {
		return a, errs.New(errs.Malformed, "The passkey's answer could not be read; start again.")
	}
	return a, nil
}

// answer writes JSON, or the refusal as a problem document (RFC 9457).
func (v *visit) answer(data any, err error) {
	status, kind := http.StatusOK, "application/json"
	if err != nil {
		if errs.KindOf(err) == errs.Internal {
			v.Log.Error("request failed", "pattern", v.r.Pattern, "err", err)
		}
		status, kind = gate.Status(err), "application/problem+json"
		data = map[string]any{"title": http.StatusText(status), "detail": gate.Public(err).Text, "status": status}
	}
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Cache-Control", "no-store")
	v.w.WriteHeader(status)
	// Who hangs up is not an error worth telling anybody.
	_ = json.NewEncoder(v.w).Encode(data)
}

type nextPage struct {
	Next string `json:"next"`
}

func (v *visit) beginPasskeyLogin() error {
	v.passkeyOptions(func(tx *db.Tx) ([]byte, string, error) { return v.people.BeginLogin(tx, gate.Where(v.r)) })
	return nil
}

func (v *visit) finishPasskeyLogin() error {
	in, err := v.answered()
	var e people.Entry
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			e, err = v.people.FinishLogin(tx, in.Ceremony, in.Credential, gate.Where(v.r))
			return err
		})
	}
	if err == nil {
		v.openSession(e)
	}
	v.answer(nextPage{entered(e, in.Fields["next"])}, err)
	return nil
}

func (v *visit) beginPasskey() error {
	v.passkeyOptions(func(tx *db.Tx) ([]byte, string, error) { return v.people.BeginPasskey(tx, v.Actor) })
	return nil
}

func (v *visit) finishPasskey() error {
	in, err := v.answered()
	var recovery []string
	if err == nil {
		err = v.write(func(tx *db.Tx) (err error) {
			_, recovery, err = v.people.FinishPasskey(tx, v.Actor, v.Session.ID, in.Ceremony, in.Fields["label"], in.Credential)
			return err
		})
	}
	if err == nil && len(recovery) > 0 {
		err = v.keepOnce("/me/security", recoverySecret(recovery))
	}
	v.answer(nextPage{"/me/security"}, err)
	return nil
}
