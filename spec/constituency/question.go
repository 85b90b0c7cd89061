package constituency

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Ask reads a question as people type it: an address or block, AS4711, a
// host, mail address or web address, a country's two letters, a package URL,
// a sector. What nobody can hold is a fair question too: that an address is
// private is no reason to refuse it.
func Ask(s string) (Value, error) {
	if s = strings.TrimSpace(s); s == "" || len(s) > 2000 {
		return Value{}, errAsk
	}
	if p, err := readPrefix(s); err == nil {
		return Value{Kind: Prefix, Text: p.Masked().String()}, nil
	}
	if strings.HasPrefix(strings.ToLower(s), "pkg:") {
		return Parse(Product, s)
	}
	if rest, ok := strings.CutPrefix(strings.ToUpper(s), "AS"); ok && rest != "" && strings.Trim(rest, "0123456789. ") == "" || strings.Trim(s, "0123456789") == "" {
		n, err := asNumber(s)
		return Value{Kind: ASN, Text: plain(n)}, err
	}
	if len(s) == 2 {
		return parseCountry(s)
	}
	if v, err := parseSector(s); err == nil {
		return v, nil
	}
	return askHost(s)
}

var errAsk = errors.New("ask for an address, a block, AS and a number, a domain, a country's two letters, a sector or a package URL")

func askHost(s string) (Value, error) {
	if strings.Contains(s, "://") {
		u, err := url.Parse(s)
		if err != nil || u.Hostname() == "" {
			return Value{}, errAsk
		}
		s = u.Hostname()
	} else if at := strings.LastIndexByte(s, '@'); at >= 0 {
		s = s[at+1:]
	}
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return Value{Kind: Prefix, Text: netip.PrefixFrom(a, a.BitLen()).String()}, nil
	}
	name, err := hostName(s)
	if err != nil {
		return Value{}, errAsk
	}
	return Value{Kind: Domain, Text: name}, nil
}

// hostName is a name below which a claim may lie. Names of services begin
// labels with an underscore (RFC 8552), which domainName refuses.
func hostName(s string) (string, error) {
	s = strings.TrimSuffix(s, ".")
	for strings.HasPrefix(s, "_") || strings.HasPrefix(s, "*.") {
		_, rest, ok := strings.Cut(s, ".")
		if !ok {
			return "", errDomain
		}
		s = rest
	}
	return domainName(s)
}

func plain(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
