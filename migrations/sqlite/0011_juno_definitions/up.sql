-- The last number that was given to a row of a table whose ids are numbers, so that none is given twice. Whoever changes
-- such a table locks its row first.
CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters (name, last) VALUES ('dimensions', 999), ('tag_types', 999), ('tags', 0);

-- Values with a name that a site keeps of its users. Those of the system have the ids that JUNO documents; 6, 7, 9 and 17
-- are JUNO's too, and unknown. Custom ones begin at 1000.
CREATE TABLE dimensions (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id > 0 AND id NOT IN (6, 7, 9, 17)),
    -- What programs call it; never changed.
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The name as names are compared.
    name_folded TEXT NOT NULL,
    system INTEGER NOT NULL CHECK (system IN (0, 1)),
    value_type TEXT NOT NULL CHECK (value_type IN ('text', 'url')),
    -- Whether a user may not write his own value.
    locked INTEGER NOT NULL CHECK (locked IN (0, 1)),
    -- Whether documents of users show it.
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    -- The attribute of a person that holds its values.
    maps_to TEXT CHECK (NOT system OR maps_to IS NULL),
    -- Counts its states; 0 is as the migration made it.
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX dimensions_by_key ON dimensions (key);
CREATE UNIQUE INDEX dimensions_by_name ON dimensions (name_folded);
CREATE UNIQUE INDEX dimensions_by_mapping ON dimensions (maps_to);
INSERT INTO dimensions
    (id, key, name, name_folded, system, value_type, locked, active, maps_to, version, created_at, updated_at)
VALUES
    (1, 'instagram', 'Instagram', 'instagram', 1, 'url', 0, 1, NULL, 0, 0, 0),
    (2, 'facebook', 'Facebook', 'facebook', 1, 'url', 0, 1, NULL, 0, 0, 0),
    (3, 'twitter', 'Twitter', 'twitter', 1, 'url', 0, 1, NULL, 0, 0, 0),
    (4, 'website', 'Website', 'website', 1, 'url', 0, 1, NULL, 0, 0, 0),
    (5, 'phone', 'Phone', 'phone', 1, 'text', 0, 1, NULL, 0, 0, 0),
    (8, 'linkedin', 'LinkedIn', 'linkedin', 1, 'url', 0, 1, NULL, 0, 0, 0),
    (10, 'address', 'Address', 'address', 1, 'text', 0, 1, NULL, 0, 0, 0),
    (11, 'job_type', 'Job type', 'job type', 1, 'text', 0, 1, NULL, 0, 0, 0),
    (12, 'designation', 'Designation', 'designation', 1, 'text', 0, 1, NULL, 0, 0, 0),
    (13, 'city', 'City', 'city', 1, 'text', 0, 1, NULL, 0, 0, 0),
    (14, 'state_province', 'State or province', 'state or province', 1, 'text', 0, 1, NULL, 0, 0, 0),
    (15, 'postal_code', 'Postal code', 'postal code', 1, 'text', 0, 1, NULL, 0, 0, 0),
    (16, 'country', 'Country', 'country', 1, 'text', 0, 1, NULL, 0, 0, 0),
    (18, 'title', 'Title', 'title', 1, 'text', 0, 1, NULL, 0, 0, 0);

-- Kinds of tags. The access level is known by its id, 2.
CREATE TABLE tag_types (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id > 0),
    name TEXT NOT NULL,
    -- The name as names are compared.
    name_folded TEXT NOT NULL,
    -- 0 is the system's.
    group_number INTEGER NOT NULL CHECK (group_number >= 0),
    -- Whether its tags may be made, changed and deleted.
    modifiable INTEGER NOT NULL CHECK (modifiable IN (0, 1)),
    analytics INTEGER NOT NULL CHECK (analytics IN (0, 1)),
    -- Counts its states; 0 is as the migration made it.
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX tag_types_by_name ON tag_types (name_folded);
INSERT INTO tag_types (id, name, name_folded, group_number, modifiable, analytics, version, created_at, updated_at)
VALUES (2, 'Access Level', 'access level', 0, 1, 0, 0, 0, 0);

-- What users and content are marked with.
CREATE TABLE tags (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id > 0),
    name TEXT NOT NULL,
    -- The name as names are compared.
    name_folded TEXT NOT NULL,
    tag_type_id INTEGER NOT NULL REFERENCES tag_types (id),
    -- Counts its states.
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX tags_by_name ON tags (name_folded);
CREATE INDEX tags_by_type ON tags (tag_type_id);
