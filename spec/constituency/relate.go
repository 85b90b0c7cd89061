package constituency

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
)

// Relation is how one value lies to another.
type Relation string

// The relations. Blocks and domains are nested or apart, so there is no other.
const (
	Apart    Relation = ""
	Equal    Relation = "equal"
	Contains Relation = "contains"
	Within   Relation = "within"
)

// Turned is the relation seen from the other side.
func (r Relation) Turned() Relation {
	switch r {
	case Contains:
		return Within
	case Within:
		return Contains
	}
	return r
}

// Relate says how a lies to b.
func Relate(a, b Value) Relation {
	if a.Kind != b.Kind {
		return Apart
	}
	switch ka, kb := a.Key(), b.Key(); {
	case bytes.Equal(ka, kb):
		return Equal
	case a.Kind == Prefix:
		return nested(netip.MustParsePrefix(a.Text), netip.MustParsePrefix(b.Text))
	case a.Kind == Domain && bytes.HasPrefix(kb, ka):
		return Contains
	case a.Kind == Domain && bytes.HasPrefix(ka, kb):
		return Within
	}
	return Apart
}

func nested(a, b netip.Prefix) Relation {
	switch {
	case !a.Overlaps(b):
		return Apart
	case a.Bits() < b.Bits():
		return Contains
	}
	return Within
}

// Key orders values of a kind, by bytes, so that all within one stand
// together: an AS number in four bytes; family, address and length of a
// block; the labels of a domain from the top, each ended by a dot; else the
// text, without regard to case.
func (v Value) Key() []byte {
	switch v.Kind {
	case ASN:
		n, _ := asNumber(v.Text)
		return binary.BigEndian.AppendUint32(nil, n)
	case Prefix:
		return prefixKey(netip.MustParsePrefix(v.Text))
	case Domain:
		labels := strings.Split(v.Text, ".")
		slices.Reverse(labels)
		return []byte(strings.Join(labels, ".") + ".")
	}
	return []byte(strings.ToLower(v.Text))
}

func prefixKey(p netip.Prefix) []byte {
	family := byte(4)
	if !p.Addr().Is4() {
		family = 6
	}
	key := append([]byte{family}, p.Addr().AsSlice()...)
	return append(key, byte(p.Bits()))
}

// Above are the keys of all values that v is or lies within, at most 129.
func (v Value) Above() [][]byte {
	key := v.Key()
	switch v.Kind {
	case Prefix:
		p := netip.MustParsePrefix(v.Text)
		var out [][]byte
		for bits := p.Bits(); bits >= 0; bits-- {
			out = append(out, prefixKey(netip.PrefixFrom(p.Addr(), bits).Masked()))
		}
		return out
	case Domain:
		var out [][]byte
		for i := len(key); i > 0; i-- {
			if key[i-1] == '.' {
				out = append(out, key[:i:i])
			}
		}
		return out
	}
	return [][]byte{key}
}

// Below is the span of keys, from included and to not, in which all values
// stand that lie within v. A block's span also holds larger blocks with the
// same first address; Relate tells them apart.
func (v Value) Below() (from, to []byte) {
	key := v.Key()
	switch v.Kind {
	case Prefix:
		p := netip.MustParsePrefix(v.Text)
		last := p.Addr().AsSlice()
		for bit := p.Bits(); bit < len(last)*8; bit++ {
			last[bit/8] |= 0x80 >> (bit % 8)
		}
		return key, append(append([]byte{key[0]}, last...), 0xff)
	case Domain:
		to = bytes.Clone(key)
		to[len(to)-1]++ // the dot
		return key, to
	}
	return key, append(bytes.Clone(key), 0)
}

// Depth is how particular a value is: the most particular of those that hold
// a thing answers first.
func (v Value) Depth() int {
	switch v.Kind {
	case Prefix:
		return netip.MustParsePrefix(v.Text).Bits()
	case Domain:
		return strings.Count(v.Text, ".")
	}
	return 0
}
