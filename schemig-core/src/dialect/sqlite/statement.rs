//! A statement, before it is known whose transaction it runs in.

/// One statement of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// The same in any transaction.
    Plain(String),
    /// A write that a constraint may refuse.
    Write {
        /// INSERT or UPDATE.
        verb: &'static str,
        /// What follows it.
        rest: String,
    },
}

impl Statement {
    /// Its text. In a transaction that the file itself opened, a refused write ends that transaction, so that a stop leaves
    /// none behind. In Diesel's it mustn't: Diesel rolls back itself, and takes a missing transaction for a broken connection.
    pub(super) fn sql(&self, own_transaction: bool) -> String {
        match self {
            Self::Plain(sql) => sql.clone(),
            Self::Write { verb, rest } if own_transaction => format!("{verb} OR ROLLBACK {rest}"),
            Self::Write { verb, rest } => format!("{verb} {rest}"),
        }
    }

    /// Many that are the same in any transaction.
    pub(super) fn plain(sql: impl IntoIterator<Item = String>) -> Vec<Self> {
        sql.into_iter().map(Self::Plain).collect()
    }
}
