//! What a contract asks before it begins, where it may meet a database on which its release never ran.

use crate::plan::PlanId;
use crate::schema::TableName;

/// The question that stands before a plan's contract (DOCTRINE, R15). A database that skips a release gets expand and contract in one
/// go; then the release before may still run there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContractGuard<'a> {
    /// The plan.
    pub plan: &'a PlanId,
    /// What Diesel records for the last directory of the plan that comes before the contract: its normalised version.
    pub expand: &'a str,
    /// How long ago that has to be, in seconds.
    pub seconds: u64,
    /// The tables that the contract touches, of those that there are before it. Where all are empty it may run at once.
    pub tables: &'a [TableName],
}

impl ContractGuard<'_> {
    /// The time in the largest unit that it is whole in: `1 hour`, `90 minutes`.
    pub fn time(&self) -> String {
        let (count, unit) = match self.seconds {
            seconds if seconds % 3600 == 0 => (seconds / 3600, "hour"),
            seconds if seconds % 60 == 0 => (seconds / 60, "minute"),
            seconds => (seconds, "second"),
        };
        format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
    }

    /// What is to be done about it, for a message's end.
    pub(super) fn advice() -> &'static str {
        "nothing of the contract was done. The release of that plan has to run everywhere first, and none before it: deploy it, and run \
         this again when the time is over"
    }
}

#[cfg(test)]
mod tests {
    use super::ContractGuard;
    use crate::plan::PlanId;

    #[test]
    fn a_time_is_said_in_whole_units() {
        let plan = PlanId("0001_a".to_owned());
        let time = |seconds| ContractGuard { plan: &plan, expand: "1", seconds, tables: &[] }.time();
        assert_eq!([time(1), time(60), time(3600)], ["1 second", "1 minute", "1 hour"]);
        assert_eq!([time(90), time(5400), time(172_800)], ["90 seconds", "90 minutes", "48 hours"]);
    }
}
