package seal

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"filippo.io/age"

	"tocsin/internal/kernel/errs"
)

// The files of a keys directory, all of mode 0600.
const (
	sealFile  = "seal.age"  // age identities, one a line; the first one seals
	tokenFile = "token.key" // 32 random bytes in hex: what Mac and Sign derive from
	checkFile = "keys.sum"  // what the two must be; nothing secret in it
)

// maxKeyFile bounds what is read of a key file and of an export.
const maxKeyFile = 64 << 10

// Open loads the keys in dir (DATA/keys), and makes dir and keys when they
// were never made. Servers and commands may do so at once: they end up with
// the same keys. Where keys.sum says that there were keys and one of them is
// missing or another one, Open refuses: new keys would make everything sealed
// so far unreadable.
func Open(dir string) (*Sealer, error) {
	root, err := openDir(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	check, err := readKeyFile(root, checkFile)
	if errors.Is(err, fs.ErrNotExist) {
		return create(root, dir)
	}
	if err != nil {
		return nil, unreadable(dir, err)
	}
	s, err := load(root, dir)
	if err != nil {
		return nil, err
	}
	if err := s.matches(check); err != nil {
		return nil, errs.Wrap(errs.Unavailable, err, "The keys in %s are not the ones that this data was sealed with. Restore the keys directory from the backup.", dir)
	}
	return s, nil
}

func openDir(dir string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unreadable(dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	// An unpacked backup or a volume mount may have widened the modes.
	if err := root.Chmod(".", 0o700); err != nil {
		root.Close()
		return nil, unreadable(dir, err)
	}
	return root, nil
}

func create(root *os.Root, dir string) (*Sealer, error) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	token := make([]byte, 32)
	rand.Read(token)
	// Each file appears whole or not at all and is never replaced. A start
	// that dies in between, or two that race, are completed by the next one:
	// keys.sum is written last, from what is on disk.
	if err := writeNew(root, tokenFile, hex.AppendEncode(nil, token)); err != nil {
		return nil, unreadable(dir, err)
	}
	if err := writeNew(root, sealFile, []byte(identity.String()+"\n")); err != nil {
		return nil, unreadable(dir, err)
	}
	s, err := load(root, dir)
	if err != nil {
		return nil, err
	}
	if err := writeNew(root, checkFile, s.check()); err != nil {
		return nil, unreadable(dir, err)
	}
	return s, nil
}

// writeNew makes a file durable under its name, or leaves the one that is
// already there.
func writeNew(root *os.Root, name string, data []byte) error {
	temp := "." + name + "." + rand.Text()
	defer root.Remove(temp)
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	// A link, not a rename: it fails when another process was first.
	if err := root.Link(temp, name); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(root)
}

func syncDir(root *os.Root) error {
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func load(root *os.Root, dir string) (*Sealer, error) {
	sealText, err := readKeyFile(root, sealFile)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	token, err := readKeyFile(root, tokenFile)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	s, err := parse(sealText, token)
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, err, "A key file in %s is damaged. Restore the keys directory from the backup.", dir)
	}
	return s, nil
}

func readKeyFile(root *os.Root, name string) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Mode().Perm() != 0o600 {
		if err := root.Chmod(name, 0o600); err != nil {
			return nil, err
		}
	}
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err == nil && len(data) > maxKeyFile {
		err = fmt.Errorf("%s is longer than a key file can be", name)
	}
	return data, err
}

func parse(sealText, token []byte) (*Sealer, error) {
	identities, err := age.ParseIdentities(bytes.NewReader(sealText))
	if err != nil {
		// The library's text may quote the line, which is a secret.
		return nil, fmt.Errorf("%s does not hold an age identity", sealFile)
	}
	first, ok := identities[0].(*age.X25519Identity)
	if !ok {
		return nil, fmt.Errorf("the first identity in %s is not an X25519 key", sealFile)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(token)))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s does not hold 32 bytes in hex", tokenFile)
	}
	return &Sealer{identities: identities, recipient: first.Recipient(), sealText: bytes.Clone(sealText), tokenKey: key}, nil
}

// check is the content of keys.sum: enough to recognize the keys, too little
// to use them.
func (s *Sealer) check() []byte {
	return fmt.Appendf(nil, "# The keys that this data is sealed with. Nothing here is secret.\nseal %s\ntoken %s\n", s.Recipient(), s.tokenSum())
}

func (s *Sealer) matches(check []byte) error {
	for line := range strings.Lines(string(check)) {
		name, want, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case name == "seal" && !s.canOpen(want):
			return fmt.Errorf("%s lacks the key for %q", sealFile, want)
		case name == "token" && want != s.tokenSum():
			return fmt.Errorf("%s has the sum %s, not %q", tokenFile, s.tokenSum(), want)
		}
	}
	return nil
}

// Recipient is the public part of the key that seals ("age1…"). A database
// may keep it to notice that it was joined with another keys directory.
func (s *Sealer) Recipient() string { return s.recipient.(*age.X25519Recipient).String() }

func (s *Sealer) canOpen(recipient string) bool {
	for _, i := range s.identities {
		if x, ok := i.(*age.X25519Identity); ok && x.Recipient().String() == recipient {
			return true
		}
	}
	return false
}

func (s *Sealer) tokenSum() string {
	sum, err := hkdf.Key(sha256.New, s.tokenKey, nil, "tocsin keys.sum", 8)
	if err != nil {
		panic(err) // only for an output longer than HKDF can give
	}
	return hex.EncodeToString(sum)
}

func unreadable(dir string, err error) error {
	return errs.Wrap(errs.Unavailable, err, "The keys in %s cannot be read or made. See to it that the server's user owns the directory, that the disk is not full, and that no file is missing.", dir)
}
