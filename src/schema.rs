//! The tables as diesel sees them, by hand beside `migrations/`. Never holds a query.

diesel::table! { practices (id) { id -> Uuid, name -> Text, time_zone -> Text, created_at -> Timestamptz, } }

diesel::table! {
    users (id) {
        id -> Uuid,
        practice_id -> Uuid,
        role -> Text,
        email -> Text,
        name -> Text,
        password_hash -> Nullable<Text>,
        time_zone -> Text,
        language -> Text,
        status -> Text,
        failed_sign_ins -> Integer,
        locked_until -> Nullable<Timestamptz>,
        sends_per_minute -> Nullable<Integer>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sign_in_sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        audience -> Text,
        cookie_hash -> Nullable<Bytea>,
        created_at -> Timestamptz,
        last_active_at -> Timestamptz,
        expires_at -> Timestamptz,
        idle_seconds -> Nullable<Integer>,
        ended_at -> Nullable<Timestamptz>,
        ended_because -> Nullable<Text>,
        // address (inet) is read and written in SQL only.
        user_agent -> Nullable<Text>,
        reauthenticated_at -> Timestamptz,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Bytea,
        sign_in_id -> Uuid,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sign_in_tickets (hash) {
        hash -> Bytea,
        user_id -> Uuid,
        audience -> Text,
        proof -> Text,
        handover -> Text,
        failures -> Integer,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    data_keys (id) {
        id -> Uuid,
        owner_id -> Uuid,
        wrapped -> Bytea,
        master_key_id -> Text,
        created_at -> Timestamptz,
        erased_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    signing_keys (id) { id -> Text, master_key_id -> Text, active_from -> Timestamptz, created_at -> Timestamptz, }
}

diesel::table! {
    store_identity (only_row) { only_row -> Bool, epoch -> Uuid, system_identifier -> Text, timeline -> Integer, database_oid -> Nullable<BigInt>, }
}

diesel::table! {
    // changed_xid (xid8) is read and written in SQL only.
    threads (id) {
        id -> Uuid,
        practice_id -> Uuid,
        client_id -> Uuid,
        data_key_id -> Uuid,
        subject_sealed -> Bytea,
        assignee_id -> Nullable<Uuid>,
        status -> Text,
        priority -> Text,
        head -> BigInt,
        last_entry_at -> Timestamptz,
        version -> BigInt,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    participants (thread_id, user_id) {
        thread_id -> Uuid,
        user_id -> Uuid,
        joined_at -> Timestamptz,
        left_at -> Nullable<Timestamptz>,
        delivered -> BigInt,
        read -> BigInt,
    }
}

diesel::table! {
    entries (thread_id, seq) {
        thread_id -> Uuid,
        seq -> BigInt,
        id -> Uuid,
        sender_id -> Nullable<Uuid>,
        kind -> Text,
        priority -> Text,
        sealed -> Bytea,
        reply_to -> Nullable<Uuid>,
        at -> Timestamptz,
    }
}

diesel::table! {
    drafts (user_id, thread_id) {
        user_id -> Uuid,
        thread_id -> Uuid,
        key_id -> Uuid,
        sealed -> Bytea,
        pending_id -> Nullable<Uuid>,
        revision -> BigInt,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    // audit_events is written and read in SQL only.
    outbox (id) {
        id -> Uuid,
        practice_id -> Uuid,
        recipient_id -> Nullable<Uuid>,
        channel -> Text,
        kind -> Text,
        key_id -> Uuid,
        sealed -> Bytea,
        state -> Text,
        attempts -> Integer,
        due_at -> Timestamptz,
        created_at -> Timestamptz,
        sent_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        urgent -> Bool,
        expires_at -> Nullable<Timestamptz>,
        settled_at -> Nullable<Timestamptz>,
        provider_id -> Nullable<Text>,
    }
}

diesel::joinable!(users -> practices (practice_id));
diesel::joinable!(sign_in_sessions -> users (user_id));
diesel::joinable!(threads -> data_keys (data_key_id));
diesel::joinable!(drafts -> data_keys (key_id));
diesel::joinable!(participants -> threads (thread_id));
diesel::joinable!(participants -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(
    practices,
    users,
    sign_in_sessions,
    data_keys,
    threads,
    participants,
    entries,
    drafts
);
