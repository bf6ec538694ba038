-- Who somebody is at an identity provider (OpenID Connect). Never an e-mail address: those change hands.

CREATE TABLE external_identities (
    issuer    text NOT NULL,
    subject   text NOT NULL,
    audience  text NOT NULL CHECK (audience IN ('carehub-portal', 'carehub-ehr')), -- one person may be both
    user_id   uuid NOT NULL REFERENCES users,
    linked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (issuer, subject, audience),
    UNIQUE (user_id, issuer)
);
