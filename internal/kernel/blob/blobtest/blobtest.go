// Package blobtest is what every blob.Store has to pass, whatever it stands
// on.
package blobtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/errs"
)

// Run tests s. The store may hold other files already; Run removes its own.
func Run(t *testing.T, s blob.Store) {
	c := &suite{s: s}
	t.Cleanup(func() {
		for _, sha := range c.made {
			s.Delete(context.Background(), sha)
		}
	})
	t.Run("content comes back", c.roundTrip)
	t.Run("the limit holds", c.limit)
	t.Run("a cut upload leaves nothing", c.cutUpload)
	t.Run("the same content twice is one file", c.twice)
	t.Run("the same content at once is one file", c.atOnce)
	t.Run("what is not there is not found", c.absent)
	t.Run("deleted is gone", c.deleted)
	t.Run("walk sees every file", c.walk)
	t.Run("a cancelled context ends the work", c.cancelled)
}

type suite struct {
	s    blob.Store
	made []string
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func shaOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (c *suite) put(t *testing.T, data []byte) blob.Ref {
	t.Helper()
	ref, err := c.s.Put(t.Context(), bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("put %d bytes: %v", len(data), err)
	}
	c.made = append(c.made, ref.SHA256)
	return ref
}

func (c *suite) get(t *testing.T, sha string) ([]byte, error) {
	t.Helper()
	r, err := c.s.Open(t.Context(), sha)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// stored is the set of everything in the store.
func (c *suite) stored(t *testing.T) map[string]blob.Info {
	t.Helper()
	all := map[string]blob.Info{}
	err := c.s.Walk(t.Context(), func(i blob.Info) error {
		if _, twice := all[i.SHA256]; twice {
			t.Errorf("walk shows %s twice", i.SHA256)
		}
		all[i.SHA256] = i
		return nil
	})
	if err != nil {
		t.Fatal("walk: ", err)
	}
	return all
}

func (c *suite) roundTrip(t *testing.T) {
	// Around the chunks that sealing makes, where lengths go wrong.
	for _, n := range []int{0, 1, 65535, 65536, 65537, 131072, 131073, 1_000_000, 9 << 20} {
		data := noise(n)
		ref := c.put(t, data)
		if ref.SHA256 != shaOf(data) || ref.Size != int64(n) {
			t.Fatalf("%d bytes are stored as %+v", n, ref)
		}
		if got, err := c.get(t, ref.SHA256); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%d bytes come back as %d: %v", n, len(got), err)
		}
		info, err := c.s.Stat(t.Context(), ref.SHA256)
		if err != nil || info.Ref != ref {
			t.Errorf("stat of %d bytes: %+v, %v", n, info, err)
		}
		if age := time.Since(info.Modified); age < -time.Hour || age > time.Hour || info.Modified.Location() != time.UTC {
			t.Errorf("stat says it was stored at %v", info.Modified)
		}
	}
	small := noise(70_000)
	ref, err := c.s.Put(t.Context(), iotest.OneByteReader(bytes.NewReader(small)), 1<<20)
	if err != nil || ref.SHA256 != shaOf(small) {
		t.Errorf("byte by byte: %+v, %v", ref, err)
	}
	c.made = append(c.made, ref.SHA256)
}

func (c *suite) limit(t *testing.T) {
	before := c.stored(t)
	for _, n := range []int{1, 1000, 70_000, 1 << 20} {
		data := noise(n)
		_, err := c.s.Put(t.Context(), bytes.NewReader(data), int64(n-1))
		if !errs.Is(err, errs.TooLarge) {
			t.Errorf("%d bytes under a limit of %d: %v", n, n-1, err)
		}
		if _, err := c.s.Stat(t.Context(), shaOf(data)); !errs.Is(err, errs.NotFound) {
			t.Errorf("%d bytes over the limit are stored: %v", n, err)
		}
	}
	if after := c.stored(t); len(after) != len(before) {
		t.Errorf("there were %d files, now %d", len(before), len(after))
	}
}

func (c *suite) cutUpload(t *testing.T) {
	before := c.stored(t)
	for _, n := range []int{0, 1000, 200_000} {
		data := noise(n)
		_, err := c.s.Put(t.Context(), io.MultiReader(bytes.NewReader(data), iotest.ErrReader(io.ErrUnexpectedEOF)), 1<<20)
		if !errs.Is(err, errs.Malformed) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
		if _, err := c.s.Open(t.Context(), shaOf(data)); n > 0 && !errs.Is(err, errs.NotFound) {
			t.Errorf("the first %d bytes are stored: %v", n, err)
		}
	}
	if after := c.stored(t); len(after) != len(before) {
		t.Errorf("there were %d files, now %d", len(before), len(after))
	}
}

func (c *suite) twice(t *testing.T) {
	data := noise(5000)
	first := c.put(t, data)
	n := len(c.stored(t))
	if second := c.put(t, data); second != first {
		t.Errorf("%+v, then %+v", first, second)
	}
	if again := len(c.stored(t)); again != n {
		t.Errorf("%d files became %d", n, again)
	}
	if got, err := c.get(t, first.SHA256); err != nil || !bytes.Equal(got, data) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func (c *suite) atOnce(t *testing.T) {
	data := noise(100_000)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := c.s.Put(t.Context(), bytes.NewReader(data), 1<<20); err != nil {
				t.Error(err)
			}
			if got, err := c.get(t, shaOf(data)); err != nil || !bytes.Equal(got, data) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	wg.Wait()
	c.made = append(c.made, shaOf(data))
}

func (c *suite) absent(t *testing.T) {
	for _, sha := range []string{shaOf(noise(8)), "", "abc", "../../etc/passwd", strings.Repeat("g", 64), strings.ToUpper(shaOf(noise(8))), strings.Repeat("0", 63)} {
		if _, err := c.s.Open(t.Context(), sha); !errs.Is(err, errs.NotFound) {
			t.Errorf("open %q: %v", sha, err)
		}
		if _, err := c.s.Stat(t.Context(), sha); !errs.Is(err, errs.NotFound) {
			t.Errorf("stat %q: %v", sha, err)
		}
		if err := c.s.Delete(t.Context(), sha); err != nil {
			t.Errorf("delete %q: %v", sha, err)
		}
	}
}

func (c *suite) deleted(t *testing.T) {
	data := noise(100)
	ref := c.put(t, data)
	if err := c.s.Delete(t.Context(), ref.SHA256); err != nil {
		t.Fatal(err)
	}
	if _, err := c.get(t, ref.SHA256); !errs.Is(err, errs.NotFound) {
		t.Errorf("open after delete: %v", err)
	}
	if _, there := c.stored(t)[ref.SHA256]; there {
		t.Error("walk shows a deleted file")
	}
	if again := c.put(t, data); again != ref {
		t.Errorf("put after delete: %+v", again)
	}
}

func (c *suite) walk(t *testing.T) {
	want := map[string]int64{}
	for i := range 30 {
		ref := c.put(t, noise(i*1000+1))
		want[ref.SHA256] = ref.Size
	}
	all := c.stored(t)
	for sha, size := range want {
		if all[sha].Size != size || all[sha].Modified.IsZero() {
			t.Errorf("%s of %d bytes: walk shows %+v", sha, size, all[sha])
		}
	}
	enough, seen := errors.New("enough"), 0
	err := c.s.Walk(t.Context(), func(blob.Info) error {
		if seen++; seen == 3 {
			return enough
		}
		return nil
	})
	if err != enough || seen != 3 {
		t.Errorf("walk stopped after %d files with %v", seen, err)
	}
}

func (c *suite) cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	data := noise(300_000)
	var r io.Reader = io.MultiReader(bytes.NewReader(data[:1000]), readerFunc(func([]byte) (int, error) { cancel(); return 0, nil }), bytes.NewReader(data[1000:]))
	if _, err := c.s.Put(ctx, r, 1<<20); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if _, err := c.s.Stat(t.Context(), shaOf(data)); !errs.Is(err, errs.NotFound) {
		t.Errorf("the cancelled file is stored: %v", err)
	}
	if err := c.s.Walk(ctx, func(blob.Info) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("walk: %v", err)
	}
}

// readerFunc acts once it is read, then ends.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) {
	f(p)
	return 0, io.EOF
}
