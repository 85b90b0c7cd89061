package pgp

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"tocsin/internal/kernel/errs"
)

const (
	// maxRecipients bounds the session keys of a message: each one costs an
	// attempt with each of our keys.
	maxRecipients = 64
	// maxLayers bounds what may stand around the text: compression and
	// signatures. The library's own reader takes millions of them, in
	// quadratic time; that is why the packets are walked here.
	maxLayers = 32
	// messageBegin starts an armored message (RFC 4880, 6.2).
	messageBegin = "-----BEGIN PGP MESSAGE-----"
	messageEnd   = "-----END PGP MESSAGE-----"
)

// LooksEncrypted reports whether text has an armored OpenPGP message in it.
func LooksEncrypted(text string) bool {
	_, _, _, ok := Split(text)
	return ok
}

// Split parts text at its first armored OpenPGP message, so that what a
// finder wrote around it is not lost. A message without an END line goes to
// the end of text.
func Split(text string) (before, message, after string, ok bool) {
	at := 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == messageBegin {
			rest := text[at:]
			if end := strings.Index(rest, messageEnd); end >= 0 {
				end += len(messageEnd)
				return text[:at], rest[:end], rest[end:], true
			}
			return text[:at], rest, "", true
		}
		at += len(line)
	}
	return text, "", "", false
}

var (
	errDamaged   = errs.New(errs.Invalid, "This OpenPGP message is damaged, or was not made for our key. Encrypt it again to the key shown on the report page.")
	errTruncated = errs.New(errs.Malformed, "This is not a readable OpenPGP message. Send the whole block, from the BEGIN line to the END line, with the empty line after its headers.")
)

// Decrypt opens an encrypted message, armored or binary, with any key of the
// ring, and gives its content once the integrity check has passed. At most
// max bytes come out, however small the message. Signatures inside are not
// judged: who signed is known to nobody here.
//
// Malformed: not an OpenPGP message, or cut. Invalid: not encrypted, not to
// our key, without integrity protection, or damaged. TooLarge: more than max
// bytes. One answer stands for every fault after the session key, so that the
// answers help nobody to guess at a message's content.
func (r *Ring) Decrypt(message []byte, max int64) ([]byte, error) {
	in, err := dearmorMessage(message)
	if err != nil {
		return nil, err
	}
	keys, err := sessionKeys(in)
	if err != nil {
		return nil, err
	}
	p, err := packet.Read(in)
	if err != nil {
		return nil, errs.Wrap(errs.Malformed, err, "%s", errTruncated.Text)
	}
	sealed, ok := p.(packet.EncryptedDataPacket)
	if !ok {
		return nil, errs.New(errs.Invalid, "This OpenPGP message is not encrypted. Encrypt it to the key shown on the report page.")
	}
	if s, ok := p.(*packet.SymmetricallyEncrypted); ok && !s.IntegrityProtected {
		return nil, errs.New(errs.Invalid, "This OpenPGP message has no integrity protection, so anybody could have altered it. Encrypt it with a current OpenPGP program.")
	}
	plain, err := r.unlock(sealed, keys)
	if err != nil {
		return nil, err
	}
	text, err := content(plain, max)
	// The check comes at the end of the stream, and before the content counts.
	if closeErr := plain.Close(); closeErr != nil && !errs.Is(err, errs.TooLarge) {
		return nil, errs.Wrap(errs.Invalid, closeErr, "%s", errDamaged.Text)
	}
	if err != nil {
		return nil, err
	}
	return text, nil
}

func dearmorMessage(message []byte) (*bufio.Reader, error) {
	if len(message) == 0 {
		return nil, errTruncated
	}
	if message[0] >= 0x80 { // a packet tag, not text
		return bufio.NewReader(bytes.NewReader(message)), nil
	}
	block, err := armor.Decode(bytes.NewReader(message))
	if err != nil {
		return nil, errs.Wrap(errs.Malformed, err, "%s", errTruncated.Text)
	}
	if block.Type != "PGP MESSAGE" {
		return nil, errs.New(errs.Malformed, "This is an OpenPGP block, but not an encrypted message.")
	}
	return bufio.NewReader(block.Body), nil
}

// sessionKeys reads the packets in front of the encrypted data. Those in a
// form that the library does not know are somebody else's.
func sessionKeys(in *bufio.Reader) ([]*packet.EncryptedKey, error) {
	var keys []*packet.EncryptedKey
	for range 2 * maxRecipients {
		head, err := in.Peek(1)
		if err != nil {
			return nil, errs.Wrap(errs.Malformed, err, "%s", errTruncated.Text)
		}
		switch packetTag(head[0]) {
		case 1, 3, 10, 21: // session keys (public key, passphrase), marker, padding
		default:
			return keys, nil
		}
		p, err := packet.NewOpaqueReader(in).Next()
		if err != nil {
			return nil, errs.Wrap(errs.Malformed, err, "%s", errTruncated.Text)
		}
		if parsed, err := p.Parse(); err == nil {
			if key, ok := parsed.(*packet.EncryptedKey); ok {
				keys = append(keys, key)
			}
		}
		if len(keys) > maxRecipients {
			break
		}
	}
	return nil, errs.New(errs.Invalid, "This OpenPGP message has more than %d recipients. Encrypt it to the key shown on the report page only.", maxRecipients)
}

// packetTag is the type in the first byte of a packet (RFC 4880, 4.2); -1 for
// a byte that starts none.
func packetTag(b byte) int {
	switch {
	case b&0x80 == 0:
		return -1
	case b&0x40 != 0:
		return int(b & 0x3f)
	}
	return int(b >> 2 & 0x0f)
}

func (r *Ring) unlock(sealed packet.EncryptedDataPacket, keys []*packet.EncryptedKey) (io.ReadCloser, error) {
	ours := false
	for _, sessionKey := range keys {
		for _, k := range r.keys {
			for _, private := range k.decryptionKeys(sessionKey.KeyId) {
				ours = ours || sessionKey.KeyId != 0
				if sessionKey.Decrypt(private, nil) != nil {
					continue
				}
				// A wrong session key is seen, most of the time, before
				// anything was read; then another one may fit.
				if plain, err := sealed.Decrypt(sessionKey.CipherFunc, sessionKey.Key); err == nil && plain != nil {
					return plain, nil
				}
			}
		}
	}
	if ours {
		return nil, errDamaged
	}
	return nil, errs.New(errs.Invalid, "This OpenPGP message is not encrypted to our key. Encrypt it to the key shown on the report page (%s).", r.Current().Fingerprint())
}

// content walks from the outermost packet to the literal data.
func content(plain io.Reader, max int64) ([]byte, error) {
	in := plain
	for range maxLayers {
		p, err := packet.Read(in)
		if err != nil {
			if errors.As(err, new(tooLarge)) {
				return nil, tooLong(max)
			}
			if _, ok := errors.AsType[pgperrors.UnsupportedError](err); ok {
				continue // a signature in a form that nobody here has to know
			}
			return nil, errDamaged
		}
		switch p := p.(type) {
		case *packet.Compressed:
			// Room for the signatures and headers around max bytes.
			in = &bounded{r: p.Body, left: max + 1<<20}
		case *packet.OnePassSignature, *packet.Signature, *packet.Marker, packet.Padding:
		case *packet.LiteralData:
			text, err := io.ReadAll(io.LimitReader(p.Body, max+1))
			if int64(len(text)) > max || errors.As(err, new(tooLarge)) {
				return nil, tooLong(max)
			}
			if err != nil {
				return nil, errDamaged
			}
			return text, nil
		default:
			return nil, errDamaged
		}
	}
	return nil, errDamaged
}

func tooLong(max int64) error {
	return errs.New(errs.TooLarge, "This OpenPGP message unpacks to more than the %d bytes allowed here. Send the text alone and attach files separately.", max)
}

type tooLarge struct{}

func (tooLarge) Error() string { return "unpacks to too much" }

// bounded ends a decompression bomb with an error, where io.LimitReader would
// make it look complete.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, tooLarge{}
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
