-- Who is in it: the charter, organizations, programs, people.

CREATE TABLE charter (
  id          TEXT PRIMARY KEY,
  audience_id TEXT NOT NULL,
  terms_id    TEXT NOT NULL,
  settings    TEXT NOT NULL,
  founded_at  BIGINT NOT NULL,
  version     BIGINT NOT NULL
);

-- Every text of the case terms that ever stood, since cases keep theirs.
CREATE TABLE case_terms (
  id    TEXT PRIMARY KEY,
  text  TEXT NOT NULL,
  since BIGINT NOT NULL
);

CREATE TABLE person (
  id          TEXT PRIMARY KEY,
  audience_id TEXT NOT NULL,
  email       TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  time_zone   TEXT NOT NULL DEFAULT 'UTC',
  locale      TEXT NOT NULL DEFAULT 'en',
  state       TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  version     BIGINT NOT NULL
);
CREATE INDEX person_name ON person (name, id);

CREATE TABLE office (
  id         TEXT PRIMARY KEY,
  role       TEXT NOT NULL,
  person_id  TEXT NOT NULL REFERENCES person(id),
  since      BIGINT NOT NULL,
  granted_by TEXT NOT NULL,
  UNIQUE (role, person_id)
);
CREATE INDEX office_person ON office (person_id);

CREATE TABLE org (
  id          TEXT PRIMARY KEY,
  audience_id TEXT NOT NULL,
  name        TEXT NOT NULL UNIQUE,
  folded      TEXT NOT NULL,
  class       TEXT NOT NULL,
  listed      INTEGER NOT NULL,
  website     TEXT NOT NULL DEFAULT '',
  email       TEXT NOT NULL DEFAULT '',
  domains     TEXT NOT NULL DEFAULT '[]',
  pgp_key     TEXT NOT NULL DEFAULT '',
  state       TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  version     BIGINT NOT NULL
);
CREATE INDEX org_folded ON org (folded, id);
CREATE INDEX org_listed ON org (listed, folded, id);

CREATE TABLE membership (
  id        TEXT PRIMARY KEY,
  org_id    TEXT NOT NULL REFERENCES org(id),
  person_id TEXT NOT NULL REFERENCES person(id),
  role      TEXT NOT NULL,
  backup    INTEGER NOT NULL DEFAULT 0,
  duty      INTEGER NOT NULL DEFAULT 0,
  since     BIGINT NOT NULL,
  version   BIGINT NOT NULL,
  UNIQUE (org_id, person_id)
);
CREATE INDEX membership_person ON membership (person_id);
-- Seats that an organization gives are taken and given back together.
CREATE INDEX seat_party ON seat (party_kind, party_id);

CREATE TABLE component (
  id     TEXT PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES org(id),
  name   TEXT NOT NULL,
  folded TEXT NOT NULL,
  purl   TEXT NOT NULL DEFAULT '',
  since  BIGINT NOT NULL,
  UNIQUE (org_id, folded, purl)
);
CREATE INDEX component_folded ON component (folded);
CREATE INDEX component_purl ON component (purl);

CREATE TABLE program (
  id          TEXT PRIMARY KEY,
  audience_id TEXT NOT NULL,
  name        TEXT NOT NULL,
  folded      TEXT NOT NULL UNIQUE,
  purpose     TEXT NOT NULL DEFAULT '',
  tlp         INTEGER NOT NULL,
  state       TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  version     BIGINT NOT NULL
);

CREATE TABLE program_org (
  id         TEXT PRIMARY KEY,
  program_id TEXT NOT NULL REFERENCES program(id),
  org_id     TEXT NOT NULL REFERENCES org(id),
  since      BIGINT NOT NULL,
  UNIQUE (program_id, org_id)
);
CREATE INDEX program_org_org ON program_org (org_id);

CREATE TABLE invitation (
  id         TEXT PRIMARY KEY,
  person_id  TEXT NOT NULL REFERENCES person(id),
  org_id     TEXT NOT NULL DEFAULT '',
  org_role   TEXT NOT NULL DEFAULT '',
  roles      TEXT NOT NULL DEFAULT '[]',
  invited_by TEXT NOT NULL,
  digest     TEXT NOT NULL UNIQUE,
  state      TEXT NOT NULL,
  sent       INTEGER NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  closed_at  BIGINT
);
CREATE INDEX invitation_person ON invitation (person_id, state);
CREATE INDEX invitation_org ON invitation (org_id, state);

-- What a person proves themselves with. Not part of the ledger's tables:
-- nobody but the person changes them, and a backup restores them as they are.
CREATE TABLE person_password (
  person_id  TEXT PRIMARY KEY REFERENCES person(id),
  hash       TEXT NOT NULL,
  changed_at BIGINT NOT NULL
);

CREATE TABLE person_totp (
  person_id    TEXT PRIMARY KEY REFERENCES person(id),
  secret       BLOB NOT NULL,
  last_step    BIGINT NOT NULL DEFAULT 0,
  created_at   BIGINT NOT NULL
);

CREATE TABLE passkey (
  id         TEXT PRIMARY KEY,
  person_id  TEXT NOT NULL REFERENCES person(id),
  credential TEXT NOT NULL UNIQUE,
  label      TEXT NOT NULL,
  data       TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at    BIGINT
);
CREATE INDEX passkey_person ON passkey (person_id);

CREATE TABLE recovery_code (
  digest    TEXT PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES person(id),
  used_at   BIGINT
);
CREATE INDEX recovery_code_person ON recovery_code (person_id);

CREATE TABLE sign_in_link (
  digest     TEXT PRIMARY KEY,
  person_id  TEXT NOT NULL REFERENCES person(id),
  kind       TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at    BIGINT
);
CREATE INDEX sign_in_link_person ON sign_in_link (person_id);

-- A sign-in or enrollment between two requests; data is sealed.
CREATE TABLE ceremony (
  digest     TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  person_id  TEXT NOT NULL DEFAULT '',
  data       BLOB NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX ceremony_expiry ON ceremony (expires_at);

CREATE TABLE session (
  id         TEXT PRIMARY KEY,
  digest     TEXT NOT NULL UNIQUE,
  person_id  TEXT NOT NULL REFERENCES person(id),
  means      TEXT NOT NULL,
  enroll     INTEGER NOT NULL DEFAULT 0,
  agent      TEXT NOT NULL DEFAULT '',
  address    TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  seen_at    BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE api_token (
  id         TEXT PRIMARY KEY,
  digest     TEXT NOT NULL UNIQUE,
  person_id  TEXT NOT NULL REFERENCES person(id),
  label      TEXT NOT NULL,
  scopes     TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at    BIGINT,
  revoked_at BIGINT
);
CREATE INDEX api_token_person ON api_token (person_id);
