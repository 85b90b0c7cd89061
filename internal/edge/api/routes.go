package api

import (
	"slices"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/edge/gate"
	"tocsin/internal/response/report"
	"tocsin/internal/response/talk"
)

// The scopes a token needs, beside what its person may do.
const (
	read       = charter.ScopeRead
	write      = charter.ScopeWrite
	coordinate = charter.ScopeCoordinate
	release    = charter.ScopeRelease
	admin      = charter.ScopeAdmin
)

// v1 begins every path.
const v1 = "/api/v1"

// rows is the whole surface of the API: method, address, who may come, what
// a token needs, the operation. What an actor may then see and do is the
// audience rule's and the verbs' to say.
func rows() []row {
	return slices.Concat(selfRows(), allianceRows(), agreementRows(), boardRows(), applicationRows(), standingRows(), programRows(), contactRows(), constituencyRows(), roadmapRows(), finderRows(), triageRows(), caseRows(), embargoRows(), matrixRows(), talkRows(), advisoryRows(), ledgerRows(), serverRows())
}

func selfRows() []row {
	return []row{
		get(v1+"/me", gate.Members, read, "show-self", "Who you are", showSelf),
		get(v1+"/me/owed", gate.Members, read, "list-owed", "What you owe, most urgent first", listOwed),
		get(v1+"/me/invitations", gate.Members, read, "list-invitations", "Invitations to cases that wait for your answer", listInvitations),
		get(v1+"/me/questions", gate.Members, read, "list-questions", "Questions that wait for your answer", listQuestions),
		get(v1+"/me/inbox", gate.Members, read, "list-inbox", "Your notices, newest first", listInbox),
		post(v1+"/me/inbox/read", gate.Members, read, "mark-notices", "Mark notices as read", markNotices),
		get(v1+"/me/inbox/signals", gate.Members, read, "list-signals", "What changed since a number, for a client that polls", listSignals),
		get(v1+"/me/preferences", gate.Members, read, "list-preferences", "What you are told of, and when", listPreferences),
		post(v1+"/me/preferences", gate.Members, write, "set-preferences", "Choose what arrives at once, daily, or not", setPreferences),
		get(v1+"/me/bounces", gate.Members, read, "list-own-bounces", "Mails to you that came back", ownBounces),
		get(v1+"/me/events", gate.Members, read, "list-own-events", "What you did, newest first", ownEvents),
		get(v1+"/me/tokens", gate.Members, read, "list-tokens", "Your API tokens", listTokens),
		create(v1+"/me/tokens", gate.Members, admin, "make-token", "Make an API token", makeToken),
		remove(v1+"/me/tokens/{token}", gate.Members, read, "revoke-token", "Revoke one of your tokens", revokeToken),
		get(v1+"/me/sessions", gate.Members, admin, "list-sessions", "Where you are signed in", listSessions),
		remove(v1+"/me/sessions/{session}", gate.Members, admin, "end-session", "Sign out elsewhere", endSession),
		get(v1+"/search", gate.Anybody, read, "search", "Search all that you may see", find),
	}
}

func allianceRows() []row {
	return []row{
		get(v1+"/charter", gate.Members, read, "show-charter", "The alliance and its settings", showCharter),
		patch(v1+"/charter", gate.Operators, admin, "change-charter", "Change the alliance's settings", changeCharter),

		get(v1+"/organizations", gate.Members, read, "list-organizations", "Organizations", listOrgs),
		create(v1+"/organizations", gate.Members, admin, "create-organization", "Add an organization", createOrg),
		get(v1+"/organizations/{org}", gate.Members, read, "show-organization", "One organization", showOrg),
		patch(v1+"/organizations/{org}", gate.Members, admin, "change-organization", "Change an organization", changeOrg),
		get(v1+"/organizations/{org}/members", gate.Members, read, "list-members", "Its people", listMembers),
		create(v1+"/organizations/{org}/members", gate.Members, admin, "add-member", "Take a person in", addMember),
		get(v1+"/organizations/{org}/members/{membership}", gate.Members, read, "show-member", "One membership", showMember),
		patch(v1+"/organizations/{org}/members/{membership}", gate.Members, admin, "change-member", "Change role or duty", changeMember),
		remove(v1+"/organizations/{org}/members/{membership}", gate.Members, admin, "remove-member", "End a membership", removeMember),
		get(v1+"/organizations/{org}/components", gate.Members, read, "list-components", "What it ships", listComponents),
		create(v1+"/organizations/{org}/components", gate.Members, admin, "add-component", "Say that it ships a component", addComponent),
		remove(v1+"/organizations/{org}/components/{component}", gate.Members, admin, "remove-component", "It ships this no longer", removeComponent),

		get(v1+"/programs", gate.Members, read, "list-programs", "Programs", listPrograms),
		create(v1+"/programs", gate.Members, admin, "create-program", "Add a program", createProgram),
		get(v1+"/programs/{program}", gate.Members, read, "show-program", "One program", showProgram),
		patch(v1+"/programs/{program}", gate.Members, admin, "change-program", "Change a program", changeProgram),
		get(v1+"/programs/{program}/organizations", gate.Members, read, "list-program-organizations", "The organizations of a program", listProgramOrgs),
		post(v1+"/programs/{program}/organizations", gate.Members, admin, "add-program-organization", "Take an organization in", addProgramOrg),
		remove(v1+"/programs/{program}/organizations/{org}", gate.Members, admin, "remove-program-organization", "Let an organization go", removeProgramOrg),

		get(v1+"/people", gate.Members, read, "list-people", "People", listPeople),
		get(v1+"/people/{person}", gate.Members, read, "show-person", "One person", showPerson),
		patch(v1+"/people/{person}", gate.Members, admin, "change-person", "Change name, zone or locale", changePerson),
		get(v1+"/people/{person}/organizations", gate.Members, read, "list-person-organizations", "Where a person belongs", personOrgs),
		post(v1+"/people/{person}/suspend", gate.Members, admin, "suspend-person", "Shut a person out", suspendPerson),
		post(v1+"/people/{person}/restore", gate.Members, admin, "restore-person", "Let a person in again", restorePerson),
		post(v1+"/people/{person}/leave", gate.Members, admin, "end-person", "A person leaves the alliance", endPerson),
		post(v1+"/people/{person}/roles/{role}", gate.Operators, admin, "grant-role", "Give a role in the alliance", grantRole),
		remove(v1+"/people/{person}/roles/{role}", gate.Operators, admin, "revoke-role", "Take a role away", revokeRole),

		get(v1+"/accounts/invitations", gate.Members, admin, "list-account-invitations", "People who were invited to join", listAccountInvitations),
		create(v1+"/accounts/invitations", gate.Members, admin, "invite-account", "Invite a person by mail", inviteAccount),
		post(v1+"/accounts/invitations/{invitation}/resend", gate.Members, admin, "resend-account-invitation", "Mail a new link", resendAccountInvitation),
		post(v1+"/accounts/invitations/{invitation}/withdraw", gate.Members, admin, "withdraw-account-invitation", "Withdraw an invitation", withdrawAccountInvitation),
	}
}

func caseRows() []row {
	return []row{
		get(v1+"/cases", gate.Members, read, "list-cases", "Cases you belong to", listCases),
		create(v1+"/cases", gate.Coordinators, coordinate, "open-case", "Open a case", openCase),
		open(v1+"/cases/{case}", gate.Members, read, "show-case", "One case", showCase),
		patch(v1+"/cases/{case}", gate.Members, coordinate, "change-case", "Change title, summary or marking", changeCase),
		post(v1+"/cases/{case}/close", gate.Members, coordinate, "close-case", "End the work on a case", closeCase),
		post(v1+"/cases/{case}/reopen", gate.Members, coordinate, "reopen-case", "Take the work up again", reopenCase),
		post(v1+"/cases/{case}/assign", gate.Members, coordinate, "assign-case", "Put another coordinator in charge", giveCase),
		post(v1+"/cases/{case}/coordinators", gate.Members, coordinate, "add-coordinator", "Name one more coordinator", addCoordinator),
		post(v1+"/cases/{case}/merge", gate.Members, coordinate, "merge-case", "Let the matter go on in another case", mergeInto),
		create(v1+"/cases/{case}/split", gate.Members, coordinate, "split-case", "Take a part of the matter into a new case", splitOff),
		open(v1+"/cases/{case}/changes", gate.Members, read, "list-changes", "What others did since your last look", whatChanged),
		fetch(v1+"/cases/{case}/export", gate.Members, read, "export-case", "All that you may see of a case, as a ZIP", exportCase),
		get(v1+"/cases/{case}/who-knows", gate.Members, read, "who-knows", "Who may open the case, and why", whoKnows),
		get(v1+"/cases/{case}/decisions", gate.Members, read, "list-decisions", "Who was included or excluded, and why", listDecisions),

		get(v1+"/cases/{case}/exceptions", gate.Members, read, "list-case-exceptions", "Classes shut out of the case, and the board's exceptions", caseExceptions),
		create(v1+"/cases/{case}/exceptions", gate.Members, coordinate, "ask-exception", "Put a motion to the board to let an organization in, or no longer", askException),

		get(v1+"/cases/{case}/participants", gate.Members, read, "list-participants", "Who takes part, as far as you may know", listParticipants),
		create(v1+"/cases/{case}/participants", gate.Members, coordinate, "invite-participants", "Invite one party or many", invite),
		create(v1+"/cases/{case}/participants/by-component", gate.Members, coordinate, "invite-by-component", "Invite everybody who ships a component", inviteByComponent),
		get(v1+"/cases/{case}/participants/{participant}", gate.Members, read, "show-participant", "One party", showParticipant),
		post(v1+"/cases/{case}/participants/{participant}/hide", gate.Members, coordinate, "hide-participant", "Keep a party from the others' eyes", hideParticipant),
		post(v1+"/cases/{case}/participants/{participant}/show", gate.Members, coordinate, "unhide-participant", "Show a hidden party to the others", showToOthers),
		post(v1+"/cases/{case}/participants/{participant}/leave", gate.Members, write, "leave-case", "Leave the case; a coordinator excludes", leaveCase),
		post(v1+"/cases/{case}/participants/{participant}/expire", gate.Members, coordinate, "expire-invitation", "End an invitation that was not answered", expireInvitation),
		post(v1+"/cases/{case}/participants/{participant}/nudge", gate.Members, coordinate, "nudge-participant", "Ask a silent party for a word", nudge),
		post(v1+"/cases/{case}/participants/{participant}/tracker", gate.Members, write, "set-tracker", "Your own number for the case", setTracker),
		get(v1+"/cases/{case}/trackers", gate.Members, read, "list-trackers", "Your own numbers in this case", listTrackers),

		get(v1+"/invitations/{invitation}", gate.Members, read, "show-invitation", "An invitation and its terms", showInvitation),
		post(v1+"/invitations/{invitation}/accept", gate.Members, write, "accept-invitation", "Accept the terms and take part", acceptInvitation),
		post(v1+"/invitations/{invitation}/decline", gate.Members, write, "decline-invitation", "Decline", declineInvitation),
	}
}

func embargoRows() []row {
	return []row{
		get(v1+"/cases/{case}/embargo", gate.Members, read, "show-timetable", "The embargo, its proposals and who is ready", showTimetable),
		create(v1+"/cases/{case}/embargo/proposals", gate.Members, write, "propose-embargo", "Propose an end", proposeEnd),
		create(v1+"/cases/{case}/embargo/revisions", gate.Members, write, "revise-embargo", "Propose another end for a running embargo", reviseEnd),
		create(v1+"/cases/{case}/embargo/default", gate.Members, coordinate, "propose-default-embargo", "Propose the end that the published policy gives", proposeDefaultEnd),
		create(v1+"/cases/{case}/embargo/proposals/{proposal}/counter", gate.Members, write, "counter-embargo", "Object and propose another end", counterEnd),
		post(v1+"/cases/{case}/embargo/proposals/{proposal}/answer", gate.Members, write, "answer-proposal", "Consent or object", answerProposal),
		post(v1+"/cases/{case}/embargo/proposals/{proposal}/decide", gate.Members, coordinate, "decide-proposal", "Decide a proposal", decideProposal),
		post(v1+"/cases/{case}/embargo/proposals/{proposal}/withdraw", gate.Members, write, "withdraw-proposal", "Withdraw your proposal", withdrawProposal),
		post(v1+"/cases/{case}/embargo/terminate", gate.Members, release, "terminate-embargo", "End the embargo", terminateEmbargo),
		post(v1+"/cases/{case}/exposure", gate.Members, write, "report-exposure", "The secret is out, or attacks are seen", reportExposure),
		post(v1+"/cases/{case}/exposure/decide", gate.Members, release, "decide-attacks", "Decide what attacks mean for the embargo", decideAttacks),
		post(v1+"/cases/{case}/participants/{participant}/readiness", gate.Members, write, "say-readiness", "Go or no-go for the release", sayReady),
		post(v1+"/cases/{case}/participants/{participant}/report-state", gate.Members, write, "move-report-state", "Move a party's report management", moveReport),
		post(v1+"/cases/{case}/participants/{participant}/consent", gate.Members, write, "move-consent", "Move a party's embargo consent", moveConsent),
		post(v1+"/cases/{case}/participants/{participant}/progress", gate.Members, write, "move-progress", "A vendor is aware, has a fix, has it deployed", moveProgress),
	}
}

func matrixRows() []row {
	return []row{
		get(v1+"/cases/{case}/matrix", gate.Members, read, "show-matrix", "Vendors by vulnerabilities", showMatrix),
		fetch(v1+"/cases/{case}/matrix.csv", gate.Members, read, "export-matrix", "The matrix as CSV", exportMatrix),
		get(v1+"/cases/{case}/vulnerabilities", gate.Members, read, "list-vulnerabilities", "The vulnerabilities of a case", listVulnerabilities),
		create(v1+"/cases/{case}/vulnerabilities", gate.Members, coordinate, "add-vulnerability", "Add a vulnerability", addVulnerability),
		get(v1+"/cases/{case}/vulnerabilities/{vulnerability}", gate.Members, read, "show-vulnerability", "One vulnerability", showVulnerability),
		patch(v1+"/cases/{case}/vulnerabilities/{vulnerability}", gate.Members, coordinate, "change-vulnerability", "Change a vulnerability", changeVulnerability),
		remove(v1+"/cases/{case}/vulnerabilities/{vulnerability}", gate.Members, coordinate, "remove-vulnerability", "Remove a vulnerability", removeVulnerability),
		get(v1+"/cases/{case}/products", gate.Members, read, "list-products", "The products of a case", listProducts),
		create(v1+"/cases/{case}/products", gate.Members, write, "add-product", "Add a product", addProduct),
		get(v1+"/cases/{case}/products/{product}", gate.Members, read, "show-product", "One product", showProduct),
		patch(v1+"/cases/{case}/products/{product}", gate.Members, write, "change-product", "Change a product", changeProduct),
		remove(v1+"/cases/{case}/products/{product}", gate.Members, write, "remove-product", "Remove a product", removeProduct),
		get(v1+"/cases/{case}/statuses", gate.Members, read, "list-statuses", "What was said, cell by cell", listStatuses),
		get(v1+"/cases/{case}/statuses/{participant}/{vulnerability}", gate.Members, read, "show-status", "One cell of the matrix; version 0 while nothing was said", showStatus),
		put(v1+"/cases/{case}/statuses/{participant}/{vulnerability}", gate.Members, write, "set-status", "Say where a party stands", sayStatus),
	}
}

func talkRows() []row {
	return []row{
		get(v1+"/cases/{case}/threads", gate.Members, read, "list-threads", "The threads you may see", listThreads),
		create(v1+"/cases/{case}/threads", gate.Members, write, "open-product-thread", "Open the thread about a product", openProductThread),
		get(v1+"/cases/{case}/files", gate.Members, read, "list-files", "The files you may see, newest first", listFiles),
		get(v1+"/threads/{thread}", gate.Members, read, "show-thread", "One thread", showThread),
		get(v1+"/threads/{thread}/messages", gate.Members, read, "list-messages", "What was said", listMessages),
		create(v1+"/threads/{thread}/messages", gate.Members, write, "post-message", "Say something", postMessage),
		post(v1+"/threads/{thread}/read", gate.Members, read, "read-thread", "Mark as read up to a message", readThread),
		get(v1+"/threads/{thread}/addressees", gate.Members, read, "list-addressees", "Whom you may mention or ask", listAddressees),
		get(v1+"/threads/{thread}/reach", gate.Members, read, "count-reach", "How many a message would reach", countReach),
		upload(v1+"/threads/{thread}/files", gate.Members, talk.MaxFileSize, "attach-file", "Hand a file over", attachFile),
		get(v1+"/messages/{message}", gate.Members, read, "show-message", "One message", showMessage),
		patch(v1+"/messages/{message}", gate.Members, write, "change-message", "Word it anew; the earlier wording is kept", changeMessage),
		post(v1+"/messages/{message}/retract", gate.Members, write, "retract-message", "Take it back", retractMessage),
		get(v1+"/messages/{message}/history", gate.Members, read, "message-history", "All its wordings", messageHistory),
		post(v1+"/messages/{message}/settle", gate.Members, write, "settle-question", "Settle a question without a reply", settleQuestion),
		fetch(v1+"/files/{file}", gate.Members, read, "fetch-file", "A file's content", fetchFile),
	}
}

// finderRows are for whoever reports: a stranger, then the holder of the link
// that the stranger was given.
func finderRows() []row {
	submit := create(v1+"/reports", gate.Anybody, write, "submit-report", "Report a flaw, without an account", submitReport)
	submit.before, submit.ownKey = limitReports, true
	return []row{
		submit,
		get(v1+"/report", gate.Finders, read, "follow-report", "Where your report stands", followReport),
		post(v1+"/report/messages", gate.Finders, write, "add-as-finder", "Add to your report, or write to the coordinators", addAsFinder),
		post(v1+"/report/questions/{question}/reply", gate.Finders, write, "reply-as-finder", "Answer a question", replyAsFinder),
		upload(v1+"/report/files", gate.Finders, report.MaxFileSize, "attach-as-finder", "Attach a file", attachAsFinder),
		fetch(v1+"/report/files/{file}", gate.Finders, read, "fetch-as-finder", "A file of your report", fetchAsFinder),
		put(v1+"/report/credit", gate.Finders, write, "credit-as-finder", "How you want to be thanked", creditAsFinder),
		post(v1+"/report/withdraw", gate.Finders, write, "withdraw-as-finder", "Ask that the report be dropped", withdrawAsFinder),
		post(v1+"/report/link", gate.Finders, write, "rotate-link", "Replace your link", rotateLink),
	}
}

func triageRows() []row {
	return []row{
		get(v1+"/reports", gate.Coordinators, read, "list-reports", "Reports that wait for the coordinators", listQueue),
		get(v1+"/me/reports", gate.Members, read, "list-own-reports", "Reports you sent, or that were handed to you", listOwnReports),
		open(v1+"/reports/{report}", gate.Members, read, "show-report", "One report with its text", openReport),
		get(v1+"/reports/{report}/status", gate.Members, read, "follow-own-report", "Where a report that you sent stands", followOwnReport),
		get(v1+"/reports/{report}/messages", gate.Members, read, "list-report-messages", "What was said about it", listReportMessages),
		create(v1+"/reports/{report}/messages", gate.Members, write, "say-on-report", "Write to the finder or the vendor; the vendor to the coordinators", sayOnReport),
		create(v1+"/reports/{report}/additions", gate.Members, write, "add-to-own-report", "Add to a report that you sent", addToOwn),
		create(v1+"/reports/{report}/questions", gate.Members, write, "ask-on-report", "Ask the finder", askOnReport),
		create(v1+"/reports/{report}/questions/{question}/reply", gate.Members, write, "reply-to-own-report", "Answer a question about a report that you sent", replyToOwn),
		upload(v1+"/reports/{report}/files", gate.Members, report.MaxFileSize, "attach-to-report", "Attach a file", attachToReport),
		fetch(v1+"/reports/{report}/files/{file}", gate.Members, read, "fetch-report-file", "A file of a report", fetchReportFile),
		get(v1+"/reports/{report}/likenesses", gate.Members, coordinate, "list-likenesses", "What looks like a duplicate", listLikenesses),
		post(v1+"/reports/{report}/take", gate.Members, coordinate, "take-report", "Take charge", takeOver),
		post(v1+"/reports/{report}/assign", gate.Members, coordinate, "assign-report", "Give it to a coordinator", assignReport),
		post(v1+"/reports/{report}/scope", gate.Members, coordinate, "scope-report", "Decide whether it is the alliance's business", decideScope),
		post(v1+"/reports/{report}/move", gate.Members, coordinate, "move-report", "Validate, invalidate, accept, defer or close", moveTriage),
		post(v1+"/reports/{report}/planned-date", gate.Members, coordinate, "settle-planned-date", "Settle the finder's planned date", settlePlannedDate),
		post(v1+"/reports/{report}/hand-over", gate.Members, coordinate, "hand-over-report", "Hand it to the one vendor it concerns", handToVendor),
		create(v1+"/reports/{report}/case", gate.Members, coordinate, "make-case", "Make a case of it", makeCase),
		post(v1+"/reports/{report}/merge", gate.Members, coordinate, "merge-report", "Join it to a running case", mergeReportInto),
		post(v1+"/reports/{report}/link", gate.Members, coordinate, "new-finder-link", "A new link for a finder who lost theirs", newFinderLink),
	}
}

func advisoryRows() []row {
	return []row{
		get(v1+"/advisories", gate.Anybody, read, "list-advisories", "Published advisories", listPublished),
		get(v1+"/advisories/{slug}", gate.Anybody, read, "show-advisory", "One published advisory", showPublished),
		fetch(v1+"/advisories/{slug}/csaf", gate.Anybody, read, "fetch-csaf", "Its CSAF document", fetchCSAF),
		get(v1+"/public-cases/{number}", gate.Anybody, read, "show-public-case", "What everybody may know of a case", showPublicCase),

		get(v1+"/me/drafts", gate.Members, read, "list-drafts", "Advisories in work in your cases", listDrafts),
		get(v1+"/cases/{case}/advisories", gate.Members, read, "list-case-advisories", "The advisories of a case", listCaseAdvisories),
		create(v1+"/cases/{case}/advisories", gate.Members, coordinate, "draft-advisory", "Draft one from what the case knows", draftAdvisory),
		get(v1+"/drafts/{draft}", gate.Members, read, "show-draft", "An advisory in work, with its text", showDraft),
		put(v1+"/drafts/{draft}", gate.Members, write, "write-draft", "A new version of the text", writeDraft),
		get(v1+"/drafts/{draft}/versions", gate.Members, read, "list-versions", "All versions of the text", listVersions),
		get(v1+"/drafts/{draft}/versions/{number}", gate.Members, read, "show-version", "One version of the text", showVersion),
		get(v1+"/drafts/{draft}/comments", gate.Members, read, "list-comments", "Remarks on the text", listComments),
		create(v1+"/drafts/{draft}/comments", gate.Members, write, "add-comment", "Remark on the text", addComment),
		post(v1+"/drafts/{draft}/comments/{comment}/settle", gate.Members, write, "settle-comment", "The remark is dealt with", settleComment),
		get(v1+"/drafts/{draft}/preview", gate.Members, read, "preview-draft", "The CSAF document as it would be now", previewDraft),
		post(v1+"/drafts/{draft}/submit", gate.Members, write, "submit-draft", "Ask for a second pair of eyes", submitDraft),
		post(v1+"/drafts/{draft}/return", gate.Members, coordinate, "return-draft", "Send it back to its writers", returnDraft),
		post(v1+"/drafts/{draft}/approve", gate.Members, release, "approve-draft", "Approve the text you have read", approveDraft),
		post(v1+"/drafts/{draft}/schedule", gate.Members, release, "schedule-release", "Set the release instant and prepare everything", scheduleRelease),
		post(v1+"/drafts/{draft}/release", gate.Members, release, "release-now", "Release at this instant", releaseNow),
		post(v1+"/drafts/{draft}/unschedule", gate.Members, release, "unschedule-release", "Take a release back before its instant", unscheduleRelease),
		post(v1+"/drafts/{draft}/withdraw", gate.Members, release, "withdraw-advisory", "Take it back for good", withdrawAdvisory),
	}
}

func ledgerRows() []row {
	return []row{
		get(v1+"/cases/{case}/timeline", gate.Members, read, "show-timeline", "What happened in a case, newest first", caseTimeline),
		get(v1+"/ledger/events", gate.Members, read, "list-events", "What happened that you may know of, newest first", listEvents),
		open(v1+"/ledger/events/{seq}/proof", gate.Members, read, "prove-event", "Proof that an event is in the ledger", proveEvent),
		open(v1+"/ledger/checkpoint", gate.Anybody, read, "show-checkpoint", "The ledger's signed head", showCheckpoint),
	}
}

func serverRows() []row {
	return []row{
		get(v1+"/admin/outbox", gate.Operators, admin, "list-outbox", "What leaves and what was held, newest first", listOutbox),
		get(v1+"/admin/bounces", gate.Operators, admin, "list-bounces", "Mails that came back", listBounces),
		get(v1+"/admin/outbox/counts", gate.Operators, admin, "count-outbox", "How much is in each state", countOutbox),
		post(v1+"/admin/outbox/{item}/again", gate.Operators, admin, "send-again", "Try a dead letter again", sendAgain),
		post(v1+"/admin/outbox/{item}/settle", gate.Operators, admin, "settle-item", "Settle a dead letter without sending", settleItem),
	}
}
