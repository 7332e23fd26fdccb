//! What servers can do, for plans that no server is asked about.

use schemig_core::plan::Capabilities;

/// A server that can do all.
pub const FULL: Capabilities = Capabilities {
    online_indexes: true,
    triggers_assign: true,
    alters_in_place: true,
    updatable_views: true,
    stable_defaults: true,
    index_options: true,
    nulls_not_distinct: true,
    deferrable_keys: true,
    exclusions: true,
    virtual_columns: true,
    virtual_as_stored: true,
    numbers_any_column: true,
    security_invoker: true,
    schemas: true,
    extension: schemig_core::dialect::postgres::extension,
    cast: schemig_core::dialect::postgres::cast,
};

/// A server that moves rows into a new table for most changes.
pub const REBUILDS: Capabilities = Capabilities {
    online_indexes: false,
    triggers_assign: false,
    alters_in_place: false,
    updatable_views: false,
    stable_defaults: false,
    index_options: false,
    nulls_not_distinct: false,
    deferrable_keys: false,
    exclusions: false,
    virtual_columns: true,
    virtual_as_stored: true,
    numbers_any_column: false,
    security_invoker: false,
    schemas: false,
    extension: |_| None,
    cast: schemig_core::dialect::sqlite::cast,
};
