package api

import (
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/response/casework"
	"tocsin/internal/response/matrix"
	"tocsin/spec/vex"
)

func listVulnerabilities(c *call, tx *db.Tx, in *OfCase) (page[matrix.Vulnerability], error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return page[matrix.Vulnerability]{}, err
	}
	list, err := matrix.Vulnerabilities(tx, c.Actor, k.ID)
	return whole(list), err
}

// OfVulnerability names a vulnerability of a case.
type OfVulnerability struct {
	OfCase
	Vulnerability string `path:"vulnerability" maxLength:"64"`
}

func vulnerability(c *call, tx *db.Tx, in OfVulnerability) (matrix.Vulnerability, error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return matrix.Vulnerability{}, err
	}
	v, err := matrix.LoadVulnerability(tx, c.Actor, in.Vulnerability)
	if err == nil && v.Case != k.ID {
		return matrix.Vulnerability{}, errs.Missing("vulnerability")
	}
	return v, err
}

func showVulnerability(c *call, tx *db.Tx, in *OfVulnerability) (matrix.Vulnerability, error) {
	return vulnerability(c, tx, *in)
}

// vulnerabilityFields are what a coordinator says of a vulnerability; what
// is absent stays as it is.
type vulnerabilityFields struct {
	Label       *string        `json:"label" doc:"Short name within the case; a new one gets V1, V2, …"`
	Title       *string        `json:"title"`
	Description *string        `json:"description" doc:"Markdown."`
	CVE         *string        `json:"cve" doc:"Given or reserved elsewhere."`
	CWE         *string        `json:"cwe" doc:"As CWE-787."`
	CVSS31      *string        `json:"cvss31" doc:"Vector."`
	CVSS40      *string        `json:"cvss40" doc:"Vector."`
	SSVC        *matrix.Choice `json:"ssvc"`
	References  *[]string      `json:"references" maxItems:"100"`
	Credits     *[]string      `json:"credits" maxItems:"100"`
}

func (f vulnerabilityFields) on(v *matrix.Vulnerability) {
	over(&v.Label, f.Label)
	over(&v.Title, f.Title)
	over(&v.Description, f.Description)
	over(&v.CVE, f.CVE)
	over(&v.CWE, f.CWE)
	over(&v.CVSS31, f.CVSS31)
	over(&v.CVSS40, f.CVSS40)
	over(&v.SSVC, f.SSVC)
	over(&v.References, f.References)
	over(&v.Credits, f.Credits)
}

type newVulnerability struct {
	OfCase
	Body vulnerabilityFields
}

func addVulnerability(c *call, tx *db.Tx, in *newVulnerability) (matrix.Vulnerability, error) {
	var v matrix.Vulnerability
	in.Body.on(&v)
	return matrix.AddVulnerability(tx, c.Actor, in.Case, v)
}

type editVulnerability struct {
	OfVulnerability
	Body vulnerabilityFields
}

func changeVulnerability(c *call, tx *db.Tx, in *editVulnerability) (matrix.Vulnerability, error) {
	v, err := vulnerability(c, tx, in.OfVulnerability)
	if err != nil {
		return v, err
	}
	in.Body.on(&v)
	v.Version = c.version
	return matrix.EditVulnerability(tx, c.Actor, in.Case, v)
}

type removal struct {
	OfVulnerability
	Reason string `query:"reason" required:"true" maxLength:"2000"`
}

func removeVulnerability(c *call, tx *db.Tx, in *removal) (nothing, error) {
	return nothing{}, matrix.RemoveVulnerability(tx, c.Actor, in.Case, in.Vulnerability, in.Reason)
}

func listProducts(c *call, tx *db.Tx, in *OfCase) (page[matrix.Product], error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return page[matrix.Product]{}, err
	}
	list, err := matrix.Products(tx, c.Actor, k.ID)
	return whole(list), err
}

// OfProduct names a product in a case.
type OfProduct struct {
	OfCase
	Product string `path:"product" maxLength:"64"`
}

func product(c *call, tx *db.Tx, in OfProduct) (matrix.Product, error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return matrix.Product{}, err
	}
	list, err := matrix.Products(tx, c.Actor, k.ID)
	if err != nil {
		return matrix.Product{}, err
	}
	for _, r := range list {
		if r.ID == in.Product {
			return r, nil
		}
	}
	return matrix.Product{}, errs.Missing("product")
}

func showProduct(c *call, tx *db.Tx, in *OfProduct) (matrix.Product, error) {
	return product(c, tx, *in)
}

type newProduct struct {
	OfCase
	Body struct {
		Participant string `json:"participant_id" required:"true"`
		Name        string `json:"name" required:"true"`
		PURL        string `json:"purl" doc:"Package URL."`
		CPE         string `json:"cpe" doc:"CPE 2.3 name."`
	}
}

func addProduct(c *call, tx *db.Tx, in *newProduct) (matrix.Product, error) {
	b := in.Body
	return matrix.PutProduct(tx, c.Actor, in.Case, matrix.Product{Participant: b.Participant, Name: b.Name, PURL: b.PURL, CPE: b.CPE})
}

type editProduct struct {
	OfProduct
	Body struct {
		Name *string `json:"name"`
		PURL *string `json:"purl"`
		CPE  *string `json:"cpe"`
	}
}

func changeProduct(c *call, tx *db.Tx, in *editProduct) (matrix.Product, error) {
	r, err := product(c, tx, in.OfProduct)
	if err != nil {
		return r, err
	}
	over(&r.Name, in.Body.Name)
	over(&r.PURL, in.Body.PURL)
	over(&r.CPE, in.Body.CPE)
	r.Version = c.version
	return matrix.PutProduct(tx, c.Actor, in.Case, r)
}

func removeProduct(c *call, tx *db.Tx, in *OfProduct) (nothing, error) {
	return nothing{}, matrix.RemoveProduct(tx, c.Actor, in.Case, in.Product)
}

func listStatuses(c *call, tx *db.Tx, in *OfCase) (page[matrix.Status], error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return page[matrix.Status]{}, err
	}
	list, err := matrix.Statuses(tx, c.Actor, k.ID)
	return whole(list), err
}

// OfCell names one cell of the matrix: where a party stands with a
// vulnerability, for all its products or for one.
type OfCell struct {
	OfCase
	Participant   string `path:"participant" maxLength:"64"`
	Vulnerability string `path:"vulnerability" maxLength:"64"`
	Product       string `query:"product" maxLength:"64" doc:"Empty: all products of the party."`
}

// showStatus answers with version 0 where nothing was said yet, so that the
// first word is an update like any other.
func showStatus(c *call, tx *db.Tx, in *OfCell) (matrix.Status, error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return matrix.Status{}, err
	}
	p, err := party(c, tx, OfParty{OfCase: in.OfCase, Participant: in.Participant})
	if err != nil {
		return matrix.Status{}, err
	}
	v, err := vulnerability(c, tx, OfVulnerability{OfCase: in.OfCase, Vulnerability: in.Vulnerability})
	if err != nil {
		return matrix.Status{}, err
	}
	if in.Product != "" {
		r, err := product(c, tx, OfProduct{OfCase: in.OfCase, Product: in.Product})
		if err != nil || r.Participant != p.ID {
			return matrix.Status{}, errs.Missing("product")
		}
	}
	list, err := matrix.Statuses(tx, c.Actor, k.ID)
	if err != nil {
		return matrix.Status{}, err
	}
	for _, s := range list {
		if s.Participant == p.ID && s.Vulnerability == v.ID && s.Product == in.Product {
			return s, nil
		}
	}
	silent := vex.NoReply
	if !p.SeenAt.IsZero() {
		silent = vex.Seen
	}
	return matrix.Status{Case: k.ID, Participant: p.ID, Vulnerability: v.ID, Product: in.Product, Level: p.Level, Status: silent}, nil
}

type setStatus struct {
	OfCell
	Body struct {
		Status        string   `json:"status" required:"true" enum:"investigating,affected,not_affected,fixed"`
		Justification string   `json:"justification" doc:"Why not affected, as VEX spells it."`
		Statement     string   `json:"statement" doc:"Markdown."`
		Affected      []string `json:"affected_versions" maxItems:"200"`
		Fixed         []string `json:"fixed_versions" maxItems:"200"`
	}
}

func sayStatus(c *call, tx *db.Tx, in *setStatus) (matrix.Status, error) {
	b := in.Body
	return matrix.SetStatus(tx, c.Actor, in.Case, matrix.Status{Participant: in.Participant, Vulnerability: in.Vulnerability, Product: in.Product,
		Status: vex.Status(b.Status), Justification: vex.Justification(b.Justification), Statement: b.Statement, Affected: b.Affected, Fixed: b.Fixed, Version: c.version})
}

type trackerNumber struct {
	OfParty
	Body struct {
		Number string `json:"number" doc:"Your own number for this case; empty takes it away."`
	}
}

func setTracker(c *call, tx *db.Tx, in *trackerNumber) (matrix.Tracker, error) {
	return matrix.SetTracker(tx, c.Actor, in.Case, in.Participant, in.Body.Number)
}

func listTrackers(c *call, tx *db.Tx, in *OfCase) (page[matrix.Tracker], error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return page[matrix.Tracker]{}, err
	}
	byParty, err := matrix.Trackers(tx, c.Actor, k.ID)
	if err != nil {
		return page[matrix.Tracker]{}, err
	}
	parties, err := casework.Participants(tx, c.Actor, k.ID)
	var out []matrix.Tracker
	for _, p := range parties {
		if t, ok := byParty[p.ID]; ok {
			out = append(out, t)
		}
	}
	return whole(out), err
}

func showMatrix(c *call, tx *db.Tx, in *OfCase) (matrix.Board, error) {
	k, err := seenCase(c, tx, in.Case)
	if err != nil {
		return matrix.Board{}, err
	}
	return matrix.Load(tx, c.Actor, k.ID)
}
