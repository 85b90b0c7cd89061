package csafprovider

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/pgp"
	"tocsin/internal/response/advisory"
	"tocsin/spec/csaf"
)

const jsonType = "application/json"

// metadata is provider-metadata.json (7.1.7), with what the asker may see.
func (d *Door) metadata(a ask) (page, error) {
	ch, err := charter.Load(a.tx)
	if err != nil {
		return page{}, err
	}
	ring, err := charter.Ring(a.tx, d.house.Sealer)
	if err != nil {
		return page{}, err
	}
	list, err := advisory.Shelves(a.tx, a.actor)
	if err != nil {
		return page{}, err
	}
	m := csaf.ProviderMetadata{
		CanonicalURL: d.url("provider-metadata.json"), MetadataVersion: csaf.Version, Role: csaf.RoleTrustedProvider,
		ListOnCSAFAggregators: true, MirrorOnCSAFAggregators: true,
		Publisher: csaf.Publisher{Category: "coordinator", ContactDetails: ch.Email, Name: ch.Name, Namespace: ch.Namespace},
	}
	updated := ch.FoundedAt
	for _, k := range ring.Keys() {
		m.PublicOpenPGPKeys = append(m.PublicOpenPGPKeys, csaf.OpenPGPKey{Fingerprint: k.Fingerprint(), URL: d.keyURL(k)})
		updated = later(updated, k.Info(a.tx.Now).Created)
	}
	for _, s := range list {
		updated = later(updated, s.Changed)
	}
	m.LastUpdated = stamp(updated)
	m.Distributions = d.distributions(list)
	body, err := d.encode(m, m.Marshal)
	return page{contentType: jsonType, body: body}, err
}

// distributions declares a directory for each label and one set of feeds. The
// public directory is there even while it is empty, since a provider must say
// where its documents will be (7.2.2); feeds are declared once they hold
// something.
func (d *Door) distributions(list []advisory.Shelf) []csaf.Source {
	if !slices.ContainsFunc(list, func(s advisory.Shelf) bool { return s.Label == "WHITE" }) {
		list = append(slices.Clone(list), advisory.Shelf{Label: "WHITE"})
	}
	var out []csaf.Source
	rolie := csaf.ROLIE{Services: []string{d.url("service.json")}}
	for _, s := range list {
		out = append(out, csaf.Source{DirectoryURL: d.url(strings.ToLower(s.Label) + "/")})
		if s.Documents == 0 {
			continue
		}
		rolie.Feeds = append(rolie.Feeds, csaf.FeedRef{Summary: feedTitle(s.Label), TLPLabel: s.Label, URL: d.feedURL(s.Label)})
		rolie.Categories = append(rolie.Categories, d.url(strings.ToLower(s.Label)+"/"+categoryFile(s.Label)))
	}
	if len(rolie.Feeds) > 0 {
		out = append(out, csaf.Source{ROLIE: &rolie})
	}
	return out
}

// service is the ROLIE service document (7.1.16) of the feeds declared to the
// asker.
func (d *Door) service(a ask) (page, error) {
	list, err := advisory.Shelves(a.tx, a.actor)
	if err != nil {
		return page{}, err
	}
	if len(list) == 0 {
		return page{}, errs.Missing("service document")
	}
	w := csaf.Workspace{Title: "Security advisories"}
	for _, s := range list {
		w.Collection = append(w.Collection, csaf.FeedCollection(feedTitle(s.Label), d.feedURL(s.Label), s.Label))
	}
	doc := csaf.ServiceDocument{Service: csaf.Service{Workspace: []csaf.Workspace{w}}}
	body, err := doc.Marshal()
	return page{contentType: jsonType, body: body}, err
}

// key is one of the alliance's public keys, present or past, so that older
// signatures can be checked.
func (d *Door) key(a ask) (page, error) {
	fingerprint, ok := strings.CutSuffix(a.PathValue("file"), ".asc")
	if !ok {
		return page{}, errs.Missing("key")
	}
	ring, err := charter.Ring(a.tx, d.house.Sealer)
	if err != nil {
		return page{}, err
	}
	k, err := ring.Find(strings.ToUpper(fingerprint))
	if err != nil {
		return page{}, err
	}
	public, err := k.Public()
	return page{contentType: "application/pgp-keys", body: []byte(public)}, err
}

// encode writes v as the format has it. Over plain HTTP, which only a trial
// on one machine uses, the format's demand for https cannot be met; the
// document is then written without that check.
func (d *Door) encode(v any, marshal func() ([]byte, error)) ([]byte, error) {
	if d.house.Secure() {
		return marshal()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

func (d *Door) url(path string) string   { return d.house.URL + root + path }
func (d *Door) keyURL(k *pgp.Key) string { return d.url("openpgp/" + k.Fingerprint() + ".asc") }
func (d *Door) feedURL(label string) string {
	return d.url(strings.ToLower(label) + "/" + feedFile(label))
}

func feedFile(label string) string     { return "csaf-feed-tlp-" + strings.ToLower(label) + ".json" }
func categoryFile(label string) string { return "category-" + strings.ToLower(label) + ".json" }

func feedTitle(label string) string {
	if label == advisory.Unlabeled {
		return "Advisories without a TLP label"
	}
	return "Advisories marked TLP:" + label
}

func later(a, b time.Time) time.Time {
	return slices.MaxFunc([]time.Time{a, b}, func(x, y time.Time) int { return cmp.Compare(x.UnixMicro(), y.UnixMicro()) })
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
