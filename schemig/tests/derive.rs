//! The derive in a user's crate. Structs stand in functions, so that only this file calls the tests they bring.

#![expect(unnameable_test_items, reason = "those tests would look for this crate's own snapshot")]

use schemig::{Migratable, MigratableEnum};

fn model<T: Migratable>() -> &'static str {
    T::MODEL
}

#[test]
fn lifetimes_raw_names_and_documentation() {
    /// A model.
    #[derive(Migratable)]
    #[diesel(table_name = crate::schema::r#type)]
    struct Type<'a, 'b: 'a>
    where
        'a: 'a,
    {
        /// The key.
        #[expect(dead_code, reason = "only its name counts")]
        id: i64,
        #[expect(dead_code, reason = "only its name counts")]
        r#type: Option<&'a str>,
        #[expect(dead_code, reason = "only its name counts")]
        name: std::borrow::Cow<'b, str>,
    }
    assert_eq!(
        model::<Type<'_, '_>>(),
        "1;struct Type;table type;key id;field id:i64;field type:Option<&'a str>;field name:std::borrow::Cow<'b,str>"
    );
}

#[test]
fn attributes_behind_cfg_attr_count_when_it_holds() {
    #[cfg_attr(all(), derive(Migratable))]
    #[cfg_attr(all(), schemig(comment = "seen"))]
    #[cfg_attr(any(), schemig(comment = "unseen"))]
    #[expect(dead_code, reason = "only its name counts")]
    struct User {
        #[cfg_attr(all(), schemig(identity))]
        id: i64,
        #[cfg(any())]
        gone: i64,
    }
    assert_eq!(
        User::MODEL,
        r#"1;struct User;table users comment="seen";key id;field id:i64 identity=by_default"#
    );
}

/// As the derive sees it, a type that came through a macro's variable stands in an invisible group.
#[test]
fn a_struct_that_a_macro_makes_reads_like_one_written_out() {
    macro_rules! model {
        ($name:ident { $($field:ident: $ty:ty),* }) => {
            #[derive(Migratable)]
            #[expect(dead_code, reason = "only its name counts")]
            struct $name { $($field: $ty),* }
        };
    }
    model!(User { id: i64, name: Option<Vec<u8>> });
    assert_eq!(User::MODEL, "1;struct User;table users;key id;field id:i64;field name:Option<Vec<u8>>");
}

#[test]
fn tuple_structs() {
    #[derive(Migratable)]
    #[expect(dead_code, reason = "only its name counts")]
    struct Pair(#[diesel(column_name = id)] i64, #[diesel(column_name = "name")] String);
    assert_eq!(Pair::MODEL, "1;struct Pair;table pairs;key id;field id:i64;field name:String");
}

#[test]
fn enums() {
    #[derive(MigratableEnum)]
    #[DbValueStyle = "kebab-case"]
    #[expect(dead_code, reason = "only its labels count")]
    enum Mood {
        Sad,
        #[db_rename = "joy"]
        VeryHappy,
        SoSo,
    }
    assert_eq!(Mood::MODEL, r#"1;enum Mood;Sad="sad";VeryHappy="joy";SoSo="so-so""#);
    assert_eq!(Mood::FINGERPRINT.len(), 16);
}

#[test]
#[should_panic(expected = "run `cargo schemig init`, then `cargo schemig diff`")]
fn the_test_that_comes_with_a_model_asks_for_the_snapshot() {
    #[derive(Migratable)]
    #[expect(dead_code, reason = "only its name counts")]
    struct User {
        id: i64,
    }
    schemig_captured_user();
}
