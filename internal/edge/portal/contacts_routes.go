package portal

import "tocsin/internal/edge/gate"

// contactRoutes are whom to reach in organizations, and calling them.
func (p *Portal) contactRoutes() []gate.Route {
	get := func(path string, h handler) gate.Route { return p.row("GET", path, gate.Members, h) }
	post := func(path string, h handler) gate.Route { return p.row("POST", path, gate.Members, h) }
	return []gate.Route{
		get("/alliance/contacts", (*visit).contactsPage),
		get("/alliance/contacts.vcf", (*visit).contactsVCard),
		get("/alliance/contacts.csv", (*visit).contactsCSV),
		get("/alliance/contacts-card", (*visit).contactsCard),
		get("/alliance/call", (*visit).callPage),
		get("/alliance/troubles", (*visit).troublesPage),
		get("/alliance/contacts/{contact}", (*visit).contactPage),
		post("/alliance/contacts/{contact}/reveal", (*visit).revealContact),
		post("/alliance/contacts/{contact}/confirm", (*visit).confirmContact),
		get("/alliance/contacts/{contact}/edit", (*visit).editContact),
		post("/alliance/contacts/{contact}/edit", (*visit).saveContact),
		get("/alliance/contacts/{contact}/remove", (*visit).askRemoveContact),
		post("/alliance/contacts/{contact}/remove", (*visit).removeContact),
		get("/alliance/organizations/{org}/contacts", (*visit).orgContactsPage),
		get("/alliance/organizations/{org}/contacts/new", (*visit).newContact),
		post("/alliance/organizations/{org}/contacts/new", (*visit).createContact),
		get("/alliance/organizations/{org}/rotations/new", keptRotations.blank),
		post("/alliance/organizations/{org}/rotations/new", keptRotations.save),
		get("/alliance/rotations/{rotation}", (*visit).rotationPage),
		get("/alliance/rotations/{rotation}/edit", keptRotations.change),
		post("/alliance/rotations/{rotation}/edit", keptRotations.save),
		get("/alliance/rotations/{rotation}/remove", keptRotations.askRemove),
		post("/alliance/rotations/{rotation}/remove", keptRotations.takeAway),
		post("/alliance/rotations/{rotation}/overrides", (*visit).handDutyOver),
		post("/alliance/rotations/{rotation}/overrides/{override}/remove", (*visit).takeDutyBack),
		get("/alliance/organizations/{org}/ladders/new", keptLadders.blank),
		post("/alliance/organizations/{org}/ladders/new", keptLadders.save),
		get("/alliance/ladders/{ladder}", (*visit).ladderPage),
		get("/alliance/ladders/{ladder}/edit", keptLadders.change),
		post("/alliance/ladders/{ladder}/edit", keptLadders.save),
		get("/alliance/ladders/{ladder}/remove", keptLadders.askRemove),
		post("/alliance/ladders/{ladder}/remove", keptLadders.takeAway),
		post("/alliance/organizations/{org}/calls", (*visit).callOrg),
		post("/alliance/organizations/{org}/tests", (*visit).testOrg),
		get("/alliance/calls", (*visit).callsPage),
		get("/alliance/calls/{call}", (*visit).call),
		post("/alliance/calls/{call}/take", (*visit).takeCall),
		post("/alliance/calls/{call}/stop", (*visit).stopCall),
		post("/alliance/calls/{call}/pages/{page}", (*visit).notePage),

		// From a mail, without an account.
		p.row("GET", "/contacts/confirm/{secret}", gate.Anybody, (*visit).confirmContactPage),
		p.row("POST", "/contacts/confirm/{secret}", gate.Anybody, (*visit).settleContact),
		p.row("GET", "/contacts/answer/{secret}", gate.Anybody, (*visit).answerPage),
		p.row("POST", "/contacts/answer/{secret}", gate.Anybody, (*visit).answerCall),
	}
}
