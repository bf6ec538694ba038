DROP TABLE break_glass, client_care;
