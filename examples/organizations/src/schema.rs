// @generated automatically by Diesel CLI.

diesel::table! {
    org_memberships (user_id) {
        user_id -> Int8,
        organization_id -> Int8,
    }
}

diesel::table! {
    organizations (id) {
        id -> Int8,
        name -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> Int8,
        email -> Text,
        full_name -> Nullable<Text>,
        updated_at -> Timestamptz,
    }
}

diesel::joinable!(org_memberships -> organizations (organization_id));
diesel::joinable!(org_memberships -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(org_memberships, organizations, users,);
