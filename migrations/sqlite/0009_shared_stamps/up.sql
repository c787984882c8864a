ALTER TABLE account_lists ADD COLUMN currency TEXT;
ALTER TABLE account_lists ADD COLUMN monthly_goal INTEGER;
ALTER TABLE organization_accounts ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE organization_accounts ADD COLUMN updated_in_db_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE organization_accounts ADD COLUMN attribute_stamps TEXT NOT NULL DEFAULT '{"*":0}';
UPDATE organization_accounts
SET updated_in_db_at = updated_at, attribute_stamps = '{"*":' || updated_at || '}';
