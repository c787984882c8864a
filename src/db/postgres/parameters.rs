//! The parameters of a connection's URL, and those that it gets where it names none.

use std::path::PathBuf;

/// What a URL says where it does not say otherwise. Without the four in the middle a connection to a machine that has
/// vanished is noticed after a quarter of an hour, and until then a request hangs on it. A server that can't be written
/// to is a standby, which may lag behind what was acknowledged.
const PARAMETERS: [(&str, &str); 7] = [
    ("application_name", "steward"),
    ("connect_timeout", "5"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "20000"),
    ("target_session_attrs", "read-write"),
];

/// The URL with the parameters that it lacks.
pub(super) fn completed(url: &str) -> String {
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let mut parameters: Vec<(&str, String)> = query
        .split('&')
        .filter(|parameter| !parameter.is_empty())
        .map(|parameter| parameter.split_once('=').unwrap_or((parameter, "")))
        .map(|(name, value)| (name, value.to_owned()))
        .collect();
    trust_the_system(&mut parameters);
    for (name, value) in PARAMETERS {
        if !parameters.iter().any(|(given, _)| *given == name) {
            parameters.push((name, value.to_owned()));
        }
    }
    let query: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{place}?{}", query.join("&"))
}

/// Names the system's certificate authorities where they are meant: by `sslrootcert=system`, or by `verify-full` without
/// any other. The OpenSSL that is built in does not know where a system keeps them. Where the name of the server is not
/// checked they are worth nothing, and libpq refuses them itself.
fn trust_the_system(parameters: &mut Vec<(&str, String)>) {
    let value =
        |name: &str| parameters.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str());
    let meant = match (value("sslrootcert"), value("sslmode")) {
        (Some("system"), None | Some("verify-full")) => true,
        (None, Some("verify-full")) => !has_own_authorities(),
        _ => false,
    };
    let Some(file) = openssl_probe::probe().cert_file.filter(|_| meant) else { return };
    parameters.retain(|(name, _)| !["sslrootcert", "sslmode"].contains(name));
    parameters.push(("sslmode", "verify-full".to_owned()));
    let file = file.to_string_lossy();
    parameters.push(("sslrootcert", percent_encoded(&file)));
}

/// Whether libpq finds authorities where it looks for them by itself.
fn has_own_authorities() -> bool {
    let file = |home: PathBuf| home.join(".postgresql").join("root.crt").exists();
    std::env::var_os("PGSSLROOTCERT").is_some() || std::env::home_dir().is_some_and(file)
}

/// libpq takes `+` for itself, so a form's encoding will not do.
fn percent_encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
