-- Ids are UUIDs in 16 bytes. Times are whole seconds since 1970-01-01T00:00:00Z.

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE master_people (
    id BLOB NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE people (
    id BLOB NOT NULL PRIMARY KEY,
    -- Counts the states of the person and of whatever else his document shows; every write compares and sets it.
    version INTEGER NOT NULL,
    -- The stamp of the guard: strictly increases with every change of what the person owns.
    updated_in_db_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    -- When each attribute and each member of preferences was last changed: a JSON object of seconds.
    attribute_stamps TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    -- Tokens issued before this second are revoked.
    token_epoch INTEGER NOT NULL DEFAULT 0,
    master_person_id BLOB NOT NULL REFERENCES master_people (id),
    -- A JSON object, its members in the order in which they were first stored, without default_account_list.
    preferences TEXT NOT NULL DEFAULT '{}',
    -- May name a list that the person has left; documents then show null.
    default_account_list BLOB,
    alma_mater TEXT,
    anniversary_day INTEGER,
    anniversary_month INTEGER,
    anniversary_year INTEGER,
    avatar TEXT,
    birthday_day INTEGER,
    birthday_month INTEGER,
    birthday_year INTEGER,
    created_at INTEGER NOT NULL,
    deceased INTEGER NOT NULL DEFAULT 0 CHECK (deceased IN (0, 1)),
    employer TEXT,
    first_name TEXT NOT NULL,
    gender TEXT,
    last_name TEXT,
    legal_first_name TEXT,
    marital_status TEXT,
    middle_name TEXT,
    occupation TEXT,
    optout_enewsletter INTEGER NOT NULL DEFAULT 0 CHECK (optout_enewsletter IN (0, 1)),
    suffix TEXT,
    title TEXT
) STRICT;

-- What remains of deleted people: who is made anew under an old id goes on counting, so that nothing that was
-- remembered of his predecessor, no version and no token, is taken for his own.
CREATE TABLE former_people (
    id BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    deleted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rows that a person owns. The key begins with the person, so that all of them lie together and the tables can be
-- distributed by it. changed_in_version is the person's version that the row was written with.

CREATE TABLE email_addresses (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    email TEXT NOT NULL,
    -- What was sent, where normalising changed it.
    email_sent TEXT,
    historic INTEGER NOT NULL DEFAULT 0 CHECK (historic IN (0, 1)),
    location TEXT,
    is_primary INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    source TEXT NOT NULL,
    valid_values INTEGER NOT NULL DEFAULT 0 CHECK (valid_values IN (0, 1)),
    PRIMARY KEY (person_id, id),
    UNIQUE (person_id, source, email)
) STRICT, WITHOUT ROWID;

CREATE TABLE phone_numbers (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    number TEXT NOT NULL,
    -- What was sent, where normalising changed it.
    number_sent TEXT,
    country_code TEXT,
    historic INTEGER NOT NULL DEFAULT 0 CHECK (historic IN (0, 1)),
    location TEXT,
    is_primary INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    source TEXT NOT NULL,
    remote_id TEXT,
    valid_values INTEGER NOT NULL DEFAULT 0 CHECK (valid_values IN (0, 1)),
    PRIMARY KEY (person_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE facebook_accounts (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    username TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    remote_id INTEGER,
    original_url TEXT,
    PRIMARY KEY (person_id, id),
    UNIQUE (person_id, username)
) STRICT, WITHOUT ROWID;

CREATE TABLE linkedin_accounts (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    public_url TEXT NOT NULL,
    authenticated INTEGER NOT NULL DEFAULT 0 CHECK (authenticated IN (0, 1)),
    first_name TEXT,
    last_name TEXT,
    remote_id TEXT,
    PRIMARY KEY (person_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE twitter_accounts (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    screen_name TEXT NOT NULL,
    is_primary INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    remote_id TEXT,
    original_url TEXT,
    PRIMARY KEY (person_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE websites (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    url TEXT NOT NULL,
    is_primary INTEGER NOT NULL DEFAULT 0 CHECK (is_primary IN (0, 1)),
    PRIMARY KEY (person_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE family_relationships (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    relationship TEXT NOT NULL,
    related_person_id BLOB NOT NULL,
    PRIMARY KEY (person_id, id),
    UNIQUE (person_id, related_person_id)
) STRICT, WITHOUT ROWID;

-- What became of deleted rows: an id once deleted is never created again, and whoever syncs learns of it.
CREATE TABLE tombstones (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    -- The JSON:API type.
    kind TEXT NOT NULL,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    deleted_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_by_age ON tombstones (deleted_at);

CREATE TABLE account_lists (
    id BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    name TEXT NOT NULL,
    home_country TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE account_list_users (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    account_list_id BLOB NOT NULL REFERENCES account_lists (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, account_list_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_list_users_by_list ON account_list_users (account_list_id);

CREATE TABLE contacts (
    id BLOB NOT NULL PRIMARY KEY,
    account_list_id BLOB NOT NULL REFERENCES account_lists (id),
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_by_list ON contacts (account_list_id);

CREATE TABLE parent_contacts (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    contact_id BLOB NOT NULL REFERENCES contacts (id),
    -- The place in the array that the client sent.
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX parent_contacts_by_contact ON parent_contacts (contact_id);

CREATE TABLE organizations (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE organization_accounts (
    id BLOB NOT NULL PRIMARY KEY,
    organization_id BLOB NOT NULL REFERENCES organizations (id),
    account_list_id BLOB NOT NULL REFERENCES account_lists (id),
    person_id BLOB REFERENCES people (id) ON DELETE SET NULL,
    username TEXT,
    remote_id TEXT,
    disable_downloads INTEGER NOT NULL DEFAULT 0 CHECK (disable_downloads IN (0, 1)),
    last_download INTEGER,
    latest_donation_date INTEGER,
    locked_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX organization_accounts_by_list ON organization_accounts (account_list_id);
CREATE INDEX organization_accounts_by_person ON organization_accounts (person_id);
