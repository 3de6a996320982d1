//! OPML to and from subscription lists.
