// Package cvss reads, checks and scores CVSS vectors of the versions 2.0, 3.0,
// 3.1 and 4.0, and holds the metrics of 3.1 and 4.0 as tables, from which a
// calculator form can be drawn without any script. The arithmetic is that of
// pandatix/go-cvss.
package cvss

import (
	"errors"
	"fmt"
	"strings"

	cvss2 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"
	cvss4 "github.com/pandatix/go-cvss/40"
)

// Version is a version of the standard.
type Version string

// The versions. New scores are given in V31 and V40; the others are read.
const (
	V20 Version = "2.0"
	V30 Version = "3.0"
	V31 Version = "3.1"
	V40 Version = "4.0"
)

// Severity is the qualitative rating of a score.
type Severity string

// The severities. Version 2.0 has no rating in its standard; for it, None,
// Low, Medium and High follow the customary bounds 0, 4 and 7.
const (
	None     Severity = "NONE"
	Low      Severity = "LOW"
	Medium   Severity = "MEDIUM"
	High     Severity = "HIGH"
	Critical Severity = "CRITICAL"
)

// Score is a vector with what it amounts to. Scores are 0.0 to 10.0 with one
// decimal.
type Score struct {
	Version Version
	Vector  string // canonical: every given metric once, in the standard's order
	// Base is the score of the base metrics alone.
	Base         float64
	BaseSeverity Severity
	// Threat is the score with threat metrics (temporal ones before 4.0),
	// Environmental the one with environmental metrics as well; nil where
	// the vector gives none.
	Threat        *float64
	Environmental *float64
	// Overall is the score of everything that the vector gives.
	Overall  float64
	Severity Severity
	// Nomenclature says what Overall counts (4.0, clause 1.3): CVSS-B,
	// CVSS-BT, CVSS-BE or CVSS-BTE; the same letters for older versions.
	Nomenclature string
}

// maxVector is longer than the longest vector of any version.
const maxVector = 512

// Parse reads a vector. One without a prefix is of version 2.0, as its
// standard has it; parentheses around that one are accepted.
func Parse(vector string) (Score, error) {
	v := strings.TrimSpace(vector)
	if v == "" {
		return Score{}, errors.New("the CVSS vector is empty")
	}
	if len(v) > maxVector {
		return Score{}, fmt.Errorf("the CVSS vector is longer than %d characters", maxVector)
	}
	var s Score
	var err error
	switch {
	case strings.HasPrefix(v, "CVSS:4.0/"):
		s, err = parse40(v)
	case strings.HasPrefix(v, "CVSS:3.1/"):
		s, err = parse31(v)
	case strings.HasPrefix(v, "CVSS:3.0/"):
		s, err = parse30(v)
	case strings.HasPrefix(v, "CVSS:"):
		return Score{}, fmt.Errorf("%.20q is not a CVSS version that is known here; use CVSS:3.1/ or CVSS:4.0/", v)
	default:
		s, err = parse20(strings.TrimSuffix(strings.TrimPrefix(v, "("), ")"))
	}
	if err != nil {
		return Score{}, fmt.Errorf("the CVSS vector %.120q cannot be read: %w", vector, err)
	}
	s.BaseSeverity, s.Severity = Rate(s.Version, s.Base), Rate(s.Version, s.Overall)
	s.Nomenclature = "CVSS-B"
	if s.Threat != nil {
		s.Nomenclature += "T"
	}
	if s.Environmental != nil {
		s.Nomenclature += "E"
	}
	return s, nil
}

// Rate is the severity of a score.
func Rate(version Version, score float64) Severity {
	switch {
	case score <= 0:
		return None
	case score < 4:
		return Low
	case score < 7:
		return Medium
	case score < 9 || version == V20:
		return High
	}
	return Critical
}

func ptr(f float64) *float64 { return &f }

// given reports whether the vector sets any of the metrics to something other
// than not defined.
func given(vector string, metrics ...string) bool {
	for _, part := range strings.Split(vector, "/") {
		name, value, _ := strings.Cut(part, ":")
		if value == "X" || value == "ND" {
			continue
		}
		for _, m := range metrics {
			if name == m {
				return true
			}
		}
	}
	return false
}

var temporal3 = []string{"E", "RL", "RC"}
var environmental3 = []string{"CR", "IR", "AR", "MAV", "MAC", "MPR", "MUI", "MS", "MC", "MI", "MA"}
var environmental2 = []string{"CDP", "TD", "CR", "IR", "AR"}

// three fills a Score from the three scores that versions before 4.0 have.
func three(v Version, vector string, env []string, base, temporal, environmental float64) Score {
	s := Score{Version: v, Vector: vector, Base: base, Overall: base}
	if given(vector, temporal3...) {
		s.Threat, s.Overall = ptr(temporal), temporal
	}
	if given(vector, env...) {
		s.Environmental, s.Overall = ptr(environmental), environmental
	}
	return s
}

func parse20(v string) (Score, error) {
	c, err := cvss2.ParseVector(v)
	if err != nil {
		return Score{}, err
	}
	return three(V20, c.Vector(), environmental2, c.BaseScore(), c.TemporalScore(), c.EnvironmentalScore()), nil
}

func parse30(v string) (Score, error) {
	c, err := cvss30.ParseVector(v)
	if err != nil {
		return Score{}, err
	}
	return three(V30, c.Vector(), environmental3, c.BaseScore(), c.TemporalScore(), c.EnvironmentalScore()), nil
}

func parse31(v string) (Score, error) {
	c, err := cvss31.ParseVector(v)
	if err != nil {
		return Score{}, err
	}
	return three(V31, c.Vector(), environmental3, c.BaseScore(), c.TemporalScore(), c.EnvironmentalScore()), nil
}

// parse40 scores the base metrics alone, with the threat metric, and whole, by
// taking the other groups out of the vector.
func parse40(v string) (Score, error) {
	c, err := cvss4.ParseVector(v)
	if err != nil {
		return Score{}, err
	}
	s := Score{Version: V40, Vector: c.Vector(), Overall: c.Score()}
	if s.Base, err = score40(s.Vector, Base); err != nil {
		return Score{}, err
	}
	threat, environmental := false, false
	for _, m := range Metrics(V40) {
		switch m.Group {
		case Threat:
			threat = threat || given(s.Vector, m.Name)
		case Environmental:
			environmental = environmental || given(s.Vector, m.Name)
		}
	}
	if threat {
		t, err := score40(s.Vector, Base, Threat)
		if err != nil {
			return Score{}, err
		}
		s.Threat = &t
	}
	if environmental {
		s.Environmental = ptr(s.Overall)
	}
	return s, nil
}

func score40(vector string, groups ...Group) (float64, error) {
	in := map[string]bool{}
	for _, m := range Metrics(V40) {
		for _, g := range groups {
			in[m.Name] = in[m.Name] || m.Group == g
		}
	}
	kept := []string{"CVSS:4.0"}
	for _, part := range strings.Split(vector, "/")[1:] {
		if name, _, _ := strings.Cut(part, ":"); in[name] {
			kept = append(kept, part)
		}
	}
	c, err := cvss4.ParseVector(strings.Join(kept, "/"))
	if err != nil {
		return 0, err
	}
	return c.Score(), nil
}

// Build makes a score of version 3.1 or 4.0 from metric values by name, as a
// calculator form sends them. Empty values and those that say "not defined"
// are left out; an unknown metric or value is an error that names it, and so
// is a base metric without a value.
func Build(version Version, values map[string]string) (Score, error) {
	metrics := Metrics(version)
	if metrics == nil {
		return Score{}, fmt.Errorf("scores are made in CVSS 3.1 and 4.0, not in %.10q", string(version))
	}
	var b strings.Builder
	b.WriteString("CVSS:" + string(version))
	used := 0
	for _, m := range metrics {
		value, set := values[m.Name]
		if set {
			used++
		}
		switch {
		case value == "" && m.Group == Base:
			return Score{}, fmt.Errorf("choose a value for %s (%s)", m.Label, m.Name)
		case value == "" || value == "X":
			continue
		case !m.allows(value):
			return Score{}, fmt.Errorf("%.20q is not a value of %s (%s)", value, m.Label, m.Name)
		}
		b.WriteString("/" + m.Name + ":" + value)
	}
	if used != len(values) {
		return Score{}, fmt.Errorf("a metric was given that CVSS %s does not have", version)
	}
	return Parse(b.String())
}

// Values takes a vector of version 3.1 or 4.0 apart, to fill a calculator
// form. Metrics that the vector does not give are absent.
func Values(vector string) (Version, map[string]string, error) {
	s, err := Parse(vector)
	if err != nil {
		return "", nil, err
	}
	if Metrics(s.Version) == nil {
		return "", nil, fmt.Errorf("a form exists for CVSS 3.1 and 4.0, not for %s", s.Version)
	}
	values := map[string]string{}
	for _, part := range strings.Split(s.Vector, "/")[1:] {
		name, value, _ := strings.Cut(part, ":")
		values[name] = value
	}
	return s.Version, values, nil
}
