//! The array `users` of `[serve]` → the readers who may log in. Messages show no line of it: it may be a password that
//! was written instead of its hash.

use super::common_values::check_count;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::secret;
use super::value::ConfigValue;
use crate::model::SiteUser;

/// The users; those that are kept elsewhere and may be missing there are left out.
pub(super) fn parse_users(value: &ConfigValue<'_>) -> Result<Vec<SiteUser>, Diagnostics> {
    if value.string().is_ok() {
        return Err(value
            .error("expected an array")
            .with_help("put it in brackets: [\"…\"]")
            .into());
    }
    let members = value.array(value.kind)?;
    check_count(value, members.len(), "users")?;
    let mut diagnostics = Diagnostics::default();
    let mut users: Vec<SiteUser> = Vec::new();
    for member in &members {
        match parse_user(member) {
            Ok(Some(user)) if users.iter().any(|other| other.name == user.name) => {
                diagnostics.push(member.error("two users have the same name"));
            }
            Ok(user) => users.extend(user),
            Err(mistakes) => diagnostics.0.extend(mistakes.0),
        }
    }
    if diagnostics.0.is_empty() { Ok(users) } else { Err(diagnostics) }
}

fn parse_user(member: &ConfigValue<'_>) -> Result<Option<SiteUser>, Diagnostics> {
    let line = if member.is_table() {
        secret::resolve_value(member)?
    } else {
        Some(member.string().map_err(|_| form_error(member))?.to_owned())
    };
    let Some(line) = line else { return Ok(None) };
    SiteUser::parse(line.trim()).map(Some).ok_or_else(|| form_error(member).into())
}

fn form_error(member: &ConfigValue<'_>) -> Diagnostic {
    member
        .error(format_args!("expected {}", member.kind))
        .with_help("make it with `rafid passwd NAME`; a password itself is never written here")
}
