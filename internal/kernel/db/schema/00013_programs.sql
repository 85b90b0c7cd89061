-- Programs decide what lies under them: placement, ways in, exemptions, rules.

-- The programs under which an audience lies.
CREATE TABLE audience_program (
  audience_id TEXT NOT NULL REFERENCES audience(id),
  program_id  TEXT NOT NULL,
  since       BIGINT NOT NULL,
  PRIMARY KEY (audience_id, program_id)
);
CREATE INDEX audience_program_program ON audience_program (program_id, audience_id);

-- The audience that one was made for: the case of a private side. What is
-- placed, barred or exempted above holds below.
CREATE TABLE audience_parent (
  audience_id TEXT PRIMARY KEY REFERENCES audience(id),
  parent_id   TEXT NOT NULL REFERENCES audience(id)
);
CREATE INDEX audience_parent_parent ON audience_parent (parent_id, audience_id);

-- The organization classes that each program shuts out, by its own rules and
-- by those of every program above it.
CREATE TABLE program_bar (
  program_id TEXT NOT NULL,
  class      TEXT NOT NULL,
  PRIMARY KEY (program_id, class)
);

-- Parties that no bar of the audience shuts out.
CREATE TABLE audience_exempt (
  audience_id TEXT NOT NULL REFERENCES audience(id),
  party_kind  TEXT NOT NULL,
  party_id    TEXT NOT NULL,
  reason      TEXT NOT NULL,
  since       BIGINT NOT NULL,
  PRIMARY KEY (audience_id, party_kind, party_id)
);

-- The memberships on which a grant rests: it counts while one of them lasts.
CREATE TABLE audience_through (
  audience_id TEXT NOT NULL REFERENCES audience(id),
  kind        TEXT NOT NULL,
  subject_id  TEXT NOT NULL,
  program_id  TEXT NOT NULL,
  party_kind  TEXT NOT NULL,
  party_id    TEXT NOT NULL,
  PRIMARY KEY (audience_id, kind, subject_id, program_id, party_kind, party_id)
);
CREATE INDEX audience_through_program ON audience_through (program_id, audience_id);

-- 1: the grant counts only through a membership of audience_through.
ALTER TABLE audience_grant ADD COLUMN through INTEGER NOT NULL DEFAULT 0;
DROP INDEX audience_grant_subject;
CREATE INDEX audience_grant_subject ON audience_grant (kind, subject_id, audience_id, role, reach, through);

-- One row a program; a program that has none keeps to the defaults.
CREATE TABLE program_rules (
  id          TEXT PRIMARY KEY REFERENCES program(id),
  audience_id TEXT NOT NULL,
  parent_id   TEXT NOT NULL DEFAULT '',
  slug        TEXT NOT NULL UNIQUE,
  rules       TEXT NOT NULL,
  version     BIGINT NOT NULL
);
CREATE INDEX program_rules_parent ON program_rules (parent_id, id);

CREATE TABLE program_coordinator (
  id         TEXT PRIMARY KEY,
  program_id TEXT NOT NULL REFERENCES program(id),
  person_id  TEXT NOT NULL REFERENCES person(id),
  since      BIGINT NOT NULL,
  granted_by TEXT NOT NULL,
  UNIQUE (program_id, person_id)
);
CREATE INDEX program_coordinator_person ON program_coordinator (person_id);

-- What a person loses sight of is named by what can be found in it.
CREATE INDEX search_doc_audience ON search_doc (audience_id, kind);

-- What was made before for a part of something else.
INSERT INTO audience_parent (audience_id, parent_id)
SELECT made.part, MIN(made.whole) FROM (
  SELECT c.team_id AS part, c.audience_id AS whole FROM cases c
  UNION ALL SELECT p.private_id, c.audience_id FROM participant p JOIN cases c ON c.id = p.case_id
  UNION ALL SELECT p.own_id, c.audience_id FROM participant p JOIN cases c ON c.id = p.case_id
  UNION ALL SELECT i.audience_id, c.audience_id FROM case_invitation i JOIN cases c ON c.id = i.case_id
  UNION ALL SELECT v.out_audience, c.audience_id FROM advisory v JOIN cases c ON c.id = v.case_id
  UNION ALL SELECT m.audience_id, t.audience_id FROM message m JOIN thread t ON t.id = m.thread_id
  UNION ALL SELECT r.talk_id, r.audience_id FROM report r
  UNION ALL SELECT r.team_id, r.audience_id FROM report r
  UNION ALL SELECT r.vendor_id, r.audience_id FROM report r
) made JOIN audience a ON a.id = made.part
WHERE made.part <> made.whole AND a.noun IN ('case team', 'private side', 'own notes', 'invitation', 'advisory', 'named persons', 'talk with the finder', 'triage', 'talk with the vendor')
GROUP BY made.part;
