package csaf

import "regexp"

// The JSON forms of CVSS 2.0, 3.0 and 3.1 that the format refers to. Findings
// against them count as test 6.1.8.

const ruleCVSS = "6.1.8"

var (
	cvss2Vector = vectorPattern("", `AV:[NAL]|AC:[LMH]|Au:[MSN]|[CIA]:[NPC]|E:(U|POC|F|H|ND)|RL:(OF|TF|W|U|ND)|RC:(UC|UR|C|ND)|`+
		`CDP:(N|L|LM|MH|H|ND)|TD:(N|L|M|H|ND)|[CIA]R:(L|M|H|ND)`)
	cvss30Vector = vectorPattern(`CVSS:3\.0/`, cvss3Metric)
	cvss31Vector = vectorPattern(`CVSS:3\.1/`, cvss3Metric)
)

const cvss3Metric = `AV:[NALP]|AC:[LH]|PR:[NLH]|UI:[NR]|S:[UC]|[CIA]:[NLH]|E:[XUPFH]|RL:[XOTWU]|RC:[XURC]|[CIA]R:[XLMH]|` +
	`MAV:[XNALP]|MAC:[XLH]|MPR:[XNLH]|MUI:[XNR]|MS:[XUC]|M[CIA]:[XNLH]`

func vectorPattern(prefix, metric string) *regexp.Regexp {
	return regexp.MustCompile(`^` + prefix + `(` + metric + `)(/(` + metric + `))*$`)
}

// metricNames are the words of the JSON forms for each metric: property, name
// in the vector, and value in the vector to word.
type metricNames struct {
	property string
	metric   string
	words    map[string]string
}

func words(pairs ...string) map[string]string {
	m := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

var cvss2Metrics = []metricNames{
	{"accessVector", "AV", words("N", "NETWORK", "A", "ADJACENT_NETWORK", "L", "LOCAL")},
	{"accessComplexity", "AC", words("H", "HIGH", "M", "MEDIUM", "L", "LOW")},
	{"authentication", "Au", words("M", "MULTIPLE", "S", "SINGLE", "N", "NONE")},
	{"confidentialityImpact", "C", cvss2Impact},
	{"integrityImpact", "I", cvss2Impact},
	{"availabilityImpact", "A", cvss2Impact},
	{"exploitability", "E", words("U", "UNPROVEN", "POC", "PROOF_OF_CONCEPT", "F", "FUNCTIONAL", "H", "HIGH", "ND", "NOT_DEFINED")},
	{"remediationLevel", "RL", words("OF", "OFFICIAL_FIX", "TF", "TEMPORARY_FIX", "W", "WORKAROUND", "U", "UNAVAILABLE", "ND", "NOT_DEFINED")},
	{"reportConfidence", "RC", words("UC", "UNCONFIRMED", "UR", "UNCORROBORATED", "C", "CONFIRMED", "ND", "NOT_DEFINED")},
	{"collateralDamagePotential", "CDP", words("N", "NONE", "L", "LOW", "LM", "LOW_MEDIUM", "MH", "MEDIUM_HIGH", "H", "HIGH", "ND", "NOT_DEFINED")},
	{"targetDistribution", "TD", words("N", "NONE", "L", "LOW", "M", "MEDIUM", "H", "HIGH", "ND", "NOT_DEFINED")},
	{"confidentialityRequirement", "CR", cvss2Requirement},
	{"integrityRequirement", "IR", cvss2Requirement},
	{"availabilityRequirement", "AR", cvss2Requirement},
}

var (
	cvss2Impact      = words("N", "NONE", "P", "PARTIAL", "C", "COMPLETE")
	cvss2Requirement = words("L", "LOW", "M", "MEDIUM", "H", "HIGH", "ND", "NOT_DEFINED")
	cvss3Impact      = words("N", "NONE", "L", "LOW", "H", "HIGH")
	cvss3Modified    = words("N", "NONE", "L", "LOW", "H", "HIGH", "X", "NOT_DEFINED")
	cvss3Requirement = words("L", "LOW", "M", "MEDIUM", "H", "HIGH", "X", "NOT_DEFINED")
)

var cvss3Metrics = []metricNames{
	{"attackVector", "AV", words("N", "NETWORK", "A", "ADJACENT_NETWORK", "L", "LOCAL", "P", "PHYSICAL")},
	{"attackComplexity", "AC", words("H", "HIGH", "L", "LOW")},
	{"privilegesRequired", "PR", cvss3Impact},
	{"userInteraction", "UI", words("N", "NONE", "R", "REQUIRED")},
	{"scope", "S", words("U", "UNCHANGED", "C", "CHANGED")},
	{"confidentialityImpact", "C", cvss3Impact},
	{"integrityImpact", "I", cvss3Impact},
	{"availabilityImpact", "A", cvss3Impact},
	{"exploitCodeMaturity", "E", words("U", "UNPROVEN", "P", "PROOF_OF_CONCEPT", "F", "FUNCTIONAL", "H", "HIGH", "X", "NOT_DEFINED")},
	{"remediationLevel", "RL", words("O", "OFFICIAL_FIX", "T", "TEMPORARY_FIX", "W", "WORKAROUND", "U", "UNAVAILABLE", "X", "NOT_DEFINED")},
	{"reportConfidence", "RC", words("U", "UNKNOWN", "R", "REASONABLE", "C", "CONFIRMED", "X", "NOT_DEFINED")},
	{"confidentialityRequirement", "CR", cvss3Requirement},
	{"integrityRequirement", "IR", cvss3Requirement},
	{"availabilityRequirement", "AR", cvss3Requirement},
	{"modifiedAttackVector", "MAV", words("N", "NETWORK", "A", "ADJACENT_NETWORK", "L", "LOCAL", "P", "PHYSICAL", "X", "NOT_DEFINED")},
	{"modifiedAttackComplexity", "MAC", words("H", "HIGH", "L", "LOW", "X", "NOT_DEFINED")},
	{"modifiedPrivilegesRequired", "MPR", cvss3Modified},
	{"modifiedUserInteraction", "MUI", words("N", "NONE", "R", "REQUIRED", "X", "NOT_DEFINED")},
	{"modifiedScope", "MS", words("U", "UNCHANGED", "C", "CHANGED", "X", "NOT_DEFINED")},
	{"modifiedConfidentialityImpact", "MC", cvss3Modified},
	{"modifiedIntegrityImpact", "MI", cvss3Modified},
	{"modifiedAvailabilityImpact", "MA", cvss3Modified},
}

var cvss2Shape = asRule(ruleCVSS, obj(append(metricFields(cvss2Metrics),
	req("version", enum("2.0")),
	req("vectorString", pattern(0, cvss2Vector, "a CVSS 2.0 vector")),
	req("baseScore", rating()),
	opt("temporalScore", rating()),
	opt("environmentalScore", rating()),
)...))

var (
	cvss30Shape = asRule(ruleCVSS, cvss3Object("3.0", cvss30Vector))
	cvss31Shape = asRule(ruleCVSS, cvss3Object("3.1", cvss31Vector))
)

// cvss3Shape goes by the version that the object states.
func cvss3Shape(r *reading, path string, v any) (any, bool) {
	if o, ok := v.(*object); ok && o.props["version"] == "3.0" {
		return cvss30Shape(r, path, v)
	}
	return cvss31Shape(r, path, v)
}

func cvss3Object(version string, vector *regexp.Regexp) shape {
	severity := enum("NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL")
	return obj(append(metricFields(cvss3Metrics),
		req("version", enum(version)),
		req("vectorString", pattern(0, vector, "a CVSS "+version+" vector")),
		req("baseScore", rating()),
		req("baseSeverity", severity),
		opt("temporalScore", rating()),
		opt("temporalSeverity", severity),
		opt("environmentalScore", rating()),
		opt("environmentalSeverity", severity),
	)...)
}

func metricFields(metrics []metricNames) []field {
	fields := make([]field, 0, len(metrics)+8)
	for _, m := range metrics {
		values := make([]string, 0, len(m.words))
		for _, w := range m.words {
			values = append(values, w)
		}
		fields = append(fields, opt(m.property, enum(sorted(values)...)))
	}
	return fields
}

// asRule counts the findings of a shape against another rule.
func asRule(rule string, s shape) shape {
	return func(r *reading, path string, v any) (any, bool) {
		outer := r.rule
		r.rule = rule
		defer func() { r.rule = outer }()
		return s(r, path, v)
	}
}
