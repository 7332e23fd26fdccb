//! Databases to try things on: made, filled, copied and dropped here, never one that somebody has.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::connection::SimpleConnection as _;
use schemig_core::dialect::{postgres, sqlite};
use tempfile::TempDir;

use super::leftovers::{self, Leftover};
use super::{Cluster, Settings, binaries, secret};
use crate::database::{Connection, Url};
use crate::exit::{Exit, Stop};

/// Where scratch databases are made.
pub struct Ground {
    place: Place,
    /// Keeps this run's databases apart from those of others on the same server.
    stem: String,
    made: AtomicU32,
}

enum Place {
    /// A server of our own.
    Cluster(Box<Cluster>),
    /// Somebody's server, by a database that stands there and is only connected to.
    Server(Url),
    /// Files of SQLite.
    Directory(TempDir),
}

/// A database that is dropped with the value.
pub struct Scratch {
    url: Url,
    leftover: Leftover,
}

impl Ground {
    /// SQLite, in a temporary directory.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn sqlite() -> Result<Self, Stop> {
        Self::at(Place::Directory(super::directory("schemig-verify-")?))
    }

    /// PostgreSQL: on the server of this URL, else on one that is started for this.
    ///
    /// # Errors
    /// No server can be had.
    pub fn postgres(url: Option<&Url>) -> Result<Self, Stop> {
        if let Some(url) = url {
            return Self::at(Place::Server(url.clone()));
        }
        let binaries = binaries().ok_or_else(no_server)?;
        let settings = Settings { shared_buffers: 64, ..Settings::default() };
        let cluster = Cluster::start(&binaries, &settings).map_err(|log| failed(&log))?;
        Self::at(Place::Cluster(Box::new(cluster)))
    }

    fn at(place: Place) -> Result<Self, Stop> {
        let secret = secret().map_err(|error| Stop::failed(Path::new("/dev/urandom"), "read", &error))?;
        let stem = format!("schemig_verify_{}", &secret[..8]);
        Ok(Self { place, stem, made: AtomicU32::new(0) })
    }

    /// An empty database.
    ///
    /// # Errors
    /// The server or the disk refuses.
    pub fn empty(&self) -> Result<Scratch, Stop> {
        self.make(None)
    }

    /// A database with all that another one holds. Nobody may be connected to that one.
    ///
    /// # Errors
    /// The server or the disk refuses.
    pub fn copy(&self, of: &Scratch) -> Result<Scratch, Stop> {
        self.make(Some(of))
    }

    fn make(&self, of: Option<&Scratch>) -> Result<Scratch, Stop> {
        let name = format!("{}_{}", self.stem, self.made.fetch_add(1, Ordering::Relaxed));
        let server = match &self.place {
            Place::Cluster(cluster) => Url::Postgres(cluster.administrator()),
            Place::Server(url) => url.clone(),
            Place::Directory(directory) => {
                let path = directory.path().join(format!("{name}.sqlite"));
                if let Some(Scratch { url: Url::Sqlite(from), .. }) = of {
                    fs::copy(from, &path).map_err(|error| Stop::failed(&path, "write", &error))?;
                }
                let url = Url::Sqlite(path.display().to_string());
                return Ok(Scratch { url, leftover: Leftover::File(path) });
            }
        };
        let template = match of {
            Some(of) => format!(" TEMPLATE \"{}\"", of.name()),
            None => String::new(),
        };
        let leftover = Leftover::Database { server: server.clone(), name: name.clone() };
        let make = || administer(&server, &format!("CREATE DATABASE \"{name}\"{template}"));
        if let Err(stop) = leftovers::keep_while(leftover.clone(), make) {
            // What isn't made isn't dropped either: a database of that name is another's.
            leftovers::forget(&leftover);
            return Err(stop);
        }
        Ok(Scratch { url: server.with_database(&name), leftover })
    }
}

impl Scratch {
    /// Where it is.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// A new connection. Contracts may run on it at once, whatever guards them: here they follow their expand. On SQLite foreign keys hold, as Diesel's users have them, and nothing waits for the disk: what is thrown away
    /// need not survive a power cut.
    ///
    /// # Errors
    /// The server refuses.
    pub fn connect(&self) -> Result<Connection, Stop> {
        let mut connection = Connection::establish(&self.url)?;
        let set = match &mut connection {
            Connection::Postgres(connection) => connection.batch_execute(postgres::LET_CONTRACT),
            Connection::Sqlite(connection) => connection.batch_execute(&format!(
                "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; PRAGMA synchronous = OFF; {}",
                sqlite::LET_CONTRACT
            )),
        };
        set.map_err(|error| failed(&error.to_string()))?;
        Ok(connection)
    }

    fn name(&self) -> &str {
        match &self.leftover {
            Leftover::Database { name, .. } => name,
            Leftover::File(_) | Leftover::Directory(_) => "",
        }
    }
}

/// A scratch database with a connection that is kept: to open one takes a server longer than most of what it is asked.
pub struct Kept {
    /// The database.
    pub scratch: Scratch,
    open: Option<Connection>,
}

impl Kept {
    /// Of this database.
    pub fn new(scratch: Scratch) -> Self {
        Self { scratch, open: None }
    }

    /// The connection.
    ///
    /// # Errors
    /// The server refuses.
    pub fn connection(&mut self) -> Result<&mut Connection, Stop> {
        let connection = match self.open.take() {
            Some(connection) => connection,
            None => self.scratch.connect()?,
        };
        Ok(self.open.insert(connection))
    }

    /// The next one is a new one: after a failure who knows what this one is in the middle of.
    pub fn hang_up(&mut self) {
        self.open = None;
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        leftovers::clear(&self.leftover);
    }
}

fn administer(server: &Url, sql: &str) -> Result<(), Stop> {
    let Connection::Postgres(mut connection) = Connection::establish(server)? else { return Ok(()) };
    connection.batch_execute(sql).map_err(|error| {
        let mut stop = failed(&format!("{sql}: {}", server.scrub(&error.to_string())));
        for found in &mut stop.diagnostics {
            let help = "the role needs CREATEDB; without --database-url verify starts a server of its own";
            *found = found.clone().help(help);
        }
        stop
    })
}

fn failed(what: &str) -> Stop {
    Stop {
        exit: Exit::Failed,
        ..Stop::refused(what, "verify changes nothing but databases that it makes itself")
    }
}

fn no_server() -> Stop {
    let mut stop = Stop::refused(
        "verify needs a PostgreSQL server, and finds none to start",
        "install PostgreSQL's server (initdb and postgres), or name its directory in SCHEMIG_PG_BIN",
    );
    for found in &mut stop.diagnostics {
        *found = found.clone().help("or say --database-url: databases are made and dropped on that server, none that stands is touched");
    }
    stop
}
