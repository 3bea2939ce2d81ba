//! Which columns a field means.

use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as PhysicalType};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor, Type};

use crate::records::RecordError;
use crate::records::field::{Field, Token};

/// A column of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its index among the leaves of the schema.
    pub index: usize,
    /// What a list, map or struct is called that it is in, and then its own name.
    path: Vec<Piece>,
    /// The field as it was named.
    name: String,
}

/// A step from a row to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// The member of a struct.
    Name(String),
    /// An element of a list; its number tells how many lists are around it, from 0.
    Element(usize),
    /// A value of a map, under any key.
    Value,
    /// A key of a map, which is no text to be repaired.
    Key,
}

impl Column {
    /// The pointer to a value, given the indices in the lists that it is in.
    pub fn pointer(&self, indices: &[usize]) -> String {
        if self.flat_name().is_some() && !self.name.contains('*') {
            return self.name.clone();
        }
        let mut pointer = String::new();
        for piece in &self.path {
            pointer.push('/');
            match piece {
                Piece::Name(name) => pointer += &name.replace('~', "~0").replace('/', "~1"),
                Piece::Element(list) => pointer += &indices[*list].to_string(),
                Piece::Value | Piece::Key => pointer.push('*'),
            }
        }
        pointer
    }

    /// Its name in the schema, if it is not inside of another column.
    pub fn flat_name(&self) -> Option<&str> {
        match self.path.as_slice() {
            [Piece::Name(name)] => Some(name),
            _ => None,
        }
    }
}

impl Piece {
    fn is_named_by(&self, token: &Token) -> bool {
        match (self, token) {
            (Piece::Name(name), Token::Name(token)) => name == token,
            (Piece::Key, _) | (_, Token::Name(_)) => false,
            (_, Token::Every) => true,
        }
    }
}

/// The columns of text that some fields name, in the order of the schema.
pub fn find(schema: &SchemaDescriptor, fields: &[Field]) -> Result<Vec<Column>, RecordError> {
    let mut found: Vec<Column> = Vec::new();
    for field in fields {
        let mut problem = Some("no column");
        for (index, descriptor) in schema.columns().iter().enumerate() {
            let path = pieces(schema.root_schema(), descriptor.path().parts());
            let tokens = field.tokens();
            let is_meant = path.len() == tokens.len()
                && path.iter().zip(tokens).all(|(piece, token)| piece.is_named_by(token));
            if is_meant && is_text(descriptor) {
                problem = None;
                found.push(Column { index, path, name: field.name().to_owned() });
            } else if is_meant {
                problem = problem.map(|_| "no text in the column");
            }
        }
        if let Some(problem) = problem {
            let message = format!("{problem} `{}`", field.name());
            return Err(RecordError { column: 1, message });
        }
    }
    found.sort_by_key(|column| column.index);
    found.dedup_by_key(|column| column.index);
    Ok(found)
}

/// Whether the values of a column are UTF-8 by declaration, or bytes that may be: some
/// writers do not say.
fn is_text(column: &ColumnDescriptor) -> bool {
    let is_declared = matches!(column.logical_type_ref(), Some(LogicalType::String))
        || column.converted_type() == ConvertedType::UTF8;
    let is_silent =
        column.logical_type_ref().is_none() && column.converted_type() == ConvertedType::NONE;
    column.physical_type() == PhysicalType::BYTE_ARRAY && (is_declared || is_silent)
}

/// What is around the node of the schema that is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Struct,
    /// A group annotated as a list or a map: the repeated node in it has no name of its own.
    List,
    Map,
    /// The repeated node of a list of three levels: the only node in it is the element.
    Element,
    /// The repeated node of a map: a key and a value.
    Entry,
}

/// The steps to a leaf without the groups that only carry structure, such as
/// `list.element`.
fn pieces(root: &Type, parts: &[String]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut node = root;
    let mut around = Around::Struct;
    let mut lists = 0;
    for part in parts {
        let parent = node;
        let Some(child) = parent.get_fields().iter().find(|child| child.name() == part) else {
            break;
        };
        node = child;
        match around {
            Around::Struct => pieces.push(Piece::Name(part.clone())),
            Around::Entry if part == "key" => pieces.push(Piece::Key),
            Around::Entry => pieces.push(Piece::Value),
            Around::List | Around::Map | Around::Element => {}
        }
        let info = node.get_basic_info();
        let is_repeated = info.has_repetition() && info.repetition() == Repetition::REPEATED;
        if is_repeated && around != Around::Map {
            pieces.push(Piece::Element(lists));
        }
        lists += usize::from(is_repeated);
        around = match around {
            Around::Map => Around::Entry,
            Around::List if wraps_element(parent, node) => Around::Element,
            _ => within(node),
        };
    }
    pieces
}

/// What a group is for the nodes in it.
fn within(node: &Type) -> Around {
    let info = node.get_basic_info();
    match (info.logical_type_ref(), info.converted_type()) {
        (Some(LogicalType::List), _) | (_, ConvertedType::LIST) => Around::List,
        (Some(LogicalType::Map), _) | (_, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE) => {
            Around::Map
        }
        _ => Around::Struct,
    }
}

/// Whether the repeated node of a list carries the element and is not it: the rules of
/// the format for lists of two levels, which older writers made.
fn wraps_element(list: &Type, repeated: &Type) -> bool {
    repeated.is_group()
        && repeated.get_fields().len() == 1
        && repeated.name() != "array"
        && repeated.name() != format!("{}_tuple", list.name())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parquet::schema::parser::parse_message_type;

    use super::*;

    const SCHEMA: &str = "message schema {
        required binary id (UTF8);
        optional binary text (UTF8);
        optional binary bytes;
        optional int64 number;
        optional binary json (JSON);
        optional group messages (LIST) { repeated group list { optional group element {
            optional binary content (UTF8);
            optional group parts (LIST) { repeated binary array (UTF8); }
        } } }
        optional group pairs (LIST) { repeated group pairs_tuple { optional binary a (UTF8); } }
        repeated binary tags (UTF8);
        optional group attributes (MAP) { repeated group key_value {
            required binary key (UTF8); optional binary value (UTF8);
        } }
        optional group meta { optional binary a/b (UTF8); }
    }";

    fn columns(fields: &[&str]) -> Result<Vec<Column>, String> {
        let schema = SchemaDescriptor::new(Arc::new(parse_message_type(SCHEMA).unwrap()));
        let fields: Vec<_> = fields.iter().map(|field| field.parse().unwrap()).collect();
        find(&schema, &fields).map_err(|error| error.message)
    }

    fn pointer(field: &str) -> String {
        let columns = columns(&[field]).unwrap();
        assert_eq!(columns.len(), 1, "{columns:?}");
        columns[0].pointer(&[7, 8])
    }

    #[test]
    fn fields_are_found_as_in_json() {
        assert_eq!(pointer("text"), "text");
        assert_eq!(pointer("/text"), "/text");
        assert_eq!(pointer("bytes"), "bytes");
        assert_eq!(pointer("/messages/*/content"), "/messages/7/content");
        assert_eq!(pointer("/messages/*/parts/*"), "/messages/7/parts/8");
        assert_eq!(pointer("/pairs/*/a"), "/pairs/7/a");
        assert_eq!(pointer("/tags/*"), "/tags/7");
        assert_eq!(pointer("/attributes/*"), "/attributes/*");
        assert_eq!(pointer("/meta/*"), "/meta/a~1b");
        let all = columns(&["/*", "text"]).unwrap();
        assert_eq!(all.iter().map(|column| column.index).collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn what_is_no_text_is_told() {
        assert_eq!(columns(&["text", "none"]).unwrap_err(), "no column `none`");
        assert_eq!(columns(&["number"]).unwrap_err(), "no text in the column `number`");
        assert_eq!(columns(&["json"]).unwrap_err(), "no text in the column `json`");
        assert_eq!(columns(&["messages"]).unwrap_err(), "no column `messages`");
        assert_eq!(columns(&["/attributes/*/key"]).unwrap_err(), "no column `/attributes/*/key`");
    }
}
