-- With whom contacts are shared, when they are asked about, and the calls that
-- climb a ladder, tests among them.

-- The programs that an organization shows a row to, since when. What was
-- shared before the organization joined (again) no longer counts.
CREATE TABLE contact_share (
  audience_id TEXT NOT NULL,
  program_id  TEXT NOT NULL,
  org_id      TEXT NOT NULL,
  since       BIGINT NOT NULL,
  PRIMARY KEY (audience_id, program_id)
);
CREATE INDEX contact_share_program ON contact_share (program_id, org_id);

-- When a contact is asked next whether it is still right.
CREATE TABLE contact_clock (
  contact_id TEXT PRIMARY KEY,
  ask_at     BIGINT,
  asked      INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX contact_clock_due ON contact_clock (ask_at);

-- Single-use links that were mailed; only the digest of the secret is kept.
CREATE TABLE contact_link (
  digest     TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  version    BIGINT NOT NULL DEFAULT 0,
  expires_at BIGINT NOT NULL,
  used_at    BIGINT
);
CREATE INDEX contact_link_subject ON contact_link (subject_id);

-- When the clock tests an organization next.
CREATE TABLE contact_drill (
  org_id  TEXT PRIMARY KEY,
  next_at BIGINT NOT NULL
);
CREATE INDEX contact_drill_due ON contact_drill (next_at);

CREATE TABLE contact_call (
  id              TEXT PRIMARY KEY,
  org_id          TEXT NOT NULL REFERENCES org(id),
  audience_id     TEXT NOT NULL,
  tlp             INTEGER NOT NULL,
  drill           INTEGER NOT NULL,
  ladder_id       TEXT NOT NULL DEFAULT '',
  contact_id      TEXT NOT NULL DEFAULT '',
  about           TEXT NOT NULL DEFAULT '',
  urgency         TEXT NOT NULL,
  state           TEXT NOT NULL,
  started_at      BIGINT NOT NULL,
  started_by      TEXT NOT NULL DEFAULT '',
  ends_at         BIGINT NOT NULL,
  ended_at        BIGINT,
  answered_by     TEXT NOT NULL DEFAULT '',
  answered_person TEXT NOT NULL DEFAULT '',
  note            TEXT NOT NULL DEFAULT ''
);
CREATE INDEX contact_call_org ON contact_call (org_id, drill, state);
CREATE INDEX contact_call_audience ON contact_call (audience_id);
CREATE INDEX contact_call_due ON contact_call (state, ends_at);

-- One try of a call to reach somebody.
CREATE TABLE contact_page (
  id          TEXT PRIMARY KEY,
  call_id     TEXT NOT NULL REFERENCES contact_call(id),
  audience_id TEXT NOT NULL,
  tlp         INTEGER NOT NULL,
  place       INTEGER NOT NULL,
  contact_id  TEXT NOT NULL,
  name        TEXT NOT NULL,
  rotation_id TEXT NOT NULL DEFAULT '',
  channel     TEXT NOT NULL,
  address     TEXT NOT NULL DEFAULT '',
  due_at      BIGINT NOT NULL,
  state       TEXT NOT NULL,
  paged_at    BIGINT,
  done_at     BIGINT,
  done_by     TEXT NOT NULL DEFAULT '',
  note        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX contact_page_call ON contact_page (call_id, place);
CREATE INDEX contact_page_due ON contact_page (state, due_at);
