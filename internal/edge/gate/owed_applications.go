package gate

import (
	"net/url"

	"tocsin/internal/alliance/membership"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/response/casework"
)

// OwedApplication is the kind of a step with an application.
const OwedApplication = "application.step"

// ApplicationPath is the page of an application.
func ApplicationPath(number string) string {
	return "/alliance/applications/" + url.PathEscape(number)
}

// applications are the steps with applications that wait for the actor.
func applications(tx *db.Tx, a audience.Actor) ([]casework.Owed, error) {
	list, err := membership.AppsOwed(tx, a)
	var out []casework.Owed
	for _, o := range list {
		out = append(out, casework.Owed{Number: o.Number, What: o.What + " (" + o.Number + ")", Due: o.Due, URL: ApplicationPath(o.Number), Kind: OwedApplication})
	}
	return out, err
}
