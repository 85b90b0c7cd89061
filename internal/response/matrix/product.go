package matrix

import (
	"time"

	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/id"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/search"
	"tocsin/internal/response/casework"
	"tocsin/spec/text"
	"tocsin/spec/tlp"

	"github.com/package-url/packageurl-go"
)

// Product is a product of one party that a case is about.
type Product struct {
	ID          string    `json:"id"`
	Case        string    `json:"case_id"`
	Participant string    `json:"participant_id"`
	Audience    string    `json:"-"`
	Level       tlp.Level `json:"tlp"`
	Name        string    `json:"name"`
	PURL        string    `json:"purl"` // package URL, or ""
	CPE         string    `json:"cpe"`  // CPE 2.3 name, or ""
	Version     int64     `json:"version"`
	UpdatedAt   time.Time `json:"updated_at"`
}

const productColumns = `r.id, r.case_id, r.participant_id, r.audience_id, r.tlp, r.name, r.purl, r.cpe, r.version, r.updated_at`

func scanProduct(r *Product) []any {
	return []any{&r.ID, &r.Case, &r.Participant, &r.Audience, &r.Level, &r.Name, &r.PURL, &r.CPE, &r.Version, db.At(&r.UpdatedAt)}
}

var productTable = ledger.Table{Kind: "product", Name: "product", Cols: "case_id, participant_id, name, purl, cpe, removed_at"}

const maxProducts = 500

// Products lists the products of a case that the actor may see, by party and
// name.
func Products(tx *db.Tx, a audience.Actor, caseID string) ([]Product, error) {
	var args db.Args
	return db.All(tx, scanProduct, `SELECT `+productColumns+` FROM product r WHERE r.case_id = `+args.Add(caseID)+` AND r.removed_at IS NULL AND `+
		audience.Visible(a, "r", &args)+` ORDER BY r.participant_id, LOWER(r.name), r.id`, args...)
}

func loadProduct(tx *db.Tx, a audience.Actor, productID string) (Product, error) {
	var args db.Args
	r, ok, err := db.One(tx, scanProduct, `SELECT `+productColumns+` FROM product r WHERE r.id = `+args.Add(productID)+` AND r.removed_at IS NULL AND `+audience.Visible(a, "r", &args), args...)
	if err == nil && !ok {
		err = errs.Missing("product")
	}
	return r, err
}

// PutProduct adds a product to a party, or edits the one that in.ID names
// (in.Version is the version seen). The party does it, or a coordinator on
// its behalf.
func PutProduct(tx *db.Tx, a audience.Actor, caseRef string, in Product) (Product, error) {
	c, err := casework.LoadAs(tx, a, caseRef, audience.Contributor)
	if err != nil {
		return in, err
	}
	var old Product
	if in.ID != "" {
		if old, err = loadProduct(tx, a, in.ID); err != nil || old.Case != c.ID {
			return in, firstError(err, errs.Missing("product"))
		}
		in.Participant = old.Participant
	}
	p, onBehalf, err := casework.ActingFor(tx, a, c, in.Participant)
	if err != nil {
		return in, err
	}
	if in, err = in.cleaned(); err != nil {
		return in, err
	}
	in.Case, in.Audience, in.Level, in.UpdatedAt = c.ID, p.Audience, p.Level, tx.Now
	kind := ProductEdited
	if in.ID == "" {
		kind = ProductAdded
		err = in.insert(tx)
	} else {
		err = tx.Guarded(stale(old, in), `UPDATE product SET name = $1, purl = $2, cpe = $3, version = version + 1, updated_at = $4 WHERE id = $5 AND version = $6`,
			in.Name, in.PURL, in.CPE, db.Micros(tx.Now), in.ID, in.Version)
	}
	if err != nil {
		return in, err
	}
	in.Version++
	ledger.Append(tx, ledger.Event{Kind: kind, Actor: a, Audience: in.Audience, Level: in.Level, Scope: c.ID, Party: p.ID, Object: ledger.Object{Kind: "product", ID: in.ID},
		Data: said{p.Name, in.Name, "", onBehalf}, Binds: []ledger.Bound{productTable.Of(in.ID)}})
	return in, firstError(search.Put(tx, search.Doc{Kind: "product", ObjectID: in.ID, Scope: c.ID, Party: p.ID, Audience: in.Audience, Level: in.Level,
		Title: in.Name, Body: p.Name + " " + in.PURL + " " + in.CPE, URL: "/cases/" + c.Number + "/vendors"}), casework.Touch(tx, c.ID))
}

// said is the payload of an event about a party's word.
type said struct {
	Party    string `json:"party"`
	What     string `json:"what"`
	Status   string `json:"status,omitempty"`
	OnBehalf bool   `json:"on_behalf,omitempty"`
}

func (r *Product) insert(tx *db.Tx) error {
	n, err := db.Value[int](tx, `SELECT COUNT(*) FROM product WHERE participant_id = $1 AND removed_at IS NULL`, r.Participant)
	if err != nil {
		return err
	}
	if n >= maxProducts {
		return errs.New(errs.TooLarge, "A party lists at most %d products in a case; sum up the rest as one.", maxProducts)
	}
	r.ID, r.Version = id.New("prd", tx.Now), 0
	_, err = tx.Exec(`INSERT INTO product (id, case_id, participant_id, audience_id, tlp, name, purl, cpe, version, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)`,
		r.ID, r.Case, r.Participant, r.Audience, int(r.Level), r.Name, r.PURL, r.CPE, db.Micros(r.UpdatedAt))
	return err
}

// RemoveProduct takes a product, with its statuses, off the matrix.
func RemoveProduct(tx *db.Tx, a audience.Actor, caseRef, productID string) error {
	c, err := casework.LoadAs(tx, a, caseRef, audience.Contributor)
	if err != nil {
		return err
	}
	r, err := loadProduct(tx, a, productID)
	if err != nil || r.Case != c.ID {
		return firstError(err, errs.Missing("product"))
	}
	p, onBehalf, err := casework.ActingFor(tx, a, c, r.Participant)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE product SET removed_at = $1, version = version + 1 WHERE id = $2`, db.Micros(tx.Now), r.ID); err != nil {
		return err
	}
	ledger.Append(tx, ledger.Event{Kind: ProductRemoved, Actor: a, Audience: r.Audience, Level: r.Level, Scope: c.ID, Party: p.ID, Object: ledger.Object{Kind: "product", ID: r.ID},
		Data: said{p.Name, r.Name, "", onBehalf}, Binds: []ledger.Bound{productTable.Of(r.ID)}})
	return firstError(search.Drop(tx, "product", r.ID), casework.Touch(tx, c.ID))
}

func (r Product) cleaned() (Product, error) {
	var fields []errs.Field
	var err error
	if r.Name, _, err = text.CleanLine(r.Name, 300); err != nil {
		fields = append(fields, errs.Field{Name: "name", Reason: err.Error()})
	} else if r.Name == "" {
		fields = append(fields, errs.Field{Name: "name", Reason: "Give the product's name."})
	}
	if r.PURL != "" {
		p, err := packageurl.FromString(r.PURL)
		if err != nil || len(r.PURL) > 1000 {
			fields = append(fields, errs.Field{Name: "purl", Reason: "That is no package URL; write it as pkg:type/name@version."})
		} else {
			r.PURL = p.ToString()
		}
	}
	if r.CPE, _, err = text.CleanLine(r.CPE, 1000); err != nil {
		fields = append(fields, errs.Field{Name: "cpe", Reason: err.Error()})
	}
	return r, errs.Join(fields)
}
