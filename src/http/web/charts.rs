//! Charts drawn by the server as SVG: bars with their numbers written on them, told apart by patterns as well as colours,
//! each with a title and a description, and beside it a table with the same numbers. Attributes and classes alone, no
//! styles inline. It knows numbers and words, nothing of delegations.

use askama::Template;

/// A screen that charts are drawn for; the stylesheet shows the drawing that fits.
#[derive(Debug, Clone, Copy)]
struct Screen {
    name: &'static str,
    width: u64,
}

const DESK: Screen = Screen { name: "desk", width: 720 };
/// Here all bars lie: there is no room for numbers side by side.
const PHONE: Screen = Screen { name: "phone", width: 320 };

/// Width of a letter, and of a digit on a bar: somewhat more than what common fonts take, so that nothing collides.
const LETTER: u64 = 7;
/// Room for a number behind a lying bar.
const NUMBERS: u64 = 60;
/// Height of the bars' ground.
const GROUND: u64 = 200;
/// Room above it, for numbers.
const ABOVE: u64 = 24;
/// Height of a lying bar with its gap, and the gap below the last one of a category.
const ROW: (u64, u64) = (18, 8);
/// Height of the bars' ground where each series has a panel of its own.
const PANEL: u64 = 80;
/// Room of a sample in the key.
const SAMPLE: u64 = 20;
/// Room behind a name in the key.
const GAP: u64 = 24;
/// Room for the title of a panel, and for the names of categories below bars.
const LINE: u64 = 28;

/// One row of bars: what it is called and its numbers, one a category; none where there is nothing to show yet.
#[derive(Debug, Clone)]
pub struct Series {
    /// What it is called.
    pub label: String,
    /// Its numbers.
    pub values: Vec<Option<u64>>,
}

/// A chart: its words, its categories and its series.
#[derive(Debug, Clone)]
pub struct Chart {
    /// A short name in the page, for ids.
    pub id: &'static str,
    /// Its title.
    pub title: String,
    /// What it shows, in a sentence or two.
    pub desc: String,
    /// What the first column of its table is called.
    pub of: String,
    /// What the table's disclosure is called.
    pub show: String,
    /// What the line below the table is called; empty for none.
    pub total: String,
    /// The categories: in the drawing, and in the table.
    pub categories: Vec<(String, String)>,
    /// The series.
    pub series: Vec<Series>,
    /// What stands behind each number: `%` or nothing.
    pub unit: &'static str,
}

/// A bar as it is drawn.
struct Bar {
    x: u64,
    y: u64,
    width: u64,
    height: u64,
    series: usize,
    number: String,
    number_x: u64,
    number_y: u64,
}

/// A word at a place.
struct Name {
    x: u64,
    y: u64,
    words: String,
}

/// A chart drawn for a screen.
struct Drawing {
    screen: Screen,
    height: u64,
    /// Heights at which bars stand; none for lying ones.
    bases: Vec<u64>,
    bars: Vec<Bar>,
    names: Vec<Name>,
    /// Which point of a category's name stands at its place.
    anchor: &'static str,
    /// What each series is called: where its sample is drawn, by its number.
    keys: Vec<(usize, Name)>,
}

#[derive(Template)]
#[template(path = "chart.html")]
struct Drawn<'c> {
    chart: &'c Chart,
    drawings: [Drawing; 2],
}

impl Drawn<'_> {
    fn id(&self, drawing: &Drawing) -> String {
        format!("{}-{}", self.chart.id, drawing.screen.name)
    }

    fn value(&self, value: &Option<u64>) -> String {
        value.map_or_else(|| "–".to_owned(), |value| format!("{value}{}", self.chart.unit))
    }

    fn at(&self, series: &Series, place: &usize) -> String {
        self.value(&series.values.get(*place).copied().flatten())
    }

    fn sum(&self, series: &Series) -> u64 {
        series.values.iter().flatten().sum()
    }
}

fn number(place: usize) -> u64 {
    u64::try_from(place).unwrap_or_default()
}

impl Chart {
    fn most(&self) -> u64 {
        let values = self.series.iter().flat_map(|series| series.values.iter().flatten());
        values.copied().max().unwrap_or_default().max(1)
    }

    /// Every number that there is, with its category and its series.
    fn numbers(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        self.series.iter().enumerate().flat_map(|(no, series)| {
            let values = series.values.iter().enumerate();
            values.filter_map(move |(place, value)| Some((place, no, (*value)?)))
        })
    }

    /// A number as it stands on its bar. None at all needs no number: a row of them hides the others; none of a hundred
    /// does.
    fn written(&self, value: u64) -> String {
        match (value, self.unit) {
            (0, "") => String::new(),
            (value, unit) => format!("{value}{unit}"),
        }
    }

    /// Room of a category of upright bars.
    fn slot(&self) -> u64 {
        DESK.width / number(self.categories.len()).max(1)
    }

    /// The chart as upright bars, side by side in each category; where their numbers would collide, each series in a panel
    /// of its own.
    #[must_use]
    pub fn upright(&self) -> String {
        self.drawn([self.standing(), self.lying_on(PHONE, &self.series)])
    }

    /// The chart as lying bars, one below the other: for names that are long. It draws the first series.
    #[must_use]
    pub fn lying(&self) -> String {
        let first = self.series.get(..1).unwrap_or_default();
        self.drawn([self.lying_on(DESK, first), self.lying_on(PHONE, first)])
    }

    fn drawn(&self, drawings: [Drawing; 2]) -> String {
        Drawn { chart: self, drawings }.render().unwrap_or_default()
    }

    fn standing(&self) -> Drawing {
        let width = (self.slot().saturating_sub(8) / number(self.series.len()).max(1)).max(2);
        let longest = self.numbers().map(|(.., value)| number(self.written(value).len())).max();
        let fits = self.series.len() < 2 || longest.unwrap_or_default() * LETTER <= width;
        if fits { self.side_by_side(width) } else { self.panels() }
    }

    /// A bar that stands on `base`, of at most `ground`.
    fn bar(&self, no: usize, value: u64, (x, width): (u64, u64), (base, ground): (u64, u64)) -> Bar {
        let height = value * ground / self.most();
        let y = base - height;
        Bar {
            x: x + 1,
            y,
            width: width.saturating_sub(2).max(1),
            height,
            series: no,
            number: self.written(value),
            number_x: x + width / 2,
            number_y: y - 5,
        }
    }

    /// Names of the categories below bars that stand on `base`.
    fn names_below(&self, base: u64) -> impl Iterator<Item = Name> {
        let slot = self.slot();
        self.categories.iter().enumerate().map(move |(place, (words, _))| Name {
            x: number(place) * slot + slot / 2,
            y: base + 18,
            words: words.clone(),
        })
    }

    fn side_by_side(&self, width: u64) -> Drawing {
        let (slot, base) = (self.slot(), ABOVE + GROUND);
        let bar = |(place, no, value): (usize, usize, u64)| {
            let x = number(place) * slot + 4 + number(no) * width;
            self.bar(no, value, (x, width), (base, GROUND))
        };
        let mut x = 0;
        let key = |(no, series): (usize, &Series)| {
            let name = Name { x, y: base + LINE + 20, words: series.label.clone() };
            x += SAMPLE + number(series.label.chars().count()) * LETTER + GAP;
            (no, name)
        };
        let keys: Vec<(usize, Name)> = self.series.iter().enumerate().map(key).collect();
        let keys = if keys.len() > 1 { keys } else { Vec::new() };
        Drawing {
            screen: DESK,
            height: base + LINE + if keys.is_empty() { 0 } else { LINE },
            bases: vec![base],
            bars: self.numbers().map(bar).collect(),
            names: self.names_below(base).collect(),
            anchor: "middle",
            keys,
        }
    }

    /// Each series in a panel of its own, one below the other, on one scale.
    fn panels(&self) -> Drawing {
        let (slot, tall) = (self.slot(), LINE + ABOVE + PANEL + LINE);
        let base = |no: usize| number(no) * tall + LINE + ABOVE + PANEL;
        let width = slot.saturating_sub(8).min(40);
        let bar = |(place, no, value): (usize, usize, u64)| {
            let x = number(place) * slot + (slot - width) / 2;
            self.bar(no, value, (x, width), (base(no), PANEL))
        };
        let key = |(no, series): (usize, &Series)| {
            (no, Name { x: 0, y: number(no) * tall + 20, words: series.label.clone() })
        };
        let bases: Vec<u64> = (0..self.series.len()).map(base).collect();
        Drawing {
            screen: DESK,
            height: number(self.series.len()) * tall,
            bars: self.numbers().map(bar).collect(),
            names: bases.iter().flat_map(|base| self.names_below(*base)).collect(),
            anchor: "middle",
            keys: self.series.iter().enumerate().map(key).collect(),
            bases,
        }
    }

    /// Lying bars of some series, category by category. A name stands before its bars, or above them where it is long.
    fn lying_on(&self, screen: Screen, series: &[Series]) -> Drawing {
        let longest = self.categories.iter().map(|(words, _)| number(words.chars().count())).max();
        let room = longest.unwrap_or_default() * LETTER + 12;
        let (left, above) = if room * 2 <= screen.width { (room, 0) } else { (0, ROW.0) };
        let keys: &[Series] = if series.len() > 1 { series } else { &[] };
        let tall = above + number(series.len()) * ROW.0 + ROW.1;
        let top = |place: usize| number(keys.len()) * LINE + number(place) * tall;
        let bar = |(place, no, value): (usize, usize, u64)| {
            let (y, width) = (
                top(place) + above + number(no) * ROW.0 + 2,
                value * (screen.width - left - NUMBERS) / self.most(),
            );
            Bar {
                x: left,
                y,
                width: width.max(u64::from(value > 0)),
                height: ROW.0 - 2,
                series: no,
                number: self.written(value),
                number_x: left + width + 6,
                number_y: y + 13,
            }
        };
        let name = |(place, (words, _)): (usize, &(String, String))| Name {
            x: left.saturating_sub(8),
            y: top(place) + 15,
            words: words.clone(),
        };
        let key = |(no, series): (usize, &Series)| {
            (no, Name { x: 0, y: number(no) * LINE + 16, words: series.label.clone() })
        };
        Drawing {
            screen,
            height: top(self.categories.len()),
            bases: Vec::new(),
            bars: self.numbers().filter(|(_, no, _)| *no < series.len()).map(bar).collect(),
            names: self.categories.iter().enumerate().map(name).collect(),
            anchor: if left > 0 { "end" } else { "start" },
            keys: keys.iter().enumerate().map(key).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Chart {
        Chart {
            id: "months",
            title: "Đoàn <vào>".to_owned(),
            desc: "Mô tả".to_owned(),
            of: "Tháng".to_owned(),
            show: "Số liệu".to_owned(),
            total: "Tổng cộng".to_owned(),
            categories: vec![("1".to_owned(), "Tháng 1".to_owned()), ("2".to_owned(), "Tháng 2".to_owned())],
            series: vec![
                Series { label: "2026".to_owned(), values: vec![Some(4), None] },
                Series { label: "2025".to_owned(), values: vec![Some(2), Some(0)] },
            ],
            unit: "",
        }
    }

    #[test]
    fn a_chart_has_its_numbers_in_words_and_no_style() {
        for drawn in [chart().upright(), chart().lying()] {
            for part in [
                "role=\"img\"",
                "<title id=\"months-phone-title\">Đoàn &#60;vào&#62;</title>",
                "<desc id=",
                "<details>",
            ] {
                assert!(drawn.contains(part), "{part} in {drawn}");
            }
            assert!(!drawn.contains("style=") && !drawn.contains("<style"), "{drawn}");
        }
        let drawn = chart().upright();
        assert_eq!(
            drawn.matches("<rect class=\"bar").count(),
            2 * (2 + 2),
            "a bar for each number but 0, and the key, for each screen"
        );
        assert!(drawn.contains("height=\"200\"") && drawn.contains("height=\"100\""), "{drawn}");
        assert!(drawn.contains("<td class=\"number\">–</td>"), "what is not known yet is not 0: {drawn}");
    }

    #[test]
    fn none_is_not_written_but_none_of_a_hundred_is() {
        assert!(!chart().upright().contains(">0</text>"));
        assert!(Chart { unit: "%", ..chart() }.upright().contains(">0%</text>"));
        // The key stands together, each name behind its sample.
        assert!(chart().upright().contains("x=\"72\" y=\"260\" width=\"14\""), "{}", chart().upright());
    }

    /// The boxes of all texts of a drawing: left, right, top, bottom, words. As wide as wide fonts are.
    fn boxes(drawn: &str) -> Vec<(f64, f64, f64, f64, String)> {
        let attribute = |tag: &str, name: &str| -> Option<String> {
            let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
            Some(rest.split('"').next()?.to_owned())
        };
        let texts = drawn.split("<text").skip(1).map(|rest| rest.split("</text>").next().unwrap());
        texts
            .map(|text| {
                let (tag, words) = text.split_once('>').unwrap();
                let at = |name| attribute(tag, name).unwrap().parse::<f64>().unwrap();
                let size = if tag.contains("\"value\"") { 11.0 } else { 12.0 };
                let wide = words.chars().count().to_string().parse::<f64>().unwrap() * size * 0.58;
                let left = match attribute(tag, "text-anchor").as_deref() {
                    Some("middle") => at("x") - wide / 2.0,
                    Some("end") => at("x") - wide,
                    _ => at("x"),
                };
                (left, left + wide, at("y") - size * 0.8, at("y") + size * 0.2, words.to_owned())
            })
            .collect()
    }

    #[test]
    fn labels_never_collide() {
        let months: Vec<(String, String)> =
            (1..=12).map(|no| (no.to_string(), format!("Tháng {no}"))).collect();
        let series = |label: &str, values: &[u64]| Series {
            label: label.to_owned(),
            values: (0..12).map(|at| values.get(at % values.len()).copied()).collect(),
        };
        let in_time = vec![
            series("Trình đúng hạn", &[100, 98, 100]),
            series("Có văn bản cho phép trước khi đến", &[98, 100, 97]),
            series("Báo cáo đúng hạn", &[100, 100, 0]),
        ];
        let years = |n: u64| vec![series("2026", &[n, n + 1]), series("2025", &[n + 1, n])];
        let long = |words: &str| (words.to_owned(), words.to_owned());
        let fields = vec![long("Khoa học, công nghệ, đổi mới sáng tạo"), long("Văn hóa"), long("Y")];
        let charts = [
            Chart { categories: months.clone(), series: in_time, unit: "%", ..chart() },
            Chart { categories: months.clone(), series: years(7), ..chart() },
            Chart { categories: months.clone(), series: years(291), ..chart() },
            Chart { categories: months.clone(), series: years(12_500), ..chart() },
        ];
        let mut drawn: Vec<String> = charts.iter().map(Chart::upright).collect();
        drawn.push(Chart { categories: fields, series: years(12_500), ..chart() }.lying());
        let drawings = drawn.iter().flat_map(|drawn| drawn.split("<svg").skip(1));
        for drawn in drawings {
            let width = if drawn.contains("class=\"desk\"") { 720.0 } else { 320.0 };
            let all = boxes(drawn);
            assert!(all.len() > 3, "{drawn}");
            for (at, one) in all.iter().enumerate() {
                assert!(one.0 >= 0.0 && one.1 <= width, "{one:?} leaves the drawing");
                for other in &all[at + 1..] {
                    let apart = one.1 <= other.0 || other.1 <= one.0 || one.3 <= other.2 || other.3 <= one.2;
                    assert!(apart, "{one:?} and {other:?} collide in {drawn}");
                }
            }
        }
    }
}
