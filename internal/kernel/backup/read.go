package backup

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"filippo.io/age"

	"tocsin/internal/kernel/errs"
)

// each reads the archive from its start and gives every part to f.
func each(r io.ReadSeeker, id age.Identity, f func(name string, size int64, body io.Reader) error) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	plain, err := age.Decrypt(r, id)
	if err != nil {
		return openError(err)
	}
	zip, err := gzip.NewReader(plain)
	if err != nil {
		return damaged(err)
	}
	list := tar.NewReader(zip)
	for {
		h, err := list.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return damaged(err)
		}
		if err := f(h.Name, h.Size, list); err != nil {
			return err
		}
	}
	// To the very end: only there age and gzip say whether it is whole.
	if _, err := io.Copy(io.Discard, zip); err != nil {
		return damaged(err)
	}
	return nil
}

// Check reads a whole backup and holds every part against the manifest. It
// touches nothing.
func Check(r io.ReadSeeker, id age.Identity) (Manifest, error) {
	var m Manifest
	found := map[string]Part{}
	err := each(r, id, func(name string, size int64, body io.Reader) error {
		sum := sha256.New()
		if name == manifestPart {
			text, err := readAll(body, size, maxManifest)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(text, &m); err != nil {
				return damaged(err)
			}
			return nil
		}
		if m.Format != "" {
			return damaged(fmt.Errorf("%s follows the manifest", name))
		}
		if _, err := io.Copy(sum, body); err != nil {
			return damaged(err)
		}
		if _, twice := found[name]; twice {
			return damaged(fmt.Errorf("%s is there twice", name))
		}
		found[name] = Part{name, size, hex.EncodeToString(sum.Sum(nil))}
		return nil
	})
	if err != nil {
		return m, err
	}
	if m.Format != format {
		return m, errs.New(errs.Malformed, "This is not a backup that this version of Tocsin reads.")
	}
	for _, p := range m.Parts {
		if found[p.Name] != p {
			return m, damaged(fmt.Errorf("%s is not as the manifest says", p.Name))
		}
		if sha, ok := strings.CutPrefix(p.Name, filesPrefix); ok && sha != p.SHA256 {
			return m, damaged(fmt.Errorf("file %s has the content of %s", sha, p.SHA256))
		}
	}
	if len(m.Parts) != len(found) || found[keysPart].Name == "" {
		return m, damaged(errors.New("the manifest names other parts"))
	}
	return m, nil
}

func readAll(r io.Reader, size, limit int64) ([]byte, error) {
	if size > limit {
		return nil, damaged(fmt.Errorf("a part of %d bytes", size))
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, damaged(err)
	}
	return data, nil
}
