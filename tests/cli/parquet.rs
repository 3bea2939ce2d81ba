//! `hanfix batch` on Parquet

use std::fs::File;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::file::metadata::{KeyValue, ParquetMetaDataReader, ParquetMetaDataWriter};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::{Row, RowAccessor};
use parquet::schema::parser::parse_message_type;
use serde_json::{Value, json};

use super::{SENTENCE, Sandbox, complaint, garbled, outcome};

const SCHEMA: &str = "message schema {
    required double score;
    optional binary text (UTF8);
    optional group messages (LIST) { repeated group list { optional group element {
        optional binary content (UTF8);
    } } }
}";

/// Writes two groups of three rows. In each, `G` is the text of the second row, the third
/// has none, and the first has two messages, the other one being `G` too.
fn write(sandbox: &Sandbox, name: &str, text: [&str; 2]) {
    sandbox.write(name, "");
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by("another writer".to_owned())
        .set_key_value_metadata(Some(vec![KeyValue::new("key".to_owned(), "kept".to_owned())]))
        .build();
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let file = File::create(sandbox.path(name)).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
    for text in text {
        let bytes = |text: &str| ByteArray::from(text.as_bytes().to_vec());
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<DoubleType>().write_batch(&[0.1, 0.2, 0.3], None, None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let values = [bytes("好"), bytes(text)];
        column.typed::<ByteArrayType>().write_batch(&values, Some(&[1, 1, 0]), None).unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        // [一, G], [null], null
        let (values, definition) = ([bytes("一"), bytes(text)], [4, 4, 3, 0]);
        let writer = column.typed::<ByteArrayType>();
        writer.write_batch(&values, Some(&definition), Some(&[0, 1, 0, 0])).unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
}

fn reader(sandbox: &Sandbox, name: &str) -> SerializedFileReader<File> {
    SerializedFileReader::new(File::open(sandbox.path(name)).unwrap()).unwrap()
}

fn rows(sandbox: &Sandbox, name: &str) -> Vec<Row> {
    reader(sandbox, name).into_iter().map(Result::unwrap).collect()
}

/// The rows of a file as they are shown.
fn shown(sandbox: &Sandbox, name: &str) -> Vec<String> {
    rows(sandbox, name).iter().map(Row::to_string).collect()
}

#[test]
fn texts_are_repaired_and_all_else_is_kept() {
    let sandbox = Sandbox::new();
    write(&sandbox, "a.parquet", ["好", &garbled()]);
    let fields = ["--field=text", "--field=/messages/*/content"];
    let args = ["batch", "a.parquet", "--output=out", "--sidecar=edits"].into_iter().chain(fields);
    let (message, code) = complaint(&mut sandbox.hanfix(args));
    assert_eq!((message.as_str(), code), ("hanfix: 6 records, 2 changed\n", 0));
    let before = shown(&sandbox, "a.parquet");
    let fixed: Vec<_> = before.iter().map(|row| row.replace(&garbled(), SENTENCE)).collect();
    assert_ne!(fixed, before);
    assert_eq!(shown(&sandbox, "out/a.parquet"), fixed);

    let (before, after) = (reader(&sandbox, "a.parquet"), reader(&sandbox, "out/a.parquet"));
    let (before, after) = (before.metadata(), after.metadata());
    let (old, new) = (before.file_metadata(), after.file_metadata());
    assert_eq!(new.schema(), old.schema());
    assert_eq!(new.key_value_metadata(), old.key_value_metadata());
    assert_eq!(new.created_by(), old.created_by());
    assert_eq!(after.num_row_groups(), 2);
    // the first group has no damage, and is copied as it lay
    let (start, length) = before.row_group(0).column(2).byte_range();
    let end = usize::try_from(start + length).unwrap();
    assert_eq!(sandbox.read("out/a.parquet")[..end], sandbox.read("a.parquet")[..end]);
    for (old, new) in before.row_group(1).columns().iter().zip(after.row_group(1).columns()) {
        assert_eq!(new.compression(), old.compression());
        assert_eq!(new.num_values(), old.num_values());
        assert_eq!(new.statistics().is_some(), old.statistics().is_some());
    }

    let edits = sandbox.text("edits/a.parquet.edits.jsonl");
    let edits: Vec<Value> = edits.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let places: Vec<_> = edits.iter().map(|edit| (&edit["record"], &edit["field"])).collect();
    let message = json!("/messages/1/content");
    assert_eq!(places, [(&json!(5), &json!("text")), (&json!(4), &message)]);
}

#[test]
fn a_file_without_damage_is_copied() {
    let sandbox = Sandbox::new();
    write(&sandbox, "a.parquet", ["好", "好"]);
    outcome(&mut sandbox.hanfix(["batch", "a.parquet", "--output=out"]));
    assert_eq!(sandbox.read("out/a.parquet"), sandbox.read("a.parquet"));
    let stdin = sandbox.read("a.parquet");
    let mut hanfix = sandbox.hanfix(["batch", "--format=parquet"]);
    assert_eq!(hanfix.write_stdin(stdin.clone()).output().unwrap().stdout, stdin);
}

#[test]
fn the_result_and_the_edits_can_be_columns() {
    let sandbox = Sandbox::new();
    write(&sandbox, "a.parquet", ["好", &garbled()]);
    let args = ["batch", "a.parquet", "--output=out", "--out-field=fixed", "--meta-field=edits"];
    assert_eq!(complaint(&mut sandbox.hanfix(args)).1, 0);
    let rows = rows(&sandbox, "out/a.parquet");
    let (text, fixed, edits) = (1, 3, 4);
    assert_eq!(rows[4].get_string(text).unwrap(), &garbled());
    assert_eq!(rows[4].get_string(fixed).unwrap(), SENTENCE);
    assert_eq!(rows[3].get_string(fixed).unwrap(), "好");
    assert!(rows[5].get_string(fixed).is_err(), "null");
    let told: Value = serde_json::from_str(rows[4].get_string(edits).unwrap()).unwrap();
    assert_eq!((&told[0]["field"], &told[0]["after"]), (&json!("text"), &json!(SENTENCE)));
    assert!(rows[3].get_string(edits).is_err(), "null");
    let (message, code) = complaint(&mut sandbox.hanfix([
        "batch",
        "a.parquet",
        "--output=out",
        "--meta-field=score",
    ]));
    assert!(message.contains("there is a column `score` already"), "{message}");
    assert_eq!(code, 3);
}

#[test]
fn what_cannot_be_read_is_told() {
    let sandbox = Sandbox::new();
    write(&sandbox, "a.parquet", ["好", &garbled()]);
    let file = sandbox.read("a.parquet");
    sandbox.write("cut.parquet", &file[..file.len() / 2]);
    sandbox.write("none.parquet", "rubbish");
    let args = ["batch", "cut.parquet", "none.parquet", "a.parquet", "--output=out"];
    let (message, code) = complaint(&mut sandbox.hanfix(args));
    assert!(message.contains("hanfix: cut.parquet: Parquet error: "), "{message}");
    assert!(message.contains("hanfix: none.parquet: "), "{message}");
    assert_eq!(code, 3);
    assert_eq!(sandbox.names("out"), [".hanfix", "a.parquet"]);
    for (field, wanted) in [("none", "no column `none`"), ("score", "no text in the column")] {
        let args = ["batch", "a.parquet", "--output=out", "--field", field];
        let (message, code) = complaint(&mut sandbox.hanfix(args));
        assert!(message.contains(wanted), "{message}");
        assert_eq!(code, 3);
    }
    let args = ["batch", "a.parquet", "--on-error=quarantine", "--quarantine=bad"];
    assert_eq!(complaint(&mut sandbox.hanfix(args)).1, 2);
}

/// A file with another number of rows in the footer for its first group.
fn with_rows(sandbox: &Sandbox, name: &str, rows: i64) -> Vec<u8> {
    let table = File::open(sandbox.path(name)).unwrap();
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&table).unwrap();
    let file = sandbox.read(name);
    let mut builder = metadata.into_builder();
    let groups = builder.take_row_groups().into_iter().enumerate().map(|(index, group)| {
        let rows = if index == 0 { rows } else { group.num_rows() };
        group.into_builder().set_num_rows(rows).build().unwrap()
    });
    let metadata = builder.set_row_groups(groups.collect()).build();
    let length = u32::from_le_bytes(file[file.len() - 8..][..4].try_into().unwrap());
    let mut changed = file[..file.len() - 8 - length as usize].to_vec();
    ParquetMetaDataWriter::new(&mut changed, &metadata).finish().unwrap();
    changed
}

#[test]
fn a_wrong_number_of_rows_is_told() {
    let sandbox = Sandbox::new();
    write(&sandbox, "a.parquet", ["好", &garbled()]);
    for rows in [0, 2, 4, i64::MAX - 3] {
        sandbox.write("b.parquet", with_rows(&sandbox, "a.parquet", rows));
        for args in [["--output=out"].as_slice(), &["--output=out", "--meta-field=edits"]] {
            let (message, code) = complaint(sandbox.hanfix(["batch", "b.parquet"]).args(args));
            assert!(message.contains("has not as many rows as its group"), "{rows}: {message}");
            assert_eq!(code, 3, "{rows}");
        }
    }
}

#[test]
fn a_table_that_is_compressed_as_a_whole_is_refused() {
    let sandbox = Sandbox::new();
    for name in ["a.parquet.gz", "a.parquet.zst"] {
        sandbox.write(name, "");
        let (message, code) = complaint(&mut sandbox.hanfix(["batch", name]));
        assert!(message.contains("decompress it first"), "{message}");
        assert_eq!(code, 2);
    }
}

#[test]
fn a_value_that_is_too_long_stays() {
    let sandbox = Sandbox::new();
    write(&sandbox, "a.parquet", [&garbled(), "好"]);
    let args = ["batch", "a.parquet", "--output=out", "--max-record-bytes=10"];
    let (message, code) = complaint(&mut sandbox.hanfix(args));
    let wanted = "hanfix: a.parquet: row 2, text: value over --max-record-bytes\n";
    assert!(message.starts_with(wanted), "{message}");
    assert_eq!(code, 3);
    assert_eq!(sandbox.read("out/a.parquet"), sandbox.read("a.parquet"));
    let args = args.into_iter().chain(["--on-error=fail"]);
    std::fs::remove_file(sandbox.path("out/a.parquet")).unwrap();
    assert_eq!(complaint(&mut sandbox.hanfix(args)).1, 3);
    assert_eq!(sandbox.names("out"), [".hanfix"], "a table without its end is none");
}
