//! A value that may be a secret, and need not stand in the file: written out, or a table that says where it
//! is kept → its text. Texts of mistakes name the place, never what stands there.
//!
//! | written | the value |
//! | --- | --- |
//! | `"…"` | itself |
//! | `{ env = "TOKEN" }` | the variable of the environment |
//! | `{ file = "token" }` | the file, beside the config or by its whole path, without one line break at its end |
//! | `{ credential = "token" }` | the credential of systemd (systemd.exec(5), `LoadCredential=`) |
//! | the same with `prefix = "Bearer "` | these letters, and the value behind them |

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::value::{ConfigKey, ConfigValue, SecretPolicy, Section, set_some, truncate_for_quoting};

/// What the value of a header should have been.
pub(super) const HEADER_EXPECTED: &str = "a string, or a table such as { env = \"TOKEN\" }";

/// No header and no address is longer: servers refuse more.
const MAX_SECRET_BYTES: usize = 8 << 10;
/// Where systemd puts the credentials of a service.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// What stands before a token in an `Authorization` header.
const AUTHORIZATION_SCHEMES: [&str; 4] = ["Basic ", "Bearer ", "Token ", "token "];

/// Where a secret is kept, as far as its table tells.
#[derive(Default)]
struct SecretTable {
    location: Option<SecretLocation>,
    /// Another place that is named, too.
    second_location: Option<&'static str>,
    prefix: Option<String>,
}

/// Where a secret is kept.
enum SecretLocation {
    Variable(String),
    File(String),
    Credential(String),
}

const SECRET_KEYS: &[ConfigKey<SecretTable>] = &[
    ConfigKey {
        name: "env",
        description: "the variable of the environment that holds it",
        parse: |kept, given| {
            kept.set_location("env", SecretLocation::Variable(given.text_line()?));
            Ok(())
        },
    },
    ConfigKey {
        name: "file",
        description: "the file that holds it",
        parse: |kept, given| {
            kept.set_location("file", SecretLocation::File(given.text_line()?));
            Ok(())
        },
    },
    ConfigKey {
        name: "credential",
        description: "the credential of systemd that holds it",
        parse: |kept, given| {
            kept.set_location("credential", SecretLocation::Credential(given.text_line()?));
            Ok(())
        },
    },
    ConfigKey {
        name: "prefix",
        description: "what stands before it, such as \"Bearer \"",
        parse: |kept, given| {
            set_some(&mut kept.prefix, given.verbatim("a string").map(ToOwned::to_owned))
        },
    },
];

impl SecretTable {
    fn set_location(&mut self, key: &'static str, place: SecretLocation) {
        if self.location.replace(place).is_some() {
            self.second_location = Some(key);
        }
    }
}

/// The text of a value; `what` says what it should have been. `None`: it is kept elsewhere and is not there,
/// and may be missing.
pub(super) fn resolve_value(
    given: &ConfigValue<'_>,
    what: &str,
) -> Result<Option<String>, Diagnostics> {
    if !given.is_table() {
        return Ok(Some(check_literal(given, what)?));
    }
    let (place, prefix) = parse_secret_table(given, what)?;
    match read_secret(given, &place) {
        Ok(text) => Ok(Some(prefix + &text)),
        Err(_) if given.environment.secrets == SecretPolicy::Optional => Ok(None),
        Err(mistake) => Err(mistake.into()),
    }
}

/// Where a value is kept, and what stands before it.
fn parse_secret_table(
    given: &ConfigValue<'_>,
    what: &str,
) -> Result<(SecretLocation, String), Diagnostics> {
    let table = given.table(what)?;
    let heading = "{ env = \"…\" }";
    let section = Section { heading, table, environment: given.environment, section_of: |_| None };
    let mut kept = SecretTable::default();
    let mut mistakes = Diagnostics::default();
    section.parse_keys(SECRET_KEYS, &mut kept, &mut mistakes);
    if !mistakes.0.is_empty() {
        return Err(mistakes);
    }
    let expected = "expected one of `env`, `file` and `credential`";
    match (kept.location, kept.second_location) {
        (Some(place), None) => Ok((place, kept.prefix.unwrap_or_default())),
        (_, Some(other)) => {
            Err(given.error(format_args!("{expected}, found `{other}` beside another")).into())
        }
        (None, None) => {
            let help =
                "write { env = \"TOKEN\" }, { file = \"token\" } or { credential = \"token\" }";
            Err(given.error(expected).with_help(help).into())
        }
    }
}

/// What is kept there.
fn read_secret(given: &ConfigValue<'_>, place: &SecretLocation) -> Result<String, Diagnostic> {
    let found = match place {
        SecretLocation::Variable(name) => read_variable(given, name)?,
        SecretLocation::File(path) => {
            read_secret_file(given, &given.environment.folder.join(path), FILE_HELP)?
        }
        SecretLocation::Credential(name) => read_credential(given, name)?,
    };
    if found.trim().is_empty() {
        return Err(given.error(format_args!("{} is empty", describe_location(place))));
    }
    Ok(found.trim_end_matches([' ', '\t']).to_owned())
}

fn describe_location(place: &SecretLocation) -> String {
    match place {
        SecretLocation::Variable(name) => format!("the variable `{}`", truncate_for_quoting(name)),
        SecretLocation::File(path) => format!("the file {}", truncate_for_quoting(path)),
        SecretLocation::Credential(name) => {
            format!("the credential `{}`", truncate_for_quoting(name))
        }
    }
}

/// A value that stands in the file itself.
fn check_literal(given: &ConfigValue<'_>, what: &str) -> Result<String, Diagnostic> {
    // What was found instead is not repeated: it may be the secret.
    let text =
        given.verbatim(what).map_err(|_| given.error(format_args!("expected {what}")))?.trim();
    let variable =
        find_shell_variable(text).or_else(|| text.split_whitespace().find_map(parse_bare_variable));
    let Some(name) = variable else { return Ok(text.to_owned()) };
    let prefix = AUTHORIZATION_SCHEMES.iter().find(|scheme| text.starts_with(**scheme));
    let prefix = prefix.map_or(String::new(), |scheme| format!(", prefix = \"{scheme}\""));
    let name = if name.is_empty() { "TOKEN" } else { name };
    Err(given
        .error(format_args!("`${{{name}}}` would be sent as it is written"))
        .with_help(format!("write {{ env = \"{name}\"{prefix} }} instead of the string")))
}

/// The name in `${NAME}`, the first that a text holds.
pub(super) fn find_shell_variable(text: &str) -> Option<&str> {
    text.match_indices("${").find_map(|(at, mark)| {
        let name = text.get(at + mark.len()..)?.split_once('}')?.0;
        is_variable_name(name).then_some(name)
    })
}

/// The name of a word that is `$NAME` and nothing else.
fn parse_bare_variable(word: &str) -> Option<&str> {
    let name = word.strip_prefix('$')?;
    (name.len() > 2 && is_variable_name(name) && !name.contains(|c: char| c.is_ascii_lowercase()))
        .then_some(name)
}

fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A variable of a shell in a value that can only be written out.
pub(super) fn unexpanded_variable_error(given: &ConfigValue<'_>, name: &str) -> Diagnostic {
    given.error(format_args!("`${{{name}}}` would stand as it is written")).with_help(format!(
        "write the value itself; only values of `headers` and `proxy` can be kept elsewhere: \
         {{ env = \"{name}\" }}"
    ))
}

fn read_variable(given: &ConfigValue<'_>, name: &str) -> Result<String, Diagnostic> {
    let Some(value) = (given.environment.variable)(name) else {
        let message =
            format!("there is no variable `{}` in the environment", truncate_for_quoting(name));
        return Err(given.error(message).with_help(
            "set it where rafid is started: in a unit of systemd by `Environment=` or `EnvironmentFile=`",
        ));
    };
    value.into_string().map_err(|_| {
        given.error(format_args!("the variable `{}` is not UTF-8", truncate_for_quoting(name)))
    })
}

const FILE_HELP: &str = "a path that is not absolute begins beside the configuration; rafid must be allowed to read the file";
const CREDENTIAL_HELP: &str = "name it in the unit of systemd: LoadCredential=name:/path";

fn read_credential(given: &ConfigValue<'_>, name: &str) -> Result<String, Diagnostic> {
    let is_plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if !is_plain || name.contains('/') {
        return Err(given.error("expected the name of a credential, without a folder"));
    }
    if let Some(folder) = (given.environment.variable)(CREDENTIALS_VARIABLE) {
        return read_secret_file(given, &PathBuf::from(folder).join(name), CREDENTIAL_HELP);
    }
    let message = format!(
        "there is no credential `{}`: `${CREDENTIALS_VARIABLE}` is not set, which systemd does for services",
        truncate_for_quoting(name)
    );
    Err(given.error(message).with_help(CREDENTIAL_HELP))
}

/// What a file holds, without one line break at its end.
fn read_secret_file(
    given: &ConfigValue<'_>,
    path: &Path,
    help: &str,
) -> Result<String, Diagnostic> {
    let failed = |reason: &dyn std::fmt::Display| {
        given.error(format_args!("cannot read {}: {reason}", path.display())).with_help(help)
    };
    let bytes = read_limited(path).map_err(|error| failed(&error))?;
    if bytes.len() > MAX_SECRET_BYTES {
        return Err(failed(&format_args!("expected at most {MAX_SECRET_BYTES} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| failed(&"it is not UTF-8"))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

/// The file, or as much of it as shows that it is too long. A pipe would keep us waiting.
fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let limit = u64::try_from(MAX_SECRET_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::config::value::ConfigEnvironment;
    use crate::config::{Config, ConfigError, parse_in_environment};

    /// A folder with files, and an environment.
    fn read(text: &str) -> Result<Config, ConfigError> {
        read_with(text, SecretPolicy::Required)
    }

    fn read_with(headers: &str, secrets: SecretPolicy) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("one", b"from a file\n");
        write("two", b"from a file\n\n");
        write("none", b"\n");
        write("binary", b"\xff\xfe");
        write("long", "x".repeat(MAX_SECRET_BYTES + 1).as_bytes());
        let credentials = folder.path().join("credentials");
        std::fs::create_dir(&credentials).unwrap();
        std::fs::write(credentials.join("token"), "from systemd").unwrap();
        let variable = |name: &str| match name {
            "TOKEN" => Some(OsString::from("from the environment")),
            "PROXY" => Some(OsString::from("http://me:sirr@proxy.example:3128")),
            "EMPTY" => Some(OsString::new()),
            CREDENTIALS_VARIABLE => Some(credentials.clone().into()),
            _ => None,
        };
        let text = format!("{headers}\n");
        let around = ConfigEnvironment { folder: folder.path(), variable: &variable, secrets };
        parse_in_environment(&text, Path::new("feeds.toml"), &folder.path().join("data"), around)
    }

    fn source(value: &str) -> String {
        format!("[[source]]\nurl = \"https://a.example/\"\nheaders = {{ X-Token = {value} }}")
    }

    #[test]
    fn a_secret_is_read_from_where_it_is_kept() {
        let check = |value: &str, expected: &str| {
            let config = read(&source(value)).unwrap_or_else(|error| panic!("{value}: {error}"));
            assert_eq!(
                config.sources[0].headers,
                [("x-token".to_owned(), expected.to_owned())],
                "{value}"
            );
        };
        check("\" written \"", "written");
        check("{ env = \"TOKEN\" }", "from the environment");
        check("{ file = \"one\" }", "from a file");
        check("{ credential = \"token\" }", "from systemd");
        check("{ env = \"TOKEN\", prefix = \"Bearer \" }", "Bearer from the environment");
        check("\"cost $5 and ${} and a$HOME\"", "cost $5 and ${} and a$HOME");
        let config = read("[polling]\nproxy = { env = \"PROXY\" }").unwrap();
        assert_eq!(config.polling.proxy.unwrap().password(), Some("sirr"));
    }

    #[test]
    fn what_is_not_there_is_a_mistake_with_advice_and_without_the_secret() {
        let check = |value: &str, message: &str, help: &str| {
            let error = read(&source(value)).unwrap_err();
            let told = &error.diagnostics()[0];
            assert!(told.message.contains(message), "{value}: {}", told.message);
            assert!(told.help.as_deref().unwrap_or_default().contains(help), "{value}: {told:?}");
            assert_eq!(told.line, 3);
            assert!(
                !error.to_string().contains("sirr") && !error.colored().contains("sirr"),
                "{error}"
            );
        };
        check("{ env = \"NONE\" }", "there is no variable `NONE`", "EnvironmentFile=");
        check("{ env = \"EMPTY\" }", "the variable `EMPTY` is empty", "");
        check("{ file = \"three\" }", "No such file", "begins beside the configuration");
        check("{ file = \".\" }", "it is no file", "");
        check("{ file = \"none\" }", "the file none is empty", "");
        check("{ file = \"long\" }", "expected at most 8192 bytes", "");
        check("{ file = \"binary\" }", "it is not UTF-8", "");
        check("{ file = \"two\" }", "cannot be sent", "");
        check("{ credential = \"other\" }", "No such file", "LoadCredential=");
        check("{ credential = \"../one\" }", "the name of a credential", "");
        check("{ env = \"TOKEN\", file = \"one\" }", "beside another", "");
        check("{ prefix = \"Bearer \" }", "expected one of `env`", "{ env = \"TOKEN\" }");
        check("{ enf = \"TOKEN\" }", "`enf` is no key", "did you mean `env`");
        check("{ env = 7 }", "expected a line of text", "");
        check("7", "expected a string, or a table", "");
        check(
            "\"sirr ${TOKEN}\"",
            "`${TOKEN}` would be sent as it is written",
            "write { env = \"TOKEN\" }",
        );
        check(
            "\"Bearer ${TOKEN}\"",
            "as it is written",
            "{ env = \"TOKEN\", prefix = \"Bearer \" }",
        );
        check("\"Bearer $TOKEN\"", "as it is written", "{ env = \"TOKEN\", prefix = \"Bearer \" }");
    }

    #[test]
    fn who_asks_no_publisher_needs_no_secrets() {
        for value in ["{ env = \"NONE\" }", "{ file = \"three\" }", "{ credential = \"other\" }"] {
            let config = read_with(&source(value), SecretPolicy::Optional).unwrap();
            assert!(config.sources[0].headers.is_empty(), "{value}");
        }
        let proxy = "[polling]\nproxy = { env = \"NONE\" }";
        assert!(read_with(proxy, SecretPolicy::Optional).unwrap().polling.proxy.is_none());
        assert!(
            read_with(&source("\"${TOKEN}\""), SecretPolicy::Optional).is_err(),
            "what is written is judged"
        );
    }

    #[test]
    fn variables_in_other_values_are_mistakes_too() {
        for text in [
            "[[source]]\nurl = \"https://a.example/?key=${KEY}\"",
            "[site]\ntitle = \"${TITLE}\"",
            "[store]\npath = \"${HOME}/rafid\"",
            "[serve]\nlisten = \"${LISTEN}\"",
            "[polling]\nproxy = \"http://${USER}:${WORD}@proxy.example/\"",
        ] {
            let told = &read(text).unwrap_err().diagnostics()[0];
            assert!(told.message.contains("as it is written") && told.help.is_some(), "{told:?}");
        }
        // In a query it is a pattern's affair.
        let rule = "[serve]\ndrop = [\"/x${a}/\"]";
        assert!(!read(rule).is_err_and(|error| error.to_string().contains("as it is written")));
    }
}
