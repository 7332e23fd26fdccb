//! `cargo schemig verify`: how do you know? The pending plan, tried on databases that are made for it.

pub mod contents;
mod dice;
pub mod findings;
mod fresh;
mod locks;
mod loss;
pub mod renames;
pub mod rows;
mod run;
pub mod sequence;
mod spelling;
mod timeline;
pub mod traffic;
pub mod trial;
mod values;
pub mod walk;
