//! `cargo schemig contract`: a release is deployed everywhere, so what waited for that is written.

mod meant;

use schemig_core::change::Change;
use schemig_core::plan::{Plan, PlanLog, file, log};
use schemig_core::safety::estimate::{Known, timings};
use schemig_core::safety::rules::merged;
use schemig_core::safety::{Assessment, Case, Escalation, approval, assess, escalations};
use schemig_core::schema::{Schema, State};
use schemig_core::script::{Directory, Request, Versions, basis, lay_out};

use super::guards::Guards;
use super::{Outcome, explain, previews, promises};
use crate::arguments::Contract;
use crate::diagnose::Diagnostic;
use crate::exit::{Exit, Stop};
use crate::migrations;
use crate::project::Project;
use crate::report::{self, EscalationRow, Report, Totals, step_rows};
use crate::sizes;
use crate::store::{self, Changeset, Stored};

/// Records that a plan's release runs everywhere, and writes the contracts that waited for it.
///
/// # Errors
/// No such plan; promises that nobody confirmed; files that can't be read or written. Nothing is written then.
pub fn run(arguments: &Contract) -> Result<Outcome, Stop> {
    let mut project = Project::find(&arguments.common.selection())?;
    project.known = sizes::known(&project, &arguments.rows, arguments.database_url.as_deref())?;
    let stored = store::load(&project)?;
    if let Some(confirmed) = promises::confirm_written(arguments, &project, &stored)? {
        return Ok(confirmed);
    }
    let ended = meant::ended(&project, &stored.log, arguments.plan.as_deref())?;
    if ended.is_empty() {
        let summary = match (&project.deployed, stored.log.undeployed().is_empty()) {
            (Some(reference), false) => {
                format!("No plan at {reference} waits for its contract: nothing to do")
            }
            (Some(_), true) | (None, _) => "No plan is open: nothing to do".to_owned(),
        };
        return told(arguments, Exit::Done, Report { summary, ..Report::default() }, || Ok(()));
    }
    if !arguments.confirm {
        unconfirmed(&ended)?;
    }
    let end = judge(&project, &stored, &ended)?;
    if !end.escalations.is_empty() && arguments.approve.is_none() {
        return told(arguments, Exit::Escalated, end.report(arguments, &project.known, &[]), || Ok(()));
    }
    write(arguments, &project, &stored, &end)
}

fn unconfirmed(ended: &[Plan]) -> Result<(), Stop> {
    let asks = |plan: &&Plan| !plan.confirmed && !plan.promises.is_empty();
    let found: Vec<Diagnostic> = ended
        .iter()
        .filter(asks)
        .map(|plan| {
            let mut found =
                Diagnostic::new(format!("plan {} rests on promises that nobody has confirmed", plan.id));
            found.notes = plan.promises.iter().map(ToString::to_string).collect();
            found.help("if they were kept, run it again with --confirm")
        })
        .collect();
    if found.is_empty() { Ok(()) } else { Err(Stop::from(found)) }
}

/// A plan whose contract is to be written.
struct Ended {
    plan: Plan,
    /// The places of the steps that waited.
    places: Vec<usize>,
    /// The state before them.
    before: State,
    /// Who fits when; it knows only those steps, by their order.
    assessment: Assessment,
    /// What escalates, at places of the plan.
    escalations: Vec<Escalation>,
}

/// The contracts to write, judged.
struct End {
    plans: Vec<Ended>,
    /// What escalates on any of them.
    escalations: Vec<Escalation>,
    schema: Schema,
    log: PlanLog,
}

/// Judges each contract against the release that it belongs to and all later ones: those may run now.
fn judge(project: &Project, stored: &Stored, ended: &[Plan]) -> Result<End, Stop> {
    let snapshot = stored.schema.clone();
    let mut state = stored.log.state(&snapshot)?;
    let releases = running_after(&stored.log, &snapshot, ended);
    let mut end =
        End { plans: Vec::new(), escalations: Vec::new(), schema: snapshot, log: stored.log.clone() };
    for plan in ended {
        let places: Vec<usize> = stored.log.waiting(plan).into_iter().map(|(place, _)| place).collect();
        let mut rest = plan.clone();
        // What they destroy was signed off with the plan.
        rest.changes.clear();
        rest.cancels.clear();
        rest.steps = places.iter().map(|place| plan.steps[*place].clone()).collect();
        let timings = timings(&rest, &state, project.given()).map_err(|why| unfit(plan, &why))?;
        let (mut last, mut fired) = (None, Vec::new());
        for release in &releases {
            let assessment = assess(&rest, &state, &[], release).map_err(|why| unfit(plan, &why))?;
            let (limits, bare) = (project.limits, Case::bare(&rest, &assessment));
            fired.extend(escalations(&Case { timings: &timings, limits, ..bare }));
            last = Some(assessment);
        }
        let Some(assessment) = last else { continue };
        let after = assessment.end.clone();
        for step in fired.iter_mut().flat_map(|escalation| &mut escalation.steps) {
            *step = places[*step];
        }
        fired.retain(|escalation| !is_signed(plan, escalation));
        let escalations = merged(fired);
        end.plans.push(Ended { plan: plan.clone(), places, before: state, assessment, escalations });
        state = after;
    }
    end.escalations = merged(end.plans.iter().flat_map(|ended| ended.escalations.clone()));
    Ok(end)
}

/// What is about sizes alone is signed once: nothing more is known of them now. What a running release meets is asked about when it is met.
const SIGNED_ONCE: [&str; 3] = ["exclusive-hold", "long-backfill", "size-unknown"];

/// Whether the same was seen when the plan was signed off, and needn't be asked about again.
fn is_signed(plan: &Plan, escalation: &Escalation) -> bool {
    if !SIGNED_ONCE.contains(&escalation.rule) {
        return false;
    }
    let mut seen = plan.approvals.iter().flat_map(|approval| &approval.seen);
    seen.any(|seen| seen.rule == escalation.rule && seen.condition == escalation.condition)
}

fn unfit(plan: &Plan, why: &schemig_core::operation::Inapplicable) -> Stop {
    let message = format!("the contract of plan {} doesn't fit the database as it is now: {why}", plan.id);
    Stop::from(vec![Diagnostic::new(message)])
}

/// The releases that may run when the ended plans' release runs everywhere: that one and all later ones.
fn running_after(log: &PlanLog, snapshot: &Schema, ended: &[Plan]) -> Vec<Schema> {
    let mut later = log.clone();
    later.deployed.extend(ended.iter().map(|plan| plan.id.clone()));
    let mut releases = later.running(snapshot);
    releases.push(snapshot.clone());
    releases
}

fn write(arguments: &Contract, project: &Project, stored: &Stored, end: &End) -> Result<Outcome, Stop> {
    let stamp = migrations::stamp(arguments.now.as_deref())?;
    let mut versions = Versions::after(&stamp, &migrations::existing(project)?)?;
    let mut changes = Changeset::default();
    let mut log = stored.log.clone();
    let mut written = Vec::new();
    let guards = Guards::read(project, &log)?;
    for ended in &end.plans {
        let plan = signed(arguments, ended);
        let (before, given) = (&ended.before, project.given());
        let beside = previews::beside(&plan);
        let guard = guards.of(&plan);
        let request = Request { plan: &plan, steps: &ended.places, before, given, beside: &beside, guard };
        let (directories, _) = lay_out(&request, &mut versions)?;
        migrations::put(&mut changes, &project.migrations, &directories);
        changes.put(store::plan_path(project, &plan.id), file::write(&plan));
        log.deployed.push(plan.id.clone());
        log.plans.insert(plan.id.clone(), plan);
        written.push(directories);
    }
    changes.put(store::deployed_path(project), log::write_deployed(&log.deployed));
    let rendered = previews::render(project, &log, &end.schema, &guards)?;
    previews::put(project, &mut changes, &rendered)?;
    let mut report = end.report(arguments, &project.known, &written).with_files(&changes, arguments.dry_run);
    let guarded = end.plans.iter().filter(|ended| !ended.places.is_empty());
    report.notes.extend(guarded.filter_map(|ended| guards.missing(&ended.plan)));
    let commit = || if arguments.dry_run { Ok(()) } else { changes.commit(&project.root) };
    told(arguments, Exit::Done, report, commit)
}

/// The report, and its page where one is wanted. What is to be written beside is written with it or not at all.
pub(super) fn told(
    arguments: &Contract,
    exit: Exit,
    report: Report,
    write: impl FnOnce() -> Result<(), Stop>,
) -> Result<Outcome, Stop> {
    report::file::put(arguments.report.as_deref(), || report::html::page(&report), write)?;
    Ok(Outcome::report(exit, report))
}

/// The plan with what was said to it just now.
fn signed(arguments: &Contract, ended: &Ended) -> Plan {
    let Ended { plan, places, before: _, assessment: _, escalations } = ended;
    let mut plan = plan.clone();
    plan.confirmed |= arguments.confirm;
    if let Some(reason) = arguments.approve.as_ref().filter(|_| !escalations.is_empty()) {
        plan.approvals.push(approval(escalations, reason, places));
    }
    plan
}

impl End {
    fn report(&self, arguments: &Contract, known: &Known, written: &[Vec<Directory>]) -> Report {
        let mut report = Report::default();
        for (Ended { plan, assessment, .. }, directories) in self.plans.iter().zip(written) {
            report.changes.extend(self.ended(plan));
            report.steps.extend(rows(plan, directories, assessment));
        }
        report.totals = Totals::of(&report.steps);
        let timings = written.iter().flatten().map(|directory| &directory.timing);
        report.basis = basis(timings, known);
        report.escalations = self.escalations.iter().map(|escalation| row(escalation, arguments)).collect();
        let waits = !self.escalations.is_empty() && arguments.approve.is_none();
        let recorded = match self.plans.as_slice() {
            [Ended { plan, .. }] => format!("{} runs everywhere", plan.id),
            several => format!("{} plans run everywhere", several.len()),
        };
        (report.summary, report.next) = match (waits, report.steps.len()) {
            (true, _) => (
                "Needs approval: nothing was written".to_owned(),
                vec![
                    explain::more(&self.escalations),
                    "run it again with --approve \"why this may be\"".to_owned(),
                ],
            ),
            (false, 0) => (format!("{recorded}; no migration waited for it"), Vec::new()),
            (false, count) => (
                format!("{recorded}; {}", report::migrations(count)),
                vec!["diesel migration run".to_owned()],
            ),
        };
        if arguments.dry_run && !waits {
            report.next.insert(0, "run it again without --dry-run".to_owned());
        }
        report
    }

    /// The changes of a plan that are over now: those that nobody took back.
    fn ended(&self, plan: &Plan) -> Vec<String> {
        let taken_back = |place: usize| {
            let mut cancels = self.log.plans.values().flat_map(|plan| &plan.cancels);
            cancels.any(|cancel| cancel.plan == plan.id && cancel.change == place)
        };
        let line = |(place, change): (usize, &Change)| {
            let end = if taken_back(place) { " (taken back)" } else { "" };
            format!("{}: {change}{end}", plan.id)
        };
        plan.changes.iter().enumerate().map(line).collect()
    }
}

/// The rows of a contract: its assessment knows only the steps that waited, by their order.
fn rows(plan: &Plan, directories: &[Directory], assessment: &Assessment) -> Vec<report::StepRow> {
    let mut assessment = assessment.clone();
    for state in &mut assessment.states {
        state.step = state.step.and_then(|nth| directories.get(nth)).map(|directory| directory.place);
    }
    step_rows(plan, directories, &assessment)
}

fn row(escalation: &Escalation, arguments: &Contract) -> EscalationRow {
    let Escalation { rule, condition, effect, workaround, steps: _ } = escalation.clone();
    EscalationRow {
        rule: rule.to_owned(),
        condition,
        effect,
        workaround,
        approved: arguments.approve.clone(),
    }
}
