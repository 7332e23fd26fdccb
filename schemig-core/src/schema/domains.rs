//! Which types of a database are domains, and what stands behind each. schemig makes none; Diesel's schema.rs looks through them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::format::{self, FORMAT, FormatError};
use super::{SqlType, TableName};

/// The types that a database has and no model says, as far as somebody has looked there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains {
    /// The domains by name, as the server prints it, with the type behind each: one step, as the catalog has it.
    behind: BTreeMap<String, SqlType>,
    /// Further types of columns, which are none.
    others: BTreeSet<String>,
    /// The domains by the name that a column's type has, however it is spelled there.
    named: BTreeMap<TableName, SqlType>,
}

impl Domains {
    /// Domains by name with what is behind them, and types that are none.
    pub fn new(behind: BTreeMap<String, SqlType>, others: BTreeSet<String>) -> Self {
        let names = behind.iter().map(|(name, base)| Some((SqlType::parse(name).type_name()?, base.clone())));
        let named = names.flatten().collect();
        Self { behind, others, named }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        let Self { behind, others, named: _ } = self;
        behind.is_empty() && others.is_empty()
    }

    /// The type behind a domain. Not that of an array's elements: neither the catalog nor Diesel looks through those.
    pub fn behind(&self, sql_type: &SqlType) -> Option<&SqlType> {
        let SqlType::Named(_) = sql_type else { return None };
        self.named.get(&sql_type.type_name()?)
    }

    /// Whether it is known what a type is, a domain or none.
    pub fn knows(&self, sql_type: &SqlType) -> bool {
        let Some(name) = sql_type.type_name() else { return false };
        let is_it = |other: &String| SqlType::parse(other).type_name().as_ref() == Some(&name);
        self.named.contains_key(&name) || self.others.iter().any(is_it)
    }

    /// What is behind a domain here and something else, or nothing, there: its name, what is here, what is there.
    pub fn unlike<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = (&'a str, &'a SqlType, Option<&'a SqlType>)> {
        let there = |name: &String| other.behind.get(name);
        let all = self.behind.iter().map(move |(name, base)| (name.as_str(), base, there(name)));
        all.filter(|(_, base, there)| Some(*base) != *there)
    }
}

/// The file that lists them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "format")]
    _format: u32,
    #[serde(default)]
    others: BTreeSet<String>,
    #[serde(default)]
    domains: BTreeMap<String, SqlType>,
}

/// The text of the file that lists them, in order.
pub fn write(domains: &Domains) -> String {
    let Domains { behind, others, named: _ } = domains;
    let mut out = format!(
        "# The domains of the database, with the type behind each, which schema.rs has, and other types of its columns.\n\
         # `cargo schemig status --database-url` compares, and with `--accept` writes them anew.\nformat = {FORMAT}\n"
    );
    if !others.is_empty() {
        format::list(&mut out, "others", &others.iter().collect::<Vec<_>>());
    }
    if !behind.is_empty() {
        out.push_str("\n[domains]\n");
        for (name, base) in behind {
            format::line(&mut out, name, base);
        }
    }
    out
}

/// Reads it.
///
/// # Errors
/// It isn't what schemig writes.
pub fn read(text: &str) -> Result<Domains, FormatError> {
    let File { _format: _, others, domains } = format::read(text)?;
    Ok(Domains::new(domains, others))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains() -> Domains {
        let base = |name: &str, base: &str| (name.to_owned(), SqlType::parse(base));
        let behind = [base("email", "varchar(80)"), base("shop.\"Odd \"\"one\"", "text[]")];
        Domains::new(BTreeMap::from(behind), BTreeSet::from(["pair".to_owned()]))
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read(&write(&domains())), Ok(domains()));
        assert_eq!(read(&write(&Domains::default())), Ok(Domains::default()));
        assert!(read("format = 1\n[domains]\nemail = 1\n").is_err());
        assert!(matches!(read("format = 9\n"), Err(FormatError::Newer { found: 9 })));
    }

    #[test]
    fn a_domain_is_found_however_it_is_spelled_and_not_in_an_array() {
        let behind = |text| domains().behind(&SqlType::parse(text)).map(ToString::to_string);
        assert_eq!(behind("EMAIL").as_deref(), Some("varchar(80)"));
        assert_eq!(behind("\"shop\".\"Odd \"\"one\"").as_deref(), Some("text[]"));
        assert_eq!(behind("email[]"), None);
        assert_eq!(behind("pair"), None);
        let knows = |text| domains().knows(&SqlType::parse(text));
        assert!(knows("email[]") && knows("pair") && !knows("mail"));
    }

    #[test]
    fn what_differs_is_told_from_one_side() {
        let other = Domains::new(
            BTreeMap::from([("email".to_owned(), SqlType::Text)]),
            BTreeSet::from(["pair".to_owned()]),
        );
        let (known, old) = (domains(), Domains::default());
        let unlike: Vec<_> = other.unlike(&known).collect();
        assert_eq!(unlike, [("email", &SqlType::Text, Some(&SqlType::Varchar(Some(80))))]);
        assert_eq!(known.unlike(&old).count(), 2);
        assert_eq!(known.unlike(&known).count(), 0);
    }
}
