-- What a user is called by the sign-in service of the original.
CREATE TABLE key_accounts (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    email TEXT NOT NULL,
    first_name TEXT,
    last_download INTEGER,
    last_name TEXT,
    is_primary INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    remote_id TEXT NOT NULL,
    PRIMARY KEY (person_id, id)
) STRICT, WITHOUT ROWID;

-- Values that no two users' rows of a kind may share, each with the row that has it.
CREATE TABLE owners (
    -- The JSON:API type of the row.
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX owners_by_person ON owners (person_id);
CREATE INDEX owners_by_id ON owners (id);
