CREATE TABLE user_options (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    key text NOT NULL,
    value text,
    PRIMARY KEY (person_id, id),
    UNIQUE (person_id, key)
);
COMMENT ON TABLE user_options IS 'A user''s options: what clients keep for themselves.';

CREATE TABLE user_devices (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    locale text,
    platform text,
    token text NOT NULL,
    version text,
    PRIMARY KEY (person_id, id)
);
COMMENT ON TABLE user_devices IS 'Devices that want to be told by push messages.';
