//! How a person reads a change: one line.

use std::fmt;

use super::{Change, Fill};
use crate::schema::Identity;

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable { table, definition } => {
                write!(f, "create table {table} ({} columns)", definition.columns.len())
            }
            Self::DropTable { table } => write!(f, "drop table {table}"),
            Self::RenameTable { from, to } => write!(f, "rename table {from} to {to}"),
            Self::AddColumn { table, column, definition, backfill: _ } => {
                let null = if definition.nullable { "" } else { " not null" };
                write!(f, "add column {table}.{column} {}{null}", definition.sql_type)
            }
            Self::DropColumn { table, column, fill } => {
                write!(f, "drop column {table}.{column}")?;
                match fill {
                    Fill::Unneeded | Fill::Forgone => Ok(()),
                    Fill::With(expression) => write!(f, ", kept filled with {expression}"),
                }
            }
            Self::RenameColumn { table, from, to } => write!(f, "rename column {table}.{from} to {to}"),
            Self::RequireColumn { table, column, .. } => write!(f, "{table}.{column} becomes not null"),
            Self::RelaxColumn { table, column } => write!(f, "{table}.{column} becomes nullable"),
            Self::ChangeDefault { table, column, from: _, to: Some(to) } => {
                write!(f, "default of {table}.{column} becomes {to}")
            }
            Self::ChangeDefault { table, column, from: _, to: None } => {
                write!(f, "{table}.{column} loses its default")
            }
            Self::ChangeIdentity { table, column, from: _, to } => match to.identity {
                Some(Identity::Always) => write!(f, "{table}.{column} is always numbered by the server"),
                Some(Identity::ByDefault) => write!(f, "{table}.{column} is numbered by the server"),
                Some(Identity::Serial) => write!(f, "{table}.{column} is numbered as a serial"),
                None => write!(f, "{table}.{column} is no more numbered by the server"),
            },
            Self::AddIndex { table, index, definition } => {
                write!(f, "add {}index {index} on {table}", if definition.unique { "unique " } else { "" })
            }
            Self::DropIndex { table, index, .. } => write!(f, "drop index {index} of {table}"),
            Self::ReplaceIndex { table, index, .. } => write!(f, "replace index {index} of {table}"),
            Self::AddForeignKey { table, name, definition } => {
                write!(f, "add foreign key {name} from {table} to {}", definition.references)
            }
            Self::DropForeignKey { table, name, .. } => write!(f, "drop foreign key {name} of {table}"),
            Self::AddCheck { table, name, .. } => write!(f, "add check {name} to {table}"),
            Self::DropCheck { table, name, .. } => write!(f, "drop check {name} of {table}"),
        }
    }
}
