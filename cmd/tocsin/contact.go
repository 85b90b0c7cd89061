package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"tocsin/client"
)

type contactCommands struct {
	remote

	Who      contactWho      `cmd:"" help:"Who do I call at ORG, about what, now? Whoever is named is told that you looked."`
	List     contactList     `cmd:"" help:"Search the directory; addresses are not shown."`
	Show     contactShow     `cmd:"" help:"Show a contact with its addresses, which is recorded."`
	Add      contactAdd      `cmd:"" help:"Keep a contact of an organization."`
	Edit     contactEdit     `cmd:"" help:"Change a contact; what is not given stays."`
	Confirm  contactConfirm  `cmd:"" help:"Say that a contact is still right."`
	Remove   contactRemove   `cmd:"" help:"Take a contact away."`
	Export   contactExport   `cmd:"" help:"Write contacts as vCard or CSV, for when the server is down."`
	Troubles contactTroubles `cmd:"" help:"What keeps organizations from being reached."`

	Rotation rotationCommands `cmd:"" help:"Who is on call: rotations, their calendar, who takes over."`
	Ladder   ladderCommands   `cmd:"" help:"Whom to call in turn."`
	Call     callCommands     `cmd:"" help:"Call an organization, or test whether it answers."`
}

type contactWho struct {
	Org   string   `arg:"" help:"Name of the organization, or its beginning."`
	About []string `arg:"" optional:"" help:"A kind of contact or a topic."`
}

// Run says whom to call.
func (w contactWho) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.CallReply, error) {
		return c.WhoToCall(ctx, strings.Join(append([]string{w.Org}, w.About...), " "))
	}, func(out io.Writer, a client.CallReply) {
		for _, o := range a.Choices {
			fmt.Fprintf(out, "which one?\t%s\t%s\n", line(o.Name), o.ID)
		}
		if len(a.Choices) == 0 && len(a.Callees) == 0 {
			fmt.Fprintf(out, "%s shows you nobody to call.\n", line(a.Org.Name))
		}
		for _, k := range a.Callees {
			state := "closed now"
			switch {
			case k.Quiet:
				state = "quiet hours: emergencies only"
			case k.Open:
				state = "open"
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%s there (%s)\t%s\n", line(k.Contact.Name), line(first(k.Contact.Phone, k.Contact.Chat, k.Contact.Mail)), state, k.LocalTime, k.Contact.TimeZone, line(k.Why))
		}
	})
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

type searchFlags struct {
	Text string `arg:"" optional:"" help:"Words in names, kinds, topics, languages."`
	Kind string `help:"A kind of contact, such as legal."`
	Org  string `help:"Id of one organization."`
}

func (s searchFlags) search() client.ContactSearch {
	return client.ContactSearch{Text: s.Text, Kind: s.Kind, Org: s.Org}
}

type contactList struct{ searchFlags }

// Run lists contacts.
func (l contactList) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.ContactListing], error) {
		return all(2000, func(p client.Paging) (client.Page[client.ContactListing], error) {
			return c.Contacts(ctx, l.search(), p)
		})
	}, func(w io.Writer, p client.Page[client.ContactListing]) {
		for _, o := range p.Items {
			for _, e := range o.Contacts {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", line(o.Name), e.Kind, line(e.Name), strings.Join(e.Ways, ", "), e.TLP, e.ID)
			}
		}
	})
}

type contactArg struct {
	Contact string `arg:"" help:"Id of the contact."`
}

type contactShow struct{ contactArg }

// Run shows a contact.
func (s contactShow) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Contact, error) { return c.Contact(ctx, s.Contact) }, sayContact)
}

func sayContact(w io.Writer, k client.Contact) {
	for _, f := range [][2]string{{"marking", k.TLP.String()}, {"kind", k.Kind}, {"name", k.Name}, {"mail", k.Mail}, {"phone", k.Phone}, {"chat", k.Chat}, {"zone", k.TimeZone},
		{"languages", strings.Join(k.Languages, ", ")}, {"topics", strings.Join(k.Topics, ", ")}, {"id", k.ID}} {
		if f[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", f[0], line(f[1]))
		}
	}
	if k.Confirmed.IsZero() {
		fmt.Fprintln(w, "confirmed\tnever")
	} else {
		fmt.Fprintf(w, "confirmed\t%s\n", moment(k.Confirmed))
	}
}

type contactFlags struct {
	Kind     *string  `help:"response team, duty desk, executive, legal, communications, support or security contact."`
	Name     *string  `help:"Of the person, team or desk."`
	Mail     *string  `help:"Mail address."`
	Phone    *string  `help:"Number with country code, such as +431234567."`
	Chat     *string  `help:"Address in a chat network."`
	Key      string   `help:"File with an OpenPGP public key, armored." type:"existingfile" placeholder:"FILE"`
	Zone     *string  `help:"IANA time zone, such as Europe/Vienna."`
	Language []string `help:"BCP 47 tag; may be given again."`
	Topic    []string `help:"Product or matter; may be given again."`
	Program  []string `help:"Id of a program whose people may see it; may be given again."`
}

func (f contactFlags) on(in *client.ContactFields) error {
	for _, p := range []struct{ to, from *string }{{&in.Kind, f.Kind}, {&in.Name, f.Name}, {&in.Mail, f.Mail}, {&in.Phone, f.Phone}, {&in.Chat, f.Chat}, {&in.TimeZone, f.Zone}} {
		if p.from != nil {
			*p.to = *p.from
		}
	}
	for _, p := range []struct {
		to   *[]string
		from []string
	}{{&in.Languages, f.Language}, {&in.Topics, f.Topic}, {&in.Shared, f.Program}} {
		if p.from != nil {
			*p.to = p.from
		}
	}
	if f.Key == "" {
		return nil
	}
	key, err := os.ReadFile(f.Key)
	in.PGPKey = string(key)
	return err
}

type contactAdd struct {
	Org string `arg:"" help:"Id of the organization."`
	contactFlags
}

// Run keeps a contact.
func (a contactAdd) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Contact, error) {
		var in client.ContactFields
		if err := a.on(&in); err != nil {
			return client.Contact{}, err
		}
		return c.AddContact(ctx, a.Org, in)
	}, sayContact)
}

type contactEdit struct {
	contactArg
	contactFlags
}

// Run changes a contact.
func (e contactEdit) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Contact, error) {
		k, err := c.Contact(ctx, e.Contact)
		if err != nil {
			return k, err
		}
		if err := e.on(&k.ContactFields); err != nil {
			return k, err
		}
		return c.EditContact(ctx, e.Contact, k.ContactFields, k.Version)
	}, sayContact)
}

type contactConfirm struct{ contactArg }

// Run confirms a contact.
func (a contactConfirm) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Contact, error) {
		k, err := c.Contact(ctx, a.Contact)
		if err != nil {
			return k, err
		}
		return c.ConfirmContact(ctx, a.Contact, k.Version)
	}, sayContact)
}

type contactRemove struct{ contactArg }

// Run takes a contact away.
func (a contactRemove) Run(ctx context.Context, r *remote) error {
	return do(ctx, r, "removed", func(ctx context.Context, c *client.Client) error {
		k, err := c.Contact(ctx, a.Contact)
		if err != nil {
			return err
		}
		return c.RemoveContact(ctx, a.Contact, k.Version)
	})
}

type contactExport struct {
	searchFlags
	Form string `help:"vcard or csv." enum:"vcard,csv" default:"vcard"`
	Out  string `help:"File to write; standard output otherwise." placeholder:"FILE"`
}

// Run exports contacts.
func (e contactExport) Run(ctx context.Context, r *remote) error {
	c, err := r.client()
	if err != nil {
		return err
	}
	if e.Out == "" {
		_, err = c.ExportContacts(ctx, e.Form, e.search(), os.Stdout)
		return err
	}
	f, err := os.OpenFile(e.Out, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = c.ExportContacts(ctx, e.Form, e.search(), f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

type contactTroubles struct {
	Org string `help:"Id of one organization; all, for coordinators, otherwise."`
}

// Run lists troubles.
func (t contactTroubles) Run(ctx context.Context, r *remote) error {
	return ask(ctx, r, func(ctx context.Context, c *client.Client) (client.Page[client.ContactTrouble], error) {
		return all(2000, func(p client.Paging) (client.Page[client.ContactTrouble], error) {
			return c.ContactTroubles(ctx, t.Org, p)
		})
	}, func(w io.Writer, p client.Page[client.ContactTrouble]) {
		for _, x := range p.Items {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", line(x.Name), x.Fault, line(x.What), x.ID)
		}
	})
}

// readJSON reads a record that is too rich for flags, from a file or "-".
func readJSON(file string, to any) error {
	text, err := textOf("@" + file)
	if file == "-" {
		text, err = textOf(file)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), to); err != nil {
		return misused("%s: %v", file, err)
	}
	return nil
}
