// Package seal keeps secrets and confidential texts unreadable at rest: in
// the database, in the blob store, in a stolen disk. What is sealed can be
// read back only with the keys directory (DATA/keys), which therefore belongs
// in every backup and never beside one.
//
// Sealed bytes are an age file (age-encryption.org/v1) to one X25519 key, so
// that an operator with the key file can open any of them with the stock age
// program even if this server is gone. Sealing hides and authenticates the
// content; it does not say which record the content belongs to, so a sealed
// value that decides something must name its record inside.
//
// The package also derives keys for tokens that prove "this server wrote
// this" (unsubscribe links and the like); see Sealer.Sign.
package seal

import (
	"bytes"
	"errors"
	"io"

	"filippo.io/age"

	"tocsin/internal/kernel/errs"
)

var (
	// ErrWrongKey is in the chain of an error about content that was sealed
	// with a key other than the ones in the keys directory.
	ErrWrongKey = errors.New("sealed with a key that is not in the keys directory; restore the keys directory that belongs to this data")
	// ErrDamaged is in the chain of an error about sealed bytes that were cut
	// or altered, or that never were sealed.
	ErrDamaged = errors.New("sealed content is damaged")
)

// Sealer seals, unseals and signs with the keys of one keys directory. It is
// safe for concurrent use.
type Sealer struct {
	identities []age.Identity // all that can open; the first one's recipient seals
	recipient  age.Recipient
	sealText   []byte // content of seal.age, for Export
	tokenKey   []byte
}

// Seal encrypts plain. The result is about 200 bytes longer and differs at
// every call.
func (s *Sealer) Seal(plain []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := s.SealTo(&out)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// SealTo gives a writer whose input arrives sealed in w. Close writes the
// end, without which nothing can be read back; it does not close w.
func (s *Sealer) SealTo(w io.Writer) (io.WriteCloser, error) {
	return age.Encrypt(w, s.recipient)
}

// Unseal is the plain content of sealed. The error has ErrWrongKey or
// ErrDamaged in its chain.
func (s *Sealer) Unseal(sealed []byte) ([]byte, error) {
	// Sealing does not compress, so the input bounds the output.
	return s.UnsealMax(sealed, int64(len(sealed)))
}

// UnsealMax is Unseal for content of which more than max plain bytes are
// refused (errs.TooLarge).
func (s *Sealer) UnsealMax(sealed []byte, max int64) ([]byte, error) {
	r, err := s.UnsealFrom(bytes.NewReader(sealed))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(r, max+1))
	if err != nil {
		return nil, err
	}
	if int64(len(plain)) > max {
		return nil, errs.New(errs.TooLarge, "This content is longer than the %d bytes allowed here.", max)
	}
	return plain, nil
}

// UnsealFrom gives a reader of the plain content sealed in r. Every byte it
// returns is authentic, but only its io.EOF says that nothing was cut off. An
// error of r comes through as it is.
func (s *Sealer) UnsealFrom(r io.Reader) (io.Reader, error) {
	src := &source{r: r}
	plain, err := age.Decrypt(src, s.identities...)
	if err != nil {
		return nil, src.explain(err)
	}
	return &unsealed{plain: plain, src: src}, nil
}

// source remembers the fault of the reader underneath, so that a broken
// connection is not reported as damaged content.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func (s *source) explain(err error) error {
	if s.err != nil {
		return s.err
	}
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return errs.Wrap(errs.Internal, ErrWrongKey, "This content is sealed with a key that this server does not hold.")
	}
	return errs.Wrap(errs.Internal, errors.Join(ErrDamaged, err), "This content was damaged in storage and cannot be opened.")
}

type unsealed struct {
	plain io.Reader
	src   *source
}

func (u *unsealed) Read(p []byte) (int, error) {
	n, err := u.plain.Read(p)
	if err != nil && err != io.EOF {
		err = u.src.explain(err)
	}
	return n, err
}
