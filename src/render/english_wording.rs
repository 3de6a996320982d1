//! Times → English words for the terminal, counted from the present.

use jiff::Timestamp;

/// `3 min ago`, `in 2 h`; `-` where no time is known.
pub fn relative_time(at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(at) = at else { return "-".to_owned() };
    let seconds = at.as_second() - now.as_second();
    let (count, unit) = match seconds.unsigned_abs() {
        s @ 0..60 => (s, "s"),
        s @ 60..7_200 => (s / 60, "min"),
        s @ 7_200..172_800 => (s / 3_600, "h"),
        s => (s / 86_400, "d"),
    };
    if seconds > 0 { format!("in {count} {unit}") } else { format!("{count} {unit} ago") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_relative_to_now() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let check = |seconds: i64, expected: &str| {
            let at = Timestamp::from_second(1_000_000 + seconds).unwrap();
            assert_eq!(relative_time(Some(at), now), expected);
        };
        check(0, "0 s ago");
        check(-90, "1 min ago");
        check(3 * 3600, "in 3 h");
        check(3 * 86_400, "in 3 d");
        assert_eq!(relative_time(None, now), "-");
    }
}
