//! Scripts in every disguise → markup that runs nothing.

use super::*;

/// Shapes of scripts that have got through one sanitiser or another.
const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script>",
    "<script\n>alert(1)</script\n>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src='x'onerror='alert(1)'>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<img src=`x`onerror=alert(1)>",
    "<img src=\"x:gif\" onerror=\"alert(1)\">",
    "<img src=\"javascript:alert(1)\">",
    "<img src=data:image/svg+xml;base64,PHN2Zz4=>",
    "<img srcset='javascript:alert(1) 1x'>",
    "<img data-src='javascript:alert(1)'>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate href=#x attributeName=href values=javascript:alert(1) /><a id=x>y</a></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--><img src=1 onerror=alert(1)>\">",
    "<math href='javascript:alert(1)'>x</math>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#1; javascript:alert(1)'>x</a>",
    "<a href='java&#x0A;script:alert(1)'>x</a>",
    "<a href='java&Tab;script&colon;alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='vbscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href=\"https://a.example/\" onclick=\"alert(1)\">x</a>",
    "<a href=\"https://a.example/&quot; onmouseover=&quot;alert(1)\">x</a>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=data:text/html;base64,PHNjcmlwdD4=>",
    "<video><source onerror=alert(1)></video>",
    "<video src=x onloadstart=alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input autofocus onfocus=alert(1)>",
    "<body onload=alert(1)>x",
    "<div style=\"background:url(javascript:alert(1))\">x</div>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=javascript:alert(1)//>",
    "<table background=javascript:alert(1)><tr><td>x</td></tr></table>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
    "<xmp><img title=\"</xmp><img src=x onerror=alert(1)>\"></xmp>",
    "<title><img title=\"</title><img src=x onerror=alert(1)>\"></title>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--!><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml?><img src=x onerror=alert(1)>",
    "<p title='\"><script>alert(1)</script>'>x</p>",
    "<abbr title='</abbr><script>alert(1)</script>'>x</abbr>",
    "<x onclick=alert(1)>x</x>",
    "<a href=https://a.example/ id=x name=y class=z style=w>x</a>",
    "<p dir='rtl\" onclick=\"alert(1)'>x</p>",
    "<p lang='ar\" onclick=\"alert(1)'>x</p>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&lt;img src=x onerror=alert(1)&gt;",
];

#[test]
fn attacks_are_harmless() {
    assert!(ATTACKS.len() >= 30);
    for attack in ATTACKS {
        for kind in [TextKind::Text, TextKind::Html, TextKind::Unsaid] {
            for input in
                [(*attack).to_owned(), format!("<p>{attack}</p>"), format!("<table>{attack}")]
            {
                assert_harmless(&html(kind, &input), &input);
            }
        }
    }
}
