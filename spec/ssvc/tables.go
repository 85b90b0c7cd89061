package ssvc

// The decision points, in the versions of the SSVC registry.
var (
	Exploitation = Point{"exploitation", "Exploitation", "1.1.0", []Option{
		{"none", "None", "No exploitation is known and no proof of concept is public."},
		{"public poc", "Public proof of concept", "A proof of concept is public, or exploiting it is well known."},
		{"active", "Active", "Attackers use it, by credible report."},
	}}
	Automatable = Point{"automatable", "Automatable", "2.0.0", []Option{
		{"no", "No", "An attack cannot be automated from finding the target to exploiting it."},
		{"yes", "Yes", "An attack can be automated in all of its first steps."},
	}}
	TechnicalImpact = Point{"technical_impact", "Technical impact", "1.0.0", []Option{
		{"partial", "Partial", "The attacker gains limited control or information."},
		{"total", "Total", "The attacker gains full control of the software or all of its information."},
	}}
	MissionWellBeing = Point{"mission_and_well_being", "Mission and well-being", "1.0.0", []Option{
		{"low", "Low", "Essential functions and people's well-being are hardly touched."},
		{"medium", "Medium", "Essential functions are supported by it, or harm to people is material."},
		{"high", "High", "An essential function depends on it, or harm to people is irreversible."},
	}}
	Utility = Point{"utility", "Utility to the attacker", "1.0.1", []Option{
		{"laborious", "Laborious", "Attacks are not automatable and each target is worth little."},
		{"efficient", "Efficient", "Attacks are automatable, or each target is worth much."},
		{"super effective", "Super effective", "Attacks are automatable and each target is worth much."},
	}}
	PublicSafety = Point{"public_safety_impact", "Public safety impact", "2.0.1", []Option{
		{"minimal", "Minimal", "Harm to people is negligible."},
		{"significant", "Significant", "Harm to people is marginal or worse."},
	}}
	ReportPublic = Point{"report_public", "Report public", "1.0.0", []Option{
		{"yes", "Yes", "A useful report is public already."},
		{"no", "No", "No useful report is public."},
	}}
	SupplierContacted = Point{"supplier_contacted", "Supplier contacted", "1.0.0", []Option{
		{"no", "No", "The reporter has not tried to reach the supplier well."},
		{"yes", "Yes", "The reporter has tried to reach the supplier through a good channel."},
	}}
	Credibility = Point{"report_credibility", "Report credibility", "1.0.0", []Option{
		{"not credible", "Not credible", "Signs speak against the report."},
		{"credible", "Credible", "The report can be believed."},
	}}
	Cardinality = Point{"supplier_cardinality", "Suppliers", "1.0.0", []Option{
		{"one", "One", "One supplier has to act."},
		{"multiple", "Several", "Several suppliers have to act."},
	}}
	Engagement = Point{"supplier_engagement", "Supplier engagement", "1.0.0", []Option{
		{"active", "Active", "The supplier answers and works on it."},
		{"unresponsive", "Unresponsive", "The supplier does not answer or does not act."},
	}}
)

// Triage decides whether a coordinator takes a report up (CERT/CC coordinator
// triage 1.0.0).
var Triage = Table{
	ID: "coordinator_triage", Label: "Coordinator triage", Version: "1.0.0",
	Points: []Point{ReportPublic, SupplierContacted, Credibility, Cardinality, Engagement, Utility, PublicSafety},
	Outcomes: []Option{
		{"decline", "Decline", "Do not take it up; say so and point to who can help."},
		{"track", "Track", "Watch what happens; do not coordinate yet."},
		{"coordinate", "Coordinate", "Take it up as a case."},
	},
	Rules: []Rule{
		// Whatever else holds, much harm through many suppliers is taken up.
		{[]string{"", "", "", "multiple", "", "super effective", "significant"}, "coordinate"},
		// Public already, or the supplier not yet tried: not a coordinator's task.
		{[]string{"yes", "", "", "", "", "", ""}, "decline"},
		{[]string{"no", "no", "", "", "", "", ""}, "decline"},
		// A credible report to a supplier who does not answer.
		{[]string{"no", "yes", "credible", "one", "unresponsive", "laborious", "minimal"}, "track"},
		{[]string{"no", "yes", "credible", "", "unresponsive", "", ""}, "coordinate"},
		{[]string{"no", "yes", "credible", "multiple", "active", "super effective", "minimal"}, "coordinate"},
		// What is left is at most watched.
		{[]string{"no", "yes", "", "multiple", "", "super effective", "minimal"}, "track"},
		{[]string{"no", "yes", "", "", "", "", "minimal"}, "decline"},
		{[]string{"no", "yes", "", "one", "", "laborious", "significant"}, "decline"},
		{[]string{"no", "yes", "", "", "", "", "significant"}, "track"},
	},
}

// Response decides how urgently a vulnerability is acted on (CISA coordinator
// tree 2.0.3).
var Response = Table{
	ID: "cisa_coordinator", Label: "CISA levels", Version: "2.0.3",
	Points: []Point{Exploitation, Automatable, TechnicalImpact, MissionWellBeing},
	Outcomes: []Option{
		{"track", "Track", "No action now beyond the usual update times; look again when something changes."},
		{"track*", "Track*", "As Track, but watch closely for changes."},
		{"attend", "Attend", "Supervisors are told and act sooner than usual."},
		{"act", "Act", "Leadership is told and acts as soon as possible."},
	},
	Rules: []Rule{
		{[]string{"active", "yes", "partial", "high"}, "act"},
		{[]string{"active", "yes", "total", "medium"}, "act"},
		{[]string{"active", "", "total", "high"}, "act"},
		{[]string{"active", "yes", "", ""}, "attend"},
		{[]string{"active", "no", "partial", "high"}, "attend"},
		{[]string{"active", "no", "total", "medium"}, "attend"},
		{[]string{"active", "", "", ""}, "track"},
		{[]string{"", "yes", "", "high"}, "attend"},
		{[]string{"public poc", "", "total", "high"}, "attend"},
		{[]string{"public poc", "", "total", "medium"}, "track*"},
		{[]string{"public poc", "no", "partial", "high"}, "track*"},
		{[]string{"none", "no", "total", "high"}, "track*"},
		{[]string{"", "", "", ""}, "track"},
	},
}

// Supplier decides how urgently a supplier makes a fix (SSVC supplier patch
// development priority 1.0.0).
var Supplier = Table{
	ID: "supplier", Label: "Supplier priority", Version: "1.0.0",
	Points: []Point{Exploitation, Utility, TechnicalImpact, PublicSafety},
	Outcomes: []Option{
		{"defer", "Defer", "No work on it now."},
		{"scheduled", "Scheduled", "Fix it in the next planned release."},
		{"out-of-cycle", "Out of cycle", "Fix it before the next planned release."},
		{"immediate", "Immediate", "Put everybody needed on it until it is fixed."},
	},
	Rules: []Rule{
		{[]string{"active", "super effective", "", ""}, "immediate"},
		{[]string{"active", "", "", "significant"}, "immediate"},
		{[]string{"active", "", "", ""}, "out-of-cycle"},
		{[]string{"public poc", "laborious", "partial", "significant"}, "out-of-cycle"},
		{[]string{"public poc", "", "", "significant"}, "immediate"},
		{[]string{"public poc", "laborious", "", "minimal"}, "scheduled"},
		{[]string{"public poc", "efficient", "partial", "minimal"}, "scheduled"},
		{[]string{"public poc", "", "", "minimal"}, "out-of-cycle"},
		{[]string{"none", "laborious", "partial", "minimal"}, "defer"},
		{[]string{"none", "laborious", "partial", "significant"}, "scheduled"},
		{[]string{"none", "", "", "significant"}, "out-of-cycle"},
		{[]string{"none", "super effective", "total", "minimal"}, "out-of-cycle"},
		{[]string{"none", "", "", "minimal"}, "scheduled"},
	},
}
