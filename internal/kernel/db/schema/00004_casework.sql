-- Cases, who takes part in them, and their invitations.

CREATE TABLE counter (
  name  TEXT PRIMARY KEY,
  value BIGINT NOT NULL
);

CREATE TABLE cases (
  id              TEXT PRIMARY KEY,
  number          TEXT NOT NULL UNIQUE,
  title           TEXT NOT NULL,
  summary         TEXT NOT NULL DEFAULT '',
  audience_id     TEXT NOT NULL REFERENCES audience(id),
  team_id         TEXT NOT NULL REFERENCES audience(id),
  tlp             INTEGER NOT NULL,
  release_at      BIGINT,
  terms_id        TEXT NOT NULL,
  terms_text      TEXT NOT NULL,
  state           TEXT NOT NULL,
  public_state    TEXT NOT NULL DEFAULT 'pxa',
  embargo_state   TEXT NOT NULL DEFAULT 'none',
  embargo_ends_at BIGINT,
  decision_due_at BIGINT,
  decision_why    TEXT NOT NULL DEFAULT '',
  owner_id        TEXT NOT NULL DEFAULT '',
  origin          TEXT NOT NULL DEFAULT '',
  merged_into     TEXT NOT NULL DEFAULT '',
  split_from      TEXT NOT NULL DEFAULT '',
  version         BIGINT NOT NULL DEFAULT 1,
  opened_at       BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  closed_at       BIGINT,
  close_reason    TEXT NOT NULL DEFAULT ''
);
-- Holds all that a list needs to find its page.
CREATE INDEX cases_audience ON cases (audience_id, tlp, updated_at, id);
CREATE INDEX cases_updated ON cases (updated_at, id);
CREATE INDEX cases_release ON cases (release_at);
CREATE INDEX cases_origin ON cases (origin);

-- One party of a case. audience_id: who may know that it takes part.
-- private_id: the party and the coordinators. own_id: the party alone.
CREATE TABLE participant (
  id             TEXT PRIMARY KEY,
  case_id        TEXT NOT NULL REFERENCES cases(id),
  role           TEXT NOT NULL,
  kind           TEXT NOT NULL,
  subject_id     TEXT NOT NULL,
  name           TEXT NOT NULL,
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  private_id     TEXT NOT NULL REFERENCES audience(id),
  own_id         TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  release_at     BIGINT,
  report_state   TEXT NOT NULL DEFAULT 'start',
  consent        TEXT NOT NULL DEFAULT 'no_embargo',
  vendor_state   TEXT NOT NULL DEFAULT 'vfd',
  hidden         INTEGER NOT NULL DEFAULT 0,
  hidden_reason  TEXT NOT NULL DEFAULT '',
  wave           INTEGER NOT NULL DEFAULT 0,
  reason         TEXT NOT NULL DEFAULT '',
  invited_at     BIGINT,
  due_at         BIGINT,
  accepted_at    BIGINT,
  seen_at        BIGINT,
  replied_at     BIGINT,
  nudged_at      BIGINT,
  nudges         INTEGER NOT NULL DEFAULT 0,
  left_at        BIGINT,
  left_reason    TEXT NOT NULL DEFAULT '',
  origin         TEXT NOT NULL DEFAULT '',
  version        BIGINT NOT NULL DEFAULT 1,
  updated_at     BIGINT NOT NULL
);
CREATE INDEX participant_case ON participant (case_id, role, name);
CREATE INDEX participant_subject ON participant (kind, subject_id);
CREATE INDEX participant_audience ON participant (audience_id);
CREATE UNIQUE INDEX participant_origin ON participant (case_id, origin) WHERE origin <> '';

-- What an invitee sees before the terms are accepted: that there is an
-- invitation, and its terms. Nothing of the case.
CREATE TABLE case_invitation (
  id             TEXT PRIMARY KEY,
  case_id        TEXT NOT NULL REFERENCES cases(id),
  participant_id TEXT NOT NULL REFERENCES participant(id),
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  terms_id       TEXT NOT NULL,
  terms_text     TEXT NOT NULL,
  state          TEXT NOT NULL,
  sent_at        BIGINT NOT NULL,
  due_at         BIGINT NOT NULL,
  answered_at    BIGINT,
  answered_by    TEXT NOT NULL DEFAULT '',
  answer_reason  TEXT NOT NULL DEFAULT '',
  reminders      INTEGER NOT NULL DEFAULT 0,
  next_at        BIGINT
);
CREATE INDEX case_invitation_next ON case_invitation (state, next_at);
CREATE INDEX case_invitation_audience ON case_invitation (audience_id);
CREATE INDEX case_invitation_participant ON case_invitation (participant_id);

-- When a person first and last looked at a case.
CREATE TABLE look (
  person_id TEXT NOT NULL,
  case_id   TEXT NOT NULL REFERENCES cases(id),
  first_at  BIGINT NOT NULL,
  last_at   BIGINT NOT NULL,
  seq       BIGINT NOT NULL,
  PRIMARY KEY (person_id, case_id)
);
