DROP TABLE object_removals;
DROP TABLE objects;
