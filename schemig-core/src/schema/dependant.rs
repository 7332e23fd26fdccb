//! What hangs on the tables of a database and has no place in a schema: views, triggers, policies. schemig never touches it; a plan that
//! it stands in the way of is asked about.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::format::{self, FORMAT, FormatError};
use super::{ColumnName, ColumnRef, EnumName, TableName};

/// Something that a database has and no model says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dependant {
    /// What it is.
    pub kind: DependantKind,
    /// What it is called, as the server prints it.
    pub name: String,
    /// The tables that it stands on.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub tables: BTreeSet<TableName>,
    /// The columns that it names. One that names none may read all of its tables.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub columns: BTreeSet<ColumnRef>,
    /// The enums that it names: the server makes none of them anew while it does.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub enums: BTreeSet<EnumName>,
}

impl Dependant {
    /// Who may do what, of grants: the role as the server quotes it, and the privileges.
    pub fn granted(&self) -> Option<(&str, &str)> {
        let (role, privileges) = self.name.strip_suffix(')')?.rsplit_once(" (")?;
        (self.kind == DependantKind::Grants || self.kind == DependantKind::ColumnGrants)
            .then_some((role, privileges))
    }

    /// Whether it names an enum.
    pub fn names(&self, name: &EnumName) -> bool {
        self.enums.contains(name)
    }

    /// Whether it stands on a table.
    pub fn stands_on(&self, table: &TableName) -> bool {
        self.tables.contains(table)
    }

    /// Whether its columns are known, of this table.
    pub fn names_columns_of(&self, table: &TableName) -> bool {
        self.columns.iter().any(|at| at.table == *table)
    }

    /// Whether it reads a column of a table, as far as the server says.
    pub fn reads(&self, table: &TableName, column: &ColumnName) -> bool {
        self.columns.iter().any(|at| at.table == *table && at.column == *column)
    }
}

impl fmt::Display for Dependant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// What something is that isn't modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DependantKind {
    /// A view.
    View,
    /// A view whose rows are stored.
    MaterializedView,
    /// A table that another server or a module has.
    ForeignTable,
    /// A function or a procedure.
    Function,
    /// A trigger of the user's own.
    Trigger,
    /// A row-level security policy.
    Policy,
    /// A rewrite rule, other than a view's.
    Rule,
    /// A statistics object over several columns.
    Statistics,
    /// A sequence that no column owns.
    Sequence,
    /// A type of the user's own, other than an enum.
    Type,
    /// What a role may do with tables of which it isn't the owner.
    Grants,
    /// What a role may do with single columns.
    ColumnGrants,
    /// What a role may do with tables that come.
    DefaultPrivileges,
    /// Row security, which hides the rows that no policy shows.
    RowSecurity,
    /// What is replicated to subscribers.
    Publication,
    /// A cast of the user's own.
    Cast,
    /// An operator of the user's own.
    Operator,
    /// A trigger that fires on DDL.
    EventTrigger,
}

impl DependantKind {
    /// Whether it is a part of its table and goes with it, in silence: the others make the server refuse.
    pub fn goes_with_table(self) -> bool {
        match self {
            Self::Trigger
            | Self::Policy
            | Self::Rule
            | Self::Statistics
            | Self::Grants
            | Self::ColumnGrants
            | Self::RowSecurity
            | Self::Publication => true,
            Self::View
            | Self::MaterializedView
            | Self::ForeignTable
            | Self::Function
            | Self::Sequence
            | Self::Type
            | Self::DefaultPrivileges
            | Self::Cast
            | Self::Operator
            | Self::EventTrigger => false,
        }
    }

    /// Whether it is a part of its columns and nobody misses it when they go.
    pub fn goes_with_column(self) -> bool {
        match self {
            Self::ColumnGrants => true,
            Self::Trigger
            | Self::Policy
            | Self::Rule
            | Self::Statistics
            | Self::Grants
            | Self::RowSecurity
            | Self::Publication
            | Self::View
            | Self::MaterializedView
            | Self::ForeignTable
            | Self::Function
            | Self::Sequence
            | Self::Type
            | Self::DefaultPrivileges
            | Self::Cast
            | Self::Operator
            | Self::EventTrigger => false,
        }
    }

    /// Whether it holds code, which may read columns that the server doesn't know of.
    pub fn has_code(self) -> bool {
        match self {
            Self::Trigger | Self::Rule | Self::View | Self::MaterializedView | Self::Function => true,
            Self::Policy
            | Self::Statistics
            | Self::Grants
            | Self::ColumnGrants
            | Self::DefaultPrivileges
            | Self::RowSecurity
            | Self::Publication
            | Self::Cast
            | Self::Operator
            | Self::EventTrigger
            | Self::ForeignTable
            | Self::Sequence
            | Self::Type => false,
        }
    }
}

impl fmt::Display for DependantKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::ForeignTable => "foreign table",
            Self::Function => "function",
            Self::Trigger => "trigger",
            Self::Policy => "policy",
            Self::Rule => "rule",
            Self::Statistics => "statistics",
            Self::Sequence => "sequence",
            Self::Type => "type",
            Self::Grants => "grants to",
            Self::ColumnGrants => "column grants to",
            Self::DefaultPrivileges => "default privileges on",
            Self::RowSecurity => "row security",
            Self::Publication => "publication",
            Self::Cast => "cast",
            Self::Operator => "operator",
            Self::EventTrigger => "event trigger",
        })
    }
}

/// The file that lists them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "format")]
    _format: u32,
    #[serde(default)]
    dependants: Vec<Dependant>,
}

/// The text of the file that lists them, in order.
pub fn write(dependants: &BTreeSet<Dependant>) -> String {
    let mut out = format!(
        "# What the database has and schemig doesn't model. It is never touched, and plans that it stands in the way of are asked about.\n\
         # Take out what is there no more; `cargo schemig status --database-url` compares.\nformat = {FORMAT}\n"
    );
    for Dependant { kind, name, tables, columns, enums } in dependants {
        out.push_str("\n[[dependants]]\n");
        format::line(&mut out, "kind", kind);
        format::line(&mut out, "name", name);
        if !tables.is_empty() {
            format::line(&mut out, "tables", tables);
        }
        if !columns.is_empty() {
            format::list(&mut out, "columns", &columns.iter().collect::<Vec<_>>());
        }
        if !enums.is_empty() {
            format::line(&mut out, "enums", enums);
        }
    }
    out
}

/// Reads it.
///
/// # Errors
/// It isn't what schemig writes.
pub fn read(text: &str) -> Result<BTreeSet<Dependant>, FormatError> {
    let File { _format: _, dependants } = format::read(text)?;
    Ok(dependants.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_say_who_may_do_what() {
        let grants = |kind, name: &str| Dependant {
            kind,
            name: name.to_owned(),
            tables: BTreeSet::new(),
            columns: BTreeSet::new(),
            enums: BTreeSet::new(),
        };
        let all = grants(DependantKind::Grants, "\"a (b)\" (INSERT, SELECT)");
        assert_eq!(all.granted(), Some(("\"a (b)\"", "INSERT, SELECT")));
        assert_eq!(grants(DependantKind::Function, "f (x)").granted(), None);
    }

    #[test]
    fn what_is_written_is_read() {
        let (users, email) = (TableName::from("app.users"), ColumnName::from("e\"mail"));
        let view = Dependant {
            kind: DependantKind::View,
            name: "active \"users\"".to_owned(),
            tables: BTreeSet::from([users.clone()]),
            columns: BTreeSet::from([ColumnRef::new(&users, &email)]),
            enums: BTreeSet::from(["app.mood".into()]),
        };
        let function =
            Dependant { kind: DependantKind::Function, name: "f(integer)".to_owned(), ..view.clone() };
        let bare = Dependant {
            tables: BTreeSet::new(),
            columns: BTreeSet::new(),
            enums: BTreeSet::new(),
            ..function
        };
        let all = BTreeSet::from([view, bare]);
        assert_eq!(read(&write(&all)), Ok(all));
        assert_eq!(read(&write(&BTreeSet::new())), Ok(BTreeSet::new()));
        assert!(read("format = 1\n[[dependants]]\nkind = 1\n").is_err());
        assert!(matches!(read("format = 9\n"), Err(FormatError::Newer { found: 9 })));
    }
}
