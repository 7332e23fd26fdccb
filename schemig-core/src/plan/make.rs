//! The planner: changes in, a plan out.

use std::collections::BTreeMap;

use super::context::Context;
use super::draft::{Draft, into_steps};
use super::{Cancel, Capabilities, Delta, EnumDelta, Phase, Plan, PlanId, Step, recipe};
use crate::change::{Change, Difference, Question};
use crate::operation::Operation;
use crate::schema::{EnumName, Schema, State, TableName};

/// What a plan is made from.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The plan's name.
    pub id: PlanId,
    /// The plans that it builds on.
    pub parents: Vec<PlanId>,
    /// The database as it is: open contracts haven't run.
    pub physical: &'a State,
    /// What release N-1 knows.
    pub from: &'a Schema,
    /// What release N is to know.
    pub to: &'a Schema,
    /// What differs between the two.
    pub difference: &'a Difference,
    /// The open plans that the difference may cancel parts of.
    pub open: &'a [Plan],
    /// Whether N-1 goes on running meanwhile.
    pub overlap: bool,
    /// What the server can do.
    pub capabilities: Capabilities,
}

/// Works out the steps from one schema to the next.
///
/// # Errors
///
/// What no safe order of steps exists for, all of it at once.
pub fn plan(request: &Request<'_>) -> Result<Plan, Vec<Question>> {
    let Difference { changes, cancels } = request.difference;
    let context = Context {
        from: request.from,
        to: request.to,
        known: Context::renamed(request.physical, changes),
        changes,
        capabilities: request.capabilities,
    };
    let mut questions = recipe::inability(&context);
    questions.extend(recipe::impossible(&context));
    questions.extend(if request.overlap {
        recipe::composition(&context)
    } else {
        recipe::entangled(&context)
    });
    questions.extend(recipe::keys(&context, request.overlap));
    questions.extend(recipe::conversions(&context, request.overlap));
    questions.extend(recipe::rows(&context, request.overlap));
    if !questions.is_empty() {
        return Err(questions);
    }
    let mut drafts: Vec<(usize, Draft)> = Vec::new();
    if request.overlap {
        for (cause, change) in changes.iter().enumerate() {
            drafts.extend(recipe::overlapping(&context, change).into_iter().map(|draft| (cause, draft)));
        }
    } else {
        drafts = recipe::direct(&context);
    }
    // A rebuild is one step for all that a table has, so there is only one thing to see to: what it refers to has its new name.
    if recipe::keys_move(&context) {
        if request.capabilities.alters_in_place {
            drafts.sort_by_key(|(cause, draft)| draft.turn(changes.get(*cause)));
        } else {
            drafts.sort_by_key(|(_, draft)| !draft.only_renames());
        }
    }
    let [undone, whole] = take_back(request);
    let mut ordered = recipe::spaces(&context);
    ordered.extend(recipe::extensions(&context));
    ordered.extend(undone);
    ordered.append(&mut drafts);
    ordered.extend(whole);
    // An enum goes when nobody uses it any more.
    ordered.sort_by_key(|(_, draft)| draft.ends_enum());
    let (steps, _) = into_steps(ordered, request.physical).map_err(|(cause, fault)| {
        let table = changes.get(cause).map_or_else(|| TableName::new("?"), |change| change.table().clone());
        vec![Question::no_order(&table, changes.get(cause), &fault)]
    })?;
    Ok(Plan {
        id: request.id.clone(),
        parents: request.parents.clone(),
        overlap: request.overlap,
        tables: deltas(request.from, request.to),
        enums: enum_deltas(request.from, request.to),
        changes: changes.clone(),
        steps,
        cancels: cancels.clone(),
        promises: Vec::new(),
        confirmed: false,
        approvals: Vec::new(),
    })
}

/// What is taken back, before the changes and after them: what hangs on a column goes before the column, and a column before its table.
///
/// Latest first: what was done under a table's new name is undone before the name, and what was done under the old one after it.
fn take_back(request: &Request<'_>) -> [Vec<(usize, Draft)>; 2] {
    let Request { difference: Difference { changes, cancels }, open, overlap, .. } = *request;
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for (place, cancel) in cancels.iter().enumerate() {
        let steps = undo(cancel, open, overlap).into_iter().map(|draft| (changes.len() + place, draft));
        match Extent::of(cancel, cancels, open) {
            Extent::Part => before.extend(steps),
            Extent::Whole => after.extend(steps),
            Extent::Name => {
                before.append(&mut after);
                before.extend(steps);
            }
        }
    }
    [before, after]
}

/// What an open plan did for a change that is taken back, undone when no release that knows it is left.
fn undo(cancel: &Cancel, open: &[Plan], overlap: bool) -> Vec<Draft> {
    let phase = if overlap { Phase::Contract } else { Phase::Expand };
    let Some(plan) = open.iter().find(|plan| plan.id == cancel.plan) else { return Vec::new() };
    let done = plan.steps.iter().filter(|step| step.cause == cancel.change && step.phase != Phase::Contract);
    let copies =
        |step: &Step| step.up.iter().any(|it| matches!(it, Operation::CopyRows { batched: true, .. }));
    done.rev()
        .filter(|step| !step.down.is_empty() || copies(step))
        .map(|step| {
            if step.down.is_empty() {
                // Nothing to undo; but where all this is taken back again, the rows have to come again.
                return Draft::way_back(phase, step.up.iter().cloned());
            }
            let back =
                step.up.iter().filter(|operation| !matches!(operation, Operation::Guard { .. })).cloned();
            Draft::new(phase, step.down.iter().cloned()).back_by(back)
        })
        .collect()
}

/// How much a change that is taken back is about.
enum Extent {
    /// An index or a constraint.
    Part,
    /// A column or a table.
    Whole,
    /// A table's name.
    Name,
}

impl Extent {
    fn of(cancel: &Cancel, cancels: &[Cancel], open: &[Plan]) -> Self {
        let undone = |cancel: &Cancel| {
            open.iter().find(|plan| plan.id == cancel.plan).and_then(|plan| plan.changes.get(cancel.change))
        };
        // Rows of a table that goes may follow it: that table goes first.
        let followed = |table: &TableName| {
            cancels.iter().filter_map(undone).any(|change| {
                matches!(change, Change::CreateTable { rows: Some(rows), .. } if rows.table == *table)
            })
        };
        undone(cancel).map_or(Self::Whole, |change| match change {
            Change::AddIndex { .. }
            | Change::DropIndex { .. }
            | Change::ReplaceIndex { .. }
            | Change::AddForeignKey { .. }
            | Change::DropForeignKey { .. }
            | Change::AddCheck { .. }
            | Change::DropCheck { .. }
            | Change::ChangePrimaryKey { .. } => Self::Part,
            // It hangs on what it is computed from.
            Change::AddColumn { table, definition, .. }
                if definition.generated.is_some() && !followed(table) =>
            {
                Self::Part
            }
            Change::RenameTable { .. } => Self::Name,
            Change::CreateTable { .. }
            | Change::DropTable { .. }
            | Change::AddColumn { .. }
            | Change::DropColumn { .. }
            | Change::RenameColumn { .. }
            | Change::ReplaceColumn { .. }
            | Change::RetypeColumn { .. }
            | Change::RequireColumn { .. }
            | Change::RelaxColumn { .. }
            | Change::ChangeDefault { .. }
            | Change::ChangeCollation { .. }
            | Change::RecomputeColumn { .. }
            | Change::ChangeComments { .. }
            | Change::ChangeIdentity { .. }
            | Change::CreateEnum { .. }
            | Change::DropEnum { .. }
            | Change::AddEnumValue { .. }
            | Change::RenameEnumValue { .. }
            | Change::ReplaceEnum { .. } => Self::Whole,
        })
    }
}

/// The tables that differ, on both sides.
fn deltas(from: &Schema, to: &Schema) -> BTreeMap<TableName, Delta> {
    let names = from.tables.keys().chain(to.tables.keys());
    names
        .filter(|name| from.tables.get(name) != to.tables.get(name))
        .map(|name| {
            let delta = Delta { before: from.tables.get(name).cloned(), after: to.tables.get(name).cloned() };
            (name.clone(), delta)
        })
        .collect()
}

/// The enums that differ, on both sides.
fn enum_deltas(from: &Schema, to: &Schema) -> BTreeMap<EnumName, EnumDelta> {
    let names = from.enums.keys().chain(to.enums.keys());
    names
        .filter(|name| from.enums.get(name) != to.enums.get(name))
        .map(|name| {
            let delta =
                EnumDelta { before: from.enums.get(name).cloned(), after: to.enums.get(name).cloned() };
            (name.clone(), delta)
        })
        .collect()
}

impl Question {
    /// Steps that don't fit the state that they would meet. Never written: schemig stops here.
    fn no_order(table: &TableName, change: Option<&Change>, fault: &crate::operation::Inapplicable) -> Self {
        let what = change.map_or_else(|| "what is taken back".to_owned(), ToString::to_string);
        Self {
            table: table.clone(),
            column: None,
            condition: format!("no order of steps fits: {what}: {fault}"),
            effect: "a step would fail on the server".into(),
            answers: vec!["make the changes one by one, with a `cargo schemig diff` after each".into()],
        }
    }
}
