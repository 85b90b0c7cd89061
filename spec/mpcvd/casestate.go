package mpcvd

import (
	"fmt"
	"strings"
)

// VendorState is how far one vendor is: vendor aware, fix ready, fix
// deployed, a capital letter for what has happened, in that order.
type VendorState string

// The vendor states.
const (
	VendorUnaware  VendorState = "vfd"
	VendorAware    VendorState = "Vfd"
	VendorFixReady VendorState = "VFd"
	VendorDeployed VendorState = "VFD"
)

// PublicState is what the world knows of a case: public aware, exploit
// public, attacks seen.
type PublicState string

// The public states. pXa and pXA are not among them: when an exploit is
// public the public is aware at once, so that no carrier ever rests there.
const (
	PublicNothing  PublicState = "pxa"
	PublicKnown    PublicState = "Pxa"
	PublicAttacked PublicState = "pxA"
	PublicKnownA   PublicState = "PxA"
	PublicExploit  PublicState = "PXa"
	PublicAll      PublicState = "PXA"
)

// Event is one of the six things that may happen to a case; its value is the
// capital letter.
type Event string

// The events, in the order in which the letters are written.
const (
	EventAware       Event = "V" // a vendor learns of the vulnerability
	EventFixReady    Event = "F" // its fix is ready
	EventFixDeployed Event = "D" // its fix is deployed
	EventPublic      Event = "P" // the public knows
	EventExploit     Event = "X" // an exploit is public
	EventAttacks     Event = "A" // attacks are seen
)

// VendorProgress is the vendor half of the case state, one state per vendor.
var VendorProgress = Machine[VendorState, Event]{
	Name: "Fix", Scope: "per vendor", Start: VendorUnaware,
	Info: []State[VendorState]{
		{VendorUnaware, "vfd", "Unaware", "The vendor does not know of the vulnerability."},
		{VendorAware, "Vfd", "Aware", "The vendor knows and has no fix yet."},
		{VendorFixReady, "VFd", "Fix ready", "A fix exists and is not deployed yet."},
		{VendorDeployed, "VFD", "Fix deployed", "The fix is deployed."},
	},
	Rows: []Row[VendorState, Event]{
		{VendorUnaware, EventAware, VendorAware},
		{VendorAware, EventFixReady, VendorFixReady},
		{VendorFixReady, EventFixDeployed, VendorDeployed},
	},
}

// Exposure is the public half of the case state, one state per case. The
// rows of X from p land in P as well, because P follows at once.
var Exposure = Machine[PublicState, Event]{
	Name: "Exposure", Scope: "per case", Start: PublicNothing,
	Info: []State[PublicState]{
		{PublicNothing, "pxa", "Not public", "Neither the vulnerability nor an exploit is public, and no attacks are seen."},
		{PublicKnown, "Pxa", "Public", "The public knows of the vulnerability."},
		{PublicAttacked, "pxA", "Attacked", "Attacks are seen while the public does not know."},
		{PublicKnownA, "PxA", "Public, attacked", "The public knows and attacks are seen."},
		{PublicExploit, "PXa", "Exploit public", "The public knows and an exploit is public."},
		{PublicAll, "PXA", "Exploit public, attacked", "The public knows, an exploit is public and attacks are seen."},
	},
	Rows: []Row[PublicState, Event]{
		{PublicNothing, EventPublic, PublicKnown},
		{PublicAttacked, EventPublic, PublicKnownA},
		{PublicNothing, EventExploit, PublicExploit},
		{PublicKnown, EventExploit, PublicExploit},
		{PublicAttacked, EventExploit, PublicAll},
		{PublicKnownA, EventExploit, PublicAll},
		{PublicNothing, EventAttacks, PublicAttacked},
		{PublicKnown, EventAttacks, PublicKnownA},
		{PublicExploit, EventAttacks, PublicAll},
	},
}

// Has reports whether the letter has happened.
func (p PublicState) Has(e Event) bool { return strings.Contains(string(p), string(e)) }

// Has reports whether the letter has happened.
func (v VendorState) Has(e Event) bool { return strings.Contains(string(v), string(e)) }

// EmbargoMayStart reports whether an embargo may be proposed or accepted, or
// its revision: none is once the public knows, an exploit is public or
// attacks are seen.
func (p PublicState) EmbargoMayStart() bool { return p == PublicNothing }

// EmbargoMayHold reports whether a running embargo goes on: P and X end it;
// A alone does not, but asks for a decision.
func (p PublicState) EmbargoMayHold() bool { return !p.Has(EventPublic) && !p.Has(EventExploit) }

// CaseState is one vendor's view of a case in six letters, such as "vfdpxa"
// or "VFdPxa": what the vendor has done and what the world knows.
type CaseState string

const letters = "vfdpxa"

// ParseCaseState accepts the 32 combinations in which F does not come before
// V nor D before F, those included that hold for an instant only (see Settle).
func ParseCaseState(s string) (CaseState, error) {
	if len(s) != len(letters) || strings.ToLower(s) != letters {
		return "", fmt.Errorf("a case state is the letters vfdpxa, each small or capital, not %.20q", s)
	}
	if !VendorProgress.Has(VendorState(s[:3])) {
		return "", fmt.Errorf("case state %s: a fix is ready only after the vendor is aware, and deployed only after it is ready", s)
	}
	return CaseState(s), nil
}

// Join puts the two halves together.
func Join(v VendorState, p PublicState) CaseState { return CaseState(string(v) + string(p)) }

// Vendor is the vendor half.
func (c CaseState) Vendor() VendorState { return VendorState(c[:3]) }

// Public is the public half.
func (c CaseState) Public() PublicState { return PublicState(c[3:]) }

// Has reports whether the letter has happened.
func (c CaseState) Has(e Event) bool { return strings.Contains(string(c), string(e)) }

// forced returns the one event that must follow at once, if any: X makes the
// public aware, and a public case makes every vendor aware.
func (c CaseState) forced() (Event, bool) {
	switch {
	case c.Has(EventExploit) && !c.Has(EventPublic):
		return EventPublic, true
	case c.Has(EventPublic) && !c.Has(EventAware):
		return EventAware, true
	}
	return "", false
}

// Moves returns the events that may come next, one letter at a time, never
// back. Where one must follow at once, it is the only one.
func (c CaseState) Moves() []Event {
	if e, ok := c.forced(); ok {
		return []Event{e}
	}
	var out []Event
	for _, e := range []Event{EventAware, EventFixReady, EventFixDeployed, EventPublic, EventExploit, EventAttacks} {
		if c.Has(e) || e == EventFixReady && !c.Has(EventAware) || e == EventFixDeployed && !c.Has(EventFixReady) {
			continue
		}
		out = append(out, e)
	}
	return out
}

// Step applies exactly one letter, without what follows from it.
func (c CaseState) Step(e Event) (CaseState, error) {
	for _, m := range c.Moves() {
		if m == e {
			i := strings.IndexByte(letters, e[0]|0x20)
			return c[:i] + CaseState(e) + c[i+1:], nil
		}
	}
	return "", &RefusedError{Machine: "Case state", State: string(c), Verb: string(e), Possible: texts(c.Moves())}
}

// Settle applies what must follow at once until nothing must, and returns the
// letters applied in order: X brings P, P brings V.
func (c CaseState) Settle() (CaseState, []Event) {
	var done []Event
	for {
		e, ok := c.forced()
		if !ok {
			return c, done
		}
		next, err := c.Step(e)
		if err != nil {
			return c, done
		}
		c, done = next, append(done, e)
	}
}
