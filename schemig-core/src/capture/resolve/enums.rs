//! Enums: the labels of those that columns use, and a check of them where the database has no such types.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::types::Names;
use super::{Input, Note, Resolved};
use crate::capture::{Declaration, Enumeration, Fault, Label, Place, Said, Shape, Word};
use crate::schema::{Beside, Check, Column, Enum, EnumName, Provenance};

/// The bytes that a label may have on servers that have enums.
const LONGEST: usize = 63;

/// Adds the enums that a model's column uses. One that none uses needs no type: it may be for text, or for another database; and one that
/// only columns use which no model has is what the database has.
pub(super) fn collect(
    input: &Input<'_>,
    names: &Names<'_>,
    resolved: &mut Resolved,
    faults: &mut Vec<Fault>,
) {
    let columns = || resolved.schema.tables.values().flat_map(|table| table.columns.values());
    let types = |column: &Column| column.sql_type.type_name();
    let used: BTreeSet<EnumName> = columns().filter_map(types).collect();
    let of_models = columns().filter(|column| column.provenance == Provenance::Declared);
    let of_models: BTreeSet<EnumName> = of_models.filter_map(types).collect();
    let mut first: BTreeMap<EnumName, (&Declaration, &Enumeration)> = BTreeMap::new();
    for declaration in &input.types.declarations {
        let Shape::Enumeration(enumeration) = &declaration.shape else { continue };
        let name = names.enum_name(declaration, enumeration);
        if !of_models.contains(&name) {
            continue;
        }
        if let Some((other, known)) = first.get(&name) {
            if labels(known) != labels(enumeration) {
                let message = format!("two enums of the type `{name}` have other labels");
                let help = "give one of them another name in the database: `#[schemig(name = \"…\")]`";
                faults.push(Fault::at(&declaration.name.place, message).and(&other.name.place).help(help));
            }
            continue;
        }
        first.insert(name, (declaration, enumeration));
    }
    for (name, (declaration, enumeration)) in first {
        check(&name, declaration, enumeration, resolved, faults);
        renames(&name, enumeration, input, resolved, faults);
        let definition = beside_known(enumeration, input.snapshot.enums.get(&name));
        resolved.notes.extend(without_variant(&name, declaration, &definition, input));
        resolved.schema.enums.insert(name.clone(), definition);
        resolved.tables.insert(name, declaration.name.place.clone());
    }
    keep(input, &used, resolved);
}

/// The enum as its model has it. Labels that only the database ever had stay, and where their order there was never the model's it stays
/// too: an enum that grew by migrations has new labels at its end, and the order of variants says nothing of that.
fn beside_known(enumeration: &Enumeration, known: Option<&Enum>) -> Enum {
    let plain = Enum::of(labels(enumeration));
    let Some(known) = known.filter(|known| known.of_model() != known.labels) else { return plain };
    let mut merged = Enum { labels: known.labels.clone(), ..plain.clone() };
    for Label { label, renamed_from } in &enumeration.labels {
        if let Said::Value(former) = renamed_from
            && !known.has(&label.text)
            && let Some(place) = merged.labels.iter_mut().find(|own| **own == former.text)
        {
            place.clone_from(&label.text);
        }
    }
    merged.labels.retain(|label| plain.has(label) || !known.of_model().contains(label));
    for (place, label) in
        plain.labels.iter().enumerate().filter(|(_, label)| !merged.has(label)).collect::<Vec<_>>()
    {
        let before = place.checked_sub(1).map(|last| Beside::After(plain.labels[last].clone()));
        let first = || merged.labels.first().cloned().map(Beside::Before);
        let at = before.or_else(first);
        // What stands before it in the model was there, or was put there just now.
        let _ = merged.insert(label, at.as_ref());
    }
    if merged.labels != plain.labels {
        merged.declared = Some(plain.labels);
    }
    merged
}

/// Labels that the database has and its model hasn't, when the two first meet.
fn without_variant(
    name: &EnumName,
    declaration: &Declaration,
    definition: &Enum,
    input: &Input<'_>,
) -> Option<Note> {
    input.snapshot.enums.get(name).filter(|known| known.provenance == Provenance::Observed)?;
    let declared = definition.of_model();
    let more: Vec<String> = definition
        .labels
        .iter()
        .filter(|label| !declared.contains(label))
        .map(|label| format!("'{label}'"))
        .collect();
    let message = format!(
        "enum {name} has {} in the database, and no variant for it: it stays, and no row that holds it can be read",
        more.join(", ")
    );
    (!more.is_empty()).then(|| Note { place: declaration.name.place.clone(), message })
}

fn labels(enumeration: &Enumeration) -> Vec<&str> {
    enumeration.labels.iter().map(|label| label.label.text.as_str()).collect()
}

/// What a server would refuse.
fn check(
    name: &EnumName,
    declaration: &Declaration,
    enumeration: &Enumeration,
    resolved: &Resolved,
    faults: &mut Vec<Fault>,
) {
    for Label { label, renamed_from: _ } in &enumeration.labels {
        if label.text.len() > LONGEST {
            let message = format!("the label `{}` is {} bytes long", label.text, label.text.len());
            let help =
                format!("a label has at most {LONGEST} bytes: `#[schemig(label = \"…\")]` on the variant");
            faults.push(Fault::at(&label.place, message).help(help));
        }
    }
    if let Some(table) = resolved.tables.get(name) {
        let message =
            format!("a table and an enum can't both be called `{name}`: a table has a type of its name");
        let help = "give the enum another name: `#[schemig(name = \"…\")]`";
        faults.push(Fault::at(&declaration.name.place, message).and(table).help(help));
    }
}

/// What the labels say of their old ones, while the snapshot doesn't have the new.
fn renames(
    name: &EnumName,
    enumeration: &Enumeration,
    input: &Input<'_>,
    resolved: &mut Resolved,
    faults: &mut Vec<Fault>,
) {
    let known = input.snapshot.enums.get(name);
    let knows = |label: &str| known.is_some_and(|known| known.has(label));
    for Label { label, renamed_from } in &enumeration.labels {
        let (place, former): (&Place, Option<&Word>) = match renamed_from {
            Said::Absent => continue,
            Said::None(place) => (place, None),
            Said::Value(word) => (&word.place, Some(word)),
        };
        if knows(&label.text) {
            let message = "this `renamed_from` has done its work and can be taken away".to_owned();
            resolved.notes.push(Note { place: place.clone(), message });
            continue;
        }
        if let Some(former) = former.filter(|former| !knows(&former.text)) {
            let message = format!(
                "`{name}` has no label `{}` to rename, and none is called `{}`",
                former.text, label.text
            );
            faults.push(Fault::at(place, message).help("take `renamed_from` away to add a new label"));
        }
        let former = former.map(|former| former.text.clone());
        resolved.hints.label_renames.insert((name.clone(), label.text.clone()), former);
    }
}

/// The snapshot's enums that no model ever had, or that columns use still though no enum is written out any more.
fn keep(input: &Input<'_>, used: &BTreeSet<EnumName>, resolved: &mut Resolved) {
    for (name, known) in &input.snapshot.enums {
        let stays = known.provenance == Provenance::Observed || used.contains(name);
        if stays && !resolved.schema.enums.contains_key(name) {
            resolved.schema.enums.insert(name.clone(), known.clone());
        }
    }
}

/// Where the database has no enums, labels are text, and a check holds a column to them. A column that stands without one keeps what it
/// is held to: a Rust type only constrains, and to adopt a database changes nothing there.
pub(super) fn checks(draft: &Draft<'_>, names: &Names<'_>) -> Vec<Check> {
    let mut checks = Vec::new();
    for (field, column) in draft.columns.iter().filter(|(field, _)| field.sql_type.is_none()) {
        let Some(enumeration) = names.enumeration(&field.ty) else { continue };
        let begins = format!("\"{}\" IN (", column.as_str().replace('"', "\"\""));
        let is_held = |check: &Check| {
            check.provenance == Provenance::Declared && check.expression.as_str().starts_with(&begins)
        };
        let stands = draft.base.as_ref().filter(|base| base.columns.contains_key(column));
        if stands.is_none_or(|base| base.checks.values().any(is_held)) {
            checks.push(Check::on(&format!("{begins}{})", listed(enumeration))));
        }
    }
    checks
}

/// Where labels are text, a rename would write rows.
pub(super) fn refuse_renames(drafts: &[Draft<'_>], names: &Names<'_>, faults: &mut Vec<Fault>) {
    for (draft, field) in
        drafts.iter().flat_map(|draft| draft.columns.iter().map(move |(field, _)| (draft, field)))
    {
        let held = || draft.base.iter().flat_map(|base| base.checks.values());
        let names_label = |label: &Word| {
            let quoted = format!("'{}'", label.text.replace('\'', "''"));
            held().any(|check| check.expression.as_str().contains(&quoted))
        };
        for Label { label, renamed_from } in
            names.enumeration(&field.ty).into_iter().flat_map(|it| &it.labels)
        {
            if let Said::Value(former) = renamed_from
                && names_label(former)
                && !names_label(label)
            {
                let message = format!(
                    "`{}` can't be renamed here: this database keeps labels as text, and each row that holds it would have to be written",
                    former.text
                );
                let help = format!(
                    "`#[schemig(label = \"{}\")]` on the variant needs no migration; `renamed_from = none` removes the one and adds the other",
                    former.text
                );
                faults.push(Fault::at(&former.place, message).help(help));
            }
        }
    }
}

fn listed(enumeration: &Enumeration) -> String {
    let quoted = |label: &str| format!("'{}'", label.replace('\'', "''"));
    labels(enumeration).into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}
