package delivery

// applicationRules are what people are told of applications to programs.
var applicationRules = []Rule{
	{"application.submitted", Team, Owed, "The application {case} waits to be checked", "An application was submitted. Check whether it is complete.", "", false},
	{"application.sponsor-called", Parties, Owed, "Your organization is asked to speak for an applicant", "An applicant to a program named members that know its team. Say whether your organization speaks for it.", "", true},
	{"application.supported", Team, Owed, "The application {case} has its sponsors", "Enough sponsors have spoken. The members can be told.", "", false},
	{"application.announced", Parties, Change, "The application {case} is open to objection", "The members of the program may object until the period ends.", "", false},
	{"application.objected", Team, Owed, "There is an objection to the application {case}", "An objection has to be answered before the application is decided on.", "", true},
	{"application.closed", Team, Owed, "The application {case} is ready to be decided on", "The objection period is over and nothing is open.", "", false},
	{"application.undecided", Team, Owed, "The ballot on the application {case} decided nothing", "There was no quorum, or the motion was withdrawn. The application is to be decided on again.", "", true},
	{"application.decided", Team, Change, "The application {case} was decided on", "An application was decided on.", "", false},
	{"application.signed", Team, Owed, "An applicant has accepted the agreements", "A test page is to be sent to the applicant's contact.", "", false},
	{"application.tested", Team, Owed, "An applicant's contact is tested", "All is there to make the membership active.", "", false},
	{"application.withdrawn", Team, Change, "The application {case} was withdrawn", "The applicant took its application back.", "", false},
	{"application.lapsed", Team, Admin, "The application {case} lapsed", "An application took longer than a year.", "", false},
	{"application.progressed", Parties, Change, "There is news about your application {case}", "Your organization's application moved on.", "", true},
	{"applications.thawed", Team, Change, "Applications that rested for {case} go on", "The embargo ended, or somebody let them go on.", "", false},
}

// applicationSilent are the kinds that nobody is told of.
var applicationSilent = []string{
	"application.begun", "application.edited", "application.confirmed", "application.returned", "application.checked", "application.sponsor-asked", "application.sponsor-answered", "application.opened",
	"application.objection-answered", "application.recused", "application.put", "application.explained", "application.prepared", "application.test-sent", "application.activated", "application.relinked", "application.reminded",
	"affiliation.declared", "affiliation.removed", "applications.frozen",
}
