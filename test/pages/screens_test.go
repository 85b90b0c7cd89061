package pages_test

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tocsin/internal/kernel/db/dbtest"
)

// screens is the path of a file of docs/screens.
func screens(t *testing.T, name string) string {
	t.Helper()
	root, err := dbtest.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "docs", "screens", name)
}

// describe writes the page that shows all pictures.
func describe(t *testing.T, scenes []scene) {
	t.Helper()
	var b strings.Builder
	b.WriteString("# What it looks like\n\nThe main pages of the demo alliance (`make run`), light and dark, on a desktop\nand on a phone. The browser tests make these pictures:\n`go test ./pages -run TestMainPages -update-screens` in `test/`.\n")
	for _, s := range scenes {
		fmt.Fprintf(&b, "\n## %s\n\n", s.title)
		for _, view := range []string{"desktop-light", "desktop-dark", "phone-light", "phone-dark"} {
			width := 640
			if strings.HasPrefix(view, "phone") {
				width = 240
			}
			fmt.Fprintf(&b, "<img src=\"%s-%s.png\" width=\"%d\" alt=\"%s, %s\">\n", s.name, view, width, s.title, strings.ReplaceAll(view, "-", ", "))
		}
	}
	if err := os.WriteFile(screens(t, "README.md"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shrink writes a picture anew with a palette of its 256 most frequent
// colors, which loses nothing that an eye sees in drawn pages.
func shrink(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(f)
	f.Close()
	if err != nil {
		t.Fatal(err)
	}
	out := reduce(img)
	if f, err = os.Create(file); err != nil {
		t.Fatal(err)
	}
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	if err := enc.Encode(f, out); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func reduce(img image.Image) *image.Paletted {
	r := img.Bounds()
	count := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA) }
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	all := make([]color.RGBA, 0, len(count))
	for c := range count {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(packed(a), packed(b)))
	})
	palette := color.Palette{}
	for _, c := range all[:min(256, len(all))] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	for _, c := range all {
		nearest[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(r, palette)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			out.SetColorIndex(x, y, nearest[at(x, y)])
		}
	}
	return out
}

func packed(c color.RGBA) uint32 {
	return uint32(c.R)<<24 | uint32(c.G)<<16 | uint32(c.B)<<8 | uint32(c.A)
}
