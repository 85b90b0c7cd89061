package api

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
)

// OfParty names a participant of a case.
type OfParty struct {
	OfCase
	Participant string `path:"participant" maxLength:"64"`
}

type partyReason struct {
	OfParty
	Because
}

func listParticipants(c *call, tx *db.Tx, in *OfCase) (page[casework.Participant], error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return page[casework.Participant]{}, err
	}
	list, err := casework.Participants(tx, c.Actor, k.ID)
	return whole(list), err
}

// party loads a participant of the case in the path.
func party(c *call, tx *db.Tx, in OfParty) (casework.Participant, error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return casework.Participant{}, err
	}
	p, err := casework.LoadParticipant(tx, c.Actor, in.Participant)
	if err == nil && p.Case != k.ID {
		return casework.Participant{}, errs.Missing("participant")
	}
	return p, err
}

func showParticipant(c *call, tx *db.Tx, in *OfParty) (casework.Participant, error) {
	return party(c, tx, *in)
}

type target struct {
	Kind  string `json:"kind" enum:"org,person" doc:"Empty with an address."`
	ID    string `json:"id" maxLength:"64"`
	Name  string `json:"name" doc:"As it shall stand in the case; empty: its own. Needed with an address."`
	Role  string `json:"role" enum:"finder,vendor,coordinator,deployer,other" required:"true"`
	Email string `json:"email" doc:"Instead of an id: invites somebody who is not on the platform."`
	Hide  string `json:"hide_reason" doc:"When given, why the other parties are not to know of this one."`
}

type inviteMany struct {
	OfCase
	Body struct {
		Targets []target  `json:"targets" required:"true" minItems:"1" maxItems:"1000"`
		Reason  string    `json:"reason" required:"true" doc:"Why they are included; kept."`
		Due     time.Time `json:"due_at,omitzero" doc:"Answer asked for by; absent: the alliance's default."`
	}
}

func invite(c *call, tx *db.Tx, in *inviteMany) (page[casework.Participant], error) {
	inc := casework.Inclusion{Reason: in.Body.Reason, Due: in.Body.Due}
	for _, t := range in.Body.Targets {
		inc.Targets = append(inc.Targets, casework.Target{Kind: audience.SubjectKind(t.Kind), ID: t.ID, Name: t.Name, Role: casework.PartyRole(t.Role), Email: t.Email, Hide: t.Hide})
	}
	list, err := casework.InviteByMail(tx, c.Box, c.Actor, in.Case, inc)
	return whole(list), err
}

type inviteShipping struct {
	OfCase
	Body struct {
		Program   string    `json:"program_id" doc:"Empty: all members of the alliance."`
		Component string    `json:"component" required:"true" doc:"Name or package URL of what they ship."`
		Reason    string    `json:"reason" required:"true"`
		Due       time.Time `json:"due_at,omitzero"`
	}
}

// inviteByComponent invites everybody who ships a component.
func inviteByComponent(c *call, tx *db.Tx, in *inviteShipping) (page[casework.Participant], error) {
	list, err := casework.InviteByComponent(tx, c.Actor, in.Case, in.Body.Program, in.Body.Component, casework.Inclusion{Reason: in.Body.Reason, Due: in.Body.Due})
	return whole(list), err
}

func hideParticipant(c *call, tx *db.Tx, in *partyReason) (casework.Participant, error) {
	return veil(c, tx, in, true)
}

func showToOthers(c *call, tx *db.Tx, in *partyReason) (casework.Participant, error) {
	return veil(c, tx, in, false)
}

func veil(c *call, tx *db.Tx, in *partyReason, hide bool) (casework.Participant, error) {
	if err := casework.Hide(tx, c.Actor, in.Case, in.Participant, in.Body.Reason, hide); err != nil {
		return casework.Participant{}, err
	}
	return casework.LoadParticipant(tx, c.Actor, in.Participant)
}

func leaveCase(c *call, tx *db.Tx, in *partyReason) (nothing, error) {
	return nothing{}, casework.Leave(tx, c.Actor, in.Case, in.Participant, in.Body.Reason)
}

func expireInvitation(c *call, tx *db.Tx, in *partyReason) (nothing, error) {
	return nothing{}, casework.Expire(tx, c.Actor, in.Case, in.Participant, in.Body.Reason)
}

// OfInvitation names an invitation to a case.
type OfInvitation struct {
	Invitation string `path:"invitation" maxLength:"64"`
}

// invitationView is an invitation with the name of exactly its text.
type invitationView struct {
	casework.Invitation
	Agreement string `json:"agreement" doc:"Send it back to accept: it names the terms as you read them."`
}

func listInvitations(c *call, tx *db.Tx, _ *none) (page[invitationView], error) {
	list, err := casework.OpenInvitations(tx, c.Actor)
	var out []invitationView
	for _, i := range list {
		out = append(out, invitationView{i, i.Agreement()})
	}
	return whole(out), err
}

func showInvitation(c *call, tx *db.Tx, in *OfInvitation) (invitationView, error) {
	i, err := casework.LoadInvitation(tx, c.Actor, in.Invitation)
	return invitationView{i, i.Agreement()}, err
}

type acceptance struct {
	OfInvitation
	Body struct {
		Agreement string `json:"agreement" required:"true" maxLength:"200"`
	}
}

func acceptInvitation(c *call, tx *db.Tx, in *acceptance) (casework.Case, error) {
	return casework.Accept(tx, c.Actor, in.Invitation, in.Body.Agreement)
}

type refusal struct {
	OfInvitation
	Because
}

func declineInvitation(c *call, tx *db.Tx, in *refusal) (nothing, error) {
	return nothing{}, casework.Decline(tx, c.Actor, in.Invitation, in.Body.Reason)
}
