//! What the workspace's tests share with the tool.

pub mod introspect;
