package portal

import (
	"net/url"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

var personStates = []people.State{people.Active, people.Invited, people.Suspended, people.Left}

func personChip(s people.State) *look.Chip {
	c := &look.Chip{Label: string(s)}
	if s == people.Suspended {
		c.Tone = look.Bad
	}
	return c
}

func (v *visit) peoplePage() error {
	q := v.r.URL.Query()
	filter := people.Filter{State: people.State(q.Get("state")), Find: q.Get("q"), After: q.Get("cursor")}
	var page people.Page
	err := v.read(func(tx *db.Tx) (err error) {
		page, err = people.List(tx, v.Actor, filter)
		return err
	})
	if err != nil {
		return err
	}
	t := &look.Table{ID: "people", Caption: "People", Hidden: true, Empty: &look.Empty{Text: "Nobody fits."}, Columns: []look.Column{{Label: "Name", Wide: true}, {Label: "Mail address"}, {Label: "State"}, {Label: "Time zone"}, {Label: "Since"}}}
	for _, p := range page.People {
		t.Rows = append(t.Rows, look.Row{Cells: []look.Cell{{Text: p.Name, Href: "/admin/people/" + p.ID}, {Text: p.Email}, {Chip: personChip(p.State)}, {Text: p.TimeZone}, {Time: p.CreatedAt}}})
	}
	if page.Next != "" {
		t.Pager = &look.Pager{Next: "/admin/people?" + url.Values{"state": {q.Get("state")}, "q": {q.Get("q")}, "cursor": {page.Next}}.Encode()}
	}
	state := look.Field{Kind: look.Select, Name: "state", Label: "State", Optional: true, Short: true, Options: []look.Option{{Label: "any"}}}
	for _, s := range personStates {
		state.Options = append(state.Options, look.Option{Value: string(s), Label: string(s), On: s == filter.State})
	}
	data := sheet{Frame: v.adminFrame("/admin/people"), Parts: []part{{Search: &look.Form{Get: true, Action: "/admin/people", Button: look.Button{Label: "Find"}, Fields: []look.Field{
		{Kind: "search", Name: "q", Label: "Part of the name or address", Value: q.Get("q"), Optional: true, Short: true, Max: 254}, state}}, Table: t}}}
	data.Head.Actions = []look.Button{{Label: "Invite somebody", Href: "/alliance/invitations"}}
	return v.show("sheet", data)
}

// account is a person as the operator sees them.
type account struct {
	people.Person
	roles       []string
	memberships []orgs.Membership
}

func (a account) path() string { return "/admin/people/" + a.ID }

func (v *visit) loadAccount() (a account, err error) {
	err = v.read(func(tx *db.Tx) error {
		if a.Person, err = people.Get(tx, v.Actor, v.path("person")); err != nil {
			return err
		}
		if a.roles, err = people.RolesOf(tx, a.ID); err != nil {
			return err
		}
		a.memberships, err = orgs.Of(tx, a.ID)
		return err
	})
	return a, err
}

func (v *visit) accountOf(a account) look.Frame {
	f := v.adminFrame("/admin/people")
	f.Head.Tabs, f.Head.Kind, f.Head.Title = nil, "person", a.Name
	f.Head.Crumbs = []look.Link{{Label: "People", Href: "/admin/people"}, {Label: a.Name, Href: a.path()}}
	f.Head.State = []look.Chip{*personChip(a.State)}
	return f
}

func (v *visit) personPage() error {
	a, err := v.loadAccount()
	if err != nil {
		return err
	}
	facts := &look.Facts{Items: []look.Fact{{Term: "Mail address", Text: a.Email}, {Term: "Time zone", Text: a.TimeZone}, {Term: "Language", Text: a.Locale}, {Term: "Since", Time: a.CreatedAt}}}
	for _, m := range a.memberships {
		facts.Items = append(facts.Items, look.Fact{Term: "Works for", Text: m.OrgName + " as " + string(m.Role), Href: orgPath(m.Org)})
	}
	data := sheet{Frame: v.accountOf(a), Secrets: v.takeOnce(), Parts: []part{{Facts: facts, Buttons: accountDeedButtons(a)}}}
	roles := part{Title: "Alliance roles"}
	for _, r := range charter.Roles {
		switch {
		case contains(a.roles, r):
			roles.Buttons = append(roles.Buttons, look.Button{Label: "Take “" + r + "” away…", Href: a.path() + "/roles/" + r + "/revoke"})
			roles.Chips = append(roles.Chips, look.Chip{Label: r, Tone: look.Info})
		case a.State == people.Active:
			roles.Buttons = append(roles.Buttons, look.Button{Label: "Make " + r + "…", Href: a.path() + "/roles/" + r + "/grant"})
		}
	}
	if len(roles.Chips) == 0 {
		roles.Lede = "None."
	}
	data.Parts = append(data.Parts, roles)
	if a.State == people.Active {
		data.Parts = append(data.Parts, part{Title: "Lost every way in", Lede: "A printed link signs this person in once, within a day, without a password or a second factor. Hand it over only to somebody whom you recognize.",
			Popups: []look.Popup{{ID: "link", Open: look.Button{Label: "Print a sign-in link…"}, Confirm: look.Confirm{ID: "link", Title: "Print a sign-in link for " + a.Name, What: "The link is shown once. Links printed before end.", Whom: a.Name + " sees in the ledger that you did.", Undo: "Print another one; this one ends.",
				Action: a.path() + "/link", Button: look.Button{Label: "Print the link", Kind: look.Danger}, Cancel: a.path()}}}})
	}
	return v.show("sheet", data)
}

// The deeds on an account: from which states, what the question says, and the
// verb.
type accountDeed struct {
	from              []people.State
	label, what, undo string
	done              string
	do                func(*db.Tx, audience.Actor, string) (people.Person, error)
}

var accountDeeds = map[string]accountDeed{
	"suspend": {[]people.State{people.Active}, "Suspend", "No session, token or link of this person holds from the next request on, and nothing is sent to them. Memberships and roles wait.", "Restore the account.", "The account is suspended.", people.Suspend},
	"restore": {[]people.State{people.Suspended}, "Restore", "The person signs in as before and has all seats again.", "Suspend the account.", "The account is restored.", people.Restore},
	"leave":   {[]people.State{people.Active, people.Suspended, people.Invited}, "End the account", "All memberships, roles, sessions, tokens and ways to sign in go. What the person wrote stays.", "Invite them again; they join anew.", "The account has ended.", people.Leave},
}

func accountDeedButtons(a account) (out []look.Button) {
	for _, name := range []string{"suspend", "restore", "leave"} {
		deed := accountDeeds[name]
		for _, s := range deed.from {
			if s == a.State {
				out = append(out, look.Button{Label: deed.label + "…", Href: a.path() + "/" + name})
			}
		}
	}
	return out
}

func (v *visit) askAccount() error {
	deed, ok := accountDeeds[v.path("deed")]
	a, err := v.loadAccount()
	if err != nil || !ok {
		return firstError(err, errs.Missing("page"))
	}
	return v.ask(v.accountOf(a), look.Confirm{Title: deed.label + ": " + a.Name, What: deed.what, Whom: a.Name + ", " + a.Email, Undo: deed.undo, Button: look.Button{Label: deed.label, Kind: look.Danger}, Cancel: a.path()})
}

func (v *visit) doAccount() error {
	deed, ok := accountDeeds[v.path("deed")]
	if !ok {
		return errs.Missing("page")
	}
	err := v.write(func(tx *db.Tx) error {
		_, err := deed.do(tx, v.Actor, v.path("person"))
		return err
	})
	if err != nil {
		return err
	}
	return v.next("/admin/people/"+v.path("person"), deed.done)
}

func (v *visit) askRole() error {
	a, err := v.loadAccount()
	role, move := v.path("role"), v.path("move")
	if err != nil || !contains(charter.Roles, role) || move != "grant" && move != "revoke" {
		return firstError(err, errs.Missing("role"))
	}
	c := look.Confirm{Title: "Make " + a.Name + " " + role, What: roleWords[role], Whom: a.Name + ", " + a.Email, Undo: "Take the role away.", Button: look.Button{Label: "Make " + role, Kind: look.Danger}, Cancel: a.path()}
	if move == "revoke" {
		c.Title, c.What, c.Undo, c.Button.Label = "Take “"+role+"” away from "+a.Name, "All access through the role is gone in the next request.", "Give the role again.", "Take the role away"
	}
	return v.ask(v.accountOf(a), c)
}

func (v *visit) doRole() error {
	verb, done := people.GrantRole, "The role is given."
	switch v.path("move") {
	case "grant":
	case "revoke":
		verb, done = people.RevokeRole, "The role is taken away."
	default:
		return errs.Missing("page")
	}
	if err := v.write(func(tx *db.Tx) error { return verb(tx, v.Actor, v.path("person"), v.path("role")) }); err != nil {
		return err
	}
	if v.path("person") == v.Actor.Person {
		return v.next("/", done)
	}
	return v.next("/admin/people/"+v.path("person"), done)
}

func (v *visit) printLink() error {
	var secret string
	err := v.write(func(tx *db.Tx) (err error) {
		secret, err = people.SignInLink(tx, v.Actor, v.path("person"))
		return err
	})
	if err != nil {
		return err
	}
	return v.once("/admin/people/"+v.path("person"), "The link is printed.", look.Secret{Label: "Sign-in link, good once within a day", Values: []string{v.URL + people.SignInPath(secret)}})
}
