// Package constituency says what an organization can answer for (networks,
// domains, countries, sectors, products), how each is written in one form
// only, how two such things lie to one another, and by which machine a claim
// to one is proven.
//
// Nothing here does I/O. A store keeps the claims and asks its database by
// the keys that Key, Above and Below give.
package constituency

import (
	"errors"
	"fmt"
	"strings"
)

// Kind is what sort of thing is claimed.
type Kind string

// The kinds.
const (
	ASN     Kind = "asn"     // an autonomous system (RFC 6793)
	Prefix  Kind = "prefix"  // a block of IPv4 or IPv6 addresses (RFC 4632, RFC 4291)
	Domain  Kind = "domain"  // a domain with all below it (RFC 1034), in ASCII (RFC 5891)
	Country Kind = "country" // ISO 3166-1 alpha-2
	Sector  Kind = "sector"  // one of Sectors
	Product Kind = "product" // a package URL without version, or a name
)

// Kinds lists the kinds.
var Kinds = []Kind{ASN, Prefix, Domain, Country, Sector, Product}

// Network reports whether the kind is one for which a registry names a holder
// and a contact.
func (k Kind) Network() bool { return k == ASN || k == Prefix || k == Domain }

// Exclusive reports whether two organizations that claim the same have
// something to settle. Any number may answer for a sector. That a country
// concerns national CERTs alone is the caller's to know.
func (k Kind) Exclusive() bool { return k != Sector }

// MaxText bounds what is read as one value, in bytes.
const MaxText = 500

// Value is one thing that can be claimed, in its one written form. Two values
// are the same thing exactly when they are equal.
type Value struct {
	Kind Kind
	Text string
	// Documentation marks what is set aside for examples (RFC 2606, 3849,
	// 5398, 5737, 9637): nobody holds it, and only a demonstration takes it.
	Documentation bool
}

// Parse reads a value of a kind. Its error says what to do, as one sentence
// for the person who typed it.
func Parse(k Kind, s string) (Value, error) {
	if s = strings.TrimSpace(s); s == "" {
		return Value{}, errors.New("say what is answered for")
	}
	if len(s) > MaxText {
		return Value{}, fmt.Errorf("this is too long; %d characters are the most", MaxText)
	}
	switch k {
	case ASN:
		return parseASN(s)
	case Prefix:
		return parsePrefix(s)
	case Domain:
		return parseDomain(s)
	case Country:
		return parseCountry(s)
	case Sector:
		return parseSector(s)
	case Product:
		return parseProduct(s)
	}
	return Value{}, errors.New("choose what is claimed: asn, prefix, domain, country, sector or product")
}

// Words is the value as it stands in a list: AS4711, or Switzerland (CH).
func (v Value) Words() string {
	switch v.Kind {
	case ASN:
		return "AS" + v.Text
	case Country:
		return CountryName(v.Text) + " (" + v.Text + ")"
	case Sector:
		return SectorName(v.Text)
	}
	return v.Text
}
