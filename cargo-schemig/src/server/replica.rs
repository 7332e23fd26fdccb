//! A second server that follows a cluster.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use super::cluster::{USER, free_port, stand_guard, wait_until_ready};
use super::{Cluster, unprivileged};

/// A streaming replica, gone with the value.
#[derive(Debug)]
pub struct Replica {
    guard: Child,
    url: String,
}

impl Cluster {
    /// A replica of this cluster, with `settings` of its own: lines of postgresql.conf.
    ///
    /// # Errors
    /// It can't be copied or doesn't start: what was said.
    pub fn replica(&self, binaries: &Path, settings: &str) -> Result<Replica, String> {
        let directory =
            tempfile::Builder::new().prefix("schemig-pg-").tempdir().map_err(|error| error.to_string())?;
        unprivileged::hand_over(directory.path())?;
        self.copy_to(binaries, directory.path())?;
        let port = free_port().map_err(|error| error.to_string())?;
        let lines = format!(
            "port = {port}\nunix_socket_directories = '{}'\n{settings}\n",
            directory.path().display()
        );
        let path = directory.path().join("data/postgresql.conf");
        let given = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        std::fs::write(&path, given + &lines).map_err(|error| error.to_string())?;
        // From here on the guard removes the directory.
        let directory: PathBuf = directory.keep();
        let url = format!("postgres://{USER}:{}@127.0.0.1:{port}/postgres", self.password());
        let replica = Replica { guard: stand_guard(binaries, &directory)?, url };
        wait_until_ready(&directory).map(|()| replica)
    }

    fn copy_to(&self, binaries: &Path, directory: &Path) -> Result<(), String> {
        let mut command = Command::new(binaries.join("pg_basebackup"));
        command.args(["--host", "127.0.0.1", "--username", USER, "--checkpoint", "fast"]);
        command.args(["--wal-method", "stream", "--write-recovery-conf", "--no-sync"]);
        command.arg("--port").arg(self.port().to_string()).arg("--pgdata").arg(directory.join("data"));
        command.env("PGPASSWORD", self.password());
        unprivileged::run_as_user(&mut command, directory)?;
        let output = command.output().map_err(|error| format!("pg_basebackup: {error}"))?;
        let said = || format!("pg_basebackup: {}", String::from_utf8_lossy(&output.stderr));
        output.status.success().then_some(()).ok_or_else(said)
    }
}

impl Replica {
    /// The superuser's URL of the database that every cluster has.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}
