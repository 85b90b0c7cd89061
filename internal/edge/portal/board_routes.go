package portal

import "tocsin/internal/edge/gate"

// boardRoutes are the board room.
func (p *Portal) boardRoutes() []gate.Route {
	get := func(path string, h handler) gate.Route { return p.row("GET", boardPath+path, gate.Members, h) }
	post := func(path string, h handler) gate.Route { return p.row("POST", boardPath+path, gate.Members, h) }
	return []gate.Route{
		get("", (*visit).boardPage),
		get("/brief", (*visit).boardBrief),
		get("/motions.csv", (*visit).motionsCSV),
		get("/motions/new", (*visit).newMotion),
		post("/motions/new", (*visit).createMotion),
		get("/motions/{motion}", (*visit).motionPage),
		get("/motions/{motion}/edit", (*visit).editMotion),
		post("/motions/{motion}/edit", (*visit).saveMotion),
		post("/motions/{motion}/paper", (*visit).askVote),
		post("/motions/{motion}/vote", (*visit).castVote),
		get("/motions/{motion}/recount", (*visit).askRecount),
		post("/motions/{motion}/recount", (*visit).recount),
		get("/motions/{motion}/minutes", (*visit).minutes),
		get("/motions/{motion}/minutes.md", (*visit).minutesFile),
		get("/motions/{motion}/{deed}", (*visit).askMotion),
		post("/motions/{motion}/{deed}", (*visit).doMotion),
		get("/seats", (*visit).seatsPage),
		get("/seats/new", (*visit).appointPage),
		post("/seats/new", (*visit).appoint),
		get("/seats/{seat}", (*visit).seatPage),
		post("/seats/{seat}", (*visit).saveSeat),
		get("/seats/{seat}/end", (*visit).askEndSeat),
		post("/seats/{seat}/end", (*visit).endSeat),
	}
}
