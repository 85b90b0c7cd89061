package delivery

// constituencyRules are what people are told of what organizations answer for,
// and of the public roadmap.
var constituencyRules = []Rule{
	{"claim.denied", Everybody, Admin, "A claim was denied by whoever was asked", "Whoever was asked by mail says that a claim is not so.", "/alliance/constituency/claims/{object}", false},
	{"claim.proven", Parties, Admin, "A claim of your organization is proven", "What your organization answers for is proven for a year.", "/alliance/constituency/claims/{object}", false},
	{"claim.disputed", Parties, Admin, "A claim of your organization is in dispute", "A claim of your organization is in dispute; read why.", "/alliance/constituency/claims/{object}", true},
	{"claim.upheld", Parties, Admin, "A dispute about a claim was settled", "A claim of your organization stands after a dispute.", "/alliance/constituency/claims/{object}", false},
	{"claim.refused", Parties, Admin, "A claim of your organization was refused", "A claim of your organization was refused; read why.", "/alliance/constituency/claims/{object}", true},
	{"claim.expiring", Parties, Owed, "A proof has to be renewed within a month", "The proof of a claim of your organization ends within a month.", "/alliance/constituency/claims/{object}", false},
	{"claim.expired", Everybody, Admin, "A proof has expired", "The proof of a claim is older than a year, and others no longer see it.", "/alliance/constituency/claims/{object}", false},
	{"overlap.found", Team, Admin, "Two organizations claim the same", "Claims of two organizations overlap and have to be settled.", "/alliance/constituency/overlaps/{object}", false},
	{"overlap.disputed", Team, Admin, "An overlap of claims is in dispute", "An overlap of two claims is in dispute and has to be settled.", "/alliance/constituency/overlaps/{object}", true},

	{"roadmap.written", Everybody, Owed, "A line of the public roadmap waits to be cleared", "A text for the public roadmap waits for two people to clear it.", "/alliance/roadmap/{object}", false},
	{"roadmap.edited", Everybody, Owed, "A line of the public roadmap waits to be cleared anew", "A text of the public roadmap was changed and waits for two people to clear it.", "/alliance/roadmap/{object}", false},
}

// constituencySilent are the kinds that nobody is told of.
var constituencySilent = []string{"claim.declared", "claim.challenged", "claim.noted", "claim.lapsed", "claim.withdrawn", "overlap.settled",
	"roadmap.approved", "roadmap.cleared", "roadmap.withdrawn"}
