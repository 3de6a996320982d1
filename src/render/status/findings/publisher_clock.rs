//! A publisher's clock that is off → its JSON and the sentences about it.

use jiff::Timestamp;
use rafid_feed::model::{ClockOffset, ClockSetting};
use serde::{Deserialize, Serialize};

use crate::model::{ClockState, ClockVerdict};
use crate::render::arabic_wording::{HOURS, MINUTES, count_in_words};

/// A publisher's clock that is or seems to be off.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClockStatus {
    /// `suspected` or `off`.
    pub verdict: String,
    /// How far, in minutes: ahead is positive, behind is negative.
    pub offset_minutes: i32,
    /// The same in words: `3 hours behind`.
    pub offset: String,
    /// Since when that is believed.
    pub since: Option<Timestamp>,
    /// Whether dates are moved because of it.
    pub corrected: bool,
    /// The setting `clock` under which it is so.
    pub setting: String,
}

impl ClockStatus {
    /// What is wrong with a publisher's clock under the operator's `setting`. `None`: nothing.
    pub fn from_state(state: &ClockState, setting: ClockSetting) -> Option<Self> {
        let offset = state.verdict.offset()?;
        let is_off = matches!(state.verdict, ClockVerdict::Off(_));
        Some(Self {
            verdict: state.verdict.as_str().to_owned(),
            offset_minutes: offset.minutes(),
            offset: offset.to_string(),
            since: state.since,
            corrected: is_off && setting == ClockSetting::Auto,
            setting: setting.to_string(),
        })
    }

    /// For the page.
    pub fn in_arabic(&self) -> String {
        let minutes = u64::from(self.offset_minutes.unsigned_abs());
        let amount = match (minutes / 60, minutes % 60) {
            (hours, 0) => count_in_words(hours, &HOURS),
            (0, minutes) => count_in_words(minutes, &MINUTES),
            (hours, minutes) => {
                format!("{} و{}", count_in_words(hours, &HOURS), count_in_words(minutes, &MINUTES))
            }
        };
        let way = if self.offset_minutes < 0 { "متأخرة" } else { "متقدمة" };
        match (self.corrected, self.verdict.as_str()) {
            (true, _) => format!("ساعة الناشر {way} {amount}، وتُعدَّل تواريخ أخباره بقدر ذلك."),
            (false, "off") => {
                format!("ساعة الناشر {way} {amount}، وتبقى تواريخ أخباره كما تقضي الإعدادات.")
            }
            _ => format!("يبدو أن ساعة الناشر {way} {amount}، ولم تُعدَّل تواريخ أخباره لذلك."),
        }
    }

    /// For the terminal, with what can be done about it.
    pub fn in_english(&self) -> String {
        let Self { offset, setting, .. } = self;
        let known = ClockOffset::from_minutes(self.offset_minutes);
        let advice = known.map_or_else(String::new, |offset| {
            format!("say clock = \"{}\" in the configuration if it is", offset.as_setting())
        });
        match (self.corrected, setting.as_str()) {
            (true, _) => format!(
                "its clock is {offset}, dates are moved; say clock = \"trust\" in the \
                 configuration if it is right"
            ),
            (false, "auto") => {
                format!("its clock seems to be {offset}, dates are not moved; {advice}")
            }
            (false, _) => {
                let is = if self.verdict == "off" { "is" } else { "seems to be" };
                format!("its clock {is} {offset} under clock = \"{setting}\"")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(verdict: &str, offset_minutes: i32, corrected: bool, setting: &str) -> ClockStatus {
        ClockStatus {
            verdict: verdict.to_owned(),
            offset_minutes,
            offset: "3 hours behind".to_owned(),
            since: None,
            corrected,
            setting: setting.to_owned(),
        }
    }

    #[test]
    fn clocks_in_arabic() {
        let check = |verdict: &str, offset_minutes: i32, corrected: bool, expected: &str| {
            assert_eq!(clock(verdict, offset_minutes, corrected, "auto").in_arabic(), expected);
        };
        check("off", -180, true, "ساعة الناشر متأخرة 3 ساعات، وتُعدَّل تواريخ أخباره بقدر ذلك.");
        check(
            "off",
            120,
            false,
            "ساعة الناشر متقدمة ساعتين، وتبقى تواريخ أخباره كما تقضي الإعدادات.",
        );
        check(
            "suspected",
            60,
            false,
            "يبدو أن ساعة الناشر متقدمة ساعة واحدة، ولم تُعدَّل تواريخ أخباره لذلك.",
        );
        check(
            "suspected",
            -690,
            false,
            "يبدو أن ساعة الناشر متأخرة 11 ساعة و30 دقيقة، ولم تُعدَّل تواريخ أخباره لذلك.",
        );
    }

    #[test]
    fn clocks_in_english_with_advice() {
        let check = |verdict: &str, corrected: bool, setting: &str, expected: &str| {
            assert_eq!(clock(verdict, -180, corrected, setting).in_english(), expected);
        };
        let moved = "its clock is 3 hours behind, dates are moved; say clock = \"trust\" in the \
                     configuration if it is right";
        check("off", true, "auto", moved);
        let seems = "its clock seems to be 3 hours behind, dates are not moved; say clock = \
                     \"-03:00\" in the configuration if it is";
        check("suspected", false, "auto", seems);
        check("off", false, "trust", "its clock is 3 hours behind under clock = \"trust\"");
        let under = "its clock seems to be 3 hours behind under clock = \"wall\"";
        check("suspected", false, "wall", under);
    }
}
