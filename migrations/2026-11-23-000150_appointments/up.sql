-- Appointments: when clinicians see clients, and who has which time.

-- Of PostgreSQL's own contrib modules: lets one constraint compare a clinician and a span of time.
CREATE EXTENSION IF NOT EXISTS btree_gist;

-- How a practice handles appointments. No row: as the code has it built in.
CREATE TABLE appointment_policies (
    practice_id      uuid PRIMARY KEY REFERENCES practices,
    revision         bigint NOT NULL,
    may_view         boolean NOT NULL,
    may_request      boolean NOT NULL,
    may_book         boolean NOT NULL, -- what is requested is confirmed at once
    may_cancel       boolean NOT NULL,
    window_minutes   integer NOT NULL CHECK (window_minutes BETWEEN 0 AND 20160), -- nearer than that is late
    late             text NOT NULL CHECK (late IN ('free', 'fee', 'phoneOnly')),
    fee_amount       bigint NOT NULL CHECK (fee_amount >= 0), -- in minor units
    fee_currency     text NOT NULL CHECK (fee_currency ~ '^[A-Z]{3}$'),
    phone            text,
    reminder_minutes integer[] NOT NULL,
    changed_by       uuid REFERENCES users, -- NULL: the hub itself, as for the demo
    changed_at       timestamptz NOT NULL
);

-- When clinicians are there. Whoever has a row takes appointments; its lock lets bookings of one clinician follow each
-- other.
CREATE TABLE clinician_schedules (
    user_id        uuid PRIMARY KEY REFERENCES users,
    practice_id    uuid NOT NULL REFERENCES practices,
    revision       bigint NOT NULL,
    time_zone      text NOT NULL, -- IANA name, of the hours
    session_minutes integer NOT NULL CHECK (session_minutes BETWEEN 5 AND 480),
    buffer_minutes integer NOT NULL CHECK (buffer_minutes BETWEEN 0 AND 240), -- free after each appointment
    step_minutes   integer NOT NULL CHECK (step_minutes BETWEEN 5 AND 480), -- between one beginning and the next
    notice_minutes integer NOT NULL CHECK (notice_minutes BETWEEN 0 AND 43200), -- nobody asks for a time nearer than that
    horizon_days   integer NOT NULL CHECK (horizon_days BETWEEN 1 AND 365),
    room_url       text, -- where they meet clients over video; NULL: in a room of the configured provider
    changed_by     uuid REFERENCES users,
    changed_at     timestamptz NOT NULL
);
CREATE INDEX clinician_schedules_practice ON clinician_schedules (practice_id);

CREATE TABLE clinician_hours (
    user_id uuid NOT NULL REFERENCES clinician_schedules,
    weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- 1: Monday
    starts  time NOT NULL, -- as clocks in the schedule's zone show it
    ends    time NOT NULL, -- 00:00: until midnight
    PRIMARY KEY (user_id, weekday, starts)
);

CREATE TABLE clinician_exceptions (
    id        uuid PRIMARY KEY,
    user_id   uuid NOT NULL REFERENCES clinician_schedules,
    is_open   boolean NOT NULL, -- there all the same; otherwise away
    starts_at timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL,
    made_by   uuid NOT NULL REFERENCES users,
    made_at   timestamptz NOT NULL,
    CHECK (starts_at < ends_at)
);
CREATE INDEX clinician_exceptions_user ON clinician_exceptions (user_id, ends_at);

CREATE TABLE appointment_series (
    id           uuid PRIMARY KEY,
    practice_id  uuid NOT NULL REFERENCES practices,
    client_id    uuid NOT NULL REFERENCES users,
    clinician_id uuid NOT NULL REFERENCES users,
    rule         text NOT NULL, -- RRULE of RFC 5545, over clocks in this zone
    time_zone    text NOT NULL,
    made_by      uuid NOT NULL REFERENCES users,
    made_at      timestamptz NOT NULL
);

CREATE TABLE appointments (
    id              uuid PRIMARY KEY,
    practice_id     uuid NOT NULL REFERENCES practices,
    client_id       uuid NOT NULL REFERENCES users,
    clinician_id    uuid NOT NULL REFERENCES users,
    series_id       uuid REFERENCES appointment_series,
    -- held: while the client fills in the request; offered: to somebody on the waitlist; both until tentative_until
    state           text NOT NULL CHECK (state IN ('held', 'offered', 'requested', 'proposed', 'rescheduled', 'confirmed',
                        'checkedIn', 'completed', 'noShow', 'cancelled')),
    mode            text NOT NULL CHECK (mode IN ('inPerson', 'video', 'phone')),
    during          tstzrange NOT NULL,
    taken           tstzrange NOT NULL, -- the same with the clinician's buffer after it
    tentative_until timestamptz,
    key_id          uuid REFERENCES data_keys, -- the client's
    note_sealed     bytea, -- what the client says it is about
    room            uuid NOT NULL, -- names the room of the configured provider; random
    sequence        integer NOT NULL DEFAULT 0, -- grows with every change that calendars have to know of
    cancelled_by    text CHECK (cancelled_by IN ('client', 'practice', 'nobody')), -- nobody: an offer that nobody took
    made_by         uuid NOT NULL REFERENCES users,
    made_at         timestamptz NOT NULL,
    changed_at      timestamptz NOT NULL,
    CHECK (NOT isempty(during) AND lower(during) IS NOT NULL AND upper(during) IS NOT NULL),
    CHECK (lower_inc(during) AND NOT upper_inc(during) AND during <@ taken AND lower(during) = lower(taken)),
    CHECK ((tentative_until IS NULL) = (state NOT IN ('held', 'offered'))),
    CHECK ((cancelled_by IS NULL) = (state <> 'cancelled')),
    CHECK ((key_id IS NULL) = (note_sealed IS NULL)),
    -- Whatever the code above believes: nobody sees two clients at once.
    CONSTRAINT appointments_one_at_a_time EXCLUDE USING gist (clinician_id WITH =, taken WITH &&)
        WHERE (state <> 'cancelled')
);
CREATE INDEX appointments_client ON appointments (client_id, lower(during));
CREATE INDEX appointments_practice ON appointments (practice_id, lower(during));
CREATE INDEX appointments_clinician ON appointments (clinician_id, lower(during));
CREATE INDEX appointments_series ON appointments (series_id) WHERE series_id IS NOT NULL;
CREATE INDEX appointments_tentative ON appointments (tentative_until) WHERE tentative_until IS NOT NULL;
-- One at a time a client.
CREATE UNIQUE INDEX appointments_held ON appointments (client_id) WHERE state = 'held';

-- What a client owes for having cancelled or moved late, and agreed to: for billing. Never changed.
CREATE TABLE appointment_fees (
    id             uuid PRIMARY KEY,
    appointment_id uuid NOT NULL REFERENCES appointments,
    practice_id    uuid NOT NULL REFERENCES practices,
    client_id      uuid NOT NULL REFERENCES users,
    because        text NOT NULL CHECK (because IN ('cancelledLate', 'movedLate')),
    amount         bigint NOT NULL CHECK (amount > 0),
    currency       text NOT NULL,
    accepted_at    timestamptz NOT NULL
);
CREATE INDEX appointment_fees_client ON appointment_fees (client_id);
REVOKE UPDATE, DELETE ON appointment_fees FROM carehub_service;

CREATE TABLE appointment_waitlist (
    id           uuid PRIMARY KEY,
    practice_id  uuid NOT NULL REFERENCES practices,
    client_id    uuid NOT NULL REFERENCES users,
    clinician_id uuid NOT NULL REFERENCES users,
    mode         text NOT NULL CHECK (mode IN ('inPerson', 'video', 'phone')),
    from_at      timestamptz NOT NULL, -- of the beginning of an appointment
    until_at     timestamptz NOT NULL,
    made_at      timestamptz NOT NULL,
    ended_at     timestamptz,
    ended_because text CHECK (ended_because IN ('taken', 'left', 'over')),
    CHECK (from_at < until_at),
    CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE UNIQUE INDEX appointment_waitlist_once ON appointment_waitlist (client_id, clinician_id) WHERE ended_at IS NULL;
CREATE INDEX appointment_waitlist_next ON appointment_waitlist (clinician_id, id) WHERE ended_at IS NULL;

-- What somebody on the waitlist was offered: no time is offered to them twice.
CREATE TABLE appointment_offers (
    waiting_id     uuid NOT NULL REFERENCES appointment_waitlist,
    starts_at      timestamptz NOT NULL,
    appointment_id uuid NOT NULL REFERENCES appointments,
    PRIMARY KEY (waiting_id, starts_at)
);

-- The address by which a client's calendar program reads their appointments.
CREATE TABLE calendar_feeds (
    client_id   uuid PRIMARY KEY REFERENCES users,
    digest      bytea NOT NULL UNIQUE, -- SHA-256 of the secret in the address
    shows_names boolean NOT NULL,
    made_at     timestamptz NOT NULL
);
