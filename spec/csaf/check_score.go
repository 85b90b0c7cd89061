package csaf

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	cvss2 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"
)

// eachScore visits every score of every vulnerability.
func (c *check) eachScore(visit func(path string, s *Score)) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		for i := range v.Scores {
			visit(at(path, "scores", i), &v.Scores[i])
		}
	})
}

func multipleScores(c *check) {
	c.eachVulnerability(func(path string, v *Vulnerability) {
		seen := map[string]bool{}
		for i, s := range v.Scores {
			var versions []string
			if s.CVSSv2 != nil {
				versions = append(versions, "2.0")
			}
			if s.CVSSv3 != nil {
				versions = append(versions, s.CVSSv3.Version)
			}
			for j, id := range s.Products {
				for _, version := range versions {
					if seen[version+" "+id] {
						c.fault(at(path, "scores", i, "products", j), "the product %s already has a score of CVSS %s", quoted(id), version)
					}
					seen[version+" "+id] = true
				}
			}
		}
	})
}

// invalidCVSS repeats what reading found; a document made by this program is
// held against the shapes here.
func invalidCVSS(c *check) {
	if c.doc.source != nil {
		c.findings = append(c.findings, c.doc.source.cvss...)
		return
	}
	c.eachScore(func(path string, s *Score) {
		if s.CVSSv2 != nil {
			c.shape(at(path, "cvss_v2"), cvss2Shape, s.CVSSv2)
		}
		if s.CVSSv3 != nil {
			c.shape(at(path, "cvss_v3"), cvss3Shape, s.CVSSv3)
		}
	})
}

func (c *check) shape(path string, s shape, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		c.fault(path, "cannot be written: %s", err)
		return
	}
	tree, _, err := readTree(data)
	if err != nil {
		c.fault(path, "cannot be read: %s", err)
		return
	}
	r := &reading{rule: c.test.ID}
	s(r, path, tree)
	c.findings = append(c.findings, r.findings...)
}

// vector is a CVSS vector as metrics and their values.
type vector map[string]string

var errVector = errors.New("the vector names a metric twice")

// readVector takes a vector string apart, its prefix aside.
func readVector(s string) (vector, error) {
	v := vector{}
	for _, part := range strings.Split(s, "/") {
		name, value, _ := strings.Cut(part, ":")
		if name == "CVSS" {
			continue
		}
		if _, twice := v[name]; twice {
			return nil, errVector
		}
		v[name] = value
	}
	return v, nil
}

// write gives the vector in the standard's order; optional metrics that are
// missing get the value that means "not defined".
func (v vector) write(prefix string, metrics []metricNames, undefined string) string {
	var parts []string
	for _, m := range metrics {
		value, ok := v[m.metric]
		if _, optional := m.words[undefined]; !ok && optional {
			value, ok = undefined, true
		}
		if ok {
			parts = append(parts, m.metric+":"+value)
		}
	}
	return prefix + strings.Join(parts, "/")
}

// ratings are the scores that a vector computes to.
type ratings struct{ base, temporal, environmental float64 }

func compute2(v vector) (ratings, error) {
	c, err := cvss2.ParseVector(v.write("", cvss2Metrics, "ND"))
	if err != nil {
		return ratings{}, err
	}
	return ratings{c.BaseScore(), c.TemporalScore(), c.EnvironmentalScore()}, nil
}

func compute3(version string, v vector) (ratings, error) {
	text := v.write("CVSS:"+version+"/", cvss3Metrics, "X")
	if version == "3.0" {
		c, err := cvss30.ParseVector(text)
		if err != nil {
			return ratings{}, err
		}
		return ratings{c.BaseScore(), c.TemporalScore(), c.EnvironmentalScore()}, nil
	}
	c, err := cvss31.ParseVector(text)
	if err != nil {
		return ratings{}, err
	}
	return ratings{c.BaseScore(), c.TemporalScore(), c.EnvironmentalScore()}, nil
}

// severity3 is the qualitative rating of a CVSS 3 score.
func severity3(score float64) string {
	switch {
	case score < 0.1:
		return "NONE"
	case score < 4:
		return "LOW"
	case score < 7:
		return "MEDIUM"
	case score < 9:
		return "HIGH"
	}
	return "CRITICAL"
}

func cvssComputation(c *check) {
	c.eachScore(func(path string, s *Score) {
		if s.CVSSv2 != nil {
			c.compute2(at(path, "cvss_v2"), s.CVSSv2)
		}
		if s.CVSSv3 != nil {
			c.compute3(at(path, "cvss_v3"), s.CVSSv3)
		}
	})
}

func (c *check) compute2(path string, s *CVSSv2) {
	if !cvss2Vector.MatchString(s.VectorString) {
		return // test 6.1.8 has said so
	}
	v, err := readVector(s.VectorString)
	var r ratings
	if err == nil {
		r, err = compute2(v)
	}
	if err != nil {
		c.fault(at(path, "vectorString"), "no score can be computed from the vector: %s", err)
		return
	}
	c.same(path, "baseScore", &s.BaseScore, r.base)
	c.same(path, "temporalScore", s.TemporalScore, r.temporal)
	c.same(path, "environmentalScore", s.EnvironmentalScore, r.environmental)
}

func (c *check) compute3(path string, s *CVSSv3) {
	if s.Version != "3.0" && s.Version != "3.1" || !cvss30Vector.MatchString(s.VectorString) && !cvss31Vector.MatchString(s.VectorString) {
		return // test 6.1.8 has said so
	}
	v, err := readVector(s.VectorString)
	var r ratings
	if err == nil {
		r, err = compute3(s.Version, v)
	}
	if err != nil {
		c.fault(at(path, "vectorString"), "no score can be computed from the vector: %s", err)
		return
	}
	c.same(path, "baseScore", &s.BaseScore, r.base)
	c.same(path, "temporalScore", s.TemporalScore, r.temporal)
	c.same(path, "environmentalScore", s.EnvironmentalScore, r.environmental)
	c.sameSeverity(path, "baseSeverity", s.BaseSeverity, r.base)
	c.sameSeverity(path, "temporalSeverity", s.TemporalSeverity, r.temporal)
	c.sameSeverity(path, "environmentalSeverity", s.EnvironmentalSeverity, r.environmental)
}

func (c *check) same(path, property string, stated *float64, computed float64) {
	if stated != nil && fmt.Sprintf("%.3f", *stated) != fmt.Sprintf("%.3f", computed) {
		c.fault(at(path, property), "states %v, but the vector computes to %v", *stated, computed)
	}
}

func (c *check) sameSeverity(path, property, stated string, score float64) {
	if stated != "" && stated != severity3(score) {
		c.fault(at(path, property), "states %s, but the score %v means %s", quoted(stated), score, severity3(score))
	}
}

// inconsistentCVSS holds the properties against the vector, which takes
// precedence. A property whose metric the vector leaves out adds to it and does
// not contradict.
func inconsistentCVSS(c *check) {
	c.eachScore(func(path string, s *Score) {
		if s.CVSSv2 != nil {
			c.consistent(at(path, "cvss_v2"), s.CVSSv2, s.CVSSv2.VectorString, cvss2Metrics)
		}
		if s.CVSSv3 != nil {
			p := at(path, "cvss_v3")
			c.consistent(p, s.CVSSv3, s.CVSSv3.VectorString, cvss3Metrics)
			if v, ok := strings.CutPrefix(s.CVSSv3.VectorString, "CVSS:"); ok && !strings.HasPrefix(v, s.CVSSv3.Version+"/") {
				c.fault(at(p, "version"), "states %s, but the vector is of another version", quoted(s.CVSSv3.Version))
			}
		}
	})
}

func (c *check) consistent(path string, s any, text string, metrics []metricNames) {
	v, err := readVector(text)
	if err != nil {
		return // 6.1.9 has said so
	}
	stated := properties(s)
	for _, m := range metrics {
		word, isStated := stated[m.property].(string)
		inVector, isInVector := m.words[v[m.metric]]
		if isStated && isInVector && word != inVector {
			c.fault(at(path, m.property), "states %s, but the vector says %s", quoted(word), inVector)
		}
	}
}

// properties are the JSON properties of a CVSS object.
func properties(s any) map[string]any {
	m := map[string]any{}
	if data, err := json.Marshal(s); err == nil {
		_ = json.Unmarshal(data, &m) // an object just written
	}
	return m
}
