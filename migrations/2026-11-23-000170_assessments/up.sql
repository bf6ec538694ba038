-- Assessments: what is assigned to whom and how often, and each time that it is answered. Which instrument somebody is
-- asked by is a column, as the kind of a form is; what they answer and what comes of it is sealed.

CREATE TABLE assessment_plans (
    id          uuid PRIMARY KEY, -- the Idempotency-Key of the call that assigned it
    practice_id uuid NOT NULL REFERENCES practices,
    client_id   uuid NOT NULL REFERENCES users,
    instrument  text NOT NULL,
    recurrence  text NOT NULL CHECK (recurrence IN ('once', 'everyWeeks', 'beforeAppointments')),
    weeks       smallint CHECK (weeks BETWEEN 1 AND 52),
    days_before smallint CHECK (days_before BETWEEN 1 AND 14),
    due_days    smallint NOT NULL CHECK (due_days BETWEEN 1 AND 90), -- so long there is to answer
    made_by     uuid NOT NULL REFERENCES users,
    made_at     timestamptz NOT NULL,
    occurrences bigint NOT NULL DEFAULT 0, -- how often it was asked for
    next_at     timestamptz, -- when it is asked for again; NULL: not by the clock
    ended_at    timestamptz,
    ended_by    uuid REFERENCES users, -- NULL where ended: by itself
    CHECK ((recurrence = 'everyWeeks') = (weeks IS NOT NULL)),
    CHECK ((recurrence = 'beforeAppointments') = (days_before IS NOT NULL))
);
-- One at a time: nobody is asked the same from two sides.
CREATE UNIQUE INDEX assessment_plans_running ON assessment_plans (client_id, instrument) WHERE ended_at IS NULL;
CREATE INDEX assessment_plans_client ON assessment_plans (client_id, id);
CREATE INDEX assessment_plans_next ON assessment_plans (next_at) WHERE ended_at IS NULL AND next_at IS NOT NULL;

CREATE TABLE assessments (
    id             uuid PRIMARY KEY,
    practice_id    uuid NOT NULL REFERENCES practices,
    client_id      uuid NOT NULL REFERENCES users,
    plan_id        uuid NOT NULL REFERENCES assessment_plans,
    occurrence     bigint NOT NULL, -- which time of the plan, from 1
    appointment_id uuid, -- before which it is due
    instrument     text NOT NULL,
    version        text NOT NULL, -- of the instrument, as it was asked
    state          text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'submitted', 'missed', 'cancelled')),
    assigned_at    timestamptz NOT NULL,
    due_at         timestamptz NOT NULL,
    started_at     timestamptz,
    closed_at      timestamptz, -- submitted, missed or cancelled
    key_id         uuid REFERENCES data_keys, -- the client's
    sealed         bytea, -- JSON: the answers so far; once submitted, with what came of them
    revision       bigint NOT NULL DEFAULT 0, -- grows with every change of the answers
    alarm_at       timestamptz, -- when a draft in which an answer means danger raises the alarm by itself
    escalation_id  uuid REFERENCES escalations, -- the emergency that it raised
    UNIQUE (plan_id, occurrence),
    CHECK ((state = 'open') = (closed_at IS NULL)),
    CHECK ((sealed IS NULL) = (key_id IS NULL)),
    CHECK (state <> 'submitted' OR sealed IS NOT NULL),
    CHECK (alarm_at IS NULL OR state <> 'submitted')
);
-- Before one appointment each is asked once.
CREATE UNIQUE INDEX assessments_appointment ON assessments (plan_id, appointment_id)
    WHERE appointment_id IS NOT NULL AND state <> 'cancelled';
CREATE INDEX assessments_client ON assessments (client_id, id);
CREATE INDEX assessments_of_instrument ON assessments (client_id, instrument, closed_at) WHERE state = 'submitted';
CREATE INDEX assessments_overdue ON assessments (practice_id, due_at) WHERE state = 'open';
CREATE INDEX assessments_alarm ON assessments (alarm_at) WHERE alarm_at IS NOT NULL;
CREATE INDEX assessments_escalation ON assessments (escalation_id) WHERE escalation_id IS NOT NULL;
CREATE INDEX assessments_of_appointment ON assessments (appointment_id) WHERE appointment_id IS NOT NULL;
