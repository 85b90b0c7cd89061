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
	enroll, upload := p.enroll, p.upload
	return []gate.Route{
		get("/{$}", gate.Anybody, (*visit).start),
		{Method: "POST", Path: "/theme", Access: gate.Anybody, Handler: look.SetTheme},

		// Signing in and out.
		get("/sign-in", gate.Anybody, (*visit).signInPage),
		get("/sign-in/{secret}", gate.Anybody, (*visit).signInLinkPage),
		post("/sign-in/{secret}", gate.Anybody, (*visit).signInByLink),
		post("/sign-in", gate.Anybody, (*visit).signIn),
		get("/sign-in/second", gate.Anybody, (*visit).secondPage),
		post("/sign-in/second", gate.Anybody, (*visit).second),
		post("/sign-in/mail", gate.Anybody, (*visit).mailLink),
		post("/sign-in/passkey", gate.Anybody, (*visit).beginPasskeyLogin),
		post("/sign-in/passkey/finish", gate.Anybody, (*visit).finishPasskeyLogin),
		enroll("POST", "/sign-out", (*visit).signOut),

		// Founding and joining.
		get("/setup/{secret}", gate.Anybody, (*visit).setupPage),
		post("/setup/{secret}", gate.Anybody, (*visit).setup),
		get("/join/{secret}", gate.Anybody, (*visit).joinPage),
		post("/join/{secret}", gate.Anybody, (*visit).join),
		post("/join/{secret}/as", gate.Members, (*visit).joinAs),
		post("/join/{secret}/decline", gate.Anybody, (*visit).decline),

		// The visitor's own account.
		get("/me", gate.Members, (*visit).profile),
		post("/me", gate.Members, (*visit).saveProfile),
		get("/me/leave", gate.Members, (*visit).leavePage),
		post("/me/leave", gate.Members, (*visit).leaveAlliance),
		enroll("GET", "/me/security", (*visit).securityPage),
		enroll("POST", "/me/security/password", (*visit).changePassword),
		get("/me/security/password/remove", gate.Members, askRemoval("password")),
		post("/me/security/password/remove", gate.Members, removeMeans("password")),
		enroll("POST", "/me/security/totp/start", (*visit).startTOTP),
		enroll("POST", "/me/security/totp", (*visit).confirmTOTP),
		get("/me/security/totp/remove", gate.Members, askRemoval("totp")),
		post("/me/security/totp/remove", gate.Members, removeMeans("totp")),
		post("/me/security/recovery", gate.Members, (*visit).newRecovery),
		enroll("POST", "/me/security/passkey", (*visit).beginPasskey),
		enroll("POST", "/me/security/passkey/finish", (*visit).finishPasskey),
		get("/me/security/passkeys/{passkey}/remove", gate.Members, askRemoval("passkey")),
		post("/me/security/passkeys/{passkey}/remove", gate.Members, removeMeans("passkey")),
		enroll("POST", "/me/security/sessions/{session}/end", (*visit).endSession),
		enroll("POST", "/me/security/sessions/end-others", (*visit).endOthers),
		get("/me/tokens", gate.Members, (*visit).tokensPage),
		post("/me/tokens", gate.Members, (*visit).makeToken),
		get("/me/tokens/{token}/revoke", gate.Members, (*visit).revokePage),
		post("/me/tokens/{token}/revoke", gate.Members, (*visit).revokeToken),
		get("/me/trail", gate.Members, (*visit).trail),
		post("/me/trail/{seq}/proof", gate.Members, (*visit).proof),

		// The alliance: organizations, their people and components, programs.
		get("/alliance", gate.Members, (*visit).directory),
		get("/alliance/organizations.csv", gate.Members, (*visit).directoryCSV),
		get("/alliance/organizations/new", gate.Members, (*visit).newOrg),
		post("/alliance/organizations/new", gate.Members, (*visit).createOrg),
		get("/alliance/organizations/{org}", gate.Members, (*visit).organization),
		get("/alliance/organizations/{org}/edit", gate.Members, (*visit).editOrg),
		post("/alliance/organizations/{org}/edit", gate.Members, (*visit).saveOrg),
		post("/alliance/organizations/{org}/invite", gate.Members, (*visit).inviteToOrg),
		get("/alliance/organizations/{org}/members/{member}", gate.Members, (*visit).memberPage),
		post("/alliance/organizations/{org}/members/{member}", gate.Members, (*visit).saveMember),
		get("/alliance/organizations/{org}/members/{member}/remove", gate.Members, (*visit).askRemoveMember),
		post("/alliance/organizations/{org}/members/{member}/remove", gate.Members, (*visit).removeMember),
		post("/alliance/organizations/{org}/components", gate.Members, (*visit).addComponent),
		get("/alliance/organizations/{org}/components/{component}/remove", gate.Members, (*visit).askRemoveComponent),
		post("/alliance/organizations/{org}/components/{component}/remove", gate.Members, (*visit).removeComponent),
		get("/alliance/invitations", gate.Members, (*visit).invitationsPage),
		post("/alliance/invitations", gate.Members, (*visit).inviteAnybody),
		post("/alliance/invitations/{invitation}/resend", gate.Members, (*visit).resendInvitation),
		get("/alliance/invitations/{invitation}/withdraw", gate.Members, (*visit).askWithdraw),
		post("/alliance/invitations/{invitation}/withdraw", gate.Members, (*visit).withdrawInvitation),
		get("/alliance/programs", gate.Members, (*visit).programsPage),
		get("/alliance/programs/new", gate.Members, (*visit).newProgram),
		post("/alliance/programs/new", gate.Members, (*visit).createProgram),
		get("/alliance/programs/{program}", gate.Members, (*visit).program),
		get("/alliance/programs/{program}/edit", gate.Members, (*visit).editProgram),
		post("/alliance/programs/{program}/edit", gate.Members, (*visit).saveProgram),
		post("/alliance/programs/{program}/organizations", gate.Members, (*visit).joinProgram),
		get("/alliance/programs/{program}/organizations/{org}/remove", gate.Members, (*visit).askLeaveProgram),
		post("/alliance/programs/{program}/organizations/{org}/remove", gate.Members, (*visit).leaveProgram),

		// Reports, and what finders do.
		get("/report", gate.Anybody, (*visit).reportForm),
		upload("/report", gate.Anybody, (*visit).sendReport),
		get("/report/openpgp.asc", gate.Anybody, (*visit).openpgpKey),
		get("/report/{secret}", gate.Anybody, (*visit).openLink),
		get("/finder", gate.Finders, (*visit).finder),
		upload("/finder/say", gate.Finders, (*visit).finderSays),
		post("/finder/questions/{question}", gate.Finders, (*visit).finderAnswers),
		post("/finder/credit", gate.Finders, (*visit).finderCredit),
		post("/finder/withdraw", gate.Finders, (*visit).finderWithdraws),
		post("/finder/link", gate.Finders, (*visit).finderRelinks),
		get("/finder/files/{file}", gate.Finders, (*visit).reportFile),
		post("/finder/leave", gate.Finders, (*visit).leaveFinder),

		// Cases.
		get("/cases", gate.Members, (*visit).cases),
		get("/cases/new", gate.Coordinators, (*visit).newCase),
		post("/cases/new", gate.Coordinators, (*visit).openCase),
		get("/cases/{number}", gate.Members, (*visit).caseOverview),
		get("/cases/{number}/edit", gate.Members, (*visit).editCase),
		post("/cases/{number}/edit", gate.Members, (*visit).saveCase),
		get("/cases/{number}/manage", gate.Members, (*visit).manageCase),
		post("/cases/{number}/assign", gate.Members, (*visit).assignCase),
		post("/cases/{number}/close", gate.Members, (*visit).closeCase),
		post("/cases/{number}/reopen", gate.Members, (*visit).reopenCase),
		post("/cases/{number}/merge", gate.Members, (*visit).mergeCase),
		post("/cases/{number}/split", gate.Members, (*visit).splitCase),
		get("/cases/{number}/who", gate.Members, (*visit).who),
		get("/cases/{number}/timeline", gate.Members, (*visit).timeline),

		// Invitations.
		get("/cases/{number}/invite", gate.Members, (*visit).inviteForm),
		post("/cases/{number}/invite", gate.Members, (*visit).invite),
		get("/invitations/{invitation}", gate.Members, (*visit).invitation),
		post("/invitations/{invitation}/accept", gate.Members, (*visit).acceptInvitation),
		post("/invitations/{invitation}/decline", gate.Members, (*visit).declineInvitation),

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
