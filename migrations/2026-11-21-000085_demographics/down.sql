DROP TABLE client_demographics;
