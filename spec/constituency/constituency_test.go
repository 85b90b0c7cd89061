package constituency

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		kind     Kind
		in, want string // want "" when refused
	}{
		{ASN, "AS3333", "3333"}, {ASN, "as 3333", "3333"}, {ASN, "1", "1"}, {ASN, "3.10", "196618"}, {ASN, "003333", "3333"},
		{ASN, "AS0", ""}, {ASN, "112", ""}, {ASN, "23456", ""}, {ASN, "64512", ""}, {ASN, "65534", ""}, {ASN, "65535", ""}, {ASN, "65552", ""}, {ASN, "131071", ""}, {ASN, "131072", "131072"},
		{ASN, "4199999999", "4199999999"}, {ASN, "4200000000", ""}, {ASN, "4294967295", ""}, {ASN, "4294967296", ""}, {ASN, "-1", ""}, {ASN, "+1", ""}, {ASN, "1_0", ""}, {ASN, "70000.1", ""}, {ASN, "1.2.3", ""}, {ASN, "AS", ""},
		{Prefix, "193.0.0.0/21", "193.0.0.0/21"}, {Prefix, "193.0.0.1", "193.0.0.1/32"}, {Prefix, "193.0.0.1/21", ""}, {Prefix, "2001:067C:02e8:0::/48", "2001:67c:2e8::/48"}, {Prefix, "::ffff:193.0.0.1", "193.0.0.1/32"},
		{Prefix, "11.0.0.0/8", "11.0.0.0/8"}, {Prefix, "12.0.0.0/7", ""}, {Prefix, "0.0.0.0/0", ""}, {Prefix, "::/0", ""}, {Prefix, "2600::/16", "2600::/16"}, {Prefix, "2600::/15", ""}, {Prefix, "2a00::/12", ""},
		{Prefix, "10.1.0.0/16", ""}, {Prefix, "192.168.1.0/24", ""}, {Prefix, "192.0.0.0/8", ""}, {Prefix, "224.1.0.0/16", ""}, {Prefix, "255.255.255.255", ""}, {Prefix, "100.64.0.0/10", ""}, {Prefix, "100.0.0.0/9", ""},
		{Prefix, "fe80::/64", ""}, {Prefix, "fc00::/16", ""}, {Prefix, "2002:c000::/20", ""}, {Prefix, "2001::/32", ""}, {Prefix, "::1", ""}, {Prefix, "fe80::1%eth0", ""}, {Prefix, "::ffff:193.0.0.0/120", ""}, {Prefix, "193.0.0.0/33", ""}, {Prefix, "193.0.0/24", ""}, {Prefix, "example", ""},
		{Domain, "Vendor.COM.", "vendor.com"}, {Domain, "bücher.de", "xn--bcher-kva.de"}, {Domain, "faß.de", "xn--fa-hia.de"}, {Domain, "a.b.vendor.co.uk", "a.b.vendor.co.uk"}, {Domain, "xn--bcher-kva.de", "xn--bcher-kva.de"},
		{Domain, "com", ""}, {Domain, "co.uk", ""}, {Domain, "github.io", ""}, {Domain, "*.vendor.com", ""}, {Domain, "ven_dor.com", ""}, {Domain, "-a.com", ""}, {Domain, "a..com", ""}, {Domain, "193.0.0.1", ""}, {Domain, "http://vendor.com", ""}, {Domain, "me@vendor.com", ""}, {Domain, "printer.local", ""}, {Domain, "1.168.192.in-addr.arpa", ""}, {Domain, "xn--zz.com", ""}, {Domain, strings.Repeat("a", 64) + ".com", ""}, {Domain, strings.Repeat("abcdefg.", 30) + "com", ""}, {Domain, "vendor", ""},
		{Country, "ch", "CH"}, {Country, "XX", ""}, {Country, "EU", ""}, {Country, "CHE", ""},
		{Sector, "Energy", "energy"}, {Sector, "ICT service management", "ict-services"}, {Sector, "gambling", ""},
		{Product, "  Libexample   Pro ", "Libexample Pro"}, {Product, "pkg:npm/%40angular/core@12.0.0?a=b#c", "pkg:npm/%40angular/core"}, {Product, "pkg:nothing", ""}, {Product, strings.Repeat("x", 201), ""},
		{"planet", "Mars", ""}, {Domain, "", ""}, {Product, strings.Repeat("x", 501), ""},
	} {
		v, err := Parse(c.kind, c.in)
		if v.Text != c.want || (err == nil) != (c.want != "") {
			t.Errorf("Parse(%s, %q) = %q, %v; want %q", c.kind, c.in, v.Text, err, c.want)
		}
	}
}

func TestDocumentation(t *testing.T) {
	for in, k := range map[string]Kind{"64500": ASN, "65540": ASN, "192.0.2.0/25": Prefix, "203.0.113.7": Prefix, "2001:db8:1::/48": Prefix, "3fff:1::/32": Prefix, "vendor.example": Domain, "www.example.org": Domain} {
		if v, err := Parse(k, in); err != nil || !v.Documentation {
			t.Errorf("%s: %+v, %v; want documentation", in, v, err)
		}
	}
	for in, k := range map[string]Kind{"3333": ASN, "193.0.0.0/21": Prefix, "vendor.com": Domain, "notexample.com": Domain} {
		if v, err := Parse(k, in); err != nil || v.Documentation {
			t.Errorf("%s: %+v, %v; want nothing of documentation", in, v, err)
		}
	}
}

func TestCountriesAreInOrderAndAll(t *testing.T) {
	if n := len(Countries()); n != 249 {
		t.Errorf("%d countries, want the 249 of ISO 3166-1", n)
	}
	if !slices.IsSortedFunc(Countries(), func(a, b CountryInfo) int { return strings.Compare(a.Code, b.Code) }) {
		t.Error("countries are not sorted by code")
	}
	if CountryName("CH") != "Switzerland" || CountryName("ZW") != "Zimbabwe" || CountryName("XX") != "XX" {
		t.Error("names do not match codes")
	}
}

func TestAsk(t *testing.T) {
	for in, want := range map[string]Value{
		"192.0.2.7": {Kind: Prefix, Text: "192.0.2.7/32"}, "10.1.2.3": {Kind: Prefix, Text: "10.1.2.3/32"}, "193.0.0.9/21": {Kind: Prefix, Text: "193.0.0.0/21"}, "::ffff:193.0.0.1": {Kind: Prefix, Text: "193.0.0.1/32"},
		"AS3333": {Kind: ASN, Text: "3333"}, "64512": {Kind: ASN, Text: "64512"}, "ch": {Kind: Country, Text: "CH"}, "https://www.Vendor.com:8443/x?y": {Kind: Domain, Text: "www.vendor.com"}, "https://[2001:db8::1]/": {Kind: Prefix, Text: "2001:db8::1/128"},
		"joe@mail.vendor.com": {Kind: Domain, Text: "mail.vendor.com"}, "_sip._tcp.vendor.com": {Kind: Domain, Text: "vendor.com"}, "co.uk": {Kind: Domain, Text: "co.uk"}, "health": {Kind: Sector, Text: "health"}, "pkg:npm/left-pad@1": {Kind: Product, Text: "pkg:npm/left-pad"},
	} {
		if got, err := Ask(in); err != nil || got != want {
			t.Errorf("Ask(%q) = %+v, %v; want %+v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "zz", "who?", "_", "*.", strings.Repeat("a.", 2000), "99999999999", "http://", "@"} {
		if got, err := Ask(in); err == nil {
			t.Errorf("Ask(%q) = %+v; want a refusal", in, got)
		}
	}
}

// TestKeys draws blocks and domains and holds what Above and Below find
// against Relate, and Relate against the definition.
func TestKeys(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var all []Value
	for range 150 {
		a := netip.AddrFrom4([4]byte{193, byte(rnd.IntN(2)), byte(rnd.IntN(256)), byte(rnd.IntN(256))})
		all = append(all, Value{Kind: Prefix, Text: netip.PrefixFrom(a, 8+rnd.IntN(25)).Masked().String()})
		six := netip.AddrFrom16([16]byte{0x2a, byte(rnd.IntN(2)), byte(rnd.IntN(3)), byte(rnd.IntN(256)), 15: byte(rnd.IntN(256))})
		all = append(all, Value{Kind: Prefix, Text: netip.PrefixFrom(six, 16+rnd.IntN(113)).Masked().String()})
		labels := []string{"com"}
		for range 1 + rnd.IntN(3) {
			labels = append([]string{[]string{"a", "b", "a-b", "ab", "a0"}[rnd.IntN(5)]}, labels...)
		}
		all = append(all, Value{Kind: Domain, Text: strings.Join(labels, ".")}, Value{Kind: ASN, Text: strconv.Itoa(1 + rnd.IntN(20))})
	}
	for _, a := range all {
		from, to := a.Below()
		for _, b := range all {
			want := reference(a, b)
			if got := Relate(a, b); got != want {
				t.Fatalf("Relate(%s, %s) = %q, want %q", a.Text, b.Text, got, want)
			}
			if a.Kind != b.Kind {
				continue
			}
			above := slices.ContainsFunc(a.Above(), func(k []byte) bool { return bytes.Equal(k, b.Key()) })
			if above != (want == Within || want == Equal) {
				t.Fatalf("%s above %s: %v", b.Text, a.Text, above)
			}
			spanned := bytes.Compare(b.Key(), from) >= 0 && bytes.Compare(b.Key(), to) < 0
			if (want == Contains || want == Equal) && !spanned {
				t.Fatalf("%s is not in the span of %s", b.Text, a.Text)
			}
			if spanned && want == Apart {
				t.Fatalf("%s is in the span of %s", b.Text, a.Text)
			}
		}
	}
}

func reference(a, b Value) Relation {
	holds := func(a, b Value) bool {
		if a.Kind == Prefix {
			x, y := netip.MustParsePrefix(a.Text), netip.MustParsePrefix(b.Text)
			return x.Bits() <= y.Bits() && x.Contains(y.Addr())
		}
		return a.Text == b.Text || a.Kind == Domain && strings.HasSuffix(b.Text, "."+a.Text)
	}
	switch {
	case a.Kind != b.Kind:
		return Apart
	case holds(a, b) && holds(b, a):
		return Equal
	case holds(a, b):
		return Contains
	case holds(b, a):
		return Within
	}
	return Apart
}

func TestReadSheet(t *testing.T) {
	lines, faults, err := ReadSheet(strings.NewReader("\ufeffnote,Kind,value,state\n\"our, own\",asn,AS3333,proven\n,prefix,10.0.0.0/8\n,domain,vendor.com\n,DOMAIN,Vendor.com.\n"))
	if err != nil || len(lines) != 2 || lines[0].Value.Text != "3333" || lines[0].Note != "our, own" || lines[0].Number != 2 || len(faults) != 1 || faults[0].Number != 3 {
		t.Errorf("%+v, %+v, %v", lines, faults, err)
	}
	if lines, _, err := ReadSheet(strings.NewReader("asn,3333\n")); err != nil || len(lines) != 1 {
		t.Errorf("without names of columns: %+v, %v", lines, err)
	}
	for _, in := range []string{"kind,note\nasn,x\n", "asn,\"3333\n", strings.Repeat("country,CH\n", 3) + strings.Repeat("country,XX\n", MaxLines+1), strings.Repeat("x", MaxSheet+2)} {
		if lines, _, err := ReadSheet(strings.NewReader(in)); err == nil {
			t.Errorf("%.20q…: %d lines, want a refusal", in, len(lines))
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"AS3333", "1.10", "193.0.0.0/21", "2001:db8::/32", "bücher.de", "ch", "energy", "pkg:npm/%40a/b@1", "a.b.co.uk"} {
		for i := range Kinds {
			f.Add(i, s)
		}
	}
	f.Fuzz(func(t *testing.T, i int, s string) {
		k := Kinds[((i%len(Kinds))+len(Kinds))%len(Kinds)]
		v, err := Parse(k, s)
		if err != nil {
			return
		}
		again, err := Parse(k, v.Text)
		if err != nil || again != v {
			t.Fatalf("%s %q reads as %q, and that as %q, %v", k, s, v.Text, again.Text, err)
		}
		if from, to := v.Below(); bytes.Compare(from, to) >= 0 || len(v.Above()) == 0 || len(v.Above()) > 129 || Relate(v, v) != Equal {
			t.Fatalf("the keys of %s %q make no sense", k, v.Text)
		}
		if _, err := Ask(v.Text); err != nil && (k == Prefix || k == Domain || k == ASN || k == Country) {
			t.Fatalf("%s %q can be claimed and not be asked for: %v", k, v.Text, err)
		}
	})
}

func FuzzAsk(f *testing.F) {
	for _, s := range []string{"192.0.2.7", "https://[::1]/x", "a@b.example", "_x._y.z.example", "AS1.1", "pkg:a/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if v, err := Ask(s); err == nil {
			v.Key()
			v.Above()
			v.Below()
		}
	})
}

func FuzzReadSheet(f *testing.F) {
	f.Add("kind,value,note\nasn,3333,x\n\"domain\",a.com\n")
	f.Fuzz(func(t *testing.T, s string) {
		lines, faults, err := ReadSheet(strings.NewReader(s))
		if err == nil && len(lines)+len(faults) > MaxLines {
			t.Fatal("more lines than the most")
		}
	})
}
