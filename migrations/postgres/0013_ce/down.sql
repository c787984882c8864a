DELETE FROM owners WHERE kind = 'ce_records';
DROP TABLE ce_claims;
DROP TABLE ce_activities;
DROP TABLE ce_records;
DROP TABLE ce_programs;
