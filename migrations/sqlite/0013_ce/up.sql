-- What can be earned, and how it is claimed. Hours are whole hundredths everywhere.
CREATE TABLE ce_programs (
    id BLOB NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    -- The name as names are compared.
    name_folded TEXT NOT NULL,
    -- The most hours that can be earned.
    ce_credits INTEGER NOT NULL CHECK (ce_credits BETWEEN 0 AND 9999),
    -- Percent of them.
    ce_threshold INTEGER NOT NULL CHECK (ce_threshold BETWEEN 0 AND 100),
    claim_opens_at INTEGER,
    claim_closes_at INTEGER,
    partial_claims INTEGER NOT NULL CHECK (partial_claims IN (0, 1)),
    hour_step INTEGER NOT NULL CHECK (hour_step BETWEEN 1 AND 9999),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ce_programs_by_name ON ce_programs (name_folded);

-- What a user has earned of a program: stored is what can't be worked out. Its id is in owners as well, by which
-- somebody who administers the site finds whose it is.
CREATE TABLE ce_records (
    person_id BLOB NOT NULL,
    id BLOB NOT NULL,
    juno_user_id INTEGER NOT NULL,
    program_id BLOB NOT NULL REFERENCES ce_programs (id),
    -- Moves with its activities and its claims, too.
    version INTEGER NOT NULL,
    -- Not to be shown to the user while it is not claimed.
    hidden INTEGER NOT NULL CHECK (hidden IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, id),
    FOREIGN KEY (person_id, juno_user_id) REFERENCES juno_users (person_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ce_records_by_program ON ce_records (person_id, juno_user_id, program_id);
CREATE INDEX ce_records_of_program ON ce_records (program_id);

-- What hours were earned by.
CREATE TABLE ce_activities (
    person_id BLOB NOT NULL,
    id BLOB NOT NULL,
    record_id BLOB NOT NULL,
    -- The version of the record that it was added in.
    added_in_version INTEGER NOT NULL,
    source_type TEXT NOT NULL,
    source_id TEXT NOT NULL,
    hours INTEGER NOT NULL CHECK (hours BETWEEN 1 AND 9999),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (person_id, id),
    FOREIGN KEY (person_id, record_id) REFERENCES ce_records (person_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ce_activities_by_source ON ce_activities (person_id, record_id, source_type, source_id);

-- Claims: a record is claimed where one of them is not void. None is ever deleted, nor changed but by being made void.
CREATE TABLE ce_claims (
    person_id BLOB NOT NULL,
    id BLOB NOT NULL,
    record_id BLOB NOT NULL,
    -- The version of the record that it made.
    made_in_version INTEGER NOT NULL,
    hours INTEGER NOT NULL CHECK (hours >= 0 AND hours <= earned_hours),
    -- What the claim was judged by.
    ce_credits INTEGER NOT NULL CHECK (ce_credits <= 9999),
    ce_threshold INTEGER NOT NULL CHECK (ce_threshold BETWEEN 0 AND 100),
    earned_hours INTEGER NOT NULL CHECK (earned_hours <= ce_credits),
    claimed_at INTEGER NOT NULL,
    -- As the access log names callers.
    claimed_by TEXT NOT NULL,
    voided_at INTEGER,
    voided_by TEXT,
    PRIMARY KEY (person_id, id),
    FOREIGN KEY (person_id, record_id) REFERENCES ce_records (person_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ce_claims_by_record ON ce_claims (person_id, record_id) WHERE voided_at IS NULL;
CREATE INDEX ce_claims_of_record ON ce_claims (person_id, record_id, made_in_version);
