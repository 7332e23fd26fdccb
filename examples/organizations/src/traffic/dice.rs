//! Chance: which user, which organization, and new names. Pseudo-random and seeded, so that a run can be repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// One connection's source of chance.
#[derive(Debug)]
pub struct Dice {
    state: u64,
    label: String,
    named: u64,
    organizations: i64,
    newest_user: Arc<AtomicI64>,
}

impl Dice {
    /// Dice for one connection; `label` keeps its new emails apart from those of all others.
    pub fn new(label: String, seed: u64, organizations: i64, newest_user: Arc<AtomicI64>) -> Dice {
        // Neighbouring seeds must not give neighbouring rows.
        let state = seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        Dice { state, label, named: 0, organizations, newest_user }
    }

    /// A number from 0 up to, not including, `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        // xorshift64*: small, and good enough to spread rows.
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end.max(1)
    }

    /// The id of a user who exists or existed; every fourth is one of the newest hundred.
    pub fn user(&mut self) -> i64 {
        let newest = self.newest_user.load(Ordering::Relaxed).max(1);
        let back = if self.below(4) == 0 { self.below(100) } else { self.below(newest.unsigned_abs()) };
        (newest - i64::try_from(back).unwrap_or(0)).max(1)
    }

    /// The id of an organization.
    pub fn organization(&mut self) -> i64 {
        1 + i64::try_from(self.below(self.organizations.unsigned_abs())).unwrap_or(0)
    }

    /// An email that nobody has.
    pub fn new_email(&mut self) -> String {
        self.named += 1;
        format!("{}-{}@example.net", self.label, self.named)
    }

    /// An email that somebody may have: a seeded user's.
    pub fn known_email(&mut self) -> String {
        let newest = self.newest_user.load(Ordering::Relaxed).max(1);
        format!("user{}@example.org", 1 + self.below(newest.unsigned_abs()))
    }

    /// Tells all connections of a user who signed up.
    pub fn signed_up(&self, id: i64) {
        self.newest_user.fetch_max(id, Ordering::Relaxed);
    }
}
