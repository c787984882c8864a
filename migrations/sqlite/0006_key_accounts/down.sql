DROP TABLE owners;
DROP TABLE key_accounts;
