//! Numbers and what is said of them: quantiles of many, the median and the range of few.

use std::time::Duration;

/// Durations of one kind.
#[derive(Debug, Default, Clone)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    pub fn add(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// In milliseconds; not a number if there are none.
    pub fn quantile(&self, quantile: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (quantile * sorted.len() as f64).ceil() as usize;
        sorted.get(place.saturating_sub(1)).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// One figure for each round.
#[derive(Debug, Default, Clone)]
pub struct Rounds(Vec<f64>);

impl Rounds {
    pub fn add(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        match sorted.len() {
            0 => f64::NAN,
            odd if odd % 2 == 1 => sorted[odd / 2],
            even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
        }
    }

    /// Round by round: both were measured next to each other in time, so a slow minute of the machine hits both.
    pub fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(own, other)| own / other).collect())
    }

    pub fn show(&self, format: impl Fn(f64) -> String) -> String {
        let (least, most) = self.0.iter().fold((f64::MAX, f64::MIN), |(a, b), &figure| (a.min(figure), b.max(figure)));
        match self.0.len() {
            0 => "–".into(),
            1 => format(least),
            _ => format!("{} ({}–{})", format(self.median()), format(least), format(most)),
        }
    }
}

/// `12,345`.
pub fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1.23`, and less exact where more digits would pretend.
pub fn decimal(number: f64) -> String {
    match number.abs() {
        large if large >= 100.0 => whole(number),
        middle if middle >= 10.0 => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

pub fn percent(ratio: f64) -> String {
    format!("{:.0} %", ratio * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let mut latencies = Latencies::default();
        (1..=100).for_each(|millis| latencies.add(Duration::from_millis(millis)));
        assert_eq!([0.5, 0.99, 1.0].map(|q| latencies.quantile(q)), [50.0, 99.0, 100.0]);
        assert!(Latencies::default().quantile(0.5).is_nan());
    }

    #[test]
    fn rounds_show_their_median_and_range() {
        let mut rounds = Rounds::default();
        [3000.0, 1000.0, 12000.0].into_iter().for_each(|figure| rounds.add(figure));
        assert_eq!(rounds.show(whole), "3,000 (1,000–12,000)");
        assert_eq!(rounds.over(&rounds).median(), 1.0);
        assert_eq!(Rounds::default().show(whole), "–");
    }

    #[test]
    fn numbers_for_people() {
        assert_eq!([0.0, 999.0, 1000.0, 1_234_567.0].map(whole), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.123, 12.34, 123.4].map(decimal), ["0.12", "12.3", "123"]);
    }
}
