-- Advisories drafted from cases, and the documents that are published.

CREATE TABLE advisory (
  id               TEXT PRIMARY KEY,
  number           TEXT NOT NULL UNIQUE,
  case_id          TEXT NOT NULL REFERENCES cases(id),
  audience_id      TEXT NOT NULL REFERENCES audience(id),
  tlp              INTEGER NOT NULL,
  state            TEXT NOT NULL,
  title            TEXT NOT NULL,
  version          BIGINT NOT NULL,
  approved_version BIGINT NOT NULL DEFAULT 0,
  approved_by      TEXT NOT NULL DEFAULT '',
  approved_at      BIGINT,
  released_version BIGINT NOT NULL DEFAULT 0,
  out_tlp          INTEGER NOT NULL DEFAULT 0,
  out_audience     TEXT NOT NULL DEFAULT '',
  release_at       BIGINT,
  follows          INTEGER NOT NULL DEFAULT 0,
  note             TEXT NOT NULL DEFAULT '',
  document_id      TEXT NOT NULL DEFAULT '',
  basis            TEXT NOT NULL DEFAULT '',
  scheduled_by     TEXT NOT NULL DEFAULT '',
  checked_at       BIGINT NOT NULL DEFAULT 0, -- hidden parties were last looked for in what is prepared
  revision         BIGINT NOT NULL DEFAULT 0,
  released_at      BIGINT,
  withdrawn_at     BIGINT,
  withdrawn_reason TEXT NOT NULL DEFAULT '',
  created_by       TEXT NOT NULL,
  created_at       BIGINT NOT NULL,
  updated_at       BIGINT NOT NULL
);
CREATE INDEX advisory_case ON advisory (case_id, created_at);
CREATE INDEX advisory_due ON advisory (state, release_at);
CREATE INDEX advisory_updated ON advisory (updated_at, id);

-- Every text an advisory had; rows are only added.
CREATE TABLE advisory_version (
  id          TEXT PRIMARY KEY,
  advisory_id TEXT NOT NULL REFERENCES advisory(id),
  n           BIGINT NOT NULL,
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  content     TEXT NOT NULL,
  note        TEXT NOT NULL DEFAULT '',
  author      TEXT NOT NULL,
  at          BIGINT NOT NULL,
  UNIQUE (advisory_id, n)
);

CREATE TABLE advisory_comment (
  id          TEXT PRIMARY KEY,
  advisory_id TEXT NOT NULL REFERENCES advisory(id),
  version     BIGINT NOT NULL,
  section     TEXT NOT NULL DEFAULT '',
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  text        TEXT NOT NULL,
  author      TEXT NOT NULL,
  at          BIGINT NOT NULL,
  settled_at  BIGINT,
  settled_by  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX advisory_comment_advisory ON advisory_comment (advisory_id, at);

-- A CSAF document with its hashes and signature, ready before its instant.
-- It is there from release_at until superseded_at or removed_at. body is
-- served byte for byte.
CREATE TABLE document (
  id             TEXT PRIMARY KEY,
  advisory_id    TEXT NOT NULL DEFAULT '',
  case_id        TEXT NOT NULL DEFAULT '',
  slug           TEXT NOT NULL,
  publisher      TEXT NOT NULL,
  namespace      TEXT NOT NULL,
  tracking_id    TEXT NOT NULL,
  title          TEXT NOT NULL,
  category       TEXT NOT NULL,
  label          TEXT NOT NULL,
  folder         TEXT NOT NULL DEFAULT '',
  year           INTEGER NOT NULL,
  file           TEXT NOT NULL,
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  release_at     BIGINT NOT NULL,
  initial_text   TEXT NOT NULL,
  current_text   TEXT NOT NULL,
  current_at     BIGINT NOT NULL,
  revision       TEXT NOT NULL,
  revisions      INTEGER NOT NULL,
  summary        TEXT NOT NULL DEFAULT '',
  note           TEXT NOT NULL DEFAULT '',
  facts          TEXT NOT NULL,
  size           BIGINT NOT NULL,
  body           BLOB NOT NULL,
  sha256         TEXT NOT NULL,
  sha512         TEXT NOT NULL,
  signature      TEXT NOT NULL,
  signed_by      TEXT NOT NULL,
  stored_at      BIGINT NOT NULL,
  superseded_at  BIGINT,
  removed_at     BIGINT,
  removed_reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX document_tracking ON document (namespace, tracking_id) WHERE superseded_at IS NULL AND removed_at IS NULL;
CREATE UNIQUE INDEX document_slug ON document (slug) WHERE superseded_at IS NULL AND removed_at IS NULL;
CREATE INDEX document_path ON document (file, year);
CREATE INDEX document_current ON document (tlp, current_at);
CREATE INDEX document_advisory ON document (advisory_id, release_at);
