package portal

import (
	"strconv"
	"strings"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/programs"
	"tocsin/internal/edge/look"
)

var featureWords = map[programs.Feature]string{
	programs.Cases: "cases", programs.JointResponse: "joint response", programs.Intelligence: "intelligence", programs.Samples: "samples",
	programs.NetworkReports: "network reports", programs.Forum: "forum", programs.Library: "library", programs.Events: "events",
}

var evidenceWords = map[programs.Evidence]string{
	programs.PolicyEvidence: "a published vulnerability handling policy", programs.SecurityTxtEvidence: "the address of a security.txt", programs.TeamEvidence: "a description of the response team, such as RFC 2350",
	programs.SIM3Evidence: "a SIM3 self-assessment", programs.ConstituencyEvidence: "a declared and proved constituency", programs.HandlingEvidence: "how it handles what it receives under TLP",
}

var sightWords = map[programs.Sight]string{
	programs.SightMembers:      "members see one another with their people",
	programs.SightNames:        "members see one another's names and classes",
	programs.SightCoordinators: "a member sees itself alone; coordinators see all",
}

// namesOf are the words for the values of a list.
func namesOf[T ~string](list []T, words map[T]string) []string {
	var out []string
	for _, x := range list {
		if w, ok := words[x]; ok {
			out = append(out, w)
		} else {
			out = append(out, string(x))
		}
	}
	return out
}

func orNone(words []string, none string) string {
	if len(words) == 0 {
		return none
	}
	return strings.Join(words, ", ")
}

func daysLong(n int) string { return look.Plural(n, "day", "days") }

// rulesInWords are a program's rules as a member reads them; shut are the
// classes shut out here and above, names the agreements asked for.
func rulesInWords(r programs.Rules, shut []orgs.Class, agreements []look.Link) []look.Fact {
	inherited := ""
	if len(shut) > len(r.ShutOut) {
		inherited = "; some of them by a program above"
	}
	facts := []look.Fact{
		{Term: "Takes", Text: orNone(namesOf(r.Admits, classWords), "every class that is not shut out")},
		{Term: "Shuts out", Text: orNone(namesOf(shut, classWords), "no class") + inherited},
		{Term: "Asks for", Text: orNone(namesOf(r.Evidence, evidenceWords), "no evidence")},
		{Term: "Joining", Text: joiningWords(r)},
		{Term: "Renewal", Text: "every " + daysLong(r.RenewDays)},
		{Term: "Directory", Text: sightWords[r.Directory]},
		{Term: "Has", Text: orNone(namesOf(r.Features, featureWords), "nothing of its own")},
	}
	if r.RenewDays == 0 {
		facts[4].Text = "membership has no end"
	}
	if len(agreements) > 0 {
		facts = append(facts, look.Fact{Term: "Agreements", Links: agreements})
	}
	return facts
}

func joiningWords(r programs.Rules) string {
	var words []string
	if r.Sponsors > 0 {
		words = append(words, look.Plural(r.Sponsors, "member vouches", "members vouch"))
	}
	if r.ObjectionDays > 0 {
		words = append(words, "members may object for "+daysLong(r.ObjectionDays))
	}
	if r.ByBoard {
		words = append(words, "the board votes")
	} else {
		words = append(words, "coordinators decide")
	}
	if !r.Open {
		words = append(words, "no applications are taken at present")
	}
	return strings.Join(words, "; ")
}

// programChips say a program's state.
func programChips(p programs.Program, r programs.Rules) []look.Chip {
	switch {
	case p.State != programs.Active:
		return []look.Chip{{Label: string(p.State)}}
	case r.Open:
		return []look.Chip{{Label: "applications open", Tone: look.Good}}
	}
	return nil
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func number(n int) string { return strconv.Itoa(n) }
