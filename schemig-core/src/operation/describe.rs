//! How a person reads an operation: one line, in the words of the README.

use std::fmt;

use super::Operation;
use crate::change::Listed;
use crate::schema::{Beside, Comment, Conversion, Deferral, Expression, Identity, Origin, Violation};

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable { table, .. } => write!(f, "create table {table}"),
            Self::DropTable { table } => write!(f, "drop table {table}"),
            Self::RenameTable { from, to } => write!(f, "rename table {from} to {to}"),
            Self::CreateView { view, table, .. } => write!(f, "let {view} live on as a view of {table}"),
            Self::DropView { view } => write!(f, "drop view {view}"),
            Self::AddColumn { table, column, definition } => {
                let nullable = if definition.nullable { ", nullable" } else { "" };
                write!(f, "add {table}.{column}{nullable}")
            }
            Self::DropColumn { table, column } => write!(f, "drop {table}.{column}"),
            Self::RenameColumn { table, from, to } => write!(f, "rename {table}.{from} to {to}"),
            Self::SetDefault { table, column, default } => {
                write!(f, "default of {table}.{column} becomes {default}")
            }
            Self::DropDefault { table, column } => write!(f, "{table}.{column} has no default any more"),
            Self::AlterType { table, column, to, conversion } => {
                write!(f, "{table}.{column} becomes {to}{}", Through(conversion))
            }
            Self::SetCollation { table, column, collation } => match collation {
                Some(collation) => write!(f, "collate {table}.{column} by {collation}"),
                None => write!(f, "collate {table}.{column} as usual"),
            },
            Self::Recompute { table, column, definition } => match &definition.generated {
                Some(by) if by.stored => write!(f, "compute {table}.{column} from {}", by.expression),
                Some(by) => write!(f, "compute {table}.{column} from {}, on each read", by.expression),
                None => write!(f, "{table}.{column} isn't computed any more"),
            },
            Self::SetComments { table, comments } => match comments.as_slice() {
                [Comment { column: Some(column), .. }] => write!(f, "comment on {table}.{column}"),
                [Comment { column: None, .. }] => write!(f, "comment on {table}"),
                several => write!(f, "{} comments on {table} and its columns", several.len()),
            },
            Self::Number { table, column, identity } => match identity {
                Some(Identity::Always) => write!(f, "the server alone numbers {table}.{column}"),
                Some(Identity::ByDefault) => write!(f, "the server numbers {table}.{column}"),
                Some(Identity::Serial) => write!(f, "{table}.{column} draws its numbers from a sequence"),
                None => write!(f, "the server numbers {table}.{column} no more"),
            },
            Self::HandOverNumbers { table, from, to } => {
                write!(f, "the server numbers {table}.{to} from now on, and {from} no more")
            }
            Self::SetNotNull { table, column, proof } => {
                write!(
                    f,
                    "{table}.{column} rejects NULL{}",
                    if proof.is_some() { ", without a scan" } else { "" }
                )
            }
            Self::DropNotNull { table, column } => write!(f, "{table}.{column} accepts NULL"),
            Self::ChangePrimaryKey { table, key, .. } => match key.as_slice() {
                [] => write!(f, "{table} has no primary key any more"),
                key => write!(f, "the primary key of {table} becomes ({})", Listed(key)),
            },
            Self::CreateIndex { table, index, definition, .. } => {
                write!(f, "build {} {index} on {table}", definition.kind())
            }
            Self::GuardIndex { index, .. } => write!(f, "stop unless {index} is valid"),
            Self::DropIndex { table, index, .. } => write!(f, "drop index {index} of {table}"),
            Self::RenameIndex { from, to, .. } => write!(f, "rename index {from} to {to}"),
            Self::Constrain { table, index, definition } => {
                let when = match definition.deferral {
                    Deferral::Never => "with each statement",
                    Deferral::Immediate => "with each statement, unless a transaction puts it off",
                    Deferral::Deferred => "when a transaction ends",
                };
                write!(f, "{index} of {table} is checked {when}")
            }
            Self::AddCheck { table, name, validated, .. } => {
                write!(f, "check {name} on {table}{}", if *validated { "" } else { ", for new writes" })
            }
            Self::DropCheck { table, name } => write!(f, "drop check {name} of {table}"),
            Self::AddForeignKey { table, name, definition, validated } => {
                let when = if *validated { "" } else { ", for new writes" };
                write!(f, "foreign key {name} from {table} to {}{when}", definition.references)
            }
            Self::DropForeignKey { table, name } => write!(f, "drop foreign key {name} of {table}"),
            Self::Validate { table, constraint } => write!(f, "prove {constraint} for the rows of {table}"),
            Self::KeepFilled { table, column, origin } => {
                write!(f, "keep {table}.{column} filled {}", By(origin))
            }
            Self::StopFilling { table, column } => write!(f, "stop filling {table}.{column}"),
            Self::Follow { table, column, source } => {
                write!(f, "keep {table}.{column} in step with writes of {}", source.table)
            }
            Self::StopFollowing { table, column, source } => {
                write!(f, "{table}.{column} follows {} no more", source.table)
            }
            Self::FollowRows { table, rows } => {
                write!(f, "keep the rows of {table} in step with writes of {}", rows.table)
            }
            Self::StopFollowingRows { table, rows } => {
                write!(f, "the rows of {table} follow {} no more", rows.table)
            }
            Self::CopyRows { table, rows, .. } => write!(f, "copy the rows of {} to {table}", rows.table),
            Self::Mirror { table, old, new, conversion } => {
                write!(f, "mirror {table}.{old} and {table}.{new}{}", Through(conversion))
            }
            Self::Unmirror { table, new } => write!(f, "stop mirroring {table}.{new}"),
            Self::Backfill { table, column, origin, .. } => write!(f, "fill {table}.{column} {}", By(origin)),
            Self::Guard { table, against } => write!(f, "stop if {}", Guilty(table, against)),
            Self::RebuildTable { table, .. } => write!(f, "rebuild table {table}"),
            Self::CreateExtension { name } => write!(f, "make sure of extension {}", name.name),
            Self::CreateSchema { name } => write!(f, "make sure of schema {}", name.name),
            Self::CreateEnum { name, definition } => {
                write!(f, "create enum {name} ({})", definition.labels.join(", "))
            }
            Self::DropEnum { name } => write!(f, "drop enum {name}"),
            Self::AddEnumValue { name, value, at } => {
                write!(f, "add '{value}' to enum {name}")?;
                match at {
                    None => Ok(()),
                    Some(Beside::Before(next)) => write!(f, ", before '{next}'"),
                    Some(Beside::After(last)) => write!(f, ", after '{last}'"),
                }
            }
            Self::RenameEnumValue { name, from, to } => {
                write!(f, "'{from}' of enum {name} becomes '{to}'")
            }
            Self::ReplaceEnum { name, definition } => {
                write!(f, "make enum {name} anew ({})", definition.labels.join(", "))
            }
        }
    }
}

struct Through<'a>(&'a Conversion);

impl fmt::Display for Through<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Conversion { forth, back } = self.0;
        let by = |expression: &Option<Expression>, way: &str| {
            expression.as_ref().map(|expression| format!(", {way} by {expression}")).unwrap_or_default()
        };
        write!(f, "{}{}", by(forth, "forth"), by(back, "back"))
    }
}

struct By<'a>(&'a Origin);

impl fmt::Display for By<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Origin::Expression(expression) => write!(f, "with {expression}"),
            Origin::Source(source) => write!(f, "from {}.{}", source.table, source.value),
            Origin::Column(column) => write!(f, "from {column}"),
            Origin::Numbers => write!(f, "with numbers of its sequence"),
        }
    }
}

struct Guilty<'a>(&'a crate::schema::TableName, &'a Violation);

impl fmt::Display for Guilty<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.0;
        match self.1 {
            Violation::Null { column } => write!(f, "{table}.{column} is NULL anywhere"),
            Violation::Stale { column, source } => {
                write!(f, "{table}.{column} is anywhere not what {} says", source.table)
            }
            Violation::Differ { old, new } => write!(f, "{table}.{old} and {table}.{new} differ anywhere"),
            Violation::Check { expression } => write!(f, "a row of {table} breaks {expression}"),
            Violation::Orphan { foreign_key } => {
                write!(f, "a row of {table} refers to no {}", foreign_key.references)
            }
            Violation::Uncopied { rows } => {
                write!(f, "a row of {} isn't in {table}, or says something else there", rows.table)
            }
            Violation::Duplicate { index } if index.excludes() => {
                write!(f, "rows of {table} exclude each other")
            }
            Violation::Duplicate { .. } => write!(f, "a key stands twice in {table}"),
        }
    }
}
