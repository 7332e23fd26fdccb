//! Private PostgreSQL clusters: each in a temporary directory, on a free port, gone when the process is.
//!
//! Nothing of the system's own clusters is touched. A shell stands guard over each server: it waits on a pipe whose
//! other end only this process holds, so that the server is stopped and its directory removed even when the process
//! panics or is killed (statics are never dropped in Rust, and a killed process drops nothing). The crates for temporary
//! servers clear up in `Drop` alone, which is why none is used here.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;

use super::leftovers::{self, Leftover};
use super::{binaries, secret, unprivileged};

/// How a cluster differs from the usual one.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether writes reach the disk before a commit returns. Off: what is thrown away needs speed, not durability.
    pub fsync: bool,
    /// How many sessions at once.
    pub max_connections: u32,
    /// Memory for pages, in MB.
    pub shared_buffers: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { fsync: false, max_connections: 100, shared_buffers: 128 }
    }
}

/// A running server of its own.
#[derive(Debug)]
pub struct Cluster {
    directory: PathBuf,
    port: u16,
    password: String,
    version: u32,
    guard: Child,
    databases: AtomicU32,
}

/// A database in a [`Cluster`], empty at first, dropped with the value.
#[derive(Debug)]
pub struct Database<'a> {
    cluster: &'a Cluster,
    name: String,
}

/// The bytes that a socket's path may have on the system that takes the fewest.
const LONGEST_SOCKET: usize = 100;

/// The superuser's name in every cluster.
pub(super) const USER: &str = "schemig";

/// Starts the server ($1: its binaries, $2: the cluster's directory), waits until the pipe on stdin closes, and clears up.
const GUARD: &str = r#"
trap : INT TERM HUP
"$1/postgres" -D "$2/data" > "$2/log" 2>&1 &
server=$!
cat > /dev/null
kill -QUIT "$server" 2> /dev/null
wait "$server"
cd / && rm -rf "$2"
"#;

impl Cluster {
    /// Starts a cluster of these binaries.
    ///
    /// # Errors
    /// The server doesn't start: its log.
    pub fn start(binaries: &Path, settings: &Settings) -> Result<Cluster, String> {
        for _ in 0..5 {
            match try_start(binaries, settings) {
                Ok(cluster) => return Ok(cluster),
                // Between finding a free port and taking it, someone else may.
                Err(log) if log.contains("could not bind") => {}
                Err(log) => return Err(format!("PostgreSQL in {} didn't start:\n{log}", binaries.display())),
            }
        }
        Err("PostgreSQL found no free port in five attempts".to_owned())
    }

    /// The server's major version, such as 15.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Makes an empty database whose name starts with `stem`.
    ///
    /// # Errors
    /// The server refuses.
    pub fn database(&self, stem: &str) -> Result<Database<'_>, String> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("{stem}_{number}");
        let mut connection = PgConnection::establish(&self.administrator()).map_err(|e| e.to_string())?;
        let make = format!("CREATE DATABASE \"{name}\"");
        diesel::sql_query(&make).execute(&mut connection).map_err(|error| format!("{make}: {error}"))?;
        Ok(Database { cluster: self, name })
    }

    /// The URL of the database that every cluster has, as its superuser.
    pub fn administrator(&self) -> String {
        self.url("postgres")
    }

    /// The superuser's URL: by the socket in a directory that nobody else can enter, which asks for no password and so spares each
    /// connection some 20 ms of hashing; by the port where the socket's path is longer than systems take.
    fn url(&self, database: &str) -> String {
        let socket = self.directory.join(format!(".s.PGSQL.{}", self.port));
        if socket.as_os_str().len() > LONGEST_SOCKET {
            return self.url_for(database, USER, &self.password);
        }
        let host = self.directory.display().to_string().replace('%', "%25").replace('/', "%2F");
        format!("postgres://{USER}@{host}:{}/{database}", self.port)
    }

    fn url_for(&self, database: &str, user: &str, password: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn password(&self) -> &str {
        &self.password
    }

    fn stop(&mut self) {
        // The guard ends when the pipe closes; waiting for it means that nothing is left when this returns.
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Database<'_> {
    /// The URL that libpq and Diesel's CLI take, as the cluster's superuser.
    pub fn url(&self) -> String {
        self.cluster.url(&self.name)
    }

    /// The URL for another role, which has to give its password.
    pub fn url_for(&self, role: &str, password: &str) -> String {
        self.cluster.url_for(&self.name, role, password)
    }

    /// The URL with a name by which `pg_stat_activity` tells the session apart.
    pub fn url_as(&self, application: &str) -> String {
        format!("{}?application_name={application}", self.url())
    }

    /// A new connection as the superuser.
    ///
    /// # Errors
    /// The server refuses.
    pub fn connect(&self) -> ConnectionResult<PgConnection> {
        PgConnection::establish(&self.url())
    }

    /// The server's major version.
    pub fn server_version(&self) -> u32 {
        self.cluster.version
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Database<'_> {
    fn drop(&mut self) {
        // Clearing up is best effort: the cluster goes as a whole in the end, and a panic here would hide another.
        if let Ok(mut connection) = PgConnection::establish(&self.cluster.administrator()) {
            let end = format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                self.name
            );
            let _ = diesel::sql_query(end).execute(&mut connection);
            let _ = diesel::sql_query(format!("DROP DATABASE \"{}\"", self.name)).execute(&mut connection);
        }
    }
}

fn try_start(binaries: &Path, settings: &Settings) -> Result<Cluster, String> {
    let version = binaries::major_version(binaries)?;
    let directory = tempfile::Builder::new().prefix("schemig-pg-").tempdir().map_err(|e| e.to_string())?;
    let unguarded = Leftover::Directory(directory.path().to_owned());
    leftovers::keep(unguarded.clone());
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o700))
        .map_err(|e| e.to_string())?;
    // Other users of the machine can reach the port, and a superuser may run programs.
    let password = secret().map_err(|e| e.to_string())?;
    std::fs::write(directory.path().join("password"), &password).map_err(|e| e.to_string())?;
    unprivileged::hand_over(&directory.path().join("password"))?;
    unprivileged::hand_over(directory.path())?;
    init(binaries, directory.path())?;
    let port = free_port().map_err(|e| e.to_string())?;
    configure(directory.path(), port, settings)?;
    // From here on the guard removes the directory.
    let directory = directory.keep();
    let guard = stand_guard(binaries, &directory)?;
    leftovers::forget(&unguarded);
    let mut cluster = Cluster { directory, port, password, version, guard, databases: AtomicU32::new(0) };
    match wait_until_ready(&cluster.directory) {
        Ok(()) => Ok(cluster),
        Err(log) => {
            cluster.stop();
            Err(log)
        }
    }
}

fn init(binaries: &Path, directory: &Path) -> Result<(), String> {
    let mut command = Command::new(binaries.join("initdb"));
    command.args(["--username", USER, "--encoding", "UTF8", "--locale", "C", "--no-sync"]);
    command.args(["--auth-local", "trust", "--auth-host", "scram-sha-256"]);
    command.arg("--pwfile").arg(directory.join("password")).arg("--pgdata").arg(directory.join("data"));
    unprivileged::run_as_user(&mut command, directory)?;
    let output = command.output().map_err(|e| format!("initdb: {e}"))?;
    let said = || String::from_utf8_lossy(&output.stderr).into_owned();
    output.status.success().then_some(()).ok_or_else(said)
}

fn configure(directory: &Path, port: u16, settings: &Settings) -> Result<(), String> {
    let Settings { fsync, max_connections, shared_buffers } = settings;
    let durable = if *fsync { "on" } else { "off" };
    let lines = format!(
        "listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{}'\n\
         fsync = {durable}\nsynchronous_commit = {durable}\nfull_page_writes = {durable}\n\
         max_connections = {max_connections}\nshared_buffers = {shared_buffers}MB\nmax_wal_size = 4GB\n\
         autovacuum = on\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n",
        directory.display()
    );
    let path = directory.join("data/postgresql.conf");
    let given = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
    std::fs::write(&path, given + &lines).map_err(|e| e.to_string())
}

pub(super) fn stand_guard(binaries: &Path, directory: &Path) -> Result<Child, String> {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "schemig-guard"]).arg(binaries).arg(directory);
    unprivileged::run_as_user(&mut command, directory)?;
    // A group of its own: Ctrl-C at the terminal ends this process, and then the guard does its work.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|e| format!("sh: {e}"))
}

/// Waits for the server's own note that it takes connections; returns its log when it ended or took too long.
pub(super) fn wait_until_ready(directory: &Path) -> Result<(), String> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(60) {
        let note = std::fs::read_to_string(directory.join("data/postmaster.pid")).unwrap_or_default();
        if note.lines().nth(7).is_some_and(|status| status.trim() == "ready") {
            return Ok(());
        }
        let log = std::fs::read_to_string(directory.join("log")).unwrap_or_default();
        if log.contains("FATAL") {
            return Err(log);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(std::fs::read_to_string(directory.join("log")).unwrap_or_default())
}

pub(super) fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
