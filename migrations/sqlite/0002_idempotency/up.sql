-- What was answered to writes that carry an Idempotency-Key. A record is written in the transaction of its write, so
-- there is one exactly where the write has happened.
CREATE TABLE idempotency_keys (
    -- Who chose the key. Not a reference: callers need not be people.
    caller_id BLOB NOT NULL,
    key TEXT NOT NULL,
    -- SHA-256 of what makes the request that request.
    fingerprint BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    etag TEXT,
    location TEXT,
    last_modified TEXT,
    body BLOB NOT NULL,
    PRIMARY KEY (caller_id, key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
