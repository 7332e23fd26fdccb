//! What a user sees after a mistake in a model. The cases stand in `mistakes/`, one file each, named for the mistake.

#[test]
fn each_mistake_is_an_error_at_its_place() {
    trybuild::TestCases::new().compile_fail("tests/mistakes/*.rs");
}
