//! Digests of WARC records: `sha1:` and 32 letters of base32 in most files.

use data_encoding::{BASE32, BASE32_NOPAD, HEXLOWER};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The digest of `block` by the algorithm and in the letters of another digest; none
/// where they are not known.
pub fn like(digest: &str, block: &[u8]) -> Option<String> {
    let (algorithm, value) = digest.split_once(':')?;
    let hash = match algorithm.to_ascii_lowercase().as_str() {
        "sha1" | "sha-1" => Sha1::digest(block).to_vec(),
        "sha256" | "sha-256" => Sha256::digest(block).to_vec(),
        _ => return None,
    };
    // the lengths of the spellings differ
    let spellings = [&BASE32, &BASE32_NOPAD, &HEXLOWER];
    let spelling =
        spellings.into_iter().find(|spelling| spelling.encode_len(hash.len()) == value.len())?;
    Some(format!("{algorithm}:{}", spelling.encode(&hash)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithm_and_spelling_are_kept() {
        // the digests of nothing, as everyone knows them
        let sha1 = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ";
        assert_eq!(like(sha1, b"").unwrap(), sha1);
        let sha1 = "SHA-1:da39a3ee5e6b4b0d3255bfef95601890afd80709";
        assert_eq!(like(sha1, b"").unwrap(), sha1);
        let sha256 = "sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ";
        assert_eq!(like(sha256, b"").unwrap(), sha256);
        assert_eq!(like(&format!("{sha256}===="), b"").unwrap(), format!("{sha256}===="));
        assert_eq!(like("sha1:short", b""), None);
        assert_eq!(like("tiger:X", b""), None);
    }
}
