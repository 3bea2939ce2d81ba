//! The speed of the pinyin stage: on clean text, and on injected pages.

use divan::Bencher;
use divan::counter::BytesCount;
use hanfix::repair::pinyin::Injector;
use hanfix::{Fixer, Kind};

fn main() {
    divan::main();
}

const PAGE: &str = "圖書館的開放時間延長了，閱覽室為同學們準備了新書。對外開放的活動還會繼續，歡迎大家準時前來(設備齊全)。\n";

const LIST: [(char, &str); 8] = [
    ('圖', "(tú)"),
    ('書', "(shū)"),
    ('館', "(guǎn)"),
    ('開', "(kāi)"),
    ('學', "(xué)"),
    ('時', "(shí)"),
    ('間', "(jiān)"),
    ('會', "(huì)"),
];

fn run(bencher: Bencher<'_, '_>, text: String) {
    let fixer = Fixer::builder().repair([Kind::Pinyin]).build().expect("valid options");
    bencher.counter(BytesCount::of_str(&text)).bench(|| fixer.fix(divan::black_box(&text)));
}

#[divan::bench(sample_count = 10)]
fn clean(bencher: Bencher<'_, '_>) {
    run(bencher, PAGE.repeat(5_000));
}

#[divan::bench(sample_count = 10)]
fn injected(bencher: Bencher<'_, '_>) {
    run(bencher, Injector::new(LIST).inject(&PAGE.repeat(5_000)));
}
