//! `cargo schemig contract`: a release is deployed everywhere, so what waited for that is written.

use schemig_core::change::Change;
use schemig_core::plan::{Approval, Plan, PlanId, PlanLog, file, log};
use schemig_core::safety::estimate::{Known, timings};
use schemig_core::safety::{Assessment, Case, Escalation, assess, escalations};
use schemig_core::schema::{Schema, State};
use schemig_core::script::{Directory, Request, Versions, basis, lay_out};

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
    let ended = ended(&project, &stored.log, arguments.plan.as_deref())?;
    if ended.is_empty() {
        let summary = match (&project.deployed, stored.log.undeployed().is_empty()) {
            (Some(reference), false) => {
                format!("No plan at {reference} waits for its contract: nothing to do")
            }
            (Some(_), true) | (None, _) => "No plan is open: nothing to do".to_owned(),
        };
        return Ok(Outcome::report(Exit::Done, Report { summary, ..Report::default() }));
    }
    if !arguments.confirm {
        unconfirmed(&ended)?;
    }
    let end = judge(&project, &stored, &ended)?;
    if !end.escalations.is_empty() && arguments.approve.is_none() {
        return Ok(Outcome::report(Exit::Escalated, end.report(arguments, &project.known, &[])));
    }
    write(arguments, &project, &stored, &end)
}

/// The plans that are meant and the undeployed ones below them, each after those that it builds on: none older than their release
/// runs.
fn ended(project: &Project, log: &PlanLog, wanted: Option<&str>) -> Result<Vec<Plan>, Stop> {
    let open = log.undeployed();
    let mut below: Vec<PlanId> = match (wanted, &project.deployed) {
        (Some(name), reference) => {
            let wanted = PlanId(name.to_owned());
            if log.is_deployed(&wanted) {
                return Ok(Vec::new());
            }
            known(log, &open, &wanted)?;
            if let Some(reference) = reference.as_ref().filter(|_| !log.live.contains(&wanted)) {
                return Err(not_there(&wanted, reference));
            }
            vec![wanted]
        }
        (None, Some(_)) => {
            open.iter().map(|plan| plan.id.clone()).filter(|id| log.live.contains(id)).collect()
        }
        (None, None) => only(&open)?,
    };
    let mut at = 0;
    while let Some(plan) = below.get(at).and_then(|id| log.plans.get(id)) {
        let more: Vec<PlanId> = plan
            .parents
            .iter()
            .filter(|id| log.plans.contains_key(*id) && !below.contains(id))
            .cloned()
            .collect();
        below.extend(more);
        at += 1;
    }
    Ok(open.into_iter().filter(|plan| below.contains(&plan.id)).cloned().collect())
}

/// The only plan that is open.
fn only(open: &[&Plan]) -> Result<Vec<PlanId>, Stop> {
    if open.len() > 1 {
        let help = format!("name the last one whose release runs everywhere: {}", names(open));
        return Err(Stop::refused("several plans are open", help));
    }
    Ok(open.iter().map(|plan| plan.id.clone()).collect())
}

fn known(log: &PlanLog, open: &[&Plan], wanted: &PlanId) -> Result<(), Stop> {
    if log.plans.contains_key(wanted) {
        return Ok(());
    }
    let help = if open.is_empty() { "none is open".to_owned() } else { format!("open are {}", names(open)) };
    Err(Stop::refused(format!("there is no plan {wanted}"), help))
}

fn names(plans: &[&Plan]) -> String {
    plans.iter().map(|plan| plan.id.to_string()).collect::<Vec<_>>().join(", ")
}

fn not_there(wanted: &PlanId, reference: &str) -> Stop {
    Stop::refused(
        format!("plan {wanted} isn't at {reference}, so its release doesn't run everywhere yet"),
        format!(
            "deploy it, move {reference} to it, and `git fetch`; schemig.toml's `deployed` names that ref"
        ),
    )
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

/// The contracts to write, judged.
struct End {
    /// Each plan with its waiting steps only, so that it can be judged by itself.
    plans: Vec<(Plan, Vec<usize>, State, Assessment)>,
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
        let mut last = None;
        for release in &releases {
            let assessment = assess(&rest, &state, &[], release).map_err(|why| unfit(plan, &why))?;
            let (limits, bare) = (project.limits, Case::bare(&rest, &assessment));
            end.escalations.extend(escalations(&Case { timings: &timings, limits, ..bare }));
            last = Some(assessment);
        }
        let Some(assessment) = last else { continue };
        let after = assessment.end.clone();
        end.plans.push((plan.clone(), places, state, assessment));
        state = after;
    }
    end.escalations.sort();
    end.escalations.dedup();
    Ok(end)
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
    for (plan, places, before, _) in &end.plans {
        let beside = previews::beside(plan);
        let (before, given) = (before, project.given());
        let request = Request { plan, steps: places, before, given, beside: &beside };
        let (directories, _) = lay_out(&request, &mut versions)?;
        migrations::put(&mut changes, &project.migrations, &directories);
        let plan = signed(arguments, plan, &end.escalations);
        changes.put(store::plan_path(project, &plan.id), file::write(&plan));
        log.deployed.push(plan.id.clone());
        log.plans.insert(plan.id.clone(), plan);
        written.push(directories);
    }
    changes.put(store::deployed_path(project), log::write_deployed(&log.deployed));
    let rendered = previews::render(project, &log, &end.schema)?;
    previews::put(project, &mut changes, &rendered)?;
    let report = end.report(arguments, &project.known, &written);
    if !arguments.dry_run {
        changes.commit(&project.root)?;
    }
    Ok(Outcome::report(Exit::Done, report.with_files(&changes, arguments.dry_run)))
}

/// The plan with what was said to it just now.
fn signed(arguments: &Contract, plan: &Plan, escalations: &[Escalation]) -> Plan {
    let mut plan = plan.clone();
    plan.confirmed |= arguments.confirm;
    if let Some(reason) = arguments.approve.as_ref().filter(|_| !escalations.is_empty()) {
        let rules = escalations.iter().map(|escalation| escalation.rule.to_owned()).collect();
        plan.approvals.push(Approval { rules, reason: reason.clone() });
    }
    plan
}

impl End {
    fn report(&self, arguments: &Contract, known: &Known, written: &[Vec<Directory>]) -> Report {
        let mut report = Report::default();
        for ((plan, _, _, assessment), directories) in self.plans.iter().zip(written) {
            report.changes.extend(self.ended(plan));
            report.steps.extend(rows(plan, directories, assessment));
        }
        report.totals = Totals::of(&report.steps);
        let timings = written.iter().flatten().map(|directory| &directory.timing);
        report.basis = basis(timings, known);
        report.escalations = self.escalations.iter().map(|escalation| row(escalation, arguments)).collect();
        let waits = !self.escalations.is_empty() && arguments.approve.is_none();
        let recorded = match self.plans.as_slice() {
            [(plan, ..)] => format!("{} runs everywhere", plan.id),
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
