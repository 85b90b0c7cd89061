package constituency

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// specialASN are the autonomous systems that no registry gives to anybody:
// IANA's registry of special-purpose AS numbers, and what its registry of AS
// numbers keeps back.
var specialASN = []struct {
	from, to      uint32
	why           string
	documentation bool
}{
	{0, 0, "is reserved and identifies networks that are not routed (RFC 7607)", false},
	{112, 112, "belongs to the AS112 project, which everybody may run (RFC 7534)", false},
	{23456, 23456, "is AS_TRANS, which stands for numbers of four bytes (RFC 6793)", false},
	{64496, 64511, "is for documentation (RFC 5398)", true},
	{64512, 65534, "is for private use (RFC 6996)", false},
	{65535, 65535, "is reserved (RFC 7300)", false},
	{65536, 65551, "is for documentation (RFC 5398)", true},
	{65552, 131071, "is reserved by IANA", false},
	{4200000000, 4294967294, "is for private use (RFC 6996)", false},
	{4294967295, 4294967295, "is reserved (RFC 7300)", false},
}

// parseASN reads AS4711, 4711, and the dotted form 1.10 (RFC 5396); it is
// written as plain digits.
func parseASN(s string) (Value, error) {
	n, err := asNumber(s)
	if err != nil {
		return Value{}, err
	}
	v := Value{Kind: ASN, Text: strconv.FormatUint(uint64(n), 10)}
	for _, r := range specialASN {
		if n < r.from || n > r.to {
			continue
		}
		if !r.documentation {
			return Value{}, fmt.Errorf("AS%d %s, so nobody can answer for it", n, r.why)
		}
		v.Documentation = true
	}
	return v, nil
}

var errASN = errors.New("write the autonomous system as its number from 1 to 4294967294, such as AS3333")

func asNumber(s string) (uint32, error) {
	s = strings.ToUpper(s)
	s = strings.TrimSpace(strings.TrimPrefix(s, "AS"))
	high, low, dotted := strings.Cut(s, ".")
	if !dotted {
		n, err := digits(s, 32)
		return uint32(n), err
	}
	h, err := digits(high, 16)
	if err != nil {
		return 0, err
	}
	l, err := digits(low, 16)
	return uint32(h<<16 | l), err
}

// digits is strconv.ParseUint without signs and underscores.
func digits(s string, bits int) (uint64, error) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, errASN
	}
	n, err := strconv.ParseUint(s, 10, bits)
	if err != nil {
		return 0, errASN
	}
	return n, nil
}
