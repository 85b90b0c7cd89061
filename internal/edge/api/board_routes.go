package api

import "tocsin/internal/edge/gate"

func boardRows() []row {
	const at = v1 + "/board"
	return []row{
		get(at+"/seats", gate.Members, read, "list-seats", "Who sits on the board", listSeats),
		create(at+"/seats", gate.Members, admin, "appoint-seat", "Give an organization's executive a seat", appointSeat),
		get(at+"/seats/{seat}", gate.Members, read, "show-seat", "One seat", showSeat),
		// Who holds the seat needs a token that writes, who keeps the list one
		// that administers: the verbs ask.
		patch(at+"/seats/{seat}", gate.Members, read, "substitute-seat", "Name a seat's substitute, or none", substituteSeat),
		post(at+"/seats/{seat}/end", gate.Members, read, "end-seat", "End a seat now", endSeat),

		get(at+"/brief", gate.Members, read, "show-brief", "The executive's figures, which name no case", showBrief),
		get(at+"/awaiting", gate.Members, read, "list-awaiting", "Open ballots that wait for your vote", listAwaiting),
		get(at+"/motions", gate.Members, read, "list-motions", "Motions, newest first", listMotions),
		create(at+"/motions", gate.Members, write, "propose-motion", "Write a motion as a draft", proposeMotion),
		get(at+"/motions/{motion}", gate.Members, read, "show-motion", "One motion", showMotion),
		patch(at+"/motions/{motion}", gate.Members, write, "revise-motion", "Change a draft", reviseMotion),
		post(at+"/motions/{motion}/preview", gate.Members, read, "preview-motion", "Who would gain and who would lose sight of what by the rules that it proposes; changes nothing", previewMotion),
		post(at+"/motions/{motion}/open", gate.Members, write, "open-motion", "Put a draft to the vote", openMotion),
		post(at+"/motions/{motion}/withdraw", gate.Members, write, "withdraw-motion", "End it without a decision", withdrawMotion),
		get(at+"/motions/{motion}/electorate", gate.Members, read, "list-electorate", "The seats that the ballot opened with", listElectorate),
		get(at+"/motions/{motion}/recusals", gate.Members, read, "list-recusals", "Who takes no part, and why", listRecusals),
		post(at+"/motions/{motion}/recuse", gate.Members, write, "recuse-seat", "A seat takes no part", recuseSeat),
		get(at+"/motions/{motion}/papers", gate.Members, read, "list-papers", "The seats for which you may vote", listPapers),
		post(at+"/motions/{motion}/vote", gate.Members, write, "cast-vote", "Cast a vote, or change it, until the deadline", castVote),
		get(at+"/motions/{motion}/votes", gate.Members, read, "list-votes", "The votes of an open ballot; of a sealed one none", listVotes),
		post(at+"/motions/{motion}/count", gate.Members, write, "count-motion", "Count a closed ballot whose votes could not be opened", countMotion),
		post(at+"/motions/{motion}/recount", gate.Members, write, "recount-motion", "Count the stored votes anew, and record whether the result is the same", recountMotion),
		post(at+"/motions/{motion}/enact", gate.Members, write, "enact-motion", "Do what was decided, after an obstacle was cleared away", enactMotion),
		get(at+"/motions/{motion}/minutes", gate.Members, read, "show-minutes", "The motion as a document, in Markdown", showMinutes),
	}
}
