package constituency

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// The largest blocks that a registry hands on: IANA gives registries IPv4 in
// blocks of /8, and no block of IPv6 given to a registry is larger than /12;
// beyond /16 nobody answers for one.
const (
	shortest4 = 8
	shortest6 = 16
)

// specialPrefix are the blocks of IANA's registries of special-purpose
// addresses (RFC 6890), and multicast. In IPv6, everything outside 2000::/3
// is special without standing here.
var specialPrefix = []struct {
	block         netip.Prefix
	why           string
	documentation bool
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this network (RFC 791)", false},
	{netip.MustParsePrefix("10.0.0.0/8"), "private use (RFC 1918)", false},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared address space (RFC 6598)", false},
	{netip.MustParsePrefix("127.0.0.0/8"), "loopback (RFC 1122)", false},
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local addresses (RFC 3927)", false},
	{netip.MustParsePrefix("172.16.0.0/12"), "private use (RFC 1918)", false},
	{netip.MustParsePrefix("192.0.0.0/24"), "protocol assignments (RFC 6890)", false},
	{netip.MustParsePrefix("192.0.2.0/24"), "documentation (RFC 5737)", true},
	{netip.MustParsePrefix("192.31.196.0/24"), "AS112 (RFC 7535)", false},
	{netip.MustParsePrefix("192.52.193.0/24"), "multicast tunnels (RFC 7450)", false},
	{netip.MustParsePrefix("192.88.99.0/24"), "the former 6to4 relays (RFC 7526)", false},
	{netip.MustParsePrefix("192.168.0.0/16"), "private use (RFC 1918)", false},
	{netip.MustParsePrefix("192.175.48.0/24"), "AS112 (RFC 7534)", false},
	{netip.MustParsePrefix("198.18.0.0/15"), "benchmarks (RFC 2544)", false},
	{netip.MustParsePrefix("198.51.100.0/24"), "documentation (RFC 5737)", true},
	{netip.MustParsePrefix("203.0.113.0/24"), "documentation (RFC 5737)", true},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast (RFC 5771)", false},
	{netip.MustParsePrefix("240.0.0.0/4"), "future use (RFC 1112)", false},
	{netip.MustParsePrefix("2001::/23"), "protocol assignments (RFC 2928)", false},
	{netip.MustParsePrefix("2001:db8::/32"), "documentation (RFC 3849)", true},
	{netip.MustParsePrefix("2002::/16"), "6to4 (RFC 3056)", false},
	{netip.MustParsePrefix("2620:4f:8000::/48"), "AS112 (RFC 7534)", false},
	{netip.MustParsePrefix("3fff::/20"), "documentation (RFC 9637)", true},
}

var unicast6 = netip.MustParsePrefix("2000::/3")

// parsePrefix reads a block of addresses; a bare address is a block of one.
// Bits after the prefix must be zero: what was meant is then in doubt.
func parsePrefix(s string) (Value, error) {
	p, err := readPrefix(s)
	if err != nil {
		return Value{}, err
	}
	if whole := p.Masked(); whole != p {
		return Value{}, fmt.Errorf("%s has bits set after its prefix; if the whole block is meant, write %s", p, whole)
	}
	if least := shortest(p.Addr()); p.Bits() < least {
		return Value{}, fmt.Errorf("%s is larger than any block a registry gives; /%d is the largest", p, least)
	}
	v := Value{Kind: Prefix, Text: p.String()}
	if !p.Addr().Is4() && !unicast6.Contains(p.Addr()) {
		return Value{}, fmt.Errorf("%s lies outside 2000::/3, so nobody can answer for it", p)
	}
	for _, r := range specialPrefix {
		switch {
		case !r.block.Overlaps(p):
		case p.Bits() < r.block.Bits():
			return Value{}, fmt.Errorf("%s holds %s, which is set aside for %s; claim the parts around it", p, r.block, r.why)
		case !r.documentation:
			return Value{}, fmt.Errorf("%s is set aside for %s, so nobody can answer for it", p, r.why)
		default:
			v.Documentation = true
		}
	}
	return v, nil
}

func shortest(a netip.Addr) int {
	if a.Is4() {
		return shortest4
	}
	return shortest6
}

var errPrefix = errors.New("write the block as address and length, such as 193.0.0.0/21 or 2001:67c:2e8::/48")

func readPrefix(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, errPrefix
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, errPrefix
	}
	return p, nil
}
