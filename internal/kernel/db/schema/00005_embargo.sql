-- What is proposed, answered and agreed about a case's embargo.

CREATE TABLE embargo_proposal (
  id             TEXT PRIMARY KEY,
  case_id        TEXT NOT NULL REFERENCES cases(id),
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  kind           TEXT NOT NULL,
  state          TEXT NOT NULL,
  ends_at        BIGINT NOT NULL,
  reason         TEXT NOT NULL,
  counters       TEXT NOT NULL DEFAULT '',
  participant_id TEXT NOT NULL DEFAULT '',
  on_behalf      INTEGER NOT NULL DEFAULT 0,
  person_id      TEXT NOT NULL DEFAULT '',
  opened_at      BIGINT NOT NULL,
  passes_at      BIGINT NOT NULL,
  carried        INTEGER NOT NULL DEFAULT 0,
  decided_at     BIGINT,
  decision       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX embargo_proposal_case ON embargo_proposal (case_id, opened_at);
CREATE INDEX embargo_proposal_open ON embargo_proposal (state, passes_at);

CREATE TABLE embargo_answer (
  id             TEXT PRIMARY KEY,
  proposal_id    TEXT NOT NULL REFERENCES embargo_proposal(id),
  participant_id TEXT NOT NULL REFERENCES participant(id),
  case_id        TEXT NOT NULL,
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  answer         TEXT NOT NULL,
  reason         TEXT NOT NULL DEFAULT '',
  on_behalf      INTEGER NOT NULL DEFAULT 0,
  person_id      TEXT NOT NULL DEFAULT '',
  at             BIGINT NOT NULL,
  UNIQUE (proposal_id, participant_id)
);
CREATE INDEX embargo_answer_case ON embargo_answer (case_id);

-- The go/no-go of a party before the release at ends_at; it does not count
-- for another end.
CREATE TABLE readiness (
  id             TEXT PRIMARY KEY,
  case_id        TEXT NOT NULL REFERENCES cases(id),
  participant_id TEXT NOT NULL REFERENCES participant(id),
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  ends_at        BIGINT NOT NULL,
  answer         TEXT NOT NULL,
  reason         TEXT NOT NULL DEFAULT '',
  on_behalf      INTEGER NOT NULL DEFAULT 0,
  person_id      TEXT NOT NULL DEFAULT '',
  at             BIGINT NOT NULL,
  UNIQUE (case_id, participant_id)
);

-- What the clock has said already, so that no replica says it twice.
CREATE TABLE embargo_notice (
  subject_id TEXT NOT NULL,
  kind       TEXT NOT NULL,
  for_at     BIGINT NOT NULL,
  at         BIGINT NOT NULL,
  PRIMARY KEY (subject_id, kind, for_at)
);
CREATE INDEX cases_embargo_end ON cases (embargo_state, embargo_ends_at);
CREATE INDEX cases_decision_due ON cases (decision_due_at);
