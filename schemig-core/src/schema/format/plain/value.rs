//! The values of plain TOML: what stands behind `=`.

use serde::Deserializer;
use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::reader::{Keys, NotPlain, Reader};

/// The value that stands next.
pub(super) struct Value<'a, 'de>(pub(super) &'a mut Reader<'de>);

impl<'de> Deserializer<'de> for Value<'_, 'de> {
    type Error = NotPlain;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        let Self(reader) = self;
        if reader.stands("\"") || reader.stands("'") {
            return visitor.visit_borrowed_str(reader.string()?);
        }
        if reader.take("[") {
            return visitor.visit_seq(List { reader, begun: false });
        }
        if reader.take("{ ") {
            return visitor.visit_map(Inline { reader, keys: Keys::default() });
        }
        match reader.word()? {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            "0" => visitor.visit_u32(0),
            zeros if zeros.starts_with('0') => Err(NotPlain),
            number => visitor.visit_u32(number.parse().map_err(|_| NotPlain)?),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotPlain> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, NotPlain> {
        visitor.visit_newtype_struct(self)
    }

    /// `"variant"`, or `{ variant = value }`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotPlain> {
        let Self(reader) = self;
        if !reader.take("{ ") {
            return BorrowedStrDeserializer::new(reader.string()?).deserialize_enum(name, variants, visitor);
        }
        let inside = MapAccessDeserializer::new(Inline { reader: &mut *reader, keys: Keys::default() });
        let value = inside.deserialize_enum(name, variants, visitor)?;
        reader.expect(" }").map(|()| value)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// What stands in `[…]`.
struct List<'a, 'de> {
    reader: &'a mut Reader<'de>,
    begun: bool,
}

impl<'de> SeqAccess<'de> for List<'_, 'de> {
    type Error = NotPlain;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, NotPlain> {
        if self.reader.take("]") {
            return Ok(None);
        }
        if self.begun {
            self.reader.expect(", ")?;
        }
        self.begun = true;
        seed.deserialize(Value(self.reader)).map(Some)
    }
}

/// What stands in `{ … }`.
struct Inline<'a, 'de> {
    reader: &'a mut Reader<'de>,
    keys: Keys<'de>,
}

impl<'de> MapAccess<'de> for Inline<'_, 'de> {
    type Error = NotPlain;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, NotPlain> {
        if !self.keys.is_empty() {
            if self.reader.take(" }") {
                return Ok(None);
            }
            self.reader.expect(", ")?;
        }
        let key = self.reader.key()?;
        self.keys.add(key, seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, NotPlain> {
        seed.deserialize(Value(self.reader))
    }
}
