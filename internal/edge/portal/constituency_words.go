package portal

import (
	"tocsin/internal/alliance/constituency"
	"tocsin/internal/edge/look"
	spec "tocsin/spec/constituency"
)

var claimKindWords = map[spec.Kind]string{
	spec.ASN: "autonomous system", spec.Prefix: "address block", spec.Domain: "domain", spec.Country: "country", spec.Sector: "sector", spec.Product: "product",
}

var claimTones = map[spec.State]look.Tone{spec.Proven: look.Good, spec.Proving: look.Waiting, spec.Claimed: look.Waiting, spec.Disputed: look.Bad, spec.Expired: look.Bad}

func claimChip(s spec.State) look.Chip {
	return look.Chip{Label: string(s), Tone: claimTones[s]}
}

var claimMethodWords = map[constituency.Method]string{
	constituency.DNS: "a record in the domain", constituency.Mail: "a link answered by mail", constituency.Note: "a coordinator's word",
}

var relationWords = map[spec.Relation]string{spec.Equal: "the same as", spec.Contains: "holds", spec.Within: "lies within"}

var decisionWords = map[constituency.Decision]string{
	constituency.Shared: "Both answer for it",
	constituency.One:    "It belongs to one of them",
	constituency.Split:  "The more particular claim answers for its part, the other for the rest",
}

func overlapChip(x constituency.Overlap) look.Chip {
	switch x.State {
	case constituency.Contested:
		return look.Chip{Label: "in dispute", Tone: look.Bad}
	case constituency.Settled:
		return look.Chip{Label: "settled", Tone: look.Good}
	}
	return look.Chip{Label: "to be settled", Tone: look.Waiting}
}

func claimPath(claimID string) string { return "/alliance/constituency/claims/" + claimID }

func overlapPath(overlapID string) string { return "/alliance/constituency/overlaps/" + overlapID }

func orgClaims(orgID string) string { return orgPath(orgID) + "/constituency" }

// kindField chooses what is claimed.
func kindField(chosen string) look.Field {
	f := look.Field{Kind: look.Select, Name: "kind", Label: "What it is"}
	for _, k := range spec.Kinds {
		f.Options = append(f.Options, look.Option{Value: string(k), Label: claimKindWords[k], On: string(k) == chosen})
	}
	return f
}
