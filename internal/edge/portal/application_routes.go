package portal

import "tocsin/internal/edge/gate"

// applicationRoutes are applying: the public pages, the applicant's by its
// link, the secretariat's, the sponsors' and the members'.
func (p *Portal) applicationRoutes() []gate.Route {
	return []gate.Route{
		p.row("GET", "/programs", gate.Anybody, (*visit).publicPrograms),
		p.row("GET", "/programs/{slug}", gate.Anybody, (*visit).publicProgramPage),
		p.row("GET", "/programs/{slug}/apply", gate.Anybody, (*visit).applyPage),
		p.row("POST", "/programs/{slug}/apply", gate.Anybody, (*visit).beginApply),
		p.row("GET", "/applying/{secret}", gate.Anybody, (*visit).applicantPage),
		p.row("POST", "/applying/{secret}/{deed}", gate.Anybody, (*visit).applicantDeed),
		p.row("GET", "/applying/answer/{secret}", gate.Anybody, (*visit).applicationTest),
		p.row("POST", "/applying/answer/{secret}", gate.Anybody, (*visit).answerApplicationTest),

		p.row("GET", applicationsPath, gate.Members, (*visit).applicationsPage),
		p.row("GET", applicationsPath+".csv", gate.Members, (*visit).applicationsCSV),
		p.row("GET", applicationsPath+"/{application}", gate.Members, (*visit).applicationPage),
		p.row("POST", applicationsPath+"/{application}/{deed}", gate.Members, (*visit).applicationDeed),
		p.row("GET", "/alliance/affiliations", gate.Coordinators, (*visit).affiliationsPage),
		p.row("POST", "/alliance/affiliations", gate.Coordinators, (*visit).declareAffiliation),
		p.row("POST", "/alliance/affiliations/{affiliation}/remove", gate.Coordinators, (*visit).removeAffiliation),
		p.row("GET", "/cases/{number}/freezes", gate.Members, (*visit).freezesPage),
		p.row("POST", "/cases/{number}/freezes", gate.Members, (*visit).freezeApplications),
		p.row("POST", "/cases/{number}/freezes/{program}/thaw", gate.Members, (*visit).thawApplications),
	}
}
