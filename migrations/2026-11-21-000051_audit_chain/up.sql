-- The chain over everything that is only ever added to: who did what (audit_events) and what was said (entries).
--
-- Rows are written freely, by as many transactions as like. Each carries the tick of its transaction; one sealer at a
-- time puts a block over all rows whose transactions are over, hashed onto the block before and signed. Nobody waits
-- for anybody.

-- A tick is a transaction id that also goes on growing in a store that was restored under a server whose ids are behind.
ALTER TABLE store_identity ADD COLUMN tick_offset bigint NOT NULL DEFAULT 0;
CREATE FUNCTION current_tick() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT pg_current_xact_id()::text::bigint + COALESCE((SELECT tick_offset FROM public.store_identity), 0)
$$;

-- What is there already belongs to the first block.
ALTER TABLE audit_events ADD COLUMN tick bigint NOT NULL DEFAULT 0;
ALTER TABLE audit_events ALTER COLUMN tick SET DEFAULT current_tick();
CREATE INDEX audit_events_tick ON audit_events (tick);
CREATE INDEX audit_events_actor ON audit_events (actor_id, id) WHERE actor_id IS NOT NULL;
ALTER TABLE entries ADD COLUMN tick bigint NOT NULL DEFAULT 0;
ALTER TABLE entries ALTER COLUMN tick SET DEFAULT current_tick();
CREATE INDEX entries_tick ON entries (tick);

-- Ed25519 keys that sign blocks; the private half is sealed under a data key of the installation's own.
CREATE TABLE audit_keys (
    id          uuid PRIMARY KEY,
    public_key  bytea NOT NULL,
    data_key_id uuid NOT NULL REFERENCES data_keys,
    sealed      bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE audit_blocks (
    position      bigint PRIMARY KEY, -- 1, 2, 3 …
    epoch         uuid NOT NULL, -- the store's history (see store_identity) in which it was sealed
    from_tick     bigint NOT NULL, -- where the block before ended
    to_tick       bigint NOT NULL, -- exclusive
    events        bytea NOT NULL, -- 16 bytes of SHA-256 for each audit event, by (tick, id)
    entries       bytea NOT NULL, -- the same for each entry, by (tick, thread_id, seq)
    previous_hash bytea NOT NULL,
    hash          bytea NOT NULL,
    key_id        uuid NOT NULL REFERENCES audit_keys,
    signature     bytea NOT NULL,
    sealed_at     timestamptz NOT NULL,
    CHECK (from_tick < to_tick)
);
ALTER TABLE audit_blocks ALTER COLUMN events SET STORAGE EXTERNAL, ALTER COLUMN entries SET STORAGE EXTERNAL;

REVOKE UPDATE, DELETE ON audit_blocks, audit_keys FROM carehub_service;
-- The time and the tick of an audit event are the store's to tell, not the hub's.
REVOKE INSERT ON audit_events FROM carehub_service;
GRANT INSERT (id, practice_id, actor_id, actor_role, sign_in_id, client_id, action, object_kind, object_id, outcome,
    emergency, address, user_agent, detail) ON audit_events TO carehub_service;

-- As before, and each entry with its tick.
CREATE OR REPLACE FUNCTION commit_batch(
    e_threads uuid[], e_ids uuid[], e_senders uuid[], e_from_staff boolean[], e_kinds text[], e_priorities text[],
    e_sealed bytea[], e_reply_tos uuid[], e_based_ons bigint[],
    m_threads uuid[], m_users uuid[], m_delivered bigint[], m_read bigint[]
) RETURNS TABLE (
    ord integer, outcome text, seq bigint, at timestamptz, version bigint,
    stored_thread uuid, stored_sealed bytea, mark_delivered bigint, mark_read bigint
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    commit_at timestamptz;
    refers boolean; -- whether some entry refers to another
    refused text[]; -- by `ord`, where something is wrong with what an entry refers to
    t threads;
    batch_tick bigint := current_tick(); -- asked once a batch, not once an entry
BEGIN
    refers := num_nonnulls(VARIADIC e_reply_tos) + num_nonnulls(VARIADIC e_based_ons) > 0
        OR e_kinds && ARRAY['correction', 'retraction'];
    IF cardinality(e_threads) = 1 AND NOT refers THEN
        -- An entry alone, as it is at rest: the rules of the batch below, step by step, at half the cost.
        SELECT * INTO t FROM threads WHERE id = e_threads[1] FOR NO KEY UPDATE;
        ord := 1;
        version := t.version;
        IF t.id IS NULL OR (e_senders[1] IS NOT NULL AND NOT EXISTS (
            SELECT FROM participants WHERE thread_id = t.id AND user_id = e_senders[1] AND left_at IS NULL)) THEN
            outcome := 'notFound';
            RETURN NEXT;
        ELSE
            SELECT d.thread_id, d.seq, d.at, d.sealed INTO stored_thread, seq, at, stored_sealed
            FROM entries d WHERE d.id = e_ids[1] AND d.sender_id = e_senders[1];
            IF FOUND THEN
                outcome := 'duplicate';
            ELSIF t.status = 'closed' AND e_kinds[1] = 'message' THEN
                outcome := 'threadClosed';
            ELSE
                outcome := 'stored';
                seq := t.head + 1;
                at := GREATEST(t.last_entry_at, clock_timestamp());
                INSERT INTO entries (thread_id, seq, id, sender_id, kind, priority, sealed, at, tick)
                VALUES (t.id, t.head + 1, e_ids[1], e_senders[1], e_kinds[1], e_priorities[1], e_sealed[1], at,
                    batch_tick);
                UPDATE threads SET head = t.head + 1, last_entry_at = commit_batch.at,
                    changed_xid = pg_current_xact_id(),
                    priority = CASE
                        WHEN e_kinds[1] <> 'message' OR t.priority = 'emergency' THEN t.priority
                        WHEN e_from_staff[1] THEN 'normal'
                        WHEN e_priorities[1] <> 'normal' THEN e_priorities[1]
                        ELSE t.priority
                    END
                WHERE id = t.id;
            END IF;
            RETURN NEXT;
        END IF;
        stored_thread := NULL;
        stored_sealed := NULL;
    ELSIF cardinality(e_threads) > 0 THEN
        PERFORM 1 FROM threads WHERE id = ANY (e_threads) ORDER BY id FOR NO KEY UPDATE;
        commit_at := clock_timestamp();
        -- Asked apart, because most batches have nothing of the kind and would pay for the plan all the same.
        IF refers THEN
            SELECT array_agg(CASE
                WHEN i.reply_to IS NOT NULL AND NOT EXISTS (
                    SELECT FROM entries o WHERE o.id = i.reply_to AND o.thread_id = i.thread_id) THEN 'badReplyTo'
                WHEN i.kind IN ('correction', 'retraction') AND NOT EXISTS (
                    SELECT FROM entries o WHERE o.id = i.reply_to AND o.thread_id = i.thread_id
                        AND o.sender_id = i.sender_id AND o.kind = 'message') THEN 'notAuthor'
                WHEN i.based_on IS NOT NULL AND EXISTS (
                    SELECT FROM entries o JOIN users u ON u.id = o.sender_id
                    WHERE o.thread_id = i.thread_id AND o.seq > i.based_on AND o.kind = 'message'
                        AND o.sender_id <> i.sender_id AND u.role <> 'client') THEN 'newer'
            END ORDER BY i.ord) INTO refused
            FROM unnest(e_threads, e_senders, e_kinds, e_reply_tos, e_based_ons)
                WITH ORDINALITY AS i(thread_id, sender_id, kind, reply_to, based_on, ord);
        END IF;
        RETURN QUERY
        WITH input AS MATERIALIZED (
            SELECT * FROM unnest(e_threads, e_ids, e_senders, e_from_staff, e_kinds, e_priorities, e_sealed, e_reply_tos, e_based_ons)
                WITH ORDINALITY AS i(thread_id, id, sender_id, from_staff, kind, priority, sealed, reply_to, based_on, ord)
        ), judged AS MATERIALIZED (
            SELECT i.*, t.head, t.version, GREATEST(t.last_entry_at, commit_at) AS new_at,
                d.thread_id AS d_thread, d.seq AS d_seq, d.at AS d_at, d.sealed AS d_sealed,
                CASE
                    WHEN t.id IS NULL THEN 'notFound'
                    WHEN i.sender_id IS NOT NULL AND p.user_id IS NULL THEN 'notFound'
                    WHEN d.id IS NOT NULL THEN 'duplicate'
                    WHEN t.status = 'closed' AND i.kind = 'message' THEN 'threadClosed'
                    ELSE COALESCE(refused[i.ord], 'stored')
                END AS outcome
            FROM input i
            LEFT JOIN threads t ON t.id = i.thread_id
            LEFT JOIN participants p ON p.thread_id = i.thread_id AND p.user_id = i.sender_id AND p.left_at IS NULL
            LEFT JOIN entries d ON d.id = i.id AND d.sender_id = i.sender_id
        ), numbered AS MATERIALIZED (
            SELECT j.*, j.head + count(*) FILTER (WHERE j.outcome = 'stored')
                OVER (PARTITION BY j.thread_id ORDER BY j.ord ROWS UNBOUNDED PRECEDING) AS new_seq
            FROM judged j
        ), inserted AS (
            INSERT INTO entries (thread_id, seq, id, sender_id, kind, priority, sealed, reply_to, at, tick)
            SELECT n.thread_id, n.new_seq, n.id, n.sender_id, n.kind, n.priority, n.sealed, n.reply_to, n.new_at,
                batch_tick
            FROM numbered n WHERE n.outcome = 'stored'
        ), moved AS (
            -- A client's urgent message raises the thread; an answer by staff lowers it again, but never an emergency.
            UPDATE threads t SET head = m.new_head, last_entry_at = m.new_at, changed_xid = pg_current_xact_id(),
                priority = CASE
                    WHEN t.priority = 'emergency' OR m.raised = 2 THEN 'emergency'
                    WHEN m.raised = 1 THEN 'urgent'
                    WHEN m.answered THEN 'normal'
                    ELSE t.priority
                END
            FROM (
                SELECT n.thread_id, max(n.new_seq) AS new_head, max(n.new_at) AS new_at,
                    max(CASE WHEN n.from_staff OR n.kind <> 'message' THEN 0
                             WHEN n.priority = 'emergency' THEN 2 WHEN n.priority = 'urgent' THEN 1 ELSE 0 END) AS raised,
                    bool_or(n.from_staff AND n.kind = 'message') AS answered
                FROM numbered n WHERE n.outcome = 'stored' GROUP BY n.thread_id
            ) m WHERE t.id = m.thread_id
        )
        SELECT n.ord::integer, n.outcome, CASE n.outcome WHEN 'stored' THEN n.new_seq ELSE n.d_seq END,
            CASE n.outcome WHEN 'stored' THEN n.new_at ELSE n.d_at END, n.version, n.d_thread, n.d_sealed,
            NULL::bigint, NULL::bigint
        FROM numbered n;
    END IF;

    IF cardinality(m_threads) > 1 THEN
        PERFORM 1 FROM participants p JOIN unnest(m_threads, m_users) AS m(thread_id, user_id) USING (thread_id, user_id)
            ORDER BY p.thread_id, p.user_id FOR NO KEY UPDATE OF p;
    END IF;
    IF cardinality(m_threads) > 0 THEN
        RETURN QUERY
        WITH asked AS (
            SELECT m.thread_id, m.user_id, m.ord,
                LEAST(GREATEST(m.delivered, m.read), t.head) AS delivered, LEAST(m.read, t.head) AS read
            FROM unnest(m_threads, m_users, m_delivered, m_read) WITH ORDINALITY AS m(thread_id, user_id, delivered, read, ord)
            JOIN threads t ON t.id = m.thread_id
        )
        UPDATE participants p SET delivered = GREATEST(p.delivered, a.delivered), read = GREATEST(p.read, a.read),
            changed_xid = pg_current_xact_id()
        FROM asked a
        WHERE p.thread_id = a.thread_id AND p.user_id = a.user_id AND p.left_at IS NULL
            AND (a.delivered > p.delivered OR a.read > p.read)
        RETURNING (-a.ord)::integer, 'moved', NULL::bigint, NULL::timestamptz, NULL::bigint, NULL::uuid, NULL::bytea, p.delivered, p.read;
    END IF;
END $$;
