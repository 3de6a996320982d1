//! Element names as written → what they mean: namespaces by URI and, where a publisher forgot to
//! declare them, by their customary prefixes; names without regard to case.

/// A vocabulary that feeds use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Ns {
    /// No namespace, or one of the many of RSS.
    Core,
    /// Atom 0.3 and 1.0; also what a feed without a declaration means by `feed`.
    Atom,
    Rdf,
    Dc,
    DcTerms,
    Content,
    Media,
    Itunes,
    /// `sy:`, the update module of RSS 1.0.
    Syndication,
    Slash,
    /// `wfw:`, the comment API.
    CommentApi,
    /// `thr:`, RFC 4685.
    Thread,
    GeoRss,
    /// W3C `geo:`.
    Geo,
    Gml,
    Xhtml,
    /// Creative Commons in its several forms.
    Licence,
    FeedBurner,
    Prism,
    /// sitemaps.org: `urlset` and its addresses.
    Sitemap,
    /// Google's news in a sitemap.
    News,
    /// Google's pictures in a sitemap.
    SitemapImage,
    /// Declared, and of no use to us.
    Other,
}

/// Namespace URIs without their scheme and trailing `/` or `#`, lower case, sorted. The rows are the
/// URIs of the specifications and the misspelt ones that 6,469 feeds of public corpora used.
const URIS: &[(&str, Ns)] = &[
    ("backend.userland.com/creativecommonsrssmodule", Ns::Licence),
    ("backend.userland.com/rss", Ns::Core),
    ("backend.userland.com/rss2", Ns::Core),
    ("base.google.com/ns/1.0", Ns::Other),
    ("blogs.law.harvard.edu/tech/rss", Ns::Core),
    ("channel.netscape.com/rdf/simple/0.9", Ns::Core),
    ("cyber.law.harvard.edu/rss/creativecommonsrssmodule.html", Ns::Licence),
    ("example.com/necho", Ns::Atom),
    ("example.com/newformat", Ns::Atom),
    ("my.netscape.com/rdf/simple/0.9", Ns::Core),
    ("prismstandard.org/namespaces/1.2/basic", Ns::Prism),
    ("prismstandard.org/namespaces/basic/1.2", Ns::Prism),
    ("prismstandard.org/namespaces/basic/2.0", Ns::Prism),
    ("purl.org/atom/ns", Ns::Atom),
    ("purl.org/dc/elements/1.0", Ns::Dc),
    ("purl.org/dc/elements/1.1", Ns::Dc),
    ("purl.org/dc/terms", Ns::DcTerms),
    ("purl.org/net/rss1.1", Ns::Core),
    ("purl.org/rss/1.0", Ns::Core),
    ("purl.org/rss/1.0/modules/content", Ns::Content),
    ("purl.org/rss/1.0/modules/slash", Ns::Slash),
    ("purl.org/rss/1.0/modules/syndication", Ns::Syndication),
    ("purl.org/rss/modules/content", Ns::Content),
    ("purl.org/syndication/thread/1.0", Ns::Thread),
    ("rssnamespace.org/feedburner/ext/1.0", Ns::FeedBurner),
    ("search.yahoo.com/mrss", Ns::Media),
    ("tools.search.yahoo.com/mrss", Ns::Media),
    ("web.resource.org/cc", Ns::Licence),
    ("wellformedweb.org/commentapi", Ns::CommentApi),
    ("www.georss.org/georss", Ns::GeoRss),
    ("www.georss.org/georss/10", Ns::GeoRss),
    ("www.google.com/schemas/sitemap-image/1.1", Ns::SitemapImage),
    ("www.google.com/schemas/sitemap-news/0.9", Ns::News),
    ("www.google.com/schemas/sitemap/0.84", Ns::Sitemap),
    ("www.google.com/schemas/sitemap/0.9", Ns::Sitemap),
    ("www.itunes.com/dtds/podcast-1.0.dtd", Ns::Itunes),
    ("www.opengis.net/gml", Ns::Gml),
    ("www.sitemaps.org/schemas/sitemap/0.9", Ns::Sitemap),
    ("www.w3.org/1999/02/22-rdf-syntax-ns", Ns::Rdf),
    ("www.w3.org/1999/html", Ns::Xhtml),
    ("www.w3.org/1999/xhtml", Ns::Xhtml),
    ("www.w3.org/2003/01/geo/wgs84_pos", Ns::Geo),
    ("www.w3.org/2005/atom", Ns::Atom),
    ("www.yahoo.com/mrss", Ns::Media),
];

/// The URIs to the letter, as the specifications have them; a vocabulary that has none here may be
/// spelt in any way that is read.
const SPECIFIED: &[(Ns, &str)] = &[
    (Ns::Atom, "http://www.w3.org/2005/Atom"),
    (Ns::Atom, "http://purl.org/atom/ns#"),
    (Ns::Rdf, "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    (Ns::Dc, "http://purl.org/dc/elements/1.1/"),
    (Ns::Dc, "http://purl.org/dc/elements/1.0/"),
    (Ns::DcTerms, "http://purl.org/dc/terms/"),
    (Ns::Content, "http://purl.org/rss/1.0/modules/content/"),
    (Ns::Media, "http://search.yahoo.com/mrss/"),
    (Ns::Itunes, "http://www.itunes.com/dtds/podcast-1.0.dtd"),
    (Ns::Itunes, "http://www.itunes.com/DTDs/Podcast-1.0.dtd"),
    (Ns::Syndication, "http://purl.org/rss/1.0/modules/syndication/"),
    (Ns::Slash, "http://purl.org/rss/1.0/modules/slash/"),
    (Ns::CommentApi, "http://wellformedweb.org/CommentAPI/"),
    (Ns::Thread, "http://purl.org/syndication/thread/1.0"),
    (Ns::GeoRss, "http://www.georss.org/georss"),
    (Ns::Geo, "http://www.w3.org/2003/01/geo/wgs84_pos#"),
    (Ns::Gml, "http://www.opengis.net/gml"),
    (Ns::Xhtml, "http://www.w3.org/1999/xhtml"),
    (Ns::FeedBurner, "http://rssnamespace.org/feedburner/ext/1.0"),
    (Ns::News, "http://www.google.com/schemas/sitemap-news/0.9"),
    (Ns::SitemapImage, "http://www.google.com/schemas/sitemap-image/1.1"),
];

/// The prefixes that publishers forget to declare, sorted.
const PREFIXES: &[(&str, Ns)] = &[
    ("atom", Ns::Atom),
    ("atom03", Ns::Atom),
    ("atom10", Ns::Atom),
    ("cc", Ns::Licence),
    ("content", Ns::Content),
    ("creativecommons", Ns::Licence),
    ("dc", Ns::Dc),
    ("dcterms", Ns::DcTerms),
    ("feedburner", Ns::FeedBurner),
    ("geo", Ns::Geo),
    ("georss", Ns::GeoRss),
    ("gml", Ns::Gml),
    ("html", Ns::Xhtml),
    ("image", Ns::SitemapImage),
    ("itunes", Ns::Itunes),
    ("media", Ns::Media),
    ("news", Ns::News),
    ("prism", Ns::Prism),
    ("rdf", Ns::Rdf),
    ("rss", Ns::Core),
    ("slash", Ns::Slash),
    ("sy", Ns::Syndication),
    ("thr", Ns::Thread),
    ("wfw", Ns::CommentApi),
    ("xhtml", Ns::Xhtml),
];

/// A name of at most this many bytes can stand in our tables.
const LONGEST_NAME: usize = 40;

/// What a namespace URI stands for. A default namespace nobody knows counts as none (`unknown`).
pub(super) fn of_uri(uri: &str, unknown: Ns) -> Ns {
    let uri = uri.trim().trim_end_matches(['/', '#']);
    let uri = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    if uri.is_empty() {
        return Ns::Core;
    }
    folded::<64, _>(uri, |uri| find(URIS, uri)).flatten().unwrap_or(unknown)
}

/// Whether a URI stands for a vocabulary to the letter.
fn is_specified(uri: &str, ns: Ns) -> bool {
    match ns {
        Ns::Other => true,
        // RSS has many, none of them needed; a default one that nobody knows is none of them.
        Ns::Core | Ns::Sitemap => of_uri(uri, Ns::Other) != Ns::Other,
        ns => {
            let mut own = SPECIFIED.iter().filter(|(known, _)| *known == ns).peekable();
            own.peek().is_none() || own.any(|(_, own)| *own == uri)
        }
    }
}

/// The URI that the specification of a vocabulary has; `None`: there are several, or none.
pub(super) fn specified(ns: Ns) -> Option<&'static str> {
    SPECIFIED.iter().find(|(known, _)| *known == ns).map(|(_, uri)| *uri)
}

/// What an undeclared prefix customarily stands for.
pub(super) fn of_prefix(prefix: &str) -> Option<Ns> {
    folded::<LONGEST_NAME, _>(prefix, |prefix| find(PREFIXES, prefix)).flatten()
}

fn find(table: &[(&str, Ns)], word: &str) -> Option<Ns> {
    let row = table.binary_search_by_key(&word, |row| row.0).ok()?;
    table.get(row).map(|row| row.1)
}

/// Calls `with` on the word in lower case, without an allocation. `None`: the word is longer than
/// anything a table holds, or not ASCII.
pub(super) fn folded<const N: usize, T>(word: &str, with: impl FnOnce(&str) -> T) -> Option<T> {
    let mut buffer = [0_u8; N];
    let buffer = buffer.get_mut(..word.len())?;
    buffer.copy_from_slice(word.as_bytes());
    buffer.make_ascii_lowercase();
    std::str::from_utf8(buffer).ok().map(with)
}

/// A name cut at its colon.
pub(super) fn split(name: &str) -> (&str, &str) {
    // Byte by byte: names are short, and this is asked of every tag several times.
    match name.bytes().position(|byte| byte == b':') {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => ("", name),
    }
}

/// The namespaces in force, innermost last.
#[derive(Debug, Default)]
pub(super) struct Scopes<'a> {
    bound: Vec<(&'a str, Ns)>,
    /// What names without a known namespace mean; `None`: `Core`.
    plain: Option<Ns>,
    misspelt: Vec<(&'a str, Ns)>,
}

/// A place in the scopes to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(usize);

/// More declarations than this are an attack: the outermost ones stay in force.
const MOST_DECLARATIONS: usize = 512;

impl<'a> Scopes<'a> {
    /// Scopes in which names without a known namespace mean `plain`.
    pub(super) fn where_plain_is(plain: Ns) -> Self {
        Self { plain: Some(plain), ..Self::default() }
    }

    fn plain(&self) -> Ns {
        self.plain.unwrap_or(Ns::Core)
    }

    pub(super) fn mark(&self) -> Mark {
        Mark(self.bound.len())
    }

    pub(super) fn back_to(&mut self, mark: Mark) {
        self.bound.truncate(mark.0);
    }

    /// Takes an attribute for a declaration, if it is one.
    pub(super) fn declare(&mut self, attribute: &'a str, uri: &'a str) {
        let prefix = match split(attribute) {
            ("xmlns", prefix) => prefix,
            ("", name) if name.eq_ignore_ascii_case("xmlns") => "",
            _ => return,
        };
        if self.bound.len() < MOST_DECLARATIONS {
            let unknown = if prefix.is_empty() { self.plain() } else { Ns::Other };
            let ns = match of_uri(uri, unknown) {
                // A URI nobody knows behind a customary prefix is a misspelling.
                Ns::Other => of_prefix(prefix).unwrap_or(Ns::Other),
                known => known,
            };
            if !is_specified(uri, ns) {
                self.misspelt.push((uri, ns));
            }
            self.bound.push((prefix, ns));
        }
    }

    /// The URIs that were taken for vocabularies whose own are others, since the last time it was
    /// asked. `Core` and `Sitemap`: a default namespace that nobody knows.
    pub(super) fn take_misspelt(&mut self) -> Vec<(&'a str, Ns)> {
        std::mem::take(&mut self.misspelt)
    }

    /// The namespace of a prefix (empty: the default one). `None`: undeclared and not customary.
    pub(super) fn of(&self, prefix: &str) -> Option<Ns> {
        let bound = self.bound.iter().rev().find(|(known, _)| *known == prefix);
        match bound {
            Some((_, ns)) => Some(*ns),
            None if prefix.is_empty() => Some(self.plain()),
            None => of_prefix(prefix),
        }
    }

    /// Whether a prefix was declared.
    pub(super) fn declares(&self, prefix: &str) -> bool {
        prefix.is_empty() || self.bound.iter().any(|(known, _)| *known == prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_every_row_can_match() {
        assert!(URIS.is_sorted() && PREFIXES.is_sorted());
        for (uri, ns) in URIS {
            assert_eq!(of_uri(&format!("http://{uri}/"), Ns::Other), *ns, "{uri}");
        }
        for (prefix, ns) in PREFIXES {
            assert_eq!(of_prefix(prefix), Some(*ns), "{prefix}");
        }
    }

    #[test]
    fn misspelt_namespaces_are_told() {
        for (ns, uri) in SPECIFIED {
            assert_eq!(of_uri(uri, Ns::Other), *ns, "{uri}");
        }
        let check = |attribute: &'static str, uri: &'static str, expected: Option<Ns>| {
            let mut scopes = Scopes::default();
            scopes.declare(attribute, uri);
            let told = scopes.take_misspelt().first().map(|(_, ns)| *ns);
            assert_eq!(told, expected, "{attribute} {uri}");
        };
        check("xmlns", "http://www.w3.org/2005/Atom", None);
        check("xmlns", "https://www.w3.org/2005/Atom", Some(Ns::Atom));
        check("xmlns:media", "http://search.yahoo.com/mrss", Some(Ns::Media));
        check("xmlns:media", "http://a.example/mrss", Some(Ns::Media));
        check("xmlns:a", "http://a.example/mrss", None);
        check("xmlns:cc", "http://web.resource.org/cc/", None);
        check("xmlns", "http://backend.userland.com/rss2", None);
        check("xmlns", "", None);
        check("xmlns", "urn:unknown", Some(Ns::Core));
    }

    #[test]
    fn namespaces_are_scoped() {
        let mut scopes = Scopes::default();
        assert_eq!(scopes.of(""), Some(Ns::Core));
        assert_eq!(scopes.of("dc"), Some(Ns::Dc));
        assert_eq!(scopes.of("x"), None);
        scopes.declare("xmlns", "HTTP://www.w3.org/2005/Atom");
        let outer = scopes.mark();
        scopes.declare("xmlns:d", "http://purl.org/dc/elements/1.1/");
        scopes.declare("xmlns:media", "http://search.yahoo.com/mrss-misspelt");
        scopes.declare("version", "2.0");
        scopes.declare("xmlns", "https://www.w3.org/1999/xhtml");
        assert_eq!(
            (scopes.of(""), scopes.of("d"), scopes.of("media")),
            (Some(Ns::Xhtml), Some(Ns::Dc), Some(Ns::Media))
        );
        scopes.back_to(outer);
        assert_eq!((scopes.of(""), scopes.of("d")), (Some(Ns::Atom), None));
        scopes.declare("xmlns", "urn:unknown");
        assert_eq!(scopes.of(""), Some(Ns::Core));
    }
}
