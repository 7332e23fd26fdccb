//! Running a program as a user without rights, where root is the caller: PostgreSQL's server refuses root, and no
//! file is read-only for root.

use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// A user and its group, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The user's number.
    pub uid: u32,
    /// The number of its first group.
    pub gid: u32,
}

/// The user to run programs as when the caller is root, and `None` when it isn't: then the caller itself will do.
///
/// It is `postgres` where that exists, else `nobody`, from `/etc/passwd`.
///
/// # Errors
/// The caller is root and neither user exists.
pub fn user() -> Result<Option<User>, String> {
    // Whoever makes a file owns it: the one way to one's own number without unsafe code, on Linux and elsewhere.
    let own = tempfile::tempfile().and_then(|file| file.metadata()).map_err(|error| error.to_string())?.uid();
    if own != 0 {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd").map_err(|error| format!("/etc/passwd: {error}"))?;
    let user = find(&passwd, "postgres").or_else(|| find(&passwd, "nobody"));
    user.map(Some).ok_or_else(|| {
        "root can't run PostgreSQL's server, and there is no user `postgres` or `nobody`".to_owned()
    })
}

/// Makes `command` run as [`user`], in `directory`, without the caller's other groups.
///
/// # Errors
/// There is no such user.
pub fn run_as_user(command: &mut Command, directory: &Path) -> Result<(), String> {
    command.current_dir(directory);
    if let Some(User { uid, gid }) = user()? {
        command.uid(uid).gid(gid);
    }
    Ok(())
}

/// Gives `path` itself (nothing below it) to [`user`].
///
/// # Errors
/// There is no such user, or the owner can't be changed.
pub fn hand_over(path: &Path) -> Result<(), String> {
    match user()? {
        Some(User { uid, gid }) => std::os::unix::fs::chown(path, Some(uid), Some(gid))
            .map_err(|e| format!("{}: {e}", path.display())),
        None => Ok(()),
    }
}

fn find(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        match fields.as_slice() {
            [found, _, uid, gid, ..] if *found == name => {
                Some(User { uid: uid.parse().ok()?, gid: gid.parse().ok()? })
            }
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_user_by_its_whole_name() {
        let passwd = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8:::\npostgres:x:101:104:::\n";
        assert_eq!(find(passwd, "postgres"), Some(User { uid: 101, gid: 104 }));
        assert_eq!(find(passwd, "nobody"), None);
    }

    #[test]
    fn a_program_run_as_user_is_not_root() {
        let directory = tempfile::tempdir().expect("a directory");
        hand_over(directory.path()).expect("an owner");
        let mut touch = Command::new("touch");
        touch.arg("made");
        run_as_user(&mut touch, directory.path()).expect("a user");
        assert!(touch.status().expect("touch runs").success());
        let owner = std::fs::metadata(directory.path().join("made")).expect("the file").uid();
        assert_ne!(owner, 0);
    }
}
