//! This process → the name of its user, for messages about permissions.

use std::fs;
use std::os::unix::fs::MetadataExt;

/// The user as `rafid (uid 997)`, or only the number where the system's list does not name it; `None`: the system
/// does not report it.
pub(super) fn process_user() -> Option<String> {
    let uid = fs::metadata("/proc/self").ok()?.uid();
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    Some(match name_of_uid(&users, uid) {
        Some(name) => format!("{name} (uid {uid})"),
        None => format!("with the uid {uid}"),
    })
}

/// The name of a user in the text of passwd(5).
fn name_of_uid(users: &str, uid: u32) -> Option<&str> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\n\nbroken\nrafid:x:997:996::/:/bin/false\n";
        assert_eq!(name_of_uid(users, 997), Some("rafid"));
        assert_eq!(name_of_uid(users, 0), Some("root"));
        assert_eq!(name_of_uid(users, 996), None, "that is a group");
    }
}
