package app

import (
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/report"
)

// triage leaves two reports in the queue: a fresh one, and one that repeats
// what a running case is about.
func (s *script) triage() error {
	desk := report.Desk{Sealer: s.house.Sealer, Box: s.house.Box}
	s.at(9 * 3600e9)
	err := s.do(func(tx *db.Tx) error {
		_, err := desk.Submit(tx, s.cast["remy"], report.New{Title: "Hard-coded key in the update channel of three camera makers", Component: "camupdate", Versions: "all up to 1.9", HowFound: "Firmware of three makers holds the same private key.",
			Description: "The updater trusts a key that is the same in every device. Whoever reads it out of one camera can sign updates for all of them.", Exploitation: report.NoneKnown, Credit: "Remy Castellan", PlannedAt: s.now.Add(80 * day)})
		return err
	})
	if err != nil {
		return err
	}
	s.at(2 * 3600e9)
	return s.do(func(tx *db.Tx) error {
		_, err := desk.Submit(tx, audience.Actor{}, report.New{Title: "Crash when a certificate nests sequences", Component: "libexample", Versions: "4.1", HowFound: "Fuzzing.",
			Description: "A certificate with nested sequences crashes everything that links libexample. It may be CVE-2026-41710.", Exploitation: report.Suspected, Attacks: "One honeypot saw such a certificate last week.", Anonymous: true})
		return err
	})
}
