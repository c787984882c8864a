-- The account lists that a user coaches, without sharing them.
CREATE TABLE account_list_coaches (
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    id BLOB NOT NULL,
    changed_in_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    updated_in_db_at INTEGER NOT NULL,
    attribute_stamps TEXT NOT NULL,
    account_list_id BLOB NOT NULL REFERENCES account_lists (id),
    PRIMARY KEY (person_id, id),
    UNIQUE (person_id, account_list_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_list_coaches_by_list ON account_list_coaches (account_list_id);
