package blob

import (
	"bytes"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// SniffLen is how many bytes of a file Sniff looks at.
const SniffLen = 512

// signatures are what net/http's detection does not know and what matters in
// security work: above all, everything that runs.
var signatures = []struct{ magic, mediaType string }{
	{"MZ", "application/vnd.microsoft.portable-executable"},
	{"\x7fELF", "application/x-elf"},
	{"\xfe\xed\xfa\xce", "application/x-mach-binary"},
	{"\xfe\xed\xfa\xcf", "application/x-mach-binary"},
	{"\xce\xfa\xed\xfe", "application/x-mach-binary"},
	{"\xcf\xfa\xed\xfe", "application/x-mach-binary"},
	{"\xca\xfe\xba\xbe", "application/java-vm"},
	{"dex\n", "application/vnd.android.dex"},
	{"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"},
	{"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"},
	{"\xfd7zXZ\x00", "application/x-xz"},
	{"\x28\xb5\x2f\xfd", "application/zstd"},
	{"BZh", "application/x-bzip2"},
	{"MSCF", "application/vnd.ms-cab-compressed"},
	{"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"},
	{"\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap"},
	{"\x0a\x0d\x0d\x0a", "application/vnd.tcpdump.pcapng"},
	{"SQLite format 3\x00", "application/vnd.sqlite3"},
	{"{\\rtf", "application/rtf"},
	{"-----BEGIN PGP ", "application/pgp-encrypted"},
}

// claims are the extensions whose meaning is known, and the beginnings of the
// media types that bear them out. What is not here claims nothing.
var claims = claimTable(map[string]string{
	"txt log csv tsv json jsonl ndjson yaml yml toml ini conf c h cc cpp go rs py rb java js ts css sql diff patch sig sigma yar yara rules": "text/plain",
	"md rst":                "text/plain text/html",
	"xml svg stix":          "text/xml text/plain text/html",
	"html htm xhtml":        "text/html text/xml",
	"sh bat cmd ps1 pl php": "text/plain text/html",
	"asc pgp gpg":           "application/pgp-encrypted application/octet-stream text/plain",
	"pdf":                   "application/pdf",
	"png":                   "image/png",
	"jpg jpeg":              "image/jpeg",
	"gif":                   "image/gif",
	"webp":                  "image/webp",
	"bmp":                   "image/bmp",
	"mp4":                   "video/mp4",
	"webm":                  "video/webm",
	"zip docx xlsx pptx odt ods odp jar apk whl nupkg vsix": "application/zip",
	"doc xls ppt msi msg":     "application/x-ole-storage",
	"rtf":                     "application/rtf",
	"gz tgz":                  "application/x-gzip",
	"7z":                      "application/x-7z-compressed",
	"rar":                     "application/x-rar-compressed",
	"xz":                      "application/x-xz",
	"zst":                     "application/zstd",
	"bz2":                     "application/x-bzip2",
	"cab":                     "application/vnd.ms-cab-compressed",
	"exe dll sys scr com cpl": "application/vnd.microsoft.portable-executable",
	"lnk":                     "application/x-ms-shortcut",
	"class":                   "application/java-vm",
	"dex":                     "application/vnd.android.dex",
	"elf so":                  "application/x-elf",
	"pcap":                    "application/vnd.tcpdump.pcap",
	"pcapng":                  "application/vnd.tcpdump.pcapng",
	"sqlite":                  "application/vnd.sqlite3",
})

func claimTable(in map[string]string) map[string][]string {
	out := map[string][]string{}
	for extensions, types := range in {
		for _, ext := range strings.Fields(extensions) {
			out[ext] = strings.Fields(types)
		}
	}
	return out
}

// runs are the extensions that a double click executes.
var runs = map[string]bool{}

func init() {
	for _, ext := range strings.Fields("exe dll sys scr com cpl lnk msi bat cmd ps1 vbs js jse wsf hta jar sh apk reg pif") {
		runs[ext] = true
	}
}

// Sniff says what a file is by its first bytes (SniffLen are enough), and
// whether its name says otherwise: an extension of a known type that the
// content does not bear out, or one that runs behind one that is read, such as
// report.pdf.exe. The media type comes from the content alone.
//
// The answer is for display. It must never decide how a file is served, which
// is always as an attachment of type application/octet-stream with nosniff.
func Sniff(head []byte, name string) (mediaType string, lies bool) {
	mediaType = detect(head[:min(len(head), SniffLen)])
	parts := strings.Split(strings.ToLower(SafeName(name)), ".")
	if len(parts) < 2 {
		return mediaType, false
	}
	ext := parts[len(parts)-1]
	if len(parts) > 2 && runs[ext] {
		if before := parts[len(parts)-2]; claims[before] != nil && !runs[before] {
			return mediaType, true
		}
	}
	types, known := claims[ext]
	if !known {
		return mediaType, false
	}
	for _, t := range types {
		if strings.HasPrefix(mediaType, t) {
			return mediaType, false
		}
	}
	return mediaType, true
}

func detect(head []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.mediaType
		}
	}
	return http.DetectContentType(head)
}

const (
	maxName      = 120 // bytes of a cleaned name; every file system takes 255
	maxExtension = 16
)

// SafeName makes a name given by a stranger fit to be shown and to be saved
// under: the last element of a path, without control, direction and other
// invisible characters, without what file systems or shells treat specially,
// at most 120 bytes with its extension kept, in Unicode form C. It is never
// empty: "file" stands for a name of which nothing is left. Cleaning twice
// changes nothing.
func SafeName(name string) string {
	if len(name) > 4096 {
		name = name[len(name)-4096:]
	}
	// Before cleaning, because form C turns a Greek question mark into a
	// semicolon; and after it, because what stood between two composing
	// characters may be gone.
	name = norm.NFC.String(strings.ToValidUTF8(name, ""))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = norm.NFC.String(strings.Map(cleanRune, name))
	name = strings.Join(strings.Fields(name), " ")
	name = trimName(name)
	if len(name) > maxName {
		ext := ""
		if dot := strings.LastIndexByte(name, '.'); dot > 0 && len(name)-dot <= maxExtension {
			ext = name[dot:]
		}
		end := maxName - len(ext)
		for !utf8.RuneStart(name[end]) {
			end--
		}
		name = trimName(name[:end]) + ext
	}
	if name == "" {
		return "file"
	}
	// Names that Windows takes for devices, with any extension.
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch stem = strings.TrimSpace(stem); stem {
	case "con", "prn", "aux", "nul":
		return "_" + name
	}
	if len(stem) == 4 && (strings.HasPrefix(stem, "com") || strings.HasPrefix(stem, "lpt")) && stem[3] >= '0' && stem[3] <= '9' {
		return "_" + name
	}
	return name
}

// trimName takes away leading dots and dashes (hidden files, options) and
// trailing dots and spaces (dropped by Windows).
func trimName(name string) string {
	return strings.TrimRight(strings.TrimLeft(name, ".- "), ". ")
}

func cleanRune(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.C, r), r == utf8.RuneError, unicode.Is(unicode.Variation_Selector, r):
		return -1
	case strings.ContainsRune("<>:\"|?*`$%;&'", r):
		return '_'
	}
	return r
}
