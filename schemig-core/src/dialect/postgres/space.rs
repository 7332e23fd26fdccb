//! Schemas (namespaces), and the rights that what stands around tables needs (DOCTRINE, B25 and B26).

use super::Postgres;
use super::lock::Piece;
use super::quote::{dollar, ident, literal};
use crate::operation::Operation;

impl Postgres {
    /// What the owner of the tables may not have.
    pub(super) fn rights(&self, operation: &Operation) -> Option<String> {
        if let Operation::CreateExtension { name } = operation {
            Some(format!("the right to CREATE EXTENSION {}, unless it is there", name.name))
        } else if let Operation::CreateSchema { name } = operation {
            let name = ident(&name.name);
            Some(format!(
                "the right to CREATE in the database, unless schema {name} is there; and roles that aren't its owner need \
                 GRANT USAGE ON SCHEMA {name}"
            ))
        } else {
            None
        }
    }

    /// IF NOT EXISTS would ask for the right to make it even where it is there.
    pub(super) fn create_schema(&self, name: &str) -> Piece {
        let create = format!("CREATE SCHEMA {};", ident(name));
        let message = literal(&format!(
            "schemig: this role may not make schema {name}; have somebody who may CREATE in the database run: {create} then GRANT \
             CREATE and USAGE on it to this role, and run this again"
        ));
        let body = format!(
            "BEGIN
    IF to_regnamespace({}) IS NULL THEN
        {create}
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION USING MESSAGE = {message};
END",
            literal(&ident(name))
        );
        Piece::Plain(format!("DO {};", dollar(&body)))
    }
}
