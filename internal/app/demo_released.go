package app

import (
	"time"

	"tocsin/internal/kernel/db"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/embargo"
	"tocsin/internal/response/matrix"
	"tocsin/spec/mpcvd"
	"tocsin/spec/tlp"
	"tocsin/spec/vex"
)

// releasedCase is a case of two vendors that went its whole way: it was
// released ten days ago.
func (s *script) releasedCase() error {
	cora, colin := s.cast["cora"], s.cast["colin"]
	release := s.now.Add(-10 * day).Truncate(24 * time.Hour).Add(14 * time.Hour)
	var c casework.Case
	var vuln matrix.Vulnerability
	s.at(52 * day)
	err := s.do(func(tx *db.Tx) (err error) {
		c, err = casework.OpenCase(tx, cora, casework.NewCase{Title: "Management page of two switch families answers without a password", Level: tlp.AmberStrict, Program: s.tree["vendor-consortium"], Summary: "A request with two slashes in its path is not asked for a password."})
		if err != nil {
			return err
		}
		vuln, err = matrix.AddVulnerability(tx, cora, c.ID, matrix.Vulnerability{Title: "Path with two slashes skips the password", CVE: "CVE-2026-30118", CWE: "CWE-287",
			CVSS31: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N", Description: "The access check compares the path before it is normalized.", Credits: []string{"Edda Nyström, Fernhill University"}})
		if err != nil {
			return err
		}
		_, err = casework.InviteByComponent(tx, cora, c.ID, "", "Wharf Switch", casework.Inclusion{Reason: "Names the switch in the report."})
		if err == nil {
			_, err = casework.InviteByComponent(tx, cora, c.ID, "", "Vexel Router", casework.Inclusion{Reason: "Same web server in the firmware."})
		}
		return err
	})
	if err != nil {
		return err
	}
	s.at(51 * day)
	for _, name := range []string{"viktor", "wanda"} {
		if err := s.accept(name); err != nil {
			return err
		}
	}
	s.at(50 * day)
	if err := s.do(func(tx *db.Tx) error {
		p, err := embargo.Propose(tx, cora, c.ID, embargo.Offer{Ends: release, Reason: "Both fixes are small."})
		if err == nil {
			_, err = embargo.Decide(tx, cora, p.ID, true, "Both vendors agreed by phone.")
		}
		return err
	}); err != nil {
		return err
	}
	s.at(30 * day)
	if err := s.fixes(c, vuln); err != nil {
		return err
	}
	press := advisory.Press{Sealer: s.house.Sealer, URL: s.house.URL}
	s.at(20 * day)
	var v advisory.Advisory
	if err := s.do(func(tx *db.Tx) (err error) {
		if v, err = advisory.Draft(tx, cora, c.ID); err != nil {
			return err
		}
		v, err = advisory.Submit(tx, cora, v.ID, v.Version)
		return err
	}); err != nil {
		return err
	}
	s.at(18 * day)
	if err := s.do(func(tx *db.Tx) (err error) {
		if v, err = advisory.Approve(tx, colin, v.ID, v.Version); err != nil {
			return err
		}
		v, err = press.Schedule(tx, colin, v.ID, advisory.Plan{Version: v.Version, Level: tlp.Clear})
		return err
	}); err != nil {
		return err
	}
	s.clock.Set(release)
	if err := s.do(func(tx *db.Tx) error {
		_, err := embargo.Tick(tx)
		if err == nil {
			_, err = press.Tick(tx)
		}
		return err
	}); err != nil {
		return err
	}
	s.at(8 * day)
	return s.do(func(tx *db.Tx) error {
		_, err := casework.Close(tx, cora, c.ID, "Released; both fixes are out.")
		return err
	})
}

// fixes lets both vendors of the released case say that they fixed it.
func (s *script) fixes(c casework.Case, vuln matrix.Vulnerability) error {
	for _, f := range []struct{ who, product, affected, fixed string }{{"viktor", "Vexel Router", "2.0 to 2.3", "2.4"}, {"wanda", "Wharf Switch", "7.1", "7.2"}} {
		err := s.do(func(tx *db.Tx) error {
			p, err := s.party(tx, c, f.who)
			if err != nil {
				return err
			}
			r, err := matrix.PutProduct(tx, s.cast[f.who], c.ID, matrix.Product{Participant: p.ID, Name: f.product})
			if err != nil {
				return err
			}
			_, err = matrix.SetStatus(tx, s.cast[f.who], c.ID, matrix.Status{Participant: p.ID, Vulnerability: vuln.ID, Product: r.ID, Status: vex.Fixed, Affected: []string{f.affected}, Fixed: []string{f.fixed}, Statement: "Update to " + f.product + " " + f.fixed + "."})
			if err == nil {
				_, err = embargo.MoveProgress(tx, s.cast[f.who], c.ID, p.ID, mpcvd.EventFixReady)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
