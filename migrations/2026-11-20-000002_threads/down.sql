DROP TABLE drafts, entries, participants, threads;
