-- How members stand: renewals, sanctions, appeals; and what a mail tells of.

-- One row for each membership, and one with an empty program for what holds
-- in the whole alliance. No row is good standing. cap is what the two states
-- leave the member's people: an audience role.
CREATE TABLE standing (
  id          TEXT PRIMARY KEY,
  program_id  TEXT NOT NULL,
  org_id      TEXT NOT NULL REFERENCES org(id),
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  renewal     TEXT NOT NULL,
  sanction    TEXT NOT NULL,
  cap         INTEGER NOT NULL,
  days        INTEGER NOT NULL, -- of a term, as the program's rules had it
  term_at     BIGINT NOT NULL,
  due_at      BIGINT,
  reminded    INTEGER NOT NULL DEFAULT 0,
  next_at     BIGINT, -- when the clock has something to do with its renewal
  version     BIGINT NOT NULL,
  UNIQUE (program_id, org_id)
);
CREATE INDEX standing_org ON standing (org_id, cap);
CREATE INDEX standing_next ON standing (next_at);

-- What was done about a member. followed_by is the heavier sanction that took
-- its place; ended_at says since when it is over.
CREATE TABLE sanction (
  id           TEXT PRIMARY KEY,
  standing_id  TEXT NOT NULL REFERENCES standing(id),
  audience_id  TEXT NOT NULL REFERENCES audience(id),
  tlp          INTEGER NOT NULL,
  kind         TEXT NOT NULL,
  reason       TEXT NOT NULL,
  motion_id    TEXT NOT NULL DEFAULT '',
  person_id    TEXT NOT NULL DEFAULT '',
  at           BIGINT NOT NULL,
  followed_by  TEXT NOT NULL DEFAULT '',
  ended_at     BIGINT,
  end_reason   TEXT NOT NULL DEFAULT '',
  appeal       TEXT NOT NULL,
  appeal_until BIGINT NOT NULL,
  plea         TEXT NOT NULL DEFAULT '',
  appealed_by  TEXT NOT NULL DEFAULT '',
  appealed_at  BIGINT,
  decision     TEXT NOT NULL DEFAULT '',
  decided_by   TEXT NOT NULL DEFAULT '',
  decided_at   BIGINT,
  version      BIGINT NOT NULL
);
CREATE INDEX sanction_standing ON sanction (standing_id, at);
CREATE INDEX sanction_appeal ON sanction (appeal, appeal_until);

-- What a member gave for a renewal; term_at is the term that it ends.
CREATE TABLE renewal_step (
  id          TEXT PRIMARY KEY,
  standing_id TEXT NOT NULL REFERENCES standing(id),
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  term_at     BIGINT NOT NULL,
  step        TEXT NOT NULL,
  note        TEXT NOT NULL,
  person_id   TEXT NOT NULL,
  at          BIGINT NOT NULL,
  UNIQUE (standing_id, term_at, step)
);

-- When all programs' members were last compared with the rows above.
CREATE TABLE standing_round (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL
);

-- The events that a mail tells of: it leaves only while its person may see
-- them.
CREATE TABLE outbox_event (
  item_id TEXT NOT NULL REFERENCES outbox(id) ON DELETE CASCADE,
  seq     BIGINT NOT NULL,
  PRIMARY KEY (item_id, seq)
);
