package csaf

import (
	"regexp"
	"strings"
)

// The roles of a distributing party (7.2).
const (
	RolePublisher       = "csaf_publisher"
	RoleProvider        = "csaf_provider"
	RoleTrustedProvider = "csaf_trusted_provider"
)

// ProviderMetadata tells where a party's documents are and with which keys they
// are signed (7.1.7). It is served as provider-metadata.json.
type ProviderMetadata struct {
	CanonicalURL            string       `json:"canonical_url"`
	Distributions           []Source     `json:"distributions,omitempty"`
	LastUpdated             string       `json:"last_updated"`
	ListOnCSAFAggregators   bool         `json:"list_on_CSAF_aggregators"`
	MetadataVersion         string       `json:"metadata_version"`
	MirrorOnCSAFAggregators bool         `json:"mirror_on_CSAF_aggregators"`
	PublicOpenPGPKeys       []OpenPGPKey `json:"public_openpgp_keys,omitempty"`
	Publisher               Publisher    `json:"publisher"`
	Role                    string       `json:"role"`
}

// Source is one way to fetch documents: a directory with index.txt and
// changes.csv (7.1.11 to 7.1.13), ROLIE feeds (7.1.15), or both.
type Source struct {
	DirectoryURL string `json:"directory_url,omitempty"`
	ROLIE        *ROLIE `json:"rolie,omitempty"`
}

// ROLIE lists the feeds of a party, and its category and service documents.
type ROLIE struct {
	Categories []string  `json:"categories,omitempty"`
	Feeds      []FeedRef `json:"feeds"`
	Services   []string  `json:"services,omitempty"`
}

// FeedRef points to a feed, which holds documents of one TLP label only.
// TLPLabel is UNLABELED, WHITE, GREEN, AMBER or RED.
type FeedRef struct {
	Summary  string `json:"summary,omitempty"`
	TLPLabel string `json:"tlp_label"`
	URL      string `json:"url"`
}

// OpenPGPKey is a key that signs documents (7.1.20). Fingerprint is in
// hexadecimal without spaces.
type OpenPGPKey struct {
	Fingerprint string `json:"fingerprint,omitempty"`
	URL         string `json:"url"`
}

var (
	patternJSONURL     = regexp.MustCompile(`\.json$`)
	patternProviderURL = regexp.MustCompile(`/provider-metadata\.json$`)
	patternAggregator  = regexp.MustCompile(`/aggregator\.json$`)
	patternFingerprint = regexp.MustCompile(`^[0-9a-fA-F]{40,}$`)
)

func jsonURL() shape { return uriLike(0, patternJSONURL, "the URL of a .json file") }
func providerURL() shape {
	return uriLike(0, patternProviderURL, "the URL of a provider-metadata.json")
}

func roleShape() shape { return enum(RolePublisher, RoleProvider, RoleTrustedProvider) }

var providerShape = obj(
	req("canonical_url", providerURL()),
	opt("distributions", set(objN(1, 0,
		opt("directory_url", uri()),
		opt("rolie", obj(
			opt("categories", set(jsonURL())),
			req("feeds", set(obj(
				opt("summary", str(0, nil)),
				req("tlp_label", enum("UNLABELED", "WHITE", "GREEN", "AMBER", "RED")),
				req("url", jsonURL()),
			))),
			opt("services", set(jsonURL())),
		)),
	))),
	req("last_updated", instant()),
	req("list_on_CSAF_aggregators", boolean()),
	req("metadata_version", enum(Version)),
	req("mirror_on_CSAF_aggregators", boolean()),
	opt("public_openpgp_keys", list(0, obj(
		opt("fingerprint", pattern(40, patternFingerprint, "a fingerprint of at least 40 hexadecimal digits")),
		req("url", uri()),
	))),
	req("publisher", publisherShape()),
	req("role", roleShape()),
)

// ParseProviderMetadata reads a provider-metadata.json strictly, as [Parse] does
// a document, and applies [ProviderMetadata.Check].
func ParseProviderMetadata(data []byte) (*ProviderMetadata, error) {
	m := &ProviderMetadata{}
	if err := parseAs(m, providerShape, data); err != nil {
		return nil, err
	}
	if findings := m.Check(); HasErrors(findings) {
		return nil, &FormatError{findings}
	}
	return m, nil
}

// Check holds the metadata against the requirements of section 7.1 for the role
// that it claims, as far as the metadata itself shows them. Rules are named
// after their clause. A published copy that is fetched over the network is not
// looked at.
func (m *ProviderMetadata) Check() []Finding {
	c := &check{test: Test{ID: "7.1.3", Severity: Error}}
	m.eachURL(func(path, url string) {
		if !strings.HasPrefix(url, "https://") {
			c.fault(path, "%s is not a https URL", quoted(url))
		}
	})
	if m.Role == RolePublisher {
		return c.findings
	}
	c.test.ID = "7.2.2"
	if len(m.Distributions) == 0 {
		c.fault("/distributions", "the role %s needs a directory or ROLIE feeds", m.Role)
	}
	if m.Role != RoleTrustedProvider {
		return c.findings
	}
	c.test.ID = "7.1.20"
	if len(m.PublicOpenPGPKeys) == 0 {
		c.fault("/public_openpgp_keys", "the role %s needs the OpenPGP key that signs its documents", m.Role)
	}
	return c.findings
}

// eachURL visits the places from which documents come.
func (m *ProviderMetadata) eachURL(visit func(path, url string)) {
	visit("/canonical_url", m.CanonicalURL)
	for i, d := range m.Distributions {
		path := at("/distributions", i)
		if d.DirectoryURL != "" {
			visit(at(path, "directory_url"), d.DirectoryURL)
		}
		if d.ROLIE == nil {
			continue
		}
		for j, f := range d.ROLIE.Feeds {
			visit(at(path, "rolie", "feeds", j, "url"), f.URL)
		}
		for j, u := range d.ROLIE.Categories {
			visit(at(path, "rolie", "categories", j), u)
		}
		for j, u := range d.ROLIE.Services {
			visit(at(path, "rolie", "services", j), u)
		}
	}
}

// Marshal writes the metadata like [Marshal] a document, refusing what
// [ParseProviderMetadata] would not read.
func (m *ProviderMetadata) Marshal() ([]byte, error) {
	data, err := encode(m)
	if err != nil {
		return nil, err
	}
	if _, err := ParseProviderMetadata(data); err != nil {
		return nil, err
	}
	return data, nil
}

// parseAs reads a document of a shape strictly.
func parseAs(target any, s shape, data []byte) error {
	r, _, err := decodeInto(target, s, data)
	if err != nil {
		return err
	}
	if len(r.findings) > 0 {
		return &FormatError{r.findings}
	}
	return nil
}
