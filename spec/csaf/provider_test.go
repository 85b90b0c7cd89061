package csaf

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestOfficialDistributionExamples(t *testing.T) {
	dir := sharedData(t, "csaf/oasis-2.0/examples")
	try := func(pattern, schema string, parse func([]byte) (interface{ Marshal() ([]byte, error) }, error)) {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			value, err := parse(mustRead(t, file))
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(file), err)
				continue
			}
			data, err := value.Marshal()
			if err != nil {
				t.Errorf("%s: Marshal: %v", filepath.Base(file), err)
				continue
			}
			if schema != "" {
				if err := accepts(t, schema, data); err != nil {
					t.Errorf("%s: the official schema refuses what is written: %v", filepath.Base(file), err)
				}
			}
		}
	}
	type document = interface{ Marshal() ([]byte, error) }
	try("provider-metadata/*.json", "provider_json_schema.json", func(b []byte) (document, error) { return ParseProviderMetadata(b) })
	try("aggregator/*.json", "aggregator_json_schema.json", func(b []byte) (document, error) { return ParseAggregator(b) })
	try("ROLIE/*feed*.json", "", func(b []byte) (document, error) { return ParseFeed(b) })
	try("ROLIE/*service*.json", "", func(b []byte) (document, error) { return ParseServiceDocument(b) })
	try("ROLIE/*category*.json", "", func(b []byte) (document, error) { return ParseCategoryDocument(b) })
}

func trustedProvider() *ProviderMetadata {
	return &ProviderMetadata{
		CanonicalURL: "https://cert.example/.well-known/csaf/provider-metadata.json",
		Distributions: []Source{
			{DirectoryURL: "https://cert.example/csaf/white/"},
			{ROLIE: &ROLIE{
				Feeds:    []FeedRef{{TLPLabel: "WHITE", URL: "https://cert.example/csaf/white/feed.json"}},
				Services: []string{"https://cert.example/csaf/service.json"},
			}},
		},
		LastUpdated: "2024-01-01T00:00:00Z", ListOnCSAFAggregators: true, MetadataVersion: Version,
		PublicOpenPGPKeys: []OpenPGPKey{{Fingerprint: strings.Repeat("A1", 20), URL: "https://cert.example/key.asc"}},
		Publisher:         Publisher{Category: "coordinator", Name: "CERT", Namespace: "https://cert.example"},
		Role:              RoleTrustedProvider,
	}
}

func TestProviderMetadata(t *testing.T) {
	data, err := trustedProvider().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if err := accepts(t, "provider_json_schema.json", data); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*ProviderMetadata){
		"no key":            func(m *ProviderMetadata) { m.PublicOpenPGPKeys = nil },
		"no distribution":   func(m *ProviderMetadata) { m.Distributions = nil },
		"empty feeds":       func(m *ProviderMetadata) { m.Distributions[1].ROLIE.Feeds = nil },
		"feed without TLS":  func(m *ProviderMetadata) { m.Distributions[1].ROLIE.Feeds[0].URL = "http://cert.example/feed.json" },
		"other name":        func(m *ProviderMetadata) { m.CanonicalURL = "https://cert.example/metadata.json" },
		"short fingerprint": func(m *ProviderMetadata) { m.PublicOpenPGPKeys[0].Fingerprint = "A1" },
		"unknown role":      func(m *ProviderMetadata) { m.Role = "boss" },
		"TLP 2.0 label":     func(m *ProviderMetadata) { m.Distributions[1].ROLIE.Feeds[0].TLPLabel = "CLEAR" },
		"same source twice": func(m *ProviderMetadata) { m.Distributions = append(m.Distributions, m.Distributions[0]) },
	} {
		m := trustedProvider()
		spoil(m)
		if _, err := m.Marshal(); err == nil {
			t.Errorf("%s: written without complaint", name)
		}
	}
}

func TestFeed(t *testing.T) {
	older := &Document{Document: Metadata{Title: "Older", Tracking: Tracking{
		ID: "A-1", InitialReleaseDate: "2024-01-01T00:00:00Z", CurrentReleaseDate: "2024-01-02T01:00:00+02:00"}}}
	newer := &Document{Document: Metadata{Title: "Newer", Notes: []Note{{Category: "summary", Text: "In short"}}, Tracking: Tracking{
		ID: "A-2", InitialReleaseDate: "2024-01-01T00:00:00Z", CurrentReleaseDate: "2024-01-02T00:00:00Z"}}}
	const base = "https://cert.example/csaf/white/"
	feed := NewFeed("white", "All", base+"feed.json", "2024-01-02T00:00:00Z", []Entry{
		FeedEntry(older, base+"2024/a-1.json"), FeedEntry(newer, base+"2024/a-2.json"),
	})
	data, err := feed.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParseFeed(data)
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Entry) != 2 || read.Entry[0].ID != "A-2" || read.Entry[0].Summary.Content != "In short" {
		t.Errorf("entries %+v", read.Entry)
	}
	if _, err := NewFeed("e", "Empty", base+"feed.json", "2024-01-02T00:00:00Z", nil).Marshal(); err != nil {
		t.Errorf("an empty feed: %v", err)
	}
	feed.Entry[0].Link = feed.Entry[0].Link[1:]
	if _, err := feed.Marshal(); err == nil || !strings.Contains(err.Error(), "self") {
		t.Errorf("an entry without self link: %v", err)
	}
	service := &ServiceDocument{Service{[]Workspace{{Title: "Public", Collection: []Collection{FeedCollection("All", base+"feed.json", "WHITE")}}}}}
	if _, err := service.Marshal(); err != nil {
		t.Error(err)
	}
}

func TestFileName(t *testing.T) {
	for id, want := range map[string]string{
		"Example Company - 2019-YH3234": "example_company_-_2019-yh3234.json",
		"RHBA-2019:0024":                "rhba-2019_0024.json",
		"2022 #01-A":                    "2022_01-a.json",
		"cisco-sa-20190513-secureboot":  "cisco-sa-20190513-secureboot.json",
		"../../etc/passwd":              "_etc_passwd.json",
	} {
		if got := FileName(id); got != want {
			t.Errorf("FileName(%q) = %q, want %q", id, got, want)
		}
	}
	path, err := DistributionPath(Tracking{ID: "A:1", InitialReleaseDate: "2024-01-01T00:30:00+01:00"})
	if err != nil || path != "2023/a_1.json" {
		t.Errorf("DistributionPath = %q, %v", path, err)
	}
	if _, err := DistributionPath(Tracking{ID: "A", InitialReleaseDate: "yesterday"}); err == nil {
		t.Error("a bad date gives a path")
	}
}
