DROP TABLE account_list_coaches;
