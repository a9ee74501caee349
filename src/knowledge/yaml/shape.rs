//! The two readings: the shape first, then the text of every scalar along that shape.

use std::{cell::Cell, fmt};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Node;

/// What the tree looks like, without its texts.
#[derive(Debug, PartialEq)]
pub(super) enum Shape {
    Map(Vec<Shape>),
    Seq(Vec<Shape>),
    Scalar,
    Null,
}

/// Reads the shape, and stops when more than `left` nodes came.
#[derive(Clone, Copy)]
pub(super) struct ShapeSeed<'c> {
    pub(super) left: &'c Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for ShapeSeed<'_> {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Shape, D::Error> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.ok_or_else(|| {
            de::Error::custom("the file holds far too many values (do its aliases multiply?)")
        })?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ShapeSeed<'_> {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain YAML without `!tags`")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape::Scalar)
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_none<E>(self) -> Result<Shape, E> {
        Ok(Shape::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Shape::Seq(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut values = Vec::new();
        while map.next_key::<String>()?.is_some() {
            values.push(map.next_value_seed(self)?);
        }
        Ok(Shape::Map(values))
    }
}

/// Reads the texts along a shape. `deserialize_str` hands over what is written, unparsed.
#[derive(Clone, Copy)]
pub(super) struct TextSeed<'s>(pub(super) &'s Shape);

impl<'de> DeserializeSeed<'de> for TextSeed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        match self.0 {
            Shape::Map(_) => deserializer.deserialize_map(self),
            Shape::Seq(_) => deserializer.deserialize_seq(self),
            Shape::Scalar => deserializer.deserialize_str(self),
            Shape::Null => {
                deserializer.deserialize_ignored_any(de::IgnoredAny)?;
                Ok(Node::Null)
            }
        }
    }
}

impl<'de> Visitor<'de> for TextSeed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shape that the first reading found")
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Scalar(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let Shape::Seq(shapes) = self.0 else {
            return Err(de::Error::custom("not a list"));
        };
        let mut items = Vec::with_capacity(shapes.len());
        for shape in shapes {
            items.extend(seq.next_element_seed(TextSeed(shape))?);
        }
        // The reader sees the end of the list only when it is asked once more.
        seq.next_element::<de::IgnoredAny>()?;
        Ok(Node::Seq(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let Shape::Map(shapes) = self.0 else {
            return Err(de::Error::custom("not a group of keys"));
        };
        let mut entries = Vec::with_capacity(shapes.len());
        for shape in shapes {
            if let Some(key) = map.next_key::<String>()? {
                entries.push((key, map.next_value_seed(TextSeed(shape))?));
            }
        }
        map.next_key::<de::IgnoredAny>()?;
        Ok(Node::Map(entries))
    }
}
