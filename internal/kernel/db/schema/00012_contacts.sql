-- Whom to reach in an organization: its contacts, who of them is on call, and
-- in which order to call.

CREATE TABLE contact (
  id             TEXT PRIMARY KEY,
  org_id         TEXT NOT NULL REFERENCES org(id),
  audience_id    TEXT NOT NULL,
  tlp            INTEGER NOT NULL,
  kind           TEXT NOT NULL,
  name           TEXT NOT NULL,
  person_id      TEXT NOT NULL DEFAULT '',
  mail           TEXT NOT NULL DEFAULT '',
  phone          TEXT NOT NULL DEFAULT '',
  chat           TEXT NOT NULL DEFAULT '',
  pgp_key        TEXT NOT NULL DEFAULT '',
  pgp_expires_at BIGINT,
  time_zone      TEXT NOT NULL,
  hours          TEXT NOT NULL DEFAULT 'null',
  quiet          TEXT NOT NULL DEFAULT 'null',
  languages      TEXT NOT NULL DEFAULT '[]',
  topics         TEXT NOT NULL DEFAULT '[]',
  duty           INTEGER NOT NULL DEFAULT 0,
  confirmed_at   BIGINT,
  confirmed_by   TEXT NOT NULL DEFAULT '',
  doubted_at     BIGINT,
  created_at     BIGINT NOT NULL,
  words          TEXT NOT NULL DEFAULT '',
  version        BIGINT NOT NULL
);
CREATE INDEX contact_org ON contact (org_id, kind, duty);
CREATE INDEX contact_audience ON contact (audience_id);

CREATE TABLE contact_rotation (
  id          TEXT PRIMARY KEY,
  org_id      TEXT NOT NULL REFERENCES org(id),
  audience_id TEXT NOT NULL,
  tlp         INTEGER NOT NULL,
  name        TEXT NOT NULL,
  about       TEXT NOT NULL DEFAULT '',
  layers      TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  version     BIGINT NOT NULL
);
CREATE INDEX contact_rotation_org ON contact_rotation (org_id);

CREATE TABLE contact_override (
  id          TEXT PRIMARY KEY,
  rotation_id TEXT NOT NULL REFERENCES contact_rotation(id),
  audience_id TEXT NOT NULL,
  tlp         INTEGER NOT NULL,
  place       INTEGER NOT NULL,
  layer       TEXT NOT NULL DEFAULT '',
  contact_id  TEXT NOT NULL DEFAULT '',
  starts_at   BIGINT NOT NULL,
  ends_at     BIGINT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  made_by     TEXT NOT NULL,
  UNIQUE (rotation_id, place)
);

CREATE TABLE contact_ladder (
  id          TEXT PRIMARY KEY,
  org_id      TEXT NOT NULL REFERENCES org(id),
  audience_id TEXT NOT NULL,
  tlp         INTEGER NOT NULL,
  name        TEXT NOT NULL,
  about       TEXT NOT NULL DEFAULT '',
  ladder      TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  version     BIGINT NOT NULL
);
CREATE INDEX contact_ladder_org ON contact_ladder (org_id);
