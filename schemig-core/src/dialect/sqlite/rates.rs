//! How fast SQLite works where nobody has measured: 3.40 with 1,000,000 rows of 100 and of 370 bytes in the page cache, in processor time
//! (2026-11-26). With `synchronous = FULL` on a slow disk a rebuild takes longer than its upper end says.

use crate::dialect::{Pace, Rate, Rates};

/// Seconds per million rows and per megabyte.
pub(super) const RATES: Rates = Rates {
    scan: Rate { rows: 0.03, megabytes: 0.0004 },
    lookup: Rate { rows: 1.9, megabytes: 0.0 },
    rewrite: Rate { rows: 0.3, megabytes: 0.0065 },
    index: Rate { rows: 0.45, megabytes: 0.0 },
    text_index: Rate { rows: 0.6, megabytes: 0.0 },
    online: 1.0,
    update: Rate { rows: 0.3, megabytes: 0.004 },
    batches: Rate { rows: 0.3, megabytes: 0.004 },
    // Only indexes over the written column are written, and a column that is backfilled is in none yet.
    update_index: 0.0,
    // Pages are written to the log whole; nobody replicates it.
    log: [0.0, 1.0],
    temporary: Pace::USUAL,
};
