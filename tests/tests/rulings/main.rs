//! Each ruling of the doctrine on a real server: what schemig plans holds under concurrent writers, and the same with the ruling
//! taken out shows the fault that the ruling is for. One file per ruling.
//!
//! `case`, `locks`, `nulls` and `unique` do so with the fixtures' plans.

mod bench;
mod case;
mod clients;
mod gallery;
mod locks;
mod models;
mod nulls;
mod planned;
mod r01_filler;
mod r02_mirror;
mod r03_upsert;
mod r04_not_null;
mod r05_strong_locks;
mod r06_backfill;
mod r07_online_index;
mod r08_old_name;
mod r09_leaving;
mod r10_relaxed;
mod r11_sqlite;
mod r12_types;
mod r13_downs;
mod r14_search_path;
mod r17_search_path;
mod unique;
mod watch;
