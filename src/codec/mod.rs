//! Exact inverses of the wrong decoders, built from the decoders' own tables.
