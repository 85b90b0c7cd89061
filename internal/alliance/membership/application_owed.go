package membership

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/spec/membership"
)

// AppOwed is a step with an application that waits for somebody.
type AppOwed struct {
	Number string
	What   string // plain words
	Due    time.Time
}

// duties are what the secretariat owes in a state.
var duties = map[membership.AppState]string{
	membership.AppSubmitted: "Check whether it is complete", membership.AppSponsored: "Tell the members of the applicant", membership.AppReady: "Bring it to a decision",
	membership.AppAccepted: "Invite the applicant's first admin", membership.AppSigned: "Send the applicant a test page", membership.AppTested: "Make the membership active",
}

const maxAppOwed = 100

// AppsOwed lists the steps that wait for the actor: as a member of the
// secretariat, as an admin of a member that was asked to speak, and as an
// admin of the applying organization. What rests, and what somebody else has
// to do first, is owed by nobody.
func AppsOwed(tx *db.Tx, a audience.Actor) ([]AppOwed, error) {
	if a.Person == "" {
		return nil, nil
	}
	var args db.Args
	list, err := db.All(tx, scanApp, `SELECT `+appColumns+appFrom+` WHERE `+thawed+` AND (a.state IN ('submitted', 'sponsored', 'ready', 'signed', 'tested') OR a.state = 'accepted' AND a.org_id = '' OR a.state = 'draft' AND a.note <> ''
			OR a.state = 'accepted' AND a.org_id <> '' OR a.state = 'complete' AND EXISTS (SELECT 1 FROM application_sponsor s WHERE s.application_id = a.id AND s.answer = '' AND s.org_id IN `+db.List(&args, a.Of(audience.Org))+`)
			OR a.state = 'objection' AND EXISTS (SELECT 1 FROM application_objection x WHERE x.application_id = a.id AND x.answer = ''))
		AND `+visibleApp(a, &args)+` ORDER BY a.updated_at, a.id`+db.Limit(maxAppOwed), args...)
	if err != nil {
		return nil, err
	}
	var out []AppOwed
	for _, p := range list {
		if p.Side, err = sideOf(tx, a, p); err != nil {
			return nil, err
		}
		what, due, err := p.owed(tx, a)
		if err != nil {
			return nil, err
		}
		if what != "" {
			out = append(out, AppOwed{p.Number, what, due})
		}
	}
	return out, nil
}

// owed is what the reader owes; "" for nothing.
func (p Application) owed(tx *db.Tx, a audience.Actor) (what string, due time.Time, err error) {
	switch {
	case p.Side == Secretariat && p.State == membership.AppObjection:
		return "Answer an objection", p.ObjectionsEnd, nil
	case p.Side == Secretariat && (p.State != membership.AppAccepted || p.Org == ""):
		what = duties[p.State]
	case p.Side == Applicant && (p.State == membership.AppDraft || p.State == membership.AppAccepted):
		ok, err := speaksFor(tx, a, p.Org)
		if err != nil || !ok {
			return "", due, err
		}
		if what = "Complete your application"; p.State == membership.AppAccepted {
			what = "Sign the agreements of your application"
		}
		due = p.LapsesAt
	}
	if p.State == membership.AppComplete {
		asked, err := db.Column[string](tx, `SELECT org_id FROM application_sponsor WHERE application_id = $1 AND answer = ''`, p.ID)
		if err != nil {
			return "", due, err
		}
		for _, orgID := range asked {
			ok, err := speaksFor(tx, a, orgID)
			if err != nil {
				return "", due, err
			}
			if ok {
				what = "Say whether you speak for an applicant"
			}
		}
	}
	return what, due, nil
}
