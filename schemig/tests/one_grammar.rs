//! The derive and the scan read the same item through different token streams: the compiler's, and proc-macro2's own. A fingerprint
//! must not tell them apart, or `cargo test` would report drift for ever.

#![expect(unnameable_test_items, reason = "those tests would look for this crate's own snapshot")]
#![expect(unused_qualifications, reason = "a path is one of the shapes")]

use schemig::{Migratable, MigratableEnum};
use schemig_syntax::parse;

/// Derives the struct, reads its text as the scan does, and compares.
macro_rules! alike {
    ($name:ty, $($item:tt)*) => {{
        #[derive(Migratable)]
        #[expect(dead_code, reason = "only its shape counts")]
        $($item)*
        let item: syn::ItemStruct = syn::parse_str(stringify!($($item)*)).unwrap();
        let scanned = parse::model(&item).unwrap();
        assert_eq!(<$name>::MODEL, scanned.canonical());
        assert_eq!(<$name>::FINGERPRINT, scanned.fingerprint());
    }};
}

#[test]
fn types_of_every_shape() {
    alike!(
        Plain,
        struct Plain {
            id: i64,
            name: Option<String>,
            blob: std::vec::Vec<u8>,
        }
    );
    alike!(
        Odd<'_>,
        pub(crate) struct Odd<'a> {
            pub id: i64,
            text: &'a str,
            bytes: [u8; 0x10],
            pair: (i32, Option<&'static [u8]>),
            map: std::collections::BTreeMap<String, Vec<(u8, u8)>>,
            call: Box<dyn Fn(&str) -> i32 + Send + 'static>,
            turbofish: Vec<u8>,
            projected: <Vec<u8> as IntoIterator>::Item,
            r#type: core::option::Option<std::borrow::Cow<'a, str>>,
            pointer: *const u8,
        }
    );
}

#[test]
fn attributes_of_every_shape() {
    alike!(
        Full,
        /// Documentation says nothing.
        #[diesel(table_name = crate::schema::r#type)]
        #[diesel(primary_key(id, r#type), check_for_backend(diesel::pg::Pg))]
        #[schemig(name = "T \"quoted\" \\ é \u{1F600}", comment = r#"raw "text""#)]
        #[schemig(index(name, expression = "lower(name)", where = "id > 0", include(id)), unique(name, id))]
        #[schemig(check("name <> '\n'", name = "c"), dropped("gone", fill = none), renamed_from = "old")]
        struct Full {
            #[schemig(identity = always)]
            id: i64,
            #[diesel(column_name = "type")]
            kind: i32,
            #[schemig(unique(name = "u"), default = -1.5e3, collate = "C", renamed_from = none)]
            name: f64,
            #[schemig(references(orgs(id), on_delete = cascade), backfill(from = m, key = "k", value = "v"))]
            org: i64,
            #[schemig(generated("id * 2", virtual))]
            twice: i64,
            #[diesel(select_expression = a.eq(b), select_expression_type = dsl::Eq<a, b>)]
            same: bool,
            #[schemig(skip)]
            cache: u8,
        }
    );
}

#[test]
fn enums() {
    #[derive(MigratableEnum)]
    #[schemig(name = "mood")]
    #[expect(dead_code, reason = "only its labels count")]
    enum Mood {
        Sad,
        #[schemig(label = "über")]
        VeryHappy,
    }
    let text = r#"#[schemig(name = "mood")] enum Mood { Sad, #[schemig(label = "über")] VeryHappy }"#;
    let scanned = parse::enumeration(&syn::parse_str(text).unwrap()).unwrap();
    assert_eq!(Mood::MODEL, scanned.canonical());
    assert_eq!(Mood::FINGERPRINT, scanned.fingerprint());
}

#[test]
fn the_documentation_names_every_key() {
    let [user, grammar] = [include_str!("../src/lib.rs"), include_str!("../../schemig-syntax/src/lib.rs")];
    let keys = [schemig_syntax::STRUCT_KEYS, schemig_syntax::FIELD_KEYS, schemig_syntax::ENUM_KEYS];
    for key in keys.into_iter().flatten().chain(schemig_syntax::VARIANT_KEYS) {
        for (file, text) in [("schemig", user), ("schemig-syntax", grammar)] {
            let written = [format!("`{}", key.word), format!("({}", key.word)];
            assert!(written.iter().any(|form| text.contains(form)), "{file} doesn't document `{}`", key.word);
        }
    }
}
