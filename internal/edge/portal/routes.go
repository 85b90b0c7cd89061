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
	}
}
