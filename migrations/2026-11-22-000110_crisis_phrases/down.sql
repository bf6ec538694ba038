DROP TABLE crisis_resources;
DROP TABLE crisis_phrases;
