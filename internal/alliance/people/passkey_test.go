package people

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"

	"github.com/fxamacker/cbor/v2"
)

// authenticator is a passkey in software: ES256, no attestation.
type authenticator struct {
	id     []byte
	key    *ecdsa.PrivateKey
	handle []byte
	count  uint32
	origin string
	flags  byte // user present, user verified
}

func newAuthenticator(t *testing.T) *authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	rand.Read(id)
	return &authenticator{id: id, key: key, origin: "https://lantern.example", flags: 0x05}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (k *authenticator) client(kind, challenge string) []byte {
	out, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": k.origin, "crossOrigin": false})
	return out
}

func (k *authenticator) data(attested bool) []byte {
	var b bytes.Buffer
	rp := sha256.Sum256([]byte("lantern.example"))
	b.Write(rp[:])
	flags := k.flags
	if attested {
		flags |= 0x40
	}
	b.WriteByte(flags)
	k.count++
	binary.Write(&b, binary.BigEndian, k.count)
	if attested {
		b.Write(make([]byte, 16))
		binary.Write(&b, binary.BigEndian, uint16(len(k.id)))
		b.Write(k.id)
		point, _ := k.key.PublicKey.Bytes()
		pub, _ := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
		b.Write(pub)
	}
	return b.Bytes()
}

// create answers navigator.credentials.create.
func (k *authenticator) create(t *testing.T, options []byte) []byte {
	t.Helper()
	var o struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
	if err := json.Unmarshal(options, &o); err != nil || o.PublicKey.Challenge == "" {
		t.Fatalf("options %s: %v", options, err)
	}
	k.handle, _ = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	attestation, _ := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": k.data(true)})
	return k.answer(map[string]string{"clientDataJSON": b64(k.client("webauthn.create", o.PublicKey.Challenge)), "attestationObject": b64(attestation)})
}

// get answers navigator.credentials.get.
func (k *authenticator) get(t *testing.T, options []byte) []byte {
	t.Helper()
	var o struct{ PublicKey struct{ Challenge string } }
	if err := json.Unmarshal(options, &o); err != nil || o.PublicKey.Challenge == "" {
		t.Fatalf("options %s: %v", options, err)
	}
	data, client := k.data(false), k.client("webauthn.get", o.PublicKey.Challenge)
	sum := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, k.key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return k.answer(map[string]string{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(k.handle)})
}

func (k *authenticator) answer(response map[string]string) []byte {
	out, _ := json.Marshal(map[string]any{"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	return out
}

func (w *world) addPasskey(p Person, k *authenticator) (recovery []string, err error) {
	err = w.d.Write(w.Context(), func(tx *db.Tx) error {
		me := audience.Actor{Person: p.ID}
		options, ceremony, err := w.desk.BeginPasskey(tx, me)
		if err != nil {
			return err
		}
		_, recovery, err = w.desk.FinishPasskey(tx, me, "", ceremony, "Key", k.create(w.T, options))
		return err
	})
	return recovery, err
}

func (w *world) login(answer func(options []byte) []byte) (e Entry, ceremony string, err error) {
	err = w.d.Write(w.Context(), func(tx *db.Tx) error {
		options, c, err := w.desk.BeginLogin(tx, home)
		if err != nil {
			return err
		}
		ceremony = c
		e, err = w.desk.FinishLogin(tx, ceremony, answer(options), home)
		return err
	})
	return e, ceremony, err
}

func TestPasskeySignsIn(t *testing.T) {
	each(t, func(w *world) {
		k := newAuthenticator(t)
		recovery, err := w.addPasskey(w.operator, k)
		if err != nil || len(recovery) != 10 {
			t.Fatalf("adding a passkey: %v, %v", recovery, err)
		}
		_, err = w.addPasskey(w.operator, k)
		w.is("the same passkey again", err, errs.Conflict)
		get := func(o []byte) []byte { return k.get(t, o) }
		e, used, err := w.login(get)
		if err != nil || e.Session.Means != "passkey" || e.Session.Enroll {
			t.Fatalf("signing in: %+v %v", e, err)
		}
		w.refused("a ceremony again", errs.Gone, func(tx *db.Tx) error {
			_, err := w.desk.FinishLogin(tx, used, k.get(t, []byte(`{"publicKey":{"challenge":"AAAA"}}`)), home)
			return err
		})
		k.count = 0
		_, _, err = w.login(get)
		w.is("a counter that went back", err, errs.Unauthenticated)
		k.count = 100
		for what, spoil := range map[string]func(){
			"another site":          func() { k.origin = "https://evil.example" },
			"a user not verified":   func() { k.flags = 0x01 },
			"somebody else's key":   func() { k.key = newAuthenticator(t).key },
			"an unknown credential": func() { k.id = newAuthenticator(t).id },
			"another user's handle": func() { k.handle = []byte("per_other") },
		} {
			good := *k
			spoil()
			_, _, err = w.login(get)
			w.is(what, err, errs.Unauthenticated)
			good.count = k.count
			*k = good
		}
		for _, junk := range []string{"", "{}", "null", `{"id":"x","rawId":"x","type":"public-key","response":{}}`} {
			_, _, err = w.login(func([]byte) []byte { return []byte(junk) })
			w.is("junk "+junk, err, errs.Malformed)
		}
		_, _, err = w.login(func([]byte) []byte { return make([]byte, maxResponse+1) })
		w.is("an endless answer", err, errs.TooLarge)
		if _, _, err = w.login(get); err != nil {
			t.Errorf("after all that: %v", err)
		}
	})
}

func TestPasskeysAndPasswordsDependOnEachOther(t *testing.T) {
	each(t, func(w *world) {
		me := audience.Actor{Person: w.operator.ID}
		if _, err := w.addPasskey(w.operator, newAuthenticator(t)); err != nil {
			t.Fatal(err)
		}
		only := func() string {
			var f Factors
			w.do(func(tx *db.Tx) (err error) { f, err = FactorsOf(tx, me); return err })
			return f.Passkeys[0].ID
		}()
		remove := func(tx *db.Tx) error { return RemovePasskey(tx, me, only) }
		w.refused("removing the only passkey", errs.Conflict, remove)
		w.withPassword(w.operator, false)
		w.refused("removing it with a password alone", errs.Conflict, remove)
		e, err := w.signIn(w.operator.Email, phrase, "")
		if err != nil || e.Pending == "" {
			t.Errorf("a password beside a passkey gets in alone: %+v %v", e, err)
		}
		w.withPassword(w.operator, true)
		w.do(remove)
		w.refused("removing the app", errs.Conflict, func(tx *db.Tx) error { return RemoveTOTP(tx, me) })
		w.refused("removing the password", errs.Conflict, func(tx *db.Tx) error { return RemovePassword(tx, me) })
		if _, err := w.addPasskey(w.operator, newAuthenticator(t)); err != nil {
			t.Fatal(err)
		}
		w.do(func(tx *db.Tx) error { return RemoveTOTP(tx, me) })
		w.do(func(tx *db.Tx) error { return RemovePassword(tx, me) })
		w.refused("removing it again", errs.Conflict, func(tx *db.Tx) error { return RemovePassword(tx, me) })
	})
}

func TestPasskeyOfTheSuspendedAndOfPlainAddresses(t *testing.T) {
	each(t, func(w *world) {
		p, k := w.add("ben@one.example", "Ben"), newAuthenticator(t)
		if _, err := w.addPasskey(p, k); err != nil {
			t.Fatal(err)
		}
		w.do(func(tx *db.Tx) error { _, err := Suspend(tx, w.as2(tx, w.operator), p.ID); return err })
		_, _, err := w.login(func(o []byte) []byte { return k.get(t, o) })
		w.is("a suspended person's passkey", err, errs.Unauthenticated)
		for address, works := range map[string]bool{"http://127.0.0.1:8420": false, "http://localhost:8420": true, "http://lantern.example": false, "https://lantern.example:8443": true} {
			desk, err := NewDesk(w.d, w.desk.Sealer, w.desk.Box, address, false)
			if err != nil || desk.PasskeysWork() != works {
				t.Errorf("%s: %v, %v", address, desk.PasskeysWork(), err)
			}
		}
		plain, _ := NewDesk(w.d, w.desk.Sealer, w.desk.Box, "http://127.0.0.1:8420", false)
		w.refused("passkeys at a bare address", errs.Conflict, func(tx *db.Tx) error { _, _, err := plain.BeginLogin(tx, home); return err })
	})
}
