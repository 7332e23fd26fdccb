//! How a person reads a change: one line.

use std::fmt;

use super::{Change, Fill};
use crate::schema::{ColumnName, Comment, Identity, Index, TableName};

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable { table, definition, rows } => {
                write!(f, "create table {table} ({} columns)", definition.columns.len())?;
                rows.iter().try_for_each(|rows| write!(f, ", with rows of {}", rows.table))
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
            Self::ReplaceColumn { table, from, to, conversion: _ } => {
                write!(f, "column {table}.{to} takes over from {from}, of another type")
            }
            Self::RetypeColumn { table, column, from, to, conversion: _ } => {
                write!(f, "{table}.{column} changes from {from} to {to}")
            }
            Self::RequireColumn { table, column, .. } => write!(f, "{table}.{column} becomes not null"),
            Self::RelaxColumn { table, column } => write!(f, "{table}.{column} becomes nullable"),
            Self::ChangeDefault { table, column, from: _, to: Some(to) } => {
                write!(f, "default of {table}.{column} becomes {to}")
            }
            Self::ChangeDefault { table, column, from: _, to: None } => {
                write!(f, "{table}.{column} loses its default")
            }
            Self::ChangeCollation { table, column, from: _, to } => match to {
                Some(to) => write!(f, "{table}.{column} is collated by {to}"),
                None => write!(f, "{table}.{column} is collated as usual"),
            },
            Self::RecomputeColumn { table, column, from: _, to } => match &to.generated {
                Some(by) if by.stored => write!(f, "{table}.{column} is computed from {}", by.expression),
                Some(by) => write!(f, "{table}.{column} is computed from {} on each read", by.expression),
                None => write!(f, "{table}.{column} is no more computed"),
            },
            Self::ChangeComments { table, from: _, to } => match to.as_slice() {
                [one] => write!(f, "comment on {}", Commented(table, one)),
                several => write!(f, "{} comments on {table} and its columns", several.len()),
            },
            Self::ChangeIdentity { table, column, from: _, to } => match to.identity {
                Some(Identity::Always) => write!(f, "{table}.{column} is always numbered by the server"),
                Some(Identity::ByDefault) => write!(f, "{table}.{column} is numbered by the server"),
                Some(Identity::Serial) => write!(f, "{table}.{column} is numbered as a serial"),
                None => write!(f, "{table}.{column} is no more numbered by the server"),
            },
            Self::ChangePrimaryKey { table, from, to } => match from.as_slice() {
                [] => write!(f, "{table} gets the primary key ({})", Listed(to)),
                from => {
                    write!(
                        f,
                        "the primary key of {table} changes from ({}) to ({})",
                        Listed(from),
                        Listed(to)
                    )
                }
            },
            Self::AddIndex { table, index, definition } => {
                write!(f, "add {} {index} on {table}", definition.kind())
            }
            Self::DropIndex { table, index, definition } => {
                write!(f, "drop {} {index} of {table}", without_unique(definition))
            }
            Self::ReplaceIndex { table, index, from, to: _ } => {
                write!(f, "replace {} {index} of {table}", without_unique(from))
            }
            Self::AddForeignKey { table, name, definition } => {
                write!(f, "add foreign key {name} from {table} to {}", definition.references)
            }
            Self::DropForeignKey { table, name, .. } => write!(f, "drop foreign key {name} of {table}"),
            Self::AddCheck { table, name, .. } => write!(f, "add check {name} to {table}"),
            Self::DropCheck { table, name, .. } => write!(f, "drop check {name} of {table}"),
            Self::CreateEnum { name, definition } => {
                write!(f, "create enum {name} ({})", definition.labels.join(", "))
            }
            Self::DropEnum { name, definition: _ } => write!(f, "drop enum {name}"),
            Self::AddEnumValue { name, value, at: _ } => write!(f, "add value '{value}' to enum {name}"),
            Self::RenameEnumValue { name, from, to } => {
                write!(f, "rename value '{from}' of enum {name} to '{to}'")
            }
            Self::ReplaceEnum { name, from, to } => {
                let gone: Vec<String> = from
                    .labels
                    .iter()
                    .filter(|label| !to.has(label))
                    .map(|label| format!("'{label}'"))
                    .collect();
                if gone.is_empty() {
                    return write!(f, "enum {name} becomes ({})", to.labels.join(", "));
                }
                write!(f, "enum {name} loses {}", gone.join(", "))
            }
        }
    }
}

/// What goes is called so.
fn without_unique(index: &Index) -> &'static str {
    if index.excludes() { index.kind() } else { "index" }
}

/// What a comment is about.
struct Commented<'a>(&'a TableName, &'a Comment);

impl fmt::Display for Commented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.1.column {
            Some(column) => write!(f, "{}.{column}", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

/// Columns, as a key names them.
pub(crate) struct Listed<'a>(pub &'a [ColumnName]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(ColumnName::as_str).collect::<Vec<_>>().join(", "))
    }
}
