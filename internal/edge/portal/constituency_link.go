package portal

import (
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

// claimLink asks whoever was mailed whether a claim is so. Opening it does
// nothing: machines open links that are in mails.
func (v *visit) claimLink() error {
	var asked constituency.Asked
	err := v.read(func(tx *db.Tx) (err error) {
		asked, err = constituency.OpenLink(tx, v.path("secret"))
		return err
	})
	if err != nil {
		return err
	}
	f := v.frame("")
	f.Narrow, f.Public = true, true
	f.Head = look.RecordHead{Title: "Does " + asked.OrgName + " answer for " + asked.Words + "?"}
	f.Head.Lede = "You are asked because mail to " + asked.Address + " reaches you."
	path := constituency.LinkPath(v.path("secret"))
	return v.show("sheet", sheet{Frame: f, Parts: []part{
		{Lede: "If you say yes, incidents that concern it are reported to " + asked.OrgName + ". If you are not sure, leave this page; nothing is confirmed then.",
			Facts: &look.Facts{Items: []look.Fact{{Term: "Organization", Text: asked.OrgName}, {Term: "Answers for", Text: asked.Words}, {Term: "Can be answered until", Time: asked.Until}}}},
		{Buttons: []look.Button{{Label: "Yes, it does", Kind: look.Primary, Action: path, Name: "answer", Value: "yes"}, {Label: "No, it does not", Action: path, Name: "answer", Value: "no"}}}}})
}

func (v *visit) answerClaimLink() error {
	if err := v.parse(); err != nil {
		return err
	}
	answer := v.form("answer")
	if answer != "yes" && answer != "no" {
		return errs.Bad("answer", "Answer yes or no.")
	}
	var asked constituency.Asked
	err := v.write(func(tx *db.Tx) (err error) {
		asked, err = constituency.AnswerLink(tx, v.path("secret"), answer == "yes")
		return err
	})
	if err != nil {
		return err
	}
	f := v.frame("")
	f.Narrow, f.Public = true, true
	f.Head = look.RecordHead{Title: "Thank you"}
	said := asked.OrgName + " is known to answer for " + asked.Words + " now."
	if answer == "no" {
		said = "The claim of " + asked.OrgName + " to " + asked.Words + " is not confirmed, and the coordinators are told."
	}
	return v.show("sheet", sheet{Frame: f, Parts: []part{{Lede: said}}})
}
