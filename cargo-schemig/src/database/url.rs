//! Where a database is. The password goes to the server and nowhere else.

use std::fmt;
use std::path::PathBuf;

use crate::exit::Stop;

/// The URL of a database. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub enum Url {
    /// PostgreSQL, as libpq takes it.
    Postgres(String),
    /// SQLite: a path, a `file:` URI, or `sqlite://` and the rest of such a URI, as Diesel takes it.
    Sqlite(String),
}

/// What stands for a password.
const HIDDEN: &str = "***";

impl Url {
    /// Reads a URL the way Diesel's CLI does: `postgres://…`, else SQLite, with or without `sqlite://`.
    ///
    /// # Errors
    /// Another product's; one that libpq would take apart differently than it was meant, and then show parts of the password in its
    /// message; libpq's other form (`host=… password=…`), which Diesel's CLI takes for a file name. The text isn't shown.
    pub fn parse(text: &str) -> Result<Self, Stop> {
        let text = text.trim();
        // Diesel knows `sqlite://` in small letters only.
        let scheme = text.split_once("://").map(|(scheme, rest)| match scheme.to_ascii_lowercase() {
            server if server.starts_with("postgres") => (server, rest),
            _ => (scheme.to_owned(), rest),
        });
        match scheme.as_ref().map(|(scheme, rest)| (scheme.as_str(), *rest)) {
            Some(("postgres" | "postgresql", rest)) if is_well_formed(rest) => {
                Ok(Self::Postgres(text.to_owned()))
            }
            Some(("postgres" | "postgresql", _)) => Err(Stop::refused(
                "the database's URL can't be read",
                "it is postgres://user:password@host:port/database?name=value, and characters such as `/`, `@`, `:`, `#`, `?` or \
                 `%` in a password are written %2F, %40, %3A, %23, %3F, %25",
            )),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(text.to_owned())),
            Some(("file", _)) => Ok(Self::Sqlite(text.to_owned())),
            Some((other, _)) => Err(Stop::refused(
                format!(
                    "the database's URL begins with {}://",
                    if other.chars().all(|c| c.is_ascii_alphanumeric()) { other } else { "?" }
                ),
                "schemig applies migrations to postgres:// and to SQLite (a path, sqlite:// or file:)",
            )),
            None if text.is_empty() => Err(Stop::refused(
                "the database's URL is empty",
                "write postgres://user@host/database, or the path of a SQLite file",
            )),
            None if ["host=", "dbname=", "user=", "password=", "hostaddr=", "service="]
                .iter()
                .any(|key| text.contains(key)) =>
            {
                Err(Stop::refused(
                    "the database's URL is a list of libpq's parameters",
                    "Diesel's CLI takes no such list: write postgres://user:password@host:port/database?name=value",
                ))
            }
            None if names_a_server(text) => Err(Stop::refused(
                "the database's URL has no `://`, and yet reads like that of a server",
                "write postgres://user:password@host:port/database; a SQLite file with such a name is written file:…",
            )),
            None => Ok(Self::Sqlite(text.to_owned())),
        }
    }

    /// The file that SQLite opens; `None` for a database in memory, and where there is a server.
    pub fn file(&self) -> Option<PathBuf> {
        let Self::Sqlite(whole) = self else { return None };
        let Some(uri) = whole.strip_prefix("sqlite://").or_else(|| whole.strip_prefix("file:")) else {
            return (whole != ":memory:").then(|| PathBuf::from(whole));
        };
        let uri = uri.split_once('#').map_or(uri, |(uri, _)| uri);
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let path = path.strip_prefix("//").map_or(path, |host| &host[host.find('/').unwrap_or(0)..]);
        let in_memory =
            path.is_empty() || path == ":memory:" || query.split('&').any(|pair| pair == "mode=memory");
        decode(path).filter(|_| !in_memory).map(PathBuf::from)
    }

    /// The product, by the name that its dialect has.
    pub fn product(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// Another database on the same server, by a name that needs no escape. SQLite has no servers: there it is the same.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let Self::Postgres(whole) = self else { return self.clone() };
        let (scheme, rest) = whole.split_once("://").unwrap_or(("postgres", whole));
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let before = before.split_once('/').map_or(before, |(before, _)| before);
        let is_database =
            |pair: &&str| pair.split('=').next().and_then(decode).is_some_and(|key| key == "dbname");
        let rest: Vec<&str> =
            query.split('&').filter(|pair| !pair.is_empty() && !is_database(pair)).collect();
        let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
        Self::Postgres(format!("{scheme}://{before}/{name}{query}"))
    }

    /// The text without the password, in whichever form it stands there.
    pub fn scrub(&self, text: &str) -> String {
        let mut scrubbed = text.to_owned();
        for secret in self.secrets() {
            scrubbed = scrubbed.replace(&secret, HIDDEN);
        }
        scrubbed
    }

    /// The passwords, as they stand and decoded, the longest first.
    fn secrets(&self) -> Vec<String> {
        let Self::Postgres(whole) = self else { return Vec::new() };
        let rest = whole.split_once("://").map_or("", |(_, rest)| rest);
        let Parts { password, query, .. } = parts(rest);
        let of_query = query.split('&').filter_map(|pair| pair.split_once('='));
        let of_query = of_query.filter(|(name, _)| is_secret(name)).map(|(_, value)| value);
        let written: Vec<&str> =
            password.into_iter().chain(of_query).filter(|secret| !secret.is_empty()).collect();
        let decoded = written.iter().filter_map(|secret| decode(secret));
        let mut secrets: Vec<String> =
            decoded.chain(written.iter().map(|secret| (*secret).to_owned())).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        secrets
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = match self {
            Self::Sqlite(path) => return f.write_str(path),
            Self::Postgres(whole) => whole,
        };
        let (scheme, rest) = whole.split_once("://").unwrap_or(("postgres", ""));
        let Parts { user, password, place, query } = parts(rest);
        write!(f, "{scheme}://{user}")?;
        if password.is_some() {
            write!(f, ":{HIDDEN}")?;
        }
        write!(f, "{}{place}", if user.is_empty() && password.is_none() { "" } else { "@" })?;
        for (nth, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
            let name = pair.split('=').next().unwrap_or("");
            let shown = if is_secret(name) { format!("{name}={HIDDEN}") } else { pair.to_owned() };
            write!(f, "{}{shown}", if nth == 0 { "?" } else { "&" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

/// Whether a parameter of libpq's is a secret: `password`, `sslpassword`.
fn is_secret(name: &str) -> bool {
    decode(name).is_none_or(|name| name.to_ascii_lowercase().contains("password"))
}

/// What stands behind `postgres://`.
struct Parts<'a> {
    user: &'a str,
    password: Option<&'a str>,
    /// Hosts, ports and the database.
    place: &'a str,
    query: &'a str,
}

/// Whether a text without `://` was meant for a server: then a password may stand in it.
fn names_a_server(text: &str) -> bool {
    let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let has_login = text.rsplit_once('@').is_some_and(|(login, _)| login.contains(':'));
    match scheme.as_str() {
        "file" => false,
        "postgres" | "postgresql" | "mysql" => scheme.len() < text.len(),
        _ => has_login,
    }
}

fn parts(rest: &str) -> Parts<'_> {
    let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (login, place) = before.split_once('@').unwrap_or(("", before));
    let (user, password) = match login.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (login, None),
    };
    Parts { user, password, place, query }
}

/// Whether libpq reads these parts in it, and no others.
fn is_well_formed(rest: &str) -> bool {
    let Parts { user, password, place, query } = parts(rest);
    let plain = |text: &str, more: &str| {
        decode(text).is_some()
            && text.chars().all(|c| !c.is_whitespace() && !c.is_control())
            && !text.contains(|c: char| "/?#@:&=".contains(c) && !more.contains(c))
    };
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) => !name.is_empty() && plain(name, "") && plain(value, "/:@"),
        None => false,
    };
    plain(user, "&=")
        && password.is_none_or(|password| plain(password, "&="))
        && hosts.split(',').all(is_host)
        && plain(database, "&=")
        && (query.is_empty() || query.split('&').all(pair))
}

/// `name`, `name:5432`, `[::1]:5432`, or nothing.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, port)) if name.chars().all(|c| c.is_ascii_hexdigit() || ":.%".contains(c)) => {
            (name, port)
        }
        Some(_) => return false,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let named =
        host.starts_with('[') || (decode(name).is_some() && !name.contains(|c: char| "#&=@ ".contains(c)));
    let port = port.strip_prefix(':').unwrap_or(port);
    named && port.chars().all(|c| c.is_ascii_digit())
}

/// The text with its `%41` as `A`; `None` where an escape isn't one.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let hex = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::Url;

    fn parse(text: &str) -> Url {
        Url::parse(text).unwrap_or_else(|stop| panic!("{text}: {stop:?}"))
    }

    #[test]
    fn a_url_is_shown_without_its_passwords() {
        for (text, shown) in [
            ("postgres://u:s3cret@h:5432/d", "postgres://u:***@h:5432/d"),
            ("postgresql://u@h/d", "postgresql://u@h/d"),
            ("postgres:///d?host=/run/pg&user=u", "postgres:///d?host=/run/pg&user=u"),
            (
                "postgres://h/d?password=s3cret&application_name=x",
                "postgres://h/d?password=***&application_name=x",
            ),
            ("postgres://h/d?sslpassword=s3cret", "postgres://h/d?sslpassword=***"),
            ("postgres://h/d?p%61ssword=s3cret", "postgres://h/d?p%61ssword=***"),
            ("postgres://:s3cret@[::1]:1,h:2/d", "postgres://:***@[::1]:1,h:2/d"),
            ("POSTGRES://u:s3cret@h/d", "POSTGRES://u:***@h/d"),
            ("data/app.sqlite", "data/app.sqlite"),
            ("sqlite://data/app.sqlite", "sqlite://data/app.sqlite"),
            ("file:app.sqlite?mode=rw", "file:app.sqlite?mode=rw"),
        ] {
            assert_eq!(parse(text).to_string(), shown);
            assert_eq!(format!("{:?}", parse(text)), format!("Url({shown})"));
        }
    }

    #[test]
    fn what_libpq_would_take_apart_otherwise_is_refused_and_not_shown() {
        for text in [
            "postgres://u:s3cret/x@h/d",
            "postgres://u:s3cret@x@h/d",
            "postgres://u:s3cret#x@h/d",
            "postgres://u:s3cret?x@h/d",
            "postgres://u:s3cret%@h/d",
            "postgres://u:s3cret x@h/d",
            "postgres://u:s3cret",
            "postgres://h/d?password=s3cret&",
            "postgres://h/d?password=s3cret=x",
            "mysql://u:s3cret@h/d",
            "s3cret-mysql://u@h/d",
            "host=h password=s3cret",
            "postgres:/u:s3cret@h/d",
            "postgres:u:s3cret@h/d",
            "Postgresql:s3cret",
            "mysql:u:s3cret@h/d",
            "u:s3cret@h/d",
            "u:s3@cret@h/d",
            "",
        ] {
            let stop = Url::parse(text).expect_err(text);
            assert!(!format!("{stop:?}").contains("s3cret"), "{text}: {stop:?}");
        }
    }

    #[test]
    fn files_with_such_names_are_none_of_a_server() {
        for text in ["postgres", "data/a@b.db", "file:a:b@c.db", "notes.db"] {
            assert_eq!(parse(text), Url::Sqlite(text.to_owned()));
        }
    }

    #[test]
    fn the_file_is_the_one_that_sqlite_opens() {
        for (text, file) in [
            ("data/app.db", Some("data/app.db")),
            ("a?b%20c.db", Some("a?b%20c.db")),
            ("sqlite://app.db?mode=rw", Some("app.db")),
            ("sqlite:///data/app.db", Some("/data/app.db")),
            ("file:my%20db?cache=shared#x", Some("my db")),
            ("file://localhost/data/app.db", Some("/data/app.db")),
            ("file:x?mode=memory", None),
            ("sqlite://:memory:", None),
            (":memory:", None),
            ("postgres://h/d", None),
        ] {
            assert_eq!(parse(text).file().as_deref(), file.map(std::path::Path::new), "{text}");
        }
        assert!(Url::parse("SQLITE://app.db").is_err());
    }

    #[test]
    fn another_database_of_the_same_server() {
        for (text, other) in [
            ("postgres://u:p@h:5432/d?sslmode=require", "postgres://u:p@h:5432/x?sslmode=require"),
            ("postgres://h", "postgres://h/x"),
            ("postgres:///d?host=/run/pg&dbname=e", "postgres:///x?host=/run/pg"),
        ] {
            assert_eq!(parse(text).with_database("x"), parse(other));
        }
    }

    #[test]
    fn messages_lose_the_password_as_it_stands_and_decoded() {
        let url = parse("postgres://u:s%2Fcret@h/d?password=zwei");
        assert_eq!(url.scrub("no s/cret, no s%2Fcret, no zwei: u"), "no ***, no ***, no ***: u");
        assert_eq!(parse("postgres://u:@h/d").scrub("nothing"), "nothing");
    }
}
