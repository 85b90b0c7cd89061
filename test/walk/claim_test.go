package walk_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"tocsin/spec/constituency"
	"tocsin/test/stage"
)

// names is a name server that answers what it is told.
type names struct {
	sync.Mutex
	txt map[string][]string
}

func (n *names) LookupTXT(_ context.Context, name string) ([]string, error) {
	n.Lock()
	defer n.Unlock()
	return n.txt[name], nil
}

// claim is one with another organization's claim of the same beside it, which
// is proven.
type claim struct {
	id, overlap, rival, domain string
}

// registry walks claims.
type registry struct {
	*house
	names      *names
	own, rival *member
	aged       []*claim // proven more than a year ago
}

// TestClaim walks the machine of claims. What another claim does to one
// (dispute, uphold, yield) is what is decided of their overlap.
func TestClaim(t *testing.T) {
	each(t, func(h *house) {
		r := &registry{house: h, names: &names{txt: map[string][]string{}}, own: h.founders[0], rival: h.founders[1]}
		h.House.Names = r.names
		in := h.program("Domains", object{"directory": "members"})
		h.joins(in, r.own)
		h.joins(in, r.rival)
		for range 9 { // as many as are tried in that state
			r.aged = append(r.aged, r.proven())
		}
		h.later(366 * day)
		for _, c := range r.aged { // the other's claim, renewed
			h.Must(200, *h.colin, "POST", "/constituency/claims/"+c.rival+"/confirm", object{"note": "Known."})
		}
		at := func(c *claim) string { return "/constituency/claims/" + c.id }
		walk[constituency.State, constituency.Verb, *claim]{
			Stage: h.Stage, machine: constituency.Claim, reach: r.reach,
			look: func(c *claim) (constituency.State, string) {
				a := h.Must(200, *h.cora, "GET", at(c), nil)
				return constituency.State(a.Text("state")), string(a.Raw)
			},
			try: map[constituency.Verb]func(*claim) stage.Answer{
				constituency.Challenge: func(c *claim) stage.Answer {
					return h.ask(r.own.Person, "POST", at(c)+"/challenge", object{"method": "dns"})
				},
				constituency.Prove: func(c *claim) stage.Answer { return h.ask(r.own.Person, "POST", at(c)+"/check", nil) },
				constituency.Confirm: func(c *claim) stage.Answer {
					return h.ask(h.colin, "POST", at(c)+"/confirm", object{"note": "We know their network."})
				},
				// Who has not proven its own claim disputes no other.
				constituency.Dispute: func(c *claim) stage.Answer {
					return h.ask(r.own.Person, "POST", "/constituency/overlaps/"+c.overlap+"/dispute", object{"reason": "Ours."})
				},
				constituency.Uphold: func(c *claim) stage.Answer { return r.settle(c, "shared", "") },
				constituency.Yield:  func(c *claim) stage.Answer { return r.settle(c, "one", c.rival) },
				constituency.Refuse: func(c *claim) stage.Answer {
					return h.ask(h.colin, "POST", at(c)+"/refuse", object{"reason": "Not theirs."})
				},
				constituency.Withdraw: func(c *claim) stage.Answer { return h.ask(r.own.Person, "POST", at(c)+"/withdraw", nil) },
			},
			pass: []passage[constituency.State, constituency.Verb, *claim]{
				{constituency.Lapse, func(map[constituency.State]*claim) { h.later(30 * day) }},
				{constituency.Expire, func(all map[constituency.State]*claim) {
					h.later(360 * day)
					// A challenge of then has lapsed; that one is out now.
					h.well(h.ask(r.own.Person, "POST", at(all[constituency.Proving])+"/challenge", object{"method": "dns"}))
					h.later(7 * day)
				}},
			},
			other: map[string]int{
				// An overlap of a claim that stands no more is none.
				"refused dispute": 404, "refused uphold": 404, "refused yield": 404,
				"withdrawn dispute": 404, "withdrawn uphold": 404, "withdrawn yield": 404,
				// That both answer for it can be said of any overlap; only a
				// disputed claim is moved by it.
				"* uphold": 200,
			},
		}.run()
	})
}

// reach brings a claim into a state.
func (r *registry) reach(s constituency.State, v constituency.Verb) *claim {
	r.Helper()
	if s == constituency.Expired {
		c := r.aged[len(r.aged)-1]
		r.aged = r.aged[:len(r.aged)-1]
		return c
	}
	c := r.claimed()
	at := "/constituency/claims/" + c.id
	switch s {
	case constituency.Proven, constituency.Disputed:
		r.Must(200, *r.colin, "POST", at+"/confirm", object{"note": "Known."})
		if s == constituency.Disputed {
			r.Must(200, *r.colin, "POST", "/constituency/overlaps/"+c.overlap+"/dispute", object{"reason": "Who is it?"})
		}
	case constituency.Refused:
		r.Must(200, *r.colin, "POST", at+"/refuse", object{"reason": "Not theirs."})
	case constituency.Withdrawn:
		r.Must(200, *r.own.Person, "POST", at+"/withdraw", nil)
	}
	out := s == constituency.Proven || s == constituency.Disputed
	if s == constituency.Proving || out && (v == constituency.Prove || v == constituency.Lapse) {
		r.challenged(c)
	}
	return c
}

// claimed is a new claim, with the other's.
func (r *registry) claimed() *claim {
	r.Helper()
	r.serial++
	c := &claim{domain: fmt.Sprintf("walk%d.com", r.serial)}
	declare := func(m *member) string {
		return r.Must(201, *m.Person, "POST", "/organizations/"+m.org+"/claims", object{"kind": "domain", "value": c.domain}).Text("id")
	}
	c.rival = declare(r.rival)
	r.Must(200, *r.colin, "POST", "/constituency/claims/"+c.rival+"/confirm", object{"note": "Known."})
	c.id = declare(r.own)
	list := r.Must(200, *r.cora, "GET", "/constituency/overlaps?claim="+c.id, nil).Items()
	if len(list) != 1 {
		r.Fatalf("%d overlaps of two claims of the same", len(list))
	}
	c.overlap = list[0]["id"].(string)
	return c
}

func (r *registry) proven() *claim {
	r.Helper()
	return r.reach(constituency.Proven, "")
}

// challenged asks for a record, and sets it.
func (r *registry) challenged(c *claim) {
	r.Helper()
	a := r.Must(200, *r.own.Person, "POST", "/constituency/claims/"+c.id+"/challenge", object{"method": "dns"})
	ch := a.Body["inside"].(object)["challenge"].(object)
	r.names.Lock()
	defer r.names.Unlock()
	r.names.txt[ch["record"].(string)+"."] = []string{ch["text"].(string)}
}

func (r *registry) settle(c *claim, decision, owner string) stage.Answer {
	r.Helper()
	at := "/constituency/overlaps/" + c.overlap
	x := r.ask(r.cora, "GET", at, nil)
	version := x.Body["version"]
	if x.Status != 200 {
		version = 1
	}
	return r.ask(r.cora, "POST", at+"/settle", object{"decision": decision, "owner": owner, "reason": "So it is.", "version": version})
}
