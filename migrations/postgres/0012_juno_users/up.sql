INSERT INTO counters (name, last) VALUES ('juno_users', 0);

CREATE TABLE juno_users (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id bigint NOT NULL CHECK (id > 0),
    version bigint NOT NULL,
    account_level integer NOT NULL,
    banned boolean NOT NULL,
    client_guid uuid,
    client_id text COLLATE "C",
    username text,
    points bigint NOT NULL CHECK (points >= 0),
    utc_offset integer,
    facebook_url text,
    facebook_account_id uuid,
    twitter_url text,
    twitter_account_id uuid,
    created_at timestamp(0),
    last_login_at timestamp(0),
    updated_at timestamp(0) NOT NULL,
    deleted_at timestamp(0),
    PRIMARY KEY (person_id, id)
);
CREATE INDEX juno_users_by_id ON juno_users (id);
CREATE UNIQUE INDEX juno_users_by_person ON juno_users (person_id) WHERE deleted_at IS NULL;
COMMENT ON TABLE juno_users IS
    'What JUNO keeps of a person beside what everybody sees of him: one that is not deleted, at most. The ids come from '
    'counters. The values that no two may share are in owners, the first e-mail address among them.';
COMMENT ON COLUMN juno_users.version IS 'Counts its states; those of the person are counted by him.';
COMMENT ON COLUMN juno_users.account_level IS '0 limited, 99 full.';
COMMENT ON COLUMN juno_users.utc_offset IS 'Seconds; only where the person has no time zone with a name.';
COMMENT ON COLUMN juno_users.facebook_url IS 'The URL that was sent, shown while the account is still the one that it names.';
COMMENT ON COLUMN juno_users.facebook_account_id IS 'The account that JUNO shows; the oldest where it is gone.';
COMMENT ON COLUMN juno_users.twitter_url IS 'As facebook_url.';
COMMENT ON COLUMN juno_users.twitter_account_id IS 'As facebook_account_id.';
COMMENT ON COLUMN juno_users.created_at IS 'Null where that is unknown.';
COMMENT ON COLUMN juno_users.last_login_at IS 'Null where he never was.';

CREATE TABLE dimension_values (
    person_id uuid NOT NULL,
    juno_user_id bigint NOT NULL,
    dimension_id bigint NOT NULL REFERENCES dimensions (id),
    value text NOT NULL CHECK (value <> ''),
    updated_at timestamp(0) NOT NULL,
    PRIMARY KEY (person_id, juno_user_id, dimension_id),
    FOREIGN KEY (person_id, juno_user_id) REFERENCES juno_users (person_id, id) ON DELETE CASCADE
);
CREATE INDEX dimension_values_by_dimension ON dimension_values (dimension_id);
COMMENT ON TABLE dimension_values IS
    'Values of dimensions that are not kept with the person: custom ones, and those of the system that only JUNO knows.';

CREATE TABLE user_tags (
    person_id uuid NOT NULL,
    juno_user_id bigint NOT NULL,
    tag_id bigint NOT NULL REFERENCES tags (id),
    score integer NOT NULL CHECK (score >= 0),
    preferred boolean NOT NULL,
    origin text COLLATE "C" NOT NULL CHECK (origin IN ('user', 'organization', 'engagement')),
    PRIMARY KEY (person_id, juno_user_id, tag_id),
    FOREIGN KEY (person_id, juno_user_id) REFERENCES juno_users (person_id, id) ON DELETE CASCADE
);
CREATE INDEX user_tags_by_tag ON user_tags (tag_id);
COMMENT ON TABLE user_tags IS 'The tags of users.';
COMMENT ON COLUMN user_tags.score IS 'How strong the link is.';
COMMENT ON COLUMN user_tags.origin IS 'Who made the link.';
