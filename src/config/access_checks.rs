//! The addresses of `[serve]` → what is wrong between them, and what is allowed but opens more than is surely meant.

use std::ops::Range;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::settings::Config;
use super::value::Section;

/// Where `[serve]` has its keys about access.
#[derive(Default)]
pub(super) struct AccessSpans {
    admin_listen: Option<Range<usize>>,
}

impl AccessSpans {
    /// The places in the table `[serve]`.
    pub(super) fn of_section(section: &Section<'_>) -> Self {
        Self { admin_listen: section.span_of("admin_listen") }
    }

    /// Two addresses that cannot both be bound.
    pub(super) fn check_addresses(&self, config: &Config) -> Option<Diagnostic> {
        let (listen, admin) = (config.serve.listen, config.serve.admin_listen?);
        let is_same_interface = listen.ip() == admin.ip() || listen.ip().is_unspecified();
        let is_same = listen.port() == admin.port() && listen.port() != 0 && is_same_interface;
        let span = self.admin_listen.clone().filter(|_| is_same)?;
        let message = format!("`admin_listen` is the address of `listen` ({listen})");
        Some(Diagnostic::at(span, message).with_help("give it another port"))
    }

    /// What is open to others.
    pub(super) fn warn_of_open_access(&self, config: &Config) -> Diagnostics {
        let mut notes = Diagnostics::default();
        if let (Some(admin), Some(span)) = (config.serve.admin_listen, &self.admin_listen)
            && !admin.ip().is_loopback()
        {
            let message = "other machines can reach `admin_listen`, which needs no password";
            let help = "listen at 127.0.0.1, or let a firewall admit the operator alone";
            notes.push(Diagnostic::at(span.clone(), message).with_help(help));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::parse;

    /// The mistakes and notes about a `[serve]` with these lines.
    fn remarks(serve: &str) -> String {
        let text = format!("[serve]\n{serve}\n");
        match parse(&text, Path::new("x"), Path::new("/")) {
            Ok(config) => config.notes.concat(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn addresses_that_exclude_each_other_or_open_too_much_are_named() {
        let same = "`admin_listen` is the address of `listen`";
        let open = "other machines can reach `admin_listen`";
        for (serve, expected) in [
            ("admin_listen = \"127.0.0.1:8081\"", None),
            ("admin_listen = \"127.0.0.1:0\"\nlisten = \"127.0.0.1:0\"", None),
            ("admin_listen = \"[::1]:8080\"", None),
            ("admin_listen = \"127.0.0.1:8080\"", Some(same)),
            ("admin_listen = \"127.0.0.1:80\"\nlisten = \"0.0.0.0:80\"", Some(same)),
            ("admin_listen = \"0.0.0.0:8081\"", Some(open)),
            ("status = \"private\"", Some("expected \"public\", \"local\" or \"off\"")),
        ] {
            let found = remarks(serve);
            match expected {
                Some(words) => assert!(found.contains(words), "{serve}: {found}"),
                None => assert_eq!(found, "", "{serve}"),
            }
        }
    }
}
