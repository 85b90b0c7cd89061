package constituency

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// specialNames are the special-use domain names (RFC 6761 and those that
// followed) and arpa: nobody holds them or anything below.
var specialNames = []string{"alt", "arpa", "internal", "invalid", "local", "localhost", "onion", "test"}

// exampleNames are set aside for examples (RFC 2606).
var exampleNames = []string{"example", "example.com", "example.net", "example.org"}

// ascii maps a name as people write it to what is looked up (RFC 5891, UTS 46).
var ascii = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckJoiners(true), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

var errDomain = errors.New("write the domain by its name alone, such as vendor.com")

// maxDomain leaves room for the label of a challenge within the 253
// characters of a name (RFC 1035, 2.3.4).
const maxDomain = 253 - len(ChallengeLabel) - 1

// ChallengeLabel stands before a domain in the name of its challenge.
const ChallengeLabel = "_tocsin-challenge"

// parseDomain reads a domain, which stands for itself and all below it. A
// public suffix is refused, one of a private registry too: there strangers
// can make names, perhaps the challenge's own, so that a record proves
// nothing.
func parseDomain(s string) (Value, error) {
	name, err := domainName(s)
	if err != nil {
		return Value{}, err
	}
	if len(name) > maxDomain {
		return Value{}, fmt.Errorf("this name is too long; %d characters are the most", maxDomain)
	}
	if i := beneath(name, specialNames); i != "" {
		return Value{}, fmt.Errorf("names under %s are reserved, so nobody can answer for them", i)
	}
	example := beneath(name, exampleNames) != ""
	if suffix, _ := publicsuffix.PublicSuffix(name); suffix == name {
		return Value{}, fmt.Errorf("%s is a public suffix, under which many register; claim the names below it that are yours", name)
	}
	return Value{Kind: Domain, Text: name, Documentation: example}, nil
}

func domainName(s string) (string, error) {
	s = strings.TrimSuffix(s, ".")
	if strings.HasPrefix(s, "*.") {
		return "", errors.New("leave the asterisk out; a domain stands for all below it")
	}
	if !utf8.ValidString(s) {
		return "", errDomain
	}
	name, err := ascii.ToASCII(s)
	if err != nil || !strings.Contains(name, ".") {
		return "", errDomain
	}
	// One written form: it must read as itself.
	if again, err := ascii.ToASCII(name); err != nil || again != name {
		return "", errDomain
	}
	if last := name[strings.LastIndexByte(name, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return "", errDomain // an address, or part of one
	}
	return name, nil
}

// beneath is the one of names that a domain is or lies under, or "".
func beneath(name string, names []string) string {
	for _, n := range names {
		if name == n || strings.HasSuffix(name, "."+n) {
			return n
		}
	}
	return ""
}

// ChallengeName is where the TXT record that proves a domain stands.
func ChallengeName(domain string) string { return ChallengeLabel + "." + domain }

// ChallengeText is what the TXT record says.
func ChallengeText(token string) string { return "tocsin-claim=" + token }

// Mailboxes are the local parts at which the keepers of a domain are reached:
// those of RFC 2142 that strangers do not get.
var Mailboxes = []string{"hostmaster", "postmaster", "abuse", "security"}
