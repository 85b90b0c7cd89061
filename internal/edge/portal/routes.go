package portal

import (
	"tocsin/internal/edge/gate"
	"tocsin/internal/edge/look"
)

// Routes is the whole surface of the portal: method, path, who may come.
// What they may then see and do is the audience rule's to say.
func (p *Portal) Routes() []gate.Route {
	get := func(path string, access gate.Access, h handler) gate.Route { return p.row("GET", path, access, h) }
	post := func(path string, access gate.Access, h handler) gate.Route { return p.row("POST", path, access, h) }
	return []gate.Route{
		get("/{$}", gate.Anybody, (*visit).start),
		{Method: "POST", Path: "/theme", Access: gate.Anybody, Handler: look.SetTheme},

		// Signing in and out.
		get("/sign-in", gate.Anybody, (*visit).signInPage),
		get("/sign-in/{secret}", gate.Anybody, (*visit).signInLinkPage),
		post("/sign-in/{secret}", gate.Anybody, (*visit).signInByLink),
		post("/sign-out", gate.Members, (*visit).signOut),

		// Cases.
		get("/cases", gate.Members, (*visit).cases),
		get("/cases/{number}", gate.Members, (*visit).caseOverview),

		// The vendor matrix and the parties.
		get("/cases/{number}/vendors", gate.Members, (*visit).vendorsOf),
		get("/cases/{number}/vendors.csv", gate.Members, (*visit).vendorsCSV),
		get("/cases/{number}/vendors.json", gate.Members, (*visit).vendorsJSON),
		get("/cases/{number}/vendors/{participant}", gate.Members, (*visit).party),
		get("/cases/{number}/vendors/{participant}/status", gate.Members, (*visit).statusForm),
		post("/cases/{number}/vendors/{participant}/status", gate.Members, (*visit).setStatus),
		post("/cases/{number}/vendors/{participant}/products", gate.Members, (*visit).addProduct),
		post("/cases/{number}/vendors/{participant}/products/{product}/remove", gate.Members, (*visit).removeProduct),
		post("/cases/{number}/vendors/{participant}/tracker", gate.Members, (*visit).setTracker),
		post("/cases/{number}/vendors/{participant}/progress", gate.Members, (*visit).moveProgress),
		post("/cases/{number}/vendors/{participant}/report", gate.Members, (*visit).moveReport),
		post("/cases/{number}/vendors/{participant}/nudge", gate.Members, (*visit).nudge),
		post("/cases/{number}/vendors/{participant}/hide", gate.Members, (*visit).hideParty),
		post("/cases/{number}/vendors/{participant}/leave", gate.Members, (*visit).leaveCase),

		// The embargo.
		get("/cases/{number}/timetable", gate.Members, (*visit).timetable),
		post("/cases/{number}/timetable", gate.Members, (*visit).propose),
		post("/cases/{number}/timetable/{proposal}/consent", gate.Members, (*visit).consent),
		post("/cases/{number}/timetable/{proposal}/object", gate.Members, (*visit).object),
		post("/cases/{number}/timetable/{proposal}/accept", gate.Members, (*visit).acceptEnd),
		post("/cases/{number}/timetable/{proposal}/reject", gate.Members, (*visit).rejectEnd),
		post("/cases/{number}/timetable/ready", gate.Members, (*visit).setReady),
		post("/cases/{number}/timetable/decide", gate.Members, (*visit).decideAttacks),
		post("/cases/{number}/timetable/terminate", gate.Members, (*visit).terminate),
		post("/cases/{number}/exposure", gate.Members, (*visit).expose),

		// Vulnerabilities.
		get("/cases/{number}/vulnerabilities/new", gate.Members, (*visit).vulnerability),
		post("/cases/{number}/vulnerabilities/new", gate.Members, (*visit).saveVulnerability),
		get("/cases/{number}/vulnerabilities/{vulnerability}", gate.Members, (*visit).vulnerability),
		post("/cases/{number}/vulnerabilities/{vulnerability}", gate.Members, (*visit).saveVulnerability),
		post("/cases/{number}/vulnerabilities/{vulnerability}/remove", gate.Members, (*visit).removeVulnerability),
		get("/tools/cvss", gate.Members, (*visit).cvssCalculator),
	}
}
