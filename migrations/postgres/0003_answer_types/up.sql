ALTER TABLE idempotency_keys ADD COLUMN content_type text;
COMMENT ON COLUMN idempotency_keys.content_type IS
    'The media type of an answer that is sent again, where it is another than the documented one.';
