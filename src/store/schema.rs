//! The tables as diesel sees them. A test compares this file with both migrated databases.

diesel::table! {
    installation (id) {
        id -> Text,
        demo -> Bool,
        created_at -> Timestamp,
    }
}

diesel::table! {
    organisations (id) {
        id -> Text,
        parent_id -> Nullable<Text>,
        path -> Text,
        code -> Text,
        name_vi -> Text,
        name_en -> Text,
        kind -> Text,
        version -> BigInt,
    }
}

diesel::table! {
    people (id) {
        id -> Text,
        owner_id -> Text,
        full_name -> Text,
        native_name -> Nullable<Text>,
        name_folded -> Text,
        name_sort -> Text,
        sex -> Nullable<Text>,
        birth_date -> Nullable<Date>,
        nationality -> Nullable<Text>,
        merged_into -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    person_keys (person_id) {
        person_id -> Text,
        wrapped -> Binary,
    }
}

diesel::table! {
    travel_documents (id) {
        id -> Text,
        person_id -> Text,
        owner_id -> Text,
        sealed_number -> Binary,
        blind_index -> Binary,
        kind -> Text,
        expires_on -> Nullable<Date>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        username -> Text,
        name_folded -> Text,
        display_name -> Text,
        email -> Text,
        lang -> Text,
        person_id -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        state -> Text,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    grants (id) {
        id -> Text,
        account_id -> Text,
        organisation_id -> Text,
        role -> Text,
        valid_from -> Timestamp,
        valid_to -> Nullable<Timestamp>,
        granted_by -> Nullable<Text>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        account_id -> Text,
        refresh_hash -> Binary,
        created_at -> Timestamp,
        idle_ends_at -> Timestamp,
        absolute_ends_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        revoked_why -> Nullable<Text>,
        used_at -> Nullable<Timestamp>,
        browser -> Nullable<Text>,
        platform -> Nullable<Text>,
    }
}

diesel::table! {
    one_time_links (secret_hash) {
        secret_hash -> Binary,
        account_id -> Text,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sign_in_counters (name_mac) {
        name_mac -> Binary,
        failures -> Integer,
        started_at -> Timestamp,
        locked_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    journal (seq) {
        seq -> BigInt,
        leaf -> Binary,
        leaf_hash -> Binary,
        at -> Timestamp,
        actor_id -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        action -> Text,
        object_kind -> Text,
        object_id -> Text,
        request_id -> Nullable<Text>,
    }
}

diesel::table! {
    journal_head (id) {
        id -> Integer,
        count -> BigInt,
        frontier -> Binary,
        counted -> BigInt,
    }
}

diesel::table! {
    journal_values (seq, name) {
        seq -> BigInt,
        name -> Text,
        salt -> Binary,
        value -> Text,
        person_id -> Nullable<Text>,
    }
}

diesel::table! {
    journal_nodes (height, no) {
        height -> Integer,
        no -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    checkpoints (size) {
        size -> BigInt,
        root -> Binary,
        note -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    witness_mails (occasion) {
        occasion -> Text,
        size -> BigInt,
        message_id -> Text,
        state -> Text,
        attempts -> Integer,
        due_at -> Timestamp,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    told_denials (session_id, action, object_id, hour) {
        session_id -> Text,
        action -> Text,
        object_id -> Text,
        hour -> Timestamp,
    }
}

diesel::table! {
    idempotency (account_id, operation, key) {
        account_id -> Text,
        operation -> Text,
        key -> Text,
        fingerprint -> Binary,
        status -> Integer,
        etag -> Nullable<Text>,
        location -> Nullable<Text>,
        body -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    number_series (direction, year) {
        direction -> Text,
        year -> Integer,
        last_no -> BigInt,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        owner -> Text,
        fence -> BigInt,
        until_at -> Timestamp,
    }
}

diesel::table! {
    partners (id) {
        id -> Text,
        name -> Text,
        native_name -> Nullable<Text>,
        name_folded -> Text,
        name_sort -> Text,
        country -> Text,
        kind -> Nullable<Text>,
        version -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    dossiers (id) {
        id -> Text,
        kind -> Text,
        direction -> Text,
        organisation_id -> Text,
        lead_host_id -> Nullable<Text>,
        partner_id -> Nullable<Text>,
        year -> Nullable<Integer>,
        no -> Nullable<BigInt>,
        title -> Text,
        title_folded -> Text,
        primary_field -> Nullable<Text>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        actual_starts_on -> Nullable<Date>,
        actual_ends_on -> Nullable<Date>,
        state -> Text,
        state_since -> Timestamp,
        outcome -> Nullable<Text>,
        duplicate_of -> Nullable<Text>,
        origin -> Text,
        confidential -> Bool,
        version -> BigInt,
        revision -> Integer,
        revision_in_force -> Nullable<Integer>,
        rulebook_version -> Integer,
        supplement_due_on -> Nullable<Date>,
        incoming_number -> Nullable<Text>,
        incoming_at -> Nullable<Timestamp>,
        reported_at -> Nullable<Timestamp>,
        details -> Text,
        created_by -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    dossier_countries (dossier_id, country) {
        dossier_id -> Text,
        country -> Text,
    }
}

diesel::table! {
    dossier_parties (dossier_id, party_id, capacity) {
        dossier_id -> Text,
        party_id -> Text,
        party_kind -> Text,
        capacity -> Text,
    }
}

diesel::table! {
    dossier_authors (dossier_id, person_id, capacity) {
        dossier_id -> Text,
        person_id -> Text,
        capacity -> Text,
    }
}

diesel::table! {
    members (id) {
        id -> Text,
        dossier_id -> Text,
        person_id -> Text,
        document_id -> Nullable<Text>,
        place -> Integer,
        role -> Text,
        attendance -> Text,
        guest -> Bool,
        nationality -> Nullable<Text>,
        content -> Text,
    }
}

diesel::table! {
    revisions (dossier_id, no) {
        dossier_id -> Text,
        no -> Integer,
        content_hash -> Binary,
        submitted_at -> Timestamp,
        submitted_by -> Text,
        outcome -> Nullable<Text>,
        rulebook_version -> Integer,
    }
}

diesel::table! {
    revision_values (dossier_id, revision, pointer) {
        dossier_id -> Text,
        revision -> Integer,
        pointer -> Text,
        person_id -> Nullable<Text>,
        salt -> Binary,
        value -> Text,
    }
}

diesel::table! {
    steps (id) {
        id -> Text,
        dossier_id -> Text,
        revision -> Integer,
        no -> Integer,
        kind -> Text,
        organisation_id -> Text,
        role -> Text,
        quorum -> Integer,
        state -> Text,
        opened_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        stage -> Integer,
        lap -> Integer,
        body -> Nullable<Text>,
        binding -> Bool,
        forward_to -> Nullable<Text>,
        clock -> Nullable<Integer>,
        clock_unit -> Nullable<Text>,
        due_on -> Nullable<Date>,
        title_vi -> Text,
        title_en -> Text,
    }
}

diesel::table! {
    mandates (id) {
        id -> Text,
        giver_id -> Text,
        giver_person_id -> Text,
        holder_id -> Text,
        holder_person_id -> Text,
        organisation_id -> Text,
        role -> Text,
        letter_number -> Text,
        letter_date -> Date,
        valid_from -> Date,
        valid_to -> Date,
        limits -> Text,
        note -> Nullable<Text>,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    opinions (id) {
        id -> Text,
        dossier_id -> Text,
        revision -> Integer,
        step_id -> Text,
        body -> Text,
        answer -> Text,
        number -> Nullable<Text>,
        dated_on -> Nullable<Date>,
        conditions -> Nullable<Text>,
        handled_offline -> Bool,
        file_id -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    decisions (id) {
        id -> Text,
        dossier_id -> Text,
        revision -> Integer,
        lap -> Integer,
        step_id -> Text,
        person_id -> Text,
        account_id -> Text,
        acting_for -> Nullable<Text>,
        mandate_id -> Nullable<Text>,
        decision -> Text,
        returned_to -> Nullable<Text>,
        comment -> Nullable<Text>,
        conditions -> Nullable<Text>,
        struck -> Nullable<Text>,
        forms -> Text,
        content_hash -> Binary,
        made_at -> Timestamp,
    }
}

diesel::table! {
    issued_papers (id) {
        id -> Text,
        dossier_id -> Text,
        revision -> Integer,
        issuer_id -> Text,
        kind -> Text,
        year -> Integer,
        number -> Text,
        symbol -> Text,
        dated_on -> Date,
        signer -> Text,
        forms -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        sha256 -> Nullable<Text>,
        issued_by -> Text,
        issued_at -> Timestamp,
        acting_for -> Nullable<Text>,
        mandate_id -> Nullable<Text>,
        registered -> Bool,
        template -> Nullable<Text>,
        check_hash -> Nullable<Text>,
    }
}

diesel::table! {
    issued_texts (paper_id, format) {
        paper_id -> Text,
        format -> Text,
        bytes -> BigInt,
        sha256 -> Text,
        sealed -> Binary,
    }
}

diesel::table! {
    signed_files (paper_id, no) {
        paper_id -> Text,
        no -> Integer,
        file_id -> Text,
        sha256 -> Text,
        kept_by -> Text,
        kept_at -> Timestamp,
    }
}

diesel::table! {
    paper_series (issuer_id, kind, year) {
        issuer_id -> Text,
        kind -> Text,
        year -> Integer,
        last_no -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        event_seq -> BigInt,
        recipient_id -> Text,
        template -> Text,
        dossier_id -> Nullable<Text>,
        message_id -> Text,
        state -> Text,
        attempts -> Integer,
        due_at -> Timestamp,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
        created_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    rulebook_versions (no) {
        no -> Integer,
        sha256 -> Text,
        source -> Text,
        loaded_at -> Timestamp,
    }
}

diesel::table! {
    rulebook_activations (id) {
        id -> Integer,
        version -> Integer,
        activated_at -> Timestamp,
    }
}

diesel::table! {
    overrides (id) {
        id -> Text,
        dossier_id -> Text,
        revision -> Integer,
        rule -> Text,
        rulebook_version -> Integer,
        role -> Text,
        needed -> Integer,
        content_hash -> Text,
        reason -> Text,
        asked_by -> Text,
        asked_at -> Timestamp,
        refused_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    override_answers (override_id, person_id) {
        override_id -> Text,
        person_id -> Text,
        account_id -> Text,
        granted -> Bool,
        comment -> Nullable<Text>,
        answered_at -> Timestamp,
    }
}

diesel::table! {
    submission_findings (dossier_id, revision, rule) {
        dossier_id -> Text,
        revision -> Integer,
        rule -> Text,
        late -> Bool,
        overridden -> Bool,
        binding -> Bool,
    }
}

diesel::table! {
    assessments (dossier_id, revision) {
        dossier_id -> Text,
        revision -> Integer,
        rulebook_version -> Integer,
        judged_at -> Timestamp,
        verdicts -> Text,
    }
}

diesel::table! {
    files (id) {
        id -> Text,
        dossier_id -> Text,
        kind -> Text,
        name -> Text,
        media_type -> Nullable<Text>,
        bytes -> BigInt,
        sha256 -> Nullable<Text>,
        object -> Nullable<Text>,
        wrapped_key -> Nullable<Binary>,
        number -> Nullable<Text>,
        dated_on -> Nullable<Date>,
        member_id -> Nullable<Text>,
        person_id -> Nullable<Text>,
        organisation_id -> Text,
        handled_offline -> Bool,
        revision -> Integer,
        uploaded_by -> Text,
        uploaded_at -> Timestamp,
        deleted_at -> Nullable<Timestamp>,
        deleted_by -> Nullable<Text>,
        deleted_why -> Nullable<Text>,
        quarantined -> Bool,
    }
}

diesel::table! {
    plan_items (id) {
        id -> Text,
        organisation_id -> Text,
        year -> Integer,
        no -> Integer,
        direction -> Text,
        title -> Text,
        partner -> Text,
        country -> Nullable<Text>,
        months -> Text,
        guests -> Nullable<Integer>,
        cost -> Nullable<Text>,
        currency -> Nullable<Text>,
        note -> Text,
        state -> Text,
        drop_reason -> Text,
        version -> BigInt,
        created_by -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    dossier_plan_items (dossier_id) {
        dossier_id -> Text,
        item_id -> Text,
    }
}

diesel::table! {
    closings (id) {
        id -> Text,
        organisation_id -> Text,
        kind -> Text,
        label -> Text,
        days -> Text,
        no -> Integer,
        replaces -> Nullable<Text>,
        reason -> Nullable<Text>,
        as_of -> Date,
        due_on -> Date,
        rulebook_version -> Integer,
        manifest -> Text,
        sha256 -> Text,
        closed_by -> Text,
        closed_at -> Timestamp,
    }
}

diesel::table! {
    prepared_returns (id) {
        id -> Text,
        organisation_id -> Text,
        kind -> Text,
        label -> Text,
        days -> Text,
        as_of -> Date,
        due_on -> Date,
        rulebook_version -> Integer,
        sha256 -> Text,
        prepared_at -> Timestamp,
    }
}

diesel::table! {
    exports (id) {
        id -> Text,
        account_id -> Text,
        asked -> Text,
        state -> Text,
        attempts -> Integer,
        rows_done -> BigInt,
        rows_total -> Nullable<BigInt>,
        failure -> Nullable<Text>,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        name -> Nullable<Text>,
        bytes -> Nullable<BigInt>,
        sha256 -> Nullable<Text>,
        object -> Nullable<Text>,
        wrapped_key -> Nullable<Binary>,
        scope_sha256 -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    closing_files (closing_id, name, lang) {
        closing_id -> Text,
        name -> Text,
        lang -> Text,
        sealed -> Binary,
    }
}

diesel::table! {
    hand_overs (id) {
        id -> Text,
        closing_id -> Text,
        given_to -> Text,
        given_on -> Date,
        how -> Text,
        sha256 -> Text,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    obligations (id) {
        id -> Text,
        dossier_id -> Text,
        revision -> Integer,
        rule -> Text,
        kind -> Text,
        key -> Text,
        title_vi -> Text,
        title_en -> Text,
        role -> Text,
        organisation_id -> Text,
        due_at -> Timestamp,
        unit -> Text,
        proof -> Text,
        state -> Text,
        proof_number -> Nullable<Text>,
        proof_date -> Nullable<Date>,
        proof_note -> Nullable<Text>,
        proof_file_id -> Nullable<Text>,
        done_by -> Nullable<Text>,
        done_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    digests (account_id, day) {
        account_id -> Text,
        day -> Date,
    }
}

diesel::table! {
    paper_recipients (paper_id, place) {
        paper_id -> Text,
        place -> Integer,
        name -> Text,
        channel -> Text,
    }
}

diesel::table! {
    inbox_notes (organisation_id, dossier_id) {
        organisation_id -> Text,
        dossier_id -> Text,
        revision -> Integer,
        place -> Nullable<Integer>,
        note -> Text,
        written_by -> Text,
        written_at -> Timestamp,
    }
}

diesel::table! {
    kept_forms (account_id, form) {
        account_id -> Text,
        form -> Text,
        sealed -> Binary,
        kept_at -> Timestamp,
    }
}

diesel::table! {
    calendar_feeds (account_id) {
        account_id -> Text,
        secret_hash -> Binary,
        made_at -> Timestamp,
    }
}

diesel::table! {
    saved_filters (id) {
        id -> Text,
        account_id -> Text,
        name -> Text,
        query -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    search_words (subject_id, word) {
        subject -> Text,
        subject_id -> Text,
        word -> Text,
    }
}

diesel::joinable!(steps -> dossiers (dossier_id));
diesel::joinable!(members -> dossiers (dossier_id));
diesel::joinable!(obligations -> dossiers (dossier_id));
diesel::joinable!(overrides -> dossiers (dossier_id));
diesel::joinable!(dossier_plan_items -> dossiers (dossier_id));

#[rustfmt::skip]
diesel::allow_tables_to_appear_in_same_query!(
    installation,
    organisations,
    people,
    person_keys,
    travel_documents,
    accounts,
    grants,
    sessions,
    one_time_links,
    sign_in_counters,
    journal,
    journal_head,
    journal_values,
    journal_nodes,
    checkpoints,
    witness_mails,
    told_denials,
    idempotency,
    number_series,
    leases,
    partners,
    dossiers,
    dossier_countries,
    dossier_parties,
    dossier_authors,
    members,
    revisions,
    revision_values,
    steps,
    mandates,
    opinions,
    decisions,
    issued_papers,
    issued_texts,
    signed_files,
    paper_series,
    outbox,
    rulebook_versions,
    rulebook_activations,
    overrides,
    override_answers,
    submission_findings,
    assessments,
    files,
    plan_items,
    dossier_plan_items,
    obligations,
    digests,
    paper_recipients,
    closings,
    closing_files,
    hand_overs,
    inbox_notes,
    kept_forms,
    prepared_returns,
    exports,
    calendar_feeds,
    saved_filters,
    search_words,
);
