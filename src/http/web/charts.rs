//! Charts drawn by the server as SVG: bars with their numbers written on them, told apart by patterns as well as colours,
//! each with a title and a description, and beside it a table with the same numbers. Attributes and classes alone, no
//! styles inline. It knows numbers and words, nothing of delegations.

use askama::Template;

/// Width of a drawing.
const WIDTH: u64 = 720;
/// Room for the names of rows of lying bars.
const NAMES: u64 = 190;
/// Room for a number behind a lying bar.
const NUMBERS: u64 = 60;
/// Height of the bars' ground.
const GROUND: u64 = 200;
/// Room above it, for numbers.
const ABOVE: u64 = 24;
/// Height of a lying bar with its gap.
const ROW: u64 = 26;

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

#[derive(Template)]
#[template(path = "chart.html")]
struct Drawn<'c> {
    chart: &'c Chart,
    width: u64,
    height: u64,
    base: u64,
    upright: bool,
    bars: Vec<Bar>,
    names: Vec<Name>,
}

impl Drawn<'_> {
    fn value(&self, value: &Option<u64>) -> String {
        value.map_or_else(|| "–".to_owned(), |value| format!("{value}{}", self.chart.unit))
    }

    fn at(&self, series: &Series, place: &usize) -> String {
        self.value(&series.values.get(*place).copied().flatten())
    }

    fn sum(&self, series: &Series) -> u64 {
        series.values.iter().flatten().sum()
    }

    fn key_x(&self, place: &usize) -> u64 {
        number(*place) * (WIDTH / 3)
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

    /// The chart as upright bars, side by side in each category.
    #[must_use]
    pub fn upright(&self) -> String {
        let (most, base) = (self.most(), ABOVE + GROUND);
        let slot = WIDTH / number(self.categories.len()).max(1);
        let many = number(self.series.len()).max(1);
        let width = (slot.saturating_sub(8) / many).max(2);
        let bar = |place: usize, no: usize, value: u64| {
            let x = number(place) * slot + 4 + number(no) * width;
            let height = value * GROUND / most;
            let y = base - height;
            Bar {
                x: x + 1,
                y,
                width: width.saturating_sub(2).max(1),
                height,
                series: no,
                number: value.to_string(),
                number_x: x + width / 2,
                number_y: y - 5,
            }
        };
        let bars = self.series.iter().enumerate().flat_map(|(no, series)| {
            let values = series.values.iter().enumerate();
            values.filter_map(move |(place, value)| Some((place, no, (*value)?)))
        });
        let name = |(place, (words, _)): (usize, &(String, String))| Name {
            x: number(place) * slot + slot / 2,
            y: base + 18,
            words: words.clone(),
        };
        rendered(&Drawn {
            chart: self,
            width: WIDTH,
            height: base + 28,
            base,
            upright: true,
            bars: bars.map(|(place, no, value)| bar(place, no, value)).collect(),
            names: self.categories.iter().enumerate().map(name).collect(),
        })
    }

    /// The chart as lying bars, one below the other: for names that are long. It draws the first series.
    #[must_use]
    pub fn lying(&self) -> String {
        let most = self.most();
        let values = self.series.first().map(|series| series.values.as_slice()).unwrap_or_default();
        let bar = |(place, value): (usize, &Option<u64>)| {
            let value = value.unwrap_or_default();
            let (y, width) = (number(place) * ROW + 4, value * (WIDTH - NAMES - NUMBERS) / most);
            Bar {
                x: NAMES,
                y,
                width: width.max(1),
                height: ROW - 8,
                series: 0,
                number: value.to_string(),
                number_x: NAMES + width + 6,
                number_y: y + 14,
            }
        };
        let name = |(place, (words, _)): (usize, &(String, String))| Name {
            x: NAMES - 8,
            y: number(place) * ROW + 18,
            words: words.clone(),
        };
        let height = number(self.categories.len()) * ROW + 4;
        rendered(&Drawn {
            chart: self,
            width: WIDTH,
            height,
            base: height,
            upright: false,
            bars: values.iter().enumerate().map(bar).collect(),
            names: self.categories.iter().enumerate().map(name).collect(),
        })
    }
}

fn rendered(drawn: &Drawn<'_>) -> String {
    drawn.render().unwrap_or_default()
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
                "<title id=\"months-title\">Đoàn &#60;vào&#62;</title>",
                "<desc id=",
                "<details>",
            ] {
                assert!(drawn.contains(part), "{part} in {drawn}");
            }
            assert!(!drawn.contains("style=") && !drawn.contains("<style"), "{drawn}");
        }
        let drawn = chart().upright();
        assert_eq!(drawn.matches("<rect class=\"bar").count(), 3 + 2, "a bar a number, and the key");
        assert!(drawn.contains("height=\"200\"") && drawn.contains("height=\"100\""), "{drawn}");
        assert!(drawn.contains("<td class=\"number\">–</td>"), "what is not known yet is not 0: {drawn}");
    }
}
