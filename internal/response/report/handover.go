package report

import (
	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/outbox"
	"tocsin/spec/mpcvd"
)

// Handover passes a report to the one vendor it concerns.
type Handover struct {
	Org     string `json:"org_id"`
	Reason  string `json:"reason"` // for the coordinators
	Note    string `json:"note"`   // for the finder, or ""
	Version int64  `json:"version"`
}

// HandOver gives a valid report to the vendor's own team, with its files and
// additions, and closes it here. The vendor is asked to accept no terms: the
// matter is its own. It does not learn the finder's address, nor what finder
// and coordinators said to one another.
func (d Desk) HandOver(tx *db.Tx, a audience.Actor, ref string, in Handover) (Report, error) {
	r, err := coordinated(tx, a, ref)
	if err != nil {
		return r, err
	}
	if err := r.unchanged(in.Version, in); err != nil {
		return r, err
	}
	if in.Reason, err = cleanReason(in.Reason, true); err != nil {
		return r, err
	}
	o, err := orgs.Get(tx, a, in.Org)
	if err != nil {
		return r, err
	}
	if o.State != orgs.Active {
		return r, errs.New(errs.Conflict, "%s is suspended and cannot take a report.", o.Name)
	}
	before := r.State
	if err := r.toWork(); err != nil {
		return r, err
	}
	if err := r.step(mpcvd.RMClose); err != nil {
		return r, err
	}
	me := audience.Grant{Kind: audience.Org, ID: o.ID, Role: audience.Contributor, Reason: "the report is about its product"}
	if err := audience.Admit(tx, r.Audience, me); err != nil {
		return r, err
	}
	team, err := audience.Load(tx, r.Team)
	if err != nil {
		return r, err
	}
	if r.VendorSide, err = audience.Within(tx, r.Audience, "talk with the vendor", append(team.Grants, me), nil); err != nil {
		return r, err
	}
	r.Org, r.Outcome, r.Reason, r.ClosedAt, r.DeskAt = o.ID, HandedOver, in.Reason, tx.Now, tx.Now
	if err := save(tx, &r, before); err != nil {
		return r, err
	}
	record(tx, a, r, EventMoved, map[string]any{"outcome": HandedOver, "org": o.ID, "reason": in.Reason})
	ledger.Append(tx, ledger.Event{Kind: EventHandedOver, Actor: a, Audience: r.VendorSide, Level: r.Level, Scope: r.ID, Object: r.Ref(), Data: map[string]string{"number": r.Number, "org": o.ID}})
	if err := d.mailVendor(tx, r, o); err != nil {
		return r, err
	}
	return r, d.announce(tx, a, r, in.Note)
}

// toWork accepts a report that was found valid; anything else is not ready to
// be passed on.
func (r *Report) toWork() error {
	if !r.Open() {
		return errs.New(errs.Conflict, "%s has its outcome already.", r.Number)
	}
	if r.State == mpcvd.RMAccepted {
		return nil
	}
	if r.State != mpcvd.RMValid && r.State != mpcvd.RMDeferred {
		return errs.New(errs.Conflict, "%s is %q; validate it first.", r.Number, mpcvd.Report.Label(r.State))
	}
	return r.step(mpcvd.RMAccept)
}

// mailVendor writes to an organization that has nobody on duty here; those
// who are learn it as a notice.
func (d Desk) mailVendor(tx *db.Tx, r Report, o orgs.Org) error {
	duty, err := orgs.OnDuty(tx, o.ID, false)
	if err != nil || len(duty) > 0 || o.Email == "" || d.Box == nil {
		return err
	}
	ch, err := charter.Load(tx)
	if err != nil {
		return err
	}
	return d.Box.Put(tx, outbox.Item{Key: "handover " + r.ID, Kind: "mail", Address: o.Email},
		outbox.Mail{Subject: "[" + r.Number + "] A security report for your team", Text: ch.Name + " has a security report for your team.\n\nIt is kept at " + ch.URL + Path(r.Number) +
			"\nNobody of your organization can sign in there yet: please answer\nto " + ch.Email + " and name the number " + r.Number + ".\n"}, tx.Now)
}
