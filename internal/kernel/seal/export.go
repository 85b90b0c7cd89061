package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"

	"tocsin/internal/kernel/errs"
)

const exportFormat = "tocsin-keys-1"

// export is the shape of the bytes that Export makes.
type export struct {
	Format string `json:"format"`
	Seal   string `json:"seal"`  // content of seal.age
	Token  string `json:"token"` // 32 bytes in hex
}

// Export is everything in the keys directory as one piece of JSON, for a
// backup. It is secret: whoever has it and the data reads everything.
func (s *Sealer) Export() []byte {
	out, err := json.Marshal(export{exportFormat, string(s.sealText), hex.EncodeToString(s.tokenKey)})
	if err != nil {
		panic(err) // three strings always marshal
	}
	return out
}

// Import puts exported keys into dir and opens them. Keys that are already
// there are never replaced: the same ones are fine, others are a Conflict and
// nothing changes. Bytes that are no export are Malformed.
func Import(dir string, exported []byte) (*Sealer, error) {
	bad := errs.New(errs.Malformed, "This is not an export of Tocsin keys, or it was cut short.")
	if len(exported) > maxKeyFile {
		return nil, bad
	}
	var x export
	if err := json.Unmarshal(exported, &x); err != nil || x.Format != exportFormat {
		return nil, bad
	}
	s, err := parse([]byte(x.Seal), []byte(x.Token))
	if err != nil {
		return nil, errs.Wrap(errs.Malformed, err, "%s", bad.Text)
	}
	root, err := openDir(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files := []struct {
		name string
		data []byte
	}{{tokenFile, hex.AppendEncode(nil, s.tokenKey)}, {sealFile, s.sealText}, {checkFile, s.check()}}
	for _, f := range files {
		old, err := readKeyFile(root, f.name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, unreadable(dir, err)
		}
		if !bytes.Equal(old, f.data) {
			return nil, errs.New(errs.Conflict, "There are other keys in %s. Move them away first; what they sealed needs them.", dir)
		}
	}
	for _, f := range files {
		if err := writeNew(root, f.name, f.data); err != nil {
			return nil, unreadable(dir, err)
		}
	}
	return Open(dir)
}
