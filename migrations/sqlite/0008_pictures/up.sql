-- Pictures that users have uploaded, one each: the one that people.avatar names by its path.
CREATE TABLE pictures (
    person_id BLOB NOT NULL PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
    -- What nobody can guess, in the picture's path.
    token BLOB NOT NULL,
    -- SHA-256 of the image.
    hash BLOB NOT NULL,
    content_type TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    image BLOB NOT NULL
) STRICT;
