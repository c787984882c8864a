-- The media type of an answer that is sent again, where it is another than the documented one.
ALTER TABLE idempotency_keys ADD COLUMN content_type TEXT;
