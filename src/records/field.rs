//! The names of fields: keys, and JSON pointers with wildcards.

use std::str::FromStr;

/// Which values of a record are meant: a top-level key, or a JSON pointer (RFC 6901) in
/// which `*` stands for every element of an array and every member of an object, as
/// `/messages/*/content` does for a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    name: String,
    tokens: Vec<Token>,
}

/// One step of a pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A member of an object, or an element of an array by its index.
    Name(String),
    /// All of them.
    Every,
}

/// What names no field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Nothing at all.
    #[error("a field has a name")]
    Empty,
    /// A pointer that RFC 6901 does not know.
    #[error("`~` in a JSON pointer is followed by `0`, for `~`, or by `1`, for `/`")]
    Escape,
}

/// Reads `NAME` or `/json/pointer`, in which `~1` stands for `/` and `~0` for `~`.
impl FromStr for Field {
    type Err = FieldError;

    fn from_str(name: &str) -> Result<Field, FieldError> {
        if name.is_empty() {
            return Err(FieldError::Empty);
        }
        let Some(path) = name.strip_prefix('/') else { return Ok(Field::named(name)) };
        let tokens = path.split('/').map(Token::read).collect::<Result<_, _>>()?;
        Ok(Field { name: name.to_owned(), tokens })
    }
}

impl Token {
    /// Reads a token as it stands in a pointer.
    fn read(token: &str) -> Result<Token, FieldError> {
        let escapes = || token.split('~').skip(1);
        match token {
            "*" => Ok(Token::Every),
            _ if escapes().any(|behind| !behind.starts_with(['0', '1'])) => Err(FieldError::Escape),
            name => Ok(Token::Name(name.replace("~1", "/").replace("~0", "~"))),
        }
    }
}

impl Field {
    /// The member of a record that goes by a name, whatever that is.
    pub fn named(name: &str) -> Field {
        Field { name: name.to_owned(), tokens: vec![Token::Name(name.to_owned())] }
    }

    /// The field as it was named.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The way to it from the record.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// Whether it may be several values.
    pub fn has_wildcard(&self) -> bool {
        self.tokens.contains(&Token::Every)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_has_two_escapes() {
        for pointer in ["/a~", "/~2", "/a/~/b", "/~~0"] {
            assert_eq!(pointer.parse::<Field>(), Err(FieldError::Escape), "{pointer}");
        }
        assert_eq!("".parse::<Field>(), Err(FieldError::Empty));
        assert_eq!("a~".parse(), Ok(Field::named("a~")), "a name, not a pointer");
        assert_eq!("/~01".parse::<Field>().unwrap().tokens(), [Token::Name("~1".to_owned())]);
    }
}
