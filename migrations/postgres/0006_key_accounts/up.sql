CREATE TABLE key_accounts (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    email text NOT NULL,
    first_name text,
    last_download timestamp(0),
    last_name text,
    is_primary boolean NOT NULL DEFAULT false,
    remote_id text NOT NULL,
    PRIMARY KEY (person_id, id)
);
COMMENT ON TABLE key_accounts IS 'What a user is called by the sign-in service of the original.';

CREATE TABLE owners (
    kind text COLLATE "C" NOT NULL,
    value text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    PRIMARY KEY (kind, value)
);
CREATE INDEX owners_by_person ON owners (person_id);
CREATE INDEX owners_by_id ON owners (id);
COMMENT ON TABLE owners IS
    'Values that no two users'' rows of a kind may share, each with the row that has it.';
COMMENT ON COLUMN owners.kind IS 'The JSON:API type of the row.';
