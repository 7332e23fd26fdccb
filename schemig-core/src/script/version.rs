//! Migration directories' names, and the versions that Diesel makes of them.

use std::collections::BTreeMap;

use super::LayoutError;

/// The version that Diesel knows a directory by: what stands before the first `_`, without dashes.
pub fn normalise(directory: &str) -> String {
    directory.split('_').next().unwrap_or("").replace('-', "")
}

/// Hands out directory names under one time stamp, after all that are there.
#[derive(Clone, Debug)]
pub struct Versions<'a> {
    stamp: &'a str,
    next: u32,
}

impl<'a> Versions<'a> {
    /// Names under `stamp` (`%Y-%m-%d-%H%M%S`) beside the directories that stand in `migrations/`.
    ///
    /// # Errors
    /// Two directories with one version, of which Diesel would run one in silence; a directory that sorts after `stamp`: on a
    /// fresh database it would run after what is written now, though it was made before.
    pub fn after(stamp: &'a str, existing: &[String]) -> Result<Self, LayoutError> {
        let mut versions: BTreeMap<String, &String> = BTreeMap::new();
        for directory in existing {
            if let Some(other) = versions.insert(normalise(directory), directory) {
                return Err(LayoutError::Collision { first: other.clone(), second: directory.clone() });
            }
        }
        let prefix = normalise(stamp);
        let later = |version: &String| *version > prefix && !version.starts_with(&prefix);
        if let Some((_, directory)) = versions.iter().find(|(version, _)| later(version)) {
            return Err(LayoutError::Behind { stamp: stamp.to_owned(), latest: (*directory).clone() });
        }
        let used = versions.keys().filter_map(|version| version.strip_prefix(&prefix));
        let next = used.map(|hex| u32::from_str_radix(hex, 16).map_or(0, |last| last + 1)).max().unwrap_or(0);
        Ok(Self { stamp, next })
    }

    /// The next name.
    ///
    /// # Errors
    /// After `ffff` there is none under this stamp.
    pub fn name(&mut self, words: &str) -> Result<String, LayoutError> {
        if self.next > 0xffff {
            return Err(LayoutError::Exhausted { stamp: self.stamp.to_owned() });
        }
        let name = format!("{}-{:04x}_{words}", self.stamp, self.next);
        self.next += 1;
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: &str = "2026-11-22-070000";

    fn after(existing: &[&str]) -> Result<String, LayoutError> {
        let existing: Vec<String> = existing.iter().map(|name| (*name).to_owned()).collect();
        Versions::after(STAMP, &existing)?.name("word")
    }

    #[test]
    fn names_count_up_after_those_of_the_same_second() {
        assert_eq!(after(&[]).unwrap(), "2026-11-22-070000-0000_word");
        assert_eq!(after(&["00000000000000_diesel_initial_setup"]).unwrap(), "2026-11-22-070000-0000_word");
        assert_eq!(after(&["2026-11-22-070000-000f_other"]).unwrap(), "2026-11-22-070000-0010_word");
        assert_eq!(after(&["2026-11-22-070000_other"]).unwrap(), "2026-11-22-070000-0000_word");
    }

    #[test]
    fn one_version_twice_is_refused() {
        let refused = after(&["2026-11-22-060000_a", "20261122060000_b"]);
        assert!(matches!(refused, Err(LayoutError::Collision { .. })), "{refused:?}");
    }

    #[test]
    fn a_directory_that_would_run_later_is_refused() {
        let refused = after(&["2026-11-22-070001_later"]);
        assert!(matches!(refused, Err(LayoutError::Behind { .. })), "{refused:?}");
    }

    #[test]
    fn a_second_holds_65536_directories() {
        let refused = after(&["2026-11-22-070000-ffff_last"]);
        assert!(matches!(refused, Err(LayoutError::Exhausted { .. })), "{refused:?}");
    }
}
