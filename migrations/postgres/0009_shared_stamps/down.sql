ALTER TABLE organization_accounts DROP COLUMN attribute_stamps;
ALTER TABLE organization_accounts DROP COLUMN updated_in_db_at;
ALTER TABLE organization_accounts DROP COLUMN version;
ALTER TABLE account_lists DROP COLUMN monthly_goal;
ALTER TABLE account_lists DROP COLUMN currency;
