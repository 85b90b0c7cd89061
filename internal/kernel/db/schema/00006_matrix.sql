-- Vulnerabilities, products and the vendor matrix.

CREATE TABLE vulnerability (
  id          TEXT PRIMARY KEY,
  case_id     TEXT NOT NULL REFERENCES cases(id),
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  release_at  BIGINT,
  ord         INTEGER NOT NULL,
  label       TEXT NOT NULL,
  title       TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  cve         TEXT NOT NULL DEFAULT '',
  cwe         TEXT NOT NULL DEFAULT '',
  cvss31      TEXT NOT NULL DEFAULT '',
  cvss40      TEXT NOT NULL DEFAULT '',
  ssvc        TEXT NOT NULL DEFAULT '',
  refs        TEXT NOT NULL DEFAULT '',
  credits     TEXT NOT NULL DEFAULT '',
  version     BIGINT NOT NULL DEFAULT 1,
  updated_at  BIGINT NOT NULL,
  removed_at  BIGINT
);
CREATE INDEX vulnerability_case ON vulnerability (case_id, ord);
CREATE INDEX vulnerability_cve ON vulnerability (cve);

-- A product of one party that the case is about.
CREATE TABLE product (
  id             TEXT PRIMARY KEY,
  case_id        TEXT NOT NULL REFERENCES cases(id),
  participant_id TEXT NOT NULL REFERENCES participant(id),
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  name           TEXT NOT NULL,
  purl           TEXT NOT NULL DEFAULT '',
  cpe            TEXT NOT NULL DEFAULT '',
  version        BIGINT NOT NULL DEFAULT 1,
  updated_at     BIGINT NOT NULL,
  removed_at     BIGINT
);
CREATE INDEX product_case ON product (case_id, participant_id, name);

-- One cell of the vendor matrix; product_id is empty for "all products".
CREATE TABLE status (
  id             TEXT PRIMARY KEY,
  case_id        TEXT NOT NULL REFERENCES cases(id),
  participant_id TEXT NOT NULL REFERENCES participant(id),
  vuln_id        TEXT NOT NULL REFERENCES vulnerability(id),
  product_id     TEXT NOT NULL DEFAULT '',
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  release_at     BIGINT,
  status         TEXT NOT NULL,
  justification  TEXT NOT NULL DEFAULT '',
  statement      TEXT NOT NULL DEFAULT '',
  affected       TEXT NOT NULL DEFAULT '',
  fixed          TEXT NOT NULL DEFAULT '',
  on_behalf      INTEGER NOT NULL DEFAULT 0,
  person_id      TEXT NOT NULL DEFAULT '',
  version        BIGINT NOT NULL DEFAULT 1,
  changed_at     BIGINT NOT NULL,
  UNIQUE (participant_id, vuln_id, product_id)
);
CREATE INDEX status_case ON status (case_id);

-- A party's own tracker number, for its own eyes.
CREATE TABLE tracker (
  participant_id TEXT PRIMARY KEY REFERENCES participant(id),
  case_id        TEXT NOT NULL REFERENCES cases(id),
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  number         TEXT NOT NULL,
  version        BIGINT NOT NULL DEFAULT 1,
  updated_at     BIGINT NOT NULL
);
