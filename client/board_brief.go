package client

import (
	"context"
	"time"

	"tocsin/spec/tlp"
)

// Brief is the executive's figures, which name no case.
type Brief struct {
	Level     tlp.Level `json:"tlp"`
	At        time.Time `json:"at"`
	Incidents struct {
		Red     int `json:"red"`
		Amber   int `json:"amber"`
		Green   int `json:"green"`
		Opened  int `json:"opened"` // in the last 30 days
		Closed  int `json:"closed"`
		Decide  int `json:"decide"`
		Invited int `json:"invited"`
	} `json:"incidents"`
	Embargoes struct {
		Active int `json:"active"`
		Days   int `json:"days"`
		Later  int `json:"later"`
		Weeks  []struct {
			From time.Time `json:"from"`
			Ends int       `json:"ends"`
			Days int       `json:"days"`
		} `json:"weeks"`
	} `json:"embargoes"`
	Votes   []Motion `json:"votes"`
	Answers struct {
		N      int           `json:"n"`
		Median time.Duration `json:"median"`
		Late   time.Duration `json:"p90"`
	} `json:"acknowledgment"`
	Silence struct {
		Members int `json:"members"`
		Open    int `json:"open"`
		Named   []struct {
			Org  string `json:"org"`
			Name string `json:"name"`
			Open int    `json:"open"`
		} `json:"named"`
	} `json:"silence"`
	Due struct {
		Embargoes   int `json:"embargoes"`
		Invitations int `json:"invitations"`
		Statuses    int `json:"statuses"`
		Decisions   int `json:"decisions"`
		Ballots     int `json:"ballots"`
		Objections  int `json:"objections"`
		Renewals    int `json:"renewals"`
	} `json:"due_within_a_day"`
	Leaks struct {
		Alarms int `json:"alarms"`
		Cases  int `json:"cases"`
	} `json:"leaks"`
	Members struct {
		Applications int `json:"applications"`
		Renewals     int `json:"renewals"`
		Sanctions    int `json:"sanctions"`
		Appeals      int `json:"appeals"` // to be decided
	} `json:"membership"`
	Roadmap struct {
		Numbers  []RoadmapItem `json:"numbers"`
		Done     []RoadmapItem `json:"done"`
		Benefits []RoadmapItem `json:"benefits"`
		Plans    []RoadmapItem `json:"plans"`
		Waiting  int           `json:"waiting"` // texts that wait for the reader's clearance
	} `json:"roadmap"`
}

// Brief reads the executive's figures.
func (c *Client) Brief(ctx context.Context) (Brief, error) {
	return get[Brief](ctx, c, "/board/brief", nil)
}
