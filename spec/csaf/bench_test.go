package csaf

import (
	"path/filepath"
	"testing"
)

// BenchmarkRead reads and checks the corpus; the rate is in bytes of documents.
func BenchmarkRead(b *testing.B) {
	dir := sharedData(b, "csaf/cisa")
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		b.Fatal(err)
	}
	var documents [][]byte
	total := 0
	for _, file := range files {
		documents = append(documents, mustRead(b, file))
		total += len(documents[len(documents)-1])
	}
	b.SetBytes(int64(total))
	for b.Loop() {
		for _, data := range documents {
			doc, err := Parse(data)
			if err != nil {
				b.Fatal(err)
			}
			Check(doc)
		}
	}
}
