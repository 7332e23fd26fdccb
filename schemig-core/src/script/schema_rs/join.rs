//! `joinable!` and `allow_tables_to_appear_in_same_query!`.

use std::collections::BTreeMap;

use super::options::Together;
use super::view::View;
use super::{column_identifier, table_identifier};
use crate::schema::{ForeignKey, Table, TableName};

/// A foreign key that a join can mean without more words.
pub(super) struct Join<'a> {
    child: (&'a TableName, &'a Table),
    parent: (&'a TableName, &'a Table),
    key: &'a ForeignKey,
}

/// The foreign keys of one column that refers to the parent's whole key, each the only one between its two tables.
pub(super) fn joins<'a>(view: &'a View<'_>) -> Vec<Join<'a>> {
    let printed = || view.tables.iter().map(|(name, table)| (*name, &**table));
    let all = printed().chain(view.others.iter().copied());
    let mut between: BTreeMap<[&TableName; 2], usize> = BTreeMap::new();
    for (child, table) in all {
        for key in table.foreign_keys.values() {
            *between.entry(pair(child, &key.references)).or_default() += 1;
        }
    }
    let keys =
        printed().flat_map(|(name, table)| table.foreign_keys.values().map(move |key| ((name, table), key)));
    let mut found: Vec<Join<'_>> = keys
        .filter_map(|(child, key)| {
            let parent = view.get(&key.references)?;
            let [refers] = key.key.as_slice() else { return None };
            let whole = parent.primary_key.as_slice() == [refers.clone()];
            let plain = *child.0 != key.references && between[&pair(child.0, &key.references)] == 1;
            (whole && plain && key.columns.len() == 1).then_some(Join {
                child,
                parent: (&key.references, parent),
                key,
            })
        })
        .collect();
    found.sort_by(|one, other| (one.child.0, one.parent.0).cmp(&(other.child.0, other.parent.0)));
    found
}

/// Two tables, whichever refers to the other.
fn pair<'a>(one: &'a TableName, other: &'a TableName) -> [&'a TableName; 2] {
    [one.min(other), one.max(other)]
}

/// One line for each.
pub(super) fn joinable(joins: &[Join<'_>]) -> String {
    let line = |join: &Join<'_>| {
        let Join { child: (child, table), parent: (parent, their), key } = join;
        let called = table_identifier(child, table);
        let columns = key.columns.iter().map(|column| column_identifier(column, &called, table));
        let column: String = columns.collect();
        format!("diesel::joinable!({called} -> {} ({column}));\n", table_identifier(parent, their))
    };
    let lines: String = joins.iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// Which tables queries may name together. `depth` is how far it will be moved in.
pub(super) fn together(view: &View<'_>, joins: &[Join<'_>], how: Together, depth: usize) -> String {
    let groups = match how {
        Together::All => vec![view.tables.iter().map(|(name, _)| *name).collect()],
        Together::Related => related(view, joins),
        Together::None => Vec::new(),
    };
    let called = |name: &&TableName| view.get(name).map(|table| table_identifier(name, table));
    let group = |group: &Vec<&TableName>| {
        let names: Vec<String> = group.iter().filter_map(called).collect();
        allow(&names, depth)
    };
    let lines: String = groups.iter().filter(|group| group.len() > 1).map(group).collect();
    if lines.is_empty() { lines } else { format!("\n{lines}") }
}

/// The tables, those together that foreign keys lead to from one another.
fn related<'a>(view: &'a View<'_>, joins: &[Join<'a>]) -> Vec<Vec<&'a TableName>> {
    let mut groups: Vec<Vec<&TableName>> = view.tables.iter().map(|(name, _)| vec![*name]).collect();
    for Join { child, parent, key: _ } in joins {
        let holds = |groups: &[Vec<&TableName>], name| groups.iter().position(|group| group.contains(&name));
        let (Some(one), Some(other)) = (holds(&groups, child.0), holds(&groups, parent.0)) else { continue };
        if one != other {
            let moved = groups.remove(one.max(other));
            groups[one.min(other)].extend(moved);
        }
    }
    groups.iter_mut().for_each(|group| group.sort());
    groups.sort();
    groups
}

fn allow(names: &[String], depth: usize) -> String {
    let line = format!("diesel::allow_tables_to_appear_in_same_query!({},);", names.join(", "));
    if depth + line.len() <= 101 {
        return line + "\n";
    }
    format!("diesel::allow_tables_to_appear_in_same_query!(\n{}\n);\n", lines(names, depth).join("\n"))
}

/// Diesel sends its output through rustfmt, which gives each name a line of its own unless all are short; then it fills lines.
fn lines(names: &[String], depth: usize) -> Vec<String> {
    let short = names.iter().all(|name| name.len() <= 10);
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if short && depth + line.len() + name.len() + 2 <= 99 => {
                line.push_str(&format!(" {name},"));
            }
            Some(_) | None => lines.push(format!("    {name},")),
        }
    }
    lines
}
