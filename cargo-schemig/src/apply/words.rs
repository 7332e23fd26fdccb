//! Durations and queries as people read them.

use std::time::Duration;

use super::literals;

/// `40 ms`, `1.2 s`, `12 s`, `3 min 5 s`, `2 h 10 min`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 if duration.as_millis() > 0 => format!("{} ms", duration.as_millis()),
        1..10 if duration.subsec_millis() > 0 => format!("{:.1} s", duration.as_secs_f64()),
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600.. => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A query of somebody else's in a line, cut off where it gets long. Its literals aren't shown, and nothing of one that sets a password.
pub fn query(text: &str) -> String {
    if text.to_ascii_lowercase().contains("password") {
        return "(a statement about a password)".to_owned();
    }
    let line = literals::hide(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = line.chars().take(LONGEST).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}

/// Enough to know a query again.
const LONGEST: usize = 160;

#[cfg(test)]
mod tests {
    use super::{duration, query};
    use std::time::Duration;

    #[test]
    fn durations_are_as_exact_as_they_are_short() {
        for (millis, words) in [
            (40, "40 ms"),
            (1_240, "1.2 s"),
            (12_400, "12 s"),
            (2_000, "2 s"),
            (185_000, "3 min 5 s"),
            (7_800_000, "2 h 10 min"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), words);
        }
    }

    #[test]
    fn a_query_is_one_line_and_never_a_password() {
        assert_eq!(query("SELECT 1\n  FROM t"), "SELECT 1 FROM t");
        assert_eq!(query("ALTER ROLE u Password 's3cret'"), "(a statement about a password)");
        assert_eq!(query(&"ä".repeat(200)).chars().count(), 161);
    }
}
