//! What differs between the enums.

use std::borrow::Cow;

use super::diff::Found;
use super::{Change, Question};
use crate::schema::{Beside, Enum, EnumName, Hints, Schema};

/// New enums, and enums with new or renamed labels: all that has to be there before a column may use it. Gives back `before` as it is
/// then, for defaults follow a label that is renamed.
pub(super) fn grown<'a>(
    before: &'a Schema,
    after: &Schema,
    hints: &Hints,
    found: &mut Found,
) -> Cow<'a, Schema> {
    let mut grown = Cow::Borrowed(before);
    for (name, new) in &after.enums {
        match before.enums.get(name) {
            None => found.changes.push(Change::CreateEnum { name: name.clone(), definition: new.clone() }),
            Some(old) if old != new => {
                let renamed = renamed(name, old, new, hints, found);
                for (from, to) in &renamed {
                    grown.to_mut().rename_in_defaults(name, from, to);
                }
                let old = with_renamed(old, &renamed);
                ask_about_renames(name, &old, new, hints, found);
                let old = added(name, old, new, found);
                grown.to_mut().enums.insert(name.clone(), old);
            }
            Some(_) => {}
        }
    }
    grown
}

/// Enums that lose labels or have them in another order, and those that nobody uses any more: behind the columns that go. `grown` is what
/// the other function gave.
pub(super) fn shrunk(grown: &Schema, after: &Schema, found: &mut Found) {
    for (name, from) in &grown.enums {
        match after.enums.get(name) {
            Some(to) if from != to => {
                found.changes.push(Change::ReplaceEnum {
                    name: name.clone(),
                    from: from.clone(),
                    to: to.clone(),
                });
            }
            Some(_) => {}
            None => found.changes.push(Change::DropEnum { name: name.clone(), definition: from.clone() }),
        }
    }
}

/// Labels that the models say are old ones.
fn renamed(
    name: &EnumName,
    old: &Enum,
    new: &Enum,
    hints: &Hints,
    found: &mut Found,
) -> Vec<(String, String)> {
    let mut renamed = Vec::new();
    for to in new.labels.iter().filter(|label| !old.has(label)) {
        if let Some(Some(from)) = hints.label_renames.get(&(name.clone(), to.clone()))
            && old.has(from)
            && !new.has(from)
            && !renamed.iter().any(|(other, _)| other == from)
        {
            renamed.push((from.clone(), to.clone()));
            let (name, from, to) = (name.clone(), from.clone(), to.clone());
            found.changes.push(Change::RenameEnumValue { name, from, to });
        }
    }
    renamed
}

fn with_renamed(old: &Enum, renamed: &[(String, String)]) -> Enum {
    let mut old = old.clone();
    for label in &mut old.labels {
        if let Some((_, to)) = renamed.iter().find(|(from, _)| from == label) {
            *label = to.clone();
        }
    }
    old
}

/// A label that is gone beside one that is new may be one.
fn ask_about_renames(name: &EnumName, old: &Enum, new: &Enum, hints: &Hints, found: &mut Found) {
    let unsaid = |label: &&String| {
        !old.has(label) && !hints.label_renames.contains_key(&(name.clone(), (*label).clone()))
    };
    let gone = old.labels.iter().filter(|label| !new.has(label));
    for (from, to) in gone.zip(new.labels.iter().filter(unsaid)) {
        found.questions.push(Question::label_rename(name, from, to));
    }
}

/// The labels that are new, each beside one that is there by then.
fn added(name: &EnumName, mut old: Enum, new: &Enum, found: &mut Found) -> Enum {
    let mut last: Option<&String> = None;
    for value in &new.labels {
        if !old.has(value) {
            let first = || old.labels.first().cloned().map(Beside::Before);
            let at = last.cloned().map(Beside::After).or_else(first);
            // Its neighbour was found in it just now.
            let _ = old.insert(value, at.as_ref());
            found.changes.push(Change::AddEnumValue { name: name.clone(), value: value.clone(), at });
        }
        last = Some(value);
    }
    old
}
