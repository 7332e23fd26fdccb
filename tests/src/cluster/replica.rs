//! A second server that follows a cluster.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use super::{Cluster, USER, binaries, free_port, stand_guard, wait_until_ready};
use crate::unprivileged;

/// A streaming replica, gone with the value.
#[derive(Debug)]
pub struct Replica {
    guard: Child,
}

impl Cluster {
    /// A replica of this cluster, with `settings` of its own: lines of postgresql.conf.
    ///
    /// # Panics
    /// When it can't be copied or doesn't start; the message has what was said.
    pub fn replica(&self, settings: &str) -> Replica {
        let binaries = binaries();
        let directory = tempfile::Builder::new().prefix("schemig-pg-").tempdir().expect("a directory");
        unprivileged::hand_over(directory.path());
        self.copy_to(&binaries, directory.path());
        let lines = format!(
            "port = {}\nunix_socket_directories = '{}'\n{settings}\n",
            free_port(),
            directory.path().display()
        );
        let path = directory.path().join("data/postgresql.conf");
        let given = std::fs::read_to_string(&path).expect("the primary's settings");
        std::fs::write(&path, given + &lines).expect("the replica's settings");
        // From here on the guard removes the directory.
        let directory: PathBuf = directory.keep();
        let guard = stand_guard(&binaries, &directory).expect("a shell");
        let replica = Replica { guard };
        wait_until_ready(&directory).unwrap_or_else(|log| panic!("the replica didn't start:\n{log}"));
        replica
    }

    fn copy_to(&self, binaries: &Path, directory: &Path) {
        let mut command = Command::new(binaries.join("pg_basebackup"));
        command.args(["--host", "127.0.0.1", "--username", USER, "--checkpoint", "fast"]);
        command.args(["--wal-method", "stream", "--write-recovery-conf", "--no-sync"]);
        command.arg("--port").arg(self.port.to_string()).arg("--pgdata").arg(directory.join("data"));
        command.env("PGPASSWORD", &self.password);
        unprivileged::run_as_user(&mut command, directory);
        let output = command.output().expect("pg_basebackup starts");
        assert!(output.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}
