package csafprovider

import (
	"fmt"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/pgp"
)

// life is how long a security.txt counts from the day it is fetched; RFC
// 9116, 2.5.5 advises less than a year.
const life = 90 * 24 * time.Hour

// signedText is a text with its cleartext signature.
type signedText struct{ plain, key, signed string }

// securityText is security.txt, signed (RFC 9116).
func (d *Door) securityText(a ask) (page, error) {
	ch, err := charter.Load(a.tx)
	if err != nil {
		return page{}, err
	}
	ring, err := charter.Ring(a.tx, d.house.Sealer)
	if err != nil {
		return page{}, err
	}
	base := d.house.URL
	var b strings.Builder
	field := func(name, value string) { fmt.Fprintf(&b, "%s: %s\n", name, value) }
	field("Contact", base+"/report")
	field("Contact", "mailto:"+ch.Email)
	field("Expires", a.tx.Now.Truncate(24*time.Hour).Add(life).Format(time.RFC3339))
	field("Encryption", d.keyURL(ring.Current()))
	field("Preferred-Languages", "en")
	field("Canonical", base+"/.well-known/security.txt")
	field("Policy", base+"/report")
	field("CSAF", d.url("provider-metadata.json"))
	signed, err := d.clearSigned(b.String(), ring.Current(), a.tx.Now)
	return page{contentType: textType, body: []byte(signed)}, err
}

// clearSigned signs a text once and keeps it while neither text nor key
// change, so that the file stays the same for a day and costs no signature a
// request.
func (d *Door) clearSigned(plain string, k *pgp.Key, now time.Time) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.signed.plain == plain && d.signed.key == k.Fingerprint() {
		return d.signed.signed, nil
	}
	signed, err := k.SignCleartext([]byte(plain), now)
	if err == nil {
		d.signed = signedText{plain, k.Fingerprint(), string(signed)}
	}
	return string(signed), err
}
