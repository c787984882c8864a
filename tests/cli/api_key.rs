//! `steward api-key …`: a key is told once, known by its hash, and refused once it is revoked.

use diesel::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use steward::db::Target;
use steward::db::schema::api_keys;

use super::Place;
use crate::support::program::run_ok;

fn listed(place: &Place) -> Vec<Value> {
    let lines = place.run_ok(&["api-key", "list"]);
    lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn add(place: &Place, name: &str) -> String {
    let printed = place.run_ok(&["api-key", "add", name]);
    let key = printed.strip_suffix('\n').expect("a line").to_owned();
    assert!(!key.contains(char::is_whitespace), "the key alone: {printed:?}");
    key
}

#[test]
fn a_key_is_printed_alone_and_once_and_only_its_hash_is_kept() {
    let place = Place::new();
    let (key, other) = (add(&place, "importer"), add(&place, "site-2"));
    let random = key.strip_prefix("stw_").expect("the prefix by which scanners know a key");
    assert!(random.len() == 64 && random.bytes().all(|b| b.is_ascii_hexdigit()), "256 bits: {key}");
    assert_ne!(key, other);
    let mut connection = Target::parse(&place.database()).expect("a target").connect().expect("a connection");
    let hashes = api_keys::table.filter(api_keys::name.eq("importer")).select(api_keys::hash);
    let hash: Vec<u8> = hashes.get_result(&mut connection).expect("the key");
    assert_eq!(hash, Sha256::digest(&key).to_vec());
    let told = listed(&place);
    assert_eq!(told.len(), 2);
    assert_eq!((&told[0]["name"], &told[1]["name"]), (&"importer".into(), &"site-2".into()));
    assert_eq!(told[0]["ending"], key[key.len() - 4..]);
    assert!(told.iter().all(|one| one["revoked_at"].is_null() && one["created_at"].is_string()), "{told:?}");
    assert!(!format!("{told:?}").contains(&random[..8]), "the list tells no key: {told:?}");
}

#[test]
fn a_key_is_revoked_by_its_name_or_its_id_and_its_name_is_not_used_again() {
    let place = Place::new();
    for name in ["by-name", "by-id", "stays"] {
        add(&place, name);
    }
    place.run_ok(&["api-key", "revoke", "by-name"]);
    let id = listed(&place).iter().find(|key| key["name"] == "by-id").expect("a key")["id"].clone();
    place.run_ok(&["api-key", "revoke", id.as_str().expect("an id")]);
    let revoked = listed(&place);
    let times =
        |name: &str| revoked.iter().find(|key| key["name"] == name).expect("a key")["revoked_at"].clone();
    assert!(times("by-name").is_string() && times("by-id").is_string() && times("stays").is_null());
    place.run_ok(&["api-key", "revoke", "by-name"]);
    assert_eq!(listed(&place), revoked, "it stays revoked since then");
    for name in ["by-name", "stays"] {
        assert!(place.refused(&["api-key", "add", name], 1).contains("there is a key"), "{name}");
    }
    assert!(place.refused(&["api-key", "revoke", "nobody"], 1).contains("there is no key nobody"));
    let long = "a".repeat(65);
    for name in ["", "two words", "a\nb", "Zoë", id.as_str().expect("an id"), &long] {
        place.refused(&["api-key", "add", name], 2);
    }
}

#[test]
fn a_copy_takes_the_keys_along() {
    let (place, target) = (Place::new(), Place::new());
    add(&place, "importer");
    add(&place, "gone");
    place.run_ok(&["api-key", "revoke", "gone"]);
    run_ok("unused.db", &["copy", "--from", &place.database(), "--to", &target.database()]);
    assert_eq!(listed(&target), listed(&place));
}
