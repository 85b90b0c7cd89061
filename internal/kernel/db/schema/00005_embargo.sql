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
  participant_id TEXT NOT NULL DEFAULT '',
  person_id      TEXT NOT NULL DEFAULT '',
  opened_at      BIGINT NOT NULL,
  passes_at      BIGINT NOT NULL,
  decided_at     BIGINT,
  decision       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX embargo_proposal_case ON embargo_proposal (case_id, opened_at);

CREATE TABLE embargo_answer (
  proposal_id    TEXT NOT NULL REFERENCES embargo_proposal(id),
  participant_id TEXT NOT NULL REFERENCES participant(id),
  case_id        TEXT NOT NULL,
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  answer         TEXT NOT NULL,
  reason         TEXT NOT NULL DEFAULT '',
  person_id      TEXT NOT NULL DEFAULT '',
  at             BIGINT NOT NULL,
  PRIMARY KEY (proposal_id, participant_id)
);

-- The go/no-go of a party before a release.
CREATE TABLE readiness (
  case_id        TEXT NOT NULL REFERENCES cases(id),
  participant_id TEXT NOT NULL REFERENCES participant(id),
  audience_id    TEXT NOT NULL REFERENCES audience(id),
  tlp            INTEGER NOT NULL,
  answer         TEXT NOT NULL,
  reason         TEXT NOT NULL DEFAULT '',
  person_id      TEXT NOT NULL DEFAULT '',
  at             BIGINT NOT NULL,
  PRIMARY KEY (case_id, participant_id)
);
