//! `cargo schemig verify`: plans that hold, and planted faults that it must see.

mod bench;
mod command;
mod computed_faults;
mod deferral_faults;
mod enum_faults;
mod exclusion_faults;
mod extension_faults;
mod faults;
mod fixtures;
mod holds;
mod key_faults;
mod measured;
mod part_faults;
mod partition_faults;
mod rows_faults;
mod tolerated;
