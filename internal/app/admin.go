package app

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"time"

	"tocsin/internal/alliance/charter"
	"tocsin/internal/alliance/orgs"
	"tocsin/internal/alliance/people"
	"tocsin/internal/edge/gate"
	"tocsin/internal/kernel/audience"
	"tocsin/internal/kernel/backup"
	"tocsin/internal/kernel/blob"
	"tocsin/internal/kernel/db"
	"tocsin/internal/kernel/errs"
	"tocsin/internal/kernel/ledger"
	"tocsin/internal/kernel/seal"
	"tocsin/internal/response/advisory"
	"tocsin/internal/response/archive"
)

// with opens the house for one command.
func with(ctx context.Context, cfg Config, f func(*gate.House) error) error {
	h, err := Open(ctx, cfg)
	if err != nil {
		return err
	}
	defer h.DB.Close()
	return f(h)
}

// Init founds the alliance and returns the first person's sign-in link.
func Init(ctx context.Context, cfg Config, in Founding) (link string, err error) {
	err = with(ctx, cfg, func(h *gate.House) error {
		link, err = Found(ctx, h, in)
		return err
	})
	return link, err
}

// SetupLink is the one-time address at which the alliance is founded.
type SetupLink struct {
	Link      string    `json:"link"`
	ExpiresAt time.Time `json:"expires_at"`
}

// NewSetupLink makes the one-time setup link; an earlier one ends.
func NewSetupLink(ctx context.Context, cfg Config) (out SetupLink, err error) {
	err = with(ctx, cfg, func(h *gate.House) error {
		return h.Write(ctx, func(tx *db.Tx) error {
			secret, err := charter.SetupLink(tx)
			out = SetupLink{h.URL + "/setup/" + secret, tx.Now.Add(charter.SetupLife)}
			return err
		})
	})
	return out, err
}

// Token is a bearer token with what is kept of it; Secret is shown once.
type Token struct {
	Secret string `json:"token"`
	people.Token
}

// IssueToken makes a bearer token for a person. No scope named means all that
// the person may use.
func IssueToken(ctx context.Context, cfg Config, email string, scopes []string, life time.Duration) (out Token, err error) {
	err = with(ctx, cfg, func(h *gate.House) error {
		return h.Write(ctx, func(tx *db.Tx) error {
			p, err := people.ByEmail(tx, email)
			if err != nil {
				return err
			}
			may := scopes
			if len(may) == 0 {
				if may, err = usable(tx, p.ID); err != nil {
					return err
				}
			}
			out.Secret, out.Token, err = people.IssueToken(tx, audience.Actor{}, p.ID, "issued on the server", may, life)
			return err
		})
	})
	return out, err
}

// usable are the scopes that a person's roles can make use of.
func usable(tx *db.Tx, personID string) ([]string, error) {
	roles, err := people.RolesOf(tx, personID)
	out := []string{charter.ScopeRead, charter.ScopeWrite}
	if slices.Contains(roles, charter.Coordinator) {
		out = append(out, charter.ScopeCoordinate, charter.ScopeRelease, charter.ScopeAdmin)
	}
	if err != nil || slices.Contains(out, charter.ScopeAdmin) {
		return out, err
	}
	member, err := orgs.Of(tx, personID)
	if slices.Contains(roles, charter.Operator) || slices.ContainsFunc(member, func(m orgs.Membership) bool { return m.Role == orgs.Admin }) {
		out = append(out, charter.ScopeAdmin)
	}
	return out, err
}

// keeperOf loads the ledger's signer.
func keeperOf(ctx context.Context, h *gate.House) (k *ledger.Keeper, err error) {
	err = h.Read(ctx, func(tx *db.Tx) error {
		k, err = charter.Keeper(tx, h.Sealer)
		return err
	})
	return k, err
}

// Verify checks the ledger's tree against the data.
func Verify(ctx context.Context, cfg Config) (rep ledger.Report, err error) {
	err = with(ctx, cfg, func(h *gate.House) error {
		k, err := keeperOf(ctx, h)
		if err != nil {
			return err
		}
		rep, err = k.Verify(ctx, h.DB, h.Tables)
		return err
	})
	return rep, err
}

// Backup writes everything into w, sealed with a passphrase, and returns what
// is in it.
func Backup(ctx context.Context, cfg Config, w io.Writer, passphrase string) (m backup.Manifest, err error) {
	to, err := backup.ToPassphrase(passphrase)
	if err != nil {
		return m, err
	}
	err = with(ctx, cfg, func(h *gate.House) error {
		k, err := keeperOf(ctx, h)
		if err != nil {
			return err
		}
		m, err = backup.Write(ctx, backup.Source{DB: h.DB, Files: h.Blobs, Keys: h.Sealer, Keeper: k}, w, to)
		return err
	})
	return m, err
}

// Restore brings a backup back into an empty data directory and database.
// newest is a checkpoint kept elsewhere, or "".
func Restore(ctx context.Context, cfg Config, r io.ReadSeeker, passphrase, newest string) (backup.Report, error) {
	id, err := backup.FromPassphrase(passphrase)
	if err != nil {
		return backup.Report{}, err
	}
	target := backup.Target{DB: db.Config{URL: cfg.DB, Dir: cfg.Data, Clock: cfg.Clock}, Keys: filepath.Join(cfg.Data, "keys"), Keeper: charter.Keeper, Tables: Tables(), Newest: newest,
		Files: func(s *seal.Sealer) (blob.Store, error) {
			return blob.Open(ctx, cfg.Blobs, filepath.Join(cfg.Data, "blobs"), s)
		}}
	return backup.Restore(ctx, target, r, id)
}

// Migrate brings the database to this binary's schema and returns the
// versions before and after.
func Migrate(ctx context.Context, cfg Config) (from, to int64, err error) {
	d, err := db.Connect(ctx, db.Config{URL: cfg.DB, Dir: cfg.Data, Clock: cfg.Clock})
	if err != nil {
		return 0, 0, err
	}
	defer d.Close()
	if from, to, err = d.SchemaVersion(ctx); err != nil {
		return from, to, err
	}
	if from > to {
		return from, to, errs.New(errs.Conflict, "The database has schema %d, which a newer tocsin made; this one knows %d. Use the newer one.", from, to)
	}
	return from, to, d.Migrate(ctx)
}

// ImportCERTCC imports an archive of historical cases. progress is told how
// many cases and vendor records are done.
func ImportCERTCC(ctx context.Context, cfg Config, r io.Reader, progress func(cases, vendors int)) (rep archive.Report, err error) {
	err = with(ctx, cfg, func(h *gate.House) error {
		rep, err = archive.ImportCERTCC(ctx, h.DB, r, func(r archive.Report) { progress(r.Cases, r.Vendors) })
		return err
	})
	return rep, err
}

// ImportCSAF imports a folder of CSAF documents.
func ImportCSAF(ctx context.Context, cfg Config, dir string, progress func(done, total int)) (rep advisory.Report, err error) {
	err = with(ctx, cfg, func(h *gate.House) error {
		rep, err = advisory.Press{Sealer: h.Sealer, URL: h.URL}.ImportDir(ctx, h.DB, dir, progress)
		return err
	})
	return rep, err
}
