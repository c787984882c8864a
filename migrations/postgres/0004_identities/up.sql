CREATE TABLE identities (
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    person_id uuid NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at timestamp(0) NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX identities_by_person ON identities (person_id, issuer);
COMMENT ON TABLE identities IS
    'Who is who at others: the user whom a provider of identities calls so. A user has one identity with each issuer.';
COMMENT ON COLUMN identities.issuer IS
    'The URL of an OpenID Connect issuer or of a CAS server.';
COMMENT ON COLUMN identities.subject IS
    'What the issuer calls the user, and nobody else.';
-- A hash compares bytes, whatever the collation of the machine is.
CREATE INDEX email_addresses_by_email ON email_addresses USING hash (email);
