DROP TABLE user_tags;
DROP TABLE dimension_values;
DROP TABLE juno_users;
DELETE FROM counters WHERE name = 'juno_users';
