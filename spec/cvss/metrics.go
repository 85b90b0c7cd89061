package cvss

// Group is a group of metrics.
type Group string

// The groups. Threat is called Temporal in 3.1; Supplemental metrics of 4.0
// inform and do not change any score.
const (
	Base          Group = "Base"
	Threat        Group = "Threat"
	Environmental Group = "Environmental"
	Supplemental  Group = "Supplemental"
)

// Value is one possible value of a metric.
type Value struct {
	Code  string // as in the vector
	Label string
}

// Metric is one question of the calculator.
type Metric struct {
	Name   string // as in the vector, such as AV
	Label  string
	Group  Group
	Values []Value
}

func (m Metric) allows(code string) bool {
	for _, v := range m.Values {
		if v.Code == code {
			return true
		}
	}
	return false
}

// Metrics returns the metrics of version 3.1 or 4.0 in vector order, or nil
// for another version. The caller must not change them.
func Metrics(v Version) []Metric {
	switch v {
	case V31:
		return metrics31
	case V40:
		return metrics40
	}
	return nil
}

func vals(pairs ...string) []Value {
	out := make([]Value, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, Value{pairs[i], pairs[i+1]})
	}
	return out
}

// modified is a metric's environmental twin: the same values and X.
func modified(m Metric, extra ...Value) Metric {
	return Metric{"M" + m.Name, "Modified " + lower(m.Label), Environmental,
		append(append([]Value{notDefined}, m.Values...), extra...)}
}

func lower(s string) string { return string(s[0]|0x20) + s[1:] }

var notDefined = Value{"X", "Not defined"}

var (
	reach    = vals("N", "Network", "A", "Adjacent", "L", "Local", "P", "Physical")
	lowHigh  = vals("L", "Low", "H", "High")
	highNone = vals("N", "None", "L", "Low", "H", "High")
	require  = vals("X", "Not defined", "L", "Low", "M", "Medium", "H", "High")
)

var base31 = []Metric{
	{"AV", "Attack vector", Base, reach},
	{"AC", "Attack complexity", Base, lowHigh},
	{"PR", "Privileges required", Base, highNone},
	{"UI", "User interaction", Base, vals("N", "None", "R", "Required")},
	{"S", "Scope", Base, vals("U", "Unchanged", "C", "Changed")},
	{"C", "Confidentiality", Base, highNone},
	{"I", "Integrity", Base, highNone},
	{"A", "Availability", Base, highNone},
}

// CVSS 3.1 specification, sections 2 to 4 and table 15.
var metrics31 = func() []Metric {
	out := append([]Metric{}, base31...)
	out = append(out,
		Metric{"E", "Exploit code maturity", Threat, vals("X", "Not defined", "U", "Unproven", "P", "Proof of concept", "F", "Functional", "H", "High")},
		Metric{"RL", "Remediation level", Threat, vals("X", "Not defined", "O", "Official fix", "T", "Temporary fix", "W", "Workaround", "U", "Unavailable")},
		Metric{"RC", "Report confidence", Threat, vals("X", "Not defined", "U", "Unknown", "R", "Reasonable", "C", "Confirmed")},
		Metric{"CR", "Confidentiality requirement", Environmental, require},
		Metric{"IR", "Integrity requirement", Environmental, require},
		Metric{"AR", "Availability requirement", Environmental, require},
	)
	for _, m := range base31 {
		out = append(out, modified(m))
	}
	return out
}()

var base40 = []Metric{
	{"AV", "Attack vector", Base, reach},
	{"AC", "Attack complexity", Base, lowHigh},
	{"AT", "Attack requirements", Base, vals("N", "None", "P", "Present")},
	{"PR", "Privileges required", Base, highNone},
	{"UI", "User interaction", Base, vals("N", "None", "P", "Passive", "A", "Active")},
	{"VC", "Confidentiality of the vulnerable system", Base, highNone},
	{"VI", "Integrity of the vulnerable system", Base, highNone},
	{"VA", "Availability of the vulnerable system", Base, highNone},
	{"SC", "Confidentiality of subsequent systems", Base, highNone},
	{"SI", "Integrity of subsequent systems", Base, highNone},
	{"SA", "Availability of subsequent systems", Base, highNone},
}

// CVSS 4.0 specification, sections 2 to 5 and table 23.
var metrics40 = func() []Metric {
	out := append([]Metric{}, base40...)
	out = append(out,
		Metric{"E", "Exploit maturity", Threat, vals("X", "Not defined", "A", "Attacked", "P", "Proof of concept", "U", "Unreported")},
		Metric{"CR", "Confidentiality requirement", Environmental, require},
		Metric{"IR", "Integrity requirement", Environmental, require},
		Metric{"AR", "Availability requirement", Environmental, require},
	)
	for _, m := range base40 {
		switch m.Name {
		case "SI", "SA":
			out = append(out, modified(m, Value{"S", "Safety"}))
		default:
			out = append(out, modified(m))
		}
	}
	return append(out,
		Metric{"S", "Safety", Supplemental, vals("X", "Not defined", "N", "Negligible", "P", "Present")},
		Metric{"AU", "Automatable", Supplemental, vals("X", "Not defined", "N", "No", "Y", "Yes")},
		Metric{"R", "Recovery", Supplemental, vals("X", "Not defined", "A", "Automatic", "U", "User", "I", "Irrecoverable")},
		Metric{"V", "Value density", Supplemental, vals("X", "Not defined", "D", "Diffuse", "C", "Concentrated")},
		Metric{"RE", "Response effort", Supplemental, vals("X", "Not defined", "L", "Low", "M", "Moderate", "H", "High")},
		Metric{"U", "Provider urgency", Supplemental, vals("X", "Not defined", "Clear", "Clear", "Green", "Green", "Amber", "Amber", "Red", "Red")},
	)
}()
