//! How long it takes: from sizes and rates to seconds, for what is locked and for all of it.
//!
//! The model is a line per class of work: so many seconds per million rows and per megabyte ([`Rates`](crate::dialect::Rates)), times the
//! depth of a sort where something is sorted. What comes out is what processors need; the range about it, 0.6 to 2.4 times that, has room for
//! what else happens on a machine.

mod amount;
mod backfill;
mod file;
mod load;
mod model;
mod probe;
mod seconds;
mod size;
mod timing;

pub use amount::{amount, grouped};
pub use backfill::Strategy;
pub use file::{read, write};
pub use probe::Probes;
pub use seconds::{Estimate, Seconds};
pub use size::{Basis, Known, Size};
pub use timing::{Given, Hold, Timing, timing, timings};
