//! `steward demo`: the server with the user of the documented GET example, and lines to paste.

use uuid::uuid;

use super::serve::run_with;
use super::{Failure, Store, print};
use crate::auth::tokens::LIFETIME;
use crate::clock::{Clock as _, Stamp, SystemClock};
use crate::config::Config;
use crate::console;
use crate::db::{Connection, in_transaction};
use crate::id::Id;
use crate::public_url;
use crate::state::AppState;
use crate::users::create::NewUser;
use crate::users::store;

/// The documented user's id.
const REY: Id = Id::from_uuid(uuid!("55ae2416-6a72-4812-b85e-46cd15fcebdf"));
const EMAIL: Id = Id::from_uuid(uuid!("cbb8d3f5-8000-46b1-81f9-5e3c3a49819f"));
const ACCOUNT_LIST: Id = Id::from_uuid(uuid!("64e69b34-623b-416b-80ce-5a255f5d82fa"));
const MASTER_PERSON: Id = Id::from_uuid(uuid!("df2cc53d-87d3-46e9-84b8-757921ebda71"));
/// 2022-01-12T17:18:09Z
const MADE_AT: i64 = 1_642_007_889;

/// Serves with Rey put in, unless he is there already.
pub(super) fn run(store: &Store, config: &Config) -> Result<(), Failure> {
    run_with(store, config, prepare, announce)
}

/// The documented user as he is before anybody changed him.
fn rey() -> Result<NewUser, String> {
    let at = Stamp::from_seconds(MADE_AT).ok_or("1642007889 is no time")?;
    let preferences = vec![
        ("hour_to_send_notifications".to_owned(), 12.into()),
        ("time_zone".to_owned(), "Auckland".into()),
        ("locale".to_owned(), "en".into()),
    ];
    let user = NewUser::new(REY, "Rey", at)?.master_person(MASTER_PERSON).preferences(preferences)?;
    user.email(EMAIL, "rey@example.com")?.account_list(ACCOUNT_LIST, "Rey's account list")
}

/// Rey's token and current stamp.
fn prepare(connection: &mut Connection, state: &AppState) -> Result<(String, Stamp), Failure> {
    let rey = rey()?;
    let (person, status) = in_transaction(connection, |connection| {
        if store::Status::read(connection, REY)?.is_none() {
            rey.insert(connection)?;
        }
        let person = store::read(connection, REY)?;
        Ok(person.zip(store::Status::read(connection, REY)?))
    })?
    .ok_or_else(|| Failure::new("Rey was just put in and is not there".to_owned()))?;
    let token = state.tokens.issue(REY, SystemClock.now(), status.token_epoch, LIFETIME);
    Ok((token.map_err(|e| Failure::new(e.to_string()))?, person.stamp))
}

fn announce((token, stamp): (String, Stamp), state: &AppState, origin: &str) -> Result<(), Failure> {
    let url = format!("{origin}/api/v2/user");
    let console = if state.has_console {
        format!("\nSee it work in a browser: {} asks for the token.\n", public_url::of(console::PATH))
    } else {
        String::new()
    };
    let base = stamp.naive().format("%Y-%m-%d %H:%M:%S UTC");
    print(format_args!(
        r#"
Rey's token, valid for 30 days:

{token}
{console}
Read him:

curl -i {url} -H 'Authorization: Bearer {token}'

Change him (once; paste it again and see the guard refuse):

curl -i -X PUT {url} -H 'Authorization: Bearer {token}' -H 'Content-Type: application/vnd.api+json' -d '{{"data":{{"type":"users","attributes":{{"first_name":"Jack","updated_in_db_at":"{base}"}}}}}}'
"#
    ))
}
