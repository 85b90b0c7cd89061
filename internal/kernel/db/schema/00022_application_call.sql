-- The test of an organization's contacts that its application waits for: the
-- last one begun for it (contact_call holds how it went).
CREATE TABLE application_call (
  application_id TEXT PRIMARY KEY REFERENCES application(id),
  call_id        TEXT NOT NULL,
  at             BIGINT NOT NULL
);
