//! How fast PostgreSQL works where nobody has measured: 15 on two cores with the table in the page cache, `facts/postgres-rates.tsv` and
//! DOCTRINE, PostgreSQL rates. A model with these numbers came within 1.33 times the processor time of tables that it wasn't fitted to.

use crate::dialect::{Rate, Rates};

/// Seconds per million rows and per megabyte.
pub(super) const RATES: Rates = Rates {
    scan: Rate { rows: 0.03, megabytes: 0.0004 },
    // A parent in the cache takes 0.16, one as large as the table 0.85.
    lookup: Rate { rows: 0.5, megabytes: 0.0004 },
    rewrite: Rate { rows: 0.75, megabytes: 0.0022 },
    index: Rate { rows: 0.62, megabytes: 0.0 },
    text_index: Rate { rows: 2.6, megabytes: 0.0 },
    online: 1.4,
    update: Rate { rows: 3.9, megabytes: 0.0015 },
    batches: Rate { rows: 3.3, megabytes: 0.003 },
    // Four indexes took 7.6 times as long as one.
    update_index: 8.5,
    // 462 bytes for a row of 134, 923 for one of 372.
    log: [204.0, 1.93],
};
