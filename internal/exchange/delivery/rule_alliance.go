package delivery

// allianceRules are what people are told of the alliance itself.
var allianceRules = []Rule{
	{"person.joined", Team, Admin, "Somebody joined the alliance", "A new account is active.", "/alliance", false},
	{"person.suspended", Team, Admin, "An account was suspended", "An account was suspended.", "/admin", false},
	{"person.restored", Team, Admin, "An account was restored", "An account was restored.", "/admin", false},
	{"person.left", Team, Admin, "Somebody left the alliance", "An account was ended.", "/admin", false},
	{"role.granted", Parties, Admin, "You were given a role in the alliance", "Your roles in the alliance changed.", "/me", true},
	{"role.revoked", Parties, Admin, "A role in the alliance was taken back from you", "Your roles in the alliance changed.", "/me", true},
	{"token.created", Parties, Admin, "An API token was made for your account", "Somebody else made an API token that acts as you.", "/me", true},
	{"token.revoked", Parties, Admin, "An API token of your account was revoked", "Somebody else revoked an API token of yours.", "/me", true},
	{"credential.removed", Parties, Admin, "A means to sign in was removed from your account", "Somebody else removed a means by which you sign in.", "/me", true},
	{"member.joined", Parties, Admin, "Somebody joined your organization", "The people of your organization changed.", "/alliance", false},
	{"member.changed", Parties, Admin, "Roles in your organization changed", "The people of your organization changed.", "/alliance", false},
	{"member.removed", Parties, Admin, "Somebody left your organization", "The people of your organization changed.", "/alliance", false},
	{"charter.edited", Everybody, Admin, "The alliance's settings changed", "The alliance's settings changed.", "/admin", false},
	{"key.rotated", Everybody, Admin, "The alliance's key was rotated", "The alliance signs with a new key.", "/admin", true},
	{"program.rules_changed", Everybody, Admin, "The rules of a program changed", "The rules of a program changed.", "/alliance/programs/{object}", false},
	{"key.imported", Everybody, Admin, "A key was imported for the alliance", "The alliance signs with an imported key.", "/admin", true},

	{"motion.opened", Parties, Owed, "The motion {case} is put to the vote", "The board is asked to vote.", "", true},
	{"motion.opened", Team, Change, "The motion {case} is put to the vote", "The board is asked to vote.", "", false},
	{"motion.reminded", Parties, Owed, "The ballot on {case} closes within a day", "If you have voted, there is nothing to do.", "", true},
	{"motion.recused", Team, Change, "A seat is recused from {case}", "A seat takes no part in the ballot.", "", false},
	{"motion.uncounted", Team, Alarm, "The votes on {case} cannot be counted", "A stored vote cannot be opened. Restore the keys or the data and count again, or withdraw the motion.", "", true},
	{"motion.carried", Everybody, Change, "The motion {case} is carried", "The board decided for the motion.", "", true},
	{"motion.failed", Everybody, Change, "The motion {case} failed", "The board decided against the motion.", "", true},
	{"motion.voided", Everybody, Change, "Nothing was decided on {case}", "The motion was withdrawn, or there was no quorum.", "", true},
	{"motion.hindered", Team, Owed, "What {case} decided could not be done", "The decision stands. Clear the obstacle away, and have it done again.", "", true},
	{"seat.appointed", Everybody, Admin, "A seat on the board was given", "Who sits on the board changed.", "/alliance/board/seats", false},
	{"seat.changed", Everybody, Admin, "A seat on the board has another substitute", "Who sits on the board changed.", "/alliance/board/seats", false},
	{"seat.ended", Everybody, Admin, "A seat on the board ended", "Who sits on the board changed.", "/alliance/board/seats", false},

	{"agreement.asked", Parties, Owed, "An agreement waits for your acceptance", "An agreement has to be accepted. What requires it stays closed until then.", "/alliance/agreements/{object}", true},
	{"agreement.revised", Everybody, Admin, "An agreement has a new version", "An agreement has a new version.", "/alliance/agreements/{object}", false},
	{"agreement.withdrawn", Everybody, Admin, "An agreement was withdrawn", "An agreement was withdrawn.", "/alliance/agreements/{object}", false},
	{"agreement.accepted", Team, Admin, "An agreement was accepted", "An agreement was accepted.", "/alliance/agreements/{object}", false},
	{"agreement.accepted", Parties, Admin, "An agreement was accepted for your organization", "An agreement was accepted.", "/alliance/agreements/{object}", false},
	{"agreement.ended", Everybody, Admin, "The acceptance of an agreement ended", "The acceptance of an agreement ended. What requires it is closed now.", "/alliance/agreements/{object}", true},

	{"contact.due", Parties, Owed, "A contact of your organization waits to be confirmed", "A contact without a mail address has to be confirmed by somebody of the organization.", "/alliance/contacts/{object}", false},
	{"contact.doubted", Parties, Owed, "A contact of your organization is no longer right", "Somebody said that a contact is no longer right. Correct it or remove it.", "/alliance/contacts/{object}", true},
	{"contact.doubted", Team, Change, "A contact is no longer right", "Somebody said that a contact of an organization is no longer right.", "/alliance/contacts/{object}", false},
	{"call.answered", Named, Alarm, "Your call was answered", "Somebody answered the call that you started.", "/alliance/calls/{object}", true},
	{"call.unanswered", Named, Alarm, "Nobody answered your call", "Everybody was tried, and nobody answered.", "/alliance/calls/{object}", true},
	{"call.unanswered", Everybody, Owed, "A call was not answered", "An organization was called, and nobody answered.", "/alliance/calls/{object}", true},
	{"test.answered", Named, Change, "Your test page was answered", "Somebody answered the test.", "/alliance/calls/{object}", false},
	{"test.unanswered", Parties, Owed, "A test page of your organization was not answered", "Nobody answered an unannounced test. See who was paged, and correct the contacts.", "/alliance/calls/{object}", true},
	{"test.unanswered", Team, Change, "A test page was not answered", "Nobody answered an unannounced test.", "/alliance/calls/{object}", false},
}

// allianceSilent are the alliance's kinds that nobody is told of.
var allianceSilent = []string{
	"charter.founded", "person.invited", "person.edited", "session.opened", "session.ended", "credential.added",
	"org.created", "org.edited", "component.added", "component.removed",
	"agreement.made", "agreement.edited", "agreement.restored",
	"program.created", "program.edited", "program.joined", "program.left",
	"contact.added", "contact.edited", "contact.removed", "contact.confirmed", "contact.looked", "contact.asked",
	"rotation.added", "rotation.edited", "rotation.removed", "rotation.overridden", "rotation.restored", "ladder.added", "ladder.edited", "ladder.removed",
	"call.started", "call.paged", "call.tried", "call.stopped", "test.started", "test.paged", "test.tried", "test.stopped",
	"board.founded", "motion.drafted", "motion.edited", "vote.cast", "motion.closed", "motion.effected", "motion.recounted",
	"program.coordinator_appointed", "program.coordinator_dismissed",
}
