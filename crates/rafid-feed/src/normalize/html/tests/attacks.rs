//! Scripts in all known disguises → markup that runs nothing.

/// The program's `tests/browser/attacks.rs` shows the same table to a real browser.
#[allow(unreachable_pub)]
pub(super) mod attack_table;

use super::*;

#[test]
fn attacks_are_harmless() {
    let links = attack_table::ADDRESSES.iter().map(|address| {
        let address = address.replace('"', "&quot;");
        format!("<a href=\"{address}\">x</a><img src=\"{address}\" srcset=\"{address} 1x\">")
    });
    let attacks: Vec<String> =
        attack_table::MARKUP.iter().map(|attack| (*attack).to_owned()).chain(links).collect();
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
