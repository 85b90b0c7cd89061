package blob_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tocsin/internal/kernel/blob"
)

func TestSniff(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n"
	for _, c := range []struct {
		head, name, mediaType string
		lies                  bool
	}{
		{png, "shot.png", "image/png", false},
		{png, "SHOT.PNG", "image/png", false},
		{png, "shot.jpg", "image/png", true},
		{"MZ\x90\x00", "poc.exe", "application/vnd.microsoft.portable-executable", false},
		{"MZ\x90\x00", "invoice.pdf", "application/vnd.microsoft.portable-executable", true},
		{"MZ\x90\x00", "invoice.pdf.exe", "application/vnd.microsoft.portable-executable", true},
		{"MZ\x90\x00", "invoice\u202efdp.exe", "application/vnd.microsoft.portable-executable", false},
		{"\x7fELF\x02", "log.txt", "application/x-elf", true},
		{"%PDF-1.7", "paper.pdf", "application/pdf", false},
		{"hello", "paper.pdf", "text/plain; charset=utf-8", true},
		{"", "paper.pdf", "text/plain; charset=utf-8", true},
		{"hello", "notes.txt", "text/plain; charset=utf-8", false},
		{"", "notes.txt", "text/plain; charset=utf-8", false},
		{"<html><script>", "notes.txt", "text/html; charset=utf-8", true},
		{"<html><script>", "notes.md", "text/html; charset=utf-8", false},
		{"PK\x03\x04", "report.docx", "application/zip", false},
		{"PK\x03\x04", "report.txt", "application/zip", true},
		{"\x1f\x8b\x08", "dump.tar.gz", "application/x-gzip", false},
		{"\xd4\xc3\xb2\xa1", "traffic.pcap", "application/vnd.tcpdump.pcap", false},
		{"L\x00\x00\x00\x01\x14\x02\x00", "readme.txt.lnk", "application/x-ms-shortcut", true},
		{"\x00\x01", "firmware.bin", "application/octet-stream", false},
		{"\x00\x01", "noextension", "application/octet-stream", false},
		{"\x00\x01", "notes.txt", "application/octet-stream", true},
	} {
		if got, lies := blob.Sniff([]byte(c.head), c.name); got != c.mediaType || lies != c.lies {
			t.Errorf("%q named %q: %s, lies %v", c.head, c.name, got, lies)
		}
	}
}

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"report.pdf":                      "report.pdf",
		"Übersicht 2026.txt":              "Übersicht 2026.txt",
		"U\u0308ber.txt":                  "Über.txt",
		"../../etc/passwd":                "passwd",
		`C:\temp\x.txt`:                   "x.txt",
		"a/b/":                            "file",
		"":                                "file",
		"...":                             "file",
		".bashrc":                         "bashrc",
		"-rf":                             "rf",
		"cod\u202egpj.exe":                "codgpj.exe",
		"a\x00b\r\nc\x7f.txt":             "ab c.txt",
		"zero\u200bwidth\ufeff.txt":       "zerowidth.txt",
		"a\u2028b":                        "a b",
		"  a   b .txt. ":                  "a b .txt",
		"<script>alert(1)</script>.html":  "script_.html",
		"a\"; filename=b.txt":             "a__ filename=b.txt",
		"$(id)`id`.sh":                    "_(id)_id_.sh",
		"what\u037e\u1fef.txt":            "what__.txt",
		"con.txt":                         "_con.txt",
		"LPT1":                            "_LPT1",
		"console.txt":                     "console.txt",
		"\xff\xfe.txt":                    "txt",
		strings.Repeat("ü", 200) + ".pdf": strings.Repeat("ü", 58) + ".pdf",
		strings.Repeat("a", 9999):         strings.Repeat("a", 120),
	} {
		if got := blob.SafeName(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"a.txt", "../x", "\u202e", "con. ", strings.Repeat("é.", 200), "a\u0300\u0301.x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := blob.SafeName(in)
		if got == "" || len(got) > 121 || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\"\r\n\x00") || got[0] == '.' || got[0] == '-' {
			t.Fatalf("%q becomes %q", in, got)
		}
		for _, r := range got {
			if unicode.Is(unicode.C, r) || r != ' ' && unicode.IsSpace(r) {
				t.Fatalf("%q keeps %U", in, r)
			}
		}
		if again := blob.SafeName(got); again != got {
			t.Fatalf("%q becomes %q, then %q", in, got, again)
		}
	})
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte("%PDF-"), "a.pdf")
	f.Fuzz(func(t *testing.T, head []byte, name string) {
		mediaType, _ := blob.Sniff(head, name)
		if mediaType == "" || len(mediaType) > 100 {
			t.Fatalf("%q", mediaType)
		}
		if short, _ := blob.Sniff(head[:min(len(head), blob.SniffLen)], name); short != mediaType {
			t.Fatalf("%q from the beginning, %q from all", short, mediaType)
		}
	})
}
