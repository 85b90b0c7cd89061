package pgp

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ProtonMail/go-crypto/openpgp/s2k"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"
	"github.com/ProtonMail/gopenpgp/v3/crypto"
	"github.com/ProtonMail/gopenpgp/v3/profile"

	"tocsin/internal/kernel/errs"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const roomy = 1 << 20

func generate(t testing.TB, name string) *Key {
	t.Helper()
	k, err := Generate(name, "security@alliance.example", now)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func wantKind(t *testing.T, what string, err error, kind errs.Kind) {
	t.Helper()
	if err == nil || errs.KindOf(err) != kind {
		t.Errorf("%s: want %v, got %v", what, kind, err)
	}
}

func dearmored(t testing.TB, message []byte) []byte {
	t.Helper()
	b, err := armor.Decode(bytes.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(b.Body)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// sealPackets encrypts raw packets to k, as a hostile sender can.
func sealPackets(t testing.TB, k *Key, packets []byte, recipients int) []byte {
	t.Helper()
	cfg := &packet.Config{DefaultCipher: packet.CipherAES256}
	enc, _ := k.key.GetEntity().EncryptionKey(now, nil)
	session := bytes.Repeat([]byte{7}, 32)
	var out bytes.Buffer
	for range recipients {
		if err := packet.SerializeEncryptedKey(&out, enc.PublicKey, packet.CipherAES256, session, cfg); err != nil {
			t.Fatal(err)
		}
	}
	w, err := packet.SerializeSymmetricallyEncrypted(&out, packet.CipherAES256, false, packet.CipherSuite{}, session, cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(packets)
	w.Close()
	return out.Bytes()
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func compressed(t testing.TB, packets []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := packet.SerializeCompressed(nopCloser{&out}, packet.CompressionZLIB, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(packets)
	w.Close()
	return out.Bytes()
}

func literal(t testing.TB, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := packet.SerializeLiteral(nopCloser{&out}, true, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(text)
	w.Close()
	return out.Bytes()
}

func TestSignatureHoldsForDataKeyAndTime(t *testing.T) {
	k, other := generate(t, "Alliance"), generate(t, "Other")
	data := []byte(`{"document":{}}`)
	sig, err := k.SignDetached(data, now)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := VerifyDetached(data, sig, now.AddDate(2, 0, 0), other, k); err != nil || got != k {
		t.Errorf("good signature: %v, %v", got, err)
	}
	if got, err := VerifyDetached(data, dearmored(t, sig), now, k); err != nil || got != k {
		t.Errorf("good binary signature: %v, %v", got, err)
	}
	_, err = VerifyDetached([]byte("{}"), sig, now, k)
	wantKind(t, "other data", err, errs.Invalid)
	_, err = VerifyDetached(data, sig, now, other)
	wantKind(t, "other key", err, errs.Invalid)
	_, err = VerifyDetached(data, sig, now)
	wantKind(t, "no key", err, errs.Invalid)
	for _, bad := range [][]byte{nil, []byte("hello"), sig[:60]} {
		if _, err := VerifyDetached(data, bad, now, k); err == nil {
			t.Errorf("%q passed as a signature", bad)
		}
	}
	_, err = VerifyDetached(data, make([]byte, maxSignature+1), now, k)
	wantKind(t, "endless signature", err, errs.TooLarge)
}

func TestPrivateKeySurvivesStorage(t *testing.T) {
	k := generate(t, "Alliance")
	secret, err := k.Secret()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Restore(secret)
	if err != nil || back.Fingerprint() != k.Fingerprint() {
		t.Fatalf("%v, %v", back, err)
	}
	if _, err := Import(secret, nil, now); err != nil {
		t.Errorf("a key without passphrase: %v", err)
	}
	public, _ := k.Public()
	if strings.Contains(public, "PRIVATE") {
		t.Fatal("the public key is private")
	}
	pub, err := ParsePublic([]byte(public))
	if err != nil || pub.Fingerprint() != k.Fingerprint() {
		t.Fatalf("%v, %v", pub, err)
	}
	msg, err := Encrypt([]byte("x"), now, pub)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := NewRing(back).Decrypt(msg, roomy); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
	_, err = pub.Secret()
	wantKind(t, "secret of a public key", err, errs.Internal)
	_, err = pub.SignDetached(nil, now)
	wantKind(t, "signing with a public key", err, errs.Conflict)
	_, err = ParsePublic(secret)
	wantKind(t, "a private key where a public one belongs", err, errs.Invalid)
	_, err = Import([]byte(public), nil, now)
	wantKind(t, "a public key where a private one belongs", err, errs.Invalid)
}

func TestImportChecksPassphraseAndUse(t *testing.T) {
	k := generate(t, "Alliance")
	lock := func(p *crypto.PGPHandle, k *Key) []byte {
		locked, err := p.LockKey(k.key, []byte("correct horse"))
		if err != nil {
			t.Fatal(err)
		}
		text, _ := locked.Armor()
		return []byte(text)
	}
	locked := lock(crypto.PGP(), k)
	got, err := Import(locked, []byte("correct horse"), now)
	if err != nil || got.Fingerprint() != k.Fingerprint() {
		t.Fatalf("%v, %v", got, err)
	}
	_, err = Import(locked, []byte("wrong"), now)
	wantKind(t, "wrong passphrase", err, errs.Invalid)
	_, err = Import(locked, nil, now)
	wantKind(t, "no passphrase", err, errs.Invalid)
	_, err = Restore(locked)
	wantKind(t, "a locked key from storage", err, errs.Invalid)

	v6, _ := crypto.PGPWithProfile(profile.RFC9580()).KeyGeneration().AddUserId("A", "a@a.example").GenerationTime(now.Unix()).New().GenerateKey()
	text, _ := v6.Armor()
	_, err = Import([]byte(text), nil, now)
	wantKind(t, "version 6 key", err, errs.Invalid)

	short, _ := crypto.PGP().KeyGeneration().AddUserId("A", "a@a.example").GenerationTime(now.Unix()).Lifetime(3600).New().GenerateKey()
	text, _ = short.Armor()
	_, err = Import([]byte(text), nil, now.Add(2*time.Hour))
	wantKind(t, "expired key", err, errs.Invalid)
	if _, err := Restore([]byte(text)); err != nil {
		t.Errorf("an expired key can no longer be restored for decryption: %v", err)
	}

	revoked := generate(t, "Revoked")
	revoked.key.GetEntity().Revoke(packet.KeyRetired, "", &packet.Config{Time: func() time.Time { return now }})
	secret, _ := revoked.Secret()
	_, err = Import(secret, nil, now)
	wantKind(t, "revoked key", err, errs.Invalid)
}

func TestUnlockingCannotEatTheMemory(t *testing.T) {
	for name, p := range map[string]*profile.Custom{"v4": profile.Default(), "v6": profile.RFC9580()} {
		key, err := crypto.PGPWithProfile(p).KeyGeneration().AddUserId("A", "a@a.example").GenerationTime(now.Unix()).New().GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		cheap := *p
		cheap.AeadKeyEncryption = &packet.AEADConfig{}
		cheap.S2kKeyEncryption = &s2k.Config{S2KMode: s2k.Argon2S2K, Argon2Config: &s2k.Argon2Config{NumberOfPasses: 1, DegreeOfParallelism: 1, Memory: 1 << 10}}
		locked, err := crypto.PGPWithProfile(&cheap).LockKey(key, []byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := locked.Serialize()
		if err := checkUnlockCost(raw); err != nil {
			t.Fatalf("%s: an ordinary lock is refused: %v", name, err)
		}
		i := bytes.Index(raw, []byte{1, 1, 10}) // passes, lanes, log2 of the KiB
		if i < 0 {
			t.Fatalf("%s: found no Argon2 parameters", name)
		}
		raw[i+2] = 31
		wantKind(t, name+", 2 TiB", checkUnlockCost(raw), errs.Invalid)
		raw[i], raw[i+2] = 255, 18
		wantKind(t, name+", 255 passes", checkUnlockCost(raw), errs.Invalid)
	}
}

func TestUserIDsCannotBeForged(t *testing.T) {
	for _, bad := range []string{"", " ", "a\nb", "evil\u202egpj", "zero\u200bwidth", "x <admin@alliance.example>", strings.Repeat("x", 201), "\xff"} {
		_, err := Generate(bad, "a@b.example", now)
		wantKind(t, "name "+bad, err, errs.Invalid)
		_, err = Generate("Alliance", bad, now)
		wantKind(t, "email "+bad, err, errs.Invalid)
	}
	e, err := openpgp.NewEntity("Bank\u202e\u200b\x07", "", "a@b.example", &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	key, _ := crypto.NewKeyFromEntity(e)
	if got := (&Key{key}).Info(now).UserIDs; !slices.Equal(got, []string{"Bank <a@b.example>"}) {
		t.Errorf("user ids %q", got)
	}
}

func TestInfoNamesConcerns(t *testing.T) {
	k := generate(t, "Alliance")
	info := k.Info(now)
	if !info.CanSign || !info.CanEncrypt || !info.Private || info.Expired || info.Revoked || len(info.Concerns) != 0 ||
		info.Algorithm != "EdDSA Curve25519" || !info.Created.Equal(now) || !info.Expires.IsZero() || len(info.Fingerprint) != 40 ||
		!slices.Equal(info.UserIDs, []string{"Alliance <security@alliance.example>"}) {
		t.Errorf("%+v", info)
	}
	if c := k.Info(now.Add(-time.Hour)).Concerns; len(c) == 0 || !strings.Contains(c[0], "future") {
		t.Errorf("a key from the future: %q", c)
	}
	e, err := openpgp.NewEntity("Weak", "", "w@a.example", &packet.Config{Algorithm: packet.PubKeyAlgoRSA, RSABits: 1024, KeyLifetimeSecs: 3600, Time: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	key, _ := crypto.NewKeyFromEntity(e)
	weak := &Key{key}
	info = weak.Info(now)
	if info.Algorithm != "RSA 1024" || info.CanEncrypt || !strings.Contains(strings.Join(info.Concerns, " "), "RSA of 1024 bits") {
		t.Errorf("%+v", info)
	}
	info = weak.Info(now.Add(2 * time.Hour))
	if !info.Expired || !info.Expires.Equal(now.Add(time.Hour)) || !strings.Contains(strings.Join(info.Concerns, " "), "expired on 2026-03-01") {
		t.Errorf("%+v", info)
	}
	_, err = Encrypt([]byte("x"), now, weak)
	wantKind(t, "encrypting to a weak key", err, errs.Invalid)
	_, err = weak.SignDetached(nil, now.Add(2*time.Hour))
	wantKind(t, "signing with an expired key", err, errs.Conflict)
}

func TestRingReadsOldMailAndSignsWithTheNewKey(t *testing.T) {
	old, fresh := generate(t, "Old"), generate(t, "New")
	ring := NewRing(fresh, old)
	for _, k := range []*Key{old, fresh} {
		msg, err := Encrypt([]byte("report"), now, k)
		if err != nil {
			t.Fatal(err)
		}
		for name, m := range map[string][]byte{"armored": msg, "binary": dearmored(t, msg), "with text around": []byte("Dear team,\r\n\r\n" + string(msg) + "\r\nbye")} {
			if got, err := ring.Decrypt(m, roomy); err != nil || string(got) != "report" {
				t.Errorf("%s: %q, %v", name, got, err)
			}
		}
	}
	sig, err := ring.SignDetached([]byte("x"), now)
	if err != nil {
		t.Fatal(err)
	}
	if by, err := ring.VerifyDetached([]byte("x"), sig, now); err != nil || by != fresh {
		t.Errorf("signed by %v, %v", by, err)
	}
	if k, err := ring.Find(old.Fingerprint()); err != nil || k != old {
		t.Errorf("%v, %v", k, err)
	}
	_, err = ring.Find("00")
	wantKind(t, "unknown fingerprint", err, errs.NotFound)
}

func TestBadMessagesGetClearAnswers(t *testing.T) {
	k, other := generate(t, "Alliance"), generate(t, "Other")
	ring := NewRing(k)
	good, _ := Encrypt([]byte("report"), now, k)
	foreign, _ := Encrypt([]byte("report"), now, other)
	raw := dearmored(t, good)
	flip := func(i int) []byte {
		b := bytes.Clone(raw)
		b[(i+len(b))%len(b)] ^= 1
		return b
	}
	both, _ := Encrypt([]byte("report"), now, other, k)
	if got, err := ring.Decrypt(both, roomy); err != nil || string(got) != "report" {
		t.Errorf("one of two recipients: %q, %v", got, err)
	}
	symmetric, _ := crypto.PGP().Encryption().Password([]byte("x")).New()
	msg, _ := symmetric.Encrypt([]byte("report"))
	for name, c := range map[string]struct {
		in   []byte
		kind errs.Kind
		says string
	}{
		"empty":                  {nil, errs.Malformed, "not a readable"},
		"plain text":             {[]byte("hello"), errs.Malformed, "not a readable"},
		"begin line only":        {good[:27], errs.Malformed, "not a readable"},
		"armor, not base64":      {[]byte(messageBegin + "\n\n!!!!\n" + messageEnd), errs.Malformed, "not a readable"},
		"a public key":           {[]byte(strings.ReplaceAll(string(good), "PGP MESSAGE", "PGP PUBLIC KEY BLOCK")), errs.Malformed, "not an encrypted message"},
		"for somebody else":      {foreign, errs.Invalid, k.Fingerprint()},
		"passphrase only":        {msg.Bytes(), errs.Invalid, "not encrypted to our key"},
		"not encrypted":          {literal(t, []byte("x")), errs.Invalid, "not encrypted"},
		"compressed, not sealed": {compressed(t, literal(t, []byte("x"))), errs.Invalid, "not encrypted"},
		"flipped at the end":     {flip(-1), errs.Invalid, "damaged"},
		"flipped in the middle":  {flip(-25), errs.Invalid, "damaged"},
		"cut":                    {raw[:len(raw)-3], errs.Invalid, "damaged"},
		"nonsense inside":        {sealPackets(t, k, []byte("\xffnonsense"), 1), errs.Invalid, "damaged"},
		"nothing inside":         {sealPackets(t, k, nil, 1), errs.Invalid, "damaged"},
		"too many recipients":    {sealPackets(t, k, literal(t, []byte("x")), maxRecipients+1), errs.Invalid, "recipients"},
	} {
		got, err := ring.Decrypt(c.in, roomy)
		wantKind(t, name, err, c.kind)
		if err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q does not say %q", name, err, c.says)
		}
		if got != nil {
			t.Errorf("%s: gave out %q", name, got)
		}
	}
	if got, err := ring.Decrypt(sealPackets(t, k, literal(t, []byte("x")), maxRecipients), roomy); err != nil || string(got) != "x" {
		t.Errorf("%d recipients: %q, %v", maxRecipients, got, err)
	}
}

func TestMessageWithoutIntegrityProtectionIsRefused(t *testing.T) {
	k := generate(t, "Alliance")
	raw := sealPackets(t, k, literal(t, []byte("x")), 1)
	// Packet 9 instead of 18, without the version octet behind its length.
	var out bytes.Buffer
	in := bytes.NewReader(raw)
	opaque := packet.NewOpaqueReader(in)
	for {
		p, err := opaque.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Tag == 18 {
			p.Tag, p.Contents = 9, p.Contents[1:]
		}
		p.Serialize(&out)
	}
	_, err := NewRing(k).Decrypt(out.Bytes(), roomy)
	wantKind(t, "no integrity protection", err, errs.Invalid)
	if err != nil && !strings.Contains(err.Error(), "integrity") {
		t.Error(err)
	}
}

func TestBombsStayInert(t *testing.T) {
	k := generate(t, "Alliance")
	ring := NewRing(k)
	zeros := literal(t, make([]byte, 16<<20))
	ops, onePass := bytes.Buffer{}, &packet.OnePassSignature{Version: 3, Hash: 8, PubKeyAlgo: packet.PubKeyAlgoEdDSA, KeyId: 1}
	onePass.Serialize(&ops)
	for name, inner := range map[string][]byte{
		"zeros":        compressed(t, zeros),
		"zeros twice":  compressed(t, compressed(t, zeros)),
		"signatures":   compressed(t, append(bytes.Repeat(ops.Bytes(), 1_000_000), literal(t, []byte("x"))...)),
		"long user id": compressed(t, append([]byte{0xc0 | 13, 255, 1, 0, 0, 0}, make([]byte, 16<<20)...)),
	} {
		start := time.Now()
		got, err := ring.Decrypt(sealPackets(t, k, inner, 1), roomy)
		if err == nil || got != nil {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if strings.HasPrefix(name, "zeros") {
			wantKind(t, name, err, errs.TooLarge)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	nested := literal(t, []byte("x"))
	for range maxLayers + 1 {
		nested = compressed(t, nested)
	}
	_, err := ring.Decrypt(sealPackets(t, k, nested, 1), roomy)
	wantKind(t, "nested too deep", err, errs.Invalid)
	for _, size := range []int{99, 100, 101} {
		got, err := ring.Decrypt(sealPackets(t, k, compressed(t, literal(t, make([]byte, size))), 1), 100)
		if fits := size <= 100; fits != (err == nil) || fits && len(got) != size {
			t.Errorf("%d bytes under a limit of 100: %d, %v", size, len(got), err)
		}
	}
}

func TestSplitKeepsWhatIsAround(t *testing.T) {
	block := messageBegin + "\n\nabcd\n" + messageEnd
	for _, c := range []struct{ text, before, message, after string }{
		{"hi\n" + block + "\nbye", "hi\n", block, "\nbye"},
		{"hi\r\n  " + messageBegin + " \r\n\r\nab", "hi\r\n", "  " + messageBegin + " \r\n\r\nab", ""},
		{block + block, "", block, block},
	} {
		before, message, after, ok := Split(c.text)
		if !ok || before != c.before || message != c.message || after != c.after {
			t.Errorf("%q: %q %q %q %v", c.text, before, message, after, ok)
		}
	}
	for _, plain := range []string{"", "no", "see " + messageBegin, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n", "-----BEGIN PGP SIGNED MESSAGE-----\n"} {
		if LooksEncrypted(plain) {
			t.Errorf("%q looks encrypted", plain)
		}
	}
}

func TestBadKeysAreRefused(t *testing.T) {
	public, _ := generate(t, "Alliance").Public()
	for name, bad := range map[string]string{"empty": "", "text": "hello", "cut": public[:100], "binary": "\x99\x01", "message": messageBegin + "\n\nabcd\n" + messageEnd} {
		_, err := ParsePublic([]byte(bad))
		wantKind(t, name, err, errs.Malformed)
		_, err = Import([]byte(bad), nil, now)
		wantKind(t, name, err, errs.Malformed)
	}
	_, err := ParsePublic(make([]byte, MaxKey+1))
	wantKind(t, "endless", err, errs.TooLarge)
	raw := dearmored(t, []byte(public))
	marker := []byte{0xc0 | 10, 3, 'P', 'G', 'P'}
	_, err = ParsePublic(append(raw, bytes.Repeat(marker, maxKeyPackets)...))
	wantKind(t, "many packets", err, errs.TooLarge)
}

func FuzzDecrypt(f *testing.F) {
	k := generate(f, "Alliance")
	ring := NewRing(k)
	good, _ := Encrypt([]byte("report"), now, k)
	f.Add(good)
	f.Add(dearmored(f, good))
	f.Add([]byte(messageBegin + "\n\nabcd\n" + messageEnd))
	f.Fuzz(func(t *testing.T, message []byte) {
		got, err := ring.Decrypt(message, 1000)
		if len(got) > 1000 || err != nil && errs.KindOf(err) == errs.Internal {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	})
}

// FuzzSealedPackets fuzzes what a sender can put inside the encryption.
func FuzzSealedPackets(f *testing.F) {
	k := generate(f, "Alliance")
	ring := NewRing(k)
	f.Add(literal(f, []byte("x")))
	f.Add(compressed(f, literal(f, []byte("x"))))
	f.Fuzz(func(t *testing.T, packets []byte) {
		got, err := ring.Decrypt(sealPackets(t, k, packets, 1), 1000)
		if len(got) > 1000 || err != nil && errs.KindOf(err) == errs.Internal {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
	})
}

func FuzzParseKey(f *testing.F) {
	k := generate(f, "Alliance")
	public, _ := k.Public()
	secret, _ := k.Secret()
	f.Add([]byte(public))
	f.Add(dearmored(f, []byte(public)))
	f.Add(dearmored(f, secret))
	f.Fuzz(func(t *testing.T, data []byte) {
		if k, err := ParsePublic(data); err == nil {
			k.Info(now)
			k.Public()
		} else if errs.KindOf(err) == errs.Internal {
			t.Fatal(err)
		}
		if k, err := Import(data, []byte("x"), now); err == nil {
			k.SignDetached(nil, now)
		} else if errs.KindOf(err) == errs.Internal {
			t.Fatal(err)
		}
	})
}
