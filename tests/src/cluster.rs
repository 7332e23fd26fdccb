//! Private PostgreSQL clusters: each in a temporary directory, on a free port, gone when the test process is.
//!
//! Nothing of the system's own clusters is touched. A shell stands guard over each server: it waits on a pipe whose
//! other end only the test process holds, so that the server is stopped and its directory removed even when the
//! process panics or is killed (statics are never dropped in Rust, and a killed process drops nothing).

mod binaries;
mod replica;

use std::fmt::Write as _;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;

pub use binaries::binaries;
pub use replica::Replica;

use crate::unprivileged;

/// How a cluster differs from the usual one for tests.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether writes reach the disk before a commit returns. Off: tests need speed, not durability.
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

/// The superuser's name in every cluster.
const USER: &str = "schemig";

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
    /// The one cluster of this test process, started on first use.
    pub fn shared() -> &'static Cluster {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Cluster::start(&Settings::default()))
    }

    /// Starts a cluster of its own: for tests that need other settings, or that disturb their neighbours.
    ///
    /// # Panics
    /// When no server binaries are found or the server doesn't start; the message says what to do, or has its log.
    pub fn start(settings: &Settings) -> Cluster {
        let binaries = binaries();
        for _ in 0..5 {
            match try_start(&binaries, settings) {
                Ok(cluster) => return cluster,
                // Between finding a free port and taking it, someone else may.
                Err(log) if log.contains("could not bind") => {}
                Err(log) => panic!("PostgreSQL in {} didn't start:\n{log}", binaries.display()),
            }
        }
        panic!("PostgreSQL found no free port in five attempts")
    }

    /// The server's major version, such as 15.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Makes an empty database whose name starts with `stem`.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn database(&self, stem: &str) -> Database<'_> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("{stem}_{number}");
        self.administer(&format!("CREATE DATABASE \"{name}\""));
        Database { cluster: self, name }
    }

    fn administer(&self, sql: &str) {
        let url = self.url("postgres", USER, &self.password);
        let mut connection = PgConnection::establish(&url).expect("the cluster answers");
        diesel::sql_query(sql).execute(&mut connection).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn url(&self, database: &str, user: &str, password: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port)
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
        self.url_for(USER, &self.cluster.password)
    }

    /// The URL for another role.
    pub fn url_for(&self, role: &str, password: &str) -> String {
        self.cluster.url(&self.name, role, password)
    }

    /// The URL with a name by which `pg_stat_activity` tells the session apart.
    pub fn url_as(&self, application: &str) -> String {
        format!("{}?application_name={application}", self.url())
    }

    /// A new connection as the superuser.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn connect(&self) -> PgConnection {
        PgConnection::establish(&self.url()).expect("the database answers")
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
        let url = self.cluster.url("postgres", USER, &self.cluster.password);
        // Clearing up is best effort: the cluster goes as a whole in the end, and a panic here would hide the test's own.
        if let Ok(mut connection) = PgConnection::establish(&url) {
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
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o700))
        .map_err(|e| e.to_string())?;
    let password = secret();
    std::fs::write(directory.path().join("password"), &password).map_err(|e| e.to_string())?;
    unprivileged::hand_over(&directory.path().join("password"));
    unprivileged::hand_over(directory.path());
    init(binaries, directory.path())?;
    let port = free_port();
    configure(directory.path(), port, settings)?;
    // From here on the guard removes the directory.
    let directory = directory.keep();
    let guard = stand_guard(binaries, &directory)?;
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
    unprivileged::run_as_user(&mut command, directory);
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

fn stand_guard(binaries: &Path, directory: &Path) -> Result<Child, String> {
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "schemig-guard"]).arg(binaries).arg(directory);
    unprivileged::run_as_user(&mut command, directory);
    // A group of its own: Ctrl-C at the terminal ends the tests, and then the guard does its work.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(|e| format!("sh: {e}"))
}

/// Waits for the server's own note that it takes connections; returns its log when it ended or took too long.
fn wait_until_ready(directory: &Path) -> Result<(), String> {
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

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its number").port()
}

/// A password: other users of the machine can reach the port, and a superuser may run programs.
fn secret() -> String {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .expect("/dev/urandom");
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
