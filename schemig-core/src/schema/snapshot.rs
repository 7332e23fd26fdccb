//! The snapshot: what the models said when `diff` last ran, one TOML file per table and enum.
//!
//! One file per table and one line per column, so that branches that touch different things merge without conflict.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::format::{self, FORMAT, FormatError};
use super::{
    Check, Column, ColumnName, ConstraintName, Enum, EnumName, ForeignKey, Index, IndexName, Partitioning,
    Provenance, Table, TableName,
};

/// A Rust type that a table was captured from, and the fingerprint of its model. The test that the derive writes into the
/// user's crate looks for these two lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelMark {
    /// The type's name.
    #[serde(rename = "type")]
    pub type_name: String,
    /// 16 hex digits.
    pub fingerprint: String,
}

/// What one snapshot file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFile {
    /// The table's SQL name.
    pub name: TableName,
    /// The table.
    pub table: Table,
    /// The types it was captured from.
    pub models: Vec<ModelMark>,
}

/// The text of a table's file.
pub fn write(name: &TableName, table: &Table, models: &[ModelMark]) -> String {
    let mut out = format!("format = {FORMAT}\n");
    format::line(&mut out, "table", name);
    write_head(&mut out, table);
    for mark in models {
        out.push_str("\n[[models]]\n");
        format::line(&mut out, "type", &mark.type_name);
        format::line(&mut out, "fingerprint", &mark.fingerprint);
    }
    write_parts(&mut out, "", table);
    out
}

/// Reads a table's file.
///
/// # Errors
/// A newer format; text that isn't TOML; unknown, missing and malformed keys, with their place.
pub fn read(text: &str) -> Result<TableFile, FormatError> {
    let File {
        format: _,
        table: name,
        models,
        primary_key,
        identifier,
        comment,
        partition_by,
        columns,
        indexes,
        foreign_keys,
        checks,
    } = format::read(text)?;
    let table =
        Table { primary_key, identifier, comment, partition_by, columns, indexes, foreign_keys, checks };
    Ok(TableFile { name, table, models })
}

/// The text of an enum's file: a label a line.
pub fn write_enum(name: &EnumName, definition: &Enum) -> String {
    let Enum { labels, provenance, declared } = definition;
    let mut out = format!("format = {FORMAT}\n");
    format::line(&mut out, "enum", name);
    if *provenance != Provenance::Declared {
        format::line(&mut out, "provenance", provenance);
    }
    format::list(&mut out, "labels", labels);
    if let Some(declared) = declared {
        format::list(&mut out, "declared", declared);
    }
    out
}

/// Reads an enum's file.
///
/// # Errors
/// As [`read`].
pub fn read_enum(text: &str) -> Result<(EnumName, Enum), FormatError> {
    let EnumFile { format: _, name, labels, provenance, declared } = format::read(text)?;
    Ok((name, Enum { labels, provenance, declared }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnumFile {
    #[expect(dead_code, reason = "checked before the rest is read; here so that it is a known key")]
    format: u32,
    #[serde(rename = "enum")]
    name: EnumName,
    labels: Vec<String>,
    #[serde(default)]
    provenance: Provenance,
    declared: Option<Vec<String>>,
}

/// What stands in a table's file but is no section: the lines before the first header.
pub(crate) fn write_head(out: &mut String, table: &Table) {
    let Table {
        primary_key,
        identifier,
        comment,
        partition_by,
        columns: _,
        indexes: _,
        foreign_keys: _,
        checks: _,
    } = table;
    format::line(out, "primary_key", primary_key);
    if let Some(identifier) = identifier {
        format::line(out, "identifier", identifier);
    }
    if let Some(comment) = comment {
        format::line(out, "comment", comment);
    }
    if let Some(partition_by) = partition_by {
        format::line(out, "partition_by", partition_by);
    }
}

/// The sections of a table, their headers below `prefix`.
pub(crate) fn write_parts(out: &mut String, prefix: &str, table: &Table) {
    let Table {
        primary_key: _,
        identifier: _,
        comment: _,
        partition_by: _,
        columns,
        indexes,
        foreign_keys,
        checks,
    } = table;
    section(out, prefix, "columns", columns.iter().map(|(name, column)| (name.as_str(), column)));
    section(out, prefix, "indexes", indexes.iter().map(|(name, index)| (name.as_str(), index)));
    section(out, prefix, "foreign_keys", foreign_keys.iter().map(|(name, key)| (name.as_str(), key)));
    section(out, prefix, "checks", checks.iter().map(|(name, check)| (name.as_str(), check)));
}

fn section<'a, T: Serialize + 'a>(
    out: &mut String,
    prefix: &str,
    title: &str,
    items: impl ExactSizeIterator<Item = (&'a str, T)>,
) {
    // A table may have no columns yet; the key is required all the same, for a file that lost them is damaged.
    if items.len() == 0 && title != "columns" {
        return;
    }
    out.push_str(&format!("\n[{prefix}{title}]\n"));
    for (name, item) in items {
        format::line(out, name, &item);
    }
}

/// The keys of a file. Spelled out instead of flattened: unknown keys must be refused, each at its place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "checked before the rest is read; here so that it is a known key")]
    format: u32,
    table: TableName,
    #[serde(default)]
    models: Vec<ModelMark>,
    primary_key: Vec<ColumnName>,
    identifier: Option<String>,
    comment: Option<String>,
    partition_by: Option<Partitioning>,
    columns: IndexMap<ColumnName, Column>,
    #[serde(default)]
    indexes: BTreeMap<IndexName, Index>,
    #[serde(default)]
    foreign_keys: BTreeMap<ConstraintName, ForeignKey>,
    #[serde(default)]
    checks: BTreeMap<ConstraintName, Check>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Generated, Identity, Provenance, SqlType, Strategy};

    fn users() -> Table {
        let mut id = Column::required(SqlType::BigInt);
        id.identity = Some(Identity::ByDefault);
        let mut upper = Column::optional(SqlType::Text);
        upper.generated = Some(Generated { expression: "upper(\"select\")".into(), stored: true });
        upper.provenance = Provenance::Observed;
        let mut unique = Index::unique_on(["email"]);
        unique.predicate = Some("email <> 'it''s\n\"x\"'".into());
        Table::keyed_by(["id"])
            .with_column("id", id)
            .with_column("email", Column::required(SqlType::Varchar(Some(20))).with_default("''"))
            .with_column("select", Column::optional(SqlType::Named("geometry(Point,4326)".to_owned())))
            .with_column("a b.c", upper)
            .with_index("users_email_key", unique)
            .with_foreign_key(
                "users_org_fkey",
                ForeignKey {
                    columns: vec!["id".into()],
                    references: "app.orgs".into(),
                    key: vec!["id".into()],
                    on_delete: crate::schema::Action::Cascade,
                    on_update: crate::schema::Action::NoAction,
                    deferral: Default::default(),
                    provenance: Provenance::Declared,
                },
            )
            .with_check("users_email_check", Check::on("email <> ''"))
    }

    fn marks() -> Vec<ModelMark> {
        vec![ModelMark { type_name: "User".to_owned(), fingerprint: "0123456789abcdef".to_owned() }]
    }

    #[test]
    fn what_is_written_reads_back_byte_for_byte() {
        let text = write(&"app.users".into(), &users(), &marks());
        let TableFile { name, table, models } = read(&text).unwrap();
        assert_eq!(name, "app.users".into());
        assert_eq!(table, users());
        assert!(table.columns.keys().eq(users().columns.keys()), "the physical order is kept");
        assert_eq!(
            write(&name, &table, &models),
            text,
            "equality of text covers what equality of meaning ignores"
        );
    }

    #[test]
    fn what_is_written_is_plain() {
        let mut users = users();
        let text = write(&"app.users".into(), &users, &marks());
        assert!(format::plain::read::<File>(&text).is_none(), "a predicate has two lines");
        users.indexes.values_mut().for_each(|index| index.predicate = Some("email <> ''".into()));
        let text = write(&"app.users".into(), &users, &marks());
        let plain: File = format::plain::read(&text).expect("no general parser is needed");
        let general: File = toml::from_str(&text).unwrap();
        let table = |file: File| {
            let File { format: _, table: name, models, primary_key, identifier, comment, .. } = file;
            let File { partition_by, columns, indexes, foreign_keys, checks, .. } = file;
            let table = Table {
                primary_key,
                identifier,
                comment,
                partition_by,
                columns,
                indexes,
                foreign_keys,
                checks,
            };
            write(&name, &table, &models)
        };
        assert_eq!(table(plain), text);
        assert_eq!(table(general), text);
    }

    #[test]
    fn tables_are_identical_just_when_their_files_are() {
        let kept = users();
        assert!(kept.is_identical(&users()));
        let by =
            |partitions| Partitioning { strategy: Strategy::Range, columns: vec!["id".into()], partitions };
        let mut spread = users();
        spread.partition_by = Some(by(None));
        assert!(spread != users() && !spread.is_identical(&users()));
        let mut listed = spread.clone();
        listed.partition_by = Some(by(Some(vec!["app.users_1".into()])));
        assert!(spread == listed && !spread.is_identical(&listed), "the partitions are no part of the table");
        let text = write(&"u".into(), &listed, &[]);
        assert!(listed.is_identical(&read(&text).unwrap().table), "{text}");
        let changes: [fn(&mut Table); 9] = [
            |table| table.identifier = Some("people".to_owned()),
            |table| table.comment = Some("who".to_owned()),
            |table| table.columns.move_index(0, 1),
            |table| table.columns.get_mut(&ColumnName::from("email")).unwrap().nullable = true,
            |table| {
                table.columns.get_mut(&ColumnName::from("email")).unwrap().identifier =
                    Some("mail".to_owned())
            },
            |table| {
                table.columns.get_mut(&ColumnName::from("email")).unwrap().provenance = Provenance::Observed
            },
            |table| {
                let column = table.columns.get_mut(&ColumnName::from("email")).unwrap();
                column.observed.insert(crate::schema::Fact::Default);
            },
            |table| table.indexes.values_mut().for_each(|index| index.provenance = Provenance::Observed),
            |table| table.checks.values_mut().for_each(|check| check.provenance = Provenance::Observed),
        ];
        for change in changes {
            let mut table = users();
            change(&mut table);
            let (before, after) = (write(&"u".into(), &kept, &[]), write(&"u".into(), &table, &[]));
            assert_ne!(before, after);
            assert!(!kept.is_identical(&table), "{after}");
        }
    }

    #[test]
    fn an_enum_is_a_line_per_label() {
        let mut mood = Enum::of(["sad", "over the moon"]);
        let text = write_enum(&"shop.mood".into(), &mood);
        assert_eq!(
            text,
            "format = 1\nenum = \"shop.mood\"\nlabels = [\n  \"sad\",\n  \"over the moon\",\n]\n"
        );
        mood.labels.push("it's \"ok\" \\ \n".to_owned());
        mood.provenance = Provenance::Observed;
        let text = write_enum(&"mood".into(), &mood);
        let (name, read) = read_enum(&text).unwrap();
        assert_eq!((name, &read, read.provenance), ("mood".into(), &mood, Provenance::Observed));
        assert!(super::read(&text).is_err() && read_enum(&write(&"users".into(), &users(), &[])).is_err());
    }

    #[test]
    fn a_file_is_one_line_per_column() {
        let text = write(&"users".into(), &users(), &marks());
        assert!(
            text.starts_with(
                "format = 1\ntable = \"users\"\nprimary_key = [\"id\"]\n\n[[models]]\ntype = \"User\"\nfingerprint = \"0123456789abcdef\"\n\n[columns]\nid = { type = \"bigint\", identity = \"by_default\" }\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_newer_format_is_named_before_its_unknown_keys() {
        let text = "format = 2\ntable = \"users\"\nnew = { thing }\n";
        assert_eq!(read(text), Err(FormatError::Newer { found: 2 }));
    }

    #[test]
    fn damage_is_pointed_at() {
        let place = |text: &str| match read(text) {
            Err(FormatError::Damaged { line, column, message }) => (line, column, message),
            other => panic!("{other:?}"),
        };
        let text = write(&"users".into(), &users(), &marks());
        let (line, column, message) = place(&text.replace("identity = ", "identitty = "));
        assert_eq!((line, column), (10, 25), "{message}");
        assert!(message.contains("identitty"), "{message}");
        let (line, ..) = place(&text.replace("[columns]", "<<<<<<< HEAD\n[columns]"));
        assert_eq!(line, 9);
        let (.., message) = place(&text.replace("primary_key", "primary_keys"));
        assert!(message.contains("primary_keys"), "{message}");
        assert!(place("").2.contains("format"));
    }
}
