-- A function in SQL is planned anew in every transaction, which cost each commit some 60 µs; one in plpgsql keeps its plan.
CREATE OR REPLACE FUNCTION current_tick() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN pg_current_xact_id()::text::bigint + COALESCE((SELECT tick_offset FROM public.store_identity), 0);
END
$$;
