//! Projects that stood before schemig: adopted from their database or from their migrations, with nothing changed, an empty first diff, the
//! schema.rs that Diesel prints, and then one plan for one change.

mod annotated;
mod bad_input;
mod beside;
mod domains;
mod drift;
mod harness;
mod kinds;
mod large;
mod owners;
mod schemas;
mod shapes;
mod verified;
mod workspace;
