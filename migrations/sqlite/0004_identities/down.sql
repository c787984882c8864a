DROP INDEX email_addresses_by_email;
DROP TABLE identities;
