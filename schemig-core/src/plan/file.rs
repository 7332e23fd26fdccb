//! A plan's file: what a reviewer reads. One line per change, operation and promise, with the same in words above.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Approval, Cancel, Delta, EnumDelta, Phase, Plan, PlanId, Promise, Seen, Step};
use crate::change::Change;
use crate::operation::Operation;
use crate::schema::format::{self, FORMAT, FormatError};
use crate::schema::{Enum, EnumName, Table, TableName, snapshot};

/// The text of a plan's file.
pub fn write(plan: &Plan) -> String {
    let Plan { id, parents, overlap, tables, enums, changes, steps, cancels, promises, confirmed, approvals } =
        plan;
    let mut out = format!("format = {FORMAT}\n");
    format::line(&mut out, "id", id);
    format::line(&mut out, "parents", parents);
    format::line(&mut out, "overlap", overlap);
    format::list(&mut out, "changes", changes);
    format::list(&mut out, "cancels", cancels);
    format::list(&mut out, "approvals", approvals);
    out.push('\n');
    for promise in promises {
        comment(&mut out, &promise.to_string());
    }
    format::list(&mut out, "promises", promises);
    format::line(&mut out, "confirmed", confirmed);
    for (place, step) in steps.iter().enumerate() {
        write_step(&mut out, place + 1, step);
    }
    for (name, delta) in tables {
        write_delta(&mut out, name, delta);
    }
    for (name, delta) in enums {
        write_enum_delta(&mut out, name, delta);
    }
    out
}

fn comment(out: &mut String, words: &str) {
    // TOML allows no control character in a comment.
    let words = words.replace(char::is_control, " ");
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    out.push_str(&format!("# {line}\n"));
}

fn write_step(out: &mut String, number: usize, step: &Step) {
    let Step { phase, cause, up, down } = step;
    out.push('\n');
    comment(out, &format!("{number} {phase}: {}", about(step)));
    out.push_str("[[steps]]\n");
    format::line(out, "phase", phase);
    format::line(out, "cause", cause);
    format::list(out, "up", up);
    format::list(out, "down", down);
}

/// What a step does on its way up, in words, in a line.
pub fn about(step: &Step) -> String {
    match step.phase {
        Phase::Expand | Phase::Backfill if step.is_blank() => {
            "nothing; Diesel records when it ran, for contract_guard to look at".to_owned()
        }
        Phase::Contract if step.is_blank() => {
            "nothing; contract_guard stands here, for what follows has to be alone in its file".to_owned()
        }
        Phase::Expand | Phase::Backfill | Phase::Contract => describe(&step.up),
    }
}

/// Operations in words, in a line.
pub fn describe(operations: &[Operation]) -> String {
    if operations.is_empty() {
        return "nothing; it is here for its way back".to_owned();
    }
    operations.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn write_delta(out: &mut String, name: &TableName, delta: &Delta) {
    let Delta { before, after } = delta;
    let header = format!("tables.{}", format::key(&name.to_string()));
    out.push_str(&format!("\n[{header}]\n"));
    for (side, table) in [("before_hash", before), ("after_hash", after)] {
        if let Some(table) = table {
            format::line(out, side, &hash(name, table));
        }
    }
    for (side, table) in [("before", before), ("after", after)] {
        if let Some(table) = table {
            out.push_str(&format!("\n[{header}.{side}]\n"));
            snapshot::write_head(out, table);
            snapshot::write_parts(out, &format!("{header}.{side}."), table);
        }
    }
}

fn write_enum_delta(out: &mut String, name: &EnumName, delta: &EnumDelta) {
    let EnumDelta { before, after } = delta;
    out.push_str(&format!("\n[enums.{}]\n", format::key(&name.to_string())));
    for (side, definition) in [("before", before), ("after", after)] {
        if let Some(definition) = definition {
            format::line(out, &format!("{side}_hash"), &enum_hash(name, definition));
            format::line(out, side, definition);
        }
    }
}

/// The hash of an enum, as that of a table.
fn enum_hash(name: &EnumName, definition: &Enum) -> String {
    format::hash(&snapshot::write_enum(name, definition))
}

/// The hash of a table: of the text that its snapshot would have, so that it covers what equality ignores.
pub fn hash(name: &TableName, table: &Table) -> String {
    format::hash(&snapshot::write(name, table, &[]))
}

/// Reads a plan's file.
///
/// # Errors
/// A newer format; damage, with its place; a table that doesn't match its hash; a cause that no change has, or an approval of a step
/// that there isn't.
pub fn read(text: &str) -> Result<Plan, FormatError> {
    let File {
        format: _,
        id,
        parents,
        overlap,
        changes,
        cancels,
        approvals,
        promises,
        confirmed,
        steps,
        tables,
        enums,
    } = format::read(text)?;
    // Behind the changes come the cancelled ones: what expand did for them is undone by steps of this plan.
    let causes = changes.len() + cancels.len();
    if let Some(step) = steps.iter().position(|step| step.cause >= causes) {
        return Err(FormatError::Edited { part: format!("the cause of step {}", step + 1) });
    }
    for (nth, approval) in approvals.iter().enumerate() {
        check_approval(nth, approval, steps.len())?;
    }
    let tables = tables
        .into_iter()
        .map(|(name, file)| Ok((name.clone(), file.check(&name)?)))
        .collect::<Result<_, FormatError>>()?;
    let enums = enums
        .into_iter()
        .map(|(name, file)| Ok((name.clone(), file.check(&name)?)))
        .collect::<Result<_, FormatError>>()?;
    let steps = steps.into_iter().map(Step::from).collect();
    Ok(Plan { id, parents, overlap, tables, enums, changes, steps, cancels, promises, confirmed, approvals })
}

/// What was seen belongs to a rule that was signed off and to steps that the plan has.
fn check_approval(nth: usize, approval: &Approval, steps: usize) -> Result<(), FormatError> {
    let Approval { rules, reason: _, seen } = approval;
    let fits = |seen: &Seen| rules.contains(&seen.rule) && seen.steps.iter().all(|place| *place < steps);
    if seen.iter().all(fits) {
        Ok(())
    } else {
        Err(FormatError::Edited { part: format!("what approval {} has seen", nth + 1) })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "checked before the rest is read; here so that it is a known key")]
    format: u32,
    id: PlanId,
    parents: Vec<PlanId>,
    overlap: bool,
    changes: Vec<Change>,
    cancels: Vec<Cancel>,
    approvals: Vec<Approval>,
    promises: Vec<Promise>,
    confirmed: bool,
    #[serde(default)]
    steps: Vec<StepFile>,
    #[serde(default)]
    tables: BTreeMap<TableName, DeltaFile>,
    #[serde(default)]
    enums: BTreeMap<EnumName, EnumDeltaFile>,
}

/// A step whose lists must be there, even when empty: a lost one is damage.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    phase: Phase,
    cause: usize,
    up: Vec<Operation>,
    down: Vec<Operation>,
}

impl From<StepFile> for Step {
    fn from(file: StepFile) -> Self {
        let StepFile { phase, cause, up, down } = file;
        Self { phase, cause, up, down }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeltaFile {
    before_hash: Option<String>,
    after_hash: Option<String>,
    before: Option<Table>,
    after: Option<Table>,
}

impl DeltaFile {
    fn check(self, name: &TableName) -> Result<Delta, FormatError> {
        let Self { before_hash, after_hash, before, after } = self;
        for (side, said, table) in [("before", before_hash, &before), ("after", after_hash, &after)] {
            if said != table.as_ref().map(|table| hash(name, table)) {
                return Err(FormatError::Edited { part: format!("table {name} {side} the plan") });
            }
        }
        Ok(Delta { before, after })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnumDeltaFile {
    before_hash: Option<String>,
    after_hash: Option<String>,
    before: Option<Enum>,
    after: Option<Enum>,
}

impl EnumDeltaFile {
    fn check(self, name: &EnumName) -> Result<EnumDelta, FormatError> {
        let Self { before_hash, after_hash, before, after } = self;
        for (side, said, definition) in [("before", before_hash, &before), ("after", after_hash, &after)] {
            if said != definition.as_ref().map(|definition| enum_hash(name, definition)) {
                return Err(FormatError::Edited { part: format!("enum {name} {side} the plan") });
            }
        }
        Ok(EnumDelta { before, after })
    }
}
