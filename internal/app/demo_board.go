package app

import (
	"encoding/json"
	"time"

	"tocsin/internal/alliance/board"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/response/casework"
	"tocsin/spec/ballot"
)

// founders sit on the board, each with one executive; a substitute where the
// organization has somebody else.
var founders = []struct{ org, executive, substitute string }{
	{"Vexel Systems", "viktor", "ada"}, {"Wharf Networks", "wanda", "ned"}, {"Kestrel Linux", "ines", ""}, {"Halden Industrial", "jorun", ""}, {"Brightmoor Cloud", "dara", ""},
}

// seatBoard gives the founding members their seats, and lets the board decide
// one motion.
func (s *script) seatBoard() error {
	s.at(55 * day)
	var m board.Motion
	err := s.do(func(tx *db.Tx) error {
		for _, f := range founders {
			seat := board.Seat{Org: s.orgs[f.org], Person: s.cast[f.executive].Person, Until: s.now.Add(300 * day)}
			if f.substitute != "" {
				seat.Substitute = s.cast[f.substitute].Person
			}
			if _, err := board.Appoint(tx, s.cast["cora"], seat); err != nil {
				return err
			}
		}
		return s.seat(tx) // executives have seats in the boardroom from now on
	})
	if err != nil {
		return err
	}
	s.at(40 * day)
	if m, err = s.put(board.Motion{Kind: board.Spend, Title: "A shared laboratory for firmware analysis, first year", Early: true, Deadline: s.now.Add(-33 * day),
		Text: "Two readers, a bench and a license for all members. Costs are split in equal parts."}, "ines"); err != nil {
		return err
	}
	for i, v := range []struct {
		who    string
		choice ballot.Choice
		reason string
	}{{"viktor", ballot.Yes, "We wait weeks for outside laboratories today."}, {"ines", ballot.Yes, ""}, {"wanda", ballot.No, "Our own laboratory has room; we would rather lend it."}, {"dara", ballot.Yes, ""}, {"jorun", ballot.Yes, "Needed for plant controllers."}} {
		s.at(39*day - time.Duration(i)*9*time.Hour)
		if err := s.vote(m, v.who, v.choice, v.reason); err != nil {
			return err
		}
	}
	return nil
}

// openMotions leaves a sealed ballot open in which two have voted.
func (s *script) openMotions() error {
	s.at(2 * day)
	through, err := json.Marshal(casework.Passage{Org: s.orgs["Northgate Digital Agency"]})
	if err != nil {
		return err
	}
	m, err := s.put(board.Motion{Kind: board.Exception, Title: "Let Northgate Digital Agency into the libexample case", Sealed: true, Deadline: s.now.Add(5 * day), Object: ledger.Object{Kind: "case", ID: s.live}, Proposal: through,
		Text: "The consortium shuts government out. The agency runs the registers of hospitals with three of the affected products, and can isolate them on the day of release."}, "cora")
	if err != nil {
		return err
	}
	s.at(30 * time.Hour)
	if err := s.vote(m, "ines", ballot.Yes, ""); err != nil {
		return err
	}
	s.at(20 * time.Hour)
	return s.vote(m, "dara", ballot.No, "Not before every vendor has said whether it is affected.")
}

// put proposes a motion and opens its ballot.
func (s *script) put(in board.Motion, who string) (m board.Motion, err error) {
	err = s.do(func(tx *db.Tx) error {
		if m, err = board.Propose(tx, s.cast[who], in); err == nil {
			m, err = board.Open(tx, s.cast[who], m.ID, m.Version)
		}
		return err
	})
	return m, err
}

func (s *script) vote(m board.Motion, who string, choice ballot.Choice, reason string) error {
	return s.do(func(tx *db.Tx) error {
		_, err := s.house.Board().Cast(tx, s.cast[who], m.ID, board.Said{Choice: choice, Reason: reason})
		return err
	})
}
