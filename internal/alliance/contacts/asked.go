package contacts

import (
	"strings"
	"time"

	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/spec/text"
)

// Reply answers "who do I call at X about Y, now?".
type Reply struct {
	Org     orgs.Org   `json:"org"`
	About   string     `json:"about,omitempty"`
	Callees []Callee   `json:"callees"`
	Choices []orgs.Org `json:"choices,omitempty"` // where the name could mean several: ask again with one of them
}

const maxQuestion = 20 // words

// Who reads a question in one line, such as "Vexel legal" or "legal at Vexel",
// and answers it as WhoNow does. NotFound when no organization that the actor
// sees has such a name.
func Who(tx *db.Tx, a audience.Actor, question string, now time.Time) (Reply, error) {
	line, _, err := text.CleanLine(question, 300)
	words := strings.Fields(line)
	if err != nil || len(words) == 0 || len(words) > maxQuestion {
		return Reply{}, errs.Bad("q", "Name the organization, and what it is about.")
	}
	var several []orgs.Org
	// The longest name wins; it stands first or last.
	for n := len(words); n > 0; n-- {
		for _, cut := range []struct{ name, rest []string }{{words[:n], words[n:]}, {words[len(words)-n:], words[:len(words)-n]}} {
			name := strings.Trim(strings.Join(cut.name, " "), " ,:;?")
			found, err := named(tx, a, name)
			if err != nil {
				return Reply{}, err
			}
			if len(found) == 1 {
				about := matter(cut.rest)
				callees, err := WhoNow(tx, a, found[0].ID, about, now)
				return Reply{Org: found[0], About: about, Callees: callees}, err
			}
			if len(several) == 0 {
				several = found
			}
			if n == len(words) {
				break
			}
		}
	}
	if len(several) == 0 {
		return Reply{}, errs.Missing("organization")
	}
	return Reply{Choices: several}, nil
}

// named are the organizations of exactly that name, else those whose name
// begins so, at most ten.
func named(tx *db.Tx, a audience.Actor, name string) ([]orgs.Org, error) {
	if name == "" {
		return nil, nil
	}
	p, err := orgs.List(tx, a, orgs.Filter{Prefix: name, Limit: 10})
	for _, o := range p.Orgs {
		if orgs.Fold(o.Name) == orgs.Fold(name) {
			return []orgs.Org{o}, nil
		}
	}
	return p.Orgs, err
}

// matter is the rest of a question without the words that join it to a name.
func matter(rest []string) string {
	joins := func(w string) bool {
		switch strings.ToLower(strings.Trim(w, ",:;?")) {
		case "", "about", "for", "at", "on", "re", "the", "of", "in":
			return true
		}
		return false
	}
	for len(rest) > 0 && joins(rest[0]) {
		rest = rest[1:]
	}
	for len(rest) > 0 && joins(rest[len(rest)-1]) {
		rest = rest[:len(rest)-1]
	}
	return strings.Trim(strings.Join(rest, " "), " ,:;?")
}

// WhoAt is Who for an organization and a matter that are known.
func WhoAt(tx *db.Tx, a audience.Actor, orgID, about string, now time.Time) (Reply, error) {
	callees, err := WhoNow(tx, a, orgID, about, now)
	if err != nil {
		return Reply{}, err
	}
	o, err := orgs.Get(tx, a, orgID)
	return Reply{Org: o, About: about, Callees: callees}, err
}
