-- Applications to programs, from the first draft to the membership.

CREATE TABLE application_series (
  year BIGINT PRIMARY KEY,
  last BIGINT NOT NULL
);

-- audience_id: the applicant and, once it was submitted, the secretariat.
-- team_id: the secretariat, and the board while it reads the dossier.
-- members_id: who of the program's members may read what is announced.
-- org_id: the applying member; for a newcomer the organization that was made
-- on acceptance, '' before. dates: when each state was reached last.
CREATE TABLE application (
  id             TEXT PRIMARY KEY,
  number         TEXT NOT NULL UNIQUE,
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  team_id        TEXT NOT NULL REFERENCES audience(id),
  members_id     TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  program_id     TEXT NOT NULL REFERENCES program(id),
  org_id         TEXT NOT NULL DEFAULT '',
  newcomer       INTEGER NOT NULL,
  name           TEXT NOT NULL,
  folded         TEXT NOT NULL,
  class          TEXT NOT NULL,
  website        TEXT NOT NULL DEFAULT '',
  statement      TEXT NOT NULL DEFAULT '',
  evidence       TEXT NOT NULL DEFAULT '{}',
  sponsors       TEXT NOT NULL DEFAULT '[]',
  affiliates     TEXT NOT NULL DEFAULT '',
  contact        TEXT NOT NULL,
  contact_name   TEXT NOT NULL DEFAULT '',
  confirmed_at   BIGINT,
  state          TEXT NOT NULL,
  note           TEXT NOT NULL DEFAULT '',
  checked_by     TEXT NOT NULL DEFAULT '',
  decided_by     TEXT NOT NULL DEFAULT '',
  reason         TEXT NOT NULL DEFAULT '',
  reapply_at     BIGINT,
  motion_id      TEXT NOT NULL DEFAULT '',
  objections_end BIGINT,
  dates          TEXT NOT NULL DEFAULT '{}',
  begun_at       BIGINT NOT NULL,
  lapses_at      BIGINT NOT NULL,
  reminded_at    BIGINT,
  resume_at      BIGINT,
  updated_at     BIGINT NOT NULL,
  version        BIGINT NOT NULL
);
CREATE INDEX application_audience ON application (audience_id);
CREATE INDEX application_team ON application (team_id);
CREATE INDEX application_members ON application (members_id);
CREATE INDEX application_program ON application (program_id, state);
CREATE INDEX application_state ON application (state, lapses_at);
CREATE INDEX application_begun ON application (begun_at, id);
CREATE INDEX application_motion ON application (motion_id) WHERE motion_id <> '';
-- An organization has one application to a program under way.
CREATE UNIQUE INDEX application_one ON application (program_id, org_id)
  WHERE org_id <> '' AND state NOT IN ('active', 'refused', 'withdrawn', 'lapsed');

-- Secret links, by digest: page shows the application, mail proves the
-- contact's mailbox too, test is the test page's answer.
CREATE TABLE application_link (
  digest         TEXT PRIMARY KEY,
  application_id TEXT NOT NULL REFERENCES application(id),
  purpose        TEXT NOT NULL,
  address        TEXT NOT NULL DEFAULT '',
  created_at     BIGINT NOT NULL,
  expires_at     BIGINT NOT NULL,
  ended_at       BIGINT
);
CREATE INDEX application_link_application ON application_link (application_id, purpose);

CREATE TABLE application_sponsor (
  id             TEXT PRIMARY KEY,
  application_id TEXT NOT NULL REFERENCES application(id),
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  org_id         TEXT NOT NULL REFERENCES org(id),
  asked_by       TEXT NOT NULL,
  asked_at       BIGINT NOT NULL,
  answer         TEXT NOT NULL DEFAULT '',
  statement      TEXT NOT NULL DEFAULT '',
  conflict       TEXT NOT NULL DEFAULT '',
  person_id      TEXT NOT NULL DEFAULT '',
  answered_at    BIGINT,
  UNIQUE (application_id, org_id)
);
CREATE INDEX application_sponsor_org ON application_sponsor (org_id) WHERE answer = '';
CREATE INDEX application_sponsor_audience ON application_sponsor (audience_id);

CREATE TABLE application_objection (
  id             TEXT PRIMARY KEY,
  application_id TEXT NOT NULL REFERENCES application(id),
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  org_id         TEXT NOT NULL REFERENCES org(id),
  person_id      TEXT NOT NULL,
  reason         TEXT NOT NULL,
  conflict       TEXT NOT NULL DEFAULT '',
  answer         TEXT NOT NULL DEFAULT '',
  answered_why   TEXT NOT NULL DEFAULT '',
  answered_by    TEXT NOT NULL DEFAULT '',
  at             BIGINT NOT NULL,
  answered_at    BIGINT,
  UNIQUE (application_id, org_id)
);
CREATE INDEX application_objection_audience ON application_objection (audience_id);

-- Who takes no part in a decision: a member of the secretariat (person_id) or
-- an organization with a seat on the board (org_id).
CREATE TABLE application_recusal (
  id             TEXT PRIMARY KEY,
  application_id TEXT NOT NULL REFERENCES application(id),
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  org_id         TEXT NOT NULL DEFAULT '',
  person_id      TEXT NOT NULL DEFAULT '',
  reason         TEXT NOT NULL,
  by_id          TEXT NOT NULL,
  at             BIGINT NOT NULL,
  UNIQUE (application_id, org_id, person_id)
);
CREATE INDEX application_recusal_audience ON application_recusal (audience_id);

-- Who belongs to whom: party_id is an organization, or an application of one
-- that is not known yet; parent_id is an organization that owns or controls it.
CREATE TABLE affiliation (
  id        TEXT PRIMARY KEY,
  party_id  TEXT NOT NULL,
  parent_id TEXT NOT NULL REFERENCES org(id),
  note      TEXT NOT NULL DEFAULT '',
  person_id TEXT NOT NULL,
  at        BIGINT NOT NULL,
  UNIQUE (party_id, parent_id)
);
CREATE INDEX affiliation_parent ON affiliation (parent_id);

-- Applications to a program rest while this stands; ref is the case whose
-- embargo asks for it, and audience_id may know why.
CREATE TABLE application_freeze (
  id          TEXT PRIMARY KEY,
  program_id  TEXT NOT NULL REFERENCES program(id),
  ref         TEXT NOT NULL,
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  person_id   TEXT NOT NULL,
  since       BIGINT NOT NULL,
  ended_at    BIGINT
);
CREATE UNIQUE INDEX application_freeze_one ON application_freeze (program_id, ref) WHERE ended_at IS NULL;
CREATE INDEX application_freeze_ref ON application_freeze (ref);
