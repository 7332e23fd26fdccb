//! What estimates come from, and how good they are: what `stats` reads of a server, what it measures, and predicted times beside real ones.

mod accuracy;
mod calibrate;
mod measure;
mod stats;
