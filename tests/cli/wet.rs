//! `hanfix batch` on WARC records

use std::io::Read;

use serde_json::{Value, json};

use super::{SENTENCE, Sandbox, complaint, garbled, outcome};

/// The digest of `SENTENCE` and a newline, as `sha1sum | xxd -r -p | base32` prints it.
const DIGEST: &str = "6LLASMSBQ4UU6LHCMKDPGWPYMPCA4TX2";

/// A page with a text of a line.
fn page(line: &str, digest: &str) -> String {
    let length = line.len() + 1;
    format!(
        "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://example.com/\r\n\
         WARC-Record-ID: <urn:uuid:7>\r\nWARC-Block-Digest: sha1:{digest}\r\n\
         Content-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{line}\n\r\n\r\n"
    )
}

fn damaged() -> String {
    page(&garbled(), &"A".repeat(DIGEST.len()))
}

fn info() -> String {
    let info = "Software-Info: a crawler\r\n";
    let length = info.len();
    format!("WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: {length}\r\n\r\n{info}\r\n\r\n")
}

fn gzip(record: &str) -> Vec<u8> {
    let mut member = Vec::new();
    // not the level that hanfix writes, so that a member that is copied shows
    let mut encoder = flate2::read::GzEncoder::new(record.as_bytes(), flate2::Compression::fast());
    encoder.read_to_end(&mut member).unwrap();
    member
}

#[test]
fn texts_are_repaired_and_their_records_fit() {
    let sandbox = Sandbox::new();
    let clean = page("干净的一页", "not looked at");
    sandbox.write("a.warc.wet", [info(), damaged(), clean.clone()].concat());
    let (records, code) = outcome(&mut sandbox.hanfix(["batch", "a.warc.wet"]));
    assert_eq!((records, code), ([info(), page(SENTENCE, DIGEST), clean].concat(), 0));
}

#[test]
fn each_record_stays_a_gzip_member() {
    let sandbox = Sandbox::new();
    let clean = gzip(&page("干净的一页", "X"));
    let file = [gzip(&info()), gzip(&damaged()), clean.clone()].concat();
    sandbox.write("a.warc.wet.gz", &file);
    let args = ["batch", "a.warc.wet.gz", "--output=out", "--sidecar=out"];
    assert_eq!(outcome(&mut sandbox.hanfix(args)).1, 0);
    let file = sandbox.read("out/a.warc.wet.gz");
    let file = file.strip_prefix(gzip(&info()).as_slice()).expect("copied");
    let file = file.strip_suffix(clean.as_slice()).expect("copied");
    let mut record = String::new();
    let mut member = flate2::bufread::GzDecoder::new(file);
    member.read_to_string(&mut record).unwrap();
    assert_eq!(record, page(SENTENCE, DIGEST));
    assert_eq!(member.into_inner(), b"", "one member");
    let edit: Value = serde_json::from_str(&sandbox.text("out/a.warc.wet.gz.edits.jsonl")).unwrap();
    assert_eq!((&edit["record"], &edit["id"]), (&json!(2), &json!("<urn:uuid:7>")));
    assert_eq!(edit["after"], SENTENCE);
}

#[test]
fn a_broken_record_is_told_with_its_place() {
    let sandbox = Sandbox::new();
    let broken = damaged().replace("Content-Length: ", "Content-Length: 1");
    let file = [info(), broken.clone(), damaged()].concat();
    sandbox.write("a.wet", file);
    let args = ["batch", "a.wet", "--output=out", "--on-error=quarantine", "--quarantine=bad"];
    let (message, code) = complaint(&mut sandbox.hanfix(args));
    let wanted = format!("hanfix: a.wet: record 2 at byte {}, its byte ", info().len());
    assert!(message.starts_with(&wanted), "{message}");
    assert!(message.contains(": the record ends too early\n"), "{message}");
    assert_eq!(code, 3);
    assert_eq!(sandbox.text("bad"), broken);
    assert_eq!(sandbox.text("out/a.wet"), [info(), page(SENTENCE, DIGEST)].concat());
}

#[test]
fn what_comes_before_a_truncated_end_is_repaired_and_the_rest_told() {
    let sandbox = Sandbox::new();
    let whole = damaged();
    let cut = &whole[..whole.rfind('ç').unwrap()];
    sandbox.write("a.wet", [&whole, cut].concat());
    let output = sandbox.hanfix(["batch", "a.wet"]).output().unwrap();
    let records = String::from_utf8(output.stdout).unwrap();
    assert_eq!(records, [&page(SENTENCE, DIGEST), cut].concat());
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains(": the record ends too early\n"), "{message}");
    assert_eq!(output.status.code(), Some(3));
    let member = gzip(&whole);
    sandbox.write("b.wet.gz", [&member, &member[..member.len() - 9]].concat());
    let output = sandbox.hanfix(["batch", "b.wet.gz"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), page(SENTENCE, DIGEST));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.starts_with("hanfix: b.wet.gz: record 2 at byte "), "{message}");
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn a_record_that_is_too_long_passes() {
    let sandbox = Sandbox::new();
    let long = page(&garbled().repeat(50), "X");
    sandbox.write("a.wet", [long.clone(), damaged()].concat());
    let args = ["batch", "a.wet", "--max-record-bytes=1000"];
    let (records, code) = outcome(&mut sandbox.hanfix(args));
    assert_eq!((records, code), ([long, page(SENTENCE, DIGEST)].concat(), 3));
}
