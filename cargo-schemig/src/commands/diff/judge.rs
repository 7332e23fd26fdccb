//! The judgement on a plan, and what a person says to it.

use std::thread;

use schemig_core::operation::Inapplicable;
use schemig_core::plan::{Plan, dependants};
use schemig_core::safety::estimate::timings;
use schemig_core::safety::{Assessment, Case, Escalation, approval, assess, escalations};
use schemig_core::schema::{Schema, State};
use schemig_core::script::basis;

use super::write::Laid;
use crate::capture::Capture;
use crate::commands::explain;
use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::project::Project;
use crate::report::{EscalationRow, Report, Totals, beside, migrations, rollout, step_rows};
use crate::store::Stored;

/// A plan with all that is to be said of it.
pub(super) struct Judged {
    /// The plan, with its promises and approvals.
    pub plan: Plan,
    /// The database before it.
    pub start: State,
    /// Who fits when.
    pub assessment: Assessment,
    escalations: Vec<Escalation>,
    changes: Vec<String>,
    reason: Option<String>,
    /// What the database has beside the tables that a person has to look into.
    near: Vec<String>,
    /// Why it goes another way than was to be expected.
    pub note: Option<String>,
    /// Whether the release that runs has to be stopped, though it was to run on.
    pub stops: bool,
}

/// Judges a plan against all releases that may be running.
pub(super) fn judge(
    project: &Project,
    stored: &Stored,
    mut plan: Plan,
    start: State,
    target: &Schema,
    reason: Option<&str>,
) -> Result<Judged, Stop> {
    let running = stored.running();
    let running: Vec<&Schema> = if plan.overlap { running.iter().collect() } else { Vec::new() };
    // Neither needs the other, and a plan of a thousand tables has thousands of steps.
    let (assessment, timings) = thread::scope(|scope| {
        let timings = scope.spawn(|| timings(&plan, &start, project.given()));
        (assess(&plan, &start, &running, target), timings.join().expect("estimating doesn't panic"))
    });
    let assessment = assessment.map_err(|why| unfit(&plan, &why))?;
    let timings = timings.map_err(|why| unfit(&plan, &why))?;
    plan.promises = if plan.overlap { assessment.promises.clone() } else { Vec::new() };
    let touched = plan.tables.iter().filter(|(_, delta)| delta.before.is_some()).map(|(table, _)| table);
    let services = project.services_of(touched)?;
    let escalations = escalations(&Case {
        plan: &plan,
        assessment: &assessment,
        timings: &timings,
        limits: project.limits,
        services: &services,
    });
    if let Some(reason) = reason.filter(|_| !escalations.is_empty()) {
        let written: Vec<usize> = (0..plan.steps.len()).collect();
        plan.approvals.push(approval(&escalations, reason, &written));
    }
    let changes = crate::commands::changes(&plan, &stored.log);
    let reason = reason.map(str::to_owned);
    let near = dependants(&plan, &start, &stored.dependants).notes;
    Ok(Judged { plan, start, assessment, escalations, changes, reason, near, note: None, stops: false })
}

fn unfit(plan: &Plan, why: &Inapplicable) -> Stop {
    let message = format!("plan {} has a step that doesn't fit: {why}", plan.id);
    Stop::from(vec![
        Diagnostic::new(message).help("this is a fault of schemig: please report it with the models"),
    ])
}

impl Judged {
    /// Whether something escalates that nobody signed off.
    pub(super) fn needs_approval(&self) -> bool {
        !self.escalations.is_empty() && self.reason.is_none()
    }

    /// Who may run beside each step, in words.
    pub(super) fn beside(&self) -> Vec<Vec<String>> {
        beside(&self.plan, &self.assessment)
    }

    /// The report; with the directories, where they are laid out.
    pub(super) fn report(
        &self,
        project: &Project,
        capture: &Capture,
        laid: Option<&Laid>,
    ) -> Result<Report, Stop> {
        let everything;
        let directories = match laid {
            Some(laid) => &laid.all,
            None => {
                everything = super::write::preview_all(project, self)?;
                &everything
            }
        };
        let row = |escalation: &Escalation| {
            let Escalation { rule, condition, effect, workaround, steps: _ } = escalation.clone();
            EscalationRow {
                rule: rule.to_owned(),
                condition,
                effect,
                workaround,
                approved: self.reason.clone(),
            }
        };
        let steps = step_rows(&self.plan, directories, &self.assessment);
        Ok(Report {
            summary: self.summary(),
            plan: Some(self.plan.id.to_string()),
            changes: self.changes.clone(),
            totals: Totals::of(&steps),
            rollout: Some(rollout(&self.plan, &self.assessment)),
            basis: basis(directories.iter().map(|directory| &directory.timing), &project.known),
            steps,
            promises: self.plan.promises.iter().map(ToString::to_string).collect(),
            escalations: self.escalations.iter().map(row).collect(),
            notes: self.note.iter().chain(&self.near).chain(&capture.notes).cloned().collect(),
            next: self.next(),
            ..Report::default()
        })
    }

    fn summary(&self) -> String {
        let all = self.plan.steps.len();
        let waiting = if self.plan.overlap { self.plan.contract().count() } else { 0 };
        let until = "until no release before this one runs";
        match (self.needs_approval(), waiting) {
            (true, _) => "Needs approval: nothing was written".to_owned(),
            (false, 0) => migrations(all),
            (false, 1) => format!("{} now; 1 more waits {until}", migrations(all - 1)),
            (false, waiting) => format!("{} now; {waiting} more wait {until}", migrations(all - waiting)),
        }
    }

    fn next(&self) -> Vec<String> {
        if self.needs_approval() {
            return vec![
                explain::more(&self.escalations),
                "change the models, or run it again with --approve \"why this may be\"".to_owned(),
            ];
        }
        let mut next = Vec::new();
        if !self.plan.overlap || self.plan.steps.len() > self.plan.contract().count() {
            next.push("diesel migration run".to_owned());
        }
        if self.stops {
            next.insert(0, "stop the release that runs".to_owned());
            next.push("start the new release".to_owned());
        }
        if self.plan.overlap {
            next.push("deploy the new release".to_owned());
            let confirm = if self.plan.promises.is_empty() { "" } else { " --confirm" };
            next.push(format!("when it runs everywhere: cargo schemig contract {}{confirm}", self.plan.id));
        }
        next
    }
}
