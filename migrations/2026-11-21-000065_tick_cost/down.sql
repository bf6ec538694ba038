CREATE OR REPLACE FUNCTION current_tick() RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT pg_current_xact_id()::text::bigint + COALESCE((SELECT tick_offset FROM public.store_identity), 0)
$$;
