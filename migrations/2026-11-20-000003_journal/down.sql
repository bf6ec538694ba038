DROP FUNCTION commit_batch;
