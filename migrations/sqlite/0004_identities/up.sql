-- Who is who at others: the user whom a provider of identities calls so. A user has one identity with each issuer.
CREATE TABLE identities (
    -- The URL of an OpenID Connect issuer or of a CAS server.
    issuer TEXT NOT NULL,
    -- What the issuer calls the user, and nobody else.
    subject TEXT NOT NULL,
    person_id BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identities_by_person ON identities (person_id, issuer);
CREATE INDEX email_addresses_by_email ON email_addresses (email);
