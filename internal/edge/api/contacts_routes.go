package api

import "tocsin/internal/edge/gate"

// contactRows are whom to reach in organizations: contacts, who is on call,
// ladders, and the calls and tests that climb them.
func contactRows() []row {
	return []row{
		get(v1+"/contacts", gate.Members, read, "search-contacts", "The directory: organizations with their contacts, without addresses", searchContacts),
		open(v1+"/contacts/who", gate.Members, read, "who-to-call", "Who do I call at X about Y, now? Each contact given is recorded", whoToCall),
		fetch(v1+"/contact-exports/{form}", gate.Members, read, "export-contacts", "Contacts with their addresses as vcard or csv; each is recorded", exportContacts),
		get(v1+"/contacts/troubles", gate.Members, read, "list-contact-troubles", "What keeps organizations from being reached", listTroubles),
		get(v1+"/organizations/{org}/contacts", gate.Members, read, "list-contacts", "An organization's contacts, without addresses", listContacts),
		create(v1+"/organizations/{org}/contacts", gate.Members, write, "add-contact", "Keep a contact", addContact),
		open(v1+"/contacts/{contact}", gate.Members, read, "show-contact", "A contact with its addresses; that you looked is recorded", showContact),
		put(v1+"/contacts/{contact}", gate.Members, write, "edit-contact", "Replace a contact", editContact),
		remove(v1+"/contacts/{contact}", gate.Members, write, "remove-contact", "Take a contact away", removeContact),
		post(v1+"/contacts/{contact}/confirm", gate.Members, write, "confirm-contact", "Say that a contact is still right", confirmContact),
		get(v1+"/contacts/{contact}/glances", gate.Members, read, "list-contact-glances", "Who read a contact's addresses, newest first", listGlances),

		get(v1+"/organizations/{org}/rotations", gate.Members, read, "list-rotations", "An organization's rotations", listRotations),
		create(v1+"/organizations/{org}/rotations", gate.Members, write, "add-rotation", "Keep a rotation", addRotation),
		get(v1+"/rotations/{rotation}", gate.Members, read, "show-rotation", "One rotation", showRotation),
		put(v1+"/rotations/{rotation}", gate.Members, write, "edit-rotation", "Replace a rotation", editRotation),
		remove(v1+"/rotations/{rotation}", gate.Members, write, "remove-rotation", "Take a rotation away", removeRotation),
		get(v1+"/rotations/{rotation}/calendar", gate.Members, read, "show-rotation-calendar", "Who is on call when, with gaps and hand-overs", showCalendar),
		get(v1+"/rotations/{rotation}/overrides", gate.Members, read, "list-overrides", "Who takes over when, in the order agreed", listOverrides),
		create(v1+"/rotations/{rotation}/overrides", gate.Members, write, "hand-over", "Let somebody take over for a time, or nobody", handDutyOver),
		remove(v1+"/rotations/{rotation}/overrides/{override}", gate.Members, write, "take-back-override", "Let the rotation hold again", takeBack),

		get(v1+"/organizations/{org}/ladders", gate.Members, read, "list-ladders", "An organization's ladders", listLadders),
		create(v1+"/organizations/{org}/ladders", gate.Members, write, "add-ladder", "Keep a ladder", addLadder),
		get(v1+"/ladders/{ladder}", gate.Members, read, "show-ladder", "One ladder", showLadder),
		put(v1+"/ladders/{ladder}", gate.Members, write, "edit-ladder", "Replace a ladder", editLadder),
		remove(v1+"/ladders/{ladder}", gate.Members, write, "remove-ladder", "Take a ladder away", removeLadder),
		get(v1+"/ladders/{ladder}/plan", gate.Members, read, "plan-ladder", "Whom a ladder would call when", planLadder),

		get(v1+"/calls", gate.Members, read, "list-calls", "Calls, or tests, newest first", listCalls),
		create(v1+"/organizations/{org}/calls", gate.Members, write, "call-organization", "Call an organization by its ladder until somebody answers", callOrg),
		create(v1+"/organizations/{org}/tests", gate.Members, write, "test-organization", "Test an organization's contacts, unannounced", testOrg),
		get(v1+"/calls/{call}", gate.Members, read, "show-call", "A call or test with its pages", showCall),
		post(v1+"/calls/{call}/take", gate.Members, write, "take-call", "Answer a call to your organization", takeCall),
		post(v1+"/calls/{call}/stop", gate.Members, write, "stop-call", "End a call that is no longer needed", stopCall),
		post(v1+"/calls/{call}/pages/{page}", gate.Members, write, "note-page", "Say what came of dialing", notePage),
	}
}
