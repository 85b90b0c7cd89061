// Package vex holds what a vendor may say of a product and a vulnerability:
// the statuses, and the justifications of "not affected" in the spelling of
// CSAF 2.0 (clause 3.2.3.5.2, flags labels) and OpenVEX.
package vex

import (
	"errors"
	"fmt"
	"strings"
)

// Status is where a vendor stands. Silence is a status of its own.
type Status string

// The statuses, in the order in which a vendor passes through them.
const (
	NoReply       Status = "no_reply"      // has not opened the case
	Seen          Status = "seen"          // has opened it and said nothing
	Investigating Status = "investigating" // under_investigation in VEX
	Affected      Status = "affected"
	NotAffected   Status = "not_affected"
	Fixed         Status = "fixed"
)

// Statuses lists every status.
var Statuses = []Status{NoReply, Seen, Investigating, Affected, NotAffected, Fixed}

type statusFacts struct {
	glyph, label string
	csaf         string // member of product_status in CSAF 2.0
	openvex      string
}

var statusTable = map[Status]statusFacts{
	NoReply:       {"–", "no reply", "", ""},
	Seen:          {"…", "seen", "", ""},
	Investigating: {"◔", "investigating", "under_investigation", "under_investigation"},
	Affected:      {"●", "affected", "known_affected", "affected"},
	NotAffected:   {"○", "not affected", "known_not_affected", "not_affected"},
	Fixed:         {"✓", "fixed", "fixed", "fixed"},
}

// Valid reports whether s is a status.
func (s Status) Valid() bool { return statusTable[s].glyph != "" }

// Glyph is the sign that stands beside the word, never instead of it.
func (s Status) Glyph() string { return statusTable[s].glyph }

// Label is the status in words.
func (s Status) Label() string { return statusTable[s].label }

// Stated reports whether the vendor has said something: everything but
// silence and having looked.
func (s Status) Stated() bool { return statusTable[s].csaf != "" }

// CSAF is the member of product_status in CSAF 2.0 (clause 3.2.3.9) that the
// status belongs in; empty where a document says nothing.
func (s Status) CSAF() string { return statusTable[s].csaf }

// OpenVEX is the status in OpenVEX; empty where a document says nothing.
func (s Status) OpenVEX() string { return statusTable[s].openvex }

// ParseStatus reads a status as it is stored, as VEX formats spell it, or as
// people write it: Not affected, not-affected, under_investigation.
func ParseStatus(in string) (Status, error) {
	word := strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(in)))
	for s, f := range statusTable {
		if word == string(s) || f.csaf != "" && (word == f.csaf || word == f.openvex) {
			return s, nil
		}
	}
	return "", fmt.Errorf("%.40q is not a status; use one of no_reply, seen, investigating, affected, not_affected, fixed", in)
}

// Justification says why a product is not affected.
type Justification string

// The justifications, spelled as CSAF 2.0 and OpenVEX spell them.
const (
	ComponentNotPresent Justification = "component_not_present"
	CodeNotPresent      Justification = "vulnerable_code_not_present"
	CodeNotExecuted     Justification = "vulnerable_code_not_in_execute_path"
	CodeNotControllable Justification = "vulnerable_code_cannot_be_controlled_by_adversary"
	InlineMitigations   Justification = "inline_mitigations_already_exist"
)

// Justifications lists every justification in CSAF's meaning, the plainest
// first.
var Justifications = []Justification{ComponentNotPresent, CodeNotPresent, CodeNotExecuted, CodeNotControllable, InlineMitigations}

var justificationTable = map[Justification]string{
	ComponentNotPresent: "The product does not contain the vulnerable component.",
	CodeNotPresent:      "The product contains the component, but not its vulnerable code.",
	CodeNotExecuted:     "The product contains the vulnerable code but never runs it.",
	CodeNotControllable: "The product runs the vulnerable code, but an attacker cannot control it.",
	InlineMitigations:   "The product has protections built in that stop the vulnerability from being used.",
}

// Valid reports whether j is a justification.
func (j Justification) Valid() bool { return justificationTable[j] != "" }

// Label is the justification as a sentence.
func (j Justification) Label() string { return justificationTable[j] }

// ParseJustification reads a justification in its exact spelling.
func ParseJustification(in string) (Justification, error) {
	j := Justification(strings.TrimSpace(in))
	if !j.Valid() {
		return "", fmt.Errorf("%.60q is not a VEX justification; use one of %s, %s, %s, %s, %s", in,
			ComponentNotPresent, CodeNotPresent, CodeNotExecuted, CodeNotControllable, InlineMitigations)
	}
	return j, nil
}

// ErrNeedsReason says that "not affected" stands without a reason.
var ErrNeedsReason = errors.New("not affected needs a reason: choose a justification or write an impact statement")

// Check applies the rules of a statement (CSAF 2.0, clause 4.5, profile VEX):
// not affected wants a justification or an impact statement; a justification
// belongs to not affected only.
func Check(s Status, j Justification, impact string) error {
	switch {
	case !s.Valid():
		_, err := ParseStatus(string(s))
		return err
	case j != "" && !j.Valid():
		_, err := ParseJustification(string(j))
		return err
	case j != "" && s != NotAffected:
		return fmt.Errorf("a justification belongs to not affected; take it away or change the status from %s", s.Label())
	case s == NotAffected && j == "" && strings.TrimSpace(impact) == "":
		return ErrNeedsReason
	}
	return nil
}
