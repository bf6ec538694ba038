-- Who did what to whose record, when, from where, and with which outcome. Only ever inserted into.

CREATE TABLE audit_events (
    id          uuid PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    practice_id uuid, -- NULL: known to no practice, such as a failed sign-in of nobody
    actor_id    uuid, -- NULL: nobody signed in, or the hub itself
    actor_role  text,
    sign_in_id  uuid,
    client_id   uuid, -- whose record
    action      text NOT NULL, -- thread.viewed, password.changed, …
    object_kind text,
    object_id   uuid,
    outcome     text NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
    emergency   boolean NOT NULL DEFAULT false, -- done under break-glass
    address     inet,
    user_agent  text,
    detail      jsonb NOT NULL DEFAULT '{}' -- codes, counts, names of fields; never what somebody said
);
CREATE INDEX audit_events_client ON audit_events (client_id, id) WHERE client_id IS NOT NULL;
CREATE INDEX audit_events_practice ON audit_events (practice_id, id);
