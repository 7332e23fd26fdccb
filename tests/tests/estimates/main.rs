//! What estimates come from: what `stats` reads of a server.

mod stats;
