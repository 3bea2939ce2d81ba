//! Text to suspect spans: the fast gate that lets clean text pass.
