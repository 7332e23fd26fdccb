//! What waits for a contract, as SQL: the preview that `diff` keeps, and what `contract` writes.

use std::collections::BTreeMap;

use schemig_core::plan::{Plan, PlanLog};
use schemig_core::schema::{Schema, State};
use schemig_core::script::{Directory, LayoutError, Request, preview};

use super::guards::Guards;
use crate::exit::Stop;
use crate::project::Project;
use crate::store::{self, Changeset};

/// Who may run beside the steps of a contract, in words, by the step's place. The same in the preview and in what is written: a
/// preview changes only with its SQL.
pub(super) fn beside(plan: &Plan) -> Vec<Vec<String>> {
    vec![vec!["N and later releases read and write".to_owned()]; plan.steps.len()]
}

/// The waiting steps of each undeployed plan, rendered for the state that the contracts before it leave.
pub(crate) fn render(
    project: &Project,
    log: &PlanLog,
    schema: &Schema,
    guards: &Guards,
) -> Result<Vec<(Plan, Vec<Directory>)>, Stop> {
    let mut state: State = log.state(schema)?;
    let mut rendered = Vec::new();
    for plan in log.undeployed().into_iter().filter(|plan| plan.overlap) {
        let places: Vec<usize> = log.waiting(plan).into_iter().map(|(place, _)| place).collect();
        let beside = beside(plan);
        let (given, before) = (project.given(), &state);
        let guard = guards.of(plan);
        let request = Request { plan, steps: &places, before, given, beside: &beside, guard };
        let (directories, after) = preview(&request).map_err(|error: LayoutError| Stop::from(error))?;
        state = after;
        rendered.push((plan.clone(), directories));
    }
    Ok(rendered)
}

/// Makes `schemig/contracts/` hold these previews.
pub(super) fn put(
    project: &Project,
    changes: &mut Changeset,
    rendered: &[(Plan, Vec<Directory>)],
) -> Result<(), Stop> {
    let mut files = BTreeMap::new();
    for (plan, directories) in rendered {
        let home = store::preview_path(project, &plan.id);
        for directory in directories {
            for (name, text) in directory.files() {
                files.insert(home.join(&directory.name).join(name), text.to_owned());
            }
        }
    }
    changes.mirror(&project.home.join("contracts"), files)
}
