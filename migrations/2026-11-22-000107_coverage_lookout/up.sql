-- What the daily look ahead found, practice by practice.

CREATE TABLE coverage_outlooks (
    practice_id uuid PRIMARY KEY REFERENCES practices,
    looked_at   timestamptz NOT NULL,
    holes       integer NOT NULL -- within the coming week
);

-- Each hole is warned of once a day until it is mended.
CREATE TABLE coverage_warnings (
    practice_id uuid NOT NULL REFERENCES practices,
    hole        text NOT NULL, -- which: kind, step, person, beginning
    warned_on   date NOT NULL, -- in the practice's time zone
    PRIMARY KEY (practice_id, hole, warned_on)
);
