//! The shipped sources that speak of one country → that country. The others speak to readers of all countries.

/// A country with publishers among the shipped sources.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Country {
    /// Its code (ISO 3166-1).
    pub(super) code: &'static str,
    /// Its English name.
    pub(super) english: &'static str,
    /// Its time zone (IANA).
    pub(super) timezone: &'static str,
    /// The ids of its sources.
    pub(super) sources: &'static [&'static str],
}

/// The countries, from west to east.
pub(super) const COUNTRIES: [Country; 15] = [
    Country {
        code: "mr",
        english: "Mauritania",
        timezone: "Africa/Nouakchott",
        sources: &["saharamedias"],
    },
    Country {
        code: "ma",
        english: "Morocco",
        timezone: "Africa/Casablanca",
        sources: &[
            "hespress",
            "yabiladi-ar",
            "barlamane",
            "assabah-ma",
            "kifache",
            "ahdath",
            "le360-ar",
            "justice-ma",
        ],
    },
    Country {
        code: "dz",
        english: "Algeria",
        timezone: "Africa/Algiers",
        sources: &["echorouk", "elkhabar"],
    },
    Country {
        code: "tn",
        english: "Tunisia",
        timezone: "Africa/Tunis",
        sources: &["mosaique", "nawaat"],
    },
    Country {
        code: "ly",
        english: "Libya",
        timezone: "Africa/Tripoli",
        sources: &["libya-alahrar"],
    },
    Country {
        code: "eg",
        english: "Egypt",
        timezone: "Africa/Cairo",
        sources: &["youm7", "youm7-economy", "almasryalyoum", "masrawy", "madamasr"],
    },
    Country {
        code: "sd",
        english: "Sudan",
        timezone: "Africa/Khartoum",
        sources: &["sudantribune-ar"],
    },
    Country {
        code: "lb",
        english: "Lebanon",
        timezone: "Asia/Beirut",
        sources: &["annahar", "lbci", "almayadeen"],
    },
    Country {
        code: "sy",
        english: "Syria",
        timezone: "Asia/Damascus",
        sources: &["sana", "npa", "enabbaladi", "syria-tv"],
    },
    Country { code: "jo", english: "Jordan", timezone: "Asia/Amman", sources: &["roya", "alghad"] },
    Country {
        code: "iq",
        english: "Iraq",
        timezone: "Asia/Baghdad",
        sources: &["shafaq", "alsumaria", "almada", "kurdistan24-ar"],
    },
    Country {
        code: "sa",
        english: "Saudi Arabia",
        timezone: "Asia/Riyadh",
        sources: &["okaz", "alyaum"],
    },
    Country {
        code: "ye",
        english: "Yemen",
        timezone: "Asia/Aden",
        sources: &["almashhad", "suhail"],
    },
    Country { code: "qa", english: "Qatar", timezone: "Asia/Qatar", sources: &["sharq-qatar"] },
    Country {
        code: "ae",
        english: "United Arab Emirates",
        timezone: "Asia/Dubai",
        sources: &["alkhaleej"],
    },
];

/// The countries that words such as `eg,sa` or `all` name, each once.
///
/// # Errors
/// What was found and expected.
pub(super) fn parse_countries(words: &str) -> Result<Vec<&'static Country>, String> {
    let separator = |c: char| c.is_whitespace() || matches!(c, ',' | '،');
    let mut found: Vec<&'static Country> = Vec::new();
    for word in words.split(separator).filter(|word| !word.is_empty()) {
        if word.eq_ignore_ascii_case("all") {
            return Ok(COUNTRIES.iter().collect());
        }
        let is_named = |country: &&Country| {
            word.eq_ignore_ascii_case(country.code) || word.eq_ignore_ascii_case(country.english)
        };
        match COUNTRIES.iter().find(is_named) {
            Some(country) if !found.contains(&country) => found.push(country),
            Some(_) => {}
            None => {
                return Err(format!(
                    "{word:?} is no country with shipped sources: {}",
                    list_codes()
                ));
            }
        }
    }
    if found.is_empty() { Err(format!("expected countries: {}", list_codes())) } else { Ok(found) }
}

/// `eg (Egypt), …, or all`.
fn list_codes() -> String {
    let codes = COUNTRIES.iter().map(|country| format!("{} ({})", country.code, country.english));
    format!("{}, or all", codes.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_named_by_their_codes() {
        let codes = |words: &str| {
            let found = parse_countries(words).unwrap();
            found.iter().map(|country| country.code).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(codes("eg,SA"), "eg sa");
        assert_eq!(codes("iq ، iraq lebanon"), "iq lb");
        assert_eq!(codes("eg all").split(' ').count(), COUNTRIES.len());
        let refused = parse_countries("xx").unwrap_err();
        assert!(refused.contains("\"xx\"") && refused.contains("eg (Egypt)"), "{refused}");
        assert!(parse_countries(" , ").is_err());
    }
}
