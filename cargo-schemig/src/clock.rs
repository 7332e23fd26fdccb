//! The time, as Diesel writes it in the names of migrations.

use jiff::Timestamp;
use jiff::civil::DateTime;

/// Diesel's form of a moment in UTC, such as `2026-11-22-070000`.
const FORM: &str = "%Y-%m-%d-%H%M%S";

/// Now.
pub fn now() -> String {
    Timestamp::now().strftime(FORM).to_string()
}

/// Now, for a log: `2026-11-22T07:00:00Z`.
pub fn moment() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Whether `text` has the form that [`now`] gives.
pub fn is_stamp(text: &str) -> bool {
    DateTime::strptime(FORM, text).is_ok_and(|moment| moment.strftime(FORM).to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_has_one_form() {
        assert!(is_stamp(&now()) && is_stamp("2026-11-22-070000"));
        assert!(
            !is_stamp("2026-11-22 070000") && !is_stamp("2026-11-22-0700") && !is_stamp("2026-11-31-070000")
        );
    }
}
