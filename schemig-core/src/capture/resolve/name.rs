//! Names that schemig makes up: readable, the same on every machine, and never longer than a server keeps.

use std::collections::BTreeSet;

use crate::schema::TableName;

/// PostgreSQL cuts names to so many bytes, silently.
const LONGEST: usize = 63;

/// Names of indexes and tables in use: they share one space per schema.
#[derive(Default)]
pub(super) struct Taken(BTreeSet<(Option<String>, String)>);

impl Taken {
    /// Marks a name in the schema of `table`.
    pub fn take(&mut self, table: &TableName, name: &str) {
        self.0.insert((table.schema.clone(), name.to_owned()));
    }

    /// A free name made of these parts, marked.
    pub fn make(&mut self, table: &TableName, parts: &[&str], suffix: &str) -> String {
        let free = |name: &str| !self.0.contains(&(table.schema.clone(), name.to_owned()));
        let name = make(table, parts, suffix, free);
        self.take(table, &name);
        name
    }
}

/// `<table>_<parts>_<suffix>`, numbered when that isn't free, cut and told apart by a hash when it is too long.
pub(super) fn make(table: &TableName, parts: &[&str], suffix: &str, free: impl Fn(&str) -> bool) -> String {
    let mut stem = table.name.clone();
    for part in parts {
        stem.push('_');
        stem.push_str(part);
    }
    let numbered = (0..).map(|number: usize| match number {
        0 => fitted(&stem, suffix),
        _ => fitted(&stem, &format!("{suffix}{number}")),
    });
    numbered.into_iter().find(|name| free(name)).unwrap_or_default()
}

fn fitted(stem: &str, suffix: &str) -> String {
    let whole = format!("{stem}_{suffix}");
    if whole.len() <= LONGEST {
        return whole;
    }
    let hash = schemig_syntax::hash(&whole) >> 32;
    let mut cut = LONGEST - suffix.len() - 10;
    while !stem.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}_{hash:08x}_{suffix}", &stem[..cut])
}

/// The part of a name that stands for an expression: its words.
pub(super) fn part(expression: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
    let words: String = expression.chars().map(kept).collect();
    words.split_whitespace().collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Taken, make, part};

    #[test]
    fn a_taken_name_is_numbered_within_its_schema() {
        let mut taken = Taken::default();
        let users = "users".into();
        assert_eq!(taken.make(&users, &["email"], "idx"), "users_email_idx");
        assert_eq!(taken.make(&users, &["email"], "idx"), "users_email_idx1");
        assert_eq!(taken.make(&"auth.users".into(), &["email"], "idx"), "users_email_idx");
    }

    #[test]
    fn a_long_name_is_cut_and_stays_its_own() {
        let table = "größen".into();
        let long = "ö".repeat(40);
        let one = make(&table, &[&long, "a"], "idx", |_| true);
        let other = make(&table, &[&long, "b"], "idx", |_| true);
        assert!(one.len() <= LONGEST && one.ends_with("_idx"), "{one}");
        assert_ne!(one, other);
        let numbered = make(&table, &[&long, "a"], "idx", |name| name != one);
        assert!(numbered.len() <= LONGEST && numbered.ends_with("_idx1"), "{numbered}");
    }

    #[test]
    fn an_expression_gives_its_words() {
        assert_eq!(part("lower(\"E mail\")"), "lower_e_mail");
    }
}
