CREATE TABLE idempotency_keys (
    caller_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    fingerprint bytea NOT NULL,
    created_at timestamp(0) NOT NULL,
    status integer NOT NULL,
    etag text,
    location text,
    last_modified text,
    body bytea NOT NULL,
    PRIMARY KEY (caller_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
COMMENT ON TABLE idempotency_keys IS
    'What was answered to writes that carry an Idempotency-Key. A record is written in the transaction of its '
    'write, so there is one exactly where the write has happened.';
COMMENT ON COLUMN idempotency_keys.caller_id IS
    'Who chose the key. Not a reference: callers need not be people.';
COMMENT ON COLUMN idempotency_keys.fingerprint IS
    'SHA-256 of what makes the request that request.';
