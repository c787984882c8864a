CREATE TABLE counters (
    name text COLLATE "C" NOT NULL PRIMARY KEY,
    last bigint NOT NULL
);
COMMENT ON TABLE counters IS
    'The last number that was given to a row of a table whose ids are numbers, so that none is given twice. Whoever '
    'changes such a table locks its row first.';
INSERT INTO counters (name, last) VALUES ('dimensions', 999), ('tag_types', 999), ('tags', 0);

CREATE TABLE dimensions (
    id bigint NOT NULL PRIMARY KEY CHECK (id > 0 AND id NOT IN (6, 7, 9, 17)),
    key text COLLATE "C" NOT NULL,
    name text NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    system boolean NOT NULL,
    value_type text NOT NULL CHECK (value_type IN ('text', 'url')),
    locked boolean NOT NULL,
    active boolean NOT NULL,
    maps_to text COLLATE "C" CHECK (NOT system OR maps_to IS NULL),
    version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL
);
CREATE UNIQUE INDEX dimensions_by_key ON dimensions (key);
CREATE UNIQUE INDEX dimensions_by_name ON dimensions (name_folded);
CREATE UNIQUE INDEX dimensions_by_mapping ON dimensions (maps_to);
COMMENT ON TABLE dimensions IS
    'Values with a name that a site keeps of its users. Those of the system have the ids that JUNO documents; 6, 7, 9 '
    'and 17 are JUNO''s too, and unknown. Custom ones begin at 1000.';
COMMENT ON COLUMN dimensions.key IS 'What programs call it; never changed.';
COMMENT ON COLUMN dimensions.name_folded IS 'The name as names are compared.';
COMMENT ON COLUMN dimensions.locked IS 'Whether a user may not write his own value.';
COMMENT ON COLUMN dimensions.active IS 'Whether documents of users show it.';
COMMENT ON COLUMN dimensions.maps_to IS 'The attribute of a person that holds its values.';
COMMENT ON COLUMN dimensions.version IS 'Counts its states; 0 is as the migration made it.';
INSERT INTO dimensions
    (id, key, name, name_folded, system, value_type, locked, active, maps_to, version, created_at, updated_at)
VALUES
    (1, 'instagram', 'Instagram', 'instagram', true, 'url', false, true, NULL, 0, 'epoch', 'epoch'),
    (2, 'facebook', 'Facebook', 'facebook', true, 'url', false, true, NULL, 0, 'epoch', 'epoch'),
    (3, 'twitter', 'Twitter', 'twitter', true, 'url', false, true, NULL, 0, 'epoch', 'epoch'),
    (4, 'website', 'Website', 'website', true, 'url', false, true, NULL, 0, 'epoch', 'epoch'),
    (5, 'phone', 'Phone', 'phone', true, 'text', false, true, NULL, 0, 'epoch', 'epoch'),
    (8, 'linkedin', 'LinkedIn', 'linkedin', true, 'url', false, true, NULL, 0, 'epoch', 'epoch'),
    (10, 'address', 'Address', 'address', true, 'text', false, true, NULL, 0, 'epoch', 'epoch'),
    (11, 'job_type', 'Job type', 'job type', true, 'text', false, true, NULL, 0, 'epoch', 'epoch'),
    (12, 'designation', 'Designation', 'designation', true, 'text', false, true, NULL, 0, 'epoch', 'epoch'),
    (13, 'city', 'City', 'city', true, 'text', false, true, NULL, 0, 'epoch', 'epoch'),
    (14, 'state_province', 'State or province', 'state or province', true, 'text', false, true, NULL, 0, 'epoch', 'epoch'),
    (15, 'postal_code', 'Postal code', 'postal code', true, 'text', false, true, NULL, 0, 'epoch', 'epoch'),
    (16, 'country', 'Country', 'country', true, 'text', false, true, NULL, 0, 'epoch', 'epoch'),
    (18, 'title', 'Title', 'title', true, 'text', false, true, NULL, 0, 'epoch', 'epoch');

CREATE TABLE tag_types (
    id bigint NOT NULL PRIMARY KEY CHECK (id > 0),
    name text NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    group_number integer NOT NULL CHECK (group_number >= 0),
    modifiable boolean NOT NULL,
    analytics boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL
);
CREATE UNIQUE INDEX tag_types_by_name ON tag_types (name_folded);
COMMENT ON TABLE tag_types IS 'Kinds of tags. The access level is known by its id, 2.';
COMMENT ON COLUMN tag_types.name_folded IS 'The name as names are compared.';
COMMENT ON COLUMN tag_types.group_number IS '0 is the system''s.';
COMMENT ON COLUMN tag_types.modifiable IS 'Whether its tags may be made, changed and deleted.';
COMMENT ON COLUMN tag_types.version IS 'Counts its states; 0 is as the migration made it.';
INSERT INTO tag_types (id, name, name_folded, group_number, modifiable, analytics, version, created_at, updated_at)
VALUES (2, 'Access Level', 'access level', 0, true, false, 0, 'epoch', 'epoch');

CREATE TABLE tags (
    id bigint NOT NULL PRIMARY KEY CHECK (id > 0),
    name text NOT NULL,
    name_folded text COLLATE "C" NOT NULL,
    tag_type_id bigint NOT NULL REFERENCES tag_types (id),
    version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL
);
CREATE UNIQUE INDEX tags_by_name ON tags (name_folded);
CREATE INDEX tags_by_type ON tags (tag_type_id);
COMMENT ON TABLE tags IS 'What users and content are marked with.';
COMMENT ON COLUMN tags.name_folded IS 'The name as names are compared.';
COMMENT ON COLUMN tags.version IS 'Counts its states.';
