-- A user's options: what clients keep for themselves.
CREATE TABLE user_options (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT,
    PRIMARY KEY (person_id, id),
    UNIQUE (person_id, key)
) STRICT, WITHOUT ROWID;

-- Devices that want to be told by push messages.
CREATE TABLE user_devices (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    locale TEXT,
    platform TEXT,
    token TEXT NOT NULL,
    version TEXT,
    PRIMARY KEY (person_id, id)
) STRICT, WITHOUT ROWID;
