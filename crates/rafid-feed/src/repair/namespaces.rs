//! Element names as written → their meaning: namespaces by URI and, where a publisher does not declare
//! them, by their customary prefixes; names in any case.

/// A vocabulary that feeds use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Namespace {
    /// No namespace, or one of the many of RSS.
    Core,
    /// Atom 0.3 and 1.0; also what `feed` means without a declaration.
    Atom,
    Rdf,
    Dc,
    DcTerms,
    Content,
    Media,
    Itunes,
    /// podcastindex.org/namespace/1.0.
    Podcast,
    /// `psc:`, Podlove's simple chapters.
    Chapters,
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
    /// Declared, but nothing in it is used.
    Other,
}

/// Namespace URIs without their scheme and trailing `/` or `#`, lower case, sorted. The rows are the URIs
/// of the specifications and the misspelled ones that 6,469 feeds of public corpora use.
const URIS: &[(&str, Namespace)] = &[
    ("backend.userland.com/creativecommonsrssmodule", Namespace::Licence),
    ("backend.userland.com/rss", Namespace::Core),
    ("backend.userland.com/rss2", Namespace::Core),
    ("base.google.com/ns/1.0", Namespace::Other),
    ("blogs.law.harvard.edu/tech/rss", Namespace::Core),
    ("channel.netscape.com/rdf/simple/0.9", Namespace::Core),
    ("cyber.law.harvard.edu/rss/creativecommonsrssmodule.html", Namespace::Licence),
    ("example.com/necho", Namespace::Atom),
    ("example.com/newformat", Namespace::Atom),
    ("github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md", Namespace::Podcast),
    ("my.netscape.com/rdf/simple/0.9", Namespace::Core),
    ("podcastindex.org/namespace/1.0", Namespace::Podcast),
    ("podlove.org/simple-chapters", Namespace::Chapters),
    ("prismstandard.org/namespaces/1.2/basic", Namespace::Prism),
    ("prismstandard.org/namespaces/basic/1.2", Namespace::Prism),
    ("prismstandard.org/namespaces/basic/2.0", Namespace::Prism),
    ("purl.org/atom/ns", Namespace::Atom),
    ("purl.org/dc/elements/1.0", Namespace::Dc),
    ("purl.org/dc/elements/1.1", Namespace::Dc),
    ("purl.org/dc/terms", Namespace::DcTerms),
    ("purl.org/net/rss1.1", Namespace::Core),
    ("purl.org/rss/1.0", Namespace::Core),
    ("purl.org/rss/1.0/modules/content", Namespace::Content),
    ("purl.org/rss/1.0/modules/slash", Namespace::Slash),
    ("purl.org/rss/1.0/modules/syndication", Namespace::Syndication),
    ("purl.org/rss/modules/content", Namespace::Content),
    ("purl.org/syndication/thread/1.0", Namespace::Thread),
    ("rssnamespace.org/feedburner/ext/1.0", Namespace::FeedBurner),
    ("search.yahoo.com/mrss", Namespace::Media),
    ("tools.search.yahoo.com/mrss", Namespace::Media),
    ("web.resource.org/cc", Namespace::Licence),
    ("wellformedweb.org/commentapi", Namespace::CommentApi),
    ("www.georss.org/georss", Namespace::GeoRss),
    ("www.georss.org/georss/10", Namespace::GeoRss),
    ("www.google.com/schemas/sitemap-image/1.1", Namespace::SitemapImage),
    ("www.google.com/schemas/sitemap-news/0.9", Namespace::News),
    ("www.google.com/schemas/sitemap/0.84", Namespace::Sitemap),
    ("www.google.com/schemas/sitemap/0.9", Namespace::Sitemap),
    ("www.itunes.com/dtds/podcast-1.0.dtd", Namespace::Itunes),
    ("www.opengis.net/gml", Namespace::Gml),
    ("www.sitemaps.org/schemas/sitemap/0.9", Namespace::Sitemap),
    ("www.w3.org/1999/02/22-rdf-syntax-ns", Namespace::Rdf),
    ("www.w3.org/1999/html", Namespace::Xhtml),
    ("www.w3.org/1999/xhtml", Namespace::Xhtml),
    ("www.w3.org/2003/01/geo/wgs84_pos", Namespace::Geo),
    ("www.w3.org/2005/atom", Namespace::Atom),
    ("www.yahoo.com/mrss", Namespace::Media),
];

/// The exact URIs of the specifications; a vocabulary without a row here may be spelled in any way that is
/// understood.
const SPECIFIED_URIS: &[(Namespace, &str)] = &[
    (Namespace::Atom, "http://www.w3.org/2005/Atom"),
    (Namespace::Atom, "http://purl.org/atom/ns#"),
    (Namespace::Rdf, "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    (Namespace::Dc, "http://purl.org/dc/elements/1.1/"),
    (Namespace::Dc, "http://purl.org/dc/elements/1.0/"),
    (Namespace::DcTerms, "http://purl.org/dc/terms/"),
    (Namespace::Content, "http://purl.org/rss/1.0/modules/content/"),
    (Namespace::Media, "http://search.yahoo.com/mrss/"),
    (Namespace::Itunes, "http://www.itunes.com/dtds/podcast-1.0.dtd"),
    (Namespace::Itunes, "http://www.itunes.com/DTDs/Podcast-1.0.dtd"),
    (Namespace::Podcast, "https://podcastindex.org/namespace/1.0"),
    (
        Namespace::Podcast,
        "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    ),
    (Namespace::Chapters, "http://podlove.org/simple-chapters"),
    (Namespace::Chapters, "http://podlove.org/simple-chapters/"),
    (Namespace::Syndication, "http://purl.org/rss/1.0/modules/syndication/"),
    (Namespace::Slash, "http://purl.org/rss/1.0/modules/slash/"),
    (Namespace::CommentApi, "http://wellformedweb.org/CommentAPI/"),
    (Namespace::Thread, "http://purl.org/syndication/thread/1.0"),
    (Namespace::GeoRss, "http://www.georss.org/georss"),
    (Namespace::Geo, "http://www.w3.org/2003/01/geo/wgs84_pos#"),
    (Namespace::Gml, "http://www.opengis.net/gml"),
    (Namespace::Xhtml, "http://www.w3.org/1999/xhtml"),
    (Namespace::FeedBurner, "http://rssnamespace.org/feedburner/ext/1.0"),
    (Namespace::News, "http://www.google.com/schemas/sitemap-news/0.9"),
    (Namespace::SitemapImage, "http://www.google.com/schemas/sitemap-image/1.1"),
];

/// The prefixes that publishers forget to declare, sorted.
const PREFIXES: &[(&str, Namespace)] = &[
    ("atom", Namespace::Atom),
    ("atom03", Namespace::Atom),
    ("atom10", Namespace::Atom),
    ("cc", Namespace::Licence),
    ("content", Namespace::Content),
    ("creativecommons", Namespace::Licence),
    ("dc", Namespace::Dc),
    ("dcterms", Namespace::DcTerms),
    ("feedburner", Namespace::FeedBurner),
    ("geo", Namespace::Geo),
    ("georss", Namespace::GeoRss),
    ("gml", Namespace::Gml),
    ("html", Namespace::Xhtml),
    ("image", Namespace::SitemapImage),
    ("itunes", Namespace::Itunes),
    ("media", Namespace::Media),
    ("news", Namespace::News),
    ("podcast", Namespace::Podcast),
    ("prism", Namespace::Prism),
    ("psc", Namespace::Chapters),
    ("rdf", Namespace::Rdf),
    ("rss", Namespace::Core),
    ("slash", Namespace::Slash),
    ("sy", Namespace::Syndication),
    ("thr", Namespace::Thread),
    ("wfw", Namespace::CommentApi),
    ("xhtml", Namespace::Xhtml),
];

/// Bytes of the longest name in the tables.
const LONGEST_NAME: usize = 40;

/// The vocabulary of a namespace URI. An unknown default namespace counts as `unknown`.
pub(super) fn namespace_of_uri(uri: &str, unknown: Namespace) -> Namespace {
    let uri = uri.trim().trim_end_matches(['/', '#']);
    let uri = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    if uri.is_empty() {
        return Namespace::Core;
    }
    with_lower_case::<96, _>(uri, |uri| find_namespace(URIS, uri)).flatten().unwrap_or(unknown)
}

/// Whether a URI is exactly that of the specification.
fn is_specified(uri: &str, ns: Namespace) -> bool {
    match ns {
        Namespace::Other => true,
        // RSS has many, and none of them is needed; an unknown default namespace is not one of them.
        Namespace::Core | Namespace::Sitemap => {
            namespace_of_uri(uri, Namespace::Other) != Namespace::Other
        }
        ns => {
            let mut own = SPECIFIED_URIS.iter().filter(|(known, _)| *known == ns).peekable();
            own.peek().is_none() || own.any(|(_, own)| *own == uri)
        }
    }
}

/// The URI that the specification of a vocabulary states; `None`: it states several, or the vocabulary has
/// no row.
pub(super) fn specified_uri(ns: Namespace) -> Option<&'static str> {
    SPECIFIED_URIS.iter().find(|(known, _)| *known == ns).map(|(_, uri)| *uri)
}

/// A URI of a vocabulary that gives no warning.
#[cfg(test)]
pub(super) fn any_uri_of(ns: Namespace) -> String {
    let known =
        || URIS.iter().find(|(_, known)| *known == ns).map(|(uri, _)| format!("http://{uri}"));
    match ns {
        Namespace::Core => String::new(),
        ns => specified_uri(ns).map(str::to_owned).or_else(known).unwrap_or_default(),
    }
}

/// The customary meaning of an undeclared prefix.
pub(super) fn namespace_of_prefix(prefix: &str) -> Option<Namespace> {
    with_lower_case::<LONGEST_NAME, _>(prefix, |prefix| find_namespace(PREFIXES, prefix)).flatten()
}

fn find_namespace(table: &[(&str, Namespace)], word: &str) -> Option<Namespace> {
    let row = table.binary_search_by_key(&word, |row| row.0).ok()?;
    table.get(row).map(|row| row.1)
}

/// Calls `with` on the word in lower case, without an allocation. `None`: the word is longer than anything
/// in a table, or not ASCII.
pub(super) fn with_lower_case<const N: usize, T>(
    word: &str,
    with: impl FnOnce(&str) -> T,
) -> Option<T> {
    let mut buffer = [0_u8; N];
    let buffer = buffer.get_mut(..word.len())?;
    buffer.copy_from_slice(word.as_bytes());
    buffer.make_ascii_lowercase();
    std::str::from_utf8(buffer).ok().map(with)
}

/// A name, split at its colon.
pub(super) fn split_prefix(name: &str) -> (&str, &str) {
    // Byte by byte: names are short, and every tag needs this several times.
    match name.bytes().position(|byte| byte == b':') {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => ("", name),
    }
}

/// The namespaces in force, innermost last.
#[derive(Debug, Default)]
pub(super) struct NamespaceScopes<'a> {
    bound: Vec<(&'a str, Namespace)>,
    /// The meaning of names without a known namespace; `None`: `Core`.
    unprefixed: Option<Namespace>,
    misspelled: Vec<(&'a str, Namespace)>,
}

/// A point in the scopes to return to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScopeMark(usize);

/// More declarations than this are an attack: the outermost ones stay in force.
const MOST_DECLARATIONS: usize = 512;

impl<'a> NamespaceScopes<'a> {
    /// Scopes in which names without a known namespace belong to `plain`.
    pub(super) fn with_default(plain: Namespace) -> Self {
        Self { unprefixed: Some(plain), ..Self::default() }
    }

    fn default_namespace(&self) -> Namespace {
        self.unprefixed.unwrap_or(Namespace::Core)
    }

    pub(super) fn mark(&self) -> ScopeMark {
        ScopeMark(self.bound.len())
    }

    pub(super) fn restore(&mut self, mark: ScopeMark) {
        self.bound.truncate(mark.0);
    }

    /// Adds the declaration that an attribute makes, if it is one.
    pub(super) fn declare(&mut self, attribute: &'a str, uri: &'a str) {
        let prefix = match split_prefix(attribute) {
            ("xmlns", prefix) => prefix,
            ("", name) if name.eq_ignore_ascii_case("xmlns") => "",
            _ => return,
        };
        if self.bound.len() < MOST_DECLARATIONS {
            let unknown =
                if prefix.is_empty() { self.default_namespace() } else { Namespace::Other };
            let ns = match namespace_of_uri(uri, unknown) {
                // An unknown URI after a customary prefix is a misspelling.
                Namespace::Other => namespace_of_prefix(prefix).unwrap_or(Namespace::Other),
                known => known,
            };
            if !is_specified(uri, ns) {
                self.misspelled.push((uri, ns));
            }
            self.bound.push((prefix, ns));
        }
    }

    /// The misspelled URIs since the last call, each with the vocabulary that it is taken for. `Core` and
    /// `Sitemap`: an unknown default namespace.
    pub(super) fn take_misspelled(&mut self) -> Vec<(&'a str, Namespace)> {
        std::mem::take(&mut self.misspelled)
    }

    /// The namespace of a prefix (empty: the default one). `None`: undeclared and not customary.
    pub(super) fn resolve(&self, prefix: &str) -> Option<Namespace> {
        let bound = self.bound.iter().rev().find(|(known, _)| *known == prefix);
        match bound {
            Some((_, ns)) => Some(*ns),
            None if prefix.is_empty() => Some(self.default_namespace()),
            None => namespace_of_prefix(prefix),
        }
    }

    /// Whether a prefix was declared.
    pub(super) fn is_declared(&self, prefix: &str) -> bool {
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
            assert_eq!(namespace_of_uri(&format!("http://{uri}/"), Namespace::Other), *ns, "{uri}");
        }
        for (prefix, ns) in PREFIXES {
            assert_eq!(namespace_of_prefix(prefix), Some(*ns), "{prefix}");
        }
    }

    #[test]
    fn misspelled_namespaces_are_reported() {
        for (ns, uri) in SPECIFIED_URIS {
            assert_eq!(namespace_of_uri(uri, Namespace::Other), *ns, "{uri}");
        }
        let check = |attribute: &'static str, uri: &'static str, expected: Option<Namespace>| {
            let mut scopes = NamespaceScopes::default();
            scopes.declare(attribute, uri);
            let told = scopes.take_misspelled().first().map(|(_, ns)| *ns);
            assert_eq!(told, expected, "{attribute} {uri}");
        };
        check("xmlns", "http://www.w3.org/2005/Atom", None);
        check("xmlns", "https://www.w3.org/2005/Atom", Some(Namespace::Atom));
        check("xmlns:media", "http://search.yahoo.com/mrss", Some(Namespace::Media));
        check("xmlns:media", "http://a.example/mrss", Some(Namespace::Media));
        check("xmlns:a", "http://a.example/mrss", None);
        check("xmlns:cc", "http://web.resource.org/cc/", None);
        check("xmlns", "http://backend.userland.com/rss2", None);
        check("xmlns", "", None);
        check("xmlns", "urn:unknown", Some(Namespace::Core));
    }

    #[test]
    fn namespaces_are_scoped() {
        let mut scopes = NamespaceScopes::default();
        assert_eq!(scopes.resolve(""), Some(Namespace::Core));
        assert_eq!(scopes.resolve("dc"), Some(Namespace::Dc));
        assert_eq!(scopes.resolve("x"), None);
        scopes.declare("xmlns", "HTTP://www.w3.org/2005/Atom");
        let outer = scopes.mark();
        scopes.declare("xmlns:d", "http://purl.org/dc/elements/1.1/");
        scopes.declare("xmlns:media", "http://search.yahoo.com/mrss-misspelt");
        scopes.declare("version", "2.0");
        scopes.declare("xmlns", "https://www.w3.org/1999/xhtml");
        assert_eq!(
            (scopes.resolve(""), scopes.resolve("d"), scopes.resolve("media")),
            (Some(Namespace::Xhtml), Some(Namespace::Dc), Some(Namespace::Media))
        );
        scopes.restore(outer);
        assert_eq!((scopes.resolve(""), scopes.resolve("d")), (Some(Namespace::Atom), None));
        scopes.declare("xmlns", "urn:unknown");
        assert_eq!(scopes.resolve(""), Some(Namespace::Core));
    }
}
