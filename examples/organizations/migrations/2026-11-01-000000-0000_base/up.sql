CREATE TABLE organizations (
    id bigserial PRIMARY KEY,
    name text NOT NULL
);

CREATE TABLE users (
    id bigserial PRIMARY KEY,
    email text NOT NULL UNIQUE,
    full_name text,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE org_memberships (
    user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    organization_id bigint NOT NULL REFERENCES organizations (id)
);

CREATE INDEX org_memberships_organization_id_idx ON org_memberships (organization_id);
