DROP TABLE user_devices;
DROP TABLE user_options;
