-- The board: who sits there, what it is asked, how it voted.

CREATE TABLE board_room (
  id          TEXT PRIMARY KEY,
  audience_id TEXT NOT NULL REFERENCES audience(id),
  motions     BIGINT NOT NULL DEFAULT 0
);

-- A seat is one person's: who follows gets a new one.
CREATE TABLE board_seat (
  id            TEXT PRIMARY KEY,
  audience_id   TEXT NOT NULL REFERENCES audience(id),
  tlp           INTEGER NOT NULL,
  org_id        TEXT NOT NULL REFERENCES org(id),
  person_id     TEXT NOT NULL REFERENCES person(id),
  substitute_id TEXT NOT NULL DEFAULT '',
  from_at       BIGINT NOT NULL,
  until_at      BIGINT,
  ended_at      BIGINT,
  end_reason    TEXT NOT NULL DEFAULT '',
  version       BIGINT NOT NULL
);
CREATE INDEX board_seat_org ON board_seat (org_id);

CREATE TABLE motion (
  id          TEXT PRIMARY KEY,
  number      TEXT NOT NULL UNIQUE,
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  title       TEXT NOT NULL,
  body        TEXT NOT NULL,
  object_kind TEXT NOT NULL DEFAULT '',
  object_id   TEXT NOT NULL DEFAULT '',
  proposal    TEXT NOT NULL DEFAULT '',
  proposer_id TEXT NOT NULL,
  sealed      INTEGER NOT NULL,
  quorum      TEXT NOT NULL,
  majority    TEXT NOT NULL,
  early       INTEGER NOT NULL,
  state       TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  deadline    BIGINT NOT NULL,
  opened_at   BIGINT,
  reminded_at BIGINT,
  closed_at   BIGINT,
  decided_at  BIGINT,
  decision    TEXT NOT NULL DEFAULT '',
  result      TEXT NOT NULL DEFAULT '',
  effect      TEXT NOT NULL DEFAULT '',
  obstacle    TEXT NOT NULL DEFAULT '',
  version     BIGINT NOT NULL
);
CREATE INDEX motion_state ON motion (state, deadline);
CREATE INDEX motion_created ON motion (created_at, id);

-- The electorate, fixed when a ballot opens. Standing and who could vote for
-- the seat are written at the close, so that a recount needs nothing else.
CREATE TABLE motion_seat (
  id            TEXT PRIMARY KEY,
  motion_id     TEXT NOT NULL REFERENCES motion(id),
  seat_id       TEXT NOT NULL REFERENCES board_seat(id),
  standing      TEXT NOT NULL DEFAULT '',
  principal_id  TEXT NOT NULL DEFAULT '',
  substitute_id TEXT NOT NULL DEFAULT '',
  UNIQUE (motion_id, seat_id)
);

CREATE TABLE motion_recusal (
  id        TEXT PRIMARY KEY,
  motion_id TEXT NOT NULL REFERENCES motion(id),
  seat_id   TEXT NOT NULL REFERENCES board_seat(id),
  person_id TEXT NOT NULL DEFAULT '',
  reason    TEXT NOT NULL,
  at        BIGINT NOT NULL,
  UNIQUE (motion_id, seat_id)
);

-- The vote for a seat. In a sealed ballot choice and reason are empty and
-- paper is an age file of one length, whatever it says; the audience is then
-- the voter alone.
CREATE TABLE motion_vote (
  id          TEXT PRIMARY KEY,
  motion_id   TEXT NOT NULL REFERENCES motion(id),
  seat_id     TEXT NOT NULL REFERENCES board_seat(id),
  audience_id TEXT NOT NULL REFERENCES audience(id),
  tlp         INTEGER NOT NULL,
  person_id   TEXT NOT NULL,
  choice      TEXT NOT NULL DEFAULT '',
  reason      TEXT NOT NULL DEFAULT '',
  paper       BLOB,
  at          BIGINT NOT NULL,
  UNIQUE (motion_id, seat_id)
);
