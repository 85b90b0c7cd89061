// Package blob keeps uploaded files. A file is known by the SHA-256 of its
// content; whoever holds the store (a disk, a bucket, a backup of either)
// sees neither: the content is sealed, and the name is the hash encrypted, so
// that nobody can test whether a file they know is there.
//
// Files are only ever stored and handed back. The server never opens an
// archive, decodes an image or runs a converter over an upload, so that a ZIP
// or image bomb stays inert and a parser bug has nothing to parse. Sniff looks
// at the first bytes for display only.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"syscall"
	"time"

	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/seal"
)

// Ref is a stored file: what a record keeps of it.
type Ref struct {
	SHA256 string // of the plain content, 64 digits of lower-case hex
	Size   int64  // of the plain content, in bytes
}

// Info is a stored file as Stat and Walk find it.
type Info struct {
	Ref
	Modified time.Time // when it was last Put, by the store's clock
}

// Store keeps files by content. It is safe for concurrent use, also by
// several processes on the same directory or bucket.
//
// Errors: NotFound for a file that is not there, TooLarge beyond a limit,
// Malformed for an upload that was cut, Unavailable when disk or bucket do
// not take or give the file (full, read-only, unreachable).
type Store interface {
	// Put stores what r gives, at most limit bytes of it. It returns once the
	// file is durable; after any error nothing of it is left. Putting the
	// same content again is fine, and renews Modified: a sweep of files that
	// no record names must spare those put lately.
	Put(ctx context.Context, r io.Reader, limit int64) (Ref, error)
	// Open gives the plain content. A content that does not fit its hash
	// ends in an error instead of io.EOF: copy to the end, and do not let an
	// aborted copy look like a whole one.
	Open(ctx context.Context, sha string) (io.ReadCloser, error)
	// Delete removes a file; one that is not there is no error.
	Delete(ctx context.Context, sha string) error
	// Stat describes a file without reading it.
	Stat(ctx context.Context, sha string) (Info, error)
	// Walk calls f for every file, in no order, until f returns an error,
	// which it returns. Files put or deleted meanwhile may be missed.
	Walk(ctx context.Context, f func(Info) error) error
}

// Open opens the store that spec names (TOCSIN_BLOBS): empty for the
// directory dir, which is made if need be, else an s3:// address, see OpenS3.
func Open(ctx context.Context, spec, dir string, s *seal.Sealer) (Store, error) {
	if spec == "" {
		return OpenDir(dir, s)
	}
	return OpenS3(ctx, spec, s)
}

// backend moves sealed bytes; store does what all backends have in common.
type backend interface {
	spool() (spool, error)
	open(ctx context.Context, name string) (io.ReadCloser, error)
	delete(ctx context.Context, name string) error
	stat(ctx context.Context, name string) (size int64, modified time.Time, err error)
	walk(ctx context.Context, f func(name string, size int64, modified time.Time) error) error
}

// spool takes sealed bytes whose name is known only at their end.
type spool interface {
	io.Writer
	// commit makes the bytes durable under a name, all at once.
	commit(ctx context.Context, name string) error
	// drop gives up what was not committed.
	drop()
}

type store struct {
	backend
	sealer   *seal.Sealer
	names    *names
	overhead int64 // length of the sealed empty file
}

func newStore(b backend, s *seal.Sealer) (*store, error) {
	empty, err := s.Seal(nil)
	if err != nil {
		return nil, err
	}
	return &store{backend: b, sealer: s, names: newNames(s), overhead: int64(len(empty))}, nil
}

func (s *store) Put(ctx context.Context, r io.Reader, limit int64) (Ref, error) {
	sp, err := s.spool()
	if err != nil {
		return Ref{}, unavailable(err)
	}
	defer sp.drop()
	w, err := s.sealer.SealTo(sp)
	if err != nil {
		return Ref{}, unavailable(err)
	}
	sum := sha256.New()
	src := &upload{ctx: ctx, r: r, left: max(limit, 0), limit: limit, sum: sum}
	n, err := io.Copy(w, src)
	if src.err != nil {
		return Ref{}, src.err
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return Ref{}, unavailable(err)
	}
	ref := Ref{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: n}
	name, _ := s.names.of(ref.SHA256)
	if err := sp.commit(ctx, name); err != nil {
		return Ref{}, unavailable(err)
	}
	return ref, nil
}

// upload is the reading side of Put: it counts, hashes, and keeps apart whose
// fault an error is.
type upload struct {
	ctx         context.Context
	r           io.Reader
	left, limit int64
	sum         hash.Hash
	err         error
}

func (u *upload) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		u.err = err
		return 0, err
	}
	n, err := u.r.Read(p)
	if u.left -= int64(n); u.left < 0 {
		u.err = errs.New(errs.TooLarge, "The file is larger than the %s allowed here. Nothing was stored.", byteSize(u.limit))
		return 0, u.err
	}
	u.sum.Write(p[:n])
	if err != nil && err != io.EOF {
		u.err = cut(err)
		return n, u.err
	}
	return n, err
}

func cut(err error) error {
	if tooBig, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errs.Wrap(errs.TooLarge, err, "The upload is larger than the %s allowed here. Nothing was stored.", byteSize(tooBig.Limit))
	}
	if errs.KindOf(err) != errs.Internal || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return errs.Wrap(errs.Malformed, err, "The upload was cut short. Nothing was stored; send the file again.")
}

func byteSize(n int64) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

func (s *store) Open(ctx context.Context, sha string) (io.ReadCloser, error) {
	name, ok := s.names.of(sha)
	if !ok {
		return nil, errs.Missing("file")
	}
	sealed, err := s.open(ctx, name)
	if err != nil {
		return nil, unavailable(err)
	}
	plain, err := s.sealer.UnsealFrom(sealed)
	if err != nil {
		sealed.Close()
		return nil, unavailable(err)
	}
	return &download{sealed: sealed, plain: plain, sum: sha256.New(), want: sha}, nil
}

// download checks at the end that the content is the one asked for: the seal
// proves who wrote it, not that nobody exchanged two files.
type download struct {
	sealed io.Closer
	plain  io.Reader
	sum    hash.Hash
	want   string
}

func (d *download) Read(p []byte) (int, error) {
	n, err := d.plain.Read(p)
	d.sum.Write(p[:n])
	switch {
	case err == io.EOF && hex.EncodeToString(d.sum.Sum(nil)) != d.want:
		err = errs.Wrap(errs.Internal, fmt.Errorf("%w: its SHA-256 is not %s", seal.ErrDamaged, d.want), "This file was damaged in storage and cannot be opened.")
	case err != nil && err != io.EOF:
		err = unavailable(err)
	}
	return n, err
}

func (d *download) Close() error { return d.sealed.Close() }

func (s *store) Delete(ctx context.Context, sha string) error {
	name, ok := s.names.of(sha)
	if !ok {
		return nil
	}
	if err := s.delete(ctx, name); err != nil && !errs.Is(err, errs.NotFound) {
		return unavailable(err)
	}
	return nil
}

func (s *store) Stat(ctx context.Context, sha string) (Info, error) {
	name, ok := s.names.of(sha)
	if !ok {
		return Info{}, errs.Missing("file")
	}
	size, modified, err := s.stat(ctx, name)
	if err != nil {
		return Info{}, unavailable(err)
	}
	return Info{Ref{sha, s.plainSize(size)}, modified.UTC()}, nil
}

func (s *store) Walk(ctx context.Context, f func(Info) error) error {
	var stop error
	err := s.walk(ctx, func(name string, size int64, modified time.Time) error {
		sha, ok := s.names.sha(name)
		if !ok {
			return nil // not one of ours
		}
		stop = f(Info{Ref{sha, s.plainSize(size)}, modified.UTC()})
		return stop
	})
	if stop != nil {
		return stop
	}
	if err != nil {
		return unavailable(err)
	}
	return nil
}

// plainSize turns the length of a sealed file into that of its content: after
// a header of fixed length, age adds 16 bytes to each 64 KiB, and to at least
// one such chunk.
func (s *store) plainSize(sealed int64) int64 {
	const chunk, tag = 64 << 10, 16
	body := sealed - s.overhead + tag
	return max(0, body-(body+chunk+tag-1)/(chunk+tag)*tag)
}

// unavailable words a fault of the store. Answers that are worded already, and
// the caller's own cancellation, pass through.
func unavailable(err error) error {
	switch {
	case errs.KindOf(err) != errs.Internal, errors.Is(err, seal.ErrDamaged), errors.Is(err, seal.ErrWrongKey),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return errs.Wrap(errs.Unavailable, err, "The server's file store is full. Nothing was stored; the operator has to make room.")
	}
	return errs.Wrap(errs.Unavailable, err, "The server's file store does not work now. Try again later.")
}
