package kill

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/id"
	"tocsin/test/harness"
)

// TestDiskFull fills the small disk that the data is on, and frees it again.
func TestDiskFull(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a small disk can be mounted by root only")
	}
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=24m"); err != nil {
		t.Skipf("no small disk can be mounted here: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(disk, syscall.MNT_DETACH) })
	w := foundIn(t, harness.Options{Dialect: db.SQLite}, filepath.Join(disk, "data"))
	o := serve(t, w)
	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	taken := map[string]bool{}
	full := 0
	for i := 0; full < 5 && i < 2000; i++ {
		words := strings.Repeat("x", 4000) + " " + id.Secret()
		switch a := o.say(t, words); a.Status {
		case 201:
			taken[words] = true
		default:
			full++
			unavailable(t, "a message on a full disk", a, "disk is full")
		}
		if t.Failed() {
			return
		}
	}
	if full == 0 {
		t.Fatal("the disk never was full")
	}
	a := o.c.Do(t, "POST", "/api/v1/threads/"+o.thread+"/files?name=big.bin", "application/octet-stream", bytes.NewReader(bytes.Repeat([]byte{7}, 4<<20)))
	unavailable(t, "a file on a full disk", a, "")
	if a := o.c.Get(t, "/api/v1/cases/"+o.id+"/threads"); a.Status != 200 {
		t.Errorf("reading on a full disk answers %d: %s", a.Status, a.Body)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	last := id.Secret()
	if a := o.say(t, last); a.Status != 201 {
		t.Fatalf("after space was made a message answers %d: %s", a.Status, a.Body)
	}
	taken[last] = true
	got := o.texts(t)
	for words := range taken {
		if got[words] != 1 {
			t.Errorf("a message that was acknowledged stands %d times", got[words])
		}
	}
	if len(got) != len(taken) {
		t.Errorf("%d messages stand; %d were acknowledged", len(got), len(taken))
	}
	o.holds(t)
}

// fill writes until nothing more goes on the disk.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := io.Copy(f, endless{}); err == nil {
		t.Fatal("the disk takes everything")
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return min(len(b), 4096), nil }
