//! Deleting: K116 and K117.

use steward::people::kind::KINDS;

use super::{NOTHING, delete, full, get, read, text};

#[actix_web::test]
async fn k116_a_deletion_is_204_without_a_body() {
    let app = full().await;
    for kind in &KINDS {
        let list = read(&app, &format!("user/{}", kind.name)).await;
        let path = format!("user/{}/{}", kind.name, text(&list["data"][0]["id"]));
        let answer = delete(&app, &path).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{}", kind.name);
        assert_eq!(get(&app, &path).await.status, 404, "{}", kind.name);
    }
}

#[actix_web::test]
async fn k117_what_does_not_exist_can_not_be_deleted() {
    let app = full().await;
    for kind in &KINDS {
        delete(&app, &format!("user/{}/{NOTHING}", kind.name)).await.assert_refused(404, &["not_found"]);
    }
}
