package api

import (
	"tocsin/internal/alliance/membership"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/embargo"
)

type app = membership.Application

func applicationRows() []row {
	const own, at = v1 + "/application", v1 + "/applications"
	const one = at + "/{application}"
	begin := create(at, gate.Anybody, write, "begin-application", "Begin an application, with or without an account", beginApplication)
	begin.before = limitApplications
	confirm := post(v1+"/application-links/confirm", gate.Anybody, write, "confirm-application", "Confirm the contact's address by the mailed secret", confirmApplication)
	answer := post(v1+"/application-links/answer", gate.Anybody, write, "answer-application-test", "Answer a test page by its secret", answerApplicationTest)
	confirm.before, answer.before = limitSecrets, limitSecrets
	step := func(path, scope, id, summary string, f func(membership.Desk, *call, *db.Tx, string) (app, error)) row {
		return post(one+path, gate.Members, scope, id, summary, plainStep(f))
	}
	return []row{
		begin, confirm, answer,
		get(own, gate.Finders, read, "follow-application", "Where your application stands, by its link", ownApplication),
		put(own, gate.Finders, write, "save-own-application", "Save your draft", saveOwnApplication),
		post(own+"/submit", gate.Finders, write, "submit-own-application", "Hand it in", submitOwnApplication),
		post(own+"/withdraw", gate.Finders, write, "withdraw-own-application", "Take it back", withdrawOwnApplication),
		post(own+"/mail", gate.Finders, write, "mail-own-application", "Mail the link to the contact anew", remindOwnApplication),
		post(own+"/link", gate.Finders, write, "relink-own-application", "Replace your link", relinkOwnApplication),

		get(at, gate.Members, read, "list-applications", "Applications that you may see", listApplications),
		get(one, gate.Members, read, "show-application", "One application, as your side reads it", showApplication),
		put(one, gate.Members, write, "save-application", "Save your organization's draft", saveApplication),
		post(one+"/submit", gate.Members, write, "submit-application", "Hand it in", submitApplication),
		step("/withdraw", write, "withdraw-application", "Take it back", func(d membership.Desk, c *call, tx *db.Tx, ref string) (app, error) {
			return d.Withdraw(tx, c.Actor, ref)
		}),
		post(one+"/return", gate.Members, coordinate, "return-application", "Send it back to be completed", returnApplication),
		step("/check", coordinate, "check-application", "Find it complete", func(d membership.Desk, c *call, tx *db.Tx, ref string) (app, error) { return d.Check(tx, c.Actor, ref) }),
		create(one+"/sponsors", gate.Members, coordinate, "ask-sponsor", "Ask a member to speak for the applicant", askSponsor),
		post(one+"/statement", gate.Members, write, "speak-on-application", "Answer as a sponsor", speakOnApplication),
		step("/announce", coordinate, "announce-application", "Tell the members, and open the objection period", func(d membership.Desk, c *call, tx *db.Tx, ref string) (app, error) {
			return d.Announce(tx, c.Actor, ref)
		}),
		create(one+"/objections", gate.Members, write, "object-to-application", "Object as a member", objectToApplication),
		post(one+"/objections/{objection}/answer", gate.Members, coordinate, "answer-objection", "Say whether an objection stands", answerObjection),
		post(one+"/conflicts", gate.Members, coordinate, "declare-conflict", "Take no part, or note an organization in conflict", declareConflict),
		post(one+"/ballot", gate.Members, coordinate, "put-application", "Put it to the board's vote", putApplication),
		post(one+"/decide", gate.Members, coordinate, "decide-application", "Accept or refuse, where no board decides", decideApplication),
		post(one+"/explain", gate.Members, coordinate, "explain-application", "Give a refused applicant the reason", explainApplication),
		post(one+"/prepare", gate.Members, coordinate, "prepare-application", "Make the organization and invite its first admin", prepareApplication),
		step("/sign", write, "sign-application", "All agreements are accepted", func(d membership.Desk, c *call, tx *db.Tx, ref string) (app, error) { return d.Sign(tx, c.Actor, ref) }),
		step("/test", coordinate, "test-application", "Send the contact a test page", func(d membership.Desk, c *call, tx *db.Tx, ref string) (app, error) {
			return d.SendTest(tx, c.Actor, ref)
		}),
		step("/activate", coordinate, "activate-application", "Make it a member", func(d membership.Desk, c *call, tx *db.Tx, ref string) (app, error) {
			return d.Activate(tx, c.Actor, ref)
		}),
		post(one+"/link", gate.Members, coordinate, "relink-application", "Mail the applicant a new link", relinkApplication),

		get(v1+"/affiliations", gate.Coordinators, read, "list-affiliations", "Who belongs to whom", listAffiliations),
		create(v1+"/affiliations", gate.Coordinators, coordinate, "declare-affiliation", "Record that a party belongs to an organization", declareAffiliation),
		remove(v1+"/affiliations/{affiliation}", gate.Coordinators, coordinate, "remove-affiliation", "Remove that record", removeAffiliation),

		get(v1+"/cases/{case}/freezes", gate.Members, read, "list-freezes", "Programs whose applications rest for the embargo", listFreezes),
		post(v1+"/cases/{case}/freezes", gate.Members, coordinate, "freeze-applications", "Let applications to a program rest while the embargo holds", freezeApplications),
		remove(v1+"/cases/{case}/freezes/{program}", gate.Members, coordinate, "thaw-applications", "Let them go on", thawApplications),
	}
}

func listFreezes(c *call, tx *db.Tx, in *OfCase) (page[programs.Program], error) {
	list, err := embargo.Frozen(tx, c.Actor, in.Case)
	return whole(list), err
}

type freezeInput struct {
	OfCase
	Body struct {
		Program string `json:"program_id" required:"true"`
	}
}

func freezeApplications(c *call, tx *db.Tx, in *freezeInput) (nothing, error) {
	return nothing{}, embargo.Freeze(tx, c.Actor, in.Case, in.Body.Program)
}

type thawInput struct {
	OfCase
	Program string `path:"program" maxLength:"64"`
}

func thawApplications(c *call, tx *db.Tx, in *thawInput) (nothing, error) {
	return nothing{}, embargo.Thaw(tx, c.Actor, in.Case, in.Program)
}
