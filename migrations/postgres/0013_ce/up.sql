CREATE TABLE ce_programs (
    id uuid NOT NULL PRIMARY KEY,
    version bigint NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    name_folded text COLLATE "C" NOT NULL,
    ce_credits integer NOT NULL CHECK (ce_credits BETWEEN 0 AND 9999),
    ce_threshold integer NOT NULL CHECK (ce_threshold BETWEEN 0 AND 100),
    claim_opens_at timestamp(0),
    claim_closes_at timestamp(0),
    partial_claims boolean NOT NULL,
    hour_step integer NOT NULL CHECK (hour_step BETWEEN 1 AND 9999),
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL
);
CREATE INDEX ce_programs_by_name ON ce_programs (name_folded);
COMMENT ON TABLE ce_programs IS
    'What can be earned, and how it is claimed. Hours are whole hundredths everywhere.';
COMMENT ON COLUMN ce_programs.name_folded IS 'The name as names are compared.';
COMMENT ON COLUMN ce_programs.ce_credits IS 'The most hours that can be earned.';
COMMENT ON COLUMN ce_programs.ce_threshold IS 'Percent of them.';

CREATE TABLE ce_records (
    person_id uuid NOT NULL,
    id uuid NOT NULL,
    juno_user_id bigint NOT NULL,
    program_id uuid NOT NULL REFERENCES ce_programs (id),
    version bigint NOT NULL,
    hidden boolean NOT NULL,
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    PRIMARY KEY (person_id, id),
    FOREIGN KEY (person_id, juno_user_id) REFERENCES juno_users (person_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ce_records_by_program ON ce_records (person_id, juno_user_id, program_id);
CREATE INDEX ce_records_of_program ON ce_records (program_id);
COMMENT ON TABLE ce_records IS
    'What a user has earned of a program: stored is what can''t be worked out. Its id is in owners as well, by which '
    'somebody who administers the site finds whose it is.';
COMMENT ON COLUMN ce_records.version IS 'Moves with its activities and its claims, too.';
COMMENT ON COLUMN ce_records.hidden IS 'Not to be shown to the user while it is not claimed.';

CREATE TABLE ce_activities (
    person_id uuid NOT NULL,
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    added_in_version bigint NOT NULL,
    source_type text COLLATE "C" NOT NULL,
    source_id text COLLATE "C" NOT NULL,
    hours integer NOT NULL CHECK (hours BETWEEN 1 AND 9999),
    created_at timestamp(0) NOT NULL,
    updated_at timestamp(0) NOT NULL,
    PRIMARY KEY (person_id, id),
    FOREIGN KEY (person_id, record_id) REFERENCES ce_records (person_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ce_activities_by_source ON ce_activities (person_id, record_id, source_type, source_id);
COMMENT ON TABLE ce_activities IS 'What hours were earned by.';
COMMENT ON COLUMN ce_activities.added_in_version IS 'The version of the record that it was added in.';

CREATE TABLE ce_claims (
    person_id uuid NOT NULL,
    id uuid NOT NULL,
    record_id uuid NOT NULL,
    made_in_version bigint NOT NULL,
    hours integer NOT NULL CHECK (hours >= 0 AND hours <= earned_hours),
    ce_credits integer NOT NULL CHECK (ce_credits <= 9999),
    ce_threshold integer NOT NULL CHECK (ce_threshold BETWEEN 0 AND 100),
    earned_hours integer NOT NULL CHECK (earned_hours <= ce_credits),
    claimed_at timestamp(0) NOT NULL,
    claimed_by text NOT NULL,
    voided_at timestamp(0),
    voided_by text,
    PRIMARY KEY (person_id, id),
    FOREIGN KEY (person_id, record_id) REFERENCES ce_records (person_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ce_claims_by_record ON ce_claims (person_id, record_id) WHERE voided_at IS NULL;
CREATE INDEX ce_claims_of_record ON ce_claims (person_id, record_id, made_in_version);
COMMENT ON TABLE ce_claims IS
    'A record is claimed where one of them is not void. None is ever deleted, nor changed but by being made void.';
COMMENT ON COLUMN ce_claims.made_in_version IS 'The version of the record that it made.';
COMMENT ON COLUMN ce_claims.earned_hours IS 'What the claim was judged by, like the two before it.';
COMMENT ON COLUMN ce_claims.claimed_by IS 'As the access log names callers.';
