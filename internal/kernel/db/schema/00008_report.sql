-- Reports from the world outside, until a case or a vendor takes them over.

-- audience_id: who may read the report (coordinators, the finder, a vendor it
-- was handed to). talk_id: the finder and the coordinators. team_id: the
-- coordinators alone. vendor_id: the coordinators and that vendor, or ''.
-- sealed and contact are age files: the confidential text and the finder's
-- mail address.
CREATE TABLE report (
  id             TEXT PRIMARY KEY,
  number         TEXT NOT NULL UNIQUE,
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  talk_id        TEXT NOT NULL REFERENCES audience(id),
  team_id        TEXT NOT NULL REFERENCES audience(id),
  vendor_id      TEXT NOT NULL DEFAULT '',
  tlp            INTEGER NOT NULL,
  title          TEXT NOT NULL,
  product        TEXT NOT NULL DEFAULT '',
  component      TEXT NOT NULL DEFAULT '',
  purl           TEXT NOT NULL DEFAULT '',
  versions       TEXT NOT NULL DEFAULT '',
  cves           TEXT NOT NULL DEFAULT '',
  refs           TEXT NOT NULL DEFAULT '',
  exploitation   TEXT NOT NULL,
  sealed         BLOB NOT NULL,
  contact        BLOB,
  encrypted      INTEGER NOT NULL DEFAULT 0,
  anonymous      INTEGER NOT NULL DEFAULT 0,
  credit         TEXT NOT NULL DEFAULT '',
  planned_at     BIGINT,
  planned_note   TEXT NOT NULL DEFAULT '',
  person_id      TEXT NOT NULL DEFAULT '',
  client_key     TEXT UNIQUE,
  state          TEXT NOT NULL,
  outcome        TEXT NOT NULL DEFAULT '',
  scope          TEXT NOT NULL,
  scope_reason   TEXT NOT NULL DEFAULT '',
  owner_id       TEXT NOT NULL DEFAULT '',
  reason         TEXT NOT NULL DEFAULT '',
  case_id        TEXT NOT NULL DEFAULT '',
  participant_id TEXT NOT NULL DEFAULT '',
  org_id         TEXT NOT NULL DEFAULT '',
  duplicate_of   TEXT NOT NULL DEFAULT '',
  finder_at      BIGINT,
  desk_at        BIGINT,
  withdrawn_at   BIGINT,
  closed_at      BIGINT,
  version        BIGINT NOT NULL DEFAULT 1,
  received_at    BIGINT NOT NULL,
  updated_at     BIGINT NOT NULL
);
CREATE INDEX report_audience ON report (audience_id);
CREATE INDEX report_team ON report (team_id);
CREATE INDEX report_received ON report (received_at, id);
CREATE INDEX report_case ON report (case_id);
CREATE INDEX report_org ON report (org_id) WHERE org_id <> '';
CREATE INDEX report_person ON report (person_id);
CREATE INDEX report_open ON report (received_at, id) WHERE outcome = '';
-- What may be owed by its owner or, if it has none, by the team.
CREATE INDEX report_owed ON report (owner_id) WHERE duplicate_of = ''
  AND (outcome = '' OR planned_note <> '' OR COALESCE(finder_at, 0) > COALESCE(desk_at, received_at));

-- The finder's secret links, by digest. A link that was replaced stays, so
-- that it can be told from one that never was.
CREATE TABLE report_link (
  digest     TEXT PRIMARY KEY,
  report_id  TEXT NOT NULL REFERENCES report(id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at   BIGINT
);
CREATE INDEX report_link_report ON report_link (report_id);

-- What a report can be told alike by: identifiers in clear, the words of its
-- text under a keyed hash.
CREATE TABLE report_key (
  kind      TEXT NOT NULL,
  value     TEXT NOT NULL,
  report_id TEXT NOT NULL REFERENCES report(id),
  PRIMARY KEY (kind, value, report_id)
);
CREATE INDEX report_key_report ON report_key (report_id, kind);

CREATE TABLE report_message (
  id          TEXT PRIMARY KEY,
  report_id   TEXT NOT NULL REFERENCES report(id),
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  side        TEXT NOT NULL,
  person_id   TEXT NOT NULL DEFAULT '',
  answers     TEXT NOT NULL DEFAULT '',
  sealed      BLOB NOT NULL,
  encrypted   INTEGER NOT NULL DEFAULT 0,
  at          BIGINT NOT NULL,
  answered_at BIGINT
);
CREATE INDEX report_message_report ON report_message (report_id, at);
CREATE INDEX report_message_audience ON report_message (audience_id);

CREATE TABLE report_file (
  id          TEXT PRIMARY KEY,
  report_id   TEXT NOT NULL REFERENCES report(id),
  message_id  TEXT NOT NULL DEFAULT '',
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  side        TEXT NOT NULL,
  person_id   TEXT NOT NULL DEFAULT '',
  name        TEXT NOT NULL,
  media_type  TEXT NOT NULL,
  lies        INTEGER NOT NULL DEFAULT 0,
  sha256      TEXT NOT NULL,
  size        BIGINT NOT NULL,
  at          BIGINT NOT NULL
);
CREATE INDEX report_file_report ON report_file (report_id, at);
CREATE INDEX report_file_sha ON report_file (sha256);

-- Who opened a report's text, and when first.
CREATE TABLE report_look (
  person_id TEXT NOT NULL,
  report_id TEXT NOT NULL REFERENCES report(id),
  first_at  BIGINT NOT NULL,
  PRIMARY KEY (person_id, report_id)
);
