package portal

import (
	"strconv"
	"strings"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/look"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
)

var scopeWords = map[string]string{
	charter.ScopeRead:       "See what you see, and nothing else.",
	charter.ScopeWrite:      "Also report, talk, set your own statuses, draft.",
	charter.ScopeCoordinate: "Also what a coordinator does on a case, short of publishing.",
	charter.ScopeRelease:    "Also approve, schedule and publish advisories, and end an embargo.",
	charter.ScopeAdmin:      "See, and administer: people, organizations, programs, roles, settings, tokens.",
}

type tokenInput struct {
	label  string
	scopes []string
	days   string
}

func (v *visit) tokenSheet(list []people.Token, in tokenInput) sheet {
	data := sheet{Frame: v.accountFrame("/me/tokens"), Secrets: v.takeOnce()}
	table := &look.Table{ID: "tokens", Caption: "Your API tokens", Hidden: true, Whole: true, Columns: []look.Column{{Label: "Token", Wide: true}, {Label: "May"}, {Label: "Made"}, {Label: "Last used"}, {Label: "Ends"}, {Label: "Revoke"}},
		Empty: &look.Empty{Text: "You have no token. One lets a program act for you over the API, within the scopes you give it."}}
	for _, t := range list {
		last := look.Cell{Button: &look.Button{Label: "Revoke…", Href: "/me/tokens/" + t.ID + "/revoke"}}
		switch {
		case !t.RevokedAt.IsZero():
			last = look.Cell{Text: "revoked", Time: t.RevokedAt}
		case !v.now.Before(t.ExpiresAt):
			last = look.Cell{Text: "expired"}
		}
		table.Rows = append(table.Rows, look.Row{Cells: []look.Cell{{Text: named(t.Label, "(no name)")}, {Text: strings.Join(t.Scopes, ", ")}, {Time: t.CreatedAt}, {Time: t.UsedAt}, {Time: t.ExpiresAt}, last}})
	}
	scopes := look.Field{Kind: look.CheckBoxes, Name: "scopes", Label: "What it may do", Hint: "Never more than you may do yourself."}
	for _, s := range charter.Scopes {
		scopes.Options = append(scopes.Options, look.Option{Value: s, Label: s, Hint: scopeWords[s], On: contains(in.scopes, s)})
	}
	data.Parts = []part{{Table: table}, {Form: &look.Form{Title: "Make a token", Action: "/me/tokens", Button: look.Button{Label: "Make the token", Kind: look.Primary}, Fields: []look.Field{
		{Name: "label", Label: "Name", Hint: "What it is for, such as “nightly export”.", Value: in.label, Max: 100}, scopes,
		{Kind: "number", Name: "ttl", Label: "Days until it ends", Hint: "1 to 366.", Value: in.days, Short: true}}}}}
	return data
}

// named is s, or what stands for nothing.
func named(s, nothing string) string {
	if s == "" {
		return nothing
	}
	return s
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

func (v *visit) ownTokens() (list []people.Token, err error) {
	err = v.read(func(tx *db.Tx) error {
		list, err = people.Tokens(tx, v.Actor)
		return err
	})
	return list, err
}

func (v *visit) tokensPage() error {
	list, err := v.ownTokens()
	if err != nil {
		return err
	}
	return v.show("sheet", v.tokenSheet(list, tokenInput{scopes: []string{charter.ScopeRead}, days: "90"}))
}

func (v *visit) makeToken() error {
	if err := v.parse(); err != nil {
		return err
	}
	in := tokenInput{v.form("label"), v.r.PostForm["scopes"], v.form("ttl")}
	var secret string
	days, err := strconv.Atoi(strings.TrimSpace(in.days))
	switch {
	case err != nil || days < 1 || days > 366:
		err = errs.Bad("ttl", "Give a number of days from 1 to 366.")
	case strings.TrimSpace(in.label) == "":
		err = errs.Bad("label", "Say what the token is for, so that you know it again.")
	default:
		err = v.write(func(tx *db.Tx) (err error) {
			secret, _, err = people.NewToken(tx, v.Actor, in.label, in.scopes, time.Duration(days)*24*time.Hour)
			return err
		})
	}
	if err == nil {
		return v.once("/me/tokens", "The token is made.", look.Secret{Label: "Token " + in.label, Values: []string{secret}, Warning: "Shown once. Whoever has it may do what it may do. Send it as: Authorization: Bearer …"})
	}
	list, e := v.ownTokens()
	if e != nil {
		return e
	}
	data := v.tokenSheet(list, in)
	fault(data.Parts[1].Form, err)
	return v.again(err, "sheet", data)
}

func (v *visit) revokePage() error {
	list, err := v.ownTokens()
	if err != nil {
		return err
	}
	for _, t := range list {
		if t.ID == v.path("token") {
			return v.ask(v.accountFrame("/me/tokens"), look.Confirm{Title: "Revoke the token " + named(t.Label, t.ID), What: "It stops working at once.", Whom: "Whatever program uses it.", Undo: "Make a new one and give it to the program.",
				Button: look.Button{Label: "Revoke the token", Kind: look.Danger}, Cancel: "/me/tokens"})
		}
	}
	return errs.Missing("token")
}

func (v *visit) revokeToken() error {
	if err := v.write(func(tx *db.Tx) error { return people.RevokeToken(tx, v.Actor, v.path("token")) }); err != nil {
		return err
	}
	return v.next("/me/tokens", "The token is revoked.")
}
