package people

import (
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/outbox"
)

// InvitationLife is how long the link of an invitation holds.
const InvitationLife = 14 * 24 * time.Hour

// JoinPath is where an invitation's link leads on this server.
func JoinPath(secret string) string { return "/join/" + secret }

// Inviting is whom to invite into what.
type Inviting struct {
	Email   string
	Name    string    // what the inviter calls them, or ""
	Org     string    // id, or "" to join alone
	OrgRole orgs.Role // with Org
	Roles   []string  // alliance roles; operators only
}

// Invitation is a mailed offer to join.
type Invitation struct {
	ID        string    `json:"id"`
	Person    string    `json:"-"` // exists from now on, in state invited or before; its age would tell who was known
	Email     string    `json:"email"`
	Org       string    `json:"org"`
	OrgRole   orgs.Role `json:"org_role"`
	Roles     []string  `json:"roles"`
	InvitedBy string    `json:"invited_by"`
	State     string    `json:"state"` // open, accepted, declined, withdrawn
	Sent      int       `json:"sent"`  // how often the link was mailed
	CreatedAt time.Time `json:"created_at"`
	SentAt    time.Time `json:"sent_at"`
	ExpiresAt time.Time `json:"expires_at"`
	// Known reports that the person has an active account: they sign in and
	// accept as themselves. Set by Look only.
	Known bool `json:"-"`
}

const invitationColumns = `i.id, i.person_id, p.email, i.org_id, i.org_role, i.roles, i.invited_by, i.state, i.sent, i.created_at, i.sent_at, i.expires_at, p.state = 'active'`

func scanInvitation(i *Invitation) []any {
	return []any{&i.ID, &i.Person, &i.Email, &i.Org, &i.OrgRole, db.JSON(&i.Roles), &i.InvitedBy, &i.State, &i.Sent, db.At(&i.CreatedAt), db.At(&i.SentAt), db.At(&i.ExpiresAt), &i.Known}
}

// Invite mails a link with which somebody joins: alone, into an organization,
// or with alliance roles. Operators and coordinators may invite anybody, an
// organization's admins into it. An open invitation into the same is sent
// again. What comes back does not tell whether the address was known.
func Invite(tx *db.Tx, box *outbox.Box, a audience.Actor, in Inviting) (Invitation, error) {
	if err := mayInvite(tx, a, in); err != nil {
		return Invitation{}, err
	}
	email, err := ParseEmail(in.Email)
	if err != nil {
		return Invitation{}, err
	}
	name := email
	if in.Name != "" {
		if name, err = cleanName(in.Name); err != nil {
			return Invitation{}, err
		}
	}
	if err := take(tx, "invite "+a.Person, inviteLimit); err != nil {
		return Invitation{}, err
	}
	p, err := ByEmail(tx, email)
	if errs.Is(err, errs.NotFound) {
		p, err = create(tx, a, email, name)
	}
	if err != nil {
		return Invitation{}, err
	}
	open, found, err := db.One(tx, scanInvitation, `SELECT `+invitationColumns+` FROM invitation i JOIN person p ON p.id = i.person_id WHERE i.person_id = $1 AND i.org_id = $2 AND i.state = 'open' ORDER BY i.id DESC`, p.ID, in.Org)
	if err != nil {
		return Invitation{}, err
	}
	if found && open.OrgRole == in.OrgRole && slices.Equal(open.Roles, in.Roles) {
		return send(tx, box, open, p)
	}
	i := Invitation{ID: id.New("inv", tx.Now), Person: p.ID, Email: p.Email, Org: in.Org, OrgRole: in.OrgRole, Roles: append([]string{}, in.Roles...), InvitedBy: a.Person, State: "open", CreatedAt: tx.Now}
	_, err = tx.Exec(`INSERT INTO invitation (id, person_id, org_id, org_role, roles, invited_by, digest, state, sent, created_at, sent_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', 0, $8, $8, $8)`,
		i.ID, i.Person, i.Org, string(i.OrgRole), db.JSON(i.Roles), i.InvitedBy, id.Digest(id.Secret()), db.Micros(tx.Now))
	if err != nil {
		return Invitation{}, err
	}
	record(tx, a, EventInvited, p, map[string]any{"invitation": i.ID, "org": i.Org, "org_role": i.OrgRole, "roles": i.Roles})
	return send(tx, box, i, p)
}

func mayInvite(tx *db.Tx, a audience.Actor, in Inviting) error {
	if err := charter.SignedIn(a); err != nil {
		return err
	}
	if len(in.Roles) > 0 && !charter.IsOperator(a) {
		return errs.New(errs.Denied, "Only an operator may invite with alliance roles.")
	}
	for i, r := range in.Roles {
		if !slices.Contains(charter.Roles, r) || slices.Contains(in.Roles[:i], r) {
			return errs.Bad("roles", "Alliance roles are coordinator, board and operator, each once.")
		}
	}
	if in.Org == "" {
		if in.OrgRole != "" {
			return errs.Bad("org", "Choose the organization for this role.")
		}
		if !charter.Administers(a) && !charter.IsCoordinator(a) {
			return errs.New(errs.Denied, "Only operators and coordinators may invite people who are in no organization.")
		}
		return nil
	}
	o, err := orgs.Get(tx, a, in.Org)
	if err != nil {
		return err
	}
	runs, err := orgs.Runs(tx, a, in.Org)
	if err != nil {
		return err
	}
	if !runs && !charter.IsCoordinator(a) {
		return errs.New(errs.Denied, "Only this organization's admins, operators and coordinators may invite into it.")
	}
	if o.State != orgs.Active {
		return errs.New(errs.Conflict, "This organization is suspended.")
	}
	if !slices.Contains(orgs.MemberRoles, in.OrgRole) {
		return errs.Bad("org_role", "Choose admin, responder or reader.")
	}
	return nil
}

// send gives an open invitation a new link and mails it; the link before
// ends.
func send(tx *db.Tx, box *outbox.Box, i Invitation, p Person) (Invitation, error) {
	secret := id.Secret()
	i.Sent, i.SentAt, i.ExpiresAt, i.Known = i.Sent+1, tx.Now, tx.Now.Add(InvitationLife), false
	err := tx.Guarded(errs.New(errs.Conflict, "This invitation is closed. Invite anew."), `UPDATE invitation SET digest = $1, sent = $2, sent_at = $3, expires_at = $4 WHERE id = $5 AND state = 'open'`,
		id.Digest(secret), i.Sent, db.Micros(i.SentAt), db.Micros(i.ExpiresAt), i.ID)
	if err != nil || p.State == Suspended {
		return i, err
	}
	name, site, err := siteOf(tx)
	if err != nil {
		return i, err
	}
	return i, box.Put(tx, outbox.Item{Key: "invitation:" + id.Digest(secret), Kind: "mail", Person: p.ID, Address: p.Email}, inviteMail(name, site+JoinPath(secret)), time.Time{})
}

// visible loads an invitation for those who may handle it: whoever wrote it,
// the organization's admins, operators and coordinators.
func visible(tx *db.Tx, a audience.Actor, invitationID string) (Invitation, error) {
	if err := charter.SignedIn(a); err != nil {
		return Invitation{}, err
	}
	i, ok, err := db.One(tx, scanInvitation, `SELECT `+invitationColumns+` FROM invitation i JOIN person p ON p.id = i.person_id WHERE i.id = $1`, invitationID)
	if err != nil || !ok {
		return Invitation{}, firstOf(err, errs.Missing("invitation"))
	}
	i.Known = false
	runs := charter.Administers(a)
	if !runs && i.Org != "" {
		if runs, err = orgs.Runs(tx, a, i.Org); err != nil {
			return Invitation{}, err
		}
	}
	if !runs {
		return Invitation{}, errs.Missing("invitation")
	}
	return i, nil
}

// InvitationByID reads an invitation for those who may handle it: the
// organization's admins, operators and coordinators.
func InvitationByID(tx *db.Tx, a audience.Actor, invitationID string) (Invitation, error) {
	return visible(tx, a, invitationID)
}

// Resend mails an open invitation again with a new link and a new 14 days.
func Resend(tx *db.Tx, box *outbox.Box, a audience.Actor, invitationID string) (Invitation, error) {
	i, err := visible(tx, a, invitationID)
	if err != nil {
		return Invitation{}, err
	}
	if len(i.Roles) > 0 && !charter.IsOperator(a) {
		return Invitation{}, errs.New(errs.Denied, "Only an operator may invite with alliance roles.")
	}
	if err := take(tx, "invite "+a.Person, inviteLimit); err != nil {
		return Invitation{}, err
	}
	p, err := Load(tx, i.Person)
	if err != nil {
		return Invitation{}, err
	}
	return send(tx, box, i, p)
}

// Withdraw closes an open invitation; its link ends.
func Withdraw(tx *db.Tx, a audience.Actor, invitationID string) error {
	i, err := visible(tx, a, invitationID)
	if err != nil {
		return err
	}
	return closeInvitation(tx, i, "withdrawn")
}

func closeInvitation(tx *db.Tx, i Invitation, state string) error {
	return tx.Guarded(errs.New(errs.Conflict, "This invitation is closed already."), `UPDATE invitation SET state = $1, closed_at = $2 WHERE id = $3 AND state = 'open'`, state, db.Micros(tx.Now), i.ID)
}

// Invitations lists the invitations into an organization ("" for all, which
// operators and coordinators see), newest first, at most 500.
func Invitations(tx *db.Tx, a audience.Actor, orgID string) ([]Invitation, error) {
	if err := charter.SignedIn(a); err != nil {
		return nil, err
	}
	runs := charter.Administers(a)
	where, args := "", []any{}
	if orgID != "" {
		if _, err := orgs.Get(tx, a, orgID); err != nil {
			return nil, err
		}
		var err error
		if runs, err = orgs.Runs(tx, a, orgID); err != nil {
			return nil, err
		}
		where, args = " WHERE i.org_id = $1", []any{orgID}
	}
	if !runs {
		return nil, errs.New(errs.Denied, "Invitations are shown to the organization's admins, operators and coordinators.")
	}
	list, err := db.All(tx, scanInvitation, `SELECT `+invitationColumns+` FROM invitation i JOIN person p ON p.id = i.person_id`+where+` ORDER BY i.created_at DESC, i.id DESC LIMIT 500`, args...)
	for n := range list {
		list[n].Known = false
	}
	return list, err
}

// Look reads an invitation by its link, for the page on which it is accepted:
// NotFound for a wrong link, Gone for a closed or expired one.
func Look(tx *db.Tx, secret string) (Invitation, error) {
	if !plausible(secret) {
		return Invitation{}, errs.Missing("invitation")
	}
	i, ok, err := db.One(tx, scanInvitation, `SELECT `+invitationColumns+` FROM invitation i JOIN person p ON p.id = i.person_id WHERE i.digest = $1`, id.Digest(secret))
	switch {
	case err != nil:
	case !ok:
		err = errs.Missing("invitation")
	case i.State != "open":
		err = errs.New(errs.Gone, "This invitation has been used or withdrawn. If you have an account, sign in.")
	case !tx.Now.Before(i.ExpiresAt):
		err = errs.New(errs.Gone, "This invitation has expired. Ask whoever invited you to send it again.")
	}
	return i, err
}

// Accept makes the account and opens its first session, in which a second
// factor is added. pw may be the zero Password for who goes on with a passkey.
// Conflict for an invitation to somebody who has an account: AcceptAs.
func Accept(tx *db.Tx, secret, name, timeZone string, pw Password, w Where) (Entry, error) {
	i, err := Look(tx, secret)
	if err != nil {
		return Entry{}, err
	}
	p, err := Load(tx, i.Person)
	if err != nil {
		return Entry{}, err
	}
	switch p.State {
	case Active:
		return Entry{}, errs.New(errs.Conflict, "You have an account here. Sign in, and the invitation can be accepted.")
	case Suspended:
		return Entry{}, errs.New(errs.Denied, "This account is suspended. Ask the operator of this alliance.")
	}
	if p.Name, err = cleanName(name); err != nil {
		return Entry{}, err
	}
	if p.TimeZone, _, err = cleanPlace(timeZone, ""); err != nil {
		return Entry{}, err
	}
	if _, err := tx.Exec(`UPDATE person SET name = $1, time_zone = $2 WHERE id = $3`, p.Name, p.TimeZone, p.ID); err != nil {
		return Entry{}, err
	}
	me := audience.Actor{Person: p.ID}
	if p, err = move(tx, me, p, Active, EventJoined, Invited, Left); err != nil {
		return Entry{}, err
	}
	if pw.encoded != "" {
		if err := keepPassword(tx, me, p, pw); err != nil {
			return Entry{}, err
		}
	}
	if err := fulfill(tx, me, i, p); err != nil {
		return Entry{}, err
	}
	return Open(tx, p.ID, "invitation", w)
}

// AcceptAs accepts an invitation as the account it was sent to.
func AcceptAs(tx *db.Tx, a audience.Actor, secret string) error {
	p, err := own(tx, a)
	if err != nil {
		return err
	}
	i, err := Look(tx, secret)
	if err != nil {
		return err
	}
	if i.Person != p.ID {
		return errs.New(errs.Denied, "This invitation was sent to another address. Sign in with that one.")
	}
	return fulfill(tx, a, i, p)
}

// Decline turns an invitation down; its link ends.
func Decline(tx *db.Tx, secret string) error {
	i, err := Look(tx, secret)
	if err != nil {
		return err
	}
	return closeInvitation(tx, i, "declined")
}

func fulfill(tx *db.Tx, me audience.Actor, i Invitation, p Person) error {
	if err := closeInvitation(tx, i, "accepted"); err != nil {
		return err
	}
	if i.Org != "" {
		if _, err := orgs.Welcome(tx, me, i.Org, p.ID, i.OrgRole); err != nil {
			return err
		}
	}
	for _, r := range i.Roles {
		if err := grant(tx, audience.Actor{Person: i.InvitedBy}, p, r); err != nil {
			return err
		}
	}
	return nil
}
