//! What went wrong with a migration, and what is said about it.

use std::fmt;

use diesel::result::Error;

use crate::database::Url;
use crate::diagnose::Diagnostic;
use crate::exit::{Exit, Stop};

/// Why a migration failed.
#[derive(Debug)]
pub enum Failure {
    /// The database said no.
    Database(Error),
    /// Others held what was needed through all attempts, in words.
    Locked(String),
    /// Anything else, in words.
    Other(String),
}

impl std::error::Error for Failure {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<Box<dyn std::error::Error + Send + Sync>> for Failure {
    fn from(error: Box<dyn std::error::Error + Send + Sync>) -> Self {
        let error = match error.downcast::<Self>() {
            Ok(failure) => return *failure,
            Err(error) => error,
        };
        match error.downcast::<Error>() {
            Ok(error) => Self::Database(*error),
            Err(other) => Self::Other(
                other.source().map_or_else(|| other.to_string(), |source| format!("{other}: {source}")),
            ),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(error) => write!(f, "{}", error.to_string().trim()),
            Self::Locked(words) | Self::Other(words) => f.write_str(words),
        }
    }
}

/// A migration that failed for good.
pub struct Fault<'a> {
    /// Its name.
    pub migration: &'a str,
    /// Why.
    pub failure: Failure,
    /// How often it was tried.
    pub attempts: u32,
    /// Who was in the way.
    pub blocker: Option<String>,
    /// Whether it was for a lock.
    pub locked: bool,
}

impl Fault<'_> {
    /// As the end of the run, without the URL's password.
    pub fn stop(self, url: &Url) -> Stop {
        let Self { migration, failure, attempts, blocker, locked } = self;
        let tried = if attempts > 1 { format!(" after {attempts} attempts") } else { String::new() };
        let mut found =
            Diagnostic::new(url.scrub(&format!("migration {migration} failed{tried}: {failure}")));
        if let Failure::Database(Error::DatabaseError(_, said)) = &failure {
            // Diesel's CLI shows neither.
            found
                .notes
                .extend([said.details(), said.hint()].into_iter().flatten().map(|words| url.scrub(words)));
        }
        found.notes.extend(blocker.map(|who| url.scrub(&who)));
        found.notes.push("what ran before it stays applied; a second run goes on here".to_owned());
        if locked {
            found.help.push(
                "end what is in the way (SELECT pg_terminate_backend(pid)), and run this again".to_owned(),
            );
        }
        Stop { exit: Exit::Failed, diagnostics: vec![found] }
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;

    /// Diesel's harness hands errors on in a box.
    #[test]
    fn a_failure_comes_out_of_a_box_as_it_went_in() {
        let boxed: Box<dyn std::error::Error + Send + Sync> = Failure::Locked("rows".to_owned()).into();
        assert!(matches!(Failure::from(boxed), Failure::Locked(words) if words == "rows"));
        assert!(matches!(Failure::from(Box::from("a word")), Failure::Other(words) if words == "a word"));
    }
}
