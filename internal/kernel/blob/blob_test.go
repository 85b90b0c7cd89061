package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/blob/blobtest"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/seal"
)

func newSealer(t testing.TB) *seal.Sealer {
	t.Helper()
	s, err := seal.Open(filepath.Join(t.TempDir(), "keys"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newDir(t testing.TB) (blob.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "blobs")
	s, err := blob.Open(t.Context(), "", dir, newSealer(t))
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDirectory(t *testing.T) {
	s, dir := newDir(t)
	blobtest.Run(t, s)
	if left := files(t, filepath.Join(dir, "incoming")); len(left) != 0 {
		t.Errorf("failed uploads left %v", left)
	}
}

func TestTheDiskSeesNeitherContentNorHash(t *testing.T) {
	s, dir := newDir(t)
	data := bytes.Repeat([]byte("exploit "), 1000)
	ref, err := s.Put(t.Context(), bytes.NewReader(data), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	stored := files(t, dir)
	if len(stored) != 1 {
		t.Fatal(stored)
	}
	raw, _ := os.ReadFile(stored[0])
	if bytes.Contains(raw, []byte("exploit")) {
		t.Error("the content is readable on disk")
	}
	if strings.Contains(stored[0], ref.SHA256[:8]) {
		t.Error("the hash is readable on disk")
	}
	if info, _ := os.Stat(stored[0]); info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %o", info.Mode().Perm())
	}
}

func TestDamageIsNeverHandedOut(t *testing.T) {
	s, dir := newDir(t)
	put := func(text string) (blob.Ref, string) {
		before := files(t, dir)
		ref, err := s.Put(t.Context(), strings.NewReader(text), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files(t, dir) {
			if !strings.Contains(strings.Join(before, "\n"), f) {
				return ref, f
			}
		}
		t.Fatal("no new file")
		return ref, ""
	}
	a, aFile := put("content A")
	_, bFile := put("content B")
	raw, _ := os.ReadFile(aFile)
	other, _ := os.ReadFile(bFile)
	flipped := bytes.Clone(raw)
	flipped[len(flipped)-1] ^= 1
	for name, bad := range map[string][]byte{"exchanged": other, "flipped": flipped, "cut": raw[:len(raw)-1], "empty": nil} {
		os.WriteFile(aFile, bad, 0o600)
		r, err := s.Open(t.Context(), a.SHA256)
		if err == nil {
			_, err = io.ReadAll(r)
			r.Close()
		}
		if !errors.Is(err, seal.ErrDamaged) || errs.KindOf(err) != errs.Internal {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := s.Stat(t.Context(), a.SHA256); err != nil {
			t.Errorf("%s: stat: %v", name, err)
		}
	}
	if _, err := s.Put(t.Context(), strings.NewReader("content A"), 100); err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(t.Context(), a.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || string(got) != "content A" {
		t.Errorf("putting it again does not heal: %q, %v", got, err)
	}
}

func TestStrangersInTheDirectoryAreIgnored(t *testing.T) {
	s, dir := newDir(t)
	os.MkdirAll(filepath.Join(dir, "ab"), 0o700)
	os.WriteFile(filepath.Join(dir, "ab", "ab"+strings.Repeat("0", 94)), []byte("x"), 0o600)
	os.WriteFile(filepath.Join(dir, "README"), []byte("x"), 0o600)
	if err := s.Walk(t.Context(), func(i blob.Info) error { t.Errorf("walk shows %+v", i); return nil }); err != nil {
		t.Error(err)
	}
}

func TestUploadsOfDeadProcessesAreSwept(t *testing.T) {
	dir, keys := t.TempDir(), newSealer(t)
	if _, err := blob.OpenDir(dir, keys); err != nil {
		t.Fatal(err)
	}
	old, fresh := filepath.Join(dir, "incoming", "old"), filepath.Join(dir, "incoming", "fresh")
	os.WriteFile(old, []byte("x"), 0o600)
	os.WriteFile(fresh, []byte("x"), 0o600)
	long := time.Now().Add(-25 * time.Hour)
	os.Chtimes(old, long, long)
	if _, err := blob.OpenDir(dir, keys); err != nil {
		t.Fatal(err)
	}
	if left := files(t, dir); len(left) != 1 || left[0] != fresh {
		t.Errorf("left: %v", left)
	}
}

func TestPuttingAgainRenewsTheTime(t *testing.T) {
	s, dir := newDir(t)
	ref, _ := s.Put(t.Context(), strings.NewReader("x"), 1)
	long := time.Now().Add(-48 * time.Hour)
	os.Chtimes(files(t, dir)[0], long, long)
	s.Put(t.Context(), strings.NewReader("x"), 1)
	if info, err := s.Stat(t.Context(), ref.SHA256); err != nil || time.Since(info.Modified) > time.Hour {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestFullDiskIsSaidAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256k"); err != nil {
		t.Skip("cannot mount a small file system here; the full disk is not tested: ", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	s, err := blob.OpenDir(dir, newSealer(t))
	if err != nil {
		t.Fatal(err)
	}
	small, err := s.Put(t.Context(), strings.NewReader("small"), 100)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Put(t.Context(), bytes.NewReader(make([]byte, 1<<20)), 1<<20)
	if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "full") || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("full disk: %v", err)
	}
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	if _, err := s.Put(t.Context(), bytes.NewReader(make([]byte, 50<<10)), 1<<20); err != nil {
		t.Errorf("the room is not free again: %v", err)
	}
	if _, err := s.Stat(t.Context(), small.SHA256); err != nil {
		t.Error(err)
	}
}

func TestOversizeRequestBodiesAreTooLarge(t *testing.T) {
	s, _ := newDir(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := s.Put(r.Context(), http.MaxBytesReader(w, r.Body, 10), 1<<20); !errs.Is(err, errs.TooLarge) {
			t.Errorf("%v", err)
		}
	}))
	defer server.Close()
	resp, err := http.Post(server.URL, "text/plain", strings.NewReader("more than ten bytes"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

func TestBadS3AddressesKeepTheSecret(t *testing.T) {
	for _, spec := range []string{"http://K:hunter2@h/b", "s3://K:hunter2@h", "s3://K:hunter2@/b", "s3://K@h/b", "s3://h/b", "s3://K:hunter2@h/b?x=1",
		"s3://K:hunter2@h/b?insecure=yes", "s3://K:hunter2/x@h/b", "s3://K:hunter2@h h/b", "s3://K:hunter2@h/b#x", "s3://K:hunter2@h/b?%zz", "hunter2"} {
		_, err := blob.Open(t.Context(), spec, "", newSealer(t))
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", spec, err)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}

func TestS3ThatIsDownIsUnavailable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	host := strings.TrimPrefix(server.URL, "http://")
	server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := blob.Open(ctx, "s3://K:hunter2@"+host+"/b?insecure=1&region=us-east-1", "", newSealer(t))
	if !errs.Is(err, errs.Unavailable) || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

func FuzzPut(f *testing.F) {
	s, _ := newDir(f)
	f.Add([]byte("x"), int64(1))
	f.Fuzz(func(t *testing.T, data []byte, limit int64) {
		ref, err := s.Put(t.Context(), bytes.NewReader(data), limit)
		if fits := int64(len(data)) <= max(limit, 0); fits != (err == nil) {
			t.Fatalf("%d bytes under a limit of %d: %v", len(data), limit, err)
		}
		if err != nil {
			return
		}
		sum := sha256.Sum256(data)
		if ref.SHA256 != hex.EncodeToString(sum[:]) || ref.Size != int64(len(data)) {
			t.Fatalf("%+v", ref)
		}
		s.Delete(t.Context(), ref.SHA256)
	})
}
