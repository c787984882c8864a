-- What integrations show instead of a token. Of a key only the hash is kept, so nobody can read one here.
CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY,
    -- What people and the log call it; never given to another key, also when this one is revoked.
    name TEXT NOT NULL,
    -- SHA-256 of the whole key.
    hash BLOB NOT NULL,
    -- Its last characters, by which people tell keys apart.
    ending TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- From when on it is refused.
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name);
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash);
