CREATE TABLE api_keys (
    id uuid NOT NULL PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    hash bytea NOT NULL,
    ending text NOT NULL,
    created_at timestamp(0) NOT NULL,
    revoked_at timestamp(0)
);
CREATE UNIQUE INDEX api_keys_by_name ON api_keys (name);
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash);
COMMENT ON TABLE api_keys IS
    'What integrations show instead of a token. Of a key only the hash is kept, so nobody can read one here.';
COMMENT ON COLUMN api_keys.name IS
    'What people and the log call it; never given to another key, also when this one is revoked.';
COMMENT ON COLUMN api_keys.hash IS 'SHA-256 of the whole key.';
COMMENT ON COLUMN api_keys.ending IS 'Its last characters, by which people tell keys apart.';
COMMENT ON COLUMN api_keys.revoked_at IS 'From when on it is refused.';
