package membership

import (
	"slices"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/membership"
)

// may lists what the reader may do now, so that every door offers the same
// and nothing that would be refused.
func (out *Dossier) may(tx *db.Tx, a audience.Actor, p Application) ([]string, error) {
	verbs := membership.Application.Verbs(p.State)
	can := func(v membership.AppVerb) bool {
		return slices.Contains(verbs, v) && !(p.Frozen && slices.Contains(membership.Forward, v))
	}
	list := []string{}
	add := func(ok bool, what string) {
		if ok {
			list = append(list, what)
		}
	}
	switch p.Side {
	case Secretariat:
		err := impartial(tx, a, p)
		if errs.Is(err, errs.Denied) || err == nil && !charter.Allows(a, charter.ScopeCoordinate) {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		out.secretary(a, p, can, add)
	case Applicant:
		for _, v := range []membership.AppVerb{membership.AppEdit, membership.AppSubmit, membership.AppWithdraw} {
			add(can(v), string(v))
		}
		add(can(membership.AppSign) && p.Org != "" && len(out.Unsigned) == 0, "sign")
		add(p.Newcomer && a.Link == p.ID, "relink")
	}
	return list, out.voices(tx, a, p, add)
}

func (out *Dossier) secretary(a audience.Actor, p Application, can func(membership.AppVerb) bool, add func(bool, string)) {
	for _, v := range []membership.AppVerb{membership.AppReturn, membership.AppCheck, membership.AppAnnounce, membership.AppActivate} {
		add(can(v), string(v))
	}
	add(p.State == membership.AppComplete, "ask")
	add(p.State == membership.AppObjection && slices.ContainsFunc(out.Objections, func(x Objection) bool { return x.Answer == "" }), "answer")
	add(can(membership.AppPut) && out.Rules.ByBoard && charter.IsCoordinator(a), "put")
	alone := p.State == membership.AppReady && !out.Rules.ByBoard && a.Person != p.CheckedBy
	add(can(membership.AppAccept) && alone, "accept")
	add(can(membership.AppRefuse) && (alone || p.State == membership.AppSubmitted), "refuse")
	add(can(membership.AppPrepare) && p.Newcomer, "prepare")
	add(can(membership.AppSign) && p.Org != "" && len(out.Unsigned) == 0, "sign")
	add(can(membership.AppTest), "test")
	add(p.State == membership.AppRefused, "explain")
	add(!p.State.Ended(), "recuse")
	add(p.Newcomer && !p.State.Ended(), "relink")
}

// voices are the reader's organizations that may speak as members now.
func (out *Dossier) voices(tx *db.Tx, a audience.Actor, p Application, add func(bool, string)) error {
	sponsor, object := false, false
	for _, orgID := range a.Of(audience.Org) {
		ok, err := speaksFor(tx, a, orgID)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		asked, err := db.Value[int](tx, `SELECT COUNT(*) FROM application_sponsor WHERE application_id = $1 AND org_id = $2 AND answer = ''`, p.ID, orgID)
		if err != nil {
			return err
		}
		said, err := db.Value[int](tx, `SELECT COUNT(*) FROM application_objection WHERE application_id = $1 AND org_id = $2`, p.ID, orgID)
		if err != nil {
			return err
		}
		_, err = p.mayConcern(tx, orgID)
		if err != nil && !errs.Is(err, errs.Conflict) {
			return err
		}
		asks := asked > 0 && p.State == membership.AppComplete
		objects := err == nil && said == 0 && p.State == membership.AppObjection && tx.Now.Before(p.ObjectionsEnd)
		if asks || objects {
			out.Voices = append(out.Voices, orgID)
		}
		sponsor, object = sponsor || asks, object || objects
	}
	add(sponsor, "sponsor")
	add(object, "object")
	return nil
}
