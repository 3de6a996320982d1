//! Markup that is unclosed or shows nothing → markup that is well nested and shows something.

use super::*;

#[test]
fn unclosed_elements_are_closed() {
    check("<p>واحد<p>اثنان", "<p>واحد</p><p>اثنان</p>");
    check("<ul><li>x<li>y</ul>z", "<ul><li>x</li><li>y</li></ul>z");
    check("<dl><dt>x<dd>y<dt>z</dl>", "<dl><dt>x</dt><dd>y</dd><dt>z</dt></dl>");
    check("<p><b>x</p><p>y</p>", "<p><b>x</b></p><p>y</p>");
    check("<b><i>x</b>y</i>z", "<b><i>x</i></b><i>y</i>z");
    check("<b><p>x</b></p><p>y</p>", "<b><p>x</p></b><p>y</p>");
    check("<b><ul><li>x</b></li><li>y</li></ul>z", "<b><ul><li>x</li><li>y</li></ul></b>z");
    check("<h2>x<h3>y", "<h2>x</h2><h3>y</h3>");
    check("<div><p>x</div>y</p></div>", "<div><p>x</p></div>y");
    check("<p><b>x<ul><li>y</ul>", "<p><b>x</b></p><ul><li>y</li></ul>");
    check("<p><cite><table><tr><td>x</table>", "<table><tbody><tr><td>x</td></tr></tbody></table>");
    check("</p></div></td>x", "x");
    check("<ul><li><ul><li>x</ul></li><li>y", "<ul><li><ul><li>x</li></ul></li><li>y</li></ul>");
    check(
        "<table>x<tr>y<td>z<td>w<tr><td>v</table>u",
        "<table><tbody><tr><td>x</td></tr><tr><td>y</td><td>z</td><td>w</td></tr><tr><td>v</td></tr></tbody></table>u",
    );
    check("<tr><td>x</td></tr>", "x");
    check("<ruby>a<rt>b<rt>c</ruby><rt>d", "<ruby>a<rt>b</rt><rt>c</rt></ruby>d");
    check("<div/>x<p/>y<span/>z", "x\nyz");
}

#[test]
fn empty_markup_is_removed() {
    check("<p>&nbsp;</p><p>x</p><p> <br> </p><div><p></p></div>", "<p>x</p>");
    check("<p><span></span></p>x<b></b>y", "xy");
    check("x<div class=feedflare> </div>y", "x\ny");
    check("x<b> </b>y", "x<b> </b>y");
    check(
        "<td></td><table><tr><td></td></tr></table>",
        "<table><tbody><tr><td></td></tr></tbody></table>",
    );
    check("<script>x</script><style>y</style><form><input>z</form><svg><text>u</text></svg>w", "w");
    check(
        "<math><semantics><mi>n</mi><annotation>\\n</annotation><annotation-xml><b>n</b></annotation-xml></semantics></math> bytes",
        "n bytes",
    );
    check("<!-- x --><?php y ?><!DOCTYPE html>z<![CDATA[w", "zw");
    check("x<script>y", "x");
    check("x<form>y", "xy");
    check("a\u{0}\u{1b}b\u{feff}c\rd", "abc\nd");
    check("<html><head><title>x</title></head><body>y</body></html>", "<div>y</div>");
}
