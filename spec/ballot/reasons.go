package ballot

import (
	"fmt"

	"tocsin/spec/text"
)

func reasons(rules Rules, r Result) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if r.Electorate == 0 {
		say("No seat was entitled to vote.")
	} else {
		met := "the quorum is met"
		if r.Voted < r.Needed {
			met = "there is no quorum, so nothing is decided"
		}
		say("%d of %s voted; %d of them make the quorum (%s): %s.", r.Voted, text.Plural(r.Electorate, "seat", "seats"), r.Needed, rules.Quorum.Words(), met)
	}
	if r.Recused > 0 {
		say("%s recused: left out of the quorum and of the majority.", text.Plural(r.Recused, "seat was", "seats were"))
	}
	if r.Lost > 0 {
		say("%s suspended or replaced since the opening; they cannot vote, and still count for the quorum.", text.Plural(r.Lost, "seat was", "seats were"))
	}
	if r.Uncounted > 0 {
		say("The votes cast for %s do not count: whoever cast them may not vote any more.", text.Plural(r.Uncounted, "seat", "seats"))
	}
	if r.Outcome == Void {
		return out
	}
	tally := fmt.Sprintf("%d for, %d against, %d abstaining", r.Yes, r.No, r.Abstain)
	switch {
	case r.Outcome == Carried:
		say("%s: at least %s of the votes for and against are for it. The motion is carried.", tally, rules.Majority.Words())
	case r.Yes+r.No == 0:
		say("%s: nobody voted for or against. The motion fails.", tally)
	case r.Yes == r.No:
		say("%s: a tie. The motion fails.", tally)
	default:
		say("%s: less than %s of the votes for and against are for it. The motion fails.", tally, rules.Majority.Words())
	}
	return out
}
