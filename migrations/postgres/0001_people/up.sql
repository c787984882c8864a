-- Times are in UTC, in whole seconds. Texts that are in a key are compared byte by byte (COLLATE "C"): such an index
-- stays valid when the machine's collations change, as they do with its C library.

CREATE TABLE settings (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE master_people (
    id uuid NOT NULL PRIMARY KEY,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL
);

CREATE TABLE people (
    id uuid NOT NULL PRIMARY KEY,
    version bigint NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    disabled boolean NOT NULL DEFAULT false,
    token_epoch bigint NOT NULL DEFAULT 0,
    master_person_id uuid NOT NULL REFERENCES master_people (id),
    preferences text NOT NULL DEFAULT '{}',
    default_account_list uuid,
    alma_mater text,
    anniversary_day integer,
    anniversary_month integer,
    anniversary_year integer,
    avatar text,
    birthday_day integer,
    birthday_month integer,
    birthday_year integer,
    created_at timestamp(0) NOT NULL,
    deceased boolean NOT NULL DEFAULT false,
    employer text,
    first_name text NOT NULL,
    gender text,
    last_name text,
    legal_first_name text,
    marital_status text,
    middle_name text,
    occupation text,
    optout_enewsletter boolean NOT NULL DEFAULT false,
    suffix text,
    title text
);
COMMENT ON COLUMN people.version IS
    'Counts the states of the person and of whatever else his document shows; every write compares and sets it.';
COMMENT ON COLUMN people.updated_in_db_at IS
    'The stamp of the guard: strictly increases with every change of what the person owns.';
COMMENT ON COLUMN people.attribute_stamps IS
    'When each attribute and each member of preferences was last changed: a JSON object of seconds.';
COMMENT ON COLUMN people.token_epoch IS
    'Tokens issued before this second are revoked.';
COMMENT ON COLUMN people.preferences IS
    'A JSON object, its members in the order in which they were first stored, without default_account_list.';
COMMENT ON COLUMN people.default_account_list IS
    'May name a list that the person has left; documents then show null.';

CREATE TABLE former_people (
    id uuid NOT NULL PRIMARY KEY,
    version bigint NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    deleted_at timestamp(0) NOT NULL
);
COMMENT ON TABLE former_people IS
    'What remains of deleted people: who is made anew under an old id goes on counting, so that nothing that was '
    'remembered of his predecessor, no version and no token, is taken for his own.';

-- Rows that a person owns. The key begins with the person, so that all of them lie together and the tables can be
-- distributed by it. changed_in_version is the person's version that the row was written with.

CREATE TABLE email_addresses (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    email text COLLATE "C" NOT NULL,
    email_sent text,
    historic boolean NOT NULL DEFAULT false,
    location text,
    is_primary boolean NOT NULL DEFAULT false,
    source text COLLATE "C" NOT NULL,
    valid_values boolean NOT NULL DEFAULT false,
    PRIMARY KEY (person_id, id),
    UNIQUE (person_id, source, email)
);
COMMENT ON COLUMN email_addresses.email_sent IS
    'What was sent, where normalising changed it.';

CREATE TABLE phone_numbers (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    number text NOT NULL,
    number_sent text,
    country_code text,
    historic boolean NOT NULL DEFAULT false,
    location text,
    is_primary boolean NOT NULL DEFAULT false,
    source text NOT NULL,
    remote_id text,
    valid_values boolean NOT NULL DEFAULT false,
    PRIMARY KEY (person_id, id)
);
COMMENT ON COLUMN phone_numbers.number_sent IS
    'What was sent, where normalising changed it.';

CREATE TABLE facebook_accounts (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    username text COLLATE "C" NOT NULL,
    first_name text,
    last_name text,
    remote_id bigint,
    original_url text,
    PRIMARY KEY (person_id, id),
    UNIQUE (person_id, username)
);

CREATE TABLE linkedin_accounts (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    public_url text NOT NULL,
    authenticated boolean NOT NULL DEFAULT false,
    first_name text,
    last_name text,
    remote_id text,
    PRIMARY KEY (person_id, id)
);

CREATE TABLE twitter_accounts (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    screen_name text NOT NULL,
    is_primary boolean NOT NULL DEFAULT false,
    remote_id text,
    original_url text,
    PRIMARY KEY (person_id, id)
);

CREATE TABLE websites (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    url text NOT NULL,
    is_primary boolean NOT NULL DEFAULT false,
    PRIMARY KEY (person_id, id)
);

CREATE TABLE family_relationships (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    relationship text NOT NULL,
    related_person_id uuid NOT NULL,
    PRIMARY KEY (person_id, id),
    UNIQUE (person_id, related_person_id)
);

CREATE TABLE tombstones (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    kind text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    deleted_at timestamp(0) NOT NULL,
    PRIMARY KEY (person_id, kind, id)
);
CREATE INDEX tombstones_by_age ON tombstones (deleted_at);
COMMENT ON TABLE tombstones IS
    'What became of deleted rows: an id once deleted is never created again, and whoever syncs learns of it.';
COMMENT ON COLUMN tombstones.kind IS
    'The JSON:API type.';

CREATE TABLE account_lists (
    id uuid NOT NULL PRIMARY KEY,
    version bigint NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    created_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    name text NOT NULL,
    home_country text
);

CREATE TABLE account_list_users (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    account_list_id uuid NOT NULL REFERENCES account_lists (id),
    created_at timestamp(0) NOT NULL,
    PRIMARY KEY (person_id, account_list_id)
);
CREATE INDEX account_list_users_by_list ON account_list_users (account_list_id);

CREATE TABLE contacts (
    id uuid NOT NULL PRIMARY KEY,
    account_list_id uuid NOT NULL REFERENCES account_lists (id),
    name text NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL
);
CREATE INDEX contacts_by_list ON contacts (account_list_id);

CREATE TABLE parent_contacts (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    contact_id uuid NOT NULL REFERENCES contacts (id),
    position integer NOT NULL,
    created_at timestamp(0) NOT NULL,
    PRIMARY KEY (person_id, contact_id)
);
CREATE INDEX parent_contacts_by_contact ON parent_contacts (contact_id);
COMMENT ON COLUMN parent_contacts.position IS
    'The place in the array that the client sent.';

CREATE TABLE organizations (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL
);

CREATE TABLE organization_accounts (
    id uuid NOT NULL PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    account_list_id uuid NOT NULL REFERENCES account_lists (id),
    person_id uuid REFERENCES people (id) ON DELETE SET NULL,
    username text,
    remote_id text,
    disable_downloads boolean NOT NULL DEFAULT false,
    last_download timestamp(0),
    latest_donation_date timestamp(0),
    locked_at timestamp(0),
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL
);
CREATE INDEX organization_accounts_by_list ON organization_accounts (account_list_id);
CREATE INDEX organization_accounts_by_person ON organization_accounts (person_id);
