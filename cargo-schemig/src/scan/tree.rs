//! Where a `mod` leads, by rustc's rules.

use std::path::{Path, PathBuf};

/// Where the file modules of a module lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directory {
    path: PathBuf,
    /// The file's own name, while nothing has stepped into it: its children lie in a directory of that name, but a `#[path]` in it
    /// starts beside it.
    own: Option<String>,
}

/// A file that a `mod` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Where it may lie, each with where its own modules lie.
    pub candidates: Vec<(PathBuf, Directory)>,
}

impl Directory {
    /// The directory of a file that is a crate's root, a `mod.rs`, or was named by `#[path]`.
    pub fn beside(file: &Path) -> Self {
        Self { path: file.parent().map(Path::to_owned).unwrap_or_default(), own: None }
    }

    /// Inside `mod name { … }`, which may have a path.
    pub fn inside(&self, name: &str, path: Option<&str>) -> Self {
        match path {
            Some(path) => Self { path: self.path.join(path), own: None },
            None => Self { path: self.stepped().join(name), own: None },
        }
    }

    /// What `mod name;` asks for, which may have a path.
    pub fn wanted(&self, name: &str, path: Option<&str>) -> Wanted {
        if let Some(path) = path {
            let file = self.path.join(path);
            let directory = Self::beside(&file);
            return Wanted { candidates: vec![(file, directory)] };
        }
        let base = self.stepped();
        let plain = Self { path: base.clone(), own: Some(name.to_owned()) };
        let nested = base.join(name).join("mod.rs");
        let directory = Self::beside(&nested);
        Wanted { candidates: vec![(base.join(format!("{name}.rs")), plain), (nested, directory)] }
    }

    fn stepped(&self) -> PathBuf {
        match &self.own {
            Some(own) => self.path.join(own),
            None => self.path.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Directory;
    use std::path::Path;

    fn paths(directory: &Directory, name: &str, path: Option<&str>) -> Vec<String> {
        let wanted = directory.wanted(name, path).candidates;
        wanted.iter().map(|(path, _)| path.display().to_string()).collect()
    }

    #[test]
    fn files_lie_where_rustc_looks() {
        let root = Directory::beside(Path::new("src/lib.rs"));
        assert_eq!(paths(&root, "a", None), ["src/a.rs", "src/a/mod.rs"]);
        assert_eq!(paths(&root, "a", Some("x/y.rs")), ["src/x/y.rs"]);
        let [(_, plain), (_, nested)] = &root.wanted("a", None).candidates[..] else {
            panic!("two candidates")
        };
        assert_eq!(paths(plain, "b", None), ["src/a/b.rs", "src/a/b/mod.rs"]);
        assert_eq!(paths(nested, "b", None), ["src/a/b.rs", "src/a/b/mod.rs"]);
        assert_eq!(paths(plain, "b", Some("c.rs")), ["src/c.rs"]);
        assert_eq!(paths(nested, "b", Some("c.rs")), ["src/a/c.rs"]);
        assert_eq!(paths(&plain.inside("i", None), "b", None)[0], "src/a/i/b.rs");
        assert_eq!(paths(&plain.inside("i", None), "b", Some("c.rs"))[0], "src/a/i/c.rs");
        assert_eq!(paths(&plain.inside("i", Some("t")), "b", Some("c.rs"))[0], "src/t/c.rs");
        let [(_, by_path)] = &root.wanted("a", Some("x/y.rs")).candidates[..] else {
            panic!("one candidate")
        };
        assert_eq!(paths(by_path, "b", None), ["src/x/b.rs", "src/x/b/mod.rs"]);
    }
}
