DROP TABLE tags;
DROP TABLE tag_types;
DROP TABLE dimensions;
DROP TABLE counters;
