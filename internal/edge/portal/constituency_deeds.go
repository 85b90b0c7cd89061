package portal

import (
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	spec "tocsin/spec/constituency"
)

// claimDeed runs a verb on a claim and goes back to it; a refusal is shown in
// the form of that name.
func (v *visit) claimDeed(form, done string, f func(tx *db.Tx, claimID string) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	err := v.write(func(tx *db.Tx) error { return f(tx, v.path("claim")) })
	if err == nil {
		return v.next(claimPath(v.path("claim")), done)
	}
	return v.refusedDeed(err, form)
}

func (v *visit) refusedDeed(err error, form string) error {
	c, e := v.loadClaim()
	if e != nil {
		return err
	}
	data, forms := v.claimSheet(c)
	if forms[form] == nil {
		return err
	}
	for i, f := range forms[form].Fields {
		if f.Kind != look.Select {
			forms[form].Fields[i].Value = v.form(f.Name)
		}
	}
	fault(forms[form], err)
	return v.again(err, "sheet", data)
}

func (v *visit) askRecord() error {
	return v.claimDeed("", "Set the record that is shown, then check it.", func(tx *db.Tx, id string) error {
		_, err := v.Registrar().ChallengeByRecord(tx, v.Actor, id)
		return err
	})
}

func (v *visit) sendClaimLink() error {
	return v.claimDeed("mail", "The link is on its way.", func(tx *db.Tx, id string) error {
		_, err := v.Registrar().ChallengeByMail(tx, v.Actor, id, v.form("address"))
		return err
	})
}

// checkRecord looks the record up; no transaction is open meanwhile.
func (v *visit) checkRecord() error {
	if err := v.parse(); err != nil {
		return err
	}
	c, err := v.Registrar().Check(v.r.Context(), v.DB, v.Actor, v.path("claim"))
	if err != nil {
		return err
	}
	done := ""
	if c.State.Answers() && c.Inside.Challenge == nil {
		done = "The record is there: the claim is proven for a year."
	}
	return v.next(claimPath(c.ID), done)
}

func (v *visit) confirmClaim() error {
	return v.claimDeed("confirm", "The claim is confirmed for a year.", func(tx *db.Tx, id string) error {
		_, err := constituency.Confirm(tx, v.Actor, id, v.form("note"))
		return err
	})
}

func (v *visit) refuseClaim() error {
	return v.claimDeed("refuse", "The claim is refused.", func(tx *db.Tx, id string) error {
		_, err := constituency.Refuse(tx, v.Actor, id, v.form("reason"))
		return err
	})
}

func (v *visit) noteRegistry() error {
	return v.claimDeed("registry", "The registry's contact is kept.", func(tx *db.Tx, id string) error {
		_, err := constituency.NoteRegistry(tx, v.Actor, id, v.form("address"), v.form("source"))
		return err
	})
}

func (v *visit) askWithdrawClaim() error {
	c, err := v.loadClaim()
	if err != nil {
		return err
	}
	if !c.speaks {
		return notYours
	}
	if _, err := spec.Claim.Move(c.State, spec.Withdraw); err != nil {
		return v.next(claimPath(c.ID), "")
	}
	return v.ask(v.claimFrame(c.Claim, "Withdraw"), look.Confirm{Title: "Withdraw " + c.Spec().Words(), What: "The organization no longer says that it answers for this, and nobody is pointed to it.", Whom: "Whoever asks who answers.", Undo: "Claim it anew, and prove it again.",
		Button: look.Button{Label: "Withdraw the claim", Kind: look.Danger}, Cancel: claimPath(c.ID)})
}

func (v *visit) withdrawClaim() error {
	return v.claimDeed("", "The claim is withdrawn.", func(tx *db.Tx, id string) error {
		_, err := constituency.Withdraw(tx, v.Actor, id)
		return err
	})
}
