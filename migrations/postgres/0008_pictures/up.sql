CREATE TABLE pictures (
    person_id uuid NOT NULL PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    token bytea NOT NULL,
    hash bytea NOT NULL,
    content_type text NOT NULL,
    created_at timestamp(0) NOT NULL,
    image bytea NOT NULL
);
COMMENT ON TABLE pictures IS 'Pictures that users have uploaded, one each: the one that people.avatar names by its path.';
COMMENT ON COLUMN pictures.token IS 'What nobody can guess, in the picture''s path.';
COMMENT ON COLUMN pictures.hash IS 'SHA-256 of the image.';
-- Images are compressed already.
ALTER TABLE pictures ALTER COLUMN image SET STORAGE EXTERNAL;
