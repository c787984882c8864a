//! Kinds of rows that a user owns and his document does not show: they have stamps of their own, and a write of them is
//! no change of the user.

use super::{Access, Around, Attribute, Kind, PRIMARY, Primary, Refuse, Type, open, read_only};
use crate::jsonapi::Code;
use crate::people::row::Row;

/// The kinds.
pub static ASIDE: [Kind; 4] = [
    // The lists that a user coaches, without sharing them. No request writes them.
    Kind {
        name: "account_list_coaches",
        model: "AccountListCoach",
        attributes: &[Attribute {
            column: "account_list_id",
            ..read_only("account_list", Type::AccountList)
        }],
        primary: Primary::Free,
        identity: &["account_list"],
        check: check_coach,
    },
    Kind {
        name: "key_accounts",
        model: "Person::KeyAccount",
        attributes: &[
            open("email", Type::RequiredText),
            open("first_name", Type::Text),
            read_only("last_download", Type::Time),
            open("last_name", Type::Text),
            Attribute { access: Access::ReadOnly, ..PRIMARY },
            Attribute { is_unique: true, ..open("remote_id", Type::RequiredText) },
        ],
        primary: Primary::Free,
        identity: &["remote_id"],
        check: check_key_account,
    },
    Kind {
        name: "user_devices",
        model: "User::Device",
        attributes: &[
            open("locale", Type::Text),
            open("platform", Type::Text),
            open("token", Type::State),
            open("version", Type::Text),
        ],
        primary: Primary::Free,
        identity: &["token"],
        check: check_device,
    },
    Kind {
        name: "user_options",
        model: "User::Option",
        attributes: &[open("key", Type::RequiredText), open("value", Type::State)],
        primary: Primary::Free,
        identity: &["key"],
        check: check_option,
    },
];

/// Longest token of a device, in bytes.
const TOKEN_LIMIT: usize = 4096;

/// All values of a user's options, in bytes: all of them are told at once.
const VALUES_LIMIT: usize = 1024 * 1024;

fn size(row: &Row, name: &str) -> usize {
    row.get(name).as_text().map_or(0, str::len)
}

fn check_coach(row: &mut Row, around: &Around<'_>, refuse: &mut Refuse<'_>) {
    if around.has_like(row, &["account_list"]) {
        refuse(Code::Taken, "account_list", "has already been taken");
    }
}

fn check_key_account(row: &mut Row, around: &Around<'_>, refuse: &mut Refuse<'_>) {
    if around.is_taken(row) {
        refuse(Code::Taken, "remote_id", "has already been taken");
    }
}

fn check_device(row: &mut Row, _: &Around<'_>, refuse: &mut Refuse<'_>) {
    match size(row, "token") {
        0 => refuse(Code::Blank, "token", "can't be blank"),
        1..=TOKEN_LIMIT => {}
        _ => refuse(Code::TooLong, "token", "is too long (maximum is 4096 bytes)"),
    }
}

/// `mpdx-behaviour.md` 4.6
fn check_option(row: &mut Row, around: &Around<'_>, refuse: &mut Refuse<'_>) {
    let is_name = |key: &str| key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !row.get("key").as_text().is_some_and(is_name) {
        refuse(Code::Invalid, "key", "is invalid");
    } else if around.has_like(row, &["key"]) {
        refuse(Code::Taken, "key", "has already been taken");
    }
    let others = around.rows.iter().filter(|other| other.id != row.id).map(|other| size(other, "value"));
    if others.sum::<usize>() + size(row, "value") > VALUES_LIMIT {
        refuse(Code::TooLong, "value", "is too long (all options together can have 1 MiB)");
    }
}
