DROP TABLE ack_links;
DROP TABLE pages;
DROP TABLE escalations;
