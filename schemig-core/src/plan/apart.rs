//! Plans that were made apart: on two branches, each without the other, and on the same table. Neither knows what the other leaves, so
//! the log that a merge makes of them leads nowhere.

use std::collections::{BTreeMap, BTreeSet};

use super::{LogError, Plan, PlanId, PlanLog};

impl PlanLog {
    /// Refuses a plan that was made from a table or an enum which another plan, that it doesn't build on, leaves otherwise. `ended` are
    /// deployed plans beside those of the log: what was recorded since the plan's own branch began.
    ///
    /// # Errors
    /// The first such plan, and the other one.
    pub fn check_apart(&self, ended: &BTreeMap<PlanId, Plan>) -> Result<(), LogError> {
        let of = |id: &PlanId| self.plans.get(id).or_else(|| ended.get(id));
        let mut before: Vec<&Plan> = self.deployed.iter().filter_map(of).collect();
        for plan in self.undeployed() {
            let below = below(plan, &of);
            // What was recorded up to the last plan that this one builds on was there when it was made.
            let since = self.deployed.iter().rposition(|id| below.contains(id)).map_or(0, |last| last + 1);
            let unknown = |other: &&&Plan| {
                !below.contains(&other.id)
                    && self.deployed.iter().position(|id| *id == other.id).is_none_or(|place| place >= since)
            };
            let touches = |other: &&&Plan, what: &str| touched(other).any(|(name, _)| name == what);
            for (what, side) in touched(plan) {
                let last = before.iter().rev().find(|other| touches(other, &what)).filter(unknown);
                let left = last.and_then(|other| touched(other).find(|(name, _)| *name == what));
                if let (Some(other), Some((_, left))) = (last, left)
                    && !side.follows(&left)
                {
                    let (plan, other) = (plan.id.clone(), other.id.clone());
                    return Err(LogError::Apart { plan, other, what });
                }
            }
            before.push(plan);
        }
        Ok(())
    }

    /// The deployed plans that some undeployed one doesn't build on and that were recorded after all it builds on: whether it was made
    /// with them is for [`PlanLog::check_apart`] to tell, once their files are read.
    pub fn beside(&self) -> BTreeSet<&PlanId> {
        let of = |id: &PlanId| self.plans.get(id);
        let mut beside = BTreeSet::new();
        for plan in self.undeployed() {
            let below = below(plan, &of);
            let last = self.deployed.iter().rposition(|id| below.contains(id));
            beside.extend(&self.deployed[last.map_or(0, |last| last + 1)..]);
        }
        beside
    }
}

/// What a plan builds on, at whatever distance, as far as it is known.
fn below<'a>(plan: &'a Plan, of: &impl Fn(&PlanId) -> Option<&'a Plan>) -> BTreeSet<&'a PlanId> {
    let mut found = BTreeSet::new();
    let mut next = vec![plan];
    while let Some(plan) = next.pop() {
        let new: Vec<&PlanId> = plan.parents.iter().filter(|parent| found.insert(*parent)).collect();
        next.extend(new.into_iter().filter_map(of));
    }
    found
}

/// A table or an enum on both sides of a plan.
enum Side<'a> {
    Table(&'a super::Delta),
    Enum(&'a super::EnumDelta),
}

impl Side<'_> {
    /// Whether this begins where the other ends.
    fn follows(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Table(this), Self::Table(other)) => this.before == other.after,
            (Self::Enum(this), Self::Enum(other)) => this.before == other.after,
            (Self::Table(_), Self::Enum(_)) | (Self::Enum(_), Self::Table(_)) => true,
        }
    }
}

/// What a plan touches, by its kind and name.
fn touched(plan: &Plan) -> impl Iterator<Item = (String, Side<'_>)> {
    let tables = plan.tables.iter().map(|(name, delta)| (format!("table {name}"), Side::Table(delta)));
    let enums = plan.enums.iter().map(|(name, delta)| (format!("enum {name}"), Side::Enum(delta)));
    tables.chain(enums)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use crate::plan::{Delta, LogError, Plan, PlanId, PlanLog};
    use crate::schema::{Table, TableName};

    /// `notes` with so many columns in its key: what tells one state from another here.
    fn notes(columns: &[&str]) -> Table {
        Table::keyed_by(columns.iter().copied())
    }

    fn plan(id: &str, parents: &[&str], before: &[&str], after: &[&str]) -> Plan {
        let delta = Delta { before: Some(notes(before)), after: Some(notes(after)) };
        Plan {
            id: PlanId(id.to_owned()),
            parents: parents.iter().map(|parent| PlanId((*parent).to_owned())).collect(),
            overlap: true,
            tables: BTreeMap::from([(TableName::new("notes"), delta)]),
            enums: BTreeMap::new(),
            changes: Vec::new(),
            steps: Vec::new(),
            cancels: Vec::new(),
            promises: Vec::new(),
            confirmed: false,
            approvals: Vec::new(),
        }
    }

    fn by_id(plans: &[Plan]) -> BTreeMap<PlanId, Plan> {
        plans.iter().map(|plan| (plan.id.clone(), plan.clone())).collect()
    }

    fn log(plans: &[Plan], deployed: &[&str]) -> PlanLog {
        let deployed = deployed.iter().map(|id| PlanId((*id).to_owned())).collect();
        PlanLog { plans: by_id(plans), deployed, live: BTreeSet::new() }
    }

    fn apart(plan: &str, other: &str) -> Result<(), LogError> {
        let id = |id: &str| PlanId(id.to_owned());
        Err(LogError::Apart { plan: id(plan), other: id(other), what: "table notes".to_owned() })
    }

    #[test]
    fn plans_of_two_branches_on_one_table() {
        let one = plan("2_one", &["1"], &["id"], &["id", "one"]);
        let other = plan("2_other", &["1"], &["id"], &["id", "other"]);
        assert_eq!(
            log(&[one.clone(), other.clone()], &["1"]).check_apart(&BTreeMap::new()),
            apart("2_other", "2_one")
        );
        let after = plan("3", &["2_one"], &["id", "one"], &["id"]);
        assert_eq!(log(&[one, after], &["1"]).check_apart(&BTreeMap::new()), Ok(()));
    }

    #[test]
    fn one_of_them_is_deployed_already() {
        let deployed = plan("2_one", &["1"], &["id"], &["id", "one"]);
        let open = plan("2_other", &["1"], &["id"], &["id", "other"]);
        let log = log(std::slice::from_ref(&open), &["1", "2_one"]);
        assert_eq!(log.beside(), BTreeSet::from([&deployed.id]));
        assert_eq!(log.check_apart(&by_id(&[deployed])), apart("2_other", "2_one"));
    }

    #[test]
    fn one_that_was_made_with_what_it_does_not_name() {
        let deployed = plan("2_one", &["1"], &["id"], &["id", "one"]);
        let mut elsewhere = plan("2_other", &["1"], &["id"], &["id"]);
        elsewhere.tables.clear();
        // Its parents are the open plans, and yet it begins with what the deployed one left.
        let later = plan("3", &["2_other"], &["id", "one"], &["id", "one", "more"]);
        let log = log(&[elsewhere, later], &["1", "2_one"]);
        assert_eq!(log.check_apart(&by_id(&[deployed])), Ok(()));
    }
}
