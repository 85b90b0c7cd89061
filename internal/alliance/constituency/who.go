package constituency

import (
	"cmp"
	"slices"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	spec "tocsin/spec/constituency"
)

// Answer says who answers for what was asked.
type Answer struct {
	Kind  spec.Kind `json:"kind"`
	Value string    `json:"value"` // as it was understood
	// Claims are those that hold it and are proven, the most particular
	// first; of equally particular ones, undisputed ones first.
	Claims []Claim `json:"claims"`
	// First is how many of Claims are the most particular: more than one
	// shares it, or has it in dispute.
	First int `json:"first"`
	// Note says why nobody can answer, where that is so: an address may be
	// set aside for private use.
	Note string `json:"note,omitempty"`
}

const maxAnswers = 200

// WhoAnswersFor says in one step who answers for an address, block, AS
// number, domain, mail or web address, country, sector or product, as far as
// the actor may see it.
func WhoAnswersFor(tx *db.Tx, a audience.Actor, question string) (Answer, error) {
	if err := charter.SignedIn(a); err != nil {
		return Answer{}, err
	}
	v, err := spec.Ask(question)
	if err != nil {
		return Answer{}, errs.Bad("question", "%s", sentence(err))
	}
	out := Answer{Kind: v.Kind, Value: v.Text}
	var args db.Args
	where := "c.kind = " + args.Add(string(v.Kind)) + " AND c.sort_key IN " + db.List(&args, v.Above()) + " AND " + answers(tx, "c", &args)
	sight, err := visible(tx, a, "c", &args)
	if err != nil {
		return out, err
	}
	list, err := load(tx, where+" AND "+sight+" ORDER BY c.id"+db.Limit(maxAnswers), args...)
	if err != nil {
		return out, err
	}
	rank := func(c Claim) int {
		if c.State == spec.Disputed {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(list, func(x, y Claim) int {
		return cmp.Or(cmp.Compare(y.Spec().Depth(), x.Spec().Depth()), cmp.Compare(rank(x), rank(y)), cmp.Compare(x.OrgName, y.OrgName))
	})
	out.Claims = show(a, list...)
	for _, c := range list {
		if c.Spec().Depth() == list[0].Spec().Depth() {
			out.First++
		}
	}
	if len(list) == 0 && (v.Kind == spec.Prefix || v.Kind == spec.ASN) {
		if _, err := spec.Parse(v.Kind, v.Text); err != nil {
			out.Note = sentence(err)
		}
	}
	return out, nil
}
