CREATE TABLE account_list_coaches (
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    changed_in_version bigint NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    updated_in_db_at timestamp(0) NOT NULL,
    attribute_stamps text NOT NULL,
    account_list_id uuid NOT NULL REFERENCES account_lists (id),
    PRIMARY KEY (person_id, id),
    UNIQUE (person_id, account_list_id)
);
CREATE INDEX account_list_coaches_by_list ON account_list_coaches (account_list_id);
COMMENT ON TABLE account_list_coaches IS 'The account lists that a user coaches, without sharing them.';
