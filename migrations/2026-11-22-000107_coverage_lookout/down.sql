DROP TABLE coverage_warnings, coverage_outlooks;
