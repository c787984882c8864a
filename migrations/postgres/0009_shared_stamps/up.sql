ALTER TABLE account_lists ADD COLUMN currency text;
ALTER TABLE account_lists ADD COLUMN monthly_goal bigint;
COMMENT ON COLUMN account_lists.currency IS 'The code of the currency of its goal (ISO 4217).';
COMMENT ON COLUMN account_lists.monthly_goal IS 'What is to be given to it in a month, in its currency.';
ALTER TABLE organization_accounts ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE organization_accounts ADD COLUMN updated_in_db_at timestamp(0) NOT NULL DEFAULT 'epoch';
ALTER TABLE organization_accounts ADD COLUMN attribute_stamps text NOT NULL DEFAULT '{"*":0}';
UPDATE organization_accounts
SET updated_in_db_at = updated_at,
    attribute_stamps = '{"*":' || CAST(EXTRACT(EPOCH FROM updated_at) AS bigint) || '}';
COMMENT ON COLUMN organization_accounts.version IS 'Counts its states.';
COMMENT ON COLUMN organization_accounts.updated_in_db_at IS 'The stamp of the guard.';
COMMENT ON COLUMN organization_accounts.attribute_stamps IS 'When each attribute was last changed: a JSON object of seconds.';
