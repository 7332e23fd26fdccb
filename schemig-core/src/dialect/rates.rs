//! How fast a server works, by class of work: what estimates are made of.

/// Seconds of a class of work: so many for a million rows, and so many for a megabyte (1,000,000 bytes) of the table without its indexes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Seconds per million rows.
    pub rows: f64,
    /// Seconds per megabyte.
    pub megabytes: f64,
}

/// What a server needs for what grows with a table. The times are those of processors that do nothing else: what holds them up is in the
/// width of an estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates {
    /// Reading a table once.
    pub scan: Rate,
    /// Looking up each row in another table.
    pub lookup: Rate,
    /// Writing a table anew, without its indexes.
    pub rewrite: Rate,
    /// Building an index over numbers and others of fixed width, for 2^20 rows; what more rows take grows with the logarithm.
    pub index: Rate,
    /// The same over text, which is compared by the rules of a language.
    pub text_index: Rate,
    /// How much longer it takes to build an index online.
    pub online: f64,
    /// Updating rows in one go, with the primary key as the only index.
    pub update: Rate,
    /// Updating rows batch by batch.
    pub batches: Rate,
    /// What each further index adds to an update, in seconds per million rows.
    pub update_index: f64,
    /// Write-ahead log of an update, in bytes per row, and in bytes per byte of the table.
    pub log: [f64; 2],
    /// How long work on a temporary table takes beside the same on one that stays: nothing of it is logged, and nobody else sees it. 1 where
    /// nothing is measured in one.
    pub temporary: Pace,
}

/// How long a server at hand takes for what the rates say, by class: 2 is twice as long. 1 everywhere where nobody has measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    /// Reading rows.
    pub scan: f64,
    /// Sorting numbers.
    pub index: f64,
    /// Sorting text.
    pub text_index: f64,
    /// Writing a table anew.
    pub rewrite: f64,
    /// Updating rows.
    pub update: f64,
}

impl Pace {
    /// As the rates have it.
    pub const USUAL: Self = Self { scan: 1.0, index: 1.0, text_index: 1.0, rewrite: 1.0, update: 1.0 };
}

impl Default for Pace {
    fn default() -> Self {
        Self::USUAL
    }
}

impl Rate {
    fn times(self, factor: f64) -> Self {
        Self { rows: self.rows * factor, megabytes: self.megabytes * factor }
    }

    /// Seconds for so many rows and bytes.
    pub fn seconds(self, rows: f64, bytes: f64) -> f64 {
        self.rows * rows / 1e6 + self.megabytes * bytes / 1e6
    }
}

impl Rates {
    /// The rates of a server that was measured.
    pub fn at(&self, pace: Pace) -> Self {
        let Self {
            scan,
            lookup,
            rewrite,
            index,
            text_index,
            online,
            update,
            batches,
            update_index,
            log,
            temporary,
        } = *self;
        Self {
            scan: scan.times(pace.scan),
            lookup: lookup.times(pace.scan),
            rewrite: rewrite.times(pace.rewrite),
            index: index.times(pace.index),
            text_index: text_index.times(pace.text_index),
            online,
            update: update.times(pace.update),
            batches: batches.times(pace.update),
            update_index: update_index * pace.update,
            log,
            temporary,
        }
    }
}
