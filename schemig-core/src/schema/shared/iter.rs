//! The entries of a shared map, one after the other.

use std::fmt;
use std::iter::FlatMap;
use std::slice;

use super::{Chunk, Entry};

type Chunks<'a, K, V> = FlatMap<
    slice::Iter<'a, Chunk<K, V>>,
    slice::Iter<'a, Entry<K, V>>,
    fn(&'a Chunk<K, V>) -> slice::Iter<'a, Entry<K, V>>,
>;

/// Entries in the order of their keys.
pub struct Iter<'a, K, V> {
    chunks: Chunks<'a, K, V>,
    left: usize,
}

impl<'a, K, V> Iter<'a, K, V> {
    /// Those of all chunks, of which there are so many.
    pub(super) fn of(chunks: &'a [Chunk<K, V>], left: usize) -> Self {
        Self { chunks: chunks.iter().flat_map(|chunk| chunk.iter()), left }
    }
}

impl<K, V> Clone for Iter<'_, K, V> {
    fn clone(&self) -> Self {
        Self { chunks: self.chunks.clone(), left: self.left }
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Iter<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}

impl<'a, K, V> Iterator for Iter<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.chunks.next()?;
        self.left -= 1;
        Some((&entry.0, &entry.1))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<K, V> DoubleEndedIterator for Iter<'_, K, V> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let entry = self.chunks.next_back()?;
        self.left -= 1;
        Some((&entry.0, &entry.1))
    }
}

impl<K, V> ExactSizeIterator for Iter<'_, K, V> {}
