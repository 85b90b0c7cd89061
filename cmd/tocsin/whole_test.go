package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFileIsWholeOrNotThere(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "case.zip")
	write := func(text string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			io.WriteString(w, text)
			return err
		}
	}
	holds := func(want ...string) {
		t.Helper()
		list, err := os.ReadDir(dir)
		if err != nil || len(list) != len(want) {
			t.Fatalf("the folder holds %v, %v; want %d files", list, err, len(want))
		}
		for _, text := range want {
			if b, err := os.ReadFile(name); err != nil || string(b) != text {
				t.Fatalf("the file reads %q, %v; want %q", b, err, text)
			}
		}
	}
	cut := io.ErrUnexpectedEOF
	if err := writeWhole(name, false, write("ha", cut)); !errors.Is(err, cut) {
		t.Errorf("a cut transfer: %v", err)
	}
	holds()
	if err := writeWhole(name, false, write("one", nil)); err != nil {
		t.Fatal(err)
	}
	holds("one")
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the file: %v, %v", info.Mode(), err)
	}
	if err := writeWhole(name, false, write("two", nil)); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("a file was there: %v", err)
	}
	if err := writeWhole(name, true, write("tw", cut)); err == nil {
		t.Error("half a file replaced a whole one")
	}
	holds("one")
	if err := writeWhole(name, true, write("two", nil)); err != nil {
		t.Fatal(err)
	}
	holds("two")
	if err := writeWhole(dir, true, write("x", nil)); err == nil {
		t.Error("a folder was replaced")
	}
	// Somebody takes the name while the file is being written.
	os.Remove(name)
	err := writeWhole(name, false, func(io.Writer) error { return os.WriteFile(name, []byte("theirs"), 0o600) })
	if err == nil {
		t.Error("another's file was replaced")
	}
	holds("theirs")
}
