//! Ordered maps and sets in copies that share what they don't change.
//!
//! A plan is judged and rendered state by state. With these a copy of a state costs a count, and a change to a copy what it changes and
//! the few entries beside it, however many there are.

mod iter;
mod set;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Index;
use std::sync::Arc;

pub use iter::Iter;
pub use set::SharedSet;

/// An entry, shared by all copies that have it so.
type Entry<K, V> = Arc<(K, V)>;
/// Neighbours in the order of their keys: what is copied together. Never empty.
type Chunk<K, V> = Arc<Vec<Entry<K, V>>>;

/// A chunk of more entries is halved: a change copies at most so many pointers, and one to each chunk.
const MOST: usize = 64;

/// A map in the order of its keys. A copy is cheap, and an entry is copied only when one of its holders changes it.
pub struct Shared<K, V>(Arc<Vec<Chunk<K, V>>>);

impl<K: Ord, V> Shared<K, V> {
    /// The chunk where a key is, or would be.
    fn chunk(&self, key: &K) -> usize {
        let before = |chunk: &Chunk<K, V>| chunk.first().is_some_and(|entry| entry.0 <= *key);
        self.0.partition_point(before).saturating_sub(1)
    }

    /// Where a key is: its chunk, and its place there; or the place where it would be.
    fn find(&self, key: &K) -> (usize, Result<usize, usize>) {
        let at = self.chunk(key);
        let found = self.0.get(at).map(|chunk| chunk.binary_search_by(|entry| entry.0.cmp(key)));
        (at, found.unwrap_or(Err(0)))
    }

    /// The entry of a key.
    fn entry(&self, key: &K) -> Option<&Entry<K, V>> {
        let (at, place) = self.find(key);
        self.0.get(at)?.get(place.ok()?)
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        self.entry(key).map(|entry| &entry.1)
    }

    /// Whether the key has a value.
    pub fn contains_key(&self, key: &K) -> bool {
        self.entry(key).is_some()
    }

    /// The entries in order.
    pub fn iter(&self) -> Iter<'_, K, V> {
        Iter::of(&self.0, self.len())
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.iter().map(|(_, value)| value)
    }

    /// The entries from the first on whose key isn't before what is looked for.
    pub fn iter_from(&self, is_before: impl Fn(&K) -> bool) -> impl Iterator<Item = (&K, &V)> {
        let whole = self.0.partition_point(|chunk| chunk.last().is_some_and(|entry| is_before(&entry.0)));
        let (first, rest) =
            self.0[whole..].split_first().map_or((None, &[][..]), |(first, rest)| (Some(first), rest));
        let first = first.map(|chunk| &chunk[chunk.partition_point(|entry| is_before(&entry.0))..]);
        let rest = rest.iter().flat_map(|chunk| chunk.iter());
        first.into_iter().flatten().chain(rest).map(|entry| (&entry.0, &entry.1))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|chunk| chunk.len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl<K: Ord + Clone, V: Clone> Shared<K, V> {
    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let (at, place) = self.find(key);
        let place = place.ok()?;
        let chunk = Arc::make_mut(&mut Arc::make_mut(&mut self.0)[at]);
        Some(&mut Arc::make_mut(&mut chunk[place]).1)
    }

    /// Gives a key a value; gives back the one that it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        let (at, place) = self.find(&key);
        let entry = Arc::new((key, value));
        let chunks = Arc::make_mut(&mut self.0);
        let Some(chunk) = chunks.get_mut(at) else {
            chunks.push(Arc::new(vec![entry]));
            return None;
        };
        let chunk = Arc::make_mut(chunk);
        match place {
            Ok(place) => return Some(Arc::unwrap_or_clone(std::mem::replace(&mut chunk[place], entry)).1),
            Err(place) => chunk.insert(place, entry),
        }
        if chunk.len() > MOST {
            let upper = chunk.split_off(MOST / 2);
            chunks.insert(at + 1, Arc::new(upper));
        }
        None
    }

    /// Takes a key away; gives back its value.
    pub fn remove(&mut self, key: &K) -> Option<V> {
        let (at, place) = self.find(key);
        let place = place.ok()?;
        let chunks = Arc::make_mut(&mut self.0);
        let chunk = Arc::make_mut(&mut chunks[at]);
        let removed = chunk.remove(place);
        if chunk.is_empty() {
            chunks.remove(at);
        }
        Some(Arc::unwrap_or_clone(removed).1)
    }

    /// Keeps the entries that `keep` admits; they stay shared.
    pub fn retain(&mut self, keep: impl Fn(&K, &V) -> bool) {
        if self.iter().all(|(key, value)| keep(key, value)) {
            return;
        }
        let chunks = Arc::make_mut(&mut self.0);
        for chunk in chunks.iter_mut().filter(|chunk| !chunk.iter().all(|entry| keep(&entry.0, &entry.1))) {
            Arc::make_mut(chunk).retain(|entry| keep(&entry.0, &entry.1));
        }
        chunks.retain(|chunk| !chunk.is_empty());
    }

    /// All values, to be changed. None stays shared.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.values_where_mut(|_| true)
    }

    /// The values that `admits` picks, to be changed. The others stay shared.
    pub fn values_where_mut(&mut self, admits: impl Fn(&V) -> bool + Clone) -> impl Iterator<Item = &mut V> {
        let any = self.values().any(&admits);
        let chunks = any.then(|| Arc::make_mut(&mut self.0).iter_mut()).into_iter().flatten();
        let of_chunk = admits.clone();
        let chunks = chunks.filter(move |chunk| chunk.iter().any(|entry| of_chunk(&entry.1)));
        let entries = chunks.flat_map(|chunk| Arc::make_mut(chunk).iter_mut());
        entries.filter(move |entry| admits(&entry.1)).map(|entry| &mut Arc::make_mut(entry).1)
    }

    /// Shares the values of the same key that `same` finds to be the same in `other`: that they are is seen at once from then on.
    pub fn share(&mut self, other: &Self, same: impl Fn(&V, &V) -> bool) {
        for entry in Arc::make_mut(&mut self.0).iter_mut().flat_map(|chunk| Arc::make_mut(chunk).iter_mut()) {
            if let Some(theirs) = other.entry(&entry.0).filter(|theirs| same(&entry.1, &theirs.1)) {
                *entry = theirs.clone();
            }
        }
    }
}

impl<K: Ord, V: PartialEq> Shared<K, V> {
    /// The keys that one of the two doesn't have, or has with another value.
    pub fn differing<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a K> {
        let entries = self.0.iter().flat_map(|chunk| chunk.iter());
        let here = entries.filter(|entry| {
            !other.entry(&entry.0).is_some_and(|theirs| Arc::ptr_eq(entry, theirs) || entry.1 == theirs.1)
        });
        here.map(|entry| &entry.0).chain(other.keys().filter(|key| !self.contains_key(*key)))
    }
}

impl<'a, K: Ord, V> IntoIterator for &'a Shared<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;

    fn into_iter(self) -> Iter<'a, K, V> {
        self.iter()
    }
}

impl<K: Ord + Clone, V: Clone> IntoIterator for Shared<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        let chunks = Arc::unwrap_or_clone(self.0).into_iter();
        let entries = chunks.flat_map(Arc::unwrap_or_clone).map(Arc::unwrap_or_clone);
        entries.collect::<Vec<_>>().into_iter()
    }
}

/// The last of several values of a key counts.
impl<K: Ord, V> FromIterator<(K, V)> for Shared<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut sorted = entries.into_iter().collect::<BTreeMap<_, _>>().into_iter().map(Arc::new).peekable();
        let mut chunks = Vec::new();
        while sorted.peek().is_some() {
            // Half full, so that what comes between them finds room.
            chunks.push(Arc::new(sorted.by_ref().take(MOST / 2).collect()));
        }
        Self(Arc::new(chunks))
    }
}

impl<K: Ord + Clone, V: Clone> Extend<(K, V)> for Shared<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        entries.into_iter().for_each(|(key, value)| drop(self.insert(key, value)));
    }
}

impl<K: Ord, V> Index<&K> for Shared<K, V> {
    type Output = V;

    fn index(&self, key: &K) -> &V {
        self.get(key).expect("the key has a value")
    }
}

impl<K, V> Clone for Shared<K, V> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Ord + fmt::Debug, V: fmt::Debug> fmt::Debug for Shared<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// What is shared is equal: that is seen before anything is compared. How entries are spread over chunks doesn't count.
impl<K: Ord, V: PartialEq> PartialEq for Shared<K, V> {
    fn eq(&self, other: &Self) -> bool {
        let here = self.0.iter().flat_map(|chunk| chunk.iter());
        let there = other.0.iter().flat_map(|chunk| chunk.iter());
        Arc::ptr_eq(&self.0, &other.0)
            || self.len() == other.len()
                && here.zip(there).all(|(one, other)| Arc::ptr_eq(one, other) || one == other)
    }
}

impl<K: Ord, V: Eq> Eq for Shared<K, V> {}
