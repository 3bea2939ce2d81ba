//! How fast bytes become text, beside the decoders underneath.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use encoding_rs::{BIG5, Encoding, GBK, UTF_16LE};
use hanfix::decode::{Options, decode};

const SENTENCES: [&str; 4] = [
    "今天下午的会议改到三点，请大家带上上周的报告。\n",
    "第二章 内存管理：为什么要使用智能指针？see chapter 12\n",
    "他推开门，看见桌上放着一封没有署名的信。\n",
    "价格 128 元，库存 3,500 件，预计 5 个工作日内发货。\n",
];

const SIZE: usize = 4 << 20;

fn chinese() -> String {
    SENTENCES.concat().repeat(SIZE / SENTENCES.concat().len())
}

fn ascii() -> String {
    let line = "for (int i = 0; i < count; ++i) { total += values[i]; } // sum\n";
    line.repeat(SIZE / line.len())
}

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    encoding.encode(text).0.into_owned()
}

fn ours(bencher: Bencher<'_, '_>, bytes: &[u8]) {
    bencher.counter(BytesCount::of_slice(bytes)).bench(|| {
        let decoded = decode(black_box(bytes), &Options::default()).expect("text");
        decoded.text.len()
    });
}

fn underneath(bencher: Bencher<'_, '_>, encoding: &'static Encoding, bytes: &[u8]) {
    bencher.counter(BytesCount::of_slice(bytes)).bench(|| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(black_box(bytes));
        text.expect("well-formed").len()
    });
}

#[divan::bench_group(sample_count = 20)]
mod utf8 {
    use super::*;

    #[divan::bench]
    fn chinese_hanfix(bencher: Bencher<'_, '_>) {
        ours(bencher, chinese().as_bytes());
    }

    #[divan::bench]
    fn chinese_simdutf8(bencher: Bencher<'_, '_>) {
        simdutf8_alone(bencher, chinese().as_bytes());
    }

    #[divan::bench]
    fn ascii_hanfix(bencher: Bencher<'_, '_>) {
        ours(bencher, ascii().as_bytes());
    }

    #[divan::bench]
    fn ascii_simdutf8(bencher: Bencher<'_, '_>) {
        simdutf8_alone(bencher, ascii().as_bytes());
    }

    fn simdutf8_alone(bencher: Bencher<'_, '_>, bytes: &[u8]) {
        let counted = bencher.counter(BytesCount::of_slice(bytes));
        counted.bench(|| simdutf8::basic::from_utf8(black_box(bytes)).expect("valid").len());
    }
}

#[divan::bench_group(sample_count = 20)]
mod legacy {
    use super::*;

    #[divan::bench]
    fn gbk_hanfix(bencher: Bencher<'_, '_>) {
        ours(bencher, &encoded(GBK, &chinese()));
    }

    #[divan::bench]
    fn gbk_encoding_rs(bencher: Bencher<'_, '_>) {
        underneath(bencher, GBK, &encoded(GBK, &chinese()));
    }

    #[divan::bench]
    fn gbk_small_file_hanfix(bencher: Bencher<'_, '_>) {
        let text: String = chinese().chars().take(2000).collect();
        ours(bencher, &encoded(GBK, &text));
    }

    #[divan::bench]
    fn big5_hanfix(bencher: Bencher<'_, '_>) {
        ours(bencher, &encoded(BIG5, &traditional()));
    }

    #[divan::bench]
    fn big5_encoding_rs(bencher: Bencher<'_, '_>) {
        underneath(bencher, BIG5, &encoded(BIG5, &traditional()));
    }

    #[divan::bench]
    fn utf16_hanfix(bencher: Bencher<'_, '_>) {
        ours(bencher, &utf16(&chinese()));
    }

    #[divan::bench]
    fn utf16_encoding_rs(bencher: Bencher<'_, '_>) {
        underneath(bencher, UTF_16LE, &utf16(&chinese()));
    }

    #[divan::bench]
    fn mixed_hanfix(bencher: Bencher<'_, '_>) {
        let text = chinese();
        let lines = text.lines().take(20_000).enumerate();
        let bytes: Vec<u8> = lines
            .flat_map(|(index, line)| {
                let encoding = if index % 2 == 0 { GBK } else { encoding_rs::UTF_8 };
                encoded(encoding, &format!("{line}\n"))
            })
            .collect();
        ours(bencher, &bytes);
    }

    #[divan::bench]
    fn damaged_utf8_hanfix(bencher: Bencher<'_, '_>) {
        let mut bytes = chinese().into_bytes();
        let middle = bytes.iter().skip(SIZE / 2).position(|byte| *byte >= 0xE0);
        bytes.remove(SIZE / 2 + middle.expect("is Chinese"));
        ours(bencher, &bytes);
    }

    fn traditional() -> String {
        let line = "明天早上八點在車站門口集合，請不要遲到。第 3 班車 08:15 開出。\n";
        line.repeat(SIZE / line.len())
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }
}

fn main() {
    divan::main();
}
