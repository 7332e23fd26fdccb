//! A set in copies that share what they don't change.

use std::fmt;

use super::Shared;

/// A set in the order of its members. A copy is cheap.
#[derive(Clone, PartialEq, Eq)]
pub struct SharedSet<T: Ord>(Shared<T, ()>);

impl<T: Ord> SharedSet<T> {
    /// Whether it is a member.
    pub fn contains(&self, member: &T) -> bool {
        self.0.contains_key(member)
    }

    /// The members in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator + Clone {
        self.0.keys()
    }

    /// The members from the first on that isn't before what is looked for.
    pub fn iter_from(&self, is_before: impl Fn(&T) -> bool) -> impl Iterator<Item = &T> {
        self.0.iter_from(is_before).map(|(member, ())| member)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

impl<T: Ord + Clone> SharedSet<T> {
    /// Adds a member; whether it is new.
    pub fn insert(&mut self, member: T) -> bool {
        // Asked first: nothing is copied for a member that is there.
        !self.contains(&member) && self.0.insert(member, ()).is_none()
    }

    /// Takes a member away; whether it was one.
    pub fn remove(&mut self, member: &T) -> bool {
        self.0.remove(member).is_some()
    }

    /// Keeps the members that `keep` admits.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.0.retain(|member, ()| keep(member));
    }
}

impl<T: Ord + Clone> Extend<T> for SharedSet<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, members: I) {
        members.into_iter().for_each(|member| _ = self.insert(member));
    }
}

impl<T: Ord> FromIterator<T> for SharedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(members: I) -> Self {
        Self(members.into_iter().map(|member| (member, ())).collect())
    }
}

impl<T: Ord> Default for SharedSet<T> {
    fn default() -> Self {
        Self(Shared::default())
    }
}

impl<T: Ord + fmt::Debug> fmt::Debug for SharedSet<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
