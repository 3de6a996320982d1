//! Scripts in all known disguises → markup that runs nothing.

use super::*;

/// The table that `tests/browser/attacks.rs` shows to a real browser.
#[path = "../../../../../../tests/support/attacks.rs"]
#[allow(unreachable_pub)]
mod table;

#[test]
fn attacks_are_harmless() {
    let links = table::ADDRESSES.iter().map(|address| {
        let address = address.replace('"', "&quot;");
        format!("<a href=\"{address}\">x</a><img src=\"{address}\" srcset=\"{address} 1x\">")
    });
    let attacks: Vec<String> =
        table::MARKUP.iter().map(|attack| (*attack).to_owned()).chain(links).collect();
    assert!(attacks.len() >= 150);
    for attack in attacks {
        let attack = attack.replace("RUN", "alert(1)").replace("CANARY", "//x.example/");
        for kind in [TextKind::Text, TextKind::Html, TextKind::Unspecified] {
            for input in [attack.clone(), format!("<p>{attack}</p>"), format!("<table>{attack}")] {
                assert_harmless(&html(kind, &input), &input);
            }
        }
    }
}
