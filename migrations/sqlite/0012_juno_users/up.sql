INSERT INTO counters (name, last) VALUES ('juno_users', 0);

-- What JUNO keeps of a person beside what everybody sees of him: one that is not deleted, at most. The ids come from
-- counters. The values that no two may share are in owners, the first e-mail address among them.
CREATE TABLE juno_users (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id INTEGER NOT NULL CHECK (id > 0),
    -- Counts its states; those of the person are counted by him.
    version INTEGER NOT NULL,
    -- 0 limited, 99 full.
    account_level INTEGER NOT NULL,
    banned INTEGER NOT NULL CHECK (banned IN (0, 1)),
    client_guid BLOB,
    client_id TEXT,
    username TEXT,
    points INTEGER NOT NULL CHECK (points >= 0),
    -- Seconds; only where the person has no time zone with a name.
    utc_offset INTEGER,
    -- The URL that was sent, shown while the account is still the one that it names.
    facebook_url TEXT,
    -- The account that JUNO shows; the oldest where it is gone.
    facebook_account_id BLOB,
    twitter_url TEXT,
    twitter_account_id BLOB,
    -- Null where that is unknown.
    created_at INTEGER,
    -- Null where he never was.
    last_login_at INTEGER,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER,
    PRIMARY KEY (person_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX juno_users_by_id ON juno_users (id);
CREATE UNIQUE INDEX juno_users_by_person ON juno_users (person_id) WHERE deleted_at IS NULL;

-- Values of dimensions that are not kept with the person: custom ones, and those of the system that only JUNO knows.
CREATE TABLE dimension_values (
    person_id BLOB NOT NULL,
    juno_user_id INTEGER NOT NULL,
    dimension_id INTEGER NOT NULL REFERENCES dimensions (id),
    value TEXT NOT NULL CHECK (value <> ''),
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, juno_user_id, dimension_id),
    FOREIGN KEY (person_id, juno_user_id) REFERENCES juno_users (person_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX dimension_values_by_dimension ON dimension_values (dimension_id);

-- The tags of users.
CREATE TABLE user_tags (
    person_id BLOB NOT NULL,
    juno_user_id INTEGER NOT NULL,
    tag_id INTEGER NOT NULL REFERENCES tags (id),
    -- How strong the link is.
    score INTEGER NOT NULL CHECK (score >= 0),
    preferred INTEGER NOT NULL CHECK (preferred IN (0, 1)),
    -- Who made the link.
    origin TEXT NOT NULL CHECK (origin IN ('user', 'organization', 'engagement')),
    PRIMARY KEY (person_id, juno_user_id, tag_id),
    FOREIGN KEY (person_id, juno_user_id) REFERENCES juno_users (person_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX user_tags_by_tag ON user_tags (tag_id);
