use super::{Module, Modules, declares, modules, names_derive};

fn plain(source: &str) -> Vec<String> {
    match modules(source.as_bytes()) {
        Modules::Plain(found) => found.iter().map(shown).collect(),
        Modules::Parse => panic!("`{source}` needs no parsing"),
    }
}

fn shown(module: &Module) -> String {
    module.inside.iter().chain([&module.name]).cloned().collect::<Vec<_>>().join("::")
}

#[test]
fn file_modules_are_found_wherever_they_may_stand() {
    assert_eq!(plain("mod a; pub mod b;\npub(crate)  mod\n c ;"), ["a", "b", "c"]);
    assert_eq!(plain("mod a { pub mod b { mod c; } mod d; } mod e;"), ["a::b::c", "a::d", "e"]);
    assert_eq!(plain("#[allow(x)] /// doc\n mod a; #[rustfmt::skip] mod r#type;"), ["a", "type"]);
    assert_eq!(plain("fn f<'a>(x: &'a str) -> char { '{' } mod a;"), ["a"]);
    assert_eq!(plain("const C: char = '\\''; const D: char = 'ö'; mod a;"), ["a"]);
}

#[test]
fn what_only_looks_like_one_is_none() {
    assert!(plain("// mod a;\n/* mod b; /* mod c; */ mod d; */ const S: &str = \"mod e;\";").is_empty());
    assert!(plain("const S: &str = r#\"\" mod a; \"#; const B: &[u8] = b\"\\\" mod b;\"; ").is_empty());
    assert!(plain("fn f() { mod a; } macro_rules! m { () => { mod b; } }").is_empty());
    assert!(plain("mod tests { fn f() {} } struct modx; fn g() -> module;").is_empty());
}

#[test]
fn conditions_and_paths_need_parsing() {
    for source in [
        "#[cfg(unix)] mod a;",
        "#[path = \"b.rs\"] pub mod a;",
        "#[cfg_attr(x, path = \"b.rs\")] mod a;",
        "#![cfg(feature = \"x\")] mod a;",
        "#[cfg(test)] mod a { mod b; }",
        "#[path = \"x\"] mod a { mod b; }",
    ] {
        assert_eq!(modules(source.as_bytes()), Modules::Parse, "{source}");
    }
    assert_eq!(plain("#[cfg(unix)] fn f() {} mod a;"), ["a"]);
    assert_eq!(plain("#[cfg(test)] use x::y; mod a; #[cfg(test)] mod tests { fn f() {} }"), ["a"]);
}

#[test]
fn declarations_are_told_from_uses() {
    for source in ["pub struct Mood;", "enum  Mood{A}", "type Mood<T> = T;", "pub use a::{b, c as Mood};"] {
        assert!(declares(source.as_bytes(), "Mood"), "{source}");
    }
    for source in
        ["struct Moods;", "let x: Mood = y;", "use a::Mood;", "x as Mood", "prototype Mood", "xtype Mood"]
    {
        assert!(!declares(source.as_bytes(), "Mood"), "{source}");
    }
}

#[test]
fn derives_are_named() {
    assert!(names_derive(b"#[derive(schemig::Migratable)]") && names_derive(b"DbEnum"));
    assert!(!names_derive(b"#[derive(Queryable)]"));
}
