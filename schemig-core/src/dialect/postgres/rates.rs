//! How fast PostgreSQL works where nobody has measured: 15 on two cores with the table in the page cache, `facts/postgres-rates.tsv` and
//! DOCTRINE, PostgreSQL rates. A model with these numbers came within 1.33 times the processor time of tables that it wasn't fitted to. Scans and
//! batches are as schemig's own statements took (CONTRIBUTING, Estimates).

use crate::dialect::{Pace, Rate, Rates};

/// Seconds per million rows and per megabyte.
pub(super) const RATES: Rates = Rates {
    scan: Rate { rows: 0.04, megabytes: 0.0004 },
    // A parent in the cache takes 0.16, one as large as the table 0.85.
    lookup: Rate { rows: 0.5, megabytes: 0.0004 },
    rewrite: Rate { rows: 0.75, megabytes: 0.0022 },
    index: Rate { rows: 0.62, megabytes: 0.0 },
    text_index: Rate { rows: 2.6, megabytes: 0.0 },
    online: 1.4,
    update: Rate { rows: 3.9, megabytes: 0.0015 },
    // A batch as it is rendered locks its rows, then writes them: 6.3 s and 7.3 s per million rows of 104 and of 344 bytes on a machine with little
    // else to do, 11 s and 18 s beside others (CONTRIBUTING, Estimates).
    batches: Rate { rows: 6.8, megabytes: 0.005 },
    // Four indexes took 7.6 times as long as one.
    update_index: 8.5,
    // 462 bytes for a row of 134, 923 for one of 372.
    log: [204.0, 1.93],
    // Six times five probes, the machine having little else to do, beside what the same took on tables that stay. Indexes of those are built by
    // several processes at once, which makes most of the difference with texts.
    temporary: Pace { scan: 0.65, index: 0.75, text_index: 1.0, rewrite: 0.4, update: 0.55 },
};
