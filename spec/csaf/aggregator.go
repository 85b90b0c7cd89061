package csaf

// Aggregator is the list that a lister or aggregator keeps of others' provider
// metadata (7.1.21), served as aggregator.json.
type Aggregator struct {
	Aggregator        AggregatorIdent     `json:"aggregator"`
	AggregatorVersion string              `json:"aggregator_version"`
	CanonicalURL      string              `json:"canonical_url"`
	CSAFProviders     []AggregatedParty   `json:"csaf_providers"`
	CSAFPublishers    []AggregatedMirrors `json:"csaf_publishers,omitempty"`
	LastUpdated       string              `json:"last_updated"`
}

// AggregatorIdent says who aggregates. Category is aggregator or lister.
type AggregatorIdent struct {
	Category         string `json:"category"`
	ContactDetails   string `json:"contact_details,omitempty"`
	IssuingAuthority string `json:"issuing_authority,omitempty"`
	Name             string `json:"name"`
	Namespace        string `json:"namespace"`
}

// AggregatedParty is a listed provider and where copies of its documents are.
type AggregatedParty struct {
	Metadata PartyMetadata `json:"metadata"`
	Mirrors  []string      `json:"mirrors,omitempty"`
}

// AggregatedMirrors is a mirrored publisher. UpdateInterval tells in words how
// often it is looked at.
type AggregatedMirrors struct {
	Metadata       PartyMetadata `json:"metadata"`
	Mirrors        []string      `json:"mirrors"`
	UpdateInterval string        `json:"update_interval"`
}

// PartyMetadata is the part of a provider's metadata that is repeated here.
type PartyMetadata struct {
	LastUpdated string    `json:"last_updated"`
	Publisher   Publisher `json:"publisher"`
	Role        string    `json:"role,omitempty"`
	URL         string    `json:"url"`
}

func partyShape() shape {
	return obj(
		req("last_updated", instant()),
		req("publisher", publisherShape()),
		opt("role", roleShape()),
		req("url", providerURL()),
	)
}

var aggregatorShape = obj(
	req("aggregator", obj(
		req("category", enum("aggregator", "lister")),
		opt("contact_details", text()),
		opt("issuing_authority", text()),
		req("name", text()),
		req("namespace", uri()),
	)),
	req("aggregator_version", enum(Version)),
	req("canonical_url", uriLike(0, patternAggregator, "the URL of an aggregator.json")),
	req("csaf_providers", set(obj(
		req("metadata", partyShape()),
		opt("mirrors", set(providerURL())),
	))),
	opt("csaf_publishers", set(obj(
		req("metadata", partyShape()),
		req("mirrors", set(providerURL())),
		req("update_interval", text()),
	))),
	req("last_updated", instant()),
)

// ParseAggregator reads an aggregator.json strictly.
func ParseAggregator(data []byte) (*Aggregator, error) {
	a := &Aggregator{}
	if err := parseAs(a, aggregatorShape, data); err != nil {
		return nil, err
	}
	return a, nil
}

// Marshal writes the list, refusing what [ParseAggregator] would not read.
func (a *Aggregator) Marshal() ([]byte, error) { return encodeAs(a, aggregatorShape) }
